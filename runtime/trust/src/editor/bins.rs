//! What a role lists, in one document or in many: a role that lists a great deal hands it to hash bins (TAP 15), so that
//! a device fetches one bin after a release and not the whole list.
//!
//! The role's own document says how many bins there are and which keys sign them; those keys are the role's own, as its
//! delegator lists them, so a bin is never signed by anybody whom the delegator has not named. Whoever signs the next
//! release makes the change with [`Listing::next`], which depends on nothing but what is there: the store and every
//! reviewer's machine come to the same documents.

use std::{borrow::Cow, collections::BTreeMap};

use super::Draft;
use crate::{
    Refusal,
    metadata::{Delegations, Document, Others, SuccinctRoles, TargetFile, Targets, bins_name, owner_of_bin},
    refusal::Reason,
};

/// A role lists up to so many files by itself.
pub const MOST_UNBINNED: usize = 1_000;
/// The first bins are told apart by so many bits; each time a role lists four times as much, by one more.
const FIRST_BITS: u32 = 5;
/// More bins would cost every device more than they save.
const MOST_BITS: u32 = 8;

/// How many bits tell the bins of a role apart that lists so many files; 0 for none.
pub fn bits_for(files: usize) -> u32 {
    let (mut bits, mut most) = (0, MOST_UNBINNED);
    while files > most && bits < MOST_BITS {
        bits = if bits == 0 { FIRST_BITS } else { bits + 1 };
        most = most.saturating_mul(4);
    }
    bits
}

/// The present documents of a role and of its bins.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The role's own document, if there is one yet.
    pub own: Option<Document<Targets>>,
    /// The documents of its bins, by name; others than its bins are not looked at.
    pub bins: BTreeMap<String, Document<Targets>>,
}

/// The documents that have to be signed for one change.
#[derive(Clone, Debug)]
pub struct NextDocuments {
    /// Who delegates to the bins among them: the role's own document, as it is or, without signatures, as it will be.
    pub delegator: Option<Document<Targets>>,
    /// What they will say, by role; the role's own before its bins.
    pub drafts: Vec<(String, Draft<Targets>)>,
}

impl Listing {
    /// What is listed at `path`.
    pub fn file(&self, path: &str) -> Option<&TargetFile> {
        let own = self.own.as_ref()?.signed();
        own.targets.get(path).or_else(|| self.bins.get(&own.bins()?.bin(path).name)?.signed().targets.get(path))
    }

    /// Everything that is listed, each file where it belongs.
    pub fn files(&self) -> BTreeMap<&str, &TargetFile> {
        let Some(own) = &self.own else { return BTreeMap::new() };
        let of = |document: &'_ Document<Targets>| document.signed().targets.len();
        let mut files = BTreeMap::new();
        if let Some(bins) = own.signed().bins() {
            for (name, document) in self.bins.iter().filter(|(_, document)| of(document) > 0) {
                let listed = document.signed().targets.iter().filter(|(path, _)| bins.bin(path).name == *name);
                files.extend(listed.map(|(path, file)| (path.as_str(), file)));
            }
        }
        files.extend(own.signed().targets.iter().map(|(path, file)| (path.as_str(), file)));
        files
    }

    /// What of it a device goes by: what enough of the keys have signed that `delegator` lists for the role.
    #[must_use]
    pub fn counting(&self, delegator: &Document<Targets>, role: &str) -> Self {
        let Some(signers) = delegator.signed().signers(role) else { return Self::default() };
        let own = self.own.clone().filter(|own| delegator.check_delegated(role, own).is_ok());
        let bins = self.bins.iter().filter(|(bin, document)| {
            let owner = own.as_ref();
            owner.is_some_and(|own| own.check_delegated(bin, document).is_ok()) && signers.check(document).is_ok()
        });
        Self { bins: bins.map(|(bin, document)| (bin.clone(), document.clone())).collect(), own }
    }

    /// The document of the role itself or of one of its bins.
    pub fn document(&self, role: &str) -> Option<&Document<Targets>> {
        if owner_of_bin(role).is_some() { self.bins.get(role) } else { self.own.as_ref() }
    }

