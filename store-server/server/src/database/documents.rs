//! Signed metadata and the target files it lists, exactly as published.

use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO metadata (role, version, document) VALUES ($1, $2, $3)";
const LATEST: &str = "SELECT role, version, document FROM metadata WHERE role = $1 ORDER BY version DESC LIMIT 1";
const LATEST_OF_ALL: &str = "SELECT role, version, document FROM metadata WHERE version = (SELECT MAX(version) FROM metadata AS listed \
     WHERE listed.role = metadata.role AND NOT EXISTS (SELECT 1 FROM waiting WHERE waiting.role = listed.role AND \
     waiting.version = listed.version)) ORDER BY role";
const WAITING: &str = "SELECT role, version, document FROM metadata WHERE (role IN ($1, $2) \
     OR substr(role, 1, length($1) + 5) = $1 || '_bin-' OR substr(role, 1, length($2) + 5) = $2 || '_bin-') \
     AND version = (SELECT MAX(version) FROM waiting WHERE waiting.role = metadata.role) ORDER BY role";
const WITH_BINS: &str = "SELECT role, version, document FROM metadata WHERE (role = $1 OR substr(role, 1, length($1) + 5) = $1 || '_bin-') \
     AND version = (SELECT MAX(version) FROM metadata AS newer WHERE newer.role = metadata.role) ORDER BY role";
const VERSIONS: &str = "SELECT role, version, document FROM metadata WHERE role = $1 ORDER BY version";
const ALL: &str = "SELECT role, version, document FROM metadata WHERE role <> 'timestamp' AND NOT EXISTS (SELECT 1 FROM \
     waiting WHERE waiting.role = metadata.role AND waiting.version = metadata.version) ORDER BY role, version";
const INSERT_TARGET: &str = "INSERT INTO targets (path, sha256, content) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const TARGET: &str = "SELECT path, sha256, content FROM targets WHERE path = $1 AND sha256 = $2";
const ALL_TARGETS: &str = "SELECT path, sha256, content FROM targets ORDER BY path, sha256";

#[cfg(test)]
pub(super) const QUERIES: &[&str] =
    &[INSERT, LATEST, LATEST_OF_ALL, WAITING, WITH_BINS, VERSIONS, ALL, INSERT_TARGET, TARGET, ALL_TARGETS];

/// One version of one role's document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataRecord {
    /// `root`, `targets`, `snapshot`, `timestamp`, `brake` or a department's role.
    pub role: String,
    /// Its version.
    pub version: u64,
    /// The bytes as published.
    pub document: Vec<u8>,
}

/// One target file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRecord {
    /// The path metadata lists it under.
    pub path: String,
    /// The digest of its content.
    pub sha256: Digest,
    /// The bytes as published.
    pub content: Vec<u8>,
}

#[derive(FromRow)]
struct Row {
    role: String,
    version: i64,
    document: Vec<u8>,
}

impl From<Row> for MetadataRecord {
    fn from(row: Row) -> Self {
        Self { role: row.role, version: loaded(row.version), document: row.document }
    }
}

#[derive(FromRow)]
struct TargetRow {
    path: String,
    sha256: String,
    content: Vec<u8>,
}

impl TryFrom<TargetRow> for TargetRecord {
    type Error = StoreError;

    fn try_from(row: TargetRow) -> Result<Self, StoreError> {
        Ok(Self { path: row.path, sha256: parsed(&row.sha256, "a digest")?, content: row.content })
    }
}

/// Adds a document.
pub async fn insert(connection: &mut AnyConnection, record: &MetadataRecord) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(&record.role)
        .bind(stored(record.version))
        .bind(&record.document)
        .execute(connection)
        .await
        .map_err(StoreError::database("add a metadata document"))?;
    Ok(())
}

/// The newest document of a role.
pub async fn latest(connection: &mut AnyConnection, role: &str) -> Result<Option<MetadataRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(LATEST)
        .bind(role)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a metadata document"))?;
    Ok(row.map(MetadataRecord::from))
}

/// The newest document of every role.
pub async fn latest_of_all(connection: &mut AnyConnection) -> Result<Vec<MetadataRecord>, StoreError> {
    rows(sqlx::query_as(LATEST_OF_ALL).fetch_all(connection).await)
}

/// The newest documents of a role and of its hash bins.
pub async fn with_bins(connection: &mut AnyConnection, role: &str) -> Result<Vec<MetadataRecord>, StoreError> {
    rows(sqlx::query_as(WITH_BINS).bind(role).fetch_all(connection).await)
}

/// The newest documents of two roles and of their hash bins, of each only if it is signed and may not be listed before the log shows its release.
pub async fn waiting(connection: &mut AnyConnection, roles: [&str; 2]) -> Result<Vec<MetadataRecord>, StoreError> {
    let [first, second] = roles;
    rows(sqlx::query_as(WAITING).bind(first).bind(second).fetch_all(connection).await)
}

/// Every version of one role, oldest first.
pub async fn versions(connection: &mut AnyConnection, role: &str) -> Result<Vec<MetadataRecord>, StoreError> {
    rows(sqlx::query_as(VERSIONS).bind(role).fetch_all(connection).await)
}

/// Every document but the timestamps.
pub async fn all(connection: &mut AnyConnection) -> Result<Vec<MetadataRecord>, StoreError> {
    rows(sqlx::query_as(ALL).fetch_all(connection).await)
}

fn rows(rows: Result<Vec<Row>, sqlx::Error>) -> Result<Vec<MetadataRecord>, StoreError> {
    let rows = rows.map_err(StoreError::database("list the metadata"))?;
    Ok(rows.into_iter().map(MetadataRecord::from).collect())
}

/// Adds a target file, unless it is there.
pub async fn insert_target(connection: &mut AnyConnection, target: &TargetRecord) -> Result<(), StoreError> {
    sqlx::query(INSERT_TARGET)
        .bind(&target.path)
        .bind(target.sha256.to_string())
        .bind(&target.content)
        .execute(connection)
        .await
        .map_err(StoreError::database("add a target file"))?;
    Ok(())
}

/// The target file of this path and digest.
pub async fn target(
    connection: &mut AnyConnection,
    path: &str,
    sha256: Digest,
) -> Result<Option<TargetRecord>, StoreError> {
    let row: Option<TargetRow> = sqlx::query_as(TARGET)
        .bind(path)
        .bind(sha256.to_string())
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a target file"))?;
    row.map(TargetRecord::try_from).transpose()
}

/// Every target file.
pub async fn all_targets(connection: &mut AnyConnection) -> Result<Vec<TargetRecord>, StoreError> {
    let rows: Vec<TargetRow> = sqlx::query_as(ALL_TARGETS)
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list the target files"))?;
    rows.into_iter().map(TargetRecord::try_from).collect()
}
