//! Releases in the order they were made: rows are added and never changed.

use guichet_contract::{AppId, Channel, Department};
use guichet_trust::digest::Digest;
use sqlx::{FromRow, SqliteConnection};

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO log (position, submission, app_id, channel, sequence, release_document, at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const LENGTH: &str = "SELECT COUNT(*) FROM log";
const LAST_SEQUENCE: &str = "SELECT COALESCE(MAX(sequence), 0) FROM log WHERE app_id = $1 AND channel = $2";
const LATEST: &str = "SELECT department, log.release_document FROM log JOIN submissions ON submissions.id = log.submission \
     WHERE log.app_id = $1 AND log.channel = $2 ORDER BY log.sequence DESC LIMIT 1";
const OF_APP: &str = "SELECT release_document FROM log WHERE app_id = $1 AND channel = $2 ORDER BY sequence";
const RELEASED: &str = "SELECT package_sha256, blobs FROM log JOIN submissions ON submissions.id = log.submission \
     ORDER BY position";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, LENGTH, LAST_SEQUENCE, LATEST, OF_APP, RELEASED];

/// One release.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Counted from 0.
    pub position: u64,
    /// The submission it came from.
    pub submission: String,
    /// The app.
    pub app_id: AppId,
    /// The channel.
    pub channel: Channel,
    /// Counted from 1 within app and channel.
    pub sequence: u64,
    /// The release document as signed for.
    pub release_document: Vec<u8>,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// The newest release of an app's channel.
#[derive(Clone, Debug)]
pub struct LatestRelease {
    /// The department it was released for.
    pub department: Department,
    /// The release document as signed for.
    pub release_document: Vec<u8>,
}

/// What a release needs on the static side.
#[derive(Clone, Debug)]
pub struct ReleasedPackage {
    /// The package.
    pub package: Digest,
    /// Its files, its statement and its seals.
    pub blobs: Vec<Digest>,
}

#[derive(FromRow)]
struct LatestRow {
    department: String,
    release_document: Vec<u8>,
}

#[derive(FromRow)]
struct ReleasedRow {
    package_sha256: String,
    blobs: String,
}

/// Adds a release at the end.
pub async fn append(connection: &mut SqliteConnection, entry: &LogEntry) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(stored(entry.position))
        .bind(&entry.submission)
        .bind(entry.app_id.as_str())
        .bind(entry.channel.as_str())
        .bind(stored(entry.sequence))
        .bind(&entry.release_document)
        .bind(stored(entry.at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("log a release"))?;
    Ok(())
}

/// How many releases there are; the position of the next.
pub async fn length(connection: &mut SqliteConnection) -> Result<u64, StoreError> {
    let count: i64 =
        sqlx::query_scalar(LENGTH).fetch_one(connection).await.map_err(StoreError::database("count the releases"))?;
    Ok(loaded(count))
}

/// The highest sequence of an app's channel; 0 before the first release.
pub async fn last_sequence(
    connection: &mut SqliteConnection,
    app_id: &AppId,
    channel: &Channel,
) -> Result<u64, StoreError> {
    let sequence: i64 = sqlx::query_scalar(LAST_SEQUENCE)
        .bind(app_id.as_str())
        .bind(channel.as_str())
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("look up the last release"))?;
    Ok(loaded(sequence))
}

/// The newest release of an app's channel, if there is one.
pub async fn latest(
    connection: &mut SqliteConnection,
    app_id: &AppId,
    channel: &Channel,
) -> Result<Option<LatestRelease>, StoreError> {
    let row: Option<LatestRow> = sqlx::query_as(LATEST)
        .bind(app_id.as_str())
        .bind(channel.as_str())
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up the last release"))?;
    row.map(|row| {
        let department = parsed(&row.department, "a department")?;
        Ok(LatestRelease { department, release_document: row.release_document })
    })
    .transpose()
}

/// The release documents of an app's channel, oldest first.
pub async fn of_app(
    connection: &mut SqliteConnection,
    app_id: &AppId,
    channel: &Channel,
) -> Result<Vec<Vec<u8>>, StoreError> {
    sqlx::query_scalar(OF_APP)
        .bind(app_id.as_str())
        .bind(channel.as_str())
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list the releases of an app"))
}

/// Every released package, oldest first.
pub async fn released(connection: &mut SqliteConnection) -> Result<Vec<ReleasedPackage>, StoreError> {
    let rows: Vec<ReleasedRow> =
        sqlx::query_as(RELEASED).fetch_all(connection).await.map_err(StoreError::database("list the releases"))?;
    rows.into_iter()
        .map(|row| {
            Ok(ReleasedPackage {
                package: parsed(&row.package_sha256, "a digest")?,
                blobs: serde_json::from_str(&row.blobs)
                    .map_err(|_| StoreError::Row { wanted: "a list of digests", value: row.blobs })?,
            })
        })
        .collect()
}
