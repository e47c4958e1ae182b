//! `storage` on a device: one redb file per app, every change durable before it is answered.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use guichet_contract::{
    AppId, Failure, Permit,
    storage::{Get, Keys, Remove, Set, Storage, Stored},
};
use redb::{Database, ReadableDatabase, ReadableTable, StorageError, TableDefinition};

const ENTRIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("entries");
const TOTALS: TableDefinition<'_, &str, u64> = TableDefinition::new("totals");
/// The one row of `totals`: what all entries together weigh.
const WEIGHT: &str = "weight";

/// The first byte of a kept value says what it is.
const TEXT: u8 = 0;
const BYTES: u8 = 1;

/// Each app's entries, in `<apps>/<app id>/data/storage.redb`.
#[derive(Debug)]
pub(crate) struct Disk {
    apps: PathBuf,
    open: Mutex<HashMap<AppId, Arc<Database>>>,
}

impl Disk {
    pub(crate) fn new(apps: PathBuf) -> Self {
        Self { apps, open: Mutex::default() }
    }

    fn path(&self, app: &AppId) -> PathBuf {
        self.apps.join(app.as_str()).join("data").join("storage.redb")
    }

    /// The app's file, if it has one.
    fn existing(&self, app: &AppId) -> Result<Option<Arc<Database>>, Failure> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // An app that was removed has lost its folder; what is still open of it must not be written to again.
        open.retain(|app, _| self.path(app).exists());
        if let Some(database) = open.get(app) {
            return Ok(Some(Arc::clone(database)));
        }
        let path = self.path(app);
        if !path.exists() {
            return Ok(None);
        }
        let database = Arc::new(Database::open(&path).map_err(failed)?);
        open.insert(app.clone(), Arc::clone(&database));
        Ok(Some(database))
    }

    /// The app's file, made if it has none.
    fn made(&self, app: &AppId) -> Result<Arc<Database>, Failure> {
        if let Some(database) = self.existing(app)? {
            return Ok(database);
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = open.get(app) {
            return Ok(Arc::clone(database));
        }
        let path = self.path(app);
        let database = Arc::new(create(&path)?);
        open.insert(app.clone(), Arc::clone(&database));
        Ok(database)
    }
}

/// Makes the file under another name first, so that a power cut leaves none or a whole one.
fn create(path: &Path) -> Result<Database, Failure> {
    let folder = path.parent().unwrap_or(path);
    let unfinished = path.with_extension("new");
    let making = |error: io::Error| failed(StorageError::Io(error));
    fs::create_dir_all(folder).map_err(making)?;
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(making(error)),
        _ => {}
    }
    let database = Database::create(&unfinished).map_err(failed)?;
    let write = database.begin_write().map_err(failed)?;
    write.open_table(ENTRIES).map_err(failed)?;
    write.open_table(TOTALS).map_err(failed)?;
    write.commit().map_err(failed)?;
    fs::rename(&unfinished, path).map_err(making)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(making)?;
    Ok(database)
}

impl Storage for Disk {
    fn get(&self, permit: Permit<Get>) -> Result<Option<Stored>, Failure> {
        let (app, Get { key }) = permit.redeem();
        let Some(database) = self.existing(&app)? else { return Ok(None) };
        let read = database.begin_read().map_err(failed)?;
        let entries = read.open_table(ENTRIES).map_err(failed)?;
        let value = entries.get(key.as_str()).map_err(failed)?;
        value.map(|value| decode(value.value())).transpose()
    }

    fn set(&self, permit: Permit<Set>) -> Result<(), Failure> {
        let (app, Set { key, value }) = permit.redeem();
        let database = self.made(&app)?;
        let write = database.begin_write().map_err(failed)?;
        {
            let mut entries = write.open_table(ENTRIES).map_err(failed)?;
            let mut totals = write.open_table(TOTALS).map_err(failed)?;
            let before = totals.get(WEIGHT).map_err(failed)?.map_or(0, |total| total.value());
            let bytes = encode(&value);
            let replaced = entries.insert(key.as_str(), bytes.as_slice()).map_err(failed)?;
            let freed = replaced.map_or(0, |old| entry_weight(&key, old.value()));
            let after = before.saturating_sub(freed) + super::weight(&key, &value);
            super::within_quota(after)?;
            totals.insert(WEIGHT, after).map_err(failed)?;
        }
        write.commit().map_err(failed)
    }

    fn remove(&self, permit: Permit<Remove>) -> Result<(), Failure> {
        let (app, Remove { key }) = permit.redeem();
        let Some(database) = self.existing(&app)? else { return Ok(()) };
        let write = database.begin_write().map_err(failed)?;
        {
            let mut entries = write.open_table(ENTRIES).map_err(failed)?;
            let mut totals = write.open_table(TOTALS).map_err(failed)?;
            let before = totals.get(WEIGHT).map_err(failed)?.map_or(0, |total| total.value());
            let freed = entries.remove(key.as_str()).map_err(failed)?.map_or(0, |old| entry_weight(&key, old.value()));
            totals.insert(WEIGHT, before.saturating_sub(freed)).map_err(failed)?;
        }
        write.commit().map_err(failed)
    }

    fn keys(&self, permit: Permit<Keys>) -> Result<Vec<String>, Failure> {
        let (app, Keys { prefix }) = permit.redeem();
        let Some(database) = self.existing(&app)? else { return Ok(Vec::new()) };
        let read = database.begin_read().map_err(failed)?;
        let entries = read.open_table(ENTRIES).map_err(failed)?;
        let mut keys = Vec::new();
        for entry in entries.range(prefix.as_str()..).map_err(failed)? {
            let (key, _) = entry.map_err(failed)?;
            if !key.value().starts_with(&prefix) {
                break;
            }
            keys.push(key.value().to_owned());
        }
        Ok(keys)
    }
}

fn encode(value: &Stored) -> Vec<u8> {
    let (kind, bytes) = match value {
        Stored::Text(text) => (TEXT, text.as_bytes()),
        Stored::Bytes(bytes) => (BYTES, bytes.as_slice()),
    };
    [&[kind], bytes].concat()
}

fn decode(kept: &[u8]) -> Result<Stored, Failure> {
    match kept.split_first() {
        Some((&TEXT, text)) => match std::str::from_utf8(text) {
            Ok(text) => Ok(Stored::Text(text.to_owned())),
            Err(_) => Err(damaged()),
        },
        Some((&BYTES, bytes)) => Ok(Stored::Bytes(bytes.to_vec())),
        _ => Err(damaged()),
    }
}

fn entry_weight(key: &str, kept: &[u8]) -> u64 {
    (key.len() + kept.len().saturating_sub(1)) as u64
}

fn failed(error: impl Into<redb::Error>) -> Failure {
    match error.into() {
        redb::Error::Io(error) if is_full(&error) => {
            unavailable("this device has no room left", "free some space and try again; nothing was changed")
        }
        redb::Error::Corrupted(_) | redb::Error::UpgradeRequired(_) => damaged(),
        redb::Error::DatabaseAlreadyOpen => {
            unavailable("another program has the app's data open", "close the other program and try again")
        }
        error => unavailable(&error.to_string(), "try again; if it stays so, ask whoever keeps this device"),
    }
}

fn damaged() -> Failure {
    unavailable(
        "the app's data on this device are damaged",
        "remove the app and install it again; its data on this device are lost",
    )
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

fn unavailable(what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("storage: {what}; hint: {hint}"))
}
