//! Who is signed in at the console. Only digests of cookies are kept.

use guichet_api::PersonRole;
use guichet_contract::Department;
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{
    loaded, parsed,
    people::{Person, role},
    stored,
};
use crate::{
    access::{Action, Limits},
    error::StoreError,
};

const INSERT: &str = "INSERT INTO sessions (secret_sha256, id, person, opened_with, browser, opened_at_ms, expires_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const BY_SECRET: &str = "SELECT people.id, name, role, department, sessions.id AS session, opened_with, browser, \
     opened_at_ms, expires_at_ms FROM people JOIN sessions ON sessions.person = people.id \
     WHERE secret_sha256 = $1 AND expires_at_ms > $2 AND left_at_ms IS NULL";
const OF: &str = "SELECT people.id, name, role, department, sessions.id AS session, opened_with, browser, \
     opened_at_ms, expires_at_ms FROM people JOIN sessions ON sessions.person = people.id \
     WHERE people.id = $1 AND expires_at_ms > $2 ORDER BY opened_at_ms DESC, sessions.id DESC";
const BY_ID: &str = "SELECT people.id, name, role, department, sessions.id AS session, opened_with, browser, \
     opened_at_ms, expires_at_ms FROM people JOIN sessions ON sessions.person = people.id \
     WHERE sessions.id = $1 AND expires_at_ms > $2";
const CLOSE: &str = "DELETE FROM sessions WHERE id = $1 OR expires_at_ms <= $2";
const CLOSE_ALL: &str = "DELETE FROM sessions WHERE person = $1";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, BY_SECRET, OF, BY_ID, CLOSE, CLOSE_ALL];

/// What somebody showed to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenedWith {
    /// Their token.
    Token,
    /// An invitation, once.
    Invitation,
    /// A passkey.
    Passkey,
    /// Their account at an organisation.
    Organisation,
}

impl OpenedWith {
    const ALL: [Self; 4] = [Self::Token, Self::Invitation, Self::Passkey, Self::Organisation];

    /// What it is good for at most. On another's word nobody looks after people: they could let in whoever decides.
    fn limits(self) -> Option<Limits> {
        let actions = Action::ALL.into_iter().filter(|action| *action != Action::Members).collect();
        (self == Self::Organisation).then_some(Limits { actions, department: None })
    }

    /// The word that is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Invitation => "invitation",
            Self::Passkey => "passkey",
            Self::Organisation => "organisation",
        }
    }
}

/// One sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// UUIDv7; knowing it opens nothing.
    pub id: String,
    /// Who.
    pub person: Person,
    /// With what.
    pub opened_with: OpenedWith,
    /// What the browser calls itself, shortened.
    pub browser: String,
    /// Since when.
    pub opened_at_ms: u64,
    /// Until when.
    pub expires_at_ms: u64,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    role: String,
    department: Option<String>,
    session: String,
    opened_with: String,
    browser: String,
    opened_at_ms: i64,
    expires_at_ms: i64,
}

impl TryFrom<Row> for SessionRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let role: PersonRole = role(row.role)?;
        let department: Option<Department> = row.department.map(|text| parsed(&text, "a department")).transpose()?;
        let opened_with = OpenedWith::ALL.into_iter().find(|with| with.as_str() == row.opened_with);
        let opened_with = opened_with.ok_or(StoreError::Row { wanted: "a way to sign in", value: row.opened_with })?;
        Ok(Self {
            id: row.session,
            person: Person { id: row.id, name: row.name, role, department, limits: opened_with.limits() },
            opened_with,
            browser: row.browser,
            opened_at_ms: loaded(row.opened_at_ms),
            expires_at_ms: loaded(row.expires_at_ms),
        })
    }
}

/// Opens a session that is known by its secret's digest.
pub async fn open(connection: &mut AnyConnection, session: &SessionRecord, secret: Digest) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(secret.to_string())
        .bind(&session.id)
        .bind(&session.person.id)
        .bind(session.opened_with.as_str())
        .bind(&session.browser)
        .bind(stored(session.opened_at_ms))
        .bind(stored(session.expires_at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("open a session"))?;
    Ok(())
}

/// Whose session this is, while it lasts.
pub async fn by_secret(
    connection: &mut AnyConnection,
    secret: Digest,
    now_ms: u64,
) -> Result<Option<SessionRecord>, StoreError> {
    one(connection, BY_SECRET, &secret.to_string(), now_ms).await
}

/// The session of this id, while it lasts.
pub async fn by_id(connection: &mut AnyConnection, id: &str, now_ms: u64) -> Result<Option<SessionRecord>, StoreError> {
    one(connection, BY_ID, id, now_ms).await
}

async fn one(
    connection: &mut AnyConnection,
    query: &'static str,
    value: &str,
    now_ms: u64,
) -> Result<Option<SessionRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(query)
        .bind(value)
        .bind(stored(now_ms))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a session"))?;
    row.map(SessionRecord::try_from).transpose()
}

/// A person's sessions that last, newest first.
pub async fn of(connection: &mut AnyConnection, person: &str, now_ms: u64) -> Result<Vec<SessionRecord>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF)
        .bind(person)
        .bind(stored(now_ms))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list sessions"))?;
    rows.into_iter().map(SessionRecord::try_from).collect()
}

/// Ends this session and those that have run out.
pub async fn close(connection: &mut AnyConnection, id: &str, now_ms: u64) -> Result<(), StoreError> {
    sqlx::query(CLOSE)
        .bind(id)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("end a session"))?;
    Ok(())
}

/// Ends all sessions of a person.
pub async fn close_all(connection: &mut AnyConnection, person: &str) -> Result<(), StoreError> {
    sqlx::query(CLOSE_ALL).bind(person).execute(connection).await.map_err(StoreError::database("end sessions"))?;
    Ok(())
}
