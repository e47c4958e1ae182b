//! Submissions and what happened to them.

use std::collections::BTreeMap;

use guichet_api::{HistoryEntry, SubmissionKind, SubmissionState, Version};
use guichet_contract::{AppId, Channel, Department, PermissionName};
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, people::Person, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO submissions (id, kind, app_id, department, channel, version_code, version_name, sequence, \
     state, package_sha256, package_length, release_document, blobs, names, glaze, widens, submitted_by, submitted_at_ms, \
     new_key, wide) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT submissions.id, kind, app_id, submissions.department, channel, version_code, version_name, sequence, state, \
             package_sha256, package_length, release_document, names, glaze, widens, refusal_reason, submitted_by, \
             people.name AS submitter, submitted_at_ms, handed_in_by, new_key, wide, ceiling, not_before_ms, \
             (SELECT log.at_ms FROM log WHERE log.submission = submissions.id) AS released_at_ms \
             FROM submissions JOIN people ON people.id = submitted_by ",
            $rest
        )
    };
}
const BY_ID: &str = select!("WHERE submissions.id = $1");
const LIST: &str = select!(
    "WHERE (submissions.department = $1 OR $1 IS NULL) AND (state = $2 OR $2 IS NULL) ORDER BY submissions.id DESC"
);
const PAGE: &str = select!(
    "WHERE (submissions.department = $1 OR $1 IS NULL) AND (state = $2 OR $2 IS NULL) \
     AND (submissions.id < $3 OR $3 IS NULL) ORDER BY submissions.id DESC LIMIT $4"
);
const OPEN: &str = select!(
    "WHERE app_id = $1 AND channel = $2 AND state IN ('submitted', 'scanning', 'quarantined', 'in_review') \
     ORDER BY submissions.id"
);
const IN_REVIEW: &str = select!("WHERE submissions.department = $1 AND state = 'in_review' ORDER BY submissions.id");
const LAST_RELEASED_BEFORE: &str = select!(
    "WHERE app_id = $1 AND channel = $2 AND sequence < $3 AND EXISTS (SELECT 1 FROM log WHERE log.submission = submissions.id) \
     ORDER BY sequence DESC LIMIT 1"
);
const RELEASED_BEFORE: &str = select!(
    "WHERE app_id = $1 AND channel = $2 AND sequence < $3 AND EXISTS (SELECT 1 FROM log WHERE log.submission = submissions.id) \
     ORDER BY sequence"
);
const LAST_WIDENING_BEFORE: &str = select!(
    "WHERE app_id = $1 AND channel = $2 AND sequence < $3 AND widens <> '[]' \
     AND EXISTS (SELECT 1 FROM log WHERE log.submission = submissions.id) ORDER BY sequence DESC LIMIT 1"
);
const HIGHEST_VERSION: &str = "SELECT MAX(version_code) FROM submissions WHERE app_id = $1";
const OF_SEQUENCE: &str = select!(
    "WHERE app_id = $1 AND channel = $2 AND sequence = $3 AND EXISTS (SELECT 1 FROM log WHERE log.submission = submissions.id)"
);
const RELEASED_BY_OTHERS: &str = "SELECT DISTINCT app_id, department, names FROM submissions WHERE department <> $1 \
     AND EXISTS (SELECT 1 FROM log WHERE log.submission = submissions.id)";
const OTHERS_WITH_FILE: &str = "SELECT DISTINCT app_id, department FROM submissions WHERE department <> $1 \
     AND blobs LIKE $2 AND EXISTS (SELECT 1 FROM log WHERE log.submission = submissions.id) ORDER BY app_id";
const BLOBS: &str = "SELECT blobs FROM submissions WHERE id = $1";
const PACKAGES: &str = "SELECT DISTINCT package_sha256 FROM submissions";
const SET_STATE: &str = "UPDATE submissions SET state = $2, refusal_reason = $3 WHERE id = $1";
const RENUMBER: &str =
    "UPDATE submissions SET sequence = $2, release_document = $3, widens = $4, wide = $5 WHERE id = $1";
