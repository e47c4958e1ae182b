//! Whether this device has hardly any memory left, and what this program keeps of it.

use std::time::Duration;

/// Below this part of all memory the system is about to slow down for everybody.
const LEAST_FREE_PERCENT: u64 = 8;

/// So long after an app was closed nothing of its view is in the heap any more: WebKitGTK frees the last of it after 5 s.
pub(crate) const SETTLED: Duration = Duration::from_secs(7);

/// Asks the system; if it does not say, there is enough.
pub(crate) fn is_short() -> bool {
    std::fs::read_to_string("/proc/meminfo").is_ok_and(|text| is_short_in(&text))
}

/// All memory of this device in KiB, if the system says.
pub(crate) fn total_kib() -> Option<u64> {
    kib_in(&std::fs::read_to_string("/proc/meminfo").ok()?, "MemTotal")
}

/// Gives the system back what this program's heap has freed and kept, a few milliseconds' work.
#[expect(unsafe_code, reason = "the standard library does not know the heap of the C library")]
pub(crate) fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it moves nothing that is in use, and takes the locks of the heap itself.
    unsafe {
        libc::malloc_trim(0);
    }
}

fn kib_in(meminfo: &str, name: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim_start_matches(':').trim().trim_end_matches("kB").trim().parse().ok()
}

fn is_short_in(meminfo: &str) -> bool {
    match (kib_in(meminfo, "MemTotal"), kib_in(meminfo, "MemAvailable")) {
        (Some(total), Some(available)) => available.saturating_mul(100) < total.saturating_mul(LEAST_FREE_PERCENT),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_left_below_a_part_of_all() {
        let meminfo = |available: u64| format!("MemTotal:       16000000 kB\nMemAvailable: {available} kB\n");
        assert!(is_short_in(&meminfo(1_000_000)));
        assert!(!is_short_in(&meminfo(2_000_000)));
        assert!(!is_short_in("MemTotal: 16000000 kB\n"), "a system that does not say");
        assert!(!is_short_in(""));
    }
}
