//! What terminals of halls and the store say to each other. What a terminal says, it signs with its own key.
//!
//! Signed texts are canonical JSON (RFC 8785): they are verified first and parsed after. Purposes: `enrolment`, `session`.

use std::collections::BTreeMap;

use guichet_contract::AppId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most bytes of an enrolment or a report.
pub const MOST_REPORT_BYTES: usize = 64 << 10;
/// Most bytes of a picture, as PNG.
pub const MOST_PICTURE_BYTES: usize = 4 << 20;

/// A terminal asks to be known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// 1.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 1, maximum = 1)]
    pub format: u32,
    /// The canonical JSON of an [`EnrolmentProof`].
    #[schema(max_length = 4096)]
    pub proof: String,
    /// Its signature for purpose `enrolment`, by the key it names: 128 hexadecimal digits.
    #[schema(max_length = 128)]
    pub signature: String,
}

/// What a terminal signs to enrol: the code was typed here, for this store, and the key is its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentProof {
    /// The code, without its dashes.
    pub code: String,
    /// The terminal's public key: `ed25519:…`.
    pub key: String,
    /// The store's address.
    pub store: String,
}

/// What a terminal is given when it enrols.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Enrolled {
    /// The terminal's id, a UUID.
    pub terminal: String,
    /// The store's `guichet.trust.json`, as text.
    pub trust: String,
    /// The key that its policies are signed with: `ed25519:…`.
    pub operator_key: String,
    /// Its signed policy, as text.
    pub policy: String,
}

/// What a terminal tells, with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedReport {
    /// 1.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 1, maximum = 1)]
    pub format: u32,
    /// The canonical JSON of the report.
    #[schema(max_length = 65536)]
    pub report: String,
    /// Its signature for purpose `session`, by the terminal's key: 128 hexadecimal digits.
    #[schema(max_length = 128)]
    pub signature: String,
}

/// How a terminal is. Nothing in it is about a citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalReport {
    /// The terminal's id.
    pub terminal: String,
    /// Higher than in everything it has told before.
    pub sequence: u64,
    /// What its clock shows, in milliseconds since 1970.
    pub at_ms: u64,
    /// The version of its programs.
    pub version: String,
    /// For how long its program has run, in seconds.
    pub uptime_seconds: u64,
    /// The policy it obeys; 0: none.
    pub policy_sequence: u64,
    /// The apps it has and their releases.
    pub apps: BTreeMap<AppId, u64>,
    /// Its parts.
    pub parts: Vec<PartReport>,
    /// What went wrong lately: how often each class.
    pub errors: BTreeMap<String, u32>,
}

/// How one part of a terminal is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartReport {
    /// The host API it serves, such as `print`.
    pub part: String,
    /// What its owner calls it.
    pub name: String,
    /// How it is.
    pub health: PartHealth,
    /// What it needs, as a stable word; empty if nothing.
    pub needs: String,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartHealth {
    /// It works.
    Ready,
    /// It works, and somebody should look at it soon.
    Attention,
    /// It does not.
    Down,
}

/// What the store says to a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportTaken {
    /// When to tell again, in seconds; by a tenth more or less, as chance has it.
    pub next_seconds: u64,
    /// A newer signed policy, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether somebody wants to see the terminal's home page.
    pub picture: bool,
}

/// A picture of a terminal's home page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminalPicture {
    /// 1.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 1, maximum = 1)]
    pub format: u32,
    /// The canonical JSON of a [`PictureReport`].
    #[schema(max_length = 4096)]
    pub report: String,
    /// Its signature for purpose `session`, by the terminal's key: 128 hexadecimal digits.
    #[schema(max_length = 128)]
    pub signature: String,
    /// The PNG, in base64.
    #[schema(max_length = 5592408)]
    pub png: String,
}

/// What a terminal signs about a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureReport {
    /// The terminal's id.
    pub terminal: String,
    /// Higher than in everything it has told before.
    pub sequence: u64,
    /// What its clock shows, in milliseconds since 1970.
    pub at_ms: u64,
    /// The digest of the PNG.
    pub sha256: String,
}
