//! Which versions belong together: the snapshot lists the targets documents, the timestamp the snapshot (TUF 4.4, 4.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Document, Hashes, Header, Metadata, Others};
use crate::{Refusal, refusal::Reason};

/// The version of another document, and its length and digest if they are pinned too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Its version.
    pub version: u64,
    /// Its length in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Its digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashes: Option<Hashes>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl Pin {
    /// Pins a document fully.
    pub fn of<T: Metadata>(document: &Document<T>) -> Self {
        Self {
            version: document.version(),
            length: Some(document.bytes().len() as u64),
            hashes: Some(Hashes::of(document.bytes())),
            others: Others::new(),
        }
    }

    /// Whether `bytes` are those that were pinned; the version is checked when they are read (TUF 5.5.2, 5.6.2).
    pub fn check_bytes(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let found = bytes.len() as u64;
        if let Some(allowed) = self.length
            && found != allowed
        {
            return Err(Reason::Length { allowed, found }.into());
        }
        self.hashes.as_ref().map_or(Ok(()), |hashes| hashes.check(bytes))
    }

    /// Whether `document` is of the version that was pinned (TUF 5.5.4, 5.6.4).
    pub fn check_version<T: Metadata>(&self, document: &Document<T>) -> Result<(), Refusal> {
        if document.version() == self.version {
            Ok(())
        } else {
            Err(Reason::Version { expected: self.version, found: document.version() }.into())
        }
    }
}

/// Lists the version of every targets document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Type, version and expiry.
    #[serde(flatten)]
    pub header: Header,
    /// Documents by name, such as `targets.json`.
    pub meta: BTreeMap<String, Pin>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl Snapshot {
    /// What is pinned for a role.
    pub fn pin(&self, role: &str) -> Option<&Pin> {
        self.meta.get(&format!("{role}.json"))
    }
}

impl Metadata for Snapshot {
    const TYPE: &'static str = "snapshot";

    fn header(&self) -> &Header {
        &self.header
    }

    fn header_mut(&mut self) -> &mut Header {
        &mut self.header
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.pin("targets").is_none() {
            return Err(Reason::Format("it does not list `targets.json`".to_owned()).into());
        }
        versions(&self.meta)
    }
}

/// Names the current snapshot; signed anew often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timestamp {
    /// Type, version and expiry.
    #[serde(flatten)]
    pub header: Header,
    /// Only `snapshot.json`.
    pub meta: BTreeMap<String, Pin>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl Timestamp {
    /// What is pinned for the snapshot.
    pub fn snapshot(&self) -> Option<&Pin> {
        self.meta.get("snapshot.json")
    }
}

impl Metadata for Timestamp {
    const TYPE: &'static str = "timestamp";

    fn header(&self) -> &Header {
        &self.header
    }

    fn header_mut(&mut self) -> &mut Header {
        &mut self.header
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.meta.len() != 1 || self.snapshot().is_none() {
            return Err(Reason::Format("it does not list `snapshot.json` alone".to_owned()).into());
        }
        versions(&self.meta)
    }
}

fn versions(meta: &BTreeMap<String, Pin>) -> Result<(), Refusal> {
    match meta.iter().find(|(_, pin)| pin.version == 0) {
        Some((name, _)) => Err(Reason::Format(format!("it lists version 0 of `{name}`")).into()),
        None => Ok(()),
    }
}
