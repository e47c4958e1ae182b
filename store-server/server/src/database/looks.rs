//! How icons look, by the digest of their file: it follows from the file, and rows are added and never changed.

use std::collections::BTreeMap;

use guichet_trust::digest::Digest;
use sqlx::AnyConnection;

use super::parsed;
use crate::error::StoreError;

const ALL: &str = "SELECT sha256, look FROM looks";
const KEEP: &str = "INSERT INTO looks (sha256, look) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[ALL, KEEP];

/// Every one that somebody has looked at, as the check of icons writes it down.
pub async fn all(connection: &mut AnyConnection) -> Result<BTreeMap<Digest, String>, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as(ALL).fetch_all(connection).await.map_err(StoreError::database("list how icons look"))?;
    rows.into_iter().map(|(sha256, look)| Ok((parsed(&sha256, "a digest")?, look))).collect()
}

/// Keeps one.
pub async fn keep(connection: &mut AnyConnection, icon: Digest, look: &str) -> Result<(), StoreError> {
    let query = sqlx::query(KEEP).bind(icon.to_string()).bind(look);
    query.execute(connection).await.map_err(StoreError::database("keep how an icon looks"))?;
    Ok(())
}
