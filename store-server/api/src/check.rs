//! What machines look at before people do, and what they found.

use std::{collections::BTreeMap, fmt, str::FromStr};

use guichet_contract::{AppId, Department};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IntoDeserializer, value::Error},
};
use utoipa::ToSchema;

use crate::submission::UnknownState;

/// One thing that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// Container, manifest, contents and seal, by the same verifier as everywhere.
    Package,
    /// Keys, tokens, and texts that look like them.
    Secrets,
    /// Host calls and imports that the manifest does not ask for.
    Uses,
    /// Names that look like another department's, and icons that are another's very file.
    Names,
    /// Icons that look like another department's.
    Icons,
    /// How large it is, against a budget and the release before.
    Size,
    /// What `guichet check` says.
    Desk,
    /// What rules of YARA match.
    Yara,
    /// Every page on every terminal, and what axe-core says of it.
    Pages,
    /// The journeys that its publisher sent, run as `guichet test` runs them.
    Journeys,
}

impl CheckName {
    /// Every check, in the order of the list above.
    pub const ALL: [Self; 10] = [
        Self::Package,
        Self::Secrets,
        Self::Uses,
        Self::Names,
        Self::Icons,
        Self::Size,
        Self::Desk,
        Self::Yara,
        Self::Pages,
        Self::Journeys,
    ];

    /// The check's word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Secrets => "secrets",
            Self::Uses => "uses",
            Self::Names => "names",
            Self::Icons => "icons",
            Self::Size => "size",
            Self::Desk => "desk",
            Self::Yara => "yara",
            Self::Pages => "pages",
            Self::Journeys => "journeys",
        }
    }

    /// What it looks at, in words for people, in English and in Simplified Chinese.
    pub fn said(self) -> [&'static str; 2] {
        match self {
            Self::Package => ["Package and seal", "软件包和封签"],
            Self::Secrets => ["Keys and secrets", "密钥和口令"],
            Self::Uses => ["Undeclared calls and imports", "没有申请的调用和导入"],
            Self::Names => ["Look-alike names", "相近的名称"],
            Self::Icons => ["Look-alike icons", "相近的图标"],
            Self::Size => ["Size", "大小"],
            Self::Desk => ["guichet check", "guichet check"],
            Self::Yara => ["Harmful code (YARA)", "有害代码（YARA）"],
            Self::Pages => ["Pages on every terminal, and axe", "各种终端上的页面和 axe"],
            Self::Journeys => ["Journeys of its publisher", "发布部门的旅程"],
        }
    }
}

/// The name of a check that a store has made, which may be newer than whoever reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MadeCheck {
    /// One of those that are known here.
    Known(CheckName),
    /// Another one, by its word.
    Other(String),
}

impl MadeCheck {
    /// The check's word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(name) => name.as_str(),
            Self::Other(word) => word,
        }
    }

    /// What it looks at, in words for people, in English and in Simplified Chinese; of another one, its word.
    pub fn said(&self) -> [&str; 2] {
        match self {
            Self::Known(name) => name.said(),
            Self::Other(word) => [word, word],
        }
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for CheckName {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|name| name.as_str() == word).ok_or(UnknownState)
    }
}

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Its turn has not come.
    Waiting,
    /// It is under way.
    Running,
    /// It came to its end; what it found is there.
    Done,
    /// Something it needs is not there.
    Skipped,
    /// It broke, as often as it was tried.
    Failed,
    /// A newer store has a word for it that whoever reads this does not know: nothing can be said to have come of it.
    #[serde(skip_deserializing)]
    Unknown,
}

impl CheckState {
    /// Every state that a store may say, in the order of the list above.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Running, Self::Done, Self::Skipped, Self::Failed];

    /// The state's word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The state in words for people, in English and in Simplified Chinese.
    pub fn said(self) -> [&'static str; 2] {
        match self {
            Self::Waiting => ["waiting", "等待中"],
            Self::Running => ["running", "进行中"],
            Self::Done => ["done", "已完成"],
            Self::Skipped => ["skipped", "已跳过"],
            Self::Failed => ["could not be done", "没有做成"],
            Self::Unknown => ["is in a state that only a newer `guichet` knows", "处于新版 `guichet` 才认识的状态"],
        }
    }

    /// Whether nothing more comes of it by itself.
    pub fn is_ended(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running | Self::Unknown)
    }
}

impl FromStr for CheckState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or(UnknownState)
    }
}

/// What a finding means for the submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckWeight {
    /// A newer store has a word for it that whoever reads this does not know: it is taken as grave.
    #[serde(skip_deserializing)]
    Unknown,
    /// It is held aside until a reviewer has looked at this.
    Grave,
    /// It is probably a mistake.
    Warning,
    /// Worth knowing.
    Note,
}

impl CheckWeight {
    /// Whether it holds a submission.
    pub fn is_grave(self) -> bool {
        matches!(self, Self::Grave | Self::Unknown)
    }
}

/// A word that is known here, or nothing.
pub(crate) fn known<'de, D: Deserializer<'de>, T: for<'a> Deserialize<'a>>(from: D) -> Result<Option<T>, D::Error> {
    let word = String::deserialize(from)?;
    let read: Result<T, Error> = T::deserialize(word.into_deserializer());
    Ok(read.ok())
}

