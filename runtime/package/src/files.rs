//! Files by path, wherever their bytes are: an author's, those of a container, those of another tool's archive.

use std::{collections::BTreeMap, convert::Infallible};

use crate::{
    PackagePath,
    container::{StoredFile, foreign::ForeignContainer},
    source::{self, Source},
};

/// What is asked of files before anybody unpacks them.
pub(crate) trait Files {
    /// Why bytes could not be read.
    type Error;

    /// In bytes; `None` if there is no such file.
    fn size(&self, path: &str) -> Option<u64>;

    /// The bytes of a file whose size the caller has bounded; nothing if there is no such file.
    fn read(&self, path: &str) -> Result<Vec<u8>, Self::Error>;
}

impl<B: AsRef<[u8]>> Files for BTreeMap<PackagePath, B> {
    type Error = Infallible;

    fn size(&self, path: &str) -> Option<u64> {
        self.get(path).map(|bytes| bytes.as_ref().len() as u64)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Infallible> {
        Ok(self.get(path).map(|bytes| bytes.as_ref().to_vec()).unwrap_or_default())
    }
}

/// The files of a container of ours.
pub(crate) struct StoredFiles<'a, S: ?Sized> {
    pub(crate) source: &'a S,
    pub(crate) files: &'a BTreeMap<PackagePath, StoredFile>,
}

impl<S: Source + ?Sized> Files for StoredFiles<'_, S> {
    type Error = S::Error;

    fn size(&self, path: &str) -> Option<u64> {
        self.files.get(path).map(|file| file.range.len() as u64)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, S::Error> {
        let range = self.files.get(path).map(|file| file.range.clone());
        source::bytes(self.source, range.unwrap_or_default())
    }
}

impl<S: Source + ?Sized> Files for ForeignContainer<'_, S> {
    type Error = S::Error;

    fn size(&self, path: &str) -> Option<u64> {
        self.files.get(path).map(|file| file.size as u64)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, S::Error> {
        self.files.get(path).map_or(Ok(Vec::new()), |file| self.unpack(file))
    }
}
