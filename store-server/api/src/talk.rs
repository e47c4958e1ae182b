//! What people do and say before they decide.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who has taken a submission on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// Their name; none if nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Since when, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
}

/// Something to say about a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// The words, 1 to 2 000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// By whom.
    pub by: String,
    /// Their role now.
    pub role: String,
    /// The words.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// A conversation, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageList {
    /// What was said.
    pub items: Vec<Message>,
}

/// Why a submission is held aside, or let go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// In the reviewer's words, 1 to 2 000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}
