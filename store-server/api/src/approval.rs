//! What a reviewer decides, and with which signatures.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The role documents that a reviewer's machine has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// One document for every role the proposal still needs signatures of.
    pub documents: Vec<SignedDocument>,
}

/// One role's document, signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedDocument {
    /// The role, such as `residence` or `residence-wide`.
    pub role: String,
    /// The document exactly as it is to be published: `{"signed":{…},"signatures":[…]}`.
    pub document: String,
}

/// What a reviewer wants changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusalReason {
    /// What the publisher is to change, in the reviewer's words.
    pub reason: String,
}
