//! The small signed documents that metadata vouches for: releases, publisher keys, brakes.

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use guichet_trust::{digest::Digest, metadata::TargetFile};

use crate::{
    error::HostError,
    home::Home,
    transport::{StaticPath, Transport},
};

/// Longest document, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// The documents on this device, by digest.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    home: Arc<Home>,
}

impl Documents {
    pub(crate) fn new(home: Arc<Home>) -> Self {
        Self { home }
    }

    /// The bytes of a target, from this device or else from the store; they are what the metadata vouches for.
    pub(crate) fn get(
        &self,
        path: &str,
        file: &TargetFile,
        transport: Option<&Transport>,
    ) -> Result<Vec<u8>, HostError> {
        let Some(digest) = file.sha256() else { return Err(HostError::Absent { url: path.to_owned() }) };
        let kept = self.path(&digest);
        if let Some(bytes) = self.home.read(&kept)?
            && file.check(&bytes).is_ok()
        {
            return Ok(bytes);
        }
        let Some(transport) = transport else { return Err(HostError::Absent { url: path.to_owned() }) };
        let misplaced = || HostError::Misplaced { app: path.to_owned(), found: "a name that is no path".to_owned() };
        let place = StaticPath::target(&file.hashed_path(path)).ok_or_else(misplaced)?;
        if file.length > MAX_BYTES {
            return Err(HostError::TooLarge { url: transport.url(&place), most: MAX_BYTES });
        }
        let bytes = transport.fetch_verified(&place, file.length, &digest)?.bytes.into_bytes();
        self.home.make_folder(&self.folder())?;
        self.home.write(&kept, &bytes)?;
        Ok(bytes)
    }

    /// Removes what the metadata does not name any more.
    pub(crate) fn sweep(&self, needed: &HashSet<Digest>) -> Result<(), HostError> {
        let folder = self.folder();
        for name in self.home.names(&folder)? {
            if !name.parse().is_ok_and(|digest: Digest| needed.contains(&digest)) {
                self.home.discard(&folder.join(name))?;
            }
        }
        Ok(())
    }

    fn folder(&self) -> PathBuf {
        self.home.trust().join("documents")
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder().join(digest.to_string())
    }
}
