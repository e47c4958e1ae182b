//! Reading back what a device kept: nothing is believed because it was kept, everything is verified again.

use std::collections::BTreeMap;

use super::{TrustedMetadata, root_name};
use crate::{
    Refusal,
    metadata::{Document, Metadata, Root, TOP_LEVEL_ROLES, role_of},
    refusal::Reason,
};

impl TrustedMetadata {
    /// The state that `stored` documents prove, starting from a root that is *not* among them: a writable cache must
    /// never be where trust begins.
    ///
    /// What does not verify is dropped, and with it all that rests on it; only a bad `bootstrap_root` is refused.
    /// Expiry is not judged: a device without a network runs on what it has, and [`super::Refresh`] judges.
    pub fn restore(bootstrap_root: &[u8], stored: &BTreeMap<String, Vec<u8>>) -> Result<Self, Refusal> {
        let mut trusted = Self::from_root(bootstrap_root)?;
        while let Some(bytes) = stored.get(&root_name(trusted.root.version() + 1)) {
            if trusted.follow_root(bytes.clone()) != Ok(true) {
                break;
            }
        }
        trusted.timestamp = read(stored, "timestamp");
        trusted.snapshot = read(stored, "snapshot");
        trusted.targets = read(stored, "targets");
        for name in stored.keys() {
            let Some(role) = name.strip_suffix(".json") else { continue };
            if !TOP_LEVEL_ROLES.contains(&role)
                && let Some(document) = read(stored, role)
                && let Some(role) = role_of(role)
            {
                trusted.roles.insert(role, document);
            }
        }
        trusted.prune();
        Ok(trusted)
    }

    /// Takes the next root (TUF 5.3.4 to 5.3.8); `false` if it is the trusted one again.
    pub(super) fn follow_root(&mut self, bytes: Vec<u8>) -> Result<bool, Refusal> {
        let next = Document::<Root>::parse(bytes)?;
        self.root.check_signed("root", &next)?;
        next.check_signed("root", &next)?;
        let (trusted, found) = (self.root.version(), next.version());
        if found == trusted {
            return Ok(false);
        }
        if found < trusted {
            return Err(Reason::Rollback { what: "the root".to_owned(), trusted, found }.into());
        }
        if found > trusted + 1 {
            return Err(Reason::RootChain { expected: trusted + 1, found }.into());
        }
        self.chain.insert(found, next.bytes().to_vec());
        self.root = next;
        Ok(true)
    }
}

fn read<T: Metadata>(stored: &BTreeMap<String, Vec<u8>>, role: &str) -> Option<Document<T>> {
    Document::parse(stored.get(&format!("{role}.json"))?.clone()).ok()
}
