//! The rows of all tables as lines of JSON, the same from either database and for either.

use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sqlx::{
    Any, AnyConnection, AssertSqlSafe, Column, Executor, Row, ValueRef,
    any::{AnyArguments, AnyRow, AnyTypeInfoKind},
};

use crate::error::StoreError;

/// Every table but that of sessions, each after those it points to, and what its rows are told apart by.
const TABLES: &[(&str, &str)] = &[
    ("departments", "id"),
    ("prefixes", "prefix"),
    ("publisher_keys", "department, key"),
    ("people", "id"),
    ("invitations", "id"),
    ("tokens", "id"),
    ("submissions", "id"),
    ("passkeys", "id"),
    ("identities", "issuer, subject"),
    ("decisions", "submission, person"),
    ("claims", "submission"),
    ("messages", "id"),
    ("testers", "submission, person"),
    ("jobs", "submission, kind"),
    ("terminals", "id"),
    ("enrolment_codes", "id"),
    ("heartbeats", "terminal, hour_ms"),
    ("history", "submission, step"),
    ("approvals", "submission, person"),
    ("pending_documents", "submission, role"),
    ("metadata", "role, version"),
    ("targets", "path, sha256"),
    ("log", "position"),
    ("brakes", "position"),
    ("shelf", "position"),
    ("facts", "package_sha256"),
    ("looks", "sha256"),
    ("leaves", "position"),
    ("tiles", "level, number"),
    ("checkpoints", "size"),
    ("waiting", "role, version"),
    ("witnesses", "key"),
    ("quorum", "needed"),
    ("audit", "position"),
    ("audit_heads", "size"),
    ("beacons", "app_id, channel, sequence, kind, hour_ms"),
    ("events", "app_id, channel, day_ms, sequence, event"),
    ("idempotency", "key_sha256"),
];
/// How many rows are in memory at a time.
const AT_ONCE: usize = 500;
const READ: &str = "read a row of a backup";
/// PostgreSQL counts positions by itself, from where these rows end.
const COUNT_ON: [(&str, &str); 2] = [
    ("brakes", "SELECT setval(pg_get_serial_sequence('brakes', 'position'), MAX(position)) FROM brakes"),
    ("shelf", "SELECT setval(pg_get_serial_sequence('shelf', 'position'), MAX(position)) FROM shelf"),
];

/// Writes all rows, table by table, and says how many each has.
pub(super) async fn read(
    connection: &mut AnyConnection,
    to: &mut impl Write,
    path: &Path,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    for (table, key) in TABLES {
        let keys: Vec<_> = key.split(", ").collect();
        let places: Vec<_> = (1..=keys.len()).map(|number| format!("${number}")).collect();
        let after = format!("WHERE ({key}) > ({})", places.join(", "));
        let (mut count, mut last) = (0, Map::new());
        loop {
            let after = if last.is_empty() { "" } else { &after };
            // The names are those above.
            let query = format!("SELECT * FROM {table} {after} ORDER BY {key} LIMIT {AT_ONCE}");
            let mut query = sqlx::query(AssertSqlSafe(query));
            for value in keys.iter().filter_map(|key| last.get(*key)) {
                query = bound(query, value)?;
            }
            let rows = query.fetch_all(&mut *connection).await.map_err(StoreError::database("read a table"))?;
            count += rows.len() as u64;
            for row in &rows {
                let values = values(row).map_err(StoreError::database("read a row"))?;
                let line = json!({ "table": table, "row": values });
                writeln!(to, "{line}").map_err(StoreError::file("write", path))?;
                last = values;
            }
            if rows.len() < AT_ONCE {
                break;
            }
        }
        counts.insert((*table).to_owned(), count);
    }
    Ok(counts)
}

type Query = sqlx::query::Query<'static, Any, AnyArguments>;

/// A value that is none stands in the text already.
fn bound(query: Query, value: &Value) -> Result<Query, StoreError> {
    Ok(match value {
        Value::Null => query,
        Value::String(text) => query.bind(text.clone()),
        Value::Number(number) => query.bind(number.as_i64().ok_or_else(bad)?),
        Value::Object(blob) => {
            let text = blob.get("base64").and_then(Value::as_str).ok_or_else(bad)?;
            query.bind(STANDARD.decode(text).map_err(StoreError::document(READ))?)
        }
        Value::Bool(_) | Value::Array(_) => return Err(bad()),
    })
}

fn bad() -> StoreError {
    StoreError::Document { operation: READ, reason: "it is not one".to_owned() }
}

