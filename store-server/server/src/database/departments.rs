//! Departments, the prefixes they own, and the public keys of their publishers. Who reviews is said by the metadata alone.

use guichet_contract::{AppId, Department};
use guichet_trust::sign::PublicKey;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO departments (id, name_zh, name_en, created_at_ms) VALUES ($1, $2, $3, $4)";
const INSERT_PREFIX: &str = "INSERT INTO prefixes (prefix, department) VALUES ($1, $2)";
const ALL: &str = "SELECT id, name_zh, name_en FROM departments ORDER BY id";
const PREFIXES: &str = "SELECT prefix, department FROM prefixes ORDER BY prefix";
const INSERT_PUBLISHER: &str =
    "INSERT INTO publisher_keys (department, key, from_position, added_at_ms) VALUES ($1, $2, $3, $4)";
const REVOKE_PUBLISHER: &str = "UPDATE publisher_keys SET revoked = 1 WHERE department = $1 AND key = $2";
const PUBLISHERS: &str =
    "SELECT department, key, from_position, revoked FROM publisher_keys ORDER BY department, added_at_ms, key";

#[cfg(test)]
pub(super) const QUERIES: &[&str] =
    &[INSERT, INSERT_PREFIX, ALL, PREFIXES, INSERT_PUBLISHER, REVOKE_PUBLISHER, PUBLISHERS];

/// A department with its publishers' keys.
#[derive(Clone, Debug)]
pub struct DepartmentRecord {
    /// Its id.
    pub id: Department,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English.
    pub name_en: String,
    /// The app ids it owns.
    pub prefixes: Vec<AppId>,
    /// Who may seal.
    pub publishers: Vec<PublisherKeyRecord>,
}

/// A publisher's key.
#[derive(Clone, Debug)]
pub struct PublisherKeyRecord {
    /// The key.
    pub key: PublicKey,
    /// The first log position it may have sealed.
    pub from_position: u64,
    /// Nothing it sealed counts any more.
    pub revoked: bool,
}

impl DepartmentRecord {
    /// The name for readers of this language.
    pub fn name(&self, chinese: bool) -> &str {
        if chinese { &self.name_zh } else { &self.name_en }
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    name_zh: String,
    name_en: String,
}

#[derive(FromRow)]
struct PrefixRow {
    prefix: String,
    department: String,
}

#[derive(FromRow)]
struct PublisherRow {
    department: String,
    key: String,
    from_position: i64,
    revoked: i64,
}

/// Adds a department that has no keys yet.
pub async fn insert(
    connection: &mut AnyConnection,
    department: &DepartmentRecord,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(department.id.as_str())
        .bind(&department.name_zh)
        .bind(&department.name_en)
        .bind(stored(now_ms))
        .execute(&mut *connection)
        .await
        .map_err(StoreError::database("add a department"))?;
    for prefix in &department.prefixes {
        sqlx::query(INSERT_PREFIX)
            .bind(prefix.as_str())
            .bind(department.id.as_str())
            .execute(&mut *connection)
            .await
            .map_err(StoreError::database("add a prefix"))?;
    }
    Ok(())
}

/// Every department, by id.
pub async fn all(connection: &mut AnyConnection) -> Result<Vec<DepartmentRecord>, StoreError> {
    let operation = "list the departments";
    let rows: Vec<Row> =
        sqlx::query_as(ALL).fetch_all(&mut *connection).await.map_err(StoreError::database(operation))?;
    let prefixes: Vec<PrefixRow> =
        sqlx::query_as(PREFIXES).fetch_all(&mut *connection).await.map_err(StoreError::database(operation))?;
    let publishers: Vec<PublisherRow> =
        sqlx::query_as(PUBLISHERS).fetch_all(&mut *connection).await.map_err(StoreError::database(operation))?;
    rows.into_iter()
        .map(|row| {
            let own = |department: &str| department == row.id;
            Ok(DepartmentRecord {
                prefixes: prefixes
                    .iter()
                    .filter(|prefix| own(&prefix.department))
                    .map(|prefix| parsed(&prefix.prefix, "an app id"))
                    .collect::<Result<_, _>>()?,
                publishers: publishers
                    .iter()
                    .filter(|publisher| own(&publisher.department))
                    .map(|publisher| {
                        Ok(PublisherKeyRecord {
                            key: parsed(&publisher.key, "a public key")?,
                            from_position: loaded(publisher.from_position),
                            revoked: publisher.revoked != 0,
                        })
                    })
                    .collect::<Result<_, StoreError>>()?,
                id: parsed(&row.id, "a department")?,
                name_zh: row.name_zh,
                name_en: row.name_en,
            })
        })
        .collect()
}

/// The department of this id.
pub async fn get(connection: &mut AnyConnection, id: &Department) -> Result<Option<DepartmentRecord>, StoreError> {
    Ok(all(connection).await?.into_iter().find(|department| department.id == *id))
}

/// Lets a key seal for a department, from this log position on.
pub async fn insert_publisher(
    connection: &mut AnyConnection,
    department: &Department,
    key: &PublicKey,
    from_position: u64,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT_PUBLISHER)
        .bind(department.as_str())
        .bind(key.to_string())
        .bind(stored(from_position))
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("add a publisher's key"))?;
    Ok(())
}

/// Takes back everything a key sealed. Says whether there was such a key.
pub async fn revoke_publisher(
    connection: &mut AnyConnection,
    department: &Department,
    key: &PublicKey,
) -> Result<bool, StoreError> {
    let done = sqlx::query(REVOKE_PUBLISHER)
        .bind(department.as_str())
        .bind(key.to_string())
        .execute(connection)
        .await
        .map_err(StoreError::database("revoke a publisher's key"))?;
    Ok(done.rows_affected() > 0)
}
