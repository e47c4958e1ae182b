//! Terminals of halls, the codes they enrol with, and how they were. Only digests of codes are kept.

use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, stored};
use crate::error::StoreError;

const INSERT_CODE: &str = "INSERT INTO enrolment_codes (id, code_sha256, hall, name, policy, policy_sequence, made_by, \
     created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const CODE: &str = "SELECT id, hall, name, policy, policy_sequence, created_at_ms, expires_at_ms FROM enrolment_codes \
     WHERE code_sha256 = $1 AND used_at_ms IS NULL AND expires_at_ms > $2";
const CODES: &str = "SELECT id, hall, name, policy, policy_sequence, created_at_ms, expires_at_ms FROM enrolment_codes \
     WHERE used_at_ms IS NULL AND expires_at_ms > $1 ORDER BY hall, name, id";
const CODE_BY_ID: &str = "SELECT id, hall, name, policy, policy_sequence, created_at_ms, expires_at_ms \
     FROM enrolment_codes WHERE id = $1 AND used_at_ms IS NULL AND expires_at_ms > $2";
/// Says by its count of rows whether nobody else was first.
const USE_CODE: &str = "UPDATE enrolment_codes SET used_at_ms = $2 WHERE id = $1 AND used_at_ms IS NULL";
const INSERT: &str = "INSERT INTO terminals (id, hall, name, public_key, enrolled_at_ms, policy, policy_sequence, told, \
     seen_at_ms, report) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $5, '')";
const BY_ID: &str = "SELECT id, hall, name, public_key, enrolled_at_ms, policy, policy_sequence, told, seen_at_ms, report, \
     picture_asked_at_ms, picture_at_ms, revoked_at_ms, revoked_why FROM terminals WHERE id = $1";
const ALL: &str = "SELECT id, hall, name, public_key, enrolled_at_ms, policy, policy_sequence, told, seen_at_ms, report, \
     picture_asked_at_ms, picture_at_ms, revoked_at_ms, revoked_why FROM terminals ORDER BY hall, name, enrolled_at_ms, id";
const KEYS: &str = "SELECT COUNT(*) FROM terminals WHERE public_key = $1";
const AT_PLACE: &str = "SELECT COUNT(*) FROM terminals WHERE hall = $1 AND name = $2 AND revoked_at_ms IS NULL";
/// Says by its count of rows whether the number is a new one.
const TELL: &str = "UPDATE terminals SET told = $2, seen_at_ms = $3, report = $4 WHERE id = $1 AND told < $2 \
     AND revoked_at_ms IS NULL";
const REMEMBER: &str = "INSERT INTO heartbeats (terminal, hour_ms, at_ms, report) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (terminal, hour_ms) DO UPDATE SET at_ms = excluded.at_ms, report = excluded.report";
const FORGET: &str = "DELETE FROM heartbeats WHERE terminal = $1 AND hour_ms < $2";
const HISTORY: &str = "SELECT at_ms, report FROM heartbeats WHERE terminal = $1 ORDER BY hour_ms DESC LIMIT $2";
const ASSIGN: &str = "UPDATE terminals SET policy = $2, policy_sequence = $3 WHERE id = $1 AND policy_sequence < $3";
const ASK_PICTURE: &str = "UPDATE terminals SET picture_asked_at_ms = $2 WHERE id = $1";
const KEEP_PICTURE: &str = "UPDATE terminals SET told = $2, picture = $3, picture_at_ms = $4, picture_asked_at_ms = NULL \
     WHERE id = $1 AND told < $2 AND picture_asked_at_ms IS NOT NULL AND revoked_at_ms IS NULL";
const PICTURE: &str = "SELECT picture FROM terminals WHERE id = $1 AND picture IS NOT NULL";
const REVOKE: &str = "UPDATE terminals SET revoked_at_ms = $2, revoked_why = $3, picture = NULL, picture_at_ms = NULL, \
     picture_asked_at_ms = NULL WHERE id = $1 AND revoked_at_ms IS NULL";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[
    INSERT_CODE,
    CODE,
    CODES,
    CODE_BY_ID,
    USE_CODE,
    INSERT,
    BY_ID,
    ALL,
    KEYS,
    AT_PLACE,
    TELL,
    REMEMBER,
    FORGET,
    HISTORY,
    ASSIGN,
    ASK_PICTURE,
    KEEP_PICTURE,
    PICTURE,
    REVOKE,
];

/// A code that can still be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRecord {
    /// UUIDv7; knowing it opens nothing.
    pub id: String,
    /// The hall of the terminal.
    pub hall: String,
    /// Its name there.
    pub name: String,
    /// The signed policy it is given.
    pub policy: String,
    /// The number of that policy.
    pub policy_sequence: u64,
    /// Since when.
    pub created_at_ms: u64,
    /// Until when.
    pub expires_at_ms: u64,
}

