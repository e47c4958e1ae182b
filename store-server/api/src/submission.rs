//! A package on its way through review.

use std::{collections::BTreeMap, fmt, str::FromStr};

use guichet_contract::{AppId, Channel, Department, PermissionName, Scope};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    Beginning,
    check::{Said, known},
};

/// Where a submission stands, from a draft to the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// With its publisher: not handed in yet, or taken back.
    Draft,
    /// As a draft, and listed testers try it out.
    Trial,
    /// Handed in; nobody has begun with it.
    Submitted,
    /// Being checked by machines; people decide afterwards.
    Scanning,
    /// Held aside: a check or a reviewer found something that must not go on.
    Quarantined,
    /// Reviewers are at it: it is claimed, checked, or has some of the signatures it needs.
    InReview,
    /// A reviewer has said what is to be changed.
    ChangesRequested,
    /// Every needed signature is there; it is held, scheduled, or waits for the log.
    Approved,
    /// Listed in the department's role and published.
    Released,
    /// Released, and halted by the brake.
    Paused,
    /// Another version took its place, before or after it was released.
    Superseded,
    /// Taken back: it must not run any more.
    Recalled,
    /// Put away by its publisher.
    Archived,
    /// A newer store has a word for it that whoever reads this does not know: nothing can be done about it from here.
    #[serde(skip_deserializing)]
    Unknown,
}

impl SubmissionState {
    /// Every state that a store may say, in the order of the list above.
    pub const ALL: [Self; 13] = [
        Self::Draft,
        Self::Trial,
        Self::Submitted,
        Self::Scanning,
        Self::Quarantined,
        Self::InReview,
        Self::ChangesRequested,
        Self::Approved,
        Self::Released,
        Self::Paused,
        Self::Superseded,
        Self::Recalled,
        Self::Archived,
    ];

    /// The state in words for people, in English and in Simplified Chinese: one word for it, at the desk and in the console.
    pub fn said(self) -> [&'static str; 2] {
        match self {
            Self::Draft => ["draft", "草稿"],
            Self::Trial => ["on trial", "试用中"],
            Self::Submitted => ["submitted", "等待审核"],
            Self::Scanning => ["being checked", "检查中"],
            Self::Quarantined => ["in quarantine", "已隔离"],
            Self::InReview => ["in review", "审核中"],
            Self::ChangesRequested => ["changes requested", "需要修改"],
            Self::Approved => ["approved", "已通过"],
            Self::Released => ["released", "已发布"],
            Self::Paused => ["paused", "已暂停"],
            Self::Superseded => ["superseded", "已被新版本代替"],
            Self::Recalled => ["recalled", "已召回"],
            Self::Archived => ["archived", "已归档"],
            Self::Unknown => ["in a state that only a newer `guichet` knows", "处于新版 `guichet` 才认识的状态"],
        }
    }

    /// The state's word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Trial => "trial",
            Self::Submitted => "submitted",
            Self::Scanning => "scanning",
            Self::Quarantined => "quarantined",
            Self::InReview => "in_review",
            Self::ChangesRequested => "changes_requested",
            Self::Approved => "approved",
            Self::Released => "released",
            Self::Paused => "paused",
            Self::Superseded => "superseded",
            Self::Recalled => "recalled",
            Self::Archived => "archived",
            Self::Unknown => "unknown",
        }
    }

    /// Whether reviewers may sign it or ask for changes.
    pub fn is_reviewable(self) -> bool {
        matches!(self, Self::Submitted | Self::InReview)
    }

    /// Whether something is still to be done about it at the store before devices may have it.
    pub fn is_open(self) -> bool {
        self.is_reviewable() || matches!(self, Self::Scanning | Self::Quarantined | Self::Approved)
    }

    /// Whether it is with its publisher, who may go on with it.
    pub fn is_with_publisher(self) -> bool {
        matches!(self, Self::Draft | Self::Trial | Self::ChangesRequested)
    }
}

impl fmt::Display for SubmissionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

pub(crate) fn state<'de, D: Deserializer<'de>>(from: D) -> Result<SubmissionState, D::Error> {
    Ok(known(from)?.unwrap_or(SubmissionState::Unknown))
}

/// The word is not a state, or not a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownState;

