//! The store's one truth, in SQLite (WAL mode, many readers and one writer) or in PostgreSQL: one SQL text for both.

pub(crate) mod act;
pub mod audit;
pub mod beacons;
pub mod brakes;
pub mod catalogue;
pub mod departments;
pub mod documents;
pub mod events;
pub mod idempotency;
pub mod identities;
pub mod invitations;
pub mod jobs;
mod location;
pub mod log;
pub mod looks;
pub mod passkeys;
pub mod people;
pub mod reviews;
pub mod sessions;
pub mod submissions;
pub mod talk;
pub mod terminals;
pub mod testers;
pub mod tokens;
pub mod tree;
pub mod witnesses;

use std::{str::FromStr, time::Duration};

use sqlx::{
    Any, AnyConnection, AnyPool, Connection, Executor, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::Migrator,
    pool::PoolConnection,
};

use self::documents::MetadataRecord;
pub use self::location::Location;
use crate::{
    error::{NotDone, StoreError},
    problems,
};

const READERS: u32 = 4;
/// PostgreSQL has no table of this name.
const NO_TABLE: &str = "42P01";
/// How long to wait for a connection: as long as SQLite waits for another process.
const BUSY: Duration = Duration::from_secs(10);

/// Signed versions leave the house right after a commit: one that a power cut took back would make every device see a
/// rollback, so each commit reaches the disk.
const SQLITE: &str =
    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
/// As above, whatever the server's own settings are; a stricter one stays.
const POSTGRES: &str = "SELECT set_config('synchronous_commit', 'on', false) \
     WHERE current_setting('synchronous_commit') IN ('off', 'local')";
/// Each query sees what was committed before it began, whatever the server's own settings are.
const CHANGE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// One change at a time among all who work on this database, and how long to wait for it, as SQLite has it; the number is
/// any that nobody else uses.
const ONE_AT_A_TIME: &str = "SET LOCAL lock_timeout = '10s'; SELECT pg_advisory_xact_lock(7163)";
/// Every query sees what the first one saw. SQLite's transactions are so by themselves.
const MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Held for as long as the connection lives. One that was killed is missed at once, which takes a moment; one that lost its
/// network within half a minute.
const ONE_SERVES: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
     SET lock_timeout = '3s'; SELECT pg_advisory_lock(7164)";
/// PostgreSQL waited as long as it was told to.
const NO_LOCK: &str = "55P03";

/// The open database.
#[derive(Clone, Debug)]
pub struct Database {
    readers: AnyPool,
    writer: AnyPool,
    is_postgres: bool,
}

/// A change that happens wholly at its commit, or not at all when it is dropped.
pub type Change = Transaction<'static, Any>;

/// The one server of a database, until it is dropped.
#[derive(Debug)]
pub struct Serving {
    _connection: Option<AnyConnection>,
}

impl Database {
    /// Opens the database, makes it when `create` says so, and brings its tables up to date.
    pub async fn open(location: &Location, create: bool) -> Result<Self, StoreError> {
        Self::bring(location, create, location.migrations()).await
    }

    /// Makes a database whose tables are those after an earlier change.
    pub(crate) async fn open_at(location: &Location, tables: i64) -> Result<Self, StoreError> {
        let all = location.migrations();
        let until = all.migrations.iter().filter(|migration| migration.version <= tables).cloned().collect();
        Self::bring(location, true, Migrator::with_migrations(until)).await
    }

