//! Which deltas lead to a release: a hint beside the static files, signed by nobody.

use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

use super::Coding;
use crate::FORMAT;

/// `/delta/<sha256 of the result>.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeltaIndex {
    /// 1.
    pub format: u32,
    /// The deltas, in any order.
    pub deltas: Vec<DeltaEntry>,
}

/// One delta: `/delta/<dictionary>/<result>.<coding>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeltaEntry {
    /// The container it is made from.
    pub dictionary: Digest,
    /// Its coding; a reader passes over one that it does not know.
    pub coding: String,
    /// The bytes to fetch.
    pub length: u64,
}

impl DeltaIndex {
    /// The most bytes a reader takes.
    pub const MOST_BYTES: u64 = 64 << 10;

    /// An index of these deltas.
    pub fn new(deltas: Vec<DeltaEntry>) -> Self {
        Self { format: FORMAT, deltas }
    }

    /// Reads an index. One that cannot be read lists nothing.
    pub fn parse(bytes: &[u8]) -> Self {
        let index = serde_json::from_slice(bytes).ok().filter(|index: &Self| index.format == FORMAT);
        index.unwrap_or_else(|| Self::new(Vec::new()))
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The smallest delta from one of these containers in one of these codings.
    pub fn smallest(&self, dictionaries: &[Digest], codings: &[Coding]) -> Option<(Digest, Coding, u64)> {
        let usable = self.deltas.iter().filter_map(|entry| {
            let coding = entry.coding.parse().ok().filter(|coding| codings.contains(coding))?;
            dictionaries.contains(&entry.dictionary).then_some((entry.dictionary, coding, entry.length))
        });
        usable.min_by_key(|(.., length)| *length)
    }
}
