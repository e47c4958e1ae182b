//! The rows of all tables as lines of JSON, the same from either database and for either.

use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sqlx::{
    AnyConnection, AssertSqlSafe, Column, Executor, Row, ValueRef,
    any::{AnyRow, AnyTypeInfoKind},
};

use crate::error::StoreError;

/// Every table but those of sessions, each after those it points to.
pub(super) const TABLES: &[&str] = &[
    "departments",
    "prefixes",
    "publisher_keys",
    "people",
    "submissions",
    "history",
    "approvals",
    "pending_documents",
    "metadata",
    "targets",
    "log",
    "brakes",
    "leaves",
    "tiles",
    "checkpoints",
    "waiting",
    "witnesses",
    "quorum",
    "beacons",
];
const READ: &str = "read a row of a backup";
/// PostgreSQL counts positions by itself, from where these rows end.
const COUNT_ON: &str =
    "SELECT setval(pg_get_serial_sequence('brakes', 'position'), MAX(position)) FROM brakes HAVING COUNT(*) > 0";

/// Writes all rows, table by table, and says how many each has.
pub(super) async fn read(
    connection: &mut AnyConnection,
    to: &mut impl Write,
    path: &Path,
) -> Result<BTreeMap<String, u64>, StoreError> {
    let mut counts = BTreeMap::new();
    for table in TABLES {
        // The names are those above.
        let query = AssertSqlSafe(format!("SELECT * FROM {table}"));
        let rows = connection.fetch_all(query).await.map_err(StoreError::database("read a table"))?;
        counts.insert((*table).to_owned(), rows.len() as u64);
        for row in rows {
            let values = values(&row).map_err(StoreError::database("read a row"))?;
            let line = json!({ "table": table, "row": values });
            writeln!(to, "{line}").map_err(StoreError::file("write", path))?;
        }
    }
    Ok(counts)
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
    let bad = || StoreError::Document { operation: READ, reason: "it is not one".to_owned() };
    let mut counts: BTreeMap<String, u64> = TABLES.iter().map(|table| ((*table).to_owned(), 0)).collect();
    // The one row that every new database has.
    connection.execute("DELETE FROM quorum").await.map_err(StoreError::database("empty a table"))?;
    for line in from.lines() {
        let line = line.map_err(StoreError::document(READ))?;
        let line: Value = serde_json::from_str(&line).map_err(StoreError::document(READ))?;
        let table = line["table"].as_str().and_then(|name| TABLES.iter().find(|table| **table == name));
        let (Some(table), Some(row)) = (table, line["row"].as_object()) else { return Err(bad()) };
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
            query = match value {
                Value::Null => query,
                Value::String(text) => query.bind(text.clone()),
                Value::Number(number) => query.bind(number.as_i64().ok_or_else(bad)?),
                Value::Object(blob) => {
                    let text = blob.get("base64").and_then(Value::as_str).ok_or_else(bad)?;
                    query.bind(STANDARD.decode(text).map_err(StoreError::document(READ))?)
                }
                _ => return Err(bad()),
            };
        }
        query.execute(&mut *connection).await.map_err(StoreError::database("add a row of a backup"))?;
        *counts.entry((*table).to_owned()).or_default() += 1;
    }
    if is_postgres {
        connection.execute(COUNT_ON).await.map_err(StoreError::database("count on"))?;
    }
    Ok(counts)
}
