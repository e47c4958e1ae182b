//! Targets and delegations: which files a role vouches for, and to whom it hands a part of its paths (TUF 4.5).

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Document, Hashes, Header, Key, Metadata, Others, Signers, SuccinctRoles, TOP_LEVEL_ROLES, is_target_path, listed,
    matches, may_name_a_role,
};
use crate::{Refusal, digest::Digest, refusal::Reason};

/// Lists files and delegations; the top-level role `targets` and every delegated role has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// Type, version and expiry.
    #[serde(flatten)]
    pub header: Header,
    /// The role its signers meant, if they said so: a key may be listed for several roles, and TUF itself does not
    /// say for which of them a document was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Files by target path.
    pub targets: BTreeMap<String, TargetFile>,
    /// The roles it delegates to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegations: Option<Delegations>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

/// The length and digest of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetFile {
    /// Its length in bytes.
    pub length: u64,
    /// Its digests.
    pub hashes: Hashes,
    /// What the application says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<Value>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl TargetFile {
    /// Describes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len() as u64, hashes: Hashes::of(bytes), custom: None, others: Others::new() }
    }

    /// Describes bytes by their SHA-256 and their length.
    pub fn named(sha256: Digest, length: u64) -> Self {
        Self { length, hashes: Hashes::named(sha256), custom: None, others: Others::new() }
    }

    /// Its SHA-256, which Guichet's own documents always list.
    pub fn sha256(&self) -> Option<Digest> {
        self.hashes.sha256()
    }

    /// Where it lies below `/targets/`: `<folder>/<digest>.<name>` (TUF 6.2.1).
    pub fn hashed_path(&self, path: &str) -> String {
        let digest = self.hashes.prefix();
        match path.rsplit_once('/') {
            Some((folder, name)) => format!("{folder}/{digest}.{name}"),
            None => format!("{digest}.{path}"),
        }
    }

    /// Whether `bytes` are this target (TUF 5.7.3).
    pub fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let found = bytes.len() as u64;
        if found != self.length {
            return Err(Reason::Length { allowed: self.length, found }.into());
        }
        self.hashes.check(bytes)
    }
}

/// The keys and roles a document delegates to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegations {
    /// All keys by the name they have here.
    pub keys: BTreeMap<String, Key>,
    /// The roles, in the order they are to be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Delegation>>,
    /// Instead of roles, hash bins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succinct_roles: Option<SuccinctRoles>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl Default for Delegations {
    fn default() -> Self {
        Self { keys: BTreeMap::new(), roles: Some(Vec::new()), succinct_roles: None, others: Others::new() }
    }
}

/// One delegated role: its signers and the paths it may list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The role, and the name of its document.
    pub name: String,
    /// Names of keys in the same document.
    pub keyids: Vec<String>,
    /// Signatures by this many different keys are required.
    pub threshold: u64,
    /// Whether a search for a path it covers ends here.
    pub terminating: bool,
    /// Patterns of the paths it may list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paths: Option<Vec<String>>,
    /// Instead of patterns, beginnings of the SHA-256 of the paths it may list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_hash_prefixes: Option<Vec<String>>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl Delegation {
    /// Whether it may list `path`.
    pub fn covers(&self, path: &str) -> bool {
        if let Some(paths) = &self.paths {
            return paths.iter().any(|pattern| matches(pattern, path));
        }
        let Some(prefixes) = &self.path_hash_prefixes else { return false };
        let digest = Digest::of(path.as_bytes()).to_string();
        prefixes.iter().any(|prefix| !prefix.is_empty() && digest.starts_with(prefix.as_str()))
    }
}

impl Targets {
    /// The roles it delegates to, in the order they are to be asked. Of hash bins, all: there may be very many.
    pub fn delegations(&self) -> impl Iterator<Item = Cow<'_, Delegation>> {
        let bins = self.bins().into_iter().flat_map(SuccinctRoles::all);
        self.listed().iter().map(Cow::Borrowed).chain(bins.map(Cow::Owned))
    }

    /// The roles it delegates `path` to, in the order they are to be asked (TUF 5.6.7.2).
    pub fn delegations_for(&self, path: &str) -> impl Iterator<Item = Cow<'_, Delegation>> {
        let covering = self.listed().iter().filter(move |delegation| delegation.covers(path));
        covering.map(Cow::Borrowed).chain(self.bins().map(|bins| Cow::Owned(bins.bin(path))))
    }

    /// Its delegation to `role`.
    pub fn delegation(&self, role: &str) -> Option<Cow<'_, Delegation>> {
        let listed = self.listed().iter().find(|delegation| delegation.name == role).map(Cow::Borrowed);
        listed.or_else(|| self.bins()?.named(role).map(Cow::Owned))
    }

    /// Its hash bins, if it has any.
    pub fn bins(&self) -> Option<&SuccinctRoles> {
        self.delegations.as_ref()?.succinct_roles.as_ref()
    }

    /// Who signs for a role it delegates to.
    pub fn signers(&self, role: &str) -> Option<Signers> {
        let delegation = self.delegation(role)?;
        let keys = &self.delegations.as_ref()?.keys;
        Some(Signers::new(&delegation.keyids, delegation.threshold, keys))
    }

    pub(crate) fn listed(&self) -> &[Delegation] {
        self.delegations.as_ref().and_then(|it| it.roles.as_deref()).unwrap_or_default()
    }

    pub(crate) fn check_role(&self, role: &str) -> Result<(), Refusal> {
        match &self.role {
            Some(found) if found != role => {
                Err(Reason::Role { expected: role.to_owned(), found: found.clone() }.into())
            }
            _ => Ok(()),
        }
    }
}

impl Metadata for Targets {
    const TYPE: &'static str = "targets";

    fn header(&self) -> &Header {
        &self.header
    }

    fn header_mut(&mut self) -> &mut Header {
        &mut self.header
    }

    fn check(&self) -> Result<(), Refusal> {
        let wrong = |why: String| Refusal::from(Reason::Format(why));
        if let Some(path) = self.targets.keys().find(|path| !is_target_path(path)) {
            return Err(wrong(format!("`{}` is not a target path", path.escape_debug())));
        }
        if let Some(bins) = self.bins() {
            if self.delegations.as_ref().is_some_and(|it| it.roles.is_some()) {
                return Err(wrong("it delegates to `roles` and to `succinct_roles`".to_owned()));
            }
            bins.check()?;
        }
        let mut seen = BTreeSet::from(TOP_LEVEL_ROLES);
        for delegation in self.listed() {
            let name = &delegation.name;
            if !may_name_a_role(name) {
                return Err(wrong(format!("`{}` is not a role name", name.escape_debug())));
            }
            if !seen.insert(name) {
                return Err(wrong(format!("it delegates to `{name}`, which is a top-level role or was named before")));
            }
            listed(name, &delegation.keyids, delegation.threshold)?;
            if delegation.paths.is_some() == delegation.path_hash_prefixes.is_some() {
                return Err(wrong(format!("role `{name}` needs either `paths` or `path_hash_prefixes`")));
            }
        }
        Ok(())
    }
}

impl Document<Targets> {
    /// Whether `document` is that of a role this one delegates to: meant for it and signed by enough of its keys.
    pub fn check_delegated(&self, role: &str, document: &Document<Targets>) -> Result<(), Refusal> {
        let Some(signers) = self.signed().signers(role) else {
            return Err(Reason::Delegation(role.to_owned()).into());
        };
        signers.check(document)?;
        document.signed().check_role(role)
    }
}
