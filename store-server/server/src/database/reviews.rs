//! Who has signed a submission, and the role documents that still lack signatures.

use guichet_api::ApprovalMark;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, people::Person, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO approvals (submission, person, at_ms) VALUES ($1, $2, $3)";
const ALL: &str = "SELECT person, people.name AS reviewer, at_ms FROM approvals \
     JOIN people ON people.id = approvals.person WHERE submission = $1 ORDER BY at_ms, person";
const DELETE: &str = "DELETE FROM approvals WHERE submission = $1";
const PUT_PENDING: &str = "INSERT INTO pending_documents (submission, role, version, document) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (submission, role) DO UPDATE SET version = excluded.version, document = excluded.document";
const PENDING: &str = "SELECT role, version, document FROM pending_documents WHERE submission = $1 ORDER BY role";
const DELETE_PENDING: &str = "DELETE FROM pending_documents WHERE submission = $1";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, ALL, DELETE, PUT_PENDING, PENDING, DELETE_PENDING];

/// One reviewer's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRecord {
    /// The reviewer's id.
    pub person: String,
    /// The reviewer's name and the time.
    pub mark: ApprovalMark,
}

/// A role document that still lacks signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingDocument {
    /// The role.
    pub role: String,
    /// The version it would have.
    pub version: u64,
    /// The document with the signatures it has.
    pub document: Vec<u8>,
}

#[derive(FromRow)]
struct Row {
    person: String,
    reviewer: String,
    at_ms: i64,
}

#[derive(FromRow)]
struct PendingRow {
    role: String,
    version: i64,
    document: Vec<u8>,
}

/// Notes that a reviewer has signed.
pub async fn add_approval(
    connection: &mut AnyConnection,
    submission: &str,
    by: &Person,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(submission)
        .bind(&by.id)
        .bind(stored(now_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("note an approval"))?;
    Ok(())
}

/// Who has signed, in order.
pub async fn approvals(connection: &mut AnyConnection, submission: &str) -> Result<Vec<ApprovalRecord>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .bind(submission)
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list approvals"))?;
    let record = |row: Row| ApprovalRecord {
        person: row.person,
        mark: ApprovalMark { reviewer: row.reviewer, at_ms: loaded(row.at_ms) },
    };
    Ok(rows.into_iter().map(record).collect())
}

/// Keeps a role document until its last signature comes.
pub async fn put_pending(
    connection: &mut AnyConnection,
    submission: &str,
    pending: &PendingDocument,
) -> Result<(), StoreError> {
    sqlx::query(PUT_PENDING)
        .bind(submission)
        .bind(&pending.role)
        .bind(stored(pending.version))
        .bind(&pending.document)
        .execute(connection)
        .await
        .map_err(StoreError::database("keep a pending document"))?;
    Ok(())
}

/// The role documents that wait for signatures.
pub async fn pending(connection: &mut AnyConnection, submission: &str) -> Result<Vec<PendingDocument>, StoreError> {
    let rows: Vec<PendingRow> = sqlx::query_as(PENDING)
        .bind(submission)
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list pending documents"))?;
    let record =
        |row: PendingRow| PendingDocument { role: row.role, version: loaded(row.version), document: row.document };
    Ok(rows.into_iter().map(record).collect())
}

/// Forgets the pending documents, and the approvals too when they no longer count for anything.
pub async fn clear(connection: &mut AnyConnection, submission: &str, approvals_too: bool) -> Result<(), StoreError> {
    let operation = "clear pending documents";
    sqlx::query(DELETE_PENDING)
        .bind(submission)
        .execute(&mut *connection)
        .await
        .map_err(StoreError::database(operation))?;
    if approvals_too {
        sqlx::query(DELETE).bind(submission).execute(connection).await.map_err(StoreError::database(operation))?;
    }
    Ok(())
}
