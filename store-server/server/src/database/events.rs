//! How often apps have counted what they declare, by the day.

use std::collections::{BTreeMap, btree_map::Entry};

use guichet_api::{DayCount, EventCount};
use guichet_contract::{AppId, Channel, Permission, telemetry};
use guichet_package::ReleaseDocument;
use sqlx::AnyConnection;
use sqlx_macros::FromRow;

use super::{loaded, parsed, stored};
use crate::error::StoreError;

const DECLARED: &str = "SELECT release_document FROM log WHERE app_id = $1 AND channel = $2 AND sequence = $3";
const COUNT: &str = "INSERT INTO events (app_id, channel, sequence, event, day_ms, count) \
     VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (app_id, channel, day_ms, sequence, event) DO UPDATE SET count = events.count + $6";
const OF_APP: &str = "SELECT day_ms, events.sequence, version_name, event, count FROM events \
     JOIN log ON log.app_id = events.app_id AND log.channel = events.channel AND log.sequence = events.sequence \
     JOIN submissions ON submissions.id = log.submission \
     WHERE events.app_id = $1 AND events.channel = $2 AND day_ms >= $3 ORDER BY day_ms DESC, events.sequence DESC, event DESC";

#[cfg(test)]
pub(super) const QUERIES: &[&str] = &[DECLARED, COUNT, OF_APP];

#[derive(FromRow)]
struct Row {
    day_ms: i64,
    sequence: i64,
    version_name: String,
    event: String,
    count: i64,
}

/// Counts what the releases have declared in the day that begins at this time. What they have not declared is not counted, so
/// that nobody fills the table with others.
pub async fn count(connection: &mut AnyConnection, counts: &[EventCount], day_ms: u64) -> Result<(), StoreError> {
    let mut of_releases = BTreeMap::new();
    for count in counts {
        let release = (&count.app_id, &count.channel, count.sequence);
        let held = match of_releases.entry(release) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(permissions(connection, release).await?),
        };
        let needed = telemetry::declaring(&count.event);
        if !held.iter().any(|one| one.covers(&needed)) {
            continue;
        }
        sqlx::query(COUNT)
            .bind(count.app_id.as_str())
            .bind(count.channel.as_str())
            .bind(stored(count.sequence))
            .bind(count.event.as_str())
            .bind(stored(day_ms))
            .bind(i64::from(count.count))
            .execute(&mut *connection)
            .await
            .map_err(StoreError::database("count an event"))?;
    }
    Ok(())
}

/// What a release may do; nothing if there is none.
async fn permissions(
    connection: &mut AnyConnection,
    (app_id, channel, sequence): (&AppId, &Channel, u64),
) -> Result<Vec<Permission>, StoreError> {
    let document: Option<(Vec<u8>,)> = sqlx::query_as(DECLARED)
        .bind(app_id.as_str())
        .bind(channel.as_str())
        .bind(stored(sequence))
        .fetch_optional(connection)
        .await
        .map_err(StoreError::database("read what a release declares"))?;
    let Some((document,)) = document else { return Ok(Vec::new()) };
    let release = ReleaseDocument::parse(&document);
    Ok(release.map_err(StoreError::document("read a logged release document"))?.permissions)
}

/// What an app has counted on a channel since this time, the newest day first.
pub async fn of_app(
    connection: &mut AnyConnection,
    app_id: &AppId,
    channel: &Channel,
    since_ms: u64,
) -> Result<Vec<DayCount>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_APP)
        .bind(app_id.as_str())
        .bind(channel.as_str())
        .bind(stored(since_ms))
        .fetch_all(connection)
        .await
        .map_err(StoreError::database("read what an app has counted"))?;
    rows.into_iter()
        .map(|row| {
            Ok(DayCount {
                day_ms: loaded(row.day_ms),
                sequence: loaded(row.sequence),
                version: row.version_name,
                event: parsed(&row.event, "an event")?,
                count: loaded(row.count),
            })
        })
        .collect()
}
