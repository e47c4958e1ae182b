//! Whether this device has hardly any memory left, and how much of it this program keeps for nothing.

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

/// The most heaps that the C library keeps for all threads of this program, the first one with it.
const HEAPS: i32 = 2;

/// Lets all threads of this program share [`HEAPS`] heaps. Left alone the C library makes eight for each processor, and what the
/// many threads of the engine have freed lies in each of them as holes that cannot be given back: 4 MiB, and more with each visit.
/// Before the first thread is started.
#[expect(unsafe_code, reason = "the standard library does not know the heap of the C library")]
pub(crate) fn share_heaps() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it sets a number that is read when a thread is given a heap.
    let is_taken = unsafe { libc::mallopt(libc::M_ARENA_MAX, HEAPS) == 1 };
    #[cfg(not(target_env = "gnu"))]
    let is_taken = true;
    debug_assert!(is_taken, "M_ARENA_MAX");
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

    #[cfg(target_env = "gnu")]
    #[test]
    fn many_threads_share_few_heaps() {
        // The program of the tests has made heaps already: one of its own is asked.
        const INSIDE: &str = "GUICHET_TEST_OF_HEAPS";
        if std::env::var_os(INSIDE).is_none() {
            let name = "memory::tests::many_threads_share_few_heaps";
            let mut inside = std::process::Command::new(std::env::current_exe().unwrap());
            let done = inside.args([name, "--exact", "--nocapture"]).env(INSIDE, "1").output().unwrap();
            let said = String::from_utf8_lossy(&done.stdout);
            assert!(done.status.success() && said.contains("1 passed"), "{said}");
            return;
        }
        share_heaps();
        let all_have_one = std::sync::Barrier::new(8);
        let heaps: std::collections::BTreeSet<_> = std::thread::scope(|scope| {
            let place = || {
                // A small block may be one that another thread's heap gave.
                let allocated = vec![1_u8; 4096];
                all_have_one.wait();
                heap_of(allocated.as_ptr().addr())
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(place)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(heaps.len() <= HEAPS as usize, "{heaps:?}");
    }

    /// A heap of a thread lies in 64 MiB of its own; the first one has a name.
    #[cfg(target_env = "gnu")]
    fn heap_of(address: usize) -> usize {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let is_first = maps.lines().filter(|line| line.ends_with("[heap]")).any(|line| {
            let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
            let at = |text| usize::from_str_radix(text, 16).unwrap();
            (at(from)..at(to)).contains(&address)
        });
        if is_first { 0 } else { address >> 26 }
    }

    #[test]
    fn little_is_left_below_a_part_of_all() {
        let meminfo = |available: u64| format!("MemTotal:       16000000 kB\nMemAvailable: {available} kB\n");
        assert!(is_short_in(&meminfo(1_000_000)));
        assert!(!is_short_in(&meminfo(2_000_000)));
        assert!(!is_short_in("MemTotal: 16000000 kB\n"), "a system that does not say");
        assert!(!is_short_in(""));
    }
}
