//! The leaf of the transparency log: what the store says, for everybody to see and for good, about one approved release.

use std::collections::{BTreeMap, BTreeSet};

use guichet_contract::{AppId, Channel, Department};
use guichet_trust::{digest::Digest, sign::KeyId};
use serde::{Deserialize, Serialize};

use super::{ReleaseDocument, ReleaseRefusal};
use crate::{
    Refusal, Version,
    document::{self, Document, DocumentFault, FORMAT},
};

/// One release in the log. A device compares it with the release; a department's monitor reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLeaf {
    /// 1.
    pub format: u32,
    /// Who publishes the app.
    pub department: Department,
    /// The app.
    pub app_id: AppId,
    /// The line of releases.
    pub channel: Channel,
    /// Its number on this line.
    pub sequence: u64,
    /// The version.
    pub version: Version,
    /// The digest of the release document.
    pub release: Digest,
    /// The digest of the canonical `.ma` file.
    pub container: Digest,
    /// The digest of its statement.
    pub statement: Digest,
    /// The digest of its seals.
    pub seals: Digest,
    /// The keys that sealed it.
    pub publishers: BTreeSet<KeyId>,
    /// The keys whose signatures approved it.
    pub approvals: BTreeSet<KeyId>,
    /// The documents that list it: each role with its version.
    pub roles: BTreeMap<String, u64>,
}

impl LogLeaf {
    /// The leaf of the release with this document, by nobody and listed nowhere yet.
    pub fn of(department: &Department, document: &[u8]) -> Result<Self, Refusal> {
        let release = ReleaseDocument::parse(document)?;
        Ok(Self {
            format: FORMAT,
            department: department.clone(),
            app_id: release.app_id,
            channel: release.channel,
            sequence: release.sequence,
            version: release.version,
            release: Digest::of(document),
            container: release.container.sha256,
            statement: release.statement.sha256,
            seals: release.seals.sha256,
            publishers: BTreeSet::new(),
            approvals: BTreeSet::new(),
            roles: BTreeMap::new(),
        })
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        document::to_bytes(self)
    }

    /// Reads a leaf.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        document::parse(bytes)
    }

    /// Refuses a leaf that is not about this release, whose document has these bytes. Each member a monitor goes by is
    /// compared, so that a leaf cannot call a release by another name.
    pub fn is_about(&self, department: &Department, release: &ReleaseDocument, bytes: &[u8]) -> Result<(), Refusal> {
        let members = [
            ("release", self.release == Digest::of(bytes)),
            ("department", self.department == *department),
            ("app_id", self.app_id == release.app_id),
            ("channel", self.channel == release.channel),
            ("sequence", self.sequence == release.sequence),
            ("version", self.version == release.version),
            ("container", self.container == release.container.sha256),
            ("statement", self.statement == release.statement.sha256),
            ("seals", self.seals == release.seals.sha256),
        ];
        match members.into_iter().find(|(_, is_same)| !is_same) {
            Some((member, _)) => Err(ReleaseRefusal::OtherLeaf { member }.into()),
            None => Ok(()),
        }
    }
}

impl Document for LogLeaf {
    const NAME: &'static str = "the log's leaf";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        if self.sequence == 0 {
            return Err(DocumentFault::Invalid { member: "sequence", wanted: "above 0" });
        }
        Ok(())
    }
}