/// A terminal that has enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalRecord {
    /// UUIDv7.
    pub id: String,
    /// Its hall.
    pub hall: String,
    /// Its name there.
    pub name: String,
    /// The key it signs with: `ed25519:…`.
    pub public_key: String,
    /// Since when.
    pub enrolled_at_ms: u64,
    /// The signed policy it is to have.
    pub policy: String,
    /// The number of that policy.
    pub policy_sequence: u64,
    /// The highest number it has signed.
    pub told: u64,
    /// When it last told something, or enrolled.
    pub seen_at_ms: u64,
    /// What it told last, as it signed it; empty if nothing yet.
    pub report: String,
    /// Since when somebody waits for a picture.
    pub picture_asked_at_ms: Option<u64>,
    /// When the last picture came.
    pub picture_at_ms: Option<u64>,
    /// When it was revoked, and why.
    pub revoked: Option<(u64, String)>,
}

#[derive(FromRow)]
struct CodeRow {
    id: String,
    hall: String,
    name: String,
    policy: String,
    policy_sequence: i64,
    created_at_ms: i64,
    expires_at_ms: i64,
}

impl From<CodeRow> for CodeRecord {
    fn from(row: CodeRow) -> Self {
        Self {
            id: row.id,
            hall: row.hall,
            name: row.name,
            policy: row.policy,
            policy_sequence: loaded(row.policy_sequence),
            created_at_ms: loaded(row.created_at_ms),
            expires_at_ms: loaded(row.expires_at_ms),
        }
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    hall: String,
    name: String,
    public_key: String,
    enrolled_at_ms: i64,
    policy: String,
    policy_sequence: i64,
    told: i64,
    seen_at_ms: i64,
    report: String,
    picture_asked_at_ms: Option<i64>,
    picture_at_ms: Option<i64>,
    revoked_at_ms: Option<i64>,
    revoked_why: Option<String>,
}

impl From<Row> for TerminalRecord {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            hall: row.hall,
            name: row.name,
            public_key: row.public_key,
            enrolled_at_ms: loaded(row.enrolled_at_ms),
            policy: row.policy,
            policy_sequence: loaded(row.policy_sequence),
            told: loaded(row.told),
            seen_at_ms: loaded(row.seen_at_ms),
            report: row.report,
            picture_asked_at_ms: row.picture_asked_at_ms.map(loaded),
            picture_at_ms: row.picture_at_ms.map(loaded),
            revoked: row.revoked_at_ms.map(|at| (loaded(at), row.revoked_why.unwrap_or_default())),
        }
    }
}

/// Keeps a code that is known by its digest.
pub async fn insert_code(
    connection: &mut AnyConnection,
    code: &CodeRecord,
    digest: Digest,
    made_by: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query(INSERT_CODE)
        .bind(&code.id)
        .bind(digest.to_string())
        .bind(&code.hall)
        .bind(&code.name)
        .bind(&code.policy)
        .bind(stored(code.policy_sequence))
        .bind(made_by)
        .bind(stored(code.created_at_ms))
        .bind(stored(code.expires_at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep an enrolment code"))?;
    Ok(())
}

/// The code with this digest, if it can still be used.
pub async fn code(
    connection: &mut AnyConnection,
    digest: Digest,
    now_ms: u64,
) -> Result<Option<CodeRecord>, StoreError> {
    one_code(connection, CODE, &digest.to_string(), now_ms).await
}

/// The code of this id, if it can still be used.
pub async fn code_by_id(
    connection: &mut AnyConnection,
    id: &str,
    now_ms: u64,
) -> Result<Option<CodeRecord>, StoreError> {
    one_code(connection, CODE_BY_ID, id, now_ms).await
}

async fn one_code(
    connection: &mut AnyConnection,
    query: &'static str,
    value: &str,
    now_ms: u64,
) -> Result<Option<CodeRecord>, StoreError> {
    let row: Option<CodeRow> = sqlx::query_as(query)
        .bind(value)
        .bind(stored(now_ms))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up an enrolment code"))?;
    Ok(row.map(CodeRecord::from))
}

/// The codes that can still be used.
pub async fn codes(connection: &mut AnyConnection, now_ms: u64) -> Result<Vec<CodeRecord>, StoreError> {
    let rows: Vec<CodeRow> = sqlx::query_as(CODES)
        .bind(stored(now_ms))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list enrolment codes"))?;
    Ok(rows.into_iter().map(CodeRecord::from).collect())
}

/// Uses a code up. Says whether it was still there.
pub async fn use_code(connection: &mut AnyConnection, id: &str, now_ms: u64) -> Result<bool, StoreError> {
    let used = sqlx::query(USE_CODE).bind(id).bind(stored(now_ms)).execute(connection).await;
    Ok(used.map_err(StoreError::database("use an enrolment code"))?.rows_affected() == 1)
}

/// Adds a terminal that has just enrolled.
pub async fn insert(connection: &mut AnyConnection, terminal: &TerminalRecord) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(&terminal.id)
        .bind(&terminal.hall)
        .bind(&terminal.name)
        .bind(&terminal.public_key)
        .bind(stored(terminal.enrolled_at_ms))
        .bind(&terminal.policy)
        .bind(stored(terminal.policy_sequence))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a terminal"))?;
    Ok(())
}

/// A terminal, revoked or not.
pub async fn by_id(connection: &mut AnyConnection, id: &str) -> Result<Option<TerminalRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a terminal"))?;
    Ok(row.map(TerminalRecord::from))
}

