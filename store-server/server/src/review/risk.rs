//! How carefully a submission is to be looked at: one pure function over what is known before anybody looks.

use guichet_api::SubmissionState;

/// What the risk is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// How many permissions it asks for beyond what is allowed.
    pub widens: usize,
    /// Nothing of this app was ever released.
    pub is_first: bool,
    /// A key seals it that did not seal the release before.
    pub is_new_key: bool,
    /// It hands in no new package: devices have run its contents before, or must not any more.
    pub is_reissue: bool,
}

/// Three words for a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing of note.
    Low,
    /// Something is new.
    Medium,
    /// It may do more than before, or somebody new vouches for it.
    High,
    /// It is held aside.
    Held,
}

/// One to five, and the word for it.
pub fn of(signs: Signs, state: SubmissionState) -> (u8, Level) {
    if state == SubmissionState::Quarantined {
        return (5, Level::Held);
    }
    let widening = match signs.widens {
        0 => 0,
        1 => 2,
        _ => 3,
    };
    let other = u8::from(signs.is_first) + 3 * u8::from(signs.is_new_key) + u8::from(signs.is_reissue);
    let score = (1 + widening + other).min(5);
    (
        score,
        match score {
            0..=1 => Level::Low,
            2..=3 => Level::Medium,
            _ => Level::High,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_adds_and_nothing_exceeds_five() {
        let check = |signs: Signs, expected: (u8, Level)| {
            assert_eq!(of(signs, SubmissionState::Submitted), expected, "{signs:?}");
        };
        let none = Signs::default();
        check(none, (1, Level::Low));
        check(Signs { is_first: true, ..none }, (2, Level::Medium));
        check(Signs { is_reissue: true, ..none }, (2, Level::Medium));
        check(Signs { widens: 1, ..none }, (3, Level::Medium));
        check(Signs { widens: 2, ..none }, (4, Level::High));
        check(Signs { is_new_key: true, ..none }, (4, Level::High));
        check(Signs { widens: 9, is_first: true, is_new_key: true, is_reissue: true }, (5, Level::High));
        assert_eq!(of(none, SubmissionState::Quarantined), (5, Level::Held));
    }
}