    async fn bring(location: &Location, create: bool, migrations: Migrator) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let is_postgres = location.is_postgres();
        let options =
            AnyConnectOptions::from_str(&location.address(create)?).map_err(StoreError::database("be opened"))?;
        let begin = if is_postgres { POSTGRES } else { SQLITE };
        let pool = |connections| {
            let pool = AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(BUSY)
                .after_connect(move |connection, _| Box::pin(async move { connection.execute(begin).await.map(drop) }));
            pool.connect_with(options.clone())
        };
        let writer = pool(1).await.map_err(StoreError::database("be opened"))?;
        migrations.run(&writer).await.map_err(|source| StoreError::Migrate { location: location.shown(), source })?;
        let readers = pool(READERS).await.map_err(StoreError::database("be opened"))?;
        Ok(Self { readers, writer, is_postgres })
    }

    /// A connection for looking.
    pub async fn read(&self) -> Result<PoolConnection<Any>, StoreError> {
        self.readers.acquire().await.map_err(StoreError::database("lend a connection"))
    }

    /// Begins the one change that may be under way.
    pub async fn change(&self) -> Result<Change, StoreError> {
        let failed = || StoreError::database("begin a change");
        let begin = if self.is_postgres { CHANGE } else { "BEGIN IMMEDIATE" };
        let mut change = self.writer.begin_with(begin).await.map_err(failed())?;
        if self.is_postgres {
            change.execute(ONE_AT_A_TIME).await.map_err(failed())?;
        }
        act::begun(&mut change).await?;
        Ok(change)
    }

    /// Looks at everything as it was at one moment, and keeps nobody from changing it meanwhile.
    pub(crate) async fn moment(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let begin = if self.is_postgres { MOMENT } else { "BEGIN" };
        self.readers.begin_with(begin).await.map_err(StoreError::database("begin to read"))
    }

    /// Takes the place of the one server that a database in PostgreSQL may have; none if it is taken. Who serves a
    /// database in a folder has taken the folder.
    pub(crate) async fn serve(&self) -> Result<Option<Serving>, StoreError> {
        if !self.is_postgres {
            return Ok(Some(Serving { _connection: None }));
        }
        let mut connection = self.read().await?.detach();
        match connection.execute(ONE_SERVES).await {
            Ok(_) => Ok(Some(Serving { _connection: Some(connection) })),
            Err(error) if is(&error, NO_LOCK) => Ok(None),
            Err(error) => Err(StoreError::database("say who serves")(error)),
        }
    }

    /// Every root in a database that may be of another store, or of none, or may not be there; nothing is made in it.
    pub(crate) async fn roots(location: &Location) -> Result<Vec<MetadataRecord>, NotDone> {
        sqlx::any::install_default_drivers();
        let unreachable = |error: sqlx::Error| {
            let reason =
                error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
            problems::no_connection(&location.shown(), &reason)
        };
        let mut connection = AnyConnection::connect(&location.address(false)?).await.map_err(unreachable)?;
        let found = documents::versions(&mut connection, "root").await;
        connection.close().await.map_err(unreachable)?;
        match found {
            Err(StoreError::Database { source, .. }) if is(&source, NO_TABLE) => Ok(Vec::new()),
            found => Ok(found?),
        }
    }

    /// Closes every connection, so that SQLite's write-ahead log is folded in.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Whether PostgreSQL said this.
fn is(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().is_some_and(|error| error.code().is_some_and(|it| it == code))
}

/// Makes a change permanent.
pub async fn commit(change: Change) -> Result<(), StoreError> {
    change.commit().await.map_err(StoreError::database("commit a change"))
}

/// Turns a stored text back into the type it was written from.
fn parsed<T: FromStr>(text: &str, wanted: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Row { wanted, value: text.to_owned() })
}

/// A database's integers are signed; none of ours is negative or beyond 2^63.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn loaded(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
#[path = "../../tests/it/postgres.rs"]
pub(crate) mod postgres;

#[cfg(test)]
mod tests {
    use sqlx::{Connection, SqlSafeStr, sqlite::SqliteConnectOptions};

    use super::*;

    const ALL: &[&[&str]] = &[
        audit::QUERIES,
        beacons::QUERIES,
        brakes::QUERIES,
        catalogue::QUERIES,
        looks::QUERIES,
        departments::QUERIES,
        documents::QUERIES,
        events::QUERIES,
        idempotency::QUERIES,
        identities::QUERIES,
        invitations::QUERIES,
        jobs::QUERIES,
        log::QUERIES,
        passkeys::QUERIES,
        people::QUERIES,
        reviews::QUERIES,
        sessions::QUERIES,
        submissions::QUERIES,
        talk::QUERIES,
        terminals::QUERIES,
        testers::QUERIES,
        tokens::QUERIES,
        tree::QUERIES,
        witnesses::QUERIES,
    ];

