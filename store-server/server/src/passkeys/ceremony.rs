//! Ceremonies that have begun: kept in memory for a few minutes, and ended by their first answer.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use guichet_trust::digest::Digest;
use uuid::Uuid;

use crate::{error::NotDone, people::problems};

/// How long an answer may take, in milliseconds.
const LASTS_MS: u64 = 5 * 60 * 1000;
/// How many are open at a time; the oldest make room.
const MOST: usize = 4096;

/// What was asked, for the answer to be held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    /// A new passkey of this person's.
    Register { person: String },
    /// Anybody's who has one.
    SignIn,
    /// This person's agreement to this release.
    Decide { person: String, submission: String, release: Digest, nonce: String },
}

/// Those that wait for their answers. A restart forgets them, and one begins again.
#[derive(Debug, Default)]
pub(super) struct Ceremonies(Mutex<BTreeMap<String, (u64, Digest, Ceremony)>>);

impl Ceremonies {
    /// Keeps one with its challenge, and returns what its answer is known by.
    pub(super) fn begin(&self, ceremony: Ceremony, challenge: Digest, now_ms: u64) -> String {
        let id = Uuid::now_v7().to_string();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while open.len() >= MOST {
            open.pop_first();
        }
        open.insert(id.clone(), (now_ms.saturating_add(LASTS_MS), challenge, ceremony));
        id
    }

    /// Takes one out, whatever the answer is worth: no challenge is answered twice.
    pub(super) fn end(&self, id: &str, now_ms: u64) -> Result<(Digest, Ceremony), NotDone> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = open.remove(id).filter(|(until_ms, ..)| now_ms < *until_ms);
        let (_, challenge, ceremony) = found.ok_or_else(problems::ceremony_over)?;
        Ok((challenge, ceremony))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceremony_is_ended_by_its_first_answer_and_by_its_time_and_the_oldest_make_room() {
        let (open, challenge) = (Ceremonies::default(), Digest::of(b"x"));
        let id = open.begin(Ceremony::SignIn, challenge, 0);
        assert_eq!(open.end(&id, LASTS_MS - 1).unwrap(), (challenge, Ceremony::SignIn));
        assert!(open.end(&id, 0).is_err());
        let late = open.begin(Ceremony::SignIn, challenge, 0);
        assert!(open.end(&late, LASTS_MS).is_err());
        let all: Vec<_> = (0..=MOST).map(|_| open.begin(Ceremony::SignIn, challenge, 0)).collect();
        assert!(open.end(&all[0], 0).is_err() && open.end(&all[1], 0).is_ok());
    }
}
