//! How often which thing became of a release, by the hour.

use guichet_api::{Beacon, BeaconKind};
use guichet_contract::{AppId, Channel};
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, stored};
use crate::error::StoreError;

/// Only of releases there are, so that nobody fills the table with others.
const COUNT: &str = "INSERT INTO beacons (app_id, channel, sequence, kind, hour_ms, count) \
     SELECT app_id, channel, sequence, $4, CAST($5 AS BIGINT), 1 FROM log WHERE app_id = $1 AND channel = $2 AND sequence = $3 \
     ON CONFLICT (app_id, channel, sequence, kind, hour_ms) DO UPDATE SET count = beacons.count + 1";
const OF_RELEASE: &str = "SELECT kind, hour_ms, count FROM beacons WHERE app_id = $1 AND channel = $2 AND sequence = $3 \
     ORDER BY hour_ms, kind";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[COUNT, OF_RELEASE];

/// How often something became of a release within one hour.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
struct Row {
    kind: String,
    hour_ms: i64,
    count: i64,
}

/// Counts a beacon in the hour that begins at this time. One of a release that does not exist is not counted.
pub async fn count(connection: &mut AnyConnection, beacon: &Beacon, hour_ms: u64) -> Result<(), StoreError> {
    sqlx::query(COUNT)
        .bind(beacon.app_id.as_str())
        .bind(beacon.channel.as_str())
        .bind(stored(beacon.sequence))
        .bind(beacon.kind.as_str())
        .bind(stored(hour_ms))
        .execute(connection)
        .await
        .map_err(StoreError::database("count a beacon"))?;
    Ok(())
}

/// What became of a release: kind, beginning of the hour in milliseconds since 1970, how often.
pub async fn of_release(
    connection: &mut AnyConnection,
    app_id: &AppId,
    channel: &Channel,
    sequence: u64,
) -> Result<Vec<(BeaconKind, u64, u64)>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_RELEASE)
        .bind(app_id.as_str())
        .bind(channel.as_str())
        .bind(stored(sequence))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("read the beacons"))?;
    rows.into_iter()
        .map(|row| {
            let kind = BeaconKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
            let kind = kind.ok_or_else(|| StoreError::Row { wanted: "a kind of beacon", value: row.kind.clone() })?;
            Ok((kind, loaded(row.hour_ms), loaded(row.count)))
        })
        .collect()
}
