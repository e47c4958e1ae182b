//! The people of the store: how they come, what they become, how they sign in, and how they go.

mod invite;
mod member;
pub mod problems;
mod session;
mod token;

pub(crate) use member::present;

use guichet_api::PersonRole;
use guichet_contract::Department;

pub use invite::{
    INVITATION_MS, MOST_INVITATION_DAYS, NewInvitation, Welcome, address, invite, invited, join, join_as, withdraw,
};
pub use member::{NewPerson, Team, add, change_role, let_go, replace_token, team};
pub use session::{SESSION_MS, end, sign_in_with, signed_in};
pub use token::{MOST_TOKEN_DAYS, NewToken, make_token, revoke_token, tokens_of};

use crate::{
    access::{self, Action},
    database::people::Person,
    error::NotDone,
    reissue,
};

/// The most characters of a name.
const LONGEST_NAME: usize = 64;

/// Who does something.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    /// Somebody whom the store knows.
    Person(&'a Person),
    /// Whoever can run commands where the store's folder is.
    Machine,
}

impl Actor<'_> {
    /// The person's id, if it is one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Person(person) => Some(&person.id),
            Self::Machine => None,
        }
    }

    /// The name that is kept of who did something.
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Machine => "guichet-store",
        }
    }

    /// Refuses what the matrix does not allow. Who has the machine has everything.
    pub(crate) fn check(&self, action: Action, department: Option<&Department>) -> Result<(), NotDone> {
        match self {
            Self::Person(person) => access::check(person, action, department),
            Self::Machine => Ok(()),
        }
    }

    /// Nobody takes their own way back in, or makes themselves more than they are.
    fn check_other(&self, person: &Person) -> Result<(), NotDone> {
        if self.id() == Some(&person.id) { Err(problems::yourself().into()) } else { Ok(()) }
    }
}

/// A name as it is kept: one plain line.
pub(crate) fn named(text: &str) -> Result<String, NotDone> {
    let name = reissue::plain(text).filter(|name| name.chars().count() <= LONGEST_NAME);
    Ok(name.ok_or_else(|| problems::no_name(LONGEST_NAME))?)
}

/// Some roles are of a department, the others of the store.
fn placed(role: PersonRole, department: Option<&Department>) -> Result<(), NotDone> {
    if role.has_department() == department.is_some() {
        Ok(())
    } else {
        Err(problems::wrong_department_for(role).into())
    }
}