impl FromStr for SubmissionState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

/// What a submission hands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionKind {
    /// A new package.
    #[default]
    Package,
    /// The contents of an earlier release again, under a higher sequence.
    Revert,
    /// No release: the app is taken back.
    Recall,
    /// A newer store has a word for it that whoever reads this does not know.
    #[serde(skip_deserializing)]
    Unknown,
}

impl SubmissionKind {
    /// Every kind that a store may say, in the order of the list above.
    pub const ALL: [Self; 3] = [Self::Package, Self::Revert, Self::Recall];

    /// What it hands in, in words for people, in English and in Simplified Chinese; none of a new package.
    pub fn said(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Package => None,
            Self::Revert => Some(["goes back", "换回旧版本"]),
            Self::Recall => Some(["takes back", "收回应用"]),
            Self::Unknown => Some(["of a kind that only a newer `guichet` knows", "新版 `guichet` 才认识的种类"]),
        }
    }

    /// Whether a release of it has contents that another can go back to.
    pub fn has_contents(self) -> bool {
        matches!(self, Self::Package | Self::Revert)
    }

    /// The kind's word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Revert => "revert",
            Self::Recall => "recall",
            Self::Unknown => "unknown",
        }
    }
}

pub(crate) fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<SubmissionKind, D::Error> {
    Ok(known(from)?.unwrap_or(SubmissionKind::Unknown))
}

impl FromStr for SubmissionKind {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(UnknownState)
    }
}

/// A version: the number that orders, and the name that people read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// Higher is newer.
    pub code: u64,
    /// What people are shown.
    pub name: String,
}

/// A stored file by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Blob {
    /// SHA-256 in hex.
    pub sha256: String,
    /// Length in bytes.
    pub length: u64,
}

/// One reviewer's signature on a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalMark {
    /// The reviewer's name.
    pub reviewer: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// A submission as the queue shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    /// The submission's id (UUIDv7).
    pub id: String,
    /// What it hands in.
    #[serde(default, deserialize_with = "kind")]
    pub kind: SubmissionKind,
    /// The app.
    #[schema(value_type = String)]
    pub app_id: AppId,
    /// The department that sealed it.
    #[schema(value_type = String)]
    pub department: Department,
    /// The channel it is for.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// The app's name by language tag; the manifest's own under `default`.
    pub names: BTreeMap<String, String>,
    /// The manifest's glaze, one of eight.
    pub glaze: String,
    /// The version.
    pub version: Version,
    /// The release number it has or will get, counted within app and channel.
    pub sequence: u64,
    /// Where it stands.
    #[serde(deserialize_with = "state")]
    pub state: SubmissionState,
    /// The package.
    pub package: Blob,
    /// Who submitted it.
    pub submitted_by: String,
    /// When, in milliseconds since 1970.
    pub submitted_at_ms: u64,
    /// When its release was logged, in milliseconds since 1970; none for what never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at_ms: Option<u64>,
    /// How its release begins, if not with everyone at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beginning: Option<Beginning>,
    /// Whether a key sealed it that did not seal the release before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_key: bool,
    /// The permissions that no earlier widening release allows.
    #[schema(value_type = Vec<String>)]
    pub widens: Vec<PermissionName>,
    /// How many reviewers must sign.
    pub approvals_needed: u32,
    /// Who has signed so far.
    pub approvals: Vec<ApprovalMark>,
    /// What a reviewer wants changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal_reason: Option<String>,
}

/// A list of submissions, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionList {
    /// What the asker may see.
    pub items: Vec<Submission>,
}

/// A submission with all that a reviewer decides on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionDetail {
    /// What the queue shows.
    #[serde(flatten)]
    pub submission: Submission,
    /// What the manifest says; none while the package cannot be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<ManifestSummary>,
    /// Why the package cannot be had now: then there is no manifest, no file and no reason of a permission here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Said>,
    /// What it asks to be allowed.
    pub permissions: Vec<PermissionAsk>,
    /// What the last widening release allowed and this one no longer asks for.
    #[schema(value_type = Vec<String>)]
    pub removed: Vec<PermissionName>,
    /// The version it would replace.
    pub replaces: Option<Version>,
    /// Every file, by path.
    pub files: Vec<PackagedFile>,
    /// What happened to it, oldest first.
    pub history: Vec<HistoryEntry>,
}