const BEGIN: &str = "UPDATE submissions SET ceiling = $2, not_before_ms = $3 WHERE id = $1";
const SCHEDULED: &str = select!("WHERE state = 'approved' AND not_before_ms <= $1 ORDER BY submissions.id");
const HAND_IN: &str = "UPDATE submissions SET handed_in_by = $2, submitted_at_ms = $3 WHERE id = $1";
const INSERT_HISTORY: &str = "INSERT INTO history (submission, step, at_ms, person, state, note) \
     SELECT $1, COUNT(*), $2, $3, $4, $5 FROM history WHERE submission = $1";
const INSERT_HISTORY_OF_THE_SAME: &str = "INSERT INTO history (submission, step, at_ms, person, state, note) \
     SELECT $1, COUNT(*), $2, (SELECT person FROM history WHERE submission = $1 ORDER BY step DESC LIMIT 1), $3, $4 \
     FROM history WHERE submission = $1";
const HISTORY: &str = "SELECT at_ms, people.name AS by_name, state, note FROM history \
     JOIN people ON people.id = history.person WHERE submission = $1 ORDER BY step";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[
    INSERT,
    BY_ID,
    LIST,
    PAGE,
    OPEN,
    IN_REVIEW,
    LAST_RELEASED_BEFORE,
    RELEASED_BEFORE,
    LAST_WIDENING_BEFORE,
    HIGHEST_VERSION,
    OF_SEQUENCE,
    RELEASED_BY_OTHERS,
    OTHERS_WITH_FILE,
    BLOBS,
    PACKAGES,
    SET_STATE,
    RENUMBER,
    BEGIN,
    SCHEDULED,
    HAND_IN,
    INSERT_HISTORY,
    INSERT_HISTORY_OF_THE_SAME,
    HISTORY,
];

/// One submission as stored.
#[derive(Clone, Debug)]
pub struct SubmissionRecord {
    /// UUIDv7.
    pub id: String,
    /// What it hands in.
    pub kind: SubmissionKind,
    /// The app.
    pub app_id: AppId,
    /// The department that sealed it.
    pub department: Department,
    /// The channel it is for.
    pub channel: Channel,
    /// The version.
    pub version: Version,
    /// The release number it has or will get.
    pub sequence: u64,
    /// Where it stands.
    pub state: SubmissionState,
    /// The package's digest.
    pub package: Digest,
    /// The package's length.
    pub package_length: u64,
    /// What approving would sign.
    pub release_document: Vec<u8>,
    /// The app's name by language.
    pub names: BTreeMap<String, String>,
    /// The manifest's glaze.
    pub glaze: String,
    /// What it asked beyond the last widening release when it was admitted.
    pub widens: Vec<PermissionName>,
    /// Why it was refused.
    pub refusal_reason: Option<String>,
    /// The id of whoever submitted it.
    pub submitted_by: String,
    /// The name of whoever submitted it.
    pub submitter: String,
    /// When, in milliseconds since 1970.
    pub submitted_at_ms: u64,
    /// The id of whoever handed it in again, if somebody did.
    pub handed_in_by: Option<String>,
    /// When its release was logged, in milliseconds since 1970.
    pub released_at_ms: Option<u64>,
    /// Whether a key sealed it that did not seal the release before it.
    pub is_new_key: bool,
    /// Whether the department's `-wide` role must list it though nothing widens.
    pub is_wide: bool,
    /// How many of 10 000 take part at first; none for everyone the release document lets.
    pub ceiling: Option<u16>,
    /// When it may begin, in milliseconds since 1970; none for at once.
    pub not_before_ms: Option<u64>,
}