    /// The documents that list `file` at `path` beside everything that is listed now.
    ///
    /// Among them are those that lack signatures because `delegator` has other keys for the role by now, and, when the
    /// role has come to list so much, all of its bins.
    pub fn next(
        &self,
        delegator: &Document<Targets>,
        role: &str,
        (path, file): (&str, &TargetFile),
        expires_ms: u64,
    ) -> Result<NextDocuments, Refusal> {
        let mut own = Draft::of_role(delegator, role, self.own.as_ref(), expires_ms)?;
        if !own.may_list(path) {
            return Err(Reason::EditPath { role: role.to_owned(), path: path.to_owned() }.into());
        }
        let mut files: BTreeMap<String, TargetFile> =
            self.files().into_iter().map(|(path, file)| (path.to_owned(), file.clone())).collect();
        files.insert(path.to_owned(), file.clone());
        let before = self.own.as_ref().and_then(|own| own.signed().bins()).map_or(0, |bins| bins.bit_length);
        let bits = bits_for(files.len()).max(before);
        if bits == 0 {
            own.set_targets(files);
            return Ok(NextDocuments { delegator: None, drafts: vec![(role.to_owned(), own)] });
        }
        let wanted = delegations(delegator, role, bits)?;
        let is_new = self.own.as_ref().is_none_or(|own| {
            delegator.check_delegated(role, own).is_err()
                || own.signed().delegations.as_ref() != Some(&wanted)
                || !own.signed().targets.is_empty()
        });
        let mut drafts = Vec::new();
        let owner = match &self.own {
            Some(present) if !is_new => Cow::Borrowed(present),
            _ => {
                own.set_targets(BTreeMap::new());
                own.set_delegations(wanted);
                let unsigned = Document::parse(own.sign(&[])?)?;
                drafts.push((role.to_owned(), own));
                Cow::Owned(unsigned)
            }
        };
        drafts.extend(self.next_bins(&owner, (path, files), bits != before, expires_ms)?);
        Ok(NextDocuments { delegator: Some(owner.into_owned()), drafts })
    }

    fn next_bins(
        &self,
        owner: &Document<Targets>,
        (path, files): (&str, BTreeMap<String, TargetFile>),
        are_all_new: bool,
        expires_ms: u64,
    ) -> Result<Vec<(String, Draft<Targets>)>, Refusal> {
        let bins = owner.signed().bins().ok_or_else(|| Reason::EditRole(path.to_owned()))?;
        let mut shares: BTreeMap<String, BTreeMap<String, TargetFile>> = BTreeMap::new();
        for (path, file) in files {
            shares.entry(bins.bin(&path).name).or_default().insert(path, file);
        }
        let changed = bins.bin(path).name;
        let mut drafts = Vec::new();
        for bin in bins.all() {
            let current = self.bins.get(&bin.name);
            // A bin that lost its signatures counts for nobody: whoever signs the next release signs for it too.
            let is_signed = current.is_some_and(|current| owner.check_delegated(&bin.name, current).is_ok());
            if !are_all_new && is_signed && bin.name != changed {
                continue;
            }
            let mut draft = Draft::of_role(owner, &bin.name, current, expires_ms)?;
            draft.set_targets(shares.remove(&bin.name).unwrap_or_default());
            drafts.push((bin.name, draft));
        }
        Ok(drafts)
    }
}

/// Bins of this many bits, signed by the very keys that sign for the role.
fn delegations(delegator: &Document<Targets>, role: &str, bit_length: u32) -> Result<Delegations, Refusal> {
    let listed = delegator.signed().delegation(role).zip(delegator.signed().delegations.as_ref());
    let (delegation, all) = listed.ok_or_else(|| Reason::EditRole(role.to_owned()))?;
    let keys = all.keys.iter().filter(|(id, _)| delegation.keyids.contains(id));
    let bins = SuccinctRoles {
        keyids: delegation.keyids.clone(),
        threshold: delegation.threshold,
        bit_length,
        name_prefix: bins_name(role),
        others: Others::new(),
    };
    Ok(Delegations {
        keys: keys.map(|(id, key)| (id.clone(), key.clone())).collect(),
        roles: None,
        succinct_roles: Some(bins),
        others: Others::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_grow_slowly() {
        let table: Vec<_> = [0, 1, 1_000, 1_001, 4_000, 4_001, 16_000, 16_001, 64_000, 64_001, 10_000_000]
            .map(|n| (n, bits_for(n)))
            .into();
        let expected =
            [(0, 0), (1, 0), (1_000, 0), (1_001, 5), (4_000, 5), (4_001, 6), (16_000, 6), (16_001, 7), (64_000, 7)];
        assert_eq!(table[..9], expected);
        assert_eq!(table[9..], [(64_001, 8), (10_000_000, 8)]);
    }
}
