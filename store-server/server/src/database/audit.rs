//! The audit record. Rows are added and never changed.

use guichet_contract::Department;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, stored};
use crate::{
    audit::{Entry, Outcome},
    error::StoreError,
};

const INSERT: &str = "INSERT INTO audit (position, at_ms, person, name, deed, about, department, outcome, why, before, after, \
     previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const LAST: &str = "SELECT position, hash FROM audit ORDER BY position DESC LIMIT 1";
const FROM: &str = "SELECT position, at_ms, person, name, deed, about, department, outcome, why, before, after, previous, hash \
     FROM audit WHERE position >= $1 ORDER BY position LIMIT 500";
const PAGE: &str = "SELECT position, at_ms, person, name, deed, about, department, outcome, why, before, after, previous, hash \
     FROM audit WHERE (department = $1 OR $1 IS NULL) AND (name = $2 OR $2 IS NULL) AND (deed = $3 OR $3 IS NULL) \
     AND (outcome = $4 OR $4 IS NULL) AND position < $5 ORDER BY position DESC LIMIT $6";
const DEEDS: &str = "SELECT DISTINCT deed FROM audit ORDER BY deed";
const INSERT_HEAD: &str = "INSERT INTO audit_heads (size, signed, at_ms) VALUES ($1, $2, $3)";
const LAST_HEAD: &str = "SELECT size, at_ms, signed FROM audit_heads ORDER BY size DESC LIMIT 1";
const HEADS: &str = "SELECT size, signed FROM audit_heads ORDER BY size";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, LAST, FROM, PAGE, DEEDS, INSERT_HEAD, LAST_HEAD, HEADS];

#[derive(FromRow)]
struct Row {
    position: i64,
    at_ms: i64,
    person: Option<String>,
    name: String,
    deed: String,
    about: String,
    department: Option<String>,
    outcome: String,
    why: Option<String>,
    before: Option<String>,
    after: Option<String>,
    previous: String,
    hash: String,
}

impl TryFrom<Row> for Entry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == row.outcome);
        Ok(Self {
            position: loaded(row.position),
            at_ms: loaded(row.at_ms),
            person: row.person,
            name: row.name,
            deed: row.deed,
            about: row.about,
            department: row.department,
            outcome: outcome.ok_or(StoreError::Row { wanted: "an outcome", value: row.outcome })?,
            why: row.why,
            before: row.before,
            after: row.after,
            previous: row.previous,
            hash: row.hash,
        })
    }
}

/// What to show of the record; what is none does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this department.
    pub department: Option<Department>,
    /// By whoever has this name.
    pub name: Option<String>,
    /// This deed.
    pub deed: Option<String>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// Before this position.
    pub before: Option<u64>,
}

/// Adds an entry.
pub async fn insert(connection: &mut AnyConnection, entry: &Entry) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(stored(entry.position))
        .bind(stored(entry.at_ms))
        .bind(&entry.person)
        .bind(&entry.name)
        .bind(&entry.deed)
        .bind(&entry.about)
        .bind(&entry.department)
        .bind(entry.outcome.as_str())
        .bind(&entry.why)
        .bind(&entry.before)
        .bind(&entry.after)
        .bind(&entry.previous)
        .bind(&entry.hash)
        .execute(connection)
        .await
        .map_err(StoreError::database("record what was done"))?;
    Ok(())
}

/// Where the chain ends: the last position and its hash.
pub async fn last(connection: &mut AnyConnection) -> Result<Option<(u64, String)>, StoreError> {
    let row: Option<(i64, String)> =
        sqlx::query_as(LAST).fetch_optional(connection).await.map_err(StoreError::database("look at the record"))?;
    Ok(row.map(|(position, hash)| (loaded(position), hash)))
}

/// Entries from this position on, up to 500.
pub async fn from(connection: &mut AnyConnection, position: u64) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(FROM)
        .bind(stored(position))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("read the record"))?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The newest entries that the filter lets pass, newest first, up to so many.
pub async fn page(connection: &mut AnyConnection, filter: &Filter, most: usize) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(PAGE)
        .bind(filter.department.as_ref().map(Department::as_str))
        .bind(&filter.name)
        .bind(&filter.deed)
        .bind(filter.outcome.map(Outcome::as_str))
        .bind(filter.before.map_or(i64::MAX, stored))
        .bind(stored(most as u64))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("read the record"))?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// Every deed there is an entry of.
pub async fn deeds(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    sqlx::query_scalar(DEEDS).fetch_all(connection).await.map_err(StoreError::database("list the deeds"))
}

/// Keeps what was signed of the record.
pub async fn insert_head(
    connection: &mut AnyConnection,
    size: u64,
    signed: &str,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT_HEAD)
        .bind(stored(size))
        .bind(signed)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a signed head"))?;
    Ok(())
}

/// The size that was signed last, when, and the signed text.
pub async fn last_head(connection: &mut AnyConnection) -> Result<Option<(u64, u64, String)>, StoreError> {
    let row: Option<(i64, i64, String)> = sqlx::query_as(LAST_HEAD)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look at the heads"))?;
    Ok(row.map(|(size, at_ms, signed)| (loaded(size), loaded(at_ms), signed)))
}

/// Everything that was signed, by size.
pub async fn heads(connection: &mut AnyConnection) -> Result<Vec<(u64, String)>, StoreError> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as(HEADS).fetch_all(connection).await.map_err(StoreError::database("list the heads"))?;
    Ok(rows.into_iter().map(|(size, signed)| (loaded(size), signed)).collect())
}
