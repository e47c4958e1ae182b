//! The store's one truth: SQLite in WAL mode, many readers and one writer.

pub mod beacons;
pub mod brakes;
pub mod departments;
pub mod documents;
pub mod log;
pub mod people;
pub mod reviews;
pub mod submissions;
pub mod tree;
pub mod witnesses;

use std::{path::Path, time::Duration};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::error::StoreError;

const READERS: u32 = 4;
const BUSY: Duration = Duration::from_secs(10);

/// The open database.
#[derive(Clone, Debug)]
pub struct Database {
    readers: SqlitePool,
    writer: SqlitePool,
}

/// A change that happens wholly at its commit, or not at all when it is dropped.
pub type Change = Transaction<'static, Sqlite>;

impl Database {
    /// Opens the database file, makes it when `create` says so, and brings its tables up to date.
    pub async fn open(path: &Path, create: bool) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .journal_mode(SqliteJournalMode::Wal)
            // Signed versions leave the house right after a commit: one that a power cut took back would make every
            // device see a rollback, so each commit reaches the disk.
            .synchronous(SqliteSynchronous::Full);
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).connect_with(options.clone());
        let writer = pool(1).await.map_err(StoreError::database("be opened"))?;
        sqlx::migrate!("./migrations")
            .run(&writer)
            .await
            .map_err(|source| StoreError::Migrate { path: path.to_owned(), source })?;
        let readers = pool(READERS).await.map_err(StoreError::database("be opened"))?;
        Ok(Self { readers, writer })
    }

    /// A connection for looking.
    pub async fn read(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(StoreError::database("lend a connection"))
    }

    /// Begins the one change that may be under way.
    pub async fn change(&self) -> Result<Change, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::database("begin a change"))
    }

    /// Closes every connection, so that the write-ahead log is folded in.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Makes a change permanent.
pub async fn commit(change: Change) -> Result<(), StoreError> {
    change.commit().await.map_err(StoreError::database("commit a change"))
}

/// Turns a stored text back into the type it was written from.
fn parsed<T: std::str::FromStr>(text: &str, wanted: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Row { wanted, value: text.to_owned() })
}

/// SQLite's integers are signed; none of ours is negative or beyond 2^63.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn loaded(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, Executor, SqlSafeStr};

    use super::*;

    #[tokio::test]
    async fn every_query_is_understood_by_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("store.db"), true).await.unwrap();
        let mut connection = database.read().await.unwrap();
        let all = [
            beacons::QUERIES,
            brakes::QUERIES,
            departments::QUERIES,
            documents::QUERIES,
            log::QUERIES,
            people::QUERIES,
            reviews::QUERIES,
            submissions::QUERIES,
            tree::QUERIES,
            witnesses::QUERIES,
        ];
        for query in all.into_iter().flatten().copied() {
            connection.prepare(query.into_sql_str()).await.unwrap_or_else(|error| panic!("{query}: {error}"));
        }
        connection.ping().await.unwrap();
    }

    #[tokio::test]
    async fn the_log_and_the_brakes_are_append_only() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("store.db"), true).await.unwrap();
        let mut change = database.change().await.unwrap();
        change.execute("PRAGMA defer_foreign_keys = ON").await.unwrap();
        change.execute("INSERT INTO log VALUES (0, 's', 'a.b', 'stable', 1, x'00', 0)").await.unwrap();
        assert!(change.execute("UPDATE log SET at_ms = 1").await.is_err());
        assert!(change.execute("DELETE FROM log").await.is_err());
        change.execute("INSERT INTO brakes VALUES (0, 'a.b', 'stable', 1, 1, 'why', 0)").await.unwrap();
        assert!(change.execute("UPDATE brakes SET halted = 0").await.is_err());
        assert!(change.execute("DELETE FROM brakes").await.is_err());
        change.execute("INSERT INTO leaves VALUES (0, x'00')").await.unwrap();
        assert!(change.execute("UPDATE leaves SET leaf = x'01'").await.is_err());
        assert!(change.execute("DELETE FROM leaves").await.is_err());
        change.execute("INSERT INTO checkpoints VALUES (0, 'signed', NULL, 0)").await.unwrap();
        assert!(change.execute("DELETE FROM checkpoints").await.is_err());
    }

    #[tokio::test]
    async fn a_store_of_before_there_were_reissues_keeps_everything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).foreign_keys(true);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let all = sqlx::migrate!("./migrations");
        let before = all.migrations.iter().filter(|migration| migration.version < 19).cloned().collect();
        sqlx::migrate::Migrator::with_migrations(before).run(&mut connection).await.unwrap();
        for row in [
            "INSERT INTO departments VALUES ('residence', 'zh', 'en', 2, 0)",
            "INSERT INTO people VALUES ('p', 'Ana', 'developer', 'residence', 't', 0)",
            "INSERT INTO submissions VALUES ('s', 'a.b', 'residence', 'stable', 7, '7.0', 1, 'released', 'd', 1, x'00', '[]', '{}', 'moss', '[]', NULL, 'p', 0)",
            "INSERT INTO history VALUES ('s', 0, 0, 'p', 'submitted', NULL)",
            "INSERT INTO log VALUES (0, 's', 'a.b', 'stable', 1, x'00', 0)",
        ] {
            connection.execute(row).await.unwrap();
        }
        connection.close().await.unwrap();

        let database = Database::open(&path, false).await.unwrap();
        let mut change = database.change().await.unwrap();
        let kept: (String, i64) =
            sqlx::query_as("SELECT kind, version_code FROM submissions").fetch_one(&mut *change).await.unwrap();
        assert_eq!(kept, ("package".to_owned(), 7));
        let joined: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM log JOIN submissions ON submissions.id = submission")
                .fetch_one(&mut *change)
                .await
                .unwrap();
        assert_eq!(joined, 1);
        let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *change).await.unwrap();
        assert!(broken.is_empty(), "no row points into nothing");
        let again = |kind: &str| {
            format!(
                "INSERT INTO submissions (id, kind, app_id, department, channel, version_code, version_name, sequence, state, package_sha256, package_length, release_document, blobs, names, glaze, widens, submitted_by, submitted_at_ms) SELECT id || '{kind}', '{kind}', app_id, department, channel, version_code, version_name, 2, state, package_sha256, package_length, release_document, blobs, names, glaze, widens, submitted_by, 1 FROM submissions WHERE id = 's'"
            )
        };
        assert!(change.execute(sqlx::AssertSqlSafe(again("package"))).await.is_err(), "a version names one content");
        change.execute(sqlx::AssertSqlSafe(again("revert"))).await.unwrap();
        change.execute("DELETE FROM people WHERE id = 'p'").await.expect_err("references hold after the migration");
    }
}
