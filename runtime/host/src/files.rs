//! The files of one release: out of the cache, hashed again, and fetched again if the cache has lost them; or those of a
//! package that is only looked at, which no cache has.

use std::sync::Arc;

use guichet_contract::AppId;
use guichet_engine::Wasm;
use guichet_package::{FileEntry, Limits, PackageFile, Statement, VerifiedContents};

use crate::{
    blobs::Blobs,
    error::HostError,
    transport::{StaticPath, Transport},
};

/// Reads the files that a verified statement names.
#[derive(Clone)]
pub(crate) struct Files {
    statement: Arc<Statement>,
    source: Source,
}

#[derive(Clone)]
enum Source {
    Cache { blobs: Blobs, transport: Transport, contents: Arc<VerifiedContents> },
    Package(Arc<PackageFile>),
}

impl Files {
    pub(crate) fn new(contents: &VerifiedContents, blobs: Blobs, transport: Transport) -> Self {
        let contents = Arc::new(contents.clone());
        let statement = Arc::new(contents.statement().clone());
        Self { statement, source: Source::Cache { blobs, transport, contents } }
    }

    /// The files of a package that is in memory.
    pub(crate) fn of_package(package: Arc<PackageFile>) -> Self {
        Self { statement: Arc::new(package.statement().clone()), source: Source::Package(package) }
    }

    /// The whole package as one file, if none of it is missing.
    pub(crate) fn container(&self) -> Option<Vec<u8>> {
        match &self.source {
            Source::Package(package) => Some(package.bytes().to_vec()),
            Source::Cache { blobs, contents, .. } => {
                let made = contents.container(|digest| blobs.read(digest).ok().flatten(), &Limits::default());
                made.inspect_err(|error| tracing::warn!(app = %self.app(), %error, "its package is not recorded")).ok()
            }
        }
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

    /// The same if it is on this device, whole: whoever draws must not wait for the network.
    pub(crate) fn cached(&self, path: &str) -> Option<Vec<u8>> {
        let entry = self.statement.file(path)?;
        match &self.source {
            Source::Cache { blobs, .. } => blobs.read(&entry.sha256).ok().flatten(),
            Source::Package(package) => package.file(path).map(<[u8]>::to_vec),
        }
    }

    /// The bytes of a file that no release may lack.
    pub(crate) fn require(&self, path: &str) -> Result<Vec<u8>, HostError> {
        self.read(path)?.ok_or_else(|| self.missing(path))
    }

    /// A component that no release may lack. Whatever reads a file has compared it with this digest, so it is not hashed again.
    pub(crate) fn component(&self, path: &str) -> Result<Wasm, HostError> {
        let entry = self.statement.file(path).ok_or_else(|| self.missing(path))?;
        Ok(Wasm::hashed(self.read_entry(entry)?, *entry.sha256.as_bytes()))
    }

    fn missing(&self, path: &str) -> HostError {
        HostError::SlotDamaged { app: self.app().clone(), why: format!("it has no `{path}`") }
    }

    fn read_entry(&self, entry: &FileEntry) -> Result<Vec<u8>, HostError> {
        let (blobs, transport) = match &self.source {
            Source::Cache { blobs, transport, .. } => (blobs, transport),
            Source::Package(package) => {
                let path = entry.path.as_str();
                return package.file(path).map(<[u8]>::to_vec).ok_or_else(|| self.missing(path));
            }
        };
        if let Some(bytes) = blobs.read(&entry.sha256)? {
            return Ok(bytes);
        }
        match transport.fetch_verified(&StaticPath::blob(&entry.sha256), entry.size, &entry.sha256) {
            Ok(download) => {
                blobs.keep(&entry.sha256, download.bytes.bytes())?;
                Ok(download.bytes.into_bytes())
            }
            Err(HostError::Unreachable { .. } | HostError::BadAnswer { .. } | HostError::Absent { .. }) => {
                Err(HostError::CacheAltered { app: self.app().clone(), file: entry.path.as_str().to_owned() })
            }
            Err(error) => Err(error),
        }
    }
}
