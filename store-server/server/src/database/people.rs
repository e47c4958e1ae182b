//! People. Only digests of their tokens are kept, and nobody is forgotten.

use guichet_api::{HeldRole, Me, PersonRole};
use guichet_contract::Department;
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::{access::Limits, error::StoreError};

const INSERT: &str =
    "INSERT INTO people (id, name, role, department, token_sha256, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6)";
const BY_TOKEN: &str = "SELECT id, name, role, department, created_at_ms, left_at_ms FROM people WHERE token_sha256 = $1 \
     AND left_at_ms IS NULL";
const BY_NAME: &str = "SELECT id, name, role, department, created_at_ms, left_at_ms FROM people WHERE name = $1";
const BY_ID: &str = "SELECT id, name, role, department, created_at_ms, left_at_ms FROM people WHERE id = $1";
const ALL: &str = "SELECT id, name, role, department, created_at_ms, left_at_ms FROM people \
     WHERE department = $1 OR $1 IS NULL ORDER BY created_at_ms, id";
const REPLACE_TOKEN: &str = "UPDATE people SET token_sha256 = $2 WHERE id = $1";
const SET_ROLE: &str = "UPDATE people SET role = $2 WHERE id = $1";
const LEAVE: &str = "UPDATE people SET left_at_ms = $2, token_sha256 = NULL WHERE id = $1 AND left_at_ms IS NULL";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, BY_TOKEN, BY_NAME, BY_ID, ALL, REPLACE_TOKEN, SET_ROLE, LEAVE];

/// Somebody the store knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// UUIDv7.
    pub id: String,
    /// As an administrator entered it.
    pub name: String,
    /// What the person may do.
    pub role: PersonRole,
    /// Whose submissions the person works on; who works for the store has none.
    pub department: Option<Department>,
    /// What the token that was shown may do at most; none for the person themselves.
    pub limits: Option<Limits>,
}

/// A person with what only those see who look after people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    /// Who.
    pub person: Person,
    /// Since when.
    pub created_at_ms: u64,
    /// Until when; none while they are here.
    pub left_at_ms: Option<u64>,
}

impl From<Person> for Me {
    fn from(person: Person) -> Self {
        Self { id: person.id, name: person.name, role: HeldRole::Known(person.role), department: person.department }
    }
}

#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    name: String,
    role: String,
    department: Option<String>,
    created_at_ms: i64,
    left_at_ms: Option<i64>,
}

/// A role as it is stored.
pub(super) fn role(text: String) -> Result<PersonRole, StoreError> {
    text.parse().map_err(|_| StoreError::Row { wanted: "a role", value: text })
}

impl TryFrom<Row> for MemberRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            person: Person {
                id: row.id,
                name: row.name,
                role: role(row.role)?,
                department: row.department.map(|text| parsed(&text, "a department")).transpose()?,
                limits: None,
            },
            created_at_ms: loaded(row.created_at_ms),
            left_at_ms: row.left_at_ms.map(loaded),
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

/// Whom a token stands for; nobody who has left.
pub async fn by_token(connection: &mut AnyConnection, token: Digest) -> Result<Option<Person>, StoreError> {
    let found = one(connection, BY_TOKEN, &token.to_string()).await?;
    Ok(found.map(|member| member.person))
}

/// The person of this name, who may have left.
pub async fn by_name(connection: &mut AnyConnection, name: &str) -> Result<Option<MemberRecord>, StoreError> {
    one(connection, BY_NAME, name).await
}

/// The person of this id, who may have left.
pub async fn by_id(connection: &mut AnyConnection, id: &str) -> Result<Option<MemberRecord>, StoreError> {
    one(connection, BY_ID, id).await
}

async fn one(
    connection: &mut AnyConnection,
    query: &'static str,
    value: &str,
) -> Result<Option<MemberRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(query)
        .bind(value)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a person"))?;
    row.map(MemberRecord::try_from).transpose()
}

/// Everybody of a department, or of all, in the order in which they came; also those who have left.
pub async fn all(
    connection: &mut AnyConnection,
    department: Option<&Department>,
) -> Result<Vec<MemberRecord>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .bind(department.map(Department::as_str))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list the people"))?;
    rows.into_iter().map(MemberRecord::try_from).collect()
}

/// Lets a person be known by another token only.
pub async fn replace_token(connection: &mut AnyConnection, person: &Person, token: Digest) -> Result<(), StoreError> {
    sqlx::query(REPLACE_TOKEN)
        .bind(&person.id)
        .bind(token.to_string())
        .execute(connection)
        .await
        .map_err(StoreError::database("replace a token"))?;
    Ok(())
}

/// Gives a person another role.
pub async fn set_role(connection: &mut AnyConnection, person: &Person, role: PersonRole) -> Result<(), StoreError> {
    sqlx::query(SET_ROLE)
        .bind(&person.id)
        .bind(role.as_str())
        .execute(connection)
        .await
        .map_err(StoreError::database("change a role"))?;
    Ok(())
}

/// Lets a person go. What they did stays theirs; their token is nobody's any more.
pub async fn leave(connection: &mut AnyConnection, person: &Person, now_ms: u64) -> Result<(), StoreError> {
    sqlx::query(LEAVE)
        .bind(&person.id)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("let a person go"))?;
    Ok(())
}
