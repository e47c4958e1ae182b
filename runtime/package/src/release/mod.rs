//! The signed documents about packages: the release, the publisher's keys, the brake, and where they lie in the targets.

mod brake;
mod choice;
mod keys;
mod leaf;
mod paths;
mod reason;
mod refusal;
pub mod rollout;

use std::collections::{BTreeMap, BTreeSet};

use guichet_contract::{AppId, Channel, Permission};
use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

pub use brake::Brake;
pub use choice::{Choice, MOST_BEFORE, choice};
pub use keys::{PublisherKey, PublisherKeys};
pub use leaf::LogLeaf;
pub use paths::{brake_path, keys_path, release_path};
pub use reason::{MOST_REASON, is_plain_reason, shown_reason};
pub use refusal::ReleaseRefusal;
pub use rollout::{Device, EVERYONE, Rollout};

use crate::{
    Platform, Refusal, VerifiedPackage, Version,
    document::{self, Document, DocumentFault, FORMAT},
};

/// Bytes that are named by digest and length: those of the decoded form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// The digest.
    pub sha256: Digest,
    /// The length, in bytes.
    pub length: u64,
}

/// What reviewers sign: one version of an app, on one channel, for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseDocument {
    /// 1.
    pub format: u32,
    /// The app.
    pub app_id: AppId,
    /// The line of releases.
    pub channel: Channel,
    /// Counts the releases of this channel, beginning at 1.
    pub sequence: u64,
    /// The lowest sequence that may still run.
    pub floor: u64,
    /// The version, as the statement has it.
    pub version: Version,
    /// The canonical `.ma` file.
    pub container: Blob,
    /// The statement in it.
    pub statement: Blob,
    /// The seals in it.
    pub seals: Blob,
    /// What was approved: nothing that the statement does not ask for.
    pub permissions: Vec<Permission>,
    /// The platform, as the statement has it.
    pub platform: Platform,
    /// The kinds of terminal it is for, such as `desktop`; empty for all.
    pub terminals: BTreeSet<String>,
    /// Who takes part.
    pub rollout: Rollout,
    /// The document of the release before, for terminals that the rollout leaves out; none where nothing is to be had in
    /// its place, as after a recall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Blob>,
    /// Bounds that a health watcher compares, by name; empty if nothing is watched.
    pub health: BTreeMap<String, u64>,
    /// Sequences of this channel that were recalled and must not run. With the document's own among them, none may.
    pub revoked: BTreeSet<u64>,
    /// Why, for the people at the devices: one plain paragraph of 1 to 500 characters. A recall has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Members that a reader must know or refuse the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_understand: Vec<String>,
}

impl Blob {
    /// These bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { sha256: Digest::of(bytes), length: bytes.len() as u64 }
    }

    /// Whether these are the bytes.
    pub fn is(&self, bytes: &[u8]) -> bool {
        *self == Self::of(bytes)
    }
}

impl ReleaseDocument {
    /// The release of a package to everyone, with all it asks for.
    pub fn of(package: &VerifiedPackage, channel: Channel, sequence: u64) -> Self {
        let statement = package.statement();
        Self {
            format: FORMAT,
            app_id: statement.app_id.clone(),
            channel,
            sequence,
            floor: 0,
            version: statement.version.clone(),
            container: package.file().container(),
            statement: Blob::of(package.contents().statement_bytes()),
            seals: Blob::of(package.contents().seals_bytes()),
            permissions: statement.permissions.clone(),
            platform: statement.platform.clone(),
            terminals: BTreeSet::new(),
            rollout: Rollout::default(),
            before: None,
            health: BTreeMap::new(),
            revoked: BTreeSet::new(),
            reason: None,
            must_understand: Vec::new(),
        }
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        document::to_bytes(self)
    }

    /// Reads a release document.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        document::parse(bytes)
    }

    /// Whether this document is no release but takes the app back until there is another: only what it names stays known.
    pub fn is_recall(&self) -> bool {
        self.revoked.contains(&self.sequence)
    }

    /// Whether it is for this kind of terminal.
    pub fn is_for(&self, terminal: &str) -> bool {
        self.terminals.is_empty() || self.terminals.contains(terminal)
    }

    /// Whether a release of this sequence may still run.
    pub fn allows(&self, sequence: u64) -> bool {
        sequence >= self.floor && !self.revoked.contains(&sequence)
    }
}

impl Document for ReleaseDocument {
    const NAME: &'static str = "the release document";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        let members = [
            (self.sequence > 0, "sequence", "above 0"),
            (self.floor <= self.sequence, "floor", "at most the sequence"),
            (self.version.code > 0, "version.code", "above 0"),
            (self.before.is_none() || self.sequence > 1, "before", "absent from a first release"),
            (self.reason.as_deref().is_none_or(is_plain_reason), "reason", "a plain paragraph of 1 to 500 characters"),
            (self.rollout.ceiling <= EVERYONE, "rollout.ceiling", "at most 10000 basis points"),
        ];
        match members.into_iter().find(|(good, ..)| !good) {
            Some((_, member, wanted)) => Err(DocumentFault::Invalid { member, wanted }),
            None => Ok(()),
        }
    }

    fn must_understand(&self) -> &[String] {
        &self.must_understand
    }
}
