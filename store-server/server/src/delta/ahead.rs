//! The best deltas, made in the background after a release: from the releases before it to the newest of each channel.

use std::{path::PathBuf, sync::Arc, time::Duration};

use guichet_package::delta::{DeltaEntry, DeltaIndex, make};
use tokio::sync::{oneshot, watch};

use crate::{
    database::log::{self, ReleasedPackage},
    error::StoreError,
    folder::StoreFolder,
    store::Store,
};

/// From how many earlier releases the newest can be reached.
const EARLIER: usize = 3;
/// How often to look, so that a failure is tried again.
const ROUND: Duration = Duration::from_secs(600);

/// Makes what is due, whenever something was published, until the store is told to stop.
pub async fn watch(store: Arc<Store>, mut stop: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(ROUND);
    loop {
        tokio::select! {
            made = make_ahead(&store) => if let Err(error) = made {
                tracing::error!(%error, source = ?std::error::Error::source(&error), "could not make deltas ahead");
            },
            _ = stop.changed() => return,
        }
        tokio::select! {
            () = store.on_request.published() => {}
            _ = rounds.tick() => {}
            _ = stop.changed() => return,
        }
    }
}

/// Makes the deltas to the newest release of every channel that has no index yet.
pub async fn make_ahead(store: &Store) -> Result<(), StoreError> {
    let channels = log::channels(&mut *store.database.read().await?).await?;
    for releases in channels {
        let folder = store.folder.clone();
        apart(move || reach(&folder, &releases)).await?;
    }
    Ok(())
}

/// Runs work that takes long on a thread that a stop does not wait for: each file is put in its place whole.
async fn apart(work: impl FnOnce() -> Result<(), StoreError> + Send + 'static) -> Result<(), StoreError> {
    let (tell, told) = oneshot::channel();
    let thread = std::thread::Builder::new().name("deltas".to_owned()).spawn(move || {
        // Whoever waited may be gone.
        let _unheard = tell.send(work());
    });
    thread.map_err(StoreError::file("start", "the thread for deltas"))?;
    told.await.unwrap_or_else(|_| {
        let reason = "the thread ended early".to_owned();
        Err(StoreError::Document { operation: "make deltas", reason })
    })
}

/// Deltas first, the index that names them last. The releases of one channel come newest first.
fn reach(folder: &StoreFolder, releases: &[ReleasedPackage]) -> Result<(), StoreError> {
    let Some((newest, before)) = releases.split_first() else { return Ok(()) };
    let before = before.iter().filter(|release| release.package != newest.package).take(EARLIER).collect::<Vec<_>>();
    let index = folder.delta_index(newest.package);
    if before.is_empty() || index.exists() {
        return Ok(());
    }
    let result = folder.read_package(newest.package)?;
    let mut deltas = Vec::new();
    for dictionary in before {
        let missing = size_of_missing(folder, newest, dictionary);
        let made = make::best(&folder.read_package(dictionary.package)?, &result);
        for (coding, delta) in made.map_err(StoreError::document("make a delta"))? {
            let length = delta.len() as u64;
            if length >= missing {
                continue;
            }
            folder.put(&folder.delta(dictionary.package, newest.package, coding), &delta)?;
            tracing::info!(%coding, length, missing, result = %newest.package, "made a delta");
            deltas.push(DeltaEntry { dictionary: dictionary.package, coding: coding.to_string(), length });
        }
    }
    folder.put(&index, &DeltaIndex::new(deltas).to_bytes())
}

/// What a device fetches that takes the missing files instead.
fn size_of_missing(folder: &StoreFolder, newest: &ReleasedPackage, dictionary: &ReleasedPackage) -> u64 {
    let size = |path: PathBuf| folder.length(&path).ok().flatten().unwrap_or(u64::MAX);
    let missing = newest.blobs.iter().filter(|blob| !dictionary.blobs.contains(blob));
    let sizes = missing.map(|blob| {
        let path = folder.blob(*blob);
        size(path.with_extension("zst")).min(size(path))
    });
    sizes.fold(0, u64::saturating_add)
}
