//! Targets and delegations: which files a role vouches for, and to whom it hands a part of its paths (TUF 4.5).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Document, Header, Key, Metadata, Others, Signers, TOP_LEVEL_ROLES, is_role_name, is_target_path, listed, matches,
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
    /// Its digest.
    #[serde(rename = "hashes", with = "hashes")]
    pub sha256: Digest,
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
        Self { length: bytes.len() as u64, sha256: Digest::of(bytes), custom: None, others: Others::new() }
    }

    /// Where it lies below `/targets/`: `<folder>/<sha256>.<name>` (TUF 6.2.1).
    pub fn hashed_path(&self, path: &str) -> String {
        match path.rsplit_once('/') {
            Some((folder, name)) => format!("{folder}/{}.{name}", self.sha256),
            None => format!("{}.{path}", self.sha256),
        }
    }

    /// Whether `bytes` are this target (TUF 5.7.3).
    pub fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let found = bytes.len() as u64;
        if found != self.length {
            return Err(Reason::Length { allowed: self.length, found }.into());
        }
        let found = Digest::of(bytes);
        if found != self.sha256 {
            return Err(Reason::Mismatch { expected: self.sha256.to_string(), found: found.to_string() }.into());
        }
        Ok(())
    }
}

/// The keys and roles a document delegates to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegations {
    /// All keys by the name they have here.
    pub keys: BTreeMap<String, Key>,
    /// The roles, in the order they are to be asked.
    #[serde(default)]
    pub roles: Vec<Delegation>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
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
    /// The roles it delegates to, in the order they are to be asked.
    pub fn delegations(&self) -> &[Delegation] {
        self.delegations.as_ref().map_or(&[], |delegations| &delegations.roles)
    }

    /// Its delegation to `role`.
    pub fn delegation(&self, role: &str) -> Option<&Delegation> {
        self.delegations().iter().find(|delegation| delegation.name == role)
    }

    /// Who signs for a role it delegates to.
    pub fn signers(&self, role: &str) -> Option<Signers> {
        let delegation = self.delegation(role)?;
        let keys = &self.delegations.as_ref()?.keys;
        Some(Signers::new(&delegation.keyids, delegation.threshold, keys))
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
        let mut seen = BTreeSet::from(TOP_LEVEL_ROLES);
        for delegation in self.delegations() {
            let name = &delegation.name;
            if !is_role_name(name) {
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

/// Digests as TUF writes them, `{"sha256": …}`; other algorithms may stand beside it.
mod hashes {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::Digest;

    pub(super) fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        BTreeMap::from([("sha256", digest)]).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let hashes = BTreeMap::<String, String>::deserialize(deserializer)?;
        let text = hashes.get("sha256").ok_or_else(|| D::Error::custom("hashes without sha256"))?;
        text.parse().map_err(D::Error::custom)
    }
}
