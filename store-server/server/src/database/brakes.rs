//! What operators halted and let go on: rows are added and never changed.

use guichet_contract::{AppId, Channel};
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const INSERT: &str = "INSERT INTO brakes (app_id, channel, sequence, halted, ceiling, reason, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)";
const OF_APP: &str = "SELECT app_id, channel, sequence, halted, ceiling, reason, at_ms FROM brakes WHERE app_id = $1 AND channel = $2 ORDER BY position";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[INSERT, OF_APP];

/// One act of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrakeEntry {
    /// The app.
    pub app_id: AppId,
    /// The channel.
    pub channel: Channel,
    /// The last release it is about.
    pub sequence: u64,
    /// Halted, or let go on.
    pub halted: bool,
    /// How many of 10 000 may take part from now on; none for a halt, and for what goes on as far as before.
    pub ceiling: Option<u16>,
    /// Why; empty where it goes on.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

#[derive(FromRow)]
struct Row {
    app_id: String,
    channel: String,
    sequence: i64,
    halted: i64,
    ceiling: Option<i64>,
    reason: String,
    at_ms: i64,
}

impl TryFrom<Row> for BrakeEntry {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            app_id: parsed(&row.app_id, "an app id")?,
            channel: parsed(&row.channel, "a channel")?,
            sequence: loaded(row.sequence),
            halted: row.halted != 0,
            ceiling: row.ceiling.map(|ceiling| u16::try_from(ceiling).unwrap_or(0)),
            reason: row.reason,
            at_ms: loaded(row.at_ms),
        })
    }
}

/// Adds an act at the end.
pub async fn append(connection: &mut AnyConnection, entry: &BrakeEntry) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(entry.app_id.as_str())
        .bind(entry.channel.as_str())
        .bind(stored(entry.sequence))
        .bind(i64::from(entry.halted))
        .bind(entry.ceiling.map(i64::from))
        .bind(&entry.reason)
        .bind(stored(entry.at_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("log a brake"))?;
    Ok(())
}

/// All that was done about an app's channel, oldest first.
pub async fn of_app(
    connection: &mut AnyConnection,
    app_id: &AppId,
    channel: &Channel,
) -> Result<Vec<BrakeEntry>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_APP)
        .bind(app_id.as_str())
        .bind(channel.as_str())
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("list the brakes"))?;
    rows.into_iter().map(BrakeEntry::try_from).collect()
}
