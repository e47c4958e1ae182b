//! Who is asking.

use std::{fmt, str::FromStr};

use guichet_contract::Department;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person may do at the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PersonRole {
    /// Submits packages for one department.
    Developer,
    /// Reviews what others of one department submitted.
    Reviewer,
    /// A reviewer who also looks after the people of the department.
    Lead,
    /// Sees every department and stops releases; neither submits nor approves.
    Operator,
    /// Sees every department and the record of what was done; changes nothing.
    Auditor,
    /// Sees every department, stops releases, looks after people and keys; neither submits nor approves.
    Administrator,
}

impl PersonRole {
    /// Every role, in the order of the list above.
    pub const ALL: [Self; 6] =
        [Self::Developer, Self::Reviewer, Self::Lead, Self::Operator, Self::Auditor, Self::Administrator];

    /// The role's word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Reviewer => "reviewer",
            Self::Lead => "lead",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The role in words for people, in English and in Simplified Chinese.
    pub fn said(self) -> [&'static str; 2] {
        let chinese = match self {
            Self::Developer => "开发人员",
            Self::Reviewer => "审核人员",
            Self::Lead => "负责人",
            Self::Operator => "值守人员",
            Self::Auditor => "审计人员",
            Self::Administrator => "管理员",
        };
        [self.as_str(), chinese]
    }

    /// Whether who has it works for one department; the others work for the store.
    pub fn has_department(self) -> bool {
        matches!(self, Self::Developer | Self::Reviewer | Self::Lead)
    }

    /// The word with its article: `an auditor`.
    pub fn with_article(self) -> String {
        let article = match self {
            Self::Operator | Self::Auditor | Self::Administrator => "an",
            Self::Developer | Self::Reviewer | Self::Lead => "a",
        };
        format!("{article} {self}")
    }
}

impl FromStr for PersonRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|role| role.as_str() == text);
        known.ok_or_else(|| format!("it is one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

impl fmt::Display for PersonRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The role that a store says somebody has, which may be newer than whoever reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum HeldRole {
    /// One of those that are known here.
    Known(PersonRole),
    /// Another one, by its word.
    Other(String),
}

impl HeldRole {
    /// The role's word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(role) => role.as_str(),
            Self::Other(word) => word,
        }
    }

    /// The role in words for people, in English and in Simplified Chinese; of another one, its word.
    pub fn said(&self) -> [&str; 2] {
        match self {
            Self::Known(role) => role.said(),
            Self::Other(word) => [word, word],
        }
    }
}

/// Whom a token stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The person's id.
    pub id: String,
    /// The person's name, as an administrator entered it.
    pub name: String,
    /// What the person may do.
    #[schema(value_type = PersonRole)]
    pub role: HeldRole,
    /// The person's department; operators, auditors and administrators have none.
    #[schema(value_type = Option<String>)]
    pub department: Option<Department>,
}

/// The store answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Always `ok`; a store that is not well does not answer with 200.
    pub status: String,
    /// The store's version.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_role_of_a_newer_store_is_said_by_its_word() {
        let read =
            |role| serde_json::from_value::<Me>(json!({ "id": "1", "name": "Ana", "role": role, "department": null }));
        let lead = read("lead").unwrap().role;
        assert_eq!((&lead, lead.said()), (&HeldRole::Known(PersonRole::Lead), ["lead", "负责人"]));
        let later = read("archivist").unwrap();
        assert_eq!((later.role.as_str(), later.role.said()), ("archivist", ["archivist"; 2]));
        assert_eq!(serde_json::to_value(later).unwrap()["role"], "archivist");
    }
}
