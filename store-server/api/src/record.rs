//! The record of who did what.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One entry of the record. Its hash covers all other members, so that a row of entries can be checked by whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// From 0, without gaps.
    pub position: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Who, by id; none for a command at the store itself.
    pub person: Option<String>,
    /// Who, by the name they had.
    pub name: String,
    /// What.
    pub deed: String,
    /// To what.
    pub about: String,
    /// Whose it is; none is the store's own.
    pub department: Option<String>,
    /// Whether it was done.
    pub outcome: AuditOutcome,
    /// Why: in somebody's words, or the class of the refusal.
    pub why: Option<String>,
    /// How it was.
    pub before: Option<String>,
    /// How it is now.
    pub after: Option<String>,
    /// The hash of the entry before.
    pub previous: String,
    /// The hash of this one.
    pub hash: String,
}

/// Whether it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuditOutcome {
    /// It was.
    Done,
    /// It was refused.
    Denied,
}

/// Entries, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditList {
    /// What the asker may read.
    pub items: Vec<AuditEntry>,
}
