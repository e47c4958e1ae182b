//! Keys as metadata lists them, and the signers of a role: who must sign, and how many of them did.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Document, Others};
use crate::{
    Refusal,
    refusal::Reason,
    sign::{KeyId, ListedKey, PublicKey},
};

/// A public key (TUF 4.2); of a type that is not known here it is kept, and counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The signature system, such as `ed25519`.
    pub keytype: String,
    /// The way it is used, such as `ed25519`.
    pub scheme: String,
    /// The key itself.
    pub keyval: KeyValue,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

/// The public part of a [`Key`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyValue {
    /// For Ed25519, 64 hexadecimal digits; for ECDSA and RSA, PEM.
    pub public: String,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl Key {
    /// `key` as metadata lists it.
    pub fn of(key: &PublicKey) -> Self {
        Self {
            keytype: "ed25519".to_owned(),
            scheme: "ed25519".to_owned(),
            keyval: KeyValue { public: hex::encode(key.to_bytes()), others: Others::new() },
            others: Others::new(),
        }
    }

    /// The key, if it is of a known type and fit to verify with.
    pub fn public(&self) -> Option<ListedKey> {
        ListedKey::read(&self.keytype, &self.scheme, &self.keyval.public)
    }
}

/// The key ids of a role and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleKeys {
    /// Names of keys in the same document.
    pub keyids: Vec<String>,
    /// Signatures by this many different keys are required.
    pub threshold: u64,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

/// Who may sign for a role, and how many of them must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signers {
    threshold: u64,
    keys: BTreeMap<String, ListedKey>,
}

impl Signers {
    pub(crate) fn new(keyids: &[String], threshold: u64, keys: &BTreeMap<String, Key>) -> Self {
        let known = keyids.iter().filter_map(|id| Some((id.clone(), keys.get(id)?.public()?))).collect();
        Self { threshold, keys: known }
    }

    /// How many different keys must sign.
    pub fn threshold(&self) -> u64 {
        self.threshold
    }

    /// The keys that may sign.
    pub fn keys(&self) -> BTreeSet<KeyId> {
        self.keys.values().map(ListedKey::id).collect()
    }

    /// The keys of this role that did sign `document`: distinct keys, whatever ids they are listed under.
    pub fn signed<T>(&self, document: &Document<T>) -> BTreeSet<KeyId> {
        let signing = document.signatures().iter().filter_map(|entry| {
            let key = self.keys.get(&entry.keyid)?;
            key.signed(document.canonical(), &entry.sig).then(|| key.id())
        });
        signing.collect()
    }

    /// Whether enough of them signed `document` (TUF 5.3.4, 5.4.2, 5.5.3, 5.6.3).
    pub fn check<T>(&self, document: &Document<T>) -> Result<(), Refusal> {
        let valid = self.signed(document).len();
        if self.threshold > 0 && valid as u64 >= self.threshold {
            Ok(())
        } else {
            Err(Reason::Threshold { valid, threshold: self.threshold }.into())
        }
    }
}

/// Refuses a role with no threshold or with a key id listed twice (TUF 4.3).
pub(crate) fn listed(role: &str, keyids: &[String], threshold: u64) -> Result<(), Reason> {
    if threshold == 0 {
        return Err(Reason::Format(format!("role `{role}` has the threshold 0")));
    }
    let mut seen = BTreeSet::new();
    match keyids.iter().find(|id| !seen.insert(*id)) {
        Some(id) => Err(Reason::Format(format!("role `{role}` lists key {id} twice"))),
        None => Ok(()),
    }
}
