//! The store's folder: what lies where, and how a file gets there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use guichet_package::delta::Coding;
use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{blobs::Remote, database::Location, error::StoreError};

/// The folder given by `--dir`.
#[derive(Clone, Debug)]
pub struct StoreFolder {
    root: PathBuf,
    database: Option<Location>,
    /// The bucket in which packages are kept, if they are not kept here.
    pub(crate) remote: Option<Arc<Remote>>,
    /// How many files were put in their places by this one and its clones.
    put: Arc<AtomicU64>,
}

/// What an operator chose at `init`; kept in `store.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The number of this folder's layout.
    pub format: u32,
    /// Where devices find the static files.
    pub static_url: String,
    /// Where programs find the API.
    pub api_url: String,
    /// The log's name, for good; by default the address of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_origin: Option<String>,
    /// Whether every reviewer agrees to a release with a passkey before their signature counts, not only those who have one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub passkeys_required: bool,
    /// Whether an app's first release, and one sealed by a key that did not seal the one before, need as many reviewers as one
    /// that widens.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_reviewer: bool,
}

impl Settings {
    /// The layout that this version reads and writes.
    pub const FORMAT: u32 = 1;

    /// The log's name: its address without the scheme, as C2SP has it.
    pub fn log_origin(&self) -> String {
        let without_scheme = self.static_url.split_once("://").map_or(self.static_url.as_str(), |(_, rest)| rest);
        let is_good = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        let name: String = without_scheme.chars().map(|c| if is_good(c) { c } else { '-' }).collect();
        self.log_origin.clone().unwrap_or_else(|| format!("{name}/log"))
    }

    /// The store's base address, for commands that people copy.
    pub fn base_url(&self) -> &str {
        self.api_url.trim_end_matches('/').trim_end_matches(guichet_api::paths::PREFIX)
    }
}

impl StoreFolder {
    /// Names the folder; nothing is read yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), database: None, remote: None, put: Arc::default() }
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The same folder, with its database elsewhere.
    #[must_use]
    pub fn with_database(self, location: Location) -> Self {
        Self { database: Some(location), ..self }
    }

    /// The same folder, as a cache before a bucket.
    #[must_use]
    pub fn with_bucket(self, remote: Remote) -> Self {
        Self { remote: Some(Arc::new(remote)), ..self }
    }

    /// The database: a file in the folder, unless it was said to be elsewhere.
    pub fn database(&self) -> Location {
        self.database.clone().unwrap_or_else(|| Location::File(self.database_file()))
    }

    /// The file of a database in the folder.
    pub fn database_file(&self) -> PathBuf {
        self.root.join("store.db")
    }

    /// The operator's choices.
    pub fn settings(&self) -> PathBuf {
        self.root.join("store.json")
    }

    /// What hosts are given once.
    pub fn trust_file(&self) -> PathBuf {
        self.root.join("guichet.trust.json")
    }

    /// The key that policies of terminals are signed with, if somebody has laid it here.
    pub fn operator_key(&self) -> PathBuf {
        self.root.join("operator.pub")
    }

    /// The keys that sign freshness and the brake.
    pub fn online(&self) -> PathBuf {
        self.root.join("online")
    }

    /// Where the root and targets keys are made, unless `--offline` says another place.
    pub fn offline(&self) -> PathBuf {
        self.root.join("offline")
    }

    /// What is served below `/static`.
    pub fn public(&self) -> PathBuf {
        self.root.join("static")
    }

    /// Where files are written before they are renamed into place; on the same disk as all else.
    pub fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    /// Rules of YARA that the operator adds.
    pub fn rules(&self) -> PathBuf {
        self.root.join("yara")
    }

    /// Pictures of a package's pages, as they are seen on terminals.
    pub fn pictures(&self, package: Digest) -> PathBuf {
        self.root.join("pictures").join(package.to_string())
    }

    /// What checks need for as long as they run; nothing in it outlives the server.
    pub fn scratch(&self) -> PathBuf {
        self.root.join("scratch")
    }

    /// The lock that lets one process publish at a time.
    pub fn publish_lock(&self) -> PathBuf {
        self.root.join("publish.lock")
    }

    /// The transparency log's files.
    pub fn log(&self) -> PathBuf {
        self.public().join("log")
    }

