//! The open store: what every part of the program works on.

use std::{
    fs::File,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use guichet_package::Limits;
use guichet_trust::log::LogSigner;

use crate::{
    audit::Denials,
    checks::Checks,
    clock::Clock,
    database::{Change, Database, commit},
    delta::OnRequest,
    error::StoreError,
    folder::{Settings, StoreFolder},
    http::{Paces, Shelf},
    keys::OnlineKeys,
    organisation::Organisation,
    passkeys::Passkeys,
    transparency,
};

/// A store folder, opened.
#[derive(Debug)]
pub struct Store {
    /// The truth.
    pub database: Database,
    /// The files.
    pub folder: StoreFolder,
    /// The operator's choices.
    pub settings: Settings,
    /// The keys that sign freshness.
    pub online: OnlineKeys,
    /// The key that signs the log.
    pub log: LogSigner,
    /// The time.
    pub clock: Clock,
    /// How large a package may be.
    pub limits: Limits,
    /// Whether the static files are known to lag behind the database.
    lagging: AtomicBool,
    /// How often somebody asks or tells something.
    pub paces: Paces,
    /// Through which organisation people may sign in.
    pub organisation: Option<Organisation>,
    /// What passkeys are used with.
    pub passkeys: Passkeys,
    /// How much was refused to whom.
    pub denials: Denials,
    /// Deltas that are made when somebody asks.
    pub on_request: Arc<OnRequest>,
    /// What looks at submissions before people do; none where nothing does.
    pub checks: Option<Checks>,
    /// Static files that are asked for often.
    pub shelf: Arc<Shelf>,
}

impl Store {
    /// Opens a folder that `init` has made.
    pub async fn open(folder: StoreFolder, clock: Clock) -> Result<Self, StoreError> {
        let settings: Settings = StoreFolder::read_json(&folder.settings())?;
        if settings.format != Settings::FORMAT {
            return Err(StoreError::Document {
                operation: "open the store",
                reason: format!(
                    "its folder has format {}, and this version knows {}",
                    settings.format,
                    Settings::FORMAT
                ),
            });
        }
        folder.create()?;
        let passkeys = Passkeys::at(settings.base_url());
        Ok(Self {
            online: OnlineKeys::load(&folder.online())?,
            log: transparency::signer(&folder, &settings)?,
            database: Database::open(&folder.database(), false).await?,
            shelf: Arc::new(Shelf::new(folder.clone())),
            folder,
            settings,
            clock,
            limits: Limits::default(),
            lagging: AtomicBool::new(false),
            paces: Paces::default(),
            denials: Denials::default(),
            organisation: None,
            passkeys,
            on_request: Arc::default(),
            checks: None,
        })
    }

    /// The most bytes a package may have.
    pub fn package_limit(&self) -> u64 {
        self.limits.container_bytes
    }

    /// Makes a change permanent that is to be published. If the database's answer is lost, or nobody waits for it any
    /// more, it may have happened all the same: the next round publishes it then.
    pub(crate) async fn commit(&self, change: Change) -> Result<(), StoreError> {
        self.set_lagging(true);
        commit(change).await
    }

    /// Notes whether the static files lag behind, for the next round to make up.
    pub fn set_lagging(&self, lagging: bool) {
        self.lagging.store(lagging, Ordering::Relaxed);
    }

    /// Whether the static files are known to lag behind.
    pub fn is_lagging(&self) -> bool {
        self.lagging.load(Ordering::Relaxed)
    }
}

/// Runs work that blocks, off the threads that answer.
pub(crate) async fn blocking<T: Send + 'static>(
    operation: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|source| StoreError::Task { operation, source })
}

/// Waits for a lock that one process has at a time.
pub(crate) async fn lock(path: PathBuf) -> Result<File, StoreError> {
    blocking("wait for the lock", move || {
        let file = File::create(&path).map_err(StoreError::file("create", &path))?;
        file.lock().map_err(StoreError::file("lock", &path))?;
        Ok(file)
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::{NewStore, init},
        database::{Location, postgres::Postgres},
    };

    #[tokio::test]
    async fn what_may_have_been_committed_counts_as_not_published() {
        let (folder, server) = (tempfile::tempdir().unwrap(), Postgres::start());
        let location = Location::postgres(&server.database("store")).unwrap();
        let new = NewStore {
            folder: StoreFolder::new(folder.path().join("store")).with_database(location),
            offline: folder.path().join("offline"),
            static_url: "http://store.example/static".to_owned(),
            api_url: "http://store.example/api/v1".to_owned(),
            log_origin: None,
            witnesses: Vec::new(),
            quorum: None,
            second_reviewer: false,
        };
        let store = init(&new, Clock::at(1_795_420_800_000)).await.unwrap();
        assert!(!store.is_lagging());
        let change = store.database.change().await.unwrap();
        server.restart();
        store.commit(change).await.unwrap_err();
        assert!(store.is_lagging());
    }
}
