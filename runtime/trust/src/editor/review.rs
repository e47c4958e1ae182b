//! Reading documents before signing them or publishing them: who signed, and what would change.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Refusal,
    metadata::{Document, Root, TargetFile, Targets},
    refusal::Reason,
    sign::KeyId,
};

/// Reads a root: signed by itself, and by the one before it if there is one.
pub fn read_root(before: Option<&Document<Root>>, bytes: &[u8]) -> Result<Document<Root>, Refusal> {
    let root = Document::<Root>::parse(bytes.to_vec())?;
    root.check_signed("root", &root)?;
    if let Some(before) = before {
        before.check_signed("root", &root)?;
        let (expected, found) = (before.version() + 1, root.version());
        if expected != found {
            return Err(Reason::RootChain { expected, found }.into());
        }
    }
    Ok(root)
}

/// Reads the document of the top-level role `targets`.
pub fn read_targets(root: &Document<Root>, bytes: &[u8]) -> Result<Document<Targets>, Refusal> {
    let targets = Document::<Targets>::parse(bytes.to_vec())?;
    root.check_signed("targets", &targets)?;
    targets.signed().check_role("targets")?;
    Ok(targets)
}

/// Reads the document of a role that `delegator` delegates to; it lists nothing the delegation does not cover.
pub fn read_role(delegator: &Document<Targets>, role: &str, bytes: &[u8]) -> Result<Document<Targets>, Refusal> {
    let pending = Pending::read(delegator, role, bytes)?;
    delegator.check_delegated(role, &pending.document)?;
    Ok(pending.document)
}

/// A document of a delegated role that may not have all its signatures yet.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The document.
    pub document: Document<Targets>,
    /// The keys of the role that signed it.
    pub signed_by: BTreeSet<KeyId>,
    /// How many have to.
    pub threshold: u64,
}

impl Pending {
    /// Reads a document that is meant for `role` and lists nothing the delegation does not cover.
    pub fn read(delegator: &Document<Targets>, role: &str, bytes: &[u8]) -> Result<Self, Refusal> {
        let document = Document::<Targets>::parse(bytes.to_vec())?;
        let authority = delegator.signed().delegation(role).zip(delegator.signed().signers(role));
        let Some((delegation, signers)) = authority else {
            return Err(Reason::Delegation(role.to_owned()).into());
        };
        document.signed().check_role(role)?;
        if let Some(path) = document.signed().targets.keys().find(|path| !delegation.covers(path)) {
            return Err(Reason::EditPath { role: role.to_owned(), path: path.clone() }.into());
        }
        let signed_by = signers.signed(&document);
        Ok(Self { document, signed_by, threshold: signers.threshold() })
    }

    /// Whether enough keys signed.
    pub fn is_complete(&self) -> bool {
        self.threshold > 0 && self.signed_by.len() as u64 >= self.threshold
    }
}

/// A path whose file differs between two versions of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The path.
    pub path: String,
    /// What was listed.
    pub before: Option<TargetFile>,
    /// What would be listed.
    pub after: Option<TargetFile>,
}

/// What replacing `before` by `after` would change.
pub fn changes(before: Option<&Targets>, after: &Targets) -> Vec<Change> {
    let none = BTreeMap::new();
    let before = before.map_or(&none, |before| &before.targets);
    let paths: BTreeSet<&String> = before.keys().chain(after.targets.keys()).collect();
    let pairs = paths.into_iter().map(|path| (path, before.get(path), after.targets.get(path)));
    pairs
        .filter(|(_, before, after)| before != after)
        .map(|(path, before, after)| Change { path: path.clone(), before: before.cloned(), after: after.cloned() })
        .collect()
}
