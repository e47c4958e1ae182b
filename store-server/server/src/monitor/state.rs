//! How far a log has been read.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use guichet_trust::log::{Frontier, Policy};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    format: u32,
    /// The log's key, with its name.
    log: String,
    /// The tree as it was read.
    pub(super) tree: Frontier,
}

impl State {
    /// Reads it; a log that was never looked at is read from its beginning.
    pub(super) fn read(path: &Path, policy: &Policy) -> Result<Self, StoreError> {
        let operation = "read what the monitor has kept";
        let log = policy.log().to_string();
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { format: 1, log, tree: Frontier::new() });
            }
            Err(error) => return Err(StoreError::file("read", path)(error)),
        };
        let state: Self = serde_json::from_slice(&bytes).map_err(StoreError::document(operation))?;
        state.tree.check().map_err(StoreError::document(operation))?;
        if state.format != 1 || state.log != log {
            let reason = format!("`{}` is about another log", path.display());
            return Err(StoreError::Document { operation, reason });
        }
        Ok(state)
    }

    /// The same log, read to here.
    pub(super) fn at(self, tree: Frontier) -> Self {
        Self { tree, ..self }
    }

    /// Keeps it, whole or not at all.
    pub(super) fn keep(&self, path: &Path) -> Result<(), StoreError> {
        let write = || StoreError::file("write", path);
        let text = serde_json::to_string(self).map_err(StoreError::document("keep what was read"))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut staged = tempfile::NamedTempFile::new_in(folder).map_err(write())?;
        staged.write_all(text.as_bytes()).and_then(|()| staged.as_file().sync_all()).map_err(write())?;
        staged.persist(path).map_err(|error| write()(error.error))?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::file("flush", folder))
    }
}
