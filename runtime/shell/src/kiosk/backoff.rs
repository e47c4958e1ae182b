//! How long to wait before a session that keeps dying is begun again. Pure: time is an argument.

use std::time::Duration;

/// The first pause and the longest.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// A session that has lived this long is none that keeps dying.
const WELL: Duration = Duration::from_secs(30);
/// After so many in a row, people are told.
const MOST: u32 = 3;

/// What has died lately.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// A session has died by itself after this long; how long to wait.
    pub(super) fn died(&mut self, lived: Duration) -> Duration {
        if lived >= WELL {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        FIRST.saturating_mul(1 << self.failures.min(16).saturating_sub(1)).min(LONGEST)
    }

    /// A session was shown to a person and ended as it should.
    pub(super) fn went_well(&mut self) {
        self.failures = 0;
    }

    /// Whether people should be told that this terminal does not serve.
    pub(super) fn keeps_dying(self) -> bool {
        self.failures >= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_people_are_told() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..8).map(|_| backoff.died(Duration::ZERO).as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert!(backoff.keeps_dying());
        assert_eq!(backoff.died(WELL).as_millis(), 500, "one that has lived is another matter");
        assert!(!backoff.keeps_dying());
        backoff.died(Duration::ZERO);
        backoff.died(Duration::ZERO);
        assert!(backoff.keeps_dying());
        backoff.went_well();
        assert!(!backoff.keeps_dying());
    }
}
