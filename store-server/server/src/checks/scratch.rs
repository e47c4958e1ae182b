//! A folder for one check, which is gone with it.

use std::path::{Path, PathBuf};

use guichet_package::{Limits, PackageFile};
use tempfile::TempDir;

use super::run::Broke;
use crate::{
    blobs::Kept,
    store::{Store, blocking},
};

/// The folder.
#[derive(Debug)]
pub(super) struct Scratch(TempDir);

impl Scratch {
    /// An empty folder on the store's own disk, which a finished part can be moved away from.
    pub(super) fn new(store: &Store) -> Result<Self, Broke> {
        let place = store.folder.scratch();
        let made = std::fs::create_dir_all(&place).and_then(|()| tempfile::tempdir_in(&place));
        made.map(Self).map_err(|error| written(&place, &error))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Lays the files of a package into a folder of it.
    pub(super) async fn unpack(&self, package: Kept, folder: &str) -> Result<PathBuf, Broke> {
        let target = self.path().join(folder);
        let place = target.clone();
        let work = move || {
            let bytes = std::fs::read(&package).map_err(|error| written(&package, &error))?;
            let package = PackageFile::open(bytes, &Limits::default());
            let package = package.map_err(|refusal| Broke::NoAnswer(refusal.to_string()))?;
            for (path, bytes) in package.files() {
                // No path of a package leads out of it.
                let file = place.join(path.as_str());
                let folder = file.parent().unwrap_or(&place);
                let laid = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, bytes));
                laid.map_err(|error| written(&file, &error))?;
            }
            Ok(())
        };
        let done = blocking("unpack a package", work).await;
        done.unwrap_or_else(|error| Err(Broke::NoAnswer(error.to_string()))).map(|()| target)
    }

    /// Writes a file of it.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Broke> {
        let file = self.path().join(name);
        let folder = file.parent().unwrap_or(self.path());
        let laid = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, bytes));
        laid.map(|()| file.clone()).map_err(|error| written(&file, &error))
    }
}

fn written(path: &Path, error: &std::io::Error) -> Broke {
    Broke::NoAnswer(format!("{}: {error}", path.display()))
}
