//! What machines have to look at, and what they found.

use guichet_api::{CheckFinding, CheckName, CheckState, Said};
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const QUEUE: &str = "INSERT INTO jobs (submission, kind, heavy, state, attempts, queued_at_ms, result) \
     VALUES ($1, $2, $3, 'waiting', 0, $4, '{}') ON CONFLICT (submission, kind) DO UPDATE \
     SET state = 'waiting', attempts = 0, lease = NULL, until_ms = NULL, queued_at_ms = excluded.queued_at_ms";
/// What waits, or was begun by somebody who is gone; of submissions that somebody may still decide on, or has.
const NEXT: &str = "SELECT submission, kind, state, attempts, begun_at_ms, ended_at_ms, result FROM jobs \
     WHERE heavy = $1 AND (state = 'waiting' OR (state = 'running' AND until_ms < $2)) \
     AND EXISTS (SELECT 1 FROM submissions WHERE id = submission AND submissions.state IN \
     ('submitted', 'scanning', 'quarantined', 'in_review', 'changes_requested', 'approved', 'released', 'paused')) \
     ORDER BY queued_at_ms, submission, kind LIMIT 1";
const LEASE: &str = "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease = $3, until_ms = $4, begun_at_ms = $5, \
     ended_at_ms = NULL WHERE submission = $1 AND kind = $2";
const END: &str = "UPDATE jobs SET state = $4, result = $5, ended_at_ms = $6, lease = NULL, until_ms = NULL \
     WHERE submission = $1 AND kind = $2 AND lease = $3";
const GIVE_BACK: &str = "UPDATE jobs SET state = 'waiting', attempts = attempts - 1, lease = NULL, until_ms = NULL, queued_at_ms = $4, \
     result = $5 WHERE submission = $1 AND kind = $2 AND lease = $3";
const ALL_WAIT: &str = "UPDATE jobs SET state = 'waiting', lease = NULL, until_ms = NULL WHERE state = 'running'";
const GIVE: &str = "UPDATE jobs SET input = $3 WHERE submission = $1 AND kind = $2";
const INPUT: &str = "SELECT input FROM jobs WHERE submission = $1 AND kind = $2";
const OF: &str = "SELECT submission, kind, state, attempts, begun_at_ms, ended_at_ms, result FROM jobs \
     WHERE submission = $1 ORDER BY kind";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[QUEUE, NEXT, LEASE, END, GIVE_BACK, ALL_WAIT, GIVE, INPUT, OF];

/// What became of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it was skipped, or how it broke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Said>,
    /// What it found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<CheckFinding>,
}

/// One check of one submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// The submission.
    pub submission: String,
    /// What is looked at.
    pub name: CheckName,
    /// How far it is.
    pub state: CheckState,
    /// How often it was begun.
    pub attempts: u32,
    /// When it was last begun, in milliseconds since 1970.
    pub begun_at_ms: Option<u64>,
    /// When it ended, in milliseconds since 1970.
    pub ended_at_ms: Option<u64>,
    /// What became of it, this time or the last.
    pub outcome: Outcome,
}

#[derive(FromRow)]
struct Row {
    submission: String,
    kind: String,
    state: String,
    attempts: i64,
    begun_at_ms: Option<i64>,
    ended_at_ms: Option<i64>,
    result: String,
}

impl TryFrom<Row> for JobRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let outcome = serde_json::from_str(&row.result);
        Ok(Self {
            submission: row.submission,
            name: parsed(&row.kind, "a check")?,
            state: parsed(&row.state, "the state of a check")?,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            begun_at_ms: row.begun_at_ms.map(loaded),
            ended_at_ms: row.ended_at_ms.map(loaded),
            outcome: outcome.map_err(|_| StoreError::Row { wanted: "the result of a check", value: row.result })?,
        })
    }
}

