//! Seals: a publisher's signatures over a statement.

use guichet_trust::sign::{KeyId, Message, PublicKey, Purpose, SecretKey, Signature};
use serde::{Deserialize, Serialize};

use crate::{
    Limits, Refusal,
    document::{self, Document, DocumentFault, FORMAT},
    refusal::Words,
    release::PublisherKeys,
};

/// The most seals one package has: the keys of a rotation and of several people.
const MOST: usize = 16;

/// The seals of one package, sorted by key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seals {
    /// 1.
    pub format: u32,
    /// One seal for each key.
    pub seals: Vec<Seal>,
}

/// One signature over the statement's bytes. The algorithm is that of the listed key, never one the seal names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The id of the publisher's key.
    pub key: KeyId,
    /// Its signature for [`Purpose::Statement`].
    pub signature: Signature,
}

/// A seal does not prove that a publisher made the package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub enum SealRefusal {
    /// Nobody sealed the package.
    Missing,
    /// No seal is by a key that is listed for the department.
    UnknownPublisher {
        /// The department's id.
        department: String,
        /// The keys that sealed it.
        keys: Vec<KeyId>,
    },
    /// The key was revoked.
    RevokedKey {
        /// The key.
        key: KeyId,
    },
    /// The signature was not made over this statement by this key.
    BadSignature {
        /// The key.
        key: KeyId,
    },
    /// The app id is not under a prefix of the department.
    ForeignAppId {
        /// The app id.
        app_id: String,
        /// The department's id.
        department: String,
        /// Its prefixes.
        prefixes: Vec<String>,
    },
}

impl Seals {
    /// Seals a statement's bytes with each of the keys.
    pub fn make(statement: &[u8], keys: &[&SecretKey]) -> Self {
        let mut seals = Self { format: FORMAT, seals: Vec::new() };
        for key in keys {
            seals.add(statement, key);
        }
        seals
    }

    /// Adds a seal by another key; a key's earlier seal is replaced.
    pub fn add(&mut self, statement: &[u8], key: &SecretKey) {
        self.put(Seal { key: key.public().id(), signature: key.sign(Purpose::Statement, statement) });
    }

    /// What a publisher signs; the key may be one that this program never sees.
    pub fn message(statement: &[u8]) -> Message {
        Purpose::Statement.message(statement)
    }

    /// As [`Self::add`], with a signature that was made elsewhere; one that is not good is refused.
    pub fn attach(&mut self, statement: &[u8], key: &PublicKey, signature: Signature) -> Result<(), SealRefusal> {
        if key.check(&Self::message(statement), &signature).is_err() {
            return Err(SealRefusal::BadSignature { key: key.id() });
        }
        self.put(Seal { key: key.id(), signature });
        Ok(())
    }

    fn put(&mut self, seal: Seal) {
        match self.seals.binary_search_by_key(&seal.key, |seal| seal.key) {
            Ok(at) => self.seals[at] = seal,
            Err(at) => self.seals.insert(at, seal),
        }
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        document::to_bytes(self)
    }

    /// Reads seals; whether they are good is judged with [`PublisherKeys`].
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        if bytes.len() as u64 > limits.seals_bytes {
            return Err(document::refuse::<Self>(DocumentFault::TooLarge { most: limits.seals_bytes }));
        }
        document::parse(bytes)
    }

    /// Judges the seals over a statement's bytes: one at least by a listed key that is not revoked, and none by a listed
    /// key that is wrong.
    pub(crate) fn verify(&self, statement: &[u8], keys: &PublisherKeys) -> Result<KeyId, SealRefusal> {
        let mut sealed_by = None;
        let mut revoked = None;
        for seal in &self.seals {
            let Some(listed) = keys.keys.iter().find(|listed| listed.key.id() == seal.key) else { continue };
            if listed.key.verify(Purpose::Statement, statement, &seal.signature).is_err() {
                return Err(SealRefusal::BadSignature { key: seal.key });
            }
            let found = if listed.revoked { &mut revoked } else { &mut sealed_by };
            found.get_or_insert(seal.key);
        }
        sealed_by.ok_or_else(|| match revoked {
            Some(key) => SealRefusal::RevokedKey { key },
            None => SealRefusal::UnknownPublisher {
                department: keys.department.to_string(),
                keys: self.seals.iter().map(|seal| seal.key).collect(),
            },
        })
    }
}

impl Document for Seals {
    const NAME: &'static str = "the list of seals";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        let is_list = (1..=MOST).contains(&self.seals.len()) && self.seals.is_sorted_by(|one, next| one.key < next.key);
        if is_list {
            Ok(())
        } else {
            Err(DocumentFault::Invalid { member: "seals", wanted: "1 to 16 seals sorted by key" })
        }
    }
}

impl SealRefusal {
    pub(crate) fn words(&self) -> Words {
        match self {
            Self::Missing => Words::new(
                "seal/missing",
                "the package is not sealed",
                "seal it with your publisher key: guichet seal --key FILE PACKAGE",
            ),
            Self::UnknownPublisher { department, keys } => Words::new(
                "seal/unknown-publisher",
                format!("no key of the department `{department}` sealed this package"),
                "ask the security office to list the key: guichet-store keys publisher add",
            )
            .at(format!("key {}", keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))),
            Self::RevokedKey { key } => Words::new(
                "seal/revoked-key",
                "the key that sealed this package was revoked",
                "seal the package again with a key that is listed, and publish it again",
            )
            .at(format!("key {key}")),
            Self::BadSignature { key } => Words::new(
                "seal/bad-signature",
                "the seal was not made over these contents",
                "the package was altered after it was sealed: build and seal it again",
            )
            .at(format!("key {key}")),
            Self::ForeignAppId { app_id, department, prefixes } => Words::new(
                "seal/foreign-app-id",
                format!("the app id `{app_id}` does not belong to the department `{department}`"),
                format!("use an app id under {}", prefixes.join(" or ")),
            )
            .at("app_id"),
        }
    }
}