fn values(row: &AnyRow) -> Result<Map<String, Value>, sqlx::Error> {
    let mut values = Map::new();
    for column in row.columns() {
        let (name, number) = (column.name(), column.ordinal());
        let raw = row.try_get_raw(number)?;
        let kind = raw.type_info().kind();
        let value = if raw.is_null() {
            Value::Null
        } else {
            match kind {
                AnyTypeInfoKind::Text => row.try_get::<String, _>(number)?.into(),
                AnyTypeInfoKind::Blob => json!({ "base64": STANDARD.encode(row.try_get::<Vec<u8>, _>(number)?) }),
                _ => row.try_get::<i64, _>(number)?.into(),
            }
        };
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

/// Adds all rows to tables that have none, and says how many each has.
pub(super) async fn write(
    connection: &mut AnyConnection,
    from: impl BufRead,
    is_postgres: bool,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts: BTreeMap<String, u64> = TABLES.iter().map(|(table, _)| ((*table).to_owned(), 0)).collect();
    // The one row that every new database has.
    connection.execute("DELETE FROM quorum").await.map_err(StoreError::database("empty a table"))?;
    for line in from.lines() {
        let line = line.map_err(StoreError::document(READ))?;
        let line: Value = serde_json::from_str(&line).map_err(StoreError::document(READ))?;
        let table = line["table"].as_str().and_then(|name| TABLES.iter().find(|(table, _)| *table == name));
        let (Some((table, _)), Some(row)) = (table, line["row"].as_object()) else { return Err(bad()) };
        let is_name = |name: &String| name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if row.is_empty() || !row.keys().all(is_name) {
            return Err(bad());
        }
        let names: Vec<_> = row.keys().map(|name| format!("\"{name}\"")).collect();
        // A value that is none has no type that it could be bound with.
        let mut numbers = 1..;
        let places = row.values().map(|value| match value {
            Value::Null => "NULL".to_owned(),
            _ => format!("${}", numbers.next().unwrap_or_default()),
        });
        let places: Vec<_> = places.collect();
        // One of our tables, and names of letters.
        let query = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), places.join(", "));
        let mut query = sqlx::query(AssertSqlSafe(query));
        for value in row.values() {
            query = bound(query, value)?;
        }
        query.execute(&mut *connection).await.map_err(StoreError::database("add a row of a backup"))?;
        *counts.entry((*table).to_owned()).or_default() += 1;
    }
    if is_postgres {
        for (table, query) in COUNT_ON {
            // Before some change there was no such table.
            if counts.get(table).is_none_or(|count| *count == 0) {
                continue;
            }
            connection.execute(query).await.map_err(StoreError::database("count on"))?;
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{Database, Location, commit, postgres::Postgres};

    async fn text(database: &Database) -> String {
        let mut text = Vec::new();
        let counts = read(&mut database.moment().await.unwrap(), &mut text, Path::new("text")).await.unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(counts.values().sum::<u64>(), text.lines().count() as u64);
        text
    }

    #[tokio::test]
    async fn rows_are_the_same_after_any_way_through_both_databases() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| Location::File(folder.path().join(name));
        let first = Database::open(&file("first.db"), true).await.unwrap();
        let mut change = first.change().await.unwrap();
        for row in [
            "INSERT INTO metadata VALUES ('Zoll', 9223372036854775807, x'00ff0a22'), ('a-b', 1, x''), ('ab', 1, x'7b7d')",
            "INSERT INTO departments VALUES ('d', '居住证 \"\\', 'it''s\n', -1)",
            "INSERT INTO people VALUES ('p', 'Ana', 'administrator', NULL, 't', 0, NULL)",
            "INSERT INTO brakes VALUES (7, 'a.b', 'stable', 1, 1, '', 0, NULL)",
            "UPDATE quorum SET needed = 2, changed = 1",
            "WITH RECURSIVE hours (hour) AS (SELECT 1 UNION ALL SELECT hour + 1 FROM hours WHERE hour < 1201) \
             INSERT INTO beacons SELECT 'a.b', 'stable', 1, 'confirmed', hour, hour FROM hours",
        ] {
            change.execute(row).await.unwrap();
        }
        commit(change).await.unwrap();
        let wanted = text(&first).await;

        let server = Postgres::shared();
        let location = |name: &str| Location::postgres(&server.database(name)).unwrap();
        for location in [location("rows"), file("second.db")] {
            let other = Database::open(&location, true).await.unwrap();
            let mut change = other.change().await.unwrap();
            write(&mut change, wanted.as_bytes(), location.is_postgres()).await.unwrap();
            commit(change).await.unwrap();
            assert!(text(&other).await == wanted, "{location:?}");
            // Both go on counting after the last.
            let mut change = other.change().await.unwrap();
            let next = "INSERT INTO brakes (app_id, channel, sequence, halted, reason, at_ms) \
                 VALUES ('a.b', 'stable', 1, 0, '', 1) RETURNING position";
            let position: i64 = sqlx::query_scalar(next).fetch_one(&mut *change).await.unwrap();
            assert_eq!(position, 8);
        }
    }

    /// Who was signed in is not in a backup.
    #[tokio::test]
    async fn every_table_is_backed_up() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&Location::File(folder.path().join("store.db")), true).await.unwrap();
        let query =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sql%' AND name <> 'sessions'";
        let mut all: Vec<String> =
            sqlx::query_scalar(query).fetch_all(&mut *database.read().await.unwrap()).await.unwrap();
        all.sort();
        let mut known: Vec<_> = TABLES.iter().map(|(table, _)| *table).collect();
        known.sort_unstable();
        assert_eq!(all, known);
    }
}
