//! Who at the organisation is who at the store: said by whoever looks after people, never found out by a name or a mail
//! address.

use sqlx::AnyConnection;

use super::{Subject, problems};
use crate::{
    access::Action,
    audit::{self, Deed},
    database::{commit, identities as records, people::Person},
    error::NotDone,
    people::{Actor, present, problems as people_problems},
    store::Store,
};

/// The longest subject that providers may give (OpenID Connect Core, 2).
const LONGEST: usize = 255;

/// Links a person to the account that has this subject at the organisation.
pub async fn link(store: &Store, by: Actor<'_>, id: &str, subject: &str) -> Result<(), NotDone> {
    let issuer = store.organisation.as_ref().ok_or_else(problems::none_here)?.issuer();
    let subject = subject.trim();
    if subject.is_empty() || subject.len() > LONGEST || !subject.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(problems::not_a_subject().into());
    }
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let person = present(&mut change, id).await?;
    by.check(Action::Members, person.department.as_ref())?;
    if by.id() == Some(id) {
        return Err(people_problems::yourself().into());
    }
    let linked = Subject { issuer: issuer.to_owned(), subject: subject.to_owned() };
    if records::person(&mut change, &linked).await?.is_some() {
        return Err(problems::linked_already().into());
    }
    records::put(&mut change, &linked, id, now_ms).await?;
    let deed = Deed::new("identity.link", &person.name, person.department.as_ref()).to(subject);
    audit::record(&mut change, by, deed, now_ms).await?;
    Ok(commit(change).await?)
}

/// Links somebody who has just joined to the account with which they did.
pub(crate) async fn join(
    connection: &mut AnyConnection,
    subject: &Subject,
    person: &Person,
    now_ms: u64,
) -> Result<(), NotDone> {
    if records::person(connection, subject).await?.is_some() {
        return Err(problems::linked_already().into());
    }
    records::put(connection, subject, &person.id, now_ms).await?;
    let deed = Deed::new("identity.link", &person.name, person.department.as_ref()).to(&subject.subject);
    Ok(audit::record(connection, Actor::Person(person), deed, now_ms).await?)
}

/// Ends what links a person to an account of the organisation.
pub async fn unlink(store: &Store, by: Actor<'_>, id: &str) -> Result<(), NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let person = present(&mut change, id).await?;
    by.check(Action::Members, person.department.as_ref())?;
    let linked = records::of(&mut change, id).await?.ok_or_else(problems::not_linked)?;
    records::remove(&mut change, id).await?;
    let deed = Deed::new("identity.unlink", &person.name, person.department.as_ref());
    let deed = Deed { before: Some(linked.subject), ..deed };
    audit::record(&mut change, by, deed, now_ms).await?;
    Ok(commit(change).await?)
}

/// The account to which a person is linked, for whoever looks after them.
pub async fn linked(store: &Store, by: Actor<'_>, id: &str) -> Result<Option<Subject>, NotDone> {
    let mut connection = store.database.read().await?;
    let person = present(&mut connection, id).await?;
    if by.id() != Some(id) {
        by.check(Action::Members, person.department.as_ref())?;
    }
    Ok(records::of(&mut connection, id).await?)
}
