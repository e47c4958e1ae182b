//! Tokens for machines. Only digests of them are kept.

use guichet_contract::Department;
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, people::role, stored};
use crate::{
    access::{Action, Limits},
    database::people::Person,
    error::StoreError,
};

const INSERT: &str = "INSERT INTO tokens (id, token_sha256, person, name, actions, department, created_at_ms, expires_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const BY_SECRET: &str = "SELECT people.id, people.name, role, people.department, actions, tokens.department AS narrowed \
     FROM tokens JOIN people ON people.id = tokens.person \
     WHERE tokens.token_sha256 = $1 AND expires_at_ms > $2 AND revoked_at_ms IS NULL AND left_at_ms IS NULL";
const OF: &str = "SELECT id, person, name, actions, department, created_at_ms, expires_at_ms FROM tokens \
     WHERE person = $1 AND expires_at_ms > $2 AND revoked_at_ms IS NULL ORDER BY created_at_ms DESC, id DESC";
const BY_ID: &str = "SELECT id, person, name, actions, department, created_at_ms, expires_at_ms FROM tokens \
     WHERE id = $1 AND expires_at_ms > $2 AND revoked_at_ms IS NULL";
const REVOKE: &str = "UPDATE tokens SET revoked_at_ms = $2 WHERE id = $1 AND revoked_at_ms IS NULL";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, BY_SECRET, OF, BY_ID, REVOKE];

/// A token that can still be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// UUIDv7; knowing it opens nothing.
    pub id: String,
    /// Whose it is, by id.
    pub person: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub limits: Limits,
    /// Since when.
    pub created_at_ms: u64,
    /// Until when.
    pub expires_at_ms: u64,
}

#[derive(FromRow)]
struct Row {
    id: String,
    person: String,
    name: String,
    actions: String,
    department: Option<String>,
    created_at_ms: i64,
    expires_at_ms: i64,
}

#[derive(FromRow)]
struct HolderRow {
    id: String,
    name: String,
    role: String,
    department: Option<String>,
    actions: String,
    narrowed: Option<String>,
}

fn limits(actions: &str, department: Option<&str>) -> Result<Limits, StoreError> {
    let action = |word: &str| {
        let known = Action::ALL.into_iter().find(|action| action.as_str() == word);
        known.ok_or_else(|| StoreError::Row { wanted: "an action", value: word.to_owned() })
    };
    Ok(Limits {
        actions: actions.split_whitespace().map(action).collect::<Result<_, _>>()?,
        department: department.map(|text| parsed(text, "a department")).transpose()?,
    })
}

impl TryFrom<Row> for TokenRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            person: row.person,
            name: row.name,
            limits: limits(&row.actions, row.department.as_deref())?,
            created_at_ms: loaded(row.created_at_ms),
            expires_at_ms: loaded(row.expires_at_ms),
        })
    }
}

/// Keeps a token that is known by its digest.
pub async fn insert(connection: &mut AnyConnection, token: &TokenRecord, secret: Digest) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(&token.id)
        .bind(secret.to_string())
        .bind(&token.person)
        .bind(&token.name)
        .bind(token.limits.words())
        .bind(token.limits.department.as_ref().map(Department::as_str))
        .bind(stored(token.created_at_ms))
        .bind(stored(token.expires_at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a token"))?;
    Ok(())
}

/// Whom a token stands for, within its limits, while it holds.
pub async fn by_secret(
    connection: &mut AnyConnection,
    secret: Digest,
    now_ms: u64,
) -> Result<Option<Person>, StoreError> {
    let row: Option<HolderRow> = sqlx::query_as(BY_SECRET)
        .bind(secret.to_string())
        .bind(stored(now_ms))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a token"))?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Person {
        id: row.id,
        name: row.name,
        role: role(row.role)?,
        department: row.department.map(|text| parsed(&text, "a department")).transpose()?,
        limits: Some(limits(&row.actions, row.narrowed.as_deref())?),
    }))
}

/// A person's tokens that hold, newest first.
pub async fn of(connection: &mut AnyConnection, person: &str, now_ms: u64) -> Result<Vec<TokenRecord>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF)
        .bind(person)
        .bind(stored(now_ms))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list tokens"))?;
    rows.into_iter().map(TokenRecord::try_from).collect()
}

/// The token of this id, while it holds.
pub async fn by_id(connection: &mut AnyConnection, id: &str, now_ms: u64) -> Result<Option<TokenRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(id)
        .bind(stored(now_ms))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a token"))?;
    row.map(TokenRecord::try_from).transpose()
}

/// Ends a token.
pub async fn revoke(connection: &mut AnyConnection, id: &str, now_ms: u64) -> Result<(), StoreError> {
    sqlx::query(REVOKE)
        .bind(id)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("revoke a token"))?;
    Ok(())
}
