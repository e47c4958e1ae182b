//! How long to be patient on a machine that has too much to do: what waits for a processor is not to blame.

use std::{fs, time::Duration};

/// At most so many times as long: somebody sits before a page that hangs, whatever the reason.
const MOST: u32 = 5;

/// How long to wait for what a machine at rest answers within `patience`: so much longer as the kernel says that something
/// waited for a processor in the last ten seconds; as long, if it does not say.
pub(crate) fn patience(at_rest: Duration) -> Duration {
    at_rest * times(&fs::read_to_string("/proc/pressure/cpu").unwrap_or_default())
}

fn times(pressure: &str) -> u32 {
    let waited = pressure.strip_prefix("some avg10=").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    1 + waited.unwrap_or_default().min(100) * (MOST - 1) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_a_processor_is_waited_for() {
        let pressure = |waited: &str| format!("some avg10={waited} avg60=89.54 avg300=93.59 total=14440609334\nfull");
        for (waited, patient) in [("0.00", 1), ("24.99", 1), ("25.00", 2), ("87.50", 4), ("100.00", 5), ("900.00", 5)] {
            assert_eq!(times(&pressure(waited)), patient, "{waited}");
        }
        assert_eq!(times(""), 1, "a kernel that does not say");
    }
}
