//! What a reviewer's machine needs to sign a release, and to check by itself what it signs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::SignedDocument;

/// The release that approving would make.
///
/// Nothing here is to be believed: the reviewer's machine verifies `trust` from its own root, `roles[].current` under
/// that, and the release document against the package it downloaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Proposal {
    /// The submission's id.
    pub submission: String,
    /// The release document, canonical JSON.
    pub release_document: String,
    /// The target path it is to be listed under, such as `apps/residence/gov.example.permit/stable.json`.
    pub target_path: String,
    /// The roles that must list it, in the order to sign them.
    pub roles: Vec<ProposalRole>,
    /// Documents of the department's roles that are signed and not published yet, because the log's witnesses have not
    /// seen their releases: what is signed now follows them.
    #[serde(default)]
    pub waiting: Vec<SignedDocument>,
    /// The metadata above those roles.
    pub trust: ProposalTrust,
}

/// One role that must list the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposalRole {
    /// The role, such as `residence-wide`.
    pub role: String,
    /// How many different keys must have signed.
    pub threshold: u32,
    /// The ids of the keys that may sign.
    pub keys: Vec<String>,
    /// The ids of the keys that have signed `document` already; empty when there is none.
    pub signed_by: Vec<String>,
    /// The document another reviewer has already signed: add a signature to these very bytes.
    pub document: Option<String>,
    /// The role's present document, to be followed by the next version; `None` before the first.
    pub current: Option<String>,
    /// The version the next document must have.
    pub next_version: u64,
}

/// The metadata that says who may sign, as it is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProposalTrust {
    /// Every root document from version 1 on.
    pub roots: Vec<String>,
    /// The top-level targets document.
    pub targets: String,
}
