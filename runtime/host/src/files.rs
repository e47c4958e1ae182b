//! The files of one verified release: out of the cache, hashed again, and fetched again if the cache has lost them.

use std::sync::Arc;

use guichet_contract::AppId;
use guichet_package::{FileEntry, Statement};

use crate::{
    blobs::Blobs,
    error::HostError,
    transport::{StaticPath, Transport},
};

/// Reads the files that a verified statement names.
#[derive(Clone)]
pub(crate) struct Files {
    statement: Arc<Statement>,
    blobs: Blobs,
    transport: Transport,
}

impl Files {
    pub(crate) fn new(statement: Arc<Statement>, blobs: Blobs, transport: Transport) -> Self {
        Self { statement, blobs, transport }
    }

    pub(crate) fn app(&self) -> &AppId {
        &self.statement.app_id
    }

    pub(crate) fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Whether the release has a file of this name.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.statement.file(path).is_some()
    }

    /// The bytes of a file, as they were signed; none if the release has no such file.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, HostError> {
        self.statement.file(path).map(|entry| self.read_entry(entry)).transpose()
    }

    /// The bytes of a file that no release may lack.
    pub(crate) fn require(&self, path: &str) -> Result<Vec<u8>, HostError> {
        let missing = || HostError::SlotDamaged { app: self.app().clone(), why: format!("it has no `{path}`") };
        self.read(path)?.ok_or_else(missing)
    }

    fn read_entry(&self, entry: &FileEntry) -> Result<Vec<u8>, HostError> {
        if let Some(bytes) = self.blobs.read(&entry.sha256)? {
            return Ok(bytes);
        }
        match self.transport.fetch_verified(&StaticPath::blob(&entry.sha256), entry.size, &entry.sha256) {
            Ok(download) => {
                self.blobs.keep(&entry.sha256, &download.bytes)?;
                Ok(download.bytes)
            }
            Err(HostError::Unreachable { .. } | HostError::BadAnswer { .. } | HostError::Absent { .. }) => {
                Err(HostError::CacheAltered { app: self.app().clone(), file: entry.path.as_str().to_owned() })
            }
            Err(error) => Err(error),
        }
    }
}
