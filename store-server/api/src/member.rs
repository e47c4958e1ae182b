//! The people of a store, as those see them who look after them.

use guichet_contract::Department;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::PersonRole;

/// Somebody of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: PersonRole,
    /// Their department, if the role has one.
    #[schema(value_type = Option<String>)]
    pub department: Option<Department>,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
    /// When they left, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_at_ms: Option<u64>,
}

/// People, newest first; also those who have left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberList {
    /// Whom the asker looks after.
    pub items: Vec<Member>,
}

/// Another role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// Which; one of a department stays one of a department.
    pub role: PersonRole,
}

/// An account at the organisation through which somebody signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    /// Whose account it is: the address of the organisation's identity provider.
    pub issuer: String,
    /// The person's id there, which never becomes another person's.
    pub subject: String,
}

/// An account to link somebody to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentity {
    /// Their id at the organisation, as they are shown it when they try to sign in.
    #[schema(min_length = 1, max_length = 255)]
    pub subject: String,
}

/// Somebody to invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// What they will be called, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    /// What they will be.
    pub role: PersonRole,
    /// Where, if the role has a department.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,62}$")]
    pub department: Option<Department>,
    /// For how many days it can be taken up.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 1, maximum = 30)]
    pub days: u64,
}

/// An invitation that can be taken up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id; knowing it opens nothing.
    pub id: String,
    /// What the person will be called.
    pub name: String,
    /// What they will be.
    pub role: PersonRole,
    /// Where.
    #[schema(value_type = Option<String>)]
    pub department: Option<Department>,
    /// Until when, in milliseconds since 1970.
    pub expires_at_ms: u64,
}

/// Invitations, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationList {
    /// Those of whom the asker looks after.
    pub items: Vec<Invitation>,
}

/// An invitation that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewInvitation {
    /// What was made.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// The address to join at. It is shown this once.
    pub address: String,
}

/// What a machine may be given to do; looking after people is for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenAction {
    /// See submissions and their packages.
    Read,
    /// Hand in a package, or take one back.
    Submit,
    /// Sign or refuse a release.
    Review,
    /// Halt releases and let them go on.
    Stop,
    /// Read the record of what was done.
    Audit,
}

/// A token to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeToken {
    /// What it is for, 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    /// What it may do.
    #[schema(min_items = 1, max_items = 5)]
    pub actions: Vec<TokenAction>,
    /// Where; none is wherever the person may.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z][a-z0-9-]{1,62}$")]
    pub department: Option<Department>,
    /// For how many days.
    #[serde(deserialize_with = "crate::whole::number")]
    #[schema(minimum = 1, maximum = 366)]
    pub days: u64,
}

/// A token for a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its id; knowing it opens nothing.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub actions: Vec<TokenAction>,
    /// Where; none is wherever its person may.
    #[schema(value_type = Option<String>)]
    pub department: Option<Department>,
    /// Since when, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// Until when, in milliseconds since 1970.
    pub expires_at_ms: u64,
}

/// Tokens, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenList {
    /// The asker's own.
    pub items: Vec<Token>,
}

/// A token that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewToken {
    /// What was made.
    #[serde(flatten)]
    pub token: Token,
    /// The token itself. It is shown this once.
    pub secret: String,
}
