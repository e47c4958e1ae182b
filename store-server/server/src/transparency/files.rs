//! The log as static files: tiles, bundles of leaves, proofs, and last the checkpoint.

use super::reader;
use crate::{
    database::tree,
    error::StoreError,
    store::{Store, blocking},
};
use guichet_package::LogLeaf;
use guichet_trust::{
    digest::Digest,
    log::{LogProof, Policy, SignedNote, append_entry, entries_path, inclusion_proof, tiles_of},
};

const WRITE: &str = "write the log's files";

/// Writes the tiles and bundles that a tree of `size` has and one of `known` had not. Each is flushed before this returns.
pub(super) async fn write_tree(store: &Store, known: u64, size: u64) -> Result<(), StoreError> {
    let folder = store.folder.log();
    let mut connection = store.database.read().await?;
    for tile in tiles_of(known, size) {
        let path = folder.join(tile.path());
        if !path.exists() {
            let mut hashes = tree::tile(&mut connection, tile.level, tile.index).await?;
            hashes.truncate(tile.bytes());
            put(store, path, hashes).await?;
        }
        let path = folder.join(entries_path(tile.index, tile.width));
        if tile.level == 0 && !path.exists() {
            let first = tile.index * 256;
            let mut bundle = Vec::new();
            for leaf in tree::leaves(&mut connection, first, first + u64::from(tile.width)).await? {
                append_entry(&mut bundle, &leaf).map_err(StoreError::document(WRITE))?;
            }
            put(store, path, bundle).await?;
        }
    }
    Ok(())
}

/// Writes the proofs of the releases from `first` to before `size`, all leading to this checkpoint.
pub(super) async fn write_proofs(
    store: &Store,
    first: u64,
    size: u64,
    note: &SignedNote,
    policy: &Policy,
) -> Result<(), StoreError> {
    prove(store, first, size, note, |_, _| true, Some(policy)).await
}

/// Writes the proofs of the releases from `first` to before `size` that are not there.
pub(super) async fn write_missing_proofs(
    store: &Store,
    first: u64,
    size: u64,
    note: &SignedNote,
) -> Result<(), StoreError> {
    prove(store, first, size, note, |store, release| !store.folder.proof(release).exists(), None).await
}

async fn prove(
    store: &Store,
    first: u64,
    size: u64,
    note: &SignedNote,
    is_due: impl Fn(&Store, Digest) -> bool,
    policy: Option<&Policy>,
) -> Result<(), StoreError> {
    let leaves = tree::leaves(&mut *store.database.read().await?, first, size).await?;
    let mut due = Vec::new();
    for (index, leaf) in (first..).zip(leaves) {
        let release = LogLeaf::parse(&leaf).map_err(StoreError::document("read a leaf"))?.release;
        if is_due(store, release) {
            due.push((index, leaf, release));
        }
    }
    let (folder, log, note, policy) = (store.folder.clone(), store.folder.log(), note.clone(), policy.cloned());
    blocking(WRITE, move || {
        let mut reader = reader(&log, size);
        for (index, leaf, release) in due {
            let path = inclusion_proof(index, size, &mut |level, index| reader.node(level, index));
            let proof = LogProof { leaf, index, path: path.map_err(|error| error.0)?, note: note.clone() };
            // What no device would believe is not written.
            policy.iter().try_for_each(|policy| proof.verify(policy).map(drop)).map_err(StoreError::document(WRITE))?;
            folder.put(&folder.proof(release), proof.to_text().as_bytes())?;
        }
        Ok(())
    })
    .await?
}

/// Replaces the checkpoint that everybody is shown.
pub(super) async fn write_checkpoint(store: &Store, note: &SignedNote) -> Result<(), StoreError> {
    put(store, store.folder.log().join("checkpoint"), note.to_text().into_bytes()).await
}

async fn put(store: &Store, path: std::path::PathBuf, bytes: Vec<u8>) -> Result<(), StoreError> {
    let folder = store.folder.clone();
    blocking(WRITE, move || folder.put(&path, &bytes)).await?
}
