//! Quick deltas for whoever asks for a package and holds another: few at a time, and kept as long as there is room.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use guichet_package::delta::{
    Coding,
    make::{self, Effort},
};
use guichet_trust::digest::Digest;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::{
    database::log,
    error::StoreError,
    folder::StoreFolder,
    http::{Found, Shelf},
    store::{Store, blocking},
};

/// How many deltas are made at the same time; who comes then is given the whole package.
const PLACES: u32 = 2;
/// Bytes of deltas that are kept.
const ROOM: usize = 32 << 20;

/// From which container to which, and how.
type Key = (Digest, Digest, Coding);

/// Where quick deltas are made.
#[derive(Debug)]
pub struct OnRequest {
    places: Arc<Semaphore>,
    kept: Mutex<Kept>,
    published: Notify,
}

#[derive(Debug, Default)]
struct Kept {
    deltas: HashMap<Key, Bytes>,
    /// Oldest first.
    order: VecDeque<Key>,
    bytes: usize,
    /// Being made at this moment.
    under_way: HashSet<Key>,
}

impl Default for OnRequest {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES as usize)), kept: Mutex::default(), published: Notify::new() }
    }
}

impl OnRequest {
    /// Says that something was published, so that the deltas to it are made ahead.
    pub(crate) fn tell_published(&self) {
        self.published.notify_one();
    }

    /// Waits until something was published.
    pub(super) async fn published(&self) {
        self.published.notified().await;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes every place, so that nothing is made as long as the permit lives; none while somebody has one.
    pub fn hold(&self) -> Option<SemaphorePermit<'_>> {
        self.places.try_acquire_many(PLACES).ok()
    }

    /// How many deltas are kept, and their bytes.
    pub fn size(&self) -> (usize, usize) {
        let kept = self.kept();
        (kept.deltas.len(), kept.bytes)
    }
}

impl Kept {
    fn keep(&mut self, key: Key, delta: &Bytes) {
        self.bytes += delta.len();
        self.order.push_back(key);
        self.deltas.insert(key, delta.clone());
        while self.bytes > ROOM {
            let Some(oldest) = self.order.pop_front() else { return };
            self.bytes -= self.deltas.remove(&oldest).map_or(0, |delta| delta.len());
        }
    }
}

/// A delta to `result` in one of these codings, made ahead or now; none if it cannot be had at once.
pub(crate) async fn delta(
    store: &Store,
    dictionary: Digest,
    result: Digest,
    codings: &[Coding],
) -> Result<Option<(Coding, Bytes)>, StoreError> {
    if let Some(made) = made_ahead(&store.shelf, dictionary, result, codings).await? {
        return Ok(Some(made));
    }
    let Some(coding) = codings.iter().copied().find(|coding| *coding != Coding::Bsdiff) else { return Ok(None) };
    let key = (dictionary, result, coding);
    if let Some(delta) = store.on_request.kept().deltas.get(&key) {
        return Ok(Some((coding, delta.clone())));
    }
    if !log::comes_after(&mut *store.database.read().await?, dictionary, result).await? {
        return Ok(None);
    }
    let Some(turn) = Turn::take(&store.on_request, key) else { return Ok(None) };
    let folder = store.folder.clone();
    // It goes on if the asker goes away, so that nobody makes many begin by leaving.
    let made = blocking("make a delta", move || {
        let delta = Bytes::from(make_now(&folder, dictionary, result, coding)?);
        turn.on_request.kept().keep(key, &delta);
        Ok::<_, StoreError>(delta)
    });
    Ok(Some((coding, made.await??)))
}

/// Somebody's turn to make a delta that nobody else is making.
struct Turn {
    on_request: Arc<OnRequest>,
    key: Key,
    _place: OwnedSemaphorePermit,
}

impl Turn {
    fn take(on_request: &Arc<OnRequest>, key: Key) -> Option<Self> {
        let place = Arc::clone(&on_request.places).try_acquire_owned().ok()?;
        let is_first = on_request.kept().under_way.insert(key);
        is_first.then(|| Self { on_request: Arc::clone(on_request), key, _place: place })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.on_request.kept().under_way.remove(&self.key);
    }
}

async fn made_ahead(
    shelf: &Arc<Shelf>,
    dictionary: Digest,
    result: Digest,
    codings: &[Coding],
) -> Result<Option<(Coding, Bytes)>, StoreError> {
    let mut smallest: Option<(Coding, Bytes)> = None;
    for coding in codings {
        let found = shelf.find(&format!("delta/{dictionary}/{result}.{coding}")).await?;
        // A delta that is too large to be kept in memory is fetched as a file by whoever wants it.
        let Some(Found::Held(held)) = found else { continue };
        if smallest.as_ref().is_none_or(|(_, delta)| held.bytes.len() < delta.len()) {
            smallest = Some((*coding, held.bytes.clone()));
        }
    }
    Ok(smallest)
}

fn make_now(folder: &StoreFolder, dictionary: Digest, result: Digest, coding: Coding) -> Result<Vec<u8>, StoreError> {
    let (dictionary, result) = (folder.read_package(dictionary)?, folder.read_package(result)?);
    let made = match coding {
        Coding::Dcz => make::dcz(&dictionary, &result, Effort::Quick),
        Coding::Dcb | Coding::Bsdiff => make::dcb(&dictionary, &result, Effort::Quick),
    };
    made.map_err(StoreError::document("make a delta"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        let mut kept = Kept::default();
        let delta = Bytes::from(vec![0; ROOM / 4]);
        for number in 0..9_u8 {
            kept.keep((Digest::of(&[number]), Digest::of(b""), Coding::Dcb), &delta);
        }
        assert_eq!((kept.deltas.len(), kept.order.len(), kept.bytes), (4, 4, ROOM));
        assert!(kept.deltas.contains_key(&(Digest::of(&[8]), Digest::of(b""), Coding::Dcb)));
        kept.keep((Digest::of(b"large"), Digest::of(b""), Coding::Dcb), &Bytes::from(vec![0; ROOM + 1]));
        assert_eq!((kept.deltas.len(), kept.bytes), (0, 0), "what does not fit at all is not kept either");
    }
}