impl SubmissionRecord {
    /// Whether it is this person's own: they handed it in, first or again.
    pub fn is_by(&self, person: &Person) -> bool {
        self.submitted_by == person.id || self.handed_in_by.as_ref() == Some(&person.id)
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    kind: String,
    app_id: String,
    department: String,
    channel: String,
    version_code: i64,
    version_name: String,
    sequence: i64,
    state: String,
    package_sha256: String,
    package_length: i64,
    release_document: Vec<u8>,
    names: String,
    glaze: String,
    widens: String,
    refusal_reason: Option<String>,
    submitted_by: String,
    submitter: String,
    submitted_at_ms: i64,
    handed_in_by: Option<String>,
    released_at_ms: Option<i64>,
    new_key: i64,
    wide: i64,
    ceiling: Option<i64>,
    not_before_ms: Option<i64>,
}

impl TryFrom<Row> for SubmissionRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            kind: parsed(&row.kind, "a kind of submission")?,
            app_id: parsed(&row.app_id, "an app id")?,
            department: parsed(&row.department, "a department")?,
            channel: parsed(&row.channel, "a channel")?,
            version: Version { code: loaded(row.version_code), name: row.version_name },
            sequence: loaded(row.sequence),
            state: parsed(&row.state, "a state")?,
            package: parsed(&row.package_sha256, "a digest")?,
            package_length: loaded(row.package_length),
            release_document: row.release_document,
            names: json(row.names, "names by language")?,
            glaze: row.glaze,
            widens: json(row.widens, "a list of permissions")?,
            refusal_reason: row.refusal_reason,
            submitted_by: row.submitted_by,
            submitter: row.submitter,
            submitted_at_ms: loaded(row.submitted_at_ms),
            handed_in_by: row.handed_in_by,
            released_at_ms: row.released_at_ms.map(loaded),
            is_new_key: row.new_key != 0,
            is_wide: row.wide != 0,
            ceiling: row.ceiling.map(|ceiling| u16::try_from(ceiling).unwrap_or(0)),
            not_before_ms: row.not_before_ms.map(loaded),
        })
    }
}

fn json<T: serde::de::DeserializeOwned>(text: String, wanted: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(&text).map_err(|_| StoreError::Row { wanted, value: text })
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::document("write a column"))
}

/// Adds an admitted submission; `blobs` are the digests of its files, statement and seals.
pub async fn insert(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
    blobs: &[Digest],
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(&record.id)
        .bind(record.kind.as_str())
        .bind(record.app_id.as_str())
        .bind(record.department.as_str())
        .bind(record.channel.as_str())
        .bind(stored(record.version.code))
        .bind(&record.version.name)
        .bind(stored(record.sequence))
        .bind(record.state.as_str())
        .bind(record.package.to_string())
        .bind(stored(record.package_length))
        .bind(&record.release_document)
        .bind(text(&blobs)?)
        .bind(text(&record.names)?)
        .bind(&record.glaze)
        .bind(text(&record.widens)?)
        .bind(&record.submitted_by)
        .bind(stored(record.submitted_at_ms))
        .bind(i64::from(record.is_new_key))
        .bind(i64::from(record.is_wide))
        .execute(connection)
        .await
        .map_err(StoreError::database("add a submission"))?;
    Ok(())
}

/// The submission of this id.
pub async fn get(connection: &mut AnyConnection, id: &str) -> Result<Option<SubmissionRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(id)
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up a submission"))?;
    row.map(SubmissionRecord::try_from).transpose()
}

/// Submissions, newest first, of one department or all, in one state or all.
pub async fn list(
    connection: &mut AnyConnection,
    department: Option<&Department>,
    state: Option<SubmissionState>,
) -> Result<Vec<SubmissionRecord>, StoreError> {
    let query = sqlx::query_as(LIST).bind(department.map(Department::as_str)).bind(state.map(SubmissionState::as_str));
    records(query.fetch_all(connection).await)
}

