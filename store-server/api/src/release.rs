//! What operators do about releases that are out already.

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
