//! Sign-ins at the console: opened, looked at, ended by whoever they are of and by who looks after people.

use uuid::Uuid;

use super::{Actor, member::present, problems};
use crate::{
    access::Action,
    audit::{self, Deed},
    database::{
        Change, commit,
        people::Person,
        sessions::{self, OpenedWith, SessionRecord},
    },
    error::NotDone,
    secret::Secret,
    store::Store,
};

/// A working day, in milliseconds; afterwards one signs in again.
pub const SESSION_MS: u64 = 12 * 60 * 60 * 1000;
/// As much of what a browser calls itself as is kept.
const LONGEST_BROWSER: usize = 200;

/// Signs a person in and returns the secret for the cookie; the change is committed.
pub async fn sign_in_with(
    store: &Store,
    mut change: Change,
    person: &Person,
    opened_with: OpenedWith,
    browser: &str,
) -> Result<Secret, NotDone> {
    let (secret, now_ms) = (Secret::generate()?, store.clock.now_ms());
    let browser = browser.chars().filter(|letter| letter.is_ascii_graphic() || *letter == ' ');
    let session = SessionRecord {
        id: Uuid::now_v7().to_string(),
        person: person.clone(),
        opened_with,
        browser: browser.take(LONGEST_BROWSER).collect(),
        opened_at_ms: now_ms,
        expires_at_ms: now_ms.saturating_add(SESSION_MS),
    };
    sessions::open(&mut change, &session, secret.digest()).await?;
    let deed = Deed::new("session.open", &session.id, person.department.as_ref()).to(opened_with.as_str());
    audit::record(&mut change, Actor::Person(person), deed, now_ms).await?;
    commit(change).await?;
    Ok(secret)
}

/// Where a person is signed in, for themselves and for who looks after them.
pub async fn signed_in(store: &Store, by: Actor<'_>, id: &str) -> Result<Vec<SessionRecord>, NotDone> {
    let mut connection = store.database.read().await?;
    let person = present(&mut connection, id).await?;
    if by.id() != Some(id) {
        by.check(Action::Members, person.department.as_ref())?;
    }
    Ok(sessions::of(&mut connection, id, store.clock.now_ms()).await?)
}

/// Ends a sign-in: one's own, or one of somebody one looks after.
pub async fn end(store: &Store, by: Actor<'_>, session: &str) -> Result<SessionRecord, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let found = sessions::by_id(&mut change, session, now_ms).await?;
    let record = found.ok_or_else(|| problems::no_such_session(session))?;
    if by.id() != Some(&record.person.id) {
        by.check(Action::Members, record.person.department.as_ref())?;
    }
    sessions::close(&mut change, session, now_ms).await?;
    let deed = Deed::new("session.end", session, record.person.department.as_ref()).because(&record.person.name);
    audit::record(&mut change, by, deed, now_ms).await?;
    commit(change).await?;
    Ok(record)
}
