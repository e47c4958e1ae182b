//! The keys a department may seal with, listed by the security office.

use std::collections::{BTreeMap, BTreeSet};

use guichet_contract::{AppId, Department};
use guichet_trust::{canonical, sign::PublicKey};
use serde::{Deserialize, Serialize};

use crate::{
    Refusal,
    document::{self, Document, DocumentFault, FORMAT},
};

/// A department: its names, its prefixes and its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublisherKeys {
    /// 1.
    pub format: u32,
    /// The department's id.
    pub department: Department,
    /// Its name by language, such as `zh-Hans` and `en`.
    pub name: BTreeMap<String, String>,
    /// Its app ids are these or lie under these.
    pub prefixes: Vec<AppId>,
    /// Its keys; a revoked one stays listed, so that its seals are known to be refused.
    pub keys: Vec<PublisherKey>,
}

/// One key of a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublisherKey {
    /// The key.
    pub key: PublicKey,
    /// The first position of the log at which a first release sealed by it may lie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// The last such position: rotation does not undo what a key sealed while valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// Whether nothing sealed by it is accepted any more.
    pub revoked: bool,
}

impl PublisherKeys {
    /// A department without keys.
    pub fn new(department: Department, name: BTreeMap<String, String>, prefixes: Vec<AppId>) -> Self {
        Self { format: FORMAT, department, name, prefixes, keys: Vec::new() }
    }

    /// Lists a key; one that is listed is left as it is.
    pub fn add(&mut self, key: PublicKey) {
        if !self.keys.iter().any(|listed| listed.key == key) {
            self.keys.push(PublisherKey { key, from: None, to: None, revoked: false });
        }
    }

    /// Revokes a key, and says whether it was listed.
    pub fn revoke(&mut self, key: &PublicKey) -> bool {
        let listed = self.keys.iter_mut().find(|listed| listed.key == *key);
        listed.map(|listed| listed.revoked = true).is_some()
    }

    /// Whether an app id is the department's.
    pub fn owns(&self, app_id: &AppId) -> bool {
        self.prefixes.iter().any(|prefix| app_id.is_under(prefix))
    }

    /// The department's name in a language, or in any.
    pub fn name_in(&self, lang: &str) -> &str {
        let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
        let near = || self.name.iter().find(|(tag, _)| primary(tag) == primary(lang)).map(|(_, name)| name);
        let name = self.name.get(lang).or_else(near).or_else(|| self.name.values().next());
        name.map_or(self.department.as_str(), String::as_str)
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        document::to_bytes(self)
    }

    /// Reads a department's keys. One that must not be listed is called by its own class.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        document::parse(bytes).map_err(|refusal| refused_key(bytes).unwrap_or(refusal))
    }
}

fn refused_key(bytes: &[u8]) -> Option<Refusal> {
    let document = canonical::parse(bytes).ok()?;
    let keys = document.get("keys")?.as_array()?;
    keys.iter().enumerate().find_map(|(index, listed)| {
        let refusal = listed.get("key")?.as_str()?.parse::<PublicKey>().err()?;
        Some(document::refuse::<PublisherKeys>(DocumentFault::Json(refusal.at(format!("/keys/{index}/key")))))
    })
}

impl Document for PublisherKeys {
    const NAME: &'static str = "the list of publisher keys";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        let keys: BTreeSet<_> = self.keys.iter().map(|listed| listed.key).collect();
        if keys.len() != self.keys.len() {
            return Err(DocumentFault::Invalid { member: "keys", wanted: "a list without a key twice" });
        }
        Ok(())
    }
}
