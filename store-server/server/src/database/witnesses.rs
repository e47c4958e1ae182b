//! The witnesses of the log, and what waits for them.

use guichet_trust::log::VerifierKey;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO witnesses (key, url, added_at_ms) VALUES ($1, $2, $3) \
     ON CONFLICT (key) DO UPDATE SET url = excluded.url";
const DELETE: &str = "DELETE FROM witnesses WHERE key = $1";
const ALL: &str = "SELECT key, url, size FROM witnesses ORDER BY added_at_ms, key";
const SET_SIZE: &str = "UPDATE witnesses SET size = $2 WHERE key = $1";
const QUORUM: &str = "SELECT needed, changed FROM quorum";
const SET_QUORUM: &str = "UPDATE quorum SET needed = $1, changed = 1";
const SETTLED: &str = "UPDATE quorum SET changed = 0";
const WAIT: &str = "INSERT INTO waiting (role, version, position) VALUES ($1, $2, $3)";
const ROLES_WAITING: &str = "SELECT DISTINCT role FROM waiting WHERE position < $1 ORDER BY role";
const RELEASES_WAITING: &str = "SELECT submission FROM log WHERE position IN \
     (SELECT position FROM waiting WHERE position < $1) ORDER BY position";
const IS_WAITING: &str =
    "SELECT COUNT(*) FROM waiting JOIN log ON log.position = waiting.position WHERE log.submission = $1";
const LET_GO: &str = "DELETE FROM waiting WHERE position < $1";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[
    INSERT,
    DELETE,
    ALL,
    SET_SIZE,
    QUORUM,
    SET_QUORUM,
    SETTLED,
    WAIT,
    ROLES_WAITING,
    RELEASES_WAITING,
    IS_WAITING,
    LET_GO,
];

/// A witness and where it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessRecord {
    /// Its key.
    pub key: VerifierKey,
    /// What `add-checkpoint` is appended to.
    pub url: String,
    /// The size of the tree it is believed to have seen.
    pub size: u64,
}

#[derive(FromRow)]
struct Row {
    key: String,
    url: String,
    size: i64,
}

/// Adds a witness, or gives it another address.
pub async fn insert(
    connection: &mut AnyConnection,
    key: &VerifierKey,
    url: &str,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(key.to_string())
        .bind(url)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("add a witness"))?;
    Ok(())
}

/// Removes a witness. Says whether there was one.
pub async fn remove(connection: &mut AnyConnection, key: &VerifierKey) -> Result<bool, StoreError> {
    let done = sqlx::query(DELETE)
        .bind(key.to_string())
        .execute(connection)
        .await
        .map_err(StoreError::database("remove a witness"))?;
    Ok(done.rows_affected() > 0)
}

/// Every witness, the first one first.
pub async fn all(connection: &mut AnyConnection) -> Result<Vec<WitnessRecord>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as(ALL).fetch_all(connection).await.map_err(StoreError::database("list the witnesses"))?;
    let record =
        |row: Row| Ok(WitnessRecord { key: parsed(&row.key, "a witness' key")?, url: row.url, size: loaded(row.size) });
    rows.into_iter().map(record).collect()
}

/// Keeps how large a tree a witness has seen.
pub async fn set_size(connection: &mut AnyConnection, key: &VerifierKey, size: u64) -> Result<(), StoreError> {
    sqlx::query(SET_SIZE)
        .bind(key.to_string())
        .bind(stored(size))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep what a witness has seen"))?;
    Ok(())
}

/// How many witnesses must sign, and whether that, or who they are, changed since the proofs were last made.
pub async fn quorum(connection: &mut AnyConnection) -> Result<(u64, bool), StoreError> {
    let (needed, changed): (i64, i64) =
        sqlx::query_as(QUORUM).fetch_one(connection).await.map_err(StoreError::database("read the quorum"))?;
    Ok((loaded(needed), changed != 0))
}

/// Sets how many witnesses must sign.
pub async fn set_quorum(connection: &mut AnyConnection, needed: u64) -> Result<(), StoreError> {
    sqlx::query(SET_QUORUM)
        .bind(stored(needed))
        .execute(connection)
        .await
        .map_err(StoreError::database("set the quorum"))?;
    Ok(())
}

/// The proofs are those of the present policy.
pub async fn settle(connection: &mut AnyConnection) -> Result<(), StoreError> {
    sqlx::query(SETTLED).execute(connection).await.map_err(StoreError::database("set the quorum"))?;
    Ok(())
}

/// Keeps a role's document from being listed until the log shows this position.
pub async fn wait(connection: &mut AnyConnection, role: &str, version: u64, position: u64) -> Result<(), StoreError> {
    sqlx::query(WAIT)
        .bind(role)
        .bind(stored(version))
        .bind(stored(position))
        .execute(connection)
        .await
        .map_err(StoreError::database("let a document wait"))?;
    Ok(())
}

/// Whether a release waits for the log yet.
pub async fn is_waiting(connection: &mut AnyConnection, submission: &str) -> Result<bool, StoreError> {
    let count: i64 = sqlx::query_scalar(IS_WAITING)
        .bind(submission)
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("look up what waits"))?;
    Ok(count > 0)
}

/// Lets go of what waited for a tree of this size: the roles, and the submissions that are released by it.
pub async fn let_go(connection: &mut AnyConnection, size: u64) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let operation = "list what has waited";
    let roles = sqlx::query_scalar(ROLES_WAITING)
        .bind(stored(size))
        .fetch_all(&mut *connection)
        .await
        .map_err(StoreError::database(operation))?;
    let submissions = sqlx::query_scalar(RELEASES_WAITING)
        .bind(stored(size))
        .fetch_all(&mut *connection)
        .await
        .map_err(StoreError::database(operation))?;
    sqlx::query(LET_GO).bind(stored(size)).execute(connection).await.map_err(StoreError::database(operation))?;
    Ok((roles, submissions))
}
