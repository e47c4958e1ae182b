//! The brake: a document under an online key that can only lower a rollout or halt it.

use std::collections::BTreeMap;

use guichet_contract::{AppId, Channel};
use serde::{Deserialize, Serialize};

use super::{EVERYONE, ReleaseDocument};
use crate::{
    Refusal,
    document::{self, Document, DocumentFault, FORMAT},
};

/// What an operator, or the health watcher, says about the releases of one channel up to a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// 1.
    pub format: u32,
    /// The app.
    pub app_id: AppId,
    /// The line of releases.
    pub channel: Channel,
    /// The last release it speaks about.
    pub sequence: u64,
    /// How many of 10 000 may take part at most.
    pub ceiling: u16,
    /// How many at most of the releases before its own, by sequence: of one that is not named, all; without this member,
    /// as many as of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<BTreeMap<u64, u16>>,
    /// Whether nobody may take part in its own release; without `earlier`, nor in those before it.
    pub halted: bool,
    /// Why, for people.
    pub reason: String,
}

impl Brake {
    /// Halts a release and, unless something is said about them, those before it.
    pub fn halt(release: &ReleaseDocument, reason: &str) -> Self {
        Self { ceiling: 0, halted: true, ..Self::lower(release, 0, reason) }
    }

    /// Lowers the rollout of a release and those before it.
    pub fn lower(release: &ReleaseDocument, ceiling: u16, reason: &str) -> Self {
        Self {
            format: FORMAT,
            app_id: release.app_id.clone(),
            channel: release.channel.clone(),
            sequence: release.sequence,
            ceiling: ceiling.min(EVERYONE),
            earlier: None,
            halted: false,
            reason: reason.to_owned(),
        }
    }

    /// The same, with what was said about the releases before.
    #[must_use]
    pub fn over(self, earlier: BTreeMap<u64, u16>) -> Self {
        Self { earlier: Some(earlier), ..self }
    }

    /// How many of 10 000 may take part at most in a release that it speaks about.
    pub fn ceiling_of(&self, sequence: u64) -> u16 {
        match &self.earlier {
            Some(earlier) if sequence < self.sequence => earlier.get(&sequence).copied().unwrap_or(EVERYONE),
            _ => self.ceiling,
        }
    }

    /// Whether it keeps everybody from a release of its app and channel.
    pub fn halts(&self, sequence: u64) -> bool {
        self.halted && (sequence == self.sequence || sequence < self.sequence && self.earlier.is_none())
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        document::to_bytes(self)
    }

    /// Reads a brake.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        document::parse(bytes)
    }

    pub(super) fn speaks_about(&self, release: &ReleaseDocument) -> bool {
        self.app_id == release.app_id && self.channel == release.channel && release.sequence <= self.sequence
    }
}

impl Document for Brake {
    const NAME: &'static str = "the brake";

    fn format(&self) -> u32 {
        self.format
    }

    fn check(&self) -> Result<(), DocumentFault> {
        if self.ceiling > EVERYONE {
            return Err(DocumentFault::Invalid { member: "ceiling", wanted: "at most 10000 basis points" });
        }
        let mut earlier = self.earlier.iter().flatten();
        if earlier.any(|(sequence, ceiling)| *sequence >= self.sequence || *ceiling > EVERYONE) {
            return Err(DocumentFault::Invalid { member: "earlier", wanted: "at most 10000 for lower sequences" });
        }
        Ok(())
    }
}
