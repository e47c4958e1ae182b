//! An app's releases on one channel, as operators look at them.

use guichet_contract::{AppId, Channel, Department};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use std::collections::BTreeMap;

use crate::{SubmissionKind, SubmissionState, Version};

/// One release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Release {
    /// Its number, counted within app and channel.
    pub sequence: u64,
    /// The submission that it was.
    pub submission: String,
    /// What it handed in.
    #[serde(deserialize_with = "crate::submission::kind")]
    pub kind: SubmissionKind,
    /// The version.
    pub version: Version,
    /// How it stands.
    #[serde(deserialize_with = "crate::submission::state")]
    pub state: SubmissionState,
    /// When it was logged, in milliseconds since 1970.
    pub released_at_ms: u64,
}

/// An app's channel: what is out, and how far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseLine {
    /// The app.
    #[schema(value_type = String)]
    pub app_id: AppId,
    /// The channel.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// The department that releases it.
    #[schema(value_type = String)]
    pub department: Department,
    /// The app's name by language tag; the manifest's own under `default`.
    pub names: BTreeMap<String, String>,
    /// The newest release.
    pub newest: Release,
    /// How many of 10 000 terminals its reviewers allow.
    pub most: u16,
    /// How many of 10 000 it was let out to; a halt changes nothing about it.
    pub reached: u16,
    /// Whether it is halted.
    pub halted: bool,
}

/// The same with its past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseLineDetail {
    /// What the list shows.
    #[serde(flatten)]
    pub line: ReleaseLine,
    /// Every release, newest first.
    pub releases: Vec<Release>,
    /// What was done about them, newest first.
    pub acts: Vec<ReleaseAct>,
}

/// Something that was done about a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseAct {
    /// About which release, and those before it.
    pub sequence: u64,
    /// Whether it was halted.
    pub halted: bool,
    /// How many of 10 000 may take part since; none for a halt, and for what went on as far as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<u16>,
    /// Why, in somebody's words.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// What is out, by app and channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseLineList {
    /// What the asker may see.
    pub items: Vec<ReleaseLine>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_release_of_a_newer_store_is_read() {
        let release = json!({
            "sequence": 1, "submission": "0190", "kind": "split", "version": { "code": 2, "name": "2.0.0" },
            "state": "embalmed", "released_at_ms": 0,
        });
        let release: Release = serde_json::from_value(release).unwrap();
        assert_eq!((release.kind, release.state), (SubmissionKind::Unknown, SubmissionState::Unknown));
    }
}