fn state<'de, D: Deserializer<'de>>(from: D) -> Result<CheckState, D::Error> {
    Ok(known(from)?.unwrap_or(CheckState::Unknown))
}

fn weight<'de, D: Deserializer<'de>>(from: D) -> Result<CheckWeight, D::Error> {
    Ok(known(from)?.unwrap_or(CheckWeight::Unknown))
}

/// A sentence in the two languages of the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Said {
    /// In English.
    pub en: String,
    /// In Simplified Chinese.
    pub zh: String,
}

/// An icon that looks like another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LooksLike {
    /// The app whose icon that is.
    #[schema(value_type = String)]
    pub app_id: AppId,
    /// The department that has released it.
    #[schema(value_type = String)]
    pub department: Department,
    /// How far the two are apart, of 100.
    pub apart: u32,
}

/// One thing that a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckFinding {
    /// The stable word, such as `check/secret`.
    pub class: String,
    /// What it means for the submission.
    #[serde(deserialize_with = "weight")]
    pub weight: CheckWeight,
    /// The file in the package; none if it is about the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line in it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Whose it looks like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<LooksLike>,
    /// What was found.
    pub what: Said,
    /// What to do about it.
    pub hint: Said,
}

/// One check of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What is looked at.
    #[schema(value_type = CheckName)]
    pub name: MadeCheck,
    /// How far it is.
    #[serde(deserialize_with = "state")]
    pub state: CheckState,
    /// Whether the submission waits for it before people see it.
    pub gates: bool,
    /// How often it was begun.
    pub attempts: u32,
    /// When it was last begun, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at_ms: Option<u64>,
    /// When it ended, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at_ms: Option<u64>,
    /// What came of it as a whole: why it was skipped, how it broke, how many passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Said>,
    /// What it found, the gravest first.
    pub findings: Vec<CheckFinding>,
}

/// All checks of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckList {
    /// In the order in which they are shown; none where the store makes none.
    pub items: Vec<Check>,
}

/// A page as it is seen on a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PagePicture {
    /// What it is called below the submission's pictures.
    pub name: String,
    /// The page's route.
    pub page: String,
    /// The terminal, and the person at it: `desktop`, `phone`, `tablet`, `kiosk` or `elder`.
    pub terminal: String,
    /// `light` or `dark`.
    pub theme: String,
    /// The person's language, as a BCP 47 tag.
    pub language: String,
    /// Whether the release before has the same picture.
    pub before: bool,
    /// Whether that one is another.
    pub changed: bool,
}

/// What was taken of a submission's pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PagePictureList {
    /// By page, in the order of the manifest; none before they were looked at.
    pub items: Vec<PagePicture>,
}

/// The journeys of an app, which are no part of its package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Journeys {
    /// The scripts by their paths, such as `tests/report.js`.
    pub files: BTreeMap<String, String>,
}

/// Which check is to be made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckAgain {
    /// What is looked at.
    pub name: CheckName,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_word_of_a_check_is_the_same_everywhere() {
        for name in CheckName::ALL {
            assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
            assert_eq!(name.as_str().parse(), Ok(name));
        }
        for state in CheckState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!("everything".parse::<CheckName>(), Err(UnknownState));
    }

    #[test]
    fn a_check_that_is_not_known_here_is_read_by_its_word() {
        let read = |name: &str| {
            let check = json!({ "name": name, "state": "done", "gates": true, "attempts": 1, "findings": [] });
            serde_json::from_value::<CheckList>(json!({ "items": [check] })).unwrap().items.remove(0)
        };
        assert_eq!(read("icons").name, MadeCheck::Known(CheckName::Icons));
        let later = read("translations");
        assert_eq!((later.name.as_str(), later.name.said()), ("translations", ["translations"; 2]));
        assert_eq!(serde_json::to_value(&later).unwrap()["name"], "translations");
    }

    #[test]
    fn a_state_or_a_weight_that_is_not_known_here_never_passes_for_a_good_one() {
        let said = json!({ "en": "", "zh": "" });
        let finding = |weight: &str| json!({ "class": "a/b", "weight": weight, "what": said, "hint": said });
        let findings = ["note", "deadly", "unknown"].map(finding);
        let read = |state: &str| {
            let check = json!({ "name": "size", "state": state, "gates": true, "attempts": 1, "findings": findings });
            serde_json::from_value::<Check>(check).unwrap()
        };
        let later = read("postponed");
        assert_eq!((later.state, later.state.is_ended()), (CheckState::Unknown, false));
        assert_eq!(read("unknown").state, CheckState::Unknown);
        let weights: Vec<_> = later.findings.iter().map(|found| (found.weight, found.weight.is_grave())).collect();
        assert_eq!(weights, [(CheckWeight::Note, false), (CheckWeight::Unknown, true), (CheckWeight::Unknown, true)]);
        assert_eq!(read("done").state, CheckState::Done);
        let shown = serde_json::to_value(&later).unwrap();
        assert_eq!((&shown["state"], &shown["findings"][1]["weight"]), (&json!("unknown"), &json!("unknown")));
    }
}
