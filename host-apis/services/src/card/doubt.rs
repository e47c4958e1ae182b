//! Whether an empty reader is believed. Pure: time is an argument.

use std::time::{Duration, Instant};

/// A reader that did not answer may find the card that is in it only after a while; for so long an empty one is not believed.
const DOUBT: Duration = Duration::from_secs(3);

/// What was heard of the readers last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Doubt {
    /// They answer.
    #[default]
    Known,
    /// They do not.
    Silent,
    /// They answer again, and have seen no card since this time.
    Doubted(Instant),
}

impl Doubt {
    /// Somebody has asked the readers and got no answer.
    pub(super) fn silent(&mut self) {
        *self = Self::Silent;
    }

    /// Takes in whether there is a card, none if no reader answers; what is believed, if anything.
    pub(super) fn look(&mut self, has_card: Option<bool>, now: Instant) -> Option<bool> {
        let (next, told) = match (has_card, *self) {
            (None, _) => (Self::Silent, None),
            (Some(true), _) | (Some(false), Self::Known) => (Self::Known, has_card),
            (Some(false), Self::Silent) => (Self::Doubted(now), None),
            (Some(false), Self::Doubted(since)) if now.saturating_duration_since(since) < DOUBT => (*self, None),
            (Some(false), Self::Doubted(_)) => (Self::Known, has_card),
        };
        *self = next;
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_is_taken_is_gone_at_once() {
        let (mut doubt, now) = (Doubt::default(), Instant::now());
        assert_eq!(doubt.look(Some(true), now), Some(true));
        assert_eq!(doubt.look(Some(false), now), Some(false));
    }

    #[test]
    fn whoever_hears_nothing_makes_it_doubtful() {
        let (mut doubt, now) = (Doubt::default(), Instant::now());
        doubt.look(Some(true), now);
        doubt.silent();
        assert_eq!(doubt.look(Some(false), now), None);
    }

    #[test]
    fn a_reader_that_comes_back_has_a_while_to_find_the_card() {
        let (mut doubt, now) = (Doubt::default(), Instant::now());
        assert_eq!(doubt.look(None, now), None, "whoever is there stays");
        assert_eq!(doubt.look(Some(false), now), None);
        assert_eq!(doubt.look(Some(true), now + DOUBT / 2), Some(true));
        assert_eq!(doubt.look(Some(false), now + DOUBT / 2), Some(false), "and all is as before");
    }

    #[test]
    fn a_card_that_was_taken_meanwhile_is_gone_after_that() {
        let (mut doubt, now) = (Doubt::default(), Instant::now());
        doubt.look(None, now);
        assert_eq!(doubt.look(Some(false), now), None);
        assert_eq!(doubt.look(None, now + DOUBT), None);
        assert_eq!(doubt.look(Some(false), now + DOUBT), None, "counted anew");
        assert_eq!(doubt.look(Some(false), now + DOUBT * 2), Some(false));
    }
}
