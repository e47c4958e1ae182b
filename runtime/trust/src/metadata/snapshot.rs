//! Which versions belong together: the snapshot lists the targets documents, the timestamp the snapshot (TUF 4.4, 4.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Document, Header, Metadata, Others};
use crate::{Refusal, digest::Digest, refusal::Reason};

/// The version of another document, and its length and digest if they are pinned too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Its version.
    pub version: u64,
    /// Its length in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Its digest.
    #[serde(default, rename = "hashes", skip_serializing_if = "Option::is_none", with = "pinned")]
    pub sha256: Option<Digest>,
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
            sha256: Some(document.digest()),
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
        if let Some(expected) = self.sha256 {
            let found = Digest::of(bytes);
            if found != expected {
                return Err(Reason::Mismatch { expected: expected.to_string(), found: found.to_string() }.into());
            }
        }
        Ok(())
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

/// Digests as TUF writes them, `{"sha256": …}`; other algorithms may stand beside it.
mod pinned {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

    use super::Digest;

    pub(super) fn serialize<S: Serializer>(digest: &Option<Digest>, serializer: S) -> Result<S::Ok, S::Error> {
        digest.map(|digest| BTreeMap::from([("sha256", digest)])).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Digest>, D::Error> {
        let hashes = BTreeMap::<String, String>::deserialize(deserializer)?;
        // A pin that cannot be checked is no pin: refused, not ignored.
        let text = hashes.get("sha256").ok_or_else(|| D::Error::custom("hashes without sha256"))?;
        text.parse().map(Some).map_err(D::Error::custom)
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