/// The same, only those before `after`, and up to so many.
pub async fn page(
    connection: &mut AnyConnection,
    department: Option<&Department>,
    state: Option<SubmissionState>,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<SubmissionRecord>, StoreError> {
    let query = sqlx::query_as(PAGE)
        .bind(department.map(Department::as_str))
        .bind(state.map(SubmissionState::as_str))
        .bind(after)
        .bind(stored(most as u64));
    records(query.fetch_all(connection).await)
}

/// The submissions of an app's channel that are on their way to reviewers, or with them.
pub async fn open(
    connection: &mut AnyConnection,
    app_id: &AppId,
    channel: &Channel,
) -> Result<Vec<SubmissionRecord>, StoreError> {
    records(sqlx::query_as(OPEN).bind(app_id.as_str()).bind(channel.as_str()).fetch_all(connection).await)
}

/// A department's submissions that have some of the signatures they need.
pub async fn in_review(
    connection: &mut AnyConnection,
    department: &Department,
) -> Result<Vec<SubmissionRecord>, StoreError> {
    records(sqlx::query_as(IN_REVIEW).bind(department.as_str()).fetch_all(connection).await)
}

/// The newest release of the same app's channel, before this one.
pub async fn last_released_before(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
) -> Result<Option<SubmissionRecord>, StoreError> {
    earlier(connection, LAST_RELEASED_BEFORE, record).await
}

/// All releases of the same app's channel before this one, oldest first.
pub async fn released_before(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
) -> Result<Vec<SubmissionRecord>, StoreError> {
    let query = sqlx::query_as(RELEASED_BEFORE)
        .bind(record.app_id.as_str())
        .bind(record.channel.as_str())
        .bind(stored(record.sequence));
    records(query.fetch_all(connection).await)
}

/// The newest release of the same app's channel, before this one, that widened permissions.
pub async fn last_widening_before(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
) -> Result<Option<SubmissionRecord>, StoreError> {
    earlier(connection, LAST_WIDENING_BEFORE, record).await
}

async fn earlier(
    connection: &mut AnyConnection,
    query: &'static str,
    record: &SubmissionRecord,
) -> Result<Option<SubmissionRecord>, StoreError> {
    let query =
        sqlx::query_as(query).bind(record.app_id.as_str()).bind(record.channel.as_str()).bind(stored(record.sequence));
    Ok(records(query.fetch_all(connection).await)?.pop())
}

/// The submission that became this release, and the digests a device may ask for.
pub async fn of_release(
    connection: &mut AnyConnection,
    app_id: &AppId,
    channel: &Channel,
    sequence: u64,
) -> Result<Option<(SubmissionRecord, Vec<Digest>)>, StoreError> {
    let query = sqlx::query_as(OF_SEQUENCE).bind(app_id.as_str()).bind(channel.as_str()).bind(stored(sequence));
    let Some(record) = records(query.fetch_all(&mut *connection).await)?.pop() else { return Ok(None) };
    let blobs: String = sqlx::query_scalar(BLOBS)
        .bind(&record.id)
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("look up the files of a release"))?;
    Ok(Some((record, json(blobs, "a list of digests")?)))
}

fn records(rows: Result<Vec<Row>, sqlx::Error>) -> Result<Vec<SubmissionRecord>, StoreError> {
    let rows = rows.map_err(StoreError::database("list submissions"))?;
    rows.into_iter().map(SubmissionRecord::try_from).collect()
}

/// The highest version code ever admitted for an app, whatever became of it.
pub async fn highest_version(connection: &mut AnyConnection, app_id: &AppId) -> Result<Option<u64>, StoreError> {
    let code: Option<i64> = sqlx::query_scalar(HIGHEST_VERSION)
        .bind(app_id.as_str())
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("look up the highest version"))?;
    Ok(code.map(loaded))
}

/// The names under which other departments have released apps: app, department, names by language.
pub async fn released_by_others(
    connection: &mut AnyConnection,
    department: &Department,
) -> Result<Vec<(AppId, Department, BTreeMap<String, String>)>, StoreError> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(RELEASED_BY_OTHERS)
        .bind(department.as_str())
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list the names of apps"))?;
    let named = |(app, department, names): (String, String, String)| {
        Ok((parsed(&app, "an app id")?, parsed(&department, "a department")?, json(names, "names by language")?))
    };
    rows.into_iter().map(named).collect()
}

/// The apps of other departments that have been released with this very file.
pub async fn others_with_file(
    connection: &mut AnyConnection,
    department: &Department,
    file: Digest,
) -> Result<Vec<(AppId, Department)>, StoreError> {
    let rows: Vec<(String, String)> = sqlx::query_as(OTHERS_WITH_FILE)
        .bind(department.as_str())
        // A digest in hex is no pattern.
        .bind(format!("%{file}%"))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("look for a file of other apps"))?;
    let parts =
        |(app, department): (String, String)| Ok((parsed(&app, "an app id")?, parsed(&department, "a department")?));
    rows.into_iter().map(parts).collect()
}

