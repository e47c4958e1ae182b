//! Passkeys, and what was decided with them.

use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const INSERT: &str =
    "INSERT INTO passkeys (id, person, name, public_key, counter, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6)";
const OF: &str = "SELECT id, person, name, public_key, counter, created_at_ms FROM passkeys \
     WHERE person = $1 AND removed_at_ms IS NULL ORDER BY created_at_ms, id";
const BY_ID: &str =
    "SELECT id, person, name, public_key, counter, created_at_ms FROM passkeys WHERE id = $1 AND removed_at_ms IS NULL";
const TAKEN: &str = "SELECT COUNT(*) FROM passkeys WHERE id = $1";
const UPDATE: &str = "UPDATE passkeys SET counter = $2 WHERE id = $1";
const REMOVE: &str = "UPDATE passkeys SET removed_at_ms = $2 WHERE id = $1 AND removed_at_ms IS NULL";
const DECIDE: &str = "INSERT INTO decisions (submission, person, release_sha256, nonce, passkey, assertion, at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (submission, person) DO UPDATE SET \
     release_sha256 = excluded.release_sha256, nonce = excluded.nonce, passkey = excluded.passkey, \
     assertion = excluded.assertion, at_ms = excluded.at_ms";
const DECIDED: &str = "SELECT release_sha256 FROM decisions WHERE submission = $1 AND person = $2";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, OF, BY_ID, TAKEN, UPDATE, REMOVE, DECIDE, DECIDED];

/// A passkey that can be used.
#[derive(Clone, Debug)]
pub struct PasskeyRecord {
    /// The credential's id, base64url.
    pub id: String,
    /// Whose it is, by id.
    pub person: String,
    /// What its owner calls it.
    pub name: String,
    /// The public key, as SubjectPublicKeyInfo.
    pub public_key: Vec<u8>,
    /// How often it was used, if it counts.
    pub counter: u32,
    /// Since when.
    pub created_at_ms: u64,
}

/// What somebody has agreed to.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The submission.
    pub submission: String,
    /// Who, by id.
    pub person: String,
    /// The digest of the release document that was shown.
    pub release: Digest,
    /// What makes the challenge new, 64 hexadecimal digits.
    pub nonce: String,
    /// With which passkey.
    pub passkey: String,
    /// The browser's answer, as it came: whoever has it can check it again.
    pub assertion: String,
    /// When.
    pub at_ms: u64,
}

#[derive(FromRow)]
struct Row {
    id: String,
    person: String,
    name: String,
    public_key: Vec<u8>,
    counter: i64,
    created_at_ms: i64,
}

impl From<Row> for PasskeyRecord {
    fn from(row: Row) -> Self {
        Self {
            public_key: row.public_key,
            counter: u32::try_from(row.counter).unwrap_or(u32::MAX),
            id: row.id,
            person: row.person,
            name: row.name,
            created_at_ms: loaded(row.created_at_ms),
        }
    }
}

/// Keeps a passkey.
pub async fn insert(connection: &mut AnyConnection, record: &PasskeyRecord) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(&record.id)
        .bind(&record.person)
        .bind(&record.name)
        .bind(record.public_key.as_slice())
        .bind(i64::from(record.counter))
        .bind(stored(record.created_at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a passkey"))?;
    Ok(())
}

/// A person's passkeys, oldest first.
pub async fn of(connection: &mut AnyConnection, person: &str) -> Result<Vec<PasskeyRecord>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as(OF).bind(person).fetch_all(connection).await.map_err(StoreError::database("list passkeys"))?;
    Ok(rows.into_iter().map(PasskeyRecord::from).collect())
}

/// The passkey of this id.
pub async fn by_id(connection: &mut AnyConnection, id: &str) -> Result<Option<PasskeyRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a passkey"))?;
    Ok(row.map(PasskeyRecord::from))
}

/// Whether there is or was a passkey of this id.
pub async fn is_taken(connection: &mut AnyConnection, id: &str) -> Result<bool, StoreError> {
    let count: i64 = sqlx::query_scalar(TAKEN)
        .bind(id)
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("look up a passkey"))?;
    Ok(count > 0)
}

/// Keeps what using a passkey has changed, such as its counter.
pub async fn update(connection: &mut AnyConnection, record: &PasskeyRecord) -> Result<(), StoreError> {
    sqlx::query(UPDATE)
        .bind(&record.id)
        .bind(i64::from(record.counter))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a passkey"))?;
    Ok(())
}

/// Lets a passkey open nothing any more.
pub async fn remove(connection: &mut AnyConnection, id: &str, now_ms: u64) -> Result<(), StoreError> {
    sqlx::query(REMOVE)
        .bind(id)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("remove a passkey"))?;
    Ok(())
}

/// Keeps a decision, in place of an earlier one about the same submission.
pub async fn decide(connection: &mut AnyConnection, decision: &Decision) -> Result<(), StoreError> {
    sqlx::query(DECIDE)
        .bind(&decision.submission)
        .bind(&decision.person)
        .bind(decision.release.to_string())
        .bind(&decision.nonce)
        .bind(&decision.passkey)
        .bind(&decision.assertion)
        .bind(stored(decision.at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a decision"))?;
    Ok(())
}

/// The release that a person has agreed to.
pub async fn decided(
    connection: &mut AnyConnection,
    submission: &str,
    person: &str,
) -> Result<Option<Digest>, StoreError> {
    let digest: Option<String> = sqlx::query_scalar(DECIDED)
        .bind(submission)
        .bind(person)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a decision"))?;
    digest.map(|text| parsed(&text, "a digest")).transpose()
}