/// All terminals, by hall and name.
pub async fn all(connection: &mut AnyConnection) -> Result<Vec<TerminalRecord>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as(ALL).fetch_all(connection).await.map_err(StoreError::database("list terminals"))?;
    Ok(rows.into_iter().map(TerminalRecord::from).collect())
}

/// Whether a terminal, revoked or not, has this key.
pub async fn has_key(connection: &mut AnyConnection, public_key: &str) -> Result<bool, StoreError> {
    let count: Result<i64, _> = sqlx::query_scalar(KEYS).bind(public_key).fetch_one(connection).await;
    Ok(count.map_err(StoreError::database("look up a terminal's key"))? > 0)
}

/// Whether there is a terminal of this name in this hall.
pub async fn is_taken(connection: &mut AnyConnection, hall: &str, name: &str) -> Result<bool, StoreError> {
    let count: Result<i64, _> = sqlx::query_scalar(AT_PLACE).bind(hall).bind(name).fetch_one(connection).await;
    Ok(count.map_err(StoreError::database("look up a terminal's place"))? > 0)
}

/// Keeps what a terminal tells under a number. Says whether the number was a new one.
pub async fn tell(
    connection: &mut AnyConnection,
    id: &str,
    number: u64,
    report: &str,
    now_ms: u64,
) -> Result<bool, StoreError> {
    let told =
        sqlx::query(TELL).bind(id).bind(stored(number)).bind(stored(now_ms)).bind(report).execute(connection).await;
    Ok(told.map_err(StoreError::database("keep a terminal's report"))?.rows_affected() == 1)
}

/// Keeps a report as the last of its hour, and forgets those of before a time.
pub async fn remember(
    connection: &mut AnyConnection,
    id: &str,
    report: &str,
    [hour_ms, at_ms, before_ms]: [u64; 3],
) -> Result<(), StoreError> {
    sqlx::query(REMEMBER)
        .bind(id)
        .bind(stored(hour_ms))
        .bind(stored(at_ms))
        .bind(report)
        .execute(&mut *connection)
        .await
        .map_err(StoreError::database("remember a terminal's report"))?;
    sqlx::query(FORGET)
        .bind(id)
        .bind(stored(before_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("forget a terminal's reports"))?;
    Ok(())
}

/// The last reports of a terminal, newest first.
pub async fn history(connection: &mut AnyConnection, id: &str, most: u32) -> Result<Vec<(u64, String)>, StoreError> {
    let rows: Vec<(i64, String)> = sqlx::query_as(HISTORY)
        .bind(id)
        .bind(i64::from(most))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list a terminal's reports"))?;
    Ok(rows.into_iter().map(|(at, report)| (loaded(at), report)).collect())
}

/// Gives a terminal a newer policy. Says whether it was newer.
pub async fn assign(connection: &mut AnyConnection, id: &str, policy: &str, sequence: u64) -> Result<bool, StoreError> {
    let assigned = sqlx::query(ASSIGN).bind(id).bind(policy).bind(stored(sequence)).execute(connection).await;
    Ok(assigned.map_err(StoreError::database("assign a policy"))?.rows_affected() == 1)
}

/// Notes that somebody wants a picture.
pub async fn ask_for_picture(connection: &mut AnyConnection, id: &str, now_ms: u64) -> Result<(), StoreError> {
    let asked = sqlx::query(ASK_PICTURE).bind(id).bind(stored(now_ms)).execute(connection).await;
    asked.map(drop).map_err(StoreError::database("ask for a picture"))
}

/// Keeps a picture that somebody waits for, sent under a new number. Says whether that was so.
pub async fn keep_picture(
    connection: &mut AnyConnection,
    id: &str,
    number: u64,
    png: &[u8],
    now_ms: u64,
) -> Result<bool, StoreError> {
    let kept = sqlx::query(KEEP_PICTURE)
        .bind(id)
        .bind(stored(number))
        .bind(png.to_vec())
        .bind(stored(now_ms))
        .execute(connection)
        .await;
    Ok(kept.map_err(StoreError::database("keep a picture"))?.rows_affected() == 1)
}

/// The last picture of a terminal.
pub async fn picture(connection: &mut AnyConnection, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Result<Option<Vec<u8>>, _> = sqlx::query_scalar(PICTURE).bind(id).fetch_optional(connection).await;
    found.map_err(StoreError::database("read a picture"))
}

/// Revokes a terminal. Says whether it was not before.
pub async fn revoke(connection: &mut AnyConnection, id: &str, why: &str, now_ms: u64) -> Result<bool, StoreError> {
    let revoked = sqlx::query(REVOKE).bind(id).bind(stored(now_ms)).bind(why).execute(connection).await;
    Ok(revoked.map_err(StoreError::database("revoke a terminal"))?.rows_affected() == 1)
}
