//! People, their tokens and their console sessions. Only digests of secrets are kept.

use guichet_api::{Me, PersonRole};
use guichet_contract::Department;
use guichet_trust::digest::Digest;
use sqlx::{AnyConnection, FromRow};

use super::{parsed, stored};
use crate::error::StoreError;

const INSERT: &str =
    "INSERT INTO people (id, name, role, department, token_sha256, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6)";
const BY_TOKEN: &str = "SELECT id, name, role, department FROM people WHERE token_sha256 = $1";
const BY_NAME: &str = "SELECT id, name, role, department FROM people WHERE name = $1";
const REPLACE_TOKEN: &str = "UPDATE people SET token_sha256 = $2 WHERE id = $1";
const DELETE_SESSIONS: &str = "DELETE FROM sessions WHERE person = $1";
const INSERT_SESSION: &str = "INSERT INTO sessions (secret_sha256, person, expires_at_ms) VALUES ($1, $2, $3)";
const BY_SESSION: &str = "SELECT people.id, name, role, department FROM people JOIN sessions ON sessions.person = people.id \
     WHERE secret_sha256 = $1 AND expires_at_ms > $2";
const DELETE_SESSION: &str = "DELETE FROM sessions WHERE secret_sha256 = $1 OR expires_at_ms <= $2";

#[cfg(test)]
pub(super) const QUERIES: &[&str] =
    &[INSERT, BY_TOKEN, BY_NAME, REPLACE_TOKEN, DELETE_SESSIONS, INSERT_SESSION, BY_SESSION, DELETE_SESSION];

/// Somebody the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// UUIDv7.
    pub id: String,
    /// As an administrator entered it.
    pub name: String,
    /// What the person may do.
    pub role: PersonRole,
    /// Whose submissions the person works on; administrators have none.
    pub department: Option<Department>,
}

impl From<Person> for Me {
    fn from(person: Person) -> Self {
        Self { id: person.id, name: person.name, role: person.role, department: person.department }
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    role: String,
    department: Option<String>,
}

impl TryFrom<Row> for Person {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let role = PersonRole::ALL.into_iter().find(|role| role.as_str() == row.role);
        Ok(Self {
            id: row.id,
            name: row.name,
            role: role.ok_or(StoreError::Row { wanted: "a role", value: row.role })?,
            department: row.department.map(|text| parsed(&text, "a department")).transpose()?,
        })
    }
}

/// Adds a person who will be known by this token's digest.
pub async fn insert(
    connection: &mut AnyConnection,
    person: &Person,
    token: Digest,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(&person.id)
        .bind(&person.name)
        .bind(person.role.as_str())
        .bind(person.department.as_ref().map(Department::as_str))
        .bind(token.to_string())
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("add a person"))?;
    Ok(())
}

/// Whom a token stands for.
pub async fn by_token(connection: &mut AnyConnection, token: Digest) -> Result<Option<Person>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_TOKEN)
        .bind(token.to_string())
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a token"))?;
    row.map(Person::try_from).transpose()
}

/// The person of this name.
pub async fn by_name(connection: &mut AnyConnection, name: &str) -> Result<Option<Person>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_NAME)
        .bind(name)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a person"))?;
    row.map(Person::try_from).transpose()
}

/// Lets a person be known by another token only, and ends all their sessions.
pub async fn replace_token(connection: &mut AnyConnection, person: &Person, token: Digest) -> Result<(), StoreError> {
    let operation = "replace a token";
    sqlx::query(REPLACE_TOKEN)
        .bind(&person.id)
        .bind(token.to_string())
        .execute(&mut *connection)
        .await
        .map_err(StoreError::database(operation))?;
    sqlx::query(DELETE_SESSIONS).bind(&person.id).execute(connection).await.map_err(StoreError::database(operation))?;
    Ok(())
}

/// Opens a console session that is known by its secret's digest.
pub async fn open_session(
    connection: &mut AnyConnection,
    person: &Person,
    secret: Digest,
    expires_at_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT_SESSION)
        .bind(secret.to_string())
        .bind(&person.id)
        .bind(stored(expires_at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("open a session"))?;
    Ok(())
}

/// Whose session this is, while it lasts.
pub async fn by_session(
    connection: &mut AnyConnection,
    secret: Digest,
    now_ms: u64,
) -> Result<Option<Person>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_SESSION)
        .bind(secret.to_string())
        .bind(stored(now_ms))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a session"))?;
    row.map(Person::try_from).transpose()
}

/// Ends this session and those that have run out.
pub async fn close_session(connection: &mut AnyConnection, secret: Digest, now_ms: u64) -> Result<(), StoreError> {
    sqlx::query(DELETE_SESSION)
        .bind(secret.to_string())
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("end a session"))?;
    Ok(())
}