/// Has a check made, for the first time or again; what it found last stays until it ends.
pub async fn queue(
    connection: &mut AnyConnection,
    submission: &str,
    name: CheckName,
    is_heavy: bool,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(QUEUE)
        .bind(submission)
        .bind(name.as_str())
        .bind(i64::from(is_heavy))
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("queue a check"))?;
    Ok(())
}

/// The check whose turn it is.
pub async fn next(
    connection: &mut AnyConnection,
    is_heavy: bool,
    now_ms: u64,
) -> Result<Option<JobRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(NEXT)
        .bind(i64::from(is_heavy))
        .bind(stored(now_ms))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look for a check"))?;
    row.map(JobRecord::try_from).transpose()
}

/// Gives a check to whoever holds this lease, until then.
pub async fn lease(
    connection: &mut AnyConnection,
    job: &JobRecord,
    lease: &str,
    until_ms: u64,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(LEASE)
        .bind(&job.submission)
        .bind(job.name.as_str())
        .bind(lease)
        .bind(stored(until_ms))
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("begin a check"))?;
    Ok(())
}

/// Keeps what became of a check. Says whether the lease still held; otherwise somebody else has it.
pub async fn end(
    connection: &mut AnyConnection,
    job: &JobRecord,
    lease: &str,
    state: CheckState,
    outcome: &Outcome,
    now_ms: u64,
) -> Result<bool, StoreError> {
    let result = serde_json::to_string(outcome).map_err(StoreError::document("write the result of a check"))?;
    let done = sqlx::query(END)
        .bind(&job.submission)
        .bind(job.name.as_str())
        .bind(lease)
        .bind(state.as_str())
        .bind(result)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("end a check"))?;
    Ok(done.rows_affected() > 0)
}

/// Lets a check wait again that could not be begun, and says why: it counts as not tried, and others come before it.
pub async fn give_back(
    connection: &mut AnyConnection,
    job: &JobRecord,
    lease: &str,
    outcome: &Outcome,
    now_ms: u64,
) -> Result<(), StoreError> {
    let result = serde_json::to_string(outcome).map_err(StoreError::document("write why a check waits"))?;
    sqlx::query(GIVE_BACK)
        .bind(&job.submission)
        .bind(job.name.as_str())
        .bind(lease)
        .bind(stored(now_ms))
        .bind(result)
        .execute(connection)
        .await
        .map_err(StoreError::database("give a check back"))?;
    Ok(())
}

/// Lets everything wait again that an earlier run had begun.
pub async fn all_wait(connection: &mut AnyConnection) -> Result<(), StoreError> {
    sqlx::query(ALL_WAIT).execute(connection).await.map_err(StoreError::database("queue checks again"))?;
    Ok(())
}

/// Gives a check what it needs besides the package.
pub async fn give(
    connection: &mut AnyConnection,
    submission: &str,
    name: CheckName,
    input: &str,
) -> Result<(), StoreError> {
    sqlx::query(GIVE)
        .bind(submission)
        .bind(name.as_str())
        .bind(input)
        .execute(connection)
        .await
        .map_err(StoreError::database("keep what a check needs"))?;
    Ok(())
}

/// What a check was given besides the package.
pub async fn input(
    connection: &mut AnyConnection,
    submission: &str,
    name: CheckName,
) -> Result<Option<String>, StoreError> {
    let input: Option<Option<String>> = sqlx::query_scalar(INPUT)
        .bind(submission)
        .bind(name.as_str())
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up what a check needs"))?;
    Ok(input.flatten())
}

/// The checks of a submission.
pub async fn of(connection: &mut AnyConnection, submission: &str) -> Result<Vec<JobRecord>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as(OF).bind(submission).fetch_all(connection).await.map_err(StoreError::database("list checks"))?;
    let mut all: Vec<_> = rows.into_iter().map(JobRecord::try_from).collect::<Result<_, _>>()?;
    all.sort_by_key(|job| job.name);
    Ok(all)
}