    async fn prepare_all(database: &Database) {
        let mut connection = database.read().await.unwrap();
        for query in ALL.iter().copied().flatten().copied() {
            connection.prepare(query.into_sql_str()).await.unwrap_or_else(|error| panic!("{query}: {error}"));
        }
        connection.ping().await.unwrap();
    }

    /// Every column there is, as `table.column`, with what it may hold.
    async fn columns(database: &Database, query: &'static str) -> Vec<(String, String)> {
        sqlx::query_as(query).fetch_all(&mut *database.read().await.unwrap()).await.unwrap()
    }

    async fn are_append_only(database: &Database) {
        for (table, column) in [
            ("log", "at_ms"),
            ("brakes", "halted"),
            ("shelf", "is_off"),
            ("leaves", "leaf"),
            ("checkpoints", "signed"),
            ("audit", "name"),
            ("audit_heads", "signed"),
        ] {
            for query in [format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")] {
                let mut change = database.change().await.unwrap();
                let may = table == "checkpoints" && query.starts_with("UPDATE");
                let done = change.execute(sqlx::AssertSqlSafe(query.clone())).await;
                assert_eq!(done.is_ok(), may, "{query}: {done:?}");
            }
        }
    }

    async fn fill(database: &Database, blob: &str) {
        let mut change = database.change().await.unwrap();
        for row in [
            "INSERT INTO departments VALUES ('residence', 'zh', 'en', 0)".to_owned(),
            "INSERT INTO people VALUES ('p', 'Ana', 'developer', 'residence', 't', 0, NULL)".to_owned(),
            format!(
                "INSERT INTO submissions VALUES ('s', 'package', 'a.b', 'residence', 'stable', 7, '7.0', 1, 'released', 'd', 1, {blob}, '[]', '{{}}', 'moss', '[]', NULL, 'p', 0, NULL, 0, 0, NULL, NULL)"
            ),
            format!("INSERT INTO log VALUES (0, 's', 'a.b', 'stable', 1, {blob}, 0)"),
            format!("INSERT INTO leaves VALUES (0, {blob})"),
            "INSERT INTO brakes VALUES (1, 'a.b', 'stable', 1, 1, 'why', 0, NULL)".to_owned(),
            "INSERT INTO shelf VALUES (1, 'a.b', 1, 'why', 0)".to_owned(),
            "INSERT INTO checkpoints VALUES (1, 'signed', NULL, 0)".to_owned(),
            "INSERT INTO audit VALUES (0, 0, NULL, 'n', 'd', 'a', NULL, 'done', NULL, NULL, NULL, 'p', 'h')".to_owned(),
            "INSERT INTO audit_heads VALUES (1, 'signed', 0)".to_owned(),
        ] {
            change.execute(sqlx::AssertSqlSafe(row)).await.unwrap();
        }
        for role in ROLES {
            let record = MetadataRecord { role: role.to_owned(), version: 1, document: Vec::new() };
            documents::insert(&mut change, &record).await.unwrap();
        }
        commit(change).await.unwrap();
    }

    /// In the order of their bytes, in which people would not put them.
    const ROLES: [&str; 4] = ["Zoll", "a-b", "a_b", "ab"];

    async fn sorts_by_bytes(database: &Database) {
        let all = documents::latest_of_all(&mut database.read().await.unwrap()).await.unwrap();
        assert_eq!(all.iter().map(|record| record.role.as_str()).collect::<Vec<_>>(), ROLES);
    }

    #[tokio::test]
    async fn both_databases_understand_every_query_have_the_same_tables_and_forget_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = Database::open(&Location::File(folder.path().join("store.db")), true).await.unwrap();
        prepare_all(&sqlite).await;
        fill(&sqlite, "x'00'").await;
        sorts_by_bytes(&sqlite).await;
        are_append_only(&sqlite).await;

        let server = postgres::Postgres::shared();
        let location = Location::postgres(&server.database("store")).unwrap();
        let other = Database::open(&location, true).await.unwrap();
        prepare_all(&other).await;
        fill(&other, "'\\x00'").await;
        sorts_by_bytes(&other).await;
        are_append_only(&other).await;