/// The digests of all packages that some submission refers to.
pub async fn packages(connection: &mut AnyConnection) -> Result<Vec<Digest>, StoreError> {
    let texts: Vec<String> =
        sqlx::query_scalar(PACKAGES).fetch_all(connection).await.map_err(StoreError::database("list the packages"))?;
    texts.iter().map(|text| parsed(text, "a digest")).collect()
}

/// Gives a submission another number and release document, with what it asks beyond the last that widened.
pub async fn renumber(
    connection: &mut AnyConnection,
    id: &str,
    sequence: u64,
    release_document: &[u8],
    widens: &[PermissionName],
    is_wide: bool,
) -> Result<(), StoreError> {
    sqlx::query(RENUMBER)
        .bind(id)
        .bind(stored(sequence))
        .bind(release_document)
        .bind(text(&widens)?)
        .bind(i64::from(is_wide))
        .execute(connection)
        .await
        .map_err(StoreError::database("renumber a submission"))?;
    Ok(())
}

/// Keeps how a release is to begin.
pub async fn begin(
    connection: &mut AnyConnection,
    id: &str,
    ceiling: Option<u16>,
    not_before_ms: Option<u64>,
) -> Result<(), StoreError> {
    sqlx::query(BEGIN)
        .bind(id)
        .bind(ceiling.map(i64::from))
        .bind(not_before_ms.map(stored))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep how a release begins"))?;
    Ok(())
}

/// What is approved and may begin by now.
pub async fn scheduled(connection: &mut AnyConnection, now_ms: u64) -> Result<Vec<SubmissionRecord>, StoreError> {
    records(sqlx::query_as(SCHEDULED).bind(stored(now_ms)).fetch_all(connection).await)
}

/// Notes who handed a submission in again, and when.
pub async fn hand_in(connection: &mut AnyConnection, id: &str, by: &Person, now_ms: u64) -> Result<(), StoreError> {
    sqlx::query(HAND_IN)
        .bind(id)
        .bind(&by.id)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("hand a submission in"))?;
    Ok(())
}

/// Writes where a submission stands now.
pub async fn set_state(
    connection: &mut AnyConnection,
    id: &str,
    state: SubmissionState,
    refusal_reason: Option<&str>,
) -> Result<(), StoreError> {
    sqlx::query(SET_STATE)
        .bind(id)
        .bind(state.as_str())
        .bind(refusal_reason)
        .execute(connection)
        .await
        .map_err(StoreError::database("move a submission"))?;
    Ok(())
}

/// Adds a step to a submission's history.
pub async fn add_history(
    connection: &mut AnyConnection,
    submission: &str,
    by: &Person,
    state: SubmissionState,
    note: Option<&str>,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT_HISTORY)
        .bind(submission)
        .bind(stored(now_ms))
        .bind(&by.id)
        .bind(state.as_str())
        .bind(note)
        .execute(connection)
        .await
        .map_err(StoreError::database("write history"))?;
    Ok(())
}

#[derive(FromRow)]
struct HistoryRow {
    at_ms: i64,
    by_name: String,
    state: String,
    note: Option<String>,
}

/// What happened to a submission, oldest first.
pub async fn history(connection: &mut AnyConnection, submission: &str) -> Result<Vec<HistoryEntry>, StoreError> {
    let rows: Vec<HistoryRow> = sqlx::query_as(HISTORY)
        .bind(submission)
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("read history"))?;
    rows.into_iter()
        .map(|row| {
            Ok(HistoryEntry {
                at_ms: loaded(row.at_ms),
                by: row.by_name,
                state: parsed(&row.state, "a state")?,
                note: row.note,
            })
        })
        .collect()
}

/// Notes what followed by itself from what a person did last.
pub async fn add_consequence(
    connection: &mut AnyConnection,
    id: &str,
    state: SubmissionState,
    note: Option<&str>,
    at_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT_HISTORY_OF_THE_SAME)
        .bind(id)
        .bind(stored(at_ms))
        .bind(state.as_str())
        .bind(note)
        .execute(connection)
        .await
        .map_err(StoreError::database("note what happened to a submission"))?;
    Ok(())
}
