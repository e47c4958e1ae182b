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
use redb::{
    Builder, Database, ReadableDatabase, ReadableTable, ReadableTableMetadata as _, StorageError, Table,
    TableDefinition,
};

const ENTRIES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("entries");
const TOTALS: TableDefinition<'_, &str, u64> = TableDefinition::new("totals");
/// A row of `totals`: what all entries together weigh.
const WEIGHT: &str = "weight";
/// What a file may keep of itself in memory.
const CACHE_BYTES: usize = 4 << 20;
/// How often the entries were changed.
const CHANGES: &str = "changes";

/// The first byte of a kept value says what it is.
const TEXT: u8 = 0;
const BYTES: u8 = 1;

/// The file of one app while it is open. Whoever holds it is alone with the app's data.
type Kept = Arc<Mutex<Option<Database>>>;

/// Each app's entries, in `<apps>/<app id>/data/storage.redb`.
#[derive(Debug)]
pub(crate) struct Disk {
    apps: PathBuf,
    kept: Mutex<HashMap<AppId, Kept>>,
}

impl Disk {
    pub(crate) fn new(apps: PathBuf) -> Self {
        Self { apps, kept: Mutex::default() }
    }

    fn path(&self, app: &AppId) -> PathBuf {
        self.apps.join(app.as_str()).join("data").join("storage.redb")
    }

    /// Whether the app has a file. A link in its place, or in that of a folder above it, is somebody else's doing and is not
    /// followed.
    fn is_there(&self, app: &AppId) -> Result<bool, Failure> {
        let (folder, file) = (self.apps.join(app.as_str()), self.path(app));
        for place in [folder.as_path(), &folder.join("data"), &file] {
            match fs::symlink_metadata(place) {
                Ok(found) if found.is_symlink() => return Err(linked()),
                Ok(_) => {}
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    fn kept(&self, app: &AppId) -> Kept {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.entry(app.clone()).or_default())
    }

    /// Does something with the app's file, if it has one.
    fn with_existing<T>(
        &self,
        app: &AppId,
        work: impl FnOnce(&Database) -> Result<T, Failure>,
    ) -> Result<Option<T>, Failure> {
        let kept = self.kept(app);
        let mut open = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.path(app);
        // An app that was removed has lost its folder; what is still open of it must not be written to again.
        if !self.is_there(app)? {
            *open = None;
            return Ok(None);
        }
        with_open(&mut open, || database().open(&path).map_err(failed), work).map(Some)
    }

    /// Does something with the app's file, which is made if it has none.
    fn with_made<T>(&self, app: &AppId, work: impl FnOnce(&Database) -> Result<T, Failure>) -> Result<T, Failure> {
        let kept = self.kept(app);
        let mut open = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.path(app);
        if !self.is_there(app)? {
            *open = None;
            return with_open(&mut open, || create(&path), work);
        }
        with_open(&mut open, || database().open(&path).map_err(failed), work)
    }

    /// How often an app's entries were changed. A file from before this was counted has been changed once if it holds any.
    pub(crate) fn changes(&self, app: &AppId) -> Result<u64, Failure> {
        let counted = self.with_existing(app, |database| {
            let read = database.begin_read().map_err(failed)?;
            let totals = read.open_table(TOTALS).map_err(failed)?;
            let weighs = totals.get(WEIGHT).map_err(failed)?.is_some_and(|weight| weight.value() > 0);
            Ok(totals.get(CHANGES).map_err(failed)?.map_or(u64::from(weighs), |changes| changes.value()))
        });
        Ok(counted?.unwrap_or_default())
    }

    /// Runs `work` while the app's file is closed.
    pub(crate) fn at_rest(&self, app: &AppId, work: &mut dyn FnMut()) {
        let kept = self.kept(app);
        let mut open = kept.lock().unwrap_or_else(PoisonError::into_inner);
        *open = None;
        work();
    }
}

/// Does something with a file that is opened if it is not. After an error it is opened anew the next time: the library refuses
/// everything once a disk has failed it, and so nothing would be kept any more when there is room again.
fn with_open<T>(
    open: &mut Option<Database>,
    open_it: impl FnOnce() -> Result<Database, Failure>,
    work: impl FnOnce(&Database) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let database = match open {
        Some(database) => database,
        None => open.insert(open_it()?),
    };
    let done = work(database);
    if done.is_err() {
        *open = None;
    }
    done
}

/// What it keeps in memory is bounded: an app may write all of its quota at once, and many apps may.
fn database() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Counts one change, in the transaction that makes it.
fn count_change(totals: &mut Table<'_, &str, u64>) -> Result<(), Failure> {
    let before = totals.get(CHANGES).map_err(failed)?.map_or(1, |changes| changes.value());
    totals.insert(CHANGES, before.saturating_add(1)).map_err(failed)?;
    Ok(())
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
    let database = database().create(&unfinished).map_err(failed)?;
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
        let found = self.with_existing(&app, |database| {
            let read = database.begin_read().map_err(failed)?;
            let entries = read.open_table(ENTRIES).map_err(failed)?;
            let value = entries.get(key.as_str()).map_err(failed)?;
            value.map(|value| decode(value.value())).transpose()
        });
        Ok(found?.flatten())
    }

    fn set(&self, permit: Permit<Set>) -> Result<(), Failure> {
        let (app, Set { key, value }) = permit.redeem();
        self.with_made(&app, |database| {
            let write = database.begin_write().map_err(failed)?;
            {
                let mut entries = write.open_table(ENTRIES).map_err(failed)?;
                let mut totals = write.open_table(TOTALS).map_err(failed)?;
                let before = totals.get(WEIGHT).map_err(failed)?.map_or(0, |total| total.value());
                let bytes = encode(&value);
                let freed = {
                    let replaced = entries.insert(key.as_str(), bytes.as_slice()).map_err(failed)?;
                    replaced.map_or(0, |old| entry_weight(&key, old.value()))
                };
                let after = before.saturating_sub(freed) + super::weight(&key, &value);
                super::within_quota(after, entries.len().map_err(failed)?)?;
                totals.insert(WEIGHT, after).map_err(failed)?;
                count_change(&mut totals)?;
            }
            write.commit().map_err(failed)
        })
    }

    fn remove(&self, permit: Permit<Remove>) -> Result<(), Failure> {
        let (app, Remove { key }) = permit.redeem();
        let removed = self.with_existing(&app, |database| {
            let write = database.begin_write().map_err(failed)?;
            {
                let mut entries = write.open_table(ENTRIES).map_err(failed)?;
                let mut totals = write.open_table(TOTALS).map_err(failed)?;
                let before = totals.get(WEIGHT).map_err(failed)?.map_or(0, |total| total.value());
                let removed = entries.remove(key.as_str()).map_err(failed)?;
                if let Some(old) = removed {
                    let after = before.saturating_sub(entry_weight(&key, old.value()));
                    totals.insert(WEIGHT, after).map_err(failed)?;
                    count_change(&mut totals)?;
                }
            }
            write.commit().map_err(failed)
        });
        removed.map(|_| ())
    }

    fn keys(&self, permit: Permit<Keys>) -> Result<Vec<String>, Failure> {
        let (app, Keys { prefix }) = permit.redeem();
        let found = self.with_existing(&app, |database| {
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
        });
        Ok(found?.unwrap_or_default())
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

fn linked() -> Failure {
    unavailable(
        "a link lies where the app's data on this device should be",
        "remove the app and install it again, and find out which program has put the link there",
    )
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

fn unavailable(what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("storage: {what}; hint: {hint}"))
}