        let of_sqlite = columns(
            &sqlite,
            "SELECT m.name || '.' || c.name AS name, c.type || CASE WHEN c.\"notnull\" OR c.pk THEN '' ELSE ' or nothing' END AS holds \
             FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE '%sql%' ORDER BY 1",
        );
        let of_postgres = columns(
            &other,
            "SELECT CAST(table_name || '.' || column_name AS TEXT) AS name, CAST(CASE data_type WHEN 'bigint' THEN 'INTEGER' \
             WHEN 'bytea' THEN 'BLOB' ELSE upper(data_type) END || CASE is_nullable WHEN 'NO' THEN '' ELSE ' or nothing' END \
             AS TEXT) AS holds FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '%sql%' ORDER BY 1",
        );
        let (mut of_sqlite, mut of_postgres) = (of_sqlite.await, of_postgres.await);
        // Each sorts in its own way.
        of_sqlite.sort();
        of_postgres.sort();
        assert_eq!(of_sqlite, of_postgres);
        assert_eq!(Location::File("store.db".into()).tables(), location.tables(), "each change is in both folders");
    }

    /// The numbers under which something went that an older server would miss: all from before the first release.
    const CONTRACTIONS: [i64; 3] = [19, 21, 22];

    #[test]
    fn a_change_of_tables_expands_and_what_contracts_is_named() {
        for all in [sqlx_macros::migrate!("./migrations/sqlite"), sqlx_macros::migrate!("./migrations/postgres")] {
            let contracts = |sql: &str| {
                let sql = sql.to_uppercase();
                ["DROP TABLE", "DROP COLUMN", "RENAME ", "ALTER COLUMN"].iter().any(|word| sql.contains(word))
            };
            let found = all.migrations.iter().filter(|migration| contracts(migration.sql.as_ref()));
            let unnamed: Vec<_> =
                found.map(|migration| migration.version).filter(|number| !CONTRACTIONS.contains(number)).collect();
            assert!(unnamed.is_empty(), "{unnamed:?}: expand first; contract a version later, and name it here");
        }
    }

    #[tokio::test]
    async fn changes_in_postgres_happen_one_after_the_other_and_outlive_a_crash() {
        let server = postgres::Postgres::start();
        let location = Location::postgres(&server.database("store")).unwrap();
        let (one, two) =
            (Database::open(&location, true).await.unwrap(), Database::open(&location, false).await.unwrap());
        let add = |database: Database| async move {
            for _ in 0..20 {
                halt(&database).await;
            }
        };
        let (first, second) = (tokio::spawn(add(one.clone())), tokio::spawn(add(two)));
        first.await.unwrap();
        second.await.unwrap();
        server.restart();
        let kept = brakes::of_app(&mut one.read().await.unwrap(), &"a.b".parse().unwrap(), &"stable".parse().unwrap())
            .await
            .unwrap();
        let sequences: Vec<u64> = kept.iter().map(|entry| entry.sequence).collect();
        assert_eq!(sequences, (0..40).collect::<Vec<_>>());
    }

    async fn halt(database: &Database) {
        let mut change = database.change().await.unwrap();
        let entry = brakes::BrakeEntry {
            app_id: "a.b".parse().unwrap(),
            channel: "stable".parse().unwrap(),
            sequence: halts(&mut change).await,
            halted: true,
            ceiling: None,
            reason: "each sees all before it".to_owned(),
            at_ms: 0,
        };
        brakes::append(&mut change, &entry).await.unwrap();
        commit(change).await.unwrap();
    }

    async fn halts(connection: &mut AnyConnection) -> u64 {
        let (app_id, channel) = ("a.b".parse().unwrap(), "stable".parse().unwrap());
        brakes::of_app(connection, &app_id, &channel).await.unwrap().len() as u64
    }

    #[tokio::test]
    async fn a_moment_stays_as_it_was_and_keeps_nobody_from_changing() {
        let (folder, server) = (tempfile::tempdir().unwrap(), postgres::Postgres::shared());
        let file = Location::File(folder.path().join("store.db"));
        for location in [file, Location::postgres(&server.database("moment")).unwrap()] {
            let database = Database::open(&location, true).await.unwrap();
            halt(&database).await;
            let mut moment = database.moment().await.unwrap();
            assert_eq!(halts(&mut moment).await, 1);
            halt(&database).await;
            assert_eq!(halts(&mut moment).await, 1);
            drop(moment);
            assert_eq!(halts(&mut database.moment().await.unwrap()).await, 2);
        }
    }

    #[tokio::test]
    async fn submissions_of_before_stand_where_they_would_stand_now() {
        let (folder, server) = (tempfile::tempdir().unwrap(), postgres::Postgres::shared());
        let file = Location::File(folder.path().join("store.db"));
        for (location, blob) in
            [(file, "x'00'"), (Location::postgres(&server.database("lives")).unwrap(), "'\\x00'::bytea")]
        {
            let database = Database::open_at(&location, 25).await.unwrap();
            let mut change = database.change().await.unwrap();
            for row in [
                "INSERT INTO departments VALUES ('residence', 'zh', 'en', 0)",
                "INSERT INTO people VALUES ('p', 'Ana', 'developer', 'residence', 't', 0, NULL)",
            ] {
                change.execute(row).await.unwrap();
            }
            let mut position = 0;
            for (id, app, kind, sequence, state, digest) in [
                ("refused", "a.b", "package", 4, "refused", "d1"),
                ("withdrawn", "a.b", "package", 4, "withdrawn", "d2"),
                ("replaced", "a.b", "package", 1, "released", "d3"),
                ("taken", "a.b", "package", 2, "released", "d4"),
                ("recall", "a.b", "recall", 3, "released", "d4"),
                ("halted", "a.c", "package", 1, "released", "d5"),
                ("out", "a.d", "package", 1, "released", "d6"),
            ] {
                let row = format!(
                    "INSERT INTO submissions VALUES ('{id}', '{kind}', '{app}', 'residence', 'stable', {}, 'v', {sequence}, '{state}', \
                     '{digest}', 1, {blob}, '[]', '{{}}', 'moss', '[]', NULL, 'p', 0)",
                    sequence * 10 + digest.len() as i64 + i64::from(id == "withdrawn")
                );
                change.execute(sqlx::AssertSqlSafe(row)).await.unwrap();
                if state == "released" {
                    let row = format!(
                        "INSERT INTO log VALUES ({position}, '{id}', '{app}', 'stable', {sequence}, {blob}, 0)"
                    );
                    change.execute(sqlx::AssertSqlSafe(row)).await.unwrap();
                    position += 1;
                }
            }
            for row in [
                "INSERT INTO history VALUES ('refused', 0, 0, 'p', 'refused', 'no')",
                "INSERT INTO brakes VALUES (1, 'a.c', 'stable', 1, 1, 'why', 0)",
                "INSERT INTO brakes VALUES (2, 'a.d', 'stable', 1, 1, 'why', 0)",
                "INSERT INTO brakes VALUES (3, 'a.d', 'stable', 1, 0, '', 1)",
            ] {
                change.execute(row).await.unwrap();
            }
            commit(change).await.unwrap();
            database.close().await;

            let database = Database::open(&location, false).await.unwrap();
            let mut connection = database.read().await.unwrap();
            let states: Vec<(String, String)> = sqlx::query_as("SELECT id, state FROM submissions ORDER BY id")
                .fetch_all(&mut *connection)
                .await
                .unwrap();
            let states: Vec<_> = states.iter().map(|(id, state)| (id.as_str(), state.as_str())).collect();
            assert_eq!(
                states,
                [
                    ("halted", "paused"),
                    ("out", "released"),
                    ("recall", "released"),
                    ("refused", "changes_requested"),
                    ("replaced", "superseded"),
                    ("taken", "recalled"),
                    ("withdrawn", "draft"),
                ]
            );
            let history: String =
                sqlx::query_scalar("SELECT state FROM history").fetch_one(&mut *connection).await.unwrap();
            assert_eq!(history, "changes_requested");
        }
    }

    #[tokio::test]
    async fn a_store_of_before_there_were_reissues_keeps_everything() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).foreign_keys(true);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let all = sqlx_macros::migrate!("./migrations/sqlite");
        let before = all.migrations.iter().filter(|migration| migration.version < 19).cloned().collect();
        Migrator::with_migrations(before).run(&mut connection).await.unwrap();
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

        let database = Database::open(&Location::File(path), false).await.unwrap();
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
