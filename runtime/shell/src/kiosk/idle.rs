//! Whether somebody is still there: begun by the first touch or card, warned of, extended, over. Pure: time is an argument.

use std::time::Duration;

/// How long nobody has to do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Until it is asked whether somebody is there.
    pub(crate) warn: Duration,
    /// Until the session ends; longer than the other.
    pub(crate) reset: Duration,
}

/// Where a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nobody has come yet, and nothing can be left behind.
    Nobody,
    /// Somebody is there.
    Here,
    /// Nobody has done anything for a while: so many whole seconds are left.
    Asked {
        /// Seconds until the end, at least one.
        left: u64,
    },
    /// Nobody is there any more.
    Gone,
}

/// The clock of one session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    limits: Limits,
    /// When something was done last; none: nobody has come.
    last: Option<Duration>,
}

impl Idle {
    /// Nobody is there.
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, last: None }
    }

    /// Somebody has done something. A touch while it is asked is an answer only if the dialog says so: `is_answer`.
    pub(crate) fn touch(&mut self, now: Duration, is_answer: bool) {
        match self.at(now) {
            Presence::Asked { .. } if !is_answer => {}
            Presence::Gone => {}
            _ => self.last = Some(now),
        }
    }

    /// Whether somebody has come.
    pub(crate) fn has_begun(&self) -> bool {
        self.last.is_some()
    }

    /// Seconds between the question and the end.
    pub(crate) fn answer_seconds(&self) -> u64 {
        (self.limits.reset.saturating_sub(self.limits.warn)).as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
    }

    /// Where it is at this time.
    pub(crate) fn at(&self, now: Duration) -> Presence {
        let Some(last) = self.last else { return Presence::Nobody };
        let since = now.saturating_sub(last);
        if since >= self.limits.reset {
            Presence::Gone
        } else if since >= self.limits.warn {
            let left = (self.limits.reset - since).as_millis().div_ceil(1000);
            Presence::Asked { left: u64::try_from(left).unwrap_or(u64::MAX) }
        } else {
            Presence::Here
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn idle() -> Idle {
        Idle::new(Limits { warn: s(60), reset: s(90) })
    }

    #[test]
    fn nobody_is_waited_for_before_somebody_has_come() {
        assert_eq!(idle().at(s(100_000)), Presence::Nobody);
    }

    #[test]
    fn it_is_asked_after_the_first_limit_and_over_after_the_second() {
        let mut idle = idle();
        idle.touch(s(10), false);
        assert_eq!(idle.at(s(69)), Presence::Here);
        assert_eq!(idle.at(s(70)), Presence::Asked { left: 30 });
        assert_eq!(idle.at(Duration::from_millis(99_001)), Presence::Asked { left: 1 });
        assert_eq!(idle.at(s(100)), Presence::Gone);
        assert_eq!(idle.answer_seconds(), 30);
    }

    #[test]
    fn only_an_answer_extends_what_is_asked() {
        let mut idle = idle();
        idle.touch(s(0), false);
        idle.touch(s(65), false);
        assert_eq!(idle.at(s(66)), Presence::Asked { left: 24 }, "a touch beside the dialog is no answer");
        idle.touch(s(66), true);
        assert_eq!(idle.at(s(67)), Presence::Here);
        assert_eq!(idle.at(s(126)), Presence::Asked { left: 30 });
    }

    #[test]
    fn who_comes_after_the_end_does_not_go_on_with_the_session_of_another() {
        let mut idle = idle();
        idle.touch(s(0), false);
        idle.touch(s(95), true);
        assert_eq!(idle.at(s(95)), Presence::Gone);
    }
}
