//! Who has taken a submission on, and what people say about it.

use std::collections::BTreeMap;

use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, people::Person, stored};
use crate::error::StoreError;

const CLAIM: &str = "INSERT INTO claims (submission, person, at_ms) VALUES ($1, $2, $3) \
     ON CONFLICT (submission) DO UPDATE SET person = excluded.person, at_ms = excluded.at_ms";
const CLAIMED: &str = "SELECT person, people.name AS name, at_ms FROM claims \
     JOIN people ON people.id = claims.person WHERE submission = $1";
const CLAIMS: &str = "SELECT submission, person, people.name AS name, at_ms FROM claims \
     JOIN people ON people.id = claims.person";
const UNCLAIM: &str = "DELETE FROM claims WHERE submission = $1";
const SAY: &str = "INSERT INTO messages (id, submission, person, text, at_ms) VALUES ($1, $2, $3, $4, $5)";
const SAID: &str = "SELECT people.name AS name, people.role AS role, text, at_ms FROM messages \
     JOIN people ON people.id = messages.person WHERE submission = $1 ORDER BY messages.id";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[CLAIM, CLAIMED, CLAIMS, UNCLAIM, SAY, SAID];

/// Who has taken a submission on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRecord {
    /// Their id.
    pub person: String,
    /// Their name.
    pub name: String,
    /// Since when, in milliseconds since 1970.
    pub at_ms: u64,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// By whom.
    pub name: String,
    /// Their role now.
    pub role: String,
    /// The words.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

#[derive(FromRow)]
struct ClaimRow {
    person: String,
    name: String,
    at_ms: i64,
}

#[derive(FromRow)]
struct MessageRow {
    name: String,
    role: String,
    text: String,
    at_ms: i64,
}

/// Notes who takes a submission on now, whoever had it before.
pub async fn claim(
    connection: &mut AnyConnection,
    submission: &str,
    by: &Person,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(CLAIM)
        .bind(submission)
        .bind(&by.id)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("note a claim"))?;
    Ok(())
}

/// Who has taken a submission on, if somebody has.
pub async fn claimed(connection: &mut AnyConnection, submission: &str) -> Result<Option<ClaimRecord>, StoreError> {
    let row: Option<ClaimRow> = sqlx::query_as(CLAIMED)
        .bind(submission)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a claim"))?;
    Ok(row.map(|row| ClaimRecord { person: row.person, name: row.name, at_ms: loaded(row.at_ms) }))
}

/// Who has taken what on.
pub async fn claims(connection: &mut AnyConnection) -> Result<BTreeMap<String, ClaimRecord>, StoreError> {
    let rows: Vec<(String, String, String, i64)> =
        sqlx::query_as(CLAIMS).fetch_all(connection).await.map_err(StoreError::database("list claims"))?;
    let record = |(submission, person, name, at_ms)| (submission, ClaimRecord { person, name, at_ms: loaded(at_ms) });
    Ok(rows.into_iter().map(record).collect())
}

/// Nobody has it any more.
pub async fn unclaim(connection: &mut AnyConnection, submission: &str) -> Result<(), StoreError> {
    sqlx::query(UNCLAIM).bind(submission).execute(connection).await.map_err(StoreError::database("end a claim"))?;
    Ok(())
}

/// Adds what somebody says at the end.
pub async fn say(
    connection: &mut AnyConnection,
    submission: &str,
    by: &Person,
    text: &str,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(SAY)
        .bind(uuid::Uuid::now_v7().to_string())
        .bind(submission)
        .bind(&by.id)
        .bind(text)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a message"))?;
    Ok(())
}

/// All that was said about a submission, oldest first.
pub async fn said(connection: &mut AnyConnection, submission: &str) -> Result<Vec<MessageRecord>, StoreError> {
    let rows: Vec<MessageRow> = sqlx::query_as(SAID)
        .bind(submission)
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list messages"))?;
    let record =
        |row: MessageRow| MessageRecord { name: row.name, role: row.role, text: row.text, at_ms: loaded(row.at_ms) };
    Ok(rows.into_iter().map(record).collect())
}
