//! Sign-ins that are under way: what was sent along, kept here for ten minutes and good for one answer.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use guichet_trust::digest::Digest;

use crate::{error::StoreError, secret::Secret};

/// How long somebody may take at the organisation, in milliseconds.
pub(super) const LASTS_MS: u64 = 10 * 60 * 1000;
/// Most that are under way at a time; the oldest gives way.
const MOST: usize = 1000;

/// What one sign-in was begun with.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// What the answer has to bring back.
    pub(super) state: String,
    /// What the token has to hold.
    pub(super) nonce: String,
    /// What proves to the provider that it is we who asked.
    pub(super) verifier: String,
    /// The invitation that is being taken up, if one is.
    pub(super) invitation: Option<Secret>,
    /// Until when, in milliseconds since 1970.
    pub(super) until_ms: u64,
}

/// All that are under way, by the digest of what the browser keeps.
#[derive(Debug, Default)]
pub(super) struct AllAsked(Mutex<HashMap<Digest, Asked>>);

impl AllAsked {
    /// Keeps one and returns what the browser is to keep.
    pub(super) fn begin(&self, asked: Asked, now_ms: u64) -> Result<Secret, StoreError> {
        let secret = Secret::generate()?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, asked| asked.until_ms > now_ms);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, asked)| asked.until_ms).map(|(digest, _)| *digest)
        {
            all.remove(&oldest);
        }
        all.insert(secret.digest(), asked);
        Ok(secret)
    }

    /// Ends one, whatever comes of it; none if it is not known, was answered or took too long.
    pub(super) fn end(&self, secret: &Secret, now_ms: u64) -> Option<Asked> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&secret.digest()).filter(|asked| asked.until_ms > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(until_ms: u64) -> Asked {
        Asked { state: String::new(), nonce: String::new(), verifier: String::new(), invitation: None, until_ms }
    }

    #[test]
    fn each_is_answered_once_and_in_time_and_the_oldest_gives_way() {
        let all = AllAsked::default();
        let [one, late] = [all.begin(asked(10), 0).unwrap(), all.begin(asked(20), 0).unwrap()];
        assert!(all.end(&one, 9).is_some());
        assert!(all.end(&one, 9).is_none(), "once");
        assert!(all.end(&late, 20).is_none(), "in time");
        let first = all.begin(asked(5), 0).unwrap();
        for _ in 0..MOST {
            all.begin(asked(50), 0).unwrap();
        }
        assert!(all.end(&first, 0).is_none());
        assert_eq!(all.0.lock().unwrap().len(), MOST);
    }
}
