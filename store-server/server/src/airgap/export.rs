//! Out of a store: what a folder lacks of the static files, in the order in which they may be seen.

use std::{collections::BTreeSet, fs, path::Path};

use super::files;
use crate::{error::StoreError, folder::StoreFolder};

/// What an export has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Files that were copied.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Files that were there already.
    pub present: usize,
}

/// Brings a folder up to the store's published state. Files that are there as they should be are left alone,
/// unless `all`.
pub fn export(store: &StoreFolder, to: &Path, all: bool) -> Result<Exported, StoreError> {
    fs::create_dir_all(to).map_err(StoreError::file("create", to))?;
    let public = store.public();
    // What is current is read first: whatever it names is published before it.
    let timestamp = public.join(files::TIMESTAMP);
    let timestamp = fs::read(&timestamp).map_err(StoreError::file("read", &timestamp))?;
    let mut exported = Exported::default();
    let mut paths: BTreeSet<String> = files::list(&public)?.into_iter().collect();
    let of_bucket = store.in_bucket_below(&public)?;
    paths.extend(of_bucket.iter().filter_map(|path| Some(path.strip_prefix(&public).ok()?.to_str()?.to_owned())));
    let (metadata, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.starts_with("metadata/"));
    for path in others.iter().chain(metadata.iter().filter(|path| *path != files::TIMESTAMP)) {
        let source = store.here(&public.join(path))?;
        let bytes = fs::read(&source).map_err(StoreError::file("read", &*source))?;
        // A name says nothing: proofs are made anew under theirs, and a stick forgets.
        if !all && files::read(to, path, bytes.len() as u64)?.is_some_and(|present| present == bytes) {
            exported.present += 1;
            continue;
        }
        files::write(to, path, &bytes)?;
        exported.files += 1;
        exported.bytes += bytes.len() as u64;
    }
    let trust = fs::read(store.trust_file()).map_err(StoreError::file("read", store.trust_file()))?;
    for (path, bytes) in [(files::TRUST, trust), (files::TIMESTAMP, timestamp)] {
        files::write(to, path, &bytes)?;
        exported.files += 1;
        exported.bytes += bytes.len() as u64;
    }
    Ok(exported)
}
