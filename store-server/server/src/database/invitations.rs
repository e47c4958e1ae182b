//! Invitations: each lets one person join once, before it runs out. Only digests of their secrets are kept.

use guichet_api::PersonRole;
use guichet_contract::Department;
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, people::role, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO invitations (id, secret_sha256, name, role, department, invited_by, created_at_ms, \
     expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const BY_SECRET: &str = "SELECT id, name, role, department, invited_by, created_at_ms, expires_at_ms FROM invitations \
     WHERE secret_sha256 = $1 AND ended_at_ms IS NULL AND expires_at_ms > $2";
const BY_ID: &str = "SELECT id, name, role, department, invited_by, created_at_ms, expires_at_ms FROM invitations \
     WHERE id = $1 AND ended_at_ms IS NULL AND expires_at_ms > $2";
const OPEN: &str = "SELECT id, name, role, department, invited_by, created_at_ms, expires_at_ms FROM invitations \
     WHERE (department = $1 OR $1 IS NULL) AND ended_at_ms IS NULL AND expires_at_ms > $2 ORDER BY created_at_ms, id";
const END: &str = "UPDATE invitations SET ended_at_ms = $2, joined = $3 WHERE id = $1 AND ended_at_ms IS NULL";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, BY_SECRET, BY_ID, OPEN, END];

/// An invitation that can still be taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRecord {
    /// UUIDv7; knowing it opens nothing.
    pub id: String,
    /// What the person will be called.
    pub name: String,
    /// What the person will be.
    pub role: PersonRole,
    /// Where.
    pub department: Option<Department>,
    /// Whose invitation it is; none for a command at the store itself.
    pub invited_by: Option<String>,
    /// Since when.
    pub created_at_ms: u64,
    /// Until when.
    pub expires_at_ms: u64,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    role: String,
    department: Option<String>,
    invited_by: Option<String>,
    created_at_ms: i64,
    expires_at_ms: i64,
}

impl TryFrom<Row> for InvitationRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            name: row.name,
            role: role(row.role)?,
            department: row.department.map(|text| parsed(&text, "a department")).transpose()?,
            invited_by: row.invited_by,
            created_at_ms: loaded(row.created_at_ms),
            expires_at_ms: loaded(row.expires_at_ms),
        })
    }
}

/// Keeps an invitation that is known by its secret's digest.
pub async fn insert(
    connection: &mut AnyConnection,
    invitation: &InvitationRecord,
    secret: Digest,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(&invitation.id)
        .bind(secret.to_string())
        .bind(&invitation.name)
        .bind(invitation.role.as_str())
        .bind(invitation.department.as_ref().map(Department::as_str))
        .bind(&invitation.invited_by)
        .bind(stored(invitation.created_at_ms))
        .bind(stored(invitation.expires_at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("keep an invitation"))?;
    Ok(())
}

/// The open invitation with this secret.
pub async fn by_secret(
    connection: &mut AnyConnection,
    secret: Digest,
    now_ms: u64,
) -> Result<Option<InvitationRecord>, StoreError> {
    one(connection, BY_SECRET, &secret.to_string(), now_ms).await
}

/// The open invitation of this id.
pub async fn by_id(
    connection: &mut AnyConnection,
    id: &str,
    now_ms: u64,
) -> Result<Option<InvitationRecord>, StoreError> {
    one(connection, BY_ID, id, now_ms).await
}

async fn one(
    connection: &mut AnyConnection,
    query: &'static str,
    value: &str,
    now_ms: u64,
) -> Result<Option<InvitationRecord>, StoreError> {
    let row: Option<Row> = sqlx::query_as(query)
        .bind(value)
        .bind(stored(now_ms))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("look up an invitation"))?;
    row.map(InvitationRecord::try_from).transpose()
}

/// The open invitations of a department, or all.
pub async fn open(
    connection: &mut AnyConnection,
    department: Option<&Department>,
    now_ms: u64,
) -> Result<Vec<InvitationRecord>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OPEN)
        .bind(department.map(Department::as_str))
        .bind(stored(now_ms))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list invitations"))?;
    rows.into_iter().map(InvitationRecord::try_from).collect()
}

/// Ends an invitation: somebody has joined with it, or it is taken back.
pub async fn end(
    connection: &mut AnyConnection,
    id: &str,
    joined: Option<&str>,
    now_ms: u64,
) -> Result<(), StoreError> {
    sqlx::query(END)
        .bind(id)
        .bind(stored(now_ms))
        .bind(joined)
        .execute(connection)
        .await
        .map_err(StoreError::database("end an invitation"))?;
    Ok(())
}
