//! Who takes part in a release, decided by the device from signed documents and its own id; nobody is asked.

use std::collections::BTreeSet;

use guichet_contract::AppId;
use guichet_trust::digest::Hasher;
use serde::{Deserialize, Serialize};

use super::{Brake, ReleaseDocument};

/// All of them, in basis points.
pub const EVERYONE: u16 = 10_000;

/// `rollout` of a release document. Each member only narrows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// How many of 10 000 take part.
    pub ceiling: u16,
    /// The groups of terminals that take part; empty for all.
    pub groups: BTreeSet<String>,
    /// When it begins, in milliseconds since 1970.
    pub start: u64,
}

impl Default for Rollout {
    fn default() -> Self {
        Self { ceiling: EVERYONE, groups: BTreeSet::new(), start: 0 }
    }
}

/// What a device knows of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device<'a> {
    /// Its id; one without takes part only where everyone does.
    pub id: Option<&'a str>,
    /// The kind of terminal, such as `desktop`.
    pub terminal: &'a str,
    /// The groups its owner put it in.
    pub groups: &'a [String],
    /// Its time, in milliseconds since 1970.
    pub now_ms: u64,
}

/// The bucket of a device for one release: below 10 000, spread evenly, and another for every release.
pub fn bucket(app_id: &AppId, sequence: u64, device_id: &str) -> u16 {
    let mut hasher = Hasher::new();
    hasher.update(b"guichet rollout v1\0");
    hasher.update(app_id.as_str().as_bytes());
    hasher.update(&[0]);
    hasher.update(&sequence.to_le_bytes());
    hasher.update(device_id.as_bytes());
    let digest = hasher.finish();
    let [a, b, c, d, ..] = *digest.as_bytes();
    (u32::from_be_bytes([a, b, c, d]) % u32::from(EVERYONE)) as u16
}

/// Whether a device takes part: the stricter of release and brake.
///
/// A brake speaks about the releases up to its sequence, so that a release made after it is not held by it.
pub fn takes_part(release: &ReleaseDocument, brake: Option<&Brake>, device: &Device<'_>) -> bool {
    let brake = brake.filter(|brake| brake.speaks_about(release));
    let rollout = &release.rollout;
    let is_group = rollout.groups.is_empty() || device.groups.iter().any(|group| rollout.groups.contains(group));
    if release.is_recall()
        || brake.is_some_and(|brake| brake.halts(release.sequence))
        || !release.is_for(device.terminal)
        || !is_group
        || device.now_ms < rollout.start
    {
        return false;
    }
    let ceiling = brake.map_or(rollout.ceiling, |brake| rollout.ceiling.min(brake.ceiling_of(release.sequence)));
    match device.id {
        Some(id) => bucket(&release.app_id, release.sequence, id) < ceiling,
        None => ceiling >= EVERYONE,
    }
}