    /// The proof that the release whose document has this digest is in the log.
    pub fn proof(&self, release: Digest) -> PathBuf {
        self.log().join("proof").join(format!("{release}.tlog-proof"))
    }

    /// The lock that lets one process sign the log at a time.
    pub fn log_lock(&self) -> PathBuf {
        self.root.join("log.lock")
    }

    /// The lock that lets one server run on this folder.
    pub fn serve_lock(&self) -> PathBuf {
        self.root.join("serve.lock")
    }

    /// The newest signed head of the audit record, as it is served.
    pub fn audit_head(&self) -> PathBuf {
        self.public().join("audit").join("checkpoint")
    }

    /// Says in which bucket the packages are.
    pub fn bucket_file(&self) -> PathBuf {
        self.root.join("bucket")
    }

    /// Every package that was admitted, released or not.
    pub fn packages(&self) -> PathBuf {
        self.root.join("packages")
    }

    /// Where one admitted package lies.
    pub fn package_path(&self, digest: Digest) -> PathBuf {
        self.packages().join(format!("{digest}.ma"))
    }

    /// A file of a release, as it is served.
    pub fn blob(&self, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        let (first, _) = name.split_at(2);
        self.public().join("blobs").join(first).join(&name)
    }

    /// A delta, as it is served.
    pub fn delta(&self, dictionary: Digest, result: Digest, coding: Coding) -> PathBuf {
        self.public().join("delta").join(dictionary.to_string()).join(format!("{result}.{coding}"))
    }

    /// Which deltas lead to a package.
    pub fn delta_index(&self, result: Digest) -> PathBuf {
        self.public().join("delta").join(format!("{result}.json"))
    }

    /// Makes the sub-folders.
    pub fn create(&self) -> Result<(), StoreError> {
        for folder in [self.root.clone(), self.online(), self.public(), self.staging(), self.packages()] {
            fs::create_dir_all(&folder).map_err(StoreError::file("create", folder))?;
        }
        Ok(())
    }

    /// Reads one of the folder's JSON files.
    pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
        let bytes = fs::read(path).map_err(StoreError::file("read", path))?;
        serde_json::from_slice(&bytes).map_err(StoreError::document("read a settings file"))
    }

    /// Puts bytes at `path` whole or not at all: written aside, flushed, renamed, and the folder flushed.
    pub fn put(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let staging = self.staging();
        let mut staged = tempfile::NamedTempFile::new_in(&staging).map_err(StoreError::file("write into", &staging))?;
        staged.write_all(bytes).map_err(StoreError::file("write", path))?;
        self.settle(staged.into_temp_path(), path)
    }

    /// Moves a finished file from staging into place.
    pub fn settle(&self, staged: tempfile::TempPath, path: &Path) -> Result<(), StoreError> {
        let folder = path.parent().unwrap_or(&self.root);
        File::open(&staged).and_then(|file| file.sync_all()).map_err(StoreError::file("write", path))?;
        self.settle_unnoticed(staged, path)?;
        self.put.fetch_add(1, Ordering::Release);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::file("flush", folder))
    }

    /// Moves a file into place that can be had again, and is no news to anybody.
    pub(crate) fn settle_unnoticed(&self, staged: tempfile::TempPath, path: &Path) -> Result<(), StoreError> {
        let write = || StoreError::file("write", path);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(StoreError::file("create", folder))?;
        readable(&staged).map_err(write())?;
        staged.persist(path).map_err(|error| write()(error.error))
    }

    /// A number that grows whenever this process puts a file in its place.
    pub fn published(&self) -> u64 {
        self.put.load(Ordering::Acquire)
    }

    /// Removes what an earlier run left half-written.
    pub fn clear_staging(&self) -> Result<(), StoreError> {
        let staging = self.staging();
        let entries = fs::read_dir(&staging).map_err(StoreError::file("list", &staging))?;
        for entry in entries.flatten() {
            fs::remove_file(entry.path()).map_err(StoreError::file("remove", entry.path()))?;
        }
        Ok(())
    }
}

/// Static files are for everybody; temporary files are made for their owner only.
#[cfg(unix)]
fn readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Writes a secret that only its owner may read; refuses to overwrite one.
pub fn put_secret(path: &Path, text: &str) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(StoreError::file("create", path))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(StoreError::file("write", path))
}
