//! What the catalogue shows: releases that terminals take, what their packages say, and what was taken off the shelf.

use std::collections::BTreeMap;

use guichet_api::{SubmissionKind, SubmissionState, Version};
use guichet_contract::{AppId, Department};
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

macro_rules! releases {
    ($rest:literal) => {
        concat!(
            "SELECT submissions.app_id, submissions.department, name_zh, name_en, kind, version_code, version_name, \
             submissions.sequence, state, submissions.package_sha256, names, glaze, facts.facts, log.at_ms \
             FROM submissions JOIN log ON log.submission = submissions.id \
             JOIN departments ON departments.id = submissions.department \
             LEFT JOIN facts ON facts.package_sha256 = submissions.package_sha256 \
             WHERE submissions.channel = 'stable' AND ",
            $rest
        )
    };
}
const OUT: &str = releases!("state IN ('released', 'paused') ORDER BY submissions.app_id, submissions.sequence DESC");
const OF_APP: &str = releases!("submissions.app_id = $1 ORDER BY submissions.sequence DESC");
const KEEP_FACTS: &str =
    "INSERT INTO facts (package_sha256, facts) VALUES ($1, $2) ON CONFLICT (package_sha256) DO NOTHING";
const PUT: &str = "INSERT INTO shelf (app_id, is_off, reason, at_ms) VALUES ($1, $2, $3, $4)";
const LAST: &str = "SELECT app_id, is_off, reason, at_ms FROM shelf WHERE app_id = $1 ORDER BY position DESC LIMIT 1";
const OFF: &str = "SELECT app_id FROM shelf WHERE is_off = 1 AND NOT EXISTS \
     (SELECT 1 FROM shelf AS later WHERE later.app_id = shelf.app_id AND later.position > shelf.position)";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[OUT, OF_APP, KEEP_FACTS, PUT, LAST, OFF];

/// A release as the catalogue needs it.
#[derive(Clone, Debug)]
pub struct ReleasedRecord {
    /// The app.
    pub app_id: AppId,
    /// Whose it is.
    pub department: Department,
    /// The department's name, in English and in Chinese.
    pub department_names: [String; 2],
    /// What was released.
    pub kind: SubmissionKind,
    /// The version.
    pub version: Version,
    /// Its number.
    pub sequence: u64,
    /// How it stands.
    pub state: SubmissionState,
    /// The package.
    pub package: Digest,
    /// The app's name by language.
    pub names: BTreeMap<String, String>,
    /// The manifest's glaze.
    pub glaze: String,
    /// What is kept of the package, if it was read before.
    pub facts: Option<String>,
    /// When it was released, in milliseconds since 1970.
    pub released_at_ms: u64,
}

#[derive(FromRow)]
struct Row {
    app_id: String,
    department: String,
    name_zh: String,
    name_en: String,
    kind: String,
    version_code: i64,
    version_name: String,
    sequence: i64,
    state: String,
    package_sha256: String,
    names: String,
    glaze: String,
    facts: Option<String>,
    at_ms: i64,
}

impl TryFrom<Row> for ReleasedRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            app_id: parsed(&row.app_id, "an app id")?,
            department: parsed(&row.department, "a department")?,
            department_names: [row.name_en, row.name_zh],
            kind: parsed(&row.kind, "a kind of submission")?,
            version: Version { code: loaded(row.version_code), name: row.version_name },
            sequence: loaded(row.sequence),
            state: parsed(&row.state, "a state")?,
            package: parsed(&row.package_sha256, "a digest")?,
            names: serde_json::from_str(&row.names)
                .map_err(|_| StoreError::Row { wanted: "names by language", value: row.names })?,
            glaze: row.glaze,
            facts: row.facts,
            released_at_ms: loaded(row.at_ms),
        })
    }
}

fn records(rows: Result<Vec<Row>, sqlx::Error>) -> Result<Vec<ReleasedRecord>, StoreError> {
    let rows = rows.map_err(StoreError::database("list what is out"))?;
    rows.into_iter().map(ReleasedRecord::try_from).collect()
}

/// What is released or halted on the channel `stable`, by app, of each the newest first.
pub async fn out(connection: &mut AnyConnection) -> Result<Vec<ReleasedRecord>, StoreError> {
    records(sqlx::query_as(OUT).fetch_all(connection).await)
}

/// Every release of an app on the channel `stable`, newest first.
pub async fn of_app(connection: &mut AnyConnection, app_id: &AppId) -> Result<Vec<ReleasedRecord>, StoreError> {
    records(sqlx::query_as(OF_APP).bind(app_id.as_str()).fetch_all(connection).await)
}

/// Keeps what was read out of a package.
pub async fn keep_facts(connection: &mut AnyConnection, package: Digest, facts: &str) -> Result<(), StoreError> {
    let kept = sqlx::query(KEEP_FACTS).bind(package.to_string()).bind(facts).execute(connection).await;
    kept.map(drop).map_err(StoreError::database("keep what a package says"))
}

/// What was done about an app's place on the shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelfEntry {
    /// The app.
    pub app_id: AppId,
    /// Taken off, or put back.
    pub is_off: bool,
    /// Why.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

#[derive(FromRow)]
struct ShelfRow {
    app_id: String,
    is_off: i64,
    reason: String,
    at_ms: i64,
}

/// Adds an act at the end.
pub async fn put(connection: &mut AnyConnection, entry: &ShelfEntry) -> Result<(), StoreError> {
    sqlx::query(PUT)
        .bind(entry.app_id.as_str())
        .bind(i64::from(entry.is_off))
        .bind(&entry.reason)
        .bind(stored(entry.at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("change the shelf"))?;
    Ok(())
}

/// What was done last about an app.
pub async fn last(connection: &mut AnyConnection, app_id: &AppId) -> Result<Option<ShelfEntry>, StoreError> {
    let row: Option<ShelfRow> = sqlx::query_as(LAST)
        .bind(app_id.as_str())
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look at the shelf"))?;
    row.map(|row| {
        Ok(ShelfEntry {
            app_id: parsed(&row.app_id, "an app id")?,
            is_off: row.is_off != 0,
            reason: row.reason,
            at_ms: loaded(row.at_ms),
        })
    })
    .transpose()
}

/// The apps that are off the shelf.
pub async fn off(connection: &mut AnyConnection) -> Result<Vec<AppId>, StoreError> {
    let ids: Vec<String> =
        sqlx::query_scalar(OFF).fetch_all(connection).await.map_err(StoreError::database("look at the shelf"))?;
    ids.iter().map(|id| parsed(id, "an app id")).collect()
}
