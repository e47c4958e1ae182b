//! The record of who did what, why, and what was refused: append-only, each entry holding the hash of the one before it.
//!
//! An entry is added in the very change that it is about, so there is none without the other. What was refused changes
//! nothing and is recorded by itself.

mod chain;
mod denials;
pub(crate) mod head;

use guichet_contract::Department;
use sqlx::AnyConnection;

pub use chain::{Entry, Fault, Outcome, START, verify};
pub use denials::Denials;
pub(crate) use denials::{AskedBy, Caller, RefusedFor, watch};
pub use head::{restore, sign_daily};

use crate::{database::audit as records, error::StoreError, people::Actor};

/// What was done, before it has a place in the chain.
#[derive(Clone, Debug)]
pub struct Deed<'a> {
    /// What, in one word or two, such as `role.change`.
    pub deed: &'static str,
    /// To what: a name or an id.
    pub about: &'a str,
    /// Whose it is; none is the store's own.
    pub department: Option<&'a Department>,
    /// Why, in somebody's words.
    pub why: Option<&'a str>,
    /// How it was.
    pub before: Option<String>,
    /// How it is now.
    pub after: Option<String>,
}

impl<'a> Deed<'a> {
    /// A deed with nothing more to say.
    pub fn new(deed: &'static str, about: &'a str, department: Option<&'a Department>) -> Self {
        Self { deed, about, department, why: None, before: None, after: None }
    }

    /// With a reason.
    pub fn because(self, why: &'a str) -> Self {
        Self { why: Some(why), ..self }
    }

    /// With what it was before and what it is now.
    pub fn from_to(self, before: impl ToString, after: impl ToString) -> Self {
        Self { before: Some(before.to_string()), after: Some(after.to_string()), ..self }
    }

    /// With what there is now.
    pub fn to(self, after: impl ToString) -> Self {
        Self { after: Some(after.to_string()), ..self }
    }
}

/// Records a deed in the change that does it.
pub async fn record(
    connection: &mut AnyConnection,
    by: Actor<'_>,
    deed: Deed<'_>,
    now_ms: u64,
) -> Result<(), StoreError> {
    append(connection, by, deed, Outcome::Done, now_ms).await
}

async fn append(
    connection: &mut AnyConnection,
    by: Actor<'_>,
    deed: Deed<'_>,
    outcome: Outcome,
    now_ms: u64,
) -> Result<(), StoreError> {
    let last = records::last(connection).await?;
    let (position, previous) = last.map_or((0, START.to_owned()), |(position, hash)| (position + 1, hash));
    let mut entry = Entry {
        position,
        at_ms: now_ms,
        person: by.id().map(str::to_owned),
        name: by.name().to_owned(),
        deed: deed.deed.to_owned(),
        about: deed.about.to_owned(),
        department: deed.department.map(ToString::to_string),
        outcome,
        why: deed.why.map(str::to_owned),
        before: deed.before,
        after: deed.after,
        previous,
        hash: String::new(),
    };
    entry.hash = entry.digest().to_string();
    records::insert(connection, &entry).await
}
