//! The release that a terminal takes while the newest one is not for it yet.
//!
//! The newest document names the one before, and so on back: whoever signed the newest has signed for the line. Each is
//! judged like the newest itself.

use std::collections::HashSet;

use guichet_package::{
    PublisherKeys,
    release::{Choice, MOST_BEFORE, choice, release_path},
};
use guichet_trust::{digest::Digest, metadata::TargetFile};

use super::catalogue::{Offer, Source};
use crate::error::HostError;

impl Source<'_> {
    /// The first release before the newest that has a place for this terminal, if the newest has none. Adds the documents
    /// that lead there to those that are needed.
    pub(super) fn before(
        &self,
        keys: &PublisherKeys,
        newest: &Offer,
        needed: &mut HashSet<Digest>,
    ) -> Result<Option<Offer>, HostError> {
        let (department, app) = (&newest.department, &newest.release.app_id);
        let path = release_path(department, app, self.channel);
        let (mut release, mut digest) = (newest.release.clone(), Digest::of(&newest.release_bytes));
        let (mut widest, mut is_vouched_for) = (None, false);
        for _ in 0..MOST_BEFORE {
            let blob = match choice(&newest.release, &release, newest.brake.as_ref(), &self.device) {
                Choice::Before(blob) => blob.clone(),
                Choice::Take | Choice::Nothing => return Ok(None),
            };
            if widest.is_none() {
                widest = self.widest(department, &path, app)?;
            }
            // What two reviewers signed names what comes before it: its permissions were theirs to allow.
            is_vouched_for |= widest.as_ref().is_some_and(|widest| widest.digest == digest);
            let file = TargetFile::named(blob.sha256, blob.length);
            needed.insert(blob.sha256);
            let (earlier, bytes) = self.earlier(&file, &path, app)?;
            if earlier.sequence >= release.sequence {
                let found = format!("release {} as the one before {}", earlier.sequence, release.sequence);
                return Err(HostError::Misplaced { app: path, found });
            }
            if choice(&newest.release, &earlier, newest.brake.as_ref(), &self.device) == Choice::Take {
                let allowed = widest.map(|widest| widest.permissions).unwrap_or_default();
                let allowed = (!is_vouched_for).then_some(allowed.as_slice());
                return self.judge(department, keys, earlier, bytes, allowed, newest.brake.clone()).map(Some);
            }
            (release, digest) = (earlier, blob.sha256);
        }
        Ok(None)
    }
}