/// What the manifest says, as far as a reviewer needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ManifestSummary {
    /// The description by language tag; the manifest's own under `default`.
    pub descriptions: BTreeMap<String, String>,
    /// The page routes, the first being where it opens.
    pub pages: Vec<String>,
    /// What runs its logic.
    #[serde(deserialize_with = "logic")]
    pub logic: LogicKind,
    /// The least platform code it needs.
    pub min_platform: u64,
}

/// What runs an app's logic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogicKind {
    /// `app.js`.
    Script,
    /// The WebAssembly component that the manifest names.
    Component,
    /// A newer store has a word for it that whoever reads this does not know.
    #[serde(skip_deserializing)]
    Unknown,
}

fn logic<'de, D: Deserializer<'de>>(from: D) -> Result<LogicKind, D::Error> {
    Ok(known(from)?.unwrap_or(LogicKind::Unknown))
}

/// One permission asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermissionAsk {
    /// The permission.
    #[schema(value_type = String)]
    pub name: PermissionName,
    /// What it is limited to; empty for no limit.
    #[schema(value_type = Object)]
    pub scope: Scope,
    /// Why, in the developer's words.
    pub reason: Option<String>,
    /// The same by language tag; the manifest's own under `default`.
    #[serde(default)]
    pub reasons: BTreeMap<String, String>,
    /// Whether no earlier widening release allows it.
    pub widens: bool,
    /// The scope the last widening release had under this name, if it had one.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Scope>,
}

/// One file of the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackagedFile {
    /// Its path in the package.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// One step of a submission's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryEntry {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Who did it.
    pub by: String,
    /// The state it led to.
    #[serde(deserialize_with = "state")]
    pub state: SubmissionState,
    /// What was said with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_state_has_one_word_everywhere() {
        for state in SubmissionState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("approved-ish".parse::<SubmissionState>(), Err(UnknownState));
    }

    #[test]
    fn a_state_of_a_newer_store_is_read_and_nothing_can_be_done_about_it() {
        let entry = r#"{"at_ms":1,"by":"Chen Mo","state":"embalmed"}"#;
        let state = serde_json::from_str::<HistoryEntry>(entry).unwrap().state;
        assert_eq!(state, SubmissionState::Unknown);
        assert!(!state.is_open() && !state.is_reviewable() && !state.is_with_publisher());
        assert_eq!("unknown".parse::<SubmissionState>(), Err(UnknownState), "nobody asks for it");
    }

    #[test]
    fn a_kind_of_a_newer_store_is_read_and_passes_for_none_of_ours() {
        let blob = json!({ "sha256": "00ff", "length": 1 });
        let read = |kind: Option<&str>| {
            let mut submission = json!({
                "id": "0190", "app_id": "gov.example.permit", "department": "residence", "channel": "stable", "names": {},
                "glaze": "tiao", "version": { "code": 2, "name": "2.0.0" }, "sequence": 2, "state": "embalmed", "package": blob,
                "submitted_by": "Ana", "submitted_at_ms": 0, "widens": [], "approvals_needed": 1, "approvals": [],
            });
            if let Some(kind) = kind {
                submission["kind"] = kind.into();
            }
            let read: Submission = serde_json::from_value(submission).unwrap();
            assert_eq!(read.state, SubmissionState::Unknown);
            read.kind
        };
        let later = read(Some("split"));
        assert_eq!((later, later.has_contents(), later.said().is_some()), (SubmissionKind::Unknown, false, true));
        assert_eq!(serde_json::to_value(later).unwrap(), "unknown");
        assert_eq!((read(Some("recall")), read(None)), (SubmissionKind::Recall, SubmissionKind::Package));
        assert_eq!("unknown".parse::<SubmissionKind>(), Err(UnknownState), "nobody hands it in");
        let manifest = json!({ "descriptions": {}, "pages": [], "logic": "spreadsheet", "min_platform": 1 });
        assert_eq!(serde_json::from_value::<ManifestSummary>(manifest).unwrap().logic, LogicKind::Unknown);
    }
}
