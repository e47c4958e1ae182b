//! What operators do about releases that are out already.

use std::collections::BTreeSet;

use guichet_contract::{AppId, Channel};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why an operator stops or takes back a release, for the people at the devices and in the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopReason {
    /// In the operator's words, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Why halted releases go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResumeReason {
    /// In somebody's words, 1 to 500 characters; clients of before say none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

/// Going back to the contents of an earlier release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revert {
    /// The sequence of the release to go back to.
    #[serde(deserialize_with = "crate::whole::number")]
    pub to: u64,
    /// Why, in 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// How far a release is let out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// How many of 10 000 terminals may take part; 0 for none yet.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(maximum = 10000)]
    pub ceiling: u16,
    /// Why, in 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Who tries a draft out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// People of this store, by name; nobody ends the trial.
    pub testers: Vec<String>,
}

/// How a release is to begin once it is approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beginning {
    /// How many of 10 000 terminals take part at first; 0 holds it until somebody lets it out. None: everyone.
    #[serde(default, deserialize_with = "crate::whole::maybe", skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 10000)]
    pub ceiling: Option<u16>,
    /// Not before this time, in milliseconds since 1970. None: at once.
    #[serde(default, deserialize_with = "crate::whole::maybe", skip_serializing_if = "Option::is_none")]
    pub not_before_ms: Option<u64>,
    /// The groups of terminals it is for; empty for all. Reviewers sign them.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 32)]
    pub groups: BTreeSet<String>,
}

/// How far an operator's word reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reach {
    /// The app.
    #[schema(value_type = String)]
    pub app_id: AppId,
    /// The channel.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// The last release it is about.
    pub sequence: u64,
}
