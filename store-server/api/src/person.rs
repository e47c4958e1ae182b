//! Who is asking.

use std::fmt;

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
    /// Sees every department and looks after people and keys; neither submits nor approves.
    Administrator,
}

impl PersonRole {
    /// Every role, in the order of the list above.
    pub const ALL: [Self; 3] = [Self::Developer, Self::Reviewer, Self::Administrator];

    /// The role's word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Reviewer => "reviewer",
            Self::Administrator => "administrator",
        }
    }
}

impl fmt::Display for PersonRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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
    pub role: PersonRole,
    /// The person's department; administrators have none.
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
