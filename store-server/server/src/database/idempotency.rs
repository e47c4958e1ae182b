//! What was answered under which key, for as long as somebody may ask again.

use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, stored};
use crate::error::StoreError;

const FORGET: &str = "DELETE FROM idempotency WHERE begun_at_ms <= $1";
const COUNT: &str = "SELECT COUNT(*) FROM idempotency WHERE owner_sha256 = $1";
const FIND: &str = "SELECT request_sha256, state, answer FROM idempotency WHERE key_sha256 = $1";
const INSERT: &str = "INSERT INTO idempotency (key_sha256, owner_sha256, request_sha256, begun_at_ms, done, state, answer) \
     VALUES ($1, $2, $3, $4, 0, 'begun', '')";
const DONE: &str = "UPDATE idempotency SET done = 1 WHERE key_sha256 = $1";
const ANSWERED: &str = "UPDATE idempotency SET state = 'answered', answer = $2 WHERE key_sha256 = $1";
const UNDONE: &str = "DELETE FROM idempotency WHERE key_sha256 = $1 AND done = 0";
const LOST: &str = "UPDATE idempotency SET state = 'lost' WHERE key_sha256 = $1";
const ALL_UNDONE: &str = "DELETE FROM idempotency WHERE state = 'begun' AND done = 0";
const ALL_LOST: &str = "UPDATE idempotency SET state = 'lost' WHERE state = 'begun'";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[FORGET, COUNT, FIND, INSERT, DONE, ANSWERED, UNDONE, LOST, ALL_UNDONE, ALL_LOST];

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is being done.
    Begun,
    /// It was answered so.
    Answered(String),
    /// It was done, and the answer is not there any more.
    Lost,
}

#[derive(FromRow)]
struct Row {
    request_sha256: String,
    state: String,
    answer: String,
}

/// Forgets what was begun at this time or before.
pub async fn forget(connection: &mut AnyConnection, until_ms: u64) -> Result<(), StoreError> {
    sqlx::query(FORGET)
        .bind(stored(until_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("forget old answers"))?;
    Ok(())
}

/// How many keys somebody has used.
pub async fn count(connection: &mut AnyConnection, owner: Digest) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(COUNT)
        .bind(owner.to_string())
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("count answers"))?;
    Ok(loaded(count))
}

/// What is known of a key, and for which request.
pub async fn find(connection: &mut AnyConnection, key: Digest) -> Result<Option<(String, Known)>, StoreError> {
    let row: Option<Row> = sqlx::query_as(FIND)
        .bind(key.to_string())
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look for an answer"))?;
    row.map(|row| {
        let known = match row.state.as_str() {
            "begun" => Known::Begun,
            "answered" => Known::Answered(row.answer),
            "lost" => Known::Lost,
            _ => return Err(StoreError::Row { wanted: "what became of a request", value: row.state }),
        };
        Ok((row.request_sha256, known))
    })
    .transpose()
}

/// Notes that a request begins.
pub async fn begin(
    connection: &mut AnyConnection,
    key: Digest,
    owner: Digest,
    request: Digest,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(key.to_string())
        .bind(owner.to_string())
        .bind(request.to_string())
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("note a request"))?;
    Ok(())
}

/// Notes, in the change that does it, that it is done.
pub async fn done(connection: &mut AnyConnection, key: Digest) -> Result<(), StoreError> {
    one(connection, DONE, key).await
}

/// Keeps an answer.
pub async fn answered(connection: &mut AnyConnection, key: Digest, answer: &str) -> Result<(), StoreError> {
    sqlx::query(ANSWERED)
        .bind(key.to_string())
        .bind(answer)
        .execute(connection)
        .await
        .map_err(StoreError::database("keep an answer"))?;
    Ok(())
}

/// Gives an answer up: what was not done may be tried again, and what was is not done twice.
pub async fn give_up(connection: &mut AnyConnection, key: Digest) -> Result<(), StoreError> {
    one(&mut *connection, UNDONE, key).await?;
    one(connection, LOST, key).await
}

async fn one(connection: &mut AnyConnection, query: &'static str, key: Digest) -> Result<(), StoreError> {
    sqlx::query(query)
        .bind(key.to_string())
        .execute(connection)
        .await
        .map_err(StoreError::database("note what became of a request"))?;
    Ok(())
}

/// The same for all that an earlier server had begun.
pub async fn give_all_up(connection: &mut AnyConnection) -> Result<(), StoreError> {
    for query in [ALL_UNDONE, ALL_LOST] {
        sqlx::query(query)
            .execute(&mut *connection)
            .await
            .map_err(StoreError::database("note what became of requests"))?;
    }
    Ok(())
}
