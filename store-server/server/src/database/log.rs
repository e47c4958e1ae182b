//! Releases in the order they were made: rows are added and never changed.

use guichet_contract::{AppId, Channel, Department};
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO log (position, submission, app_id, channel, sequence, release_document, at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7)";
const LENGTH: &str = "SELECT COUNT(*) FROM log";
const LAST_SEQUENCE: &str = "SELECT COALESCE(MAX(sequence), 0) FROM log WHERE app_id = $1 AND channel = $2";
const LATEST: &str = "SELECT department, log.release_document FROM log JOIN submissions ON submissions.id = log.submission \
     WHERE log.app_id = $1 AND log.channel = $2 ORDER BY log.sequence DESC LIMIT 1";
const LATEST_LEAF: &str = "SELECT leaf FROM leaves JOIN log ON log.position = leaves.position \
     WHERE app_id = $1 AND channel = $2 ORDER BY sequence DESC LIMIT 1";
const NEWEST: &str = "SELECT submission FROM log AS newest WHERE NOT EXISTS \
     (SELECT 1 FROM log AS later WHERE later.app_id = newest.app_id AND later.channel = newest.channel \
      AND later.sequence > newest.sequence) ORDER BY position DESC";
const OF_APP: &str = "SELECT release_document FROM log WHERE app_id = $1 AND channel = $2 ORDER BY sequence";
const RELEASED: &str = "SELECT package_sha256, blobs FROM log JOIN submissions ON submissions.id = log.submission \
     ORDER BY position";
const CHANNELS: &str = "SELECT log.app_id, log.channel, package_sha256, blobs FROM log \
     JOIN submissions ON submissions.id = log.submission ORDER BY log.app_id, log.channel, log.sequence DESC";
const COMES_AFTER: &str = "SELECT COUNT(*) FROM log AS newer JOIN submissions AS result ON result.id = newer.submission \
     JOIN log AS older ON older.app_id = newer.app_id AND older.sequence < newer.sequence \
     JOIN submissions AS dictionary ON dictionary.id = older.submission \
     WHERE result.package_sha256 = $1 AND dictionary.package_sha256 = $2";
const AFTER: &str = "SELECT department, log.release_document FROM log JOIN submissions ON submissions.id = log.submission \
     WHERE position >= $1 ORDER BY position";

#[cfg(test)]
pub(super) const QUERIES: &[&str] =
    &[INSERT, LENGTH, LAST_SEQUENCE, LATEST, LATEST_LEAF, NEWEST, OF_APP, RELEASED, CHANNELS, COMES_AFTER, AFTER];

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

#[derive(FromRow)]
struct ChannelRow {
    app_id: String,
    channel: String,
    #[sqlx(flatten)]
    released: ReleasedRow,
}

impl ReleasedRow {
    fn read(self) -> Result<ReleasedPackage, StoreError> {
        Ok(ReleasedPackage {
            package: parsed(&self.package_sha256, "a digest")?,
            blobs: serde_json::from_str(&self.blobs)
                .map_err(|_| StoreError::Row { wanted: "a list of digests", value: self.blobs })?,
        })
    }
}

/// Adds a release at the end.
pub async fn append(connection: &mut AnyConnection, entry: &LogEntry) -> Result<(), StoreError> {
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
pub async fn length(connection: &mut AnyConnection) -> Result<u64, StoreError> {
    let count: i64 =
        sqlx::query_scalar(LENGTH).fetch_one(connection).await.map_err(StoreError::database("count the releases"))?;
    Ok(loaded(count))
}

/// The highest sequence of an app's channel; 0 before the first release.
pub async fn last_sequence(
    connection: &mut AnyConnection,
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
    connection: &mut AnyConnection,
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

/// What the log says of the newest release of an app's channel, if there is one.
pub async fn latest_leaf(
    connection: &mut AnyConnection,
    app_id: &AppId,
    channel: &Channel,
) -> Result<Option<Vec<u8>>, StoreError> {
    sqlx::query_scalar(LATEST_LEAF)
        .bind(app_id.as_str())
        .bind(channel.as_str())
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up the last leaf"))
}

/// The submissions of the newest release of each app's channel, the last one made first.
pub async fn newest(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    sqlx::query_scalar(NEWEST).fetch_all(connection).await.map_err(StoreError::database("list the newest releases"))
}

/// The release documents of an app's channel, oldest first.
pub async fn of_app(
    connection: &mut AnyConnection,
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
pub async fn released(connection: &mut AnyConnection) -> Result<Vec<ReleasedPackage>, StoreError> {
    let rows: Vec<ReleasedRow> =
        sqlx::query_as(RELEASED).fetch_all(connection).await.map_err(StoreError::database("list the releases"))?;
    rows.into_iter().map(ReleasedRow::read).collect()
}

/// The released packages of each app's channel, newest first.
pub async fn channels(connection: &mut AnyConnection) -> Result<Vec<Vec<ReleasedPackage>>, StoreError> {
    let rows: Vec<ChannelRow> =
        sqlx::query_as(CHANNELS).fetch_all(connection).await.map_err(StoreError::database("list the channels"))?;
    let mut channels: Vec<Vec<ReleasedPackage>> = Vec::new();
    let mut last = None;
    for ChannelRow { app_id, channel, released } in rows {
        let here = Some((app_id, channel));
        if last != here {
            channels.push(Vec::new());
            last = here;
        }
        if let Some(channel) = channels.last_mut() {
            channel.push(released.read()?);
        }
    }
    Ok(channels)
}

/// Whether both packages were released for one app, this one after the other.
pub async fn comes_after(
    connection: &mut AnyConnection,
    dictionary: Digest,
    result: Digest,
) -> Result<bool, StoreError> {
    let count: i64 = sqlx::query_scalar(COMES_AFTER)
        .bind(result.to_string())
        .bind(dictionary.to_string())
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("look up two releases"))?;
    Ok(count > 0)
}

/// The departments and release documents from a position on, oldest first.
pub async fn after(connection: &mut AnyConnection, position: u64) -> Result<Vec<(Department, Vec<u8>)>, StoreError> {
    let rows: Vec<LatestRow> = sqlx::query_as(AFTER)
        .bind(stored(position))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list the releases"))?;
    rows.into_iter().map(|row| Ok((parsed(&row.department, "a department")?, row.release_document))).collect()
}
