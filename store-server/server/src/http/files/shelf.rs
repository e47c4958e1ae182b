//! Small files in memory, with the headers of their answers ready; a stamp tells when the file on disk is another one.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use guichet_trust::digest::Digest;
use quick_cache::{Weighter, sync::Cache};
use tokio::sync::Semaphore;

use super::{dictionary, kind};
use crate::{error::StoreError, folder::StoreFolder, http::security, store::blocking};

/// Bytes of files that are kept in memory.
const ROOM: u64 = 128 << 20;
/// Files above this are read from disk for each answer.
pub(super) const LARGEST: u64 = 4 << 20;
/// How many files are expected; there may be more.
const FILES: usize = 10_000;
/// What a kept file costs beside its bytes.
const OVERHEAD: u64 = 2048;
/// How many wait for a bucket at the same time; others wait for them.
const FETCHES: usize = 16;
/// How long a file that changes is believed unchanged, when it may have been another process that changed it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long the same is believed of what never changes; somebody may have lost it.
const LOOK_SELDOM: Duration = Duration::from_secs(10);

/// The files that were asked for lately.
#[derive(Debug)]
pub struct Shelf {
    folder: StoreFolder,
    root: PathBuf,
    kept: Cache<Box<str>, Arc<Held>, Weight>,
    opened: Instant,
    /// Whose turn it is to have something brought from a bucket.
    fetches: Semaphore,
}

/// A file in memory.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) bytes: Bytes,
    /// How it is described, whole.
    pub(super) face: Face,
    stamp: Stamp,
    /// How much had been published when it was last looked at on disk.
    published: AtomicU64,
    /// When that was, in milliseconds since the shelf was opened.
    looked_ms: AtomicU64,
}

/// The headers of a file's answers.
#[derive(Debug)]
pub(super) struct Face {
    pub(super) tag: HeaderValue,
    pub(super) modified: SystemTime,
    pub(super) is_immutable: bool,
    /// Of the answer with all of it.
    pub(super) whole: HeaderMap,
    /// Of the answer that it did not change.
    pub(super) unchanged: HeaderMap,
}

/// What was found at a path.
#[derive(Debug)]
pub(crate) enum Found {
    /// Small enough to be kept.
    Held(Arc<Held>),
    /// To be read piece by piece.
    Large(Box<Large>),
}

/// An open file that is too large to be kept.
#[derive(Debug)]
pub(crate) struct Large {
    pub(super) file: File,
    pub(super) length: u64,
    pub(super) face: Face,
}

/// What differs when another file lies at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: SystemTime,
    number: u64,
}

#[derive(Clone, Debug)]
struct Weight;

impl Weighter<Box<str>, Arc<Held>> for Weight {
    fn weight(&self, _path: &Box<str>, held: &Arc<Held>) -> u64 {
        OVERHEAD + held.bytes.len() as u64
    }
}

impl Held {
    /// It is what lies on disk, or did when so much had been published.
    fn looked(&self, now_ms: u64, published: u64) {
        self.looked_ms.store(now_ms, Ordering::Relaxed);
        self.published.store(published, Ordering::Release);
    }
}

impl Shelf {
    /// An empty shelf before the folder's public files.
    pub fn new(folder: StoreFolder) -> Self {
        let root = folder.public();
        Self {
            folder,
            root,
            kept: Cache::with_weighter(FILES, ROOM, Weight),
            opened: Instant::now(),
            fetches: Semaphore::new(FETCHES),
        }
    }

    /// The file at this path below the public folder, if it is in memory and known to be what lies on disk.
    pub(super) fn fresh(&self, path: &str) -> Option<Arc<Held>> {
        let held = self.kept.get(path)?;
        if held.published.load(Ordering::Acquire) != self.folder.published() {
            return None;
        }
        let (now, looked) = (self.now_ms(), held.looked_ms.load(Ordering::Relaxed));
        let due = if held.face.is_immutable { LOOK_SELDOM } else { LOOK_AGAIN };
        if now.saturating_sub(looked) < due.as_millis() as u64 {
            return Some(held);
        }
        // One asker goes and looks; the others need not wait for what is almost certainly the same.
        match held.looked_ms.compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => None,
            Err(_) => Some(held),
        }
    }

    /// The file at this path as it lies on disk, read only if it is not the one in memory; none if there is no file.
    pub(crate) async fn find(self: &Arc<Self>, path: &str) -> Result<Option<Found>, StoreError> {
        let (shelf, asked) = (Arc::clone(self), Box::<str>::from(path));
        let looked = blocking("read a static file", move || match shelf.look(asked.clone())? {
            Some(found) => Ok(Some(Ok(found))),
            None => Ok(shelf.folder.is_in_bucket(&shelf.root.join(&*asked))?.then_some(Err(asked))),
        });
        match looked.await?? {
            None => Ok(None),
            Some(Ok(found)) => Ok(Some(found)),
            Some(Err(path)) => self.bring(path).await,
        }
    }

    /// Has a file brought from the bucket, and reads it.
    async fn bring(self: &Arc<Self>, path: Box<str>) -> Result<Option<Found>, StoreError> {
        // However slow a bucket is, there are threads for what lies here.
        let _turn = self.fetches.acquire().await;
        let shelf = Arc::clone(self);
        let brought = blocking("bring a static file", move || {
            let _kept = shelf.folder.here(&shelf.root.join(&*path))?;
            shelf.look(path)
        });
        brought.await?
    }

    fn look(&self, path: Box<str>) -> Result<Option<Found>, StoreError> {
        let place = self.root.join(&*path);
        // Counted before the file is opened: what is published from now on is noticed at the next question.
        let published = self.folder.published();
        let failed = || StoreError::file("read", &place);
        let (file, found) = match File::open(&place).and_then(|file| file.metadata().map(|found| (file, found))) {
            Ok((_, found)) if !found.is_file() => return Ok(None),
            Ok(opened) => opened,
            Err(error) if is_nothing(&error) => {
                // It was taken away to have room, and what was checked once is not fetched again for that.
                if let Some(held) = self.kept.get(&*path).filter(|_| self.folder.is_in_bucket(&place).unwrap_or(false))
                {
                    held.looked(self.now_ms(), published);
                    return Ok(Some(Found::Held(held)));
                }
                self.kept.remove(&*path);
                return Ok(None);
            }
            Err(error) => return Err(failed()(error)),
        };
        let stamp = Stamp::of(&found).map_err(failed())?;
        if let Some(held) = self.kept.get(&*path).filter(|held| held.stamp == stamp) {
            held.looked(self.now_ms(), published);
            return Ok(Some(Found::Held(held)));
        }
        if stamp.length > LARGEST {
            // It may be brought from a bucket many times, and is the same each time.
            let name = kind::digest(&path).filter(|_| self.folder.remote.is_some());
            let face = Face::new(&path, &name.unwrap_or_else(|| stamp.tag()), stamp);
            return Ok(Some(Found::Large(Box::new(Large { file, length: stamp.length, face }))));
        }
        let mut bytes = Vec::with_capacity(stamp.length as usize);
        file.take(LARGEST).read_to_end(&mut bytes).map_err(failed())?;
        let tag = Digest::of(&bytes).to_string();
        let stamp = Stamp { length: bytes.len() as u64, ..stamp };
        let held = Arc::new(Held {
            face: Face::new(&path, tag.get(..32).unwrap_or(&tag), stamp),
            bytes: bytes.into(),
            stamp,
            published: AtomicU64::new(published),
            looked_ms: AtomicU64::new(self.now_ms()),
        });
        self.kept.insert(path, Arc::clone(&held));
        Ok(Some(Found::Held(held)))
    }

    fn now_ms(&self) -> u64 {
        self.opened.elapsed().as_millis() as u64
    }
}

fn is_nothing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename | InvalidInput)
}

impl Stamp {
    fn of(found: &fs::Metadata) -> io::Result<Self> {
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(found);
        #[cfg(not(unix))]
        let number = 0;
        Ok(Self { length: found.len(), modified: found.modified()?, number })
    }

    /// An entity tag for a file whose bytes nobody has looked at.
    fn tag(&self) -> String {
        let since = self.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        format!("{:x}-{:x}", since.as_nanos(), self.length)
    }
}

impl Face {
    fn new(path: &str, tag: &str, stamp: Stamp) -> Self {
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("\"\""));
        let tag = value(&format!("\"{tag}\""));
        let mut unchanged = HeaderMap::new();
        unchanged.insert(header::ETAG, tag.clone());
        unchanged.insert(header::CACHE_CONTROL, HeaderValue::from_static(kind::keep(path)));
        unchanged.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if dictionary::package(path).is_some() {
            dictionary::describe(&mut unchanged);
        }
        let mut whole = unchanged.clone();
        whole.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind::media_type(path)));
        whole.insert(header::CONTENT_LENGTH, stamp.length.into());
        whole.insert(header::LAST_MODIFIED, value(&httpdate::fmt_http_date(stamp.modified)));
        whole.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        security::lock_down(&mut whole);
        let is_immutable = kind::is_immutable(path);
        if is_immutable {
            whole.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
        Self { tag, modified: stamp.modified, is_immutable, whole, unchanged }
    }
}

/// Pages of other origins may load what is public.
pub(super) const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> (tempfile::TempDir, StoreFolder, Arc<Shelf>) {
        let place = tempfile::tempdir().unwrap();
        let folder = StoreFolder::new(place.path());
        folder.create().unwrap();
        let shelf = Arc::new(Shelf::new(folder.clone()));
        (place, folder, shelf)
    }

    async fn bytes(shelf: &Arc<Shelf>, path: &str) -> Option<Bytes> {
        match shelf.find(path).await.unwrap()? {
            Found::Held(held) => Some(held.bytes.clone()),
            Found::Large(_) => panic!("{path} is large"),
        }
    }

    #[tokio::test]
    async fn what_is_published_is_served_at_once_and_what_was_is_forgotten() {
        let (_place, folder, shelf) = shelf();
        let path = folder.public().join("metadata/timestamp.json");
        for text in ["1", "2", "3"] {
            folder.put(&path, text.as_bytes()).unwrap();
            assert!(shelf.fresh("metadata/timestamp.json").is_none(), "{text}");
            assert_eq!(bytes(&shelf, "metadata/timestamp.json").await.unwrap(), text);
            assert_eq!(shelf.fresh("metadata/timestamp.json").unwrap().bytes, text);
        }
    }

    #[tokio::test]
    async fn what_another_process_publishes_is_found_when_it_is_looked_at() {
        let (place, folder, shelf) = shelf();
        let path = folder.public().join("metadata/timestamp.json");
        folder.put(&path, b"1").unwrap();
        assert_eq!(bytes(&shelf, "metadata/timestamp.json").await.unwrap(), "1");
        // The same folder, as another process opens it: it counts for itself.
        StoreFolder::new(place.path()).put(&path, b"2").unwrap();
        let shelf = Arc::into_inner(shelf).unwrap();
        let later = Arc::new(Shelf { opened: shelf.opened - LOOK_AGAIN, ..shelf });
        assert!(later.fresh("metadata/timestamp.json").is_none(), "one asker looks");
        assert!(later.fresh("metadata/timestamp.json").is_some(), "nobody else waits for it");
        assert_eq!(bytes(&later, "metadata/timestamp.json").await.unwrap(), "2");
    }

    #[tokio::test]
    async fn what_was_tampered_with_is_served_no_more_once_it_is_mended() {
        let (_place, folder, shelf) = shelf();
        let path = folder.public().join("metadata/1.root.json");
        folder.put(&path, b"good").unwrap();
        fs::write(&path, b"evil").unwrap();
        assert_eq!(bytes(&shelf, "metadata/1.root.json").await.unwrap(), "evil", "devices check it");
        folder.put(&path, b"good").unwrap();
        assert_eq!(bytes(&shelf, "metadata/1.root.json").await.unwrap(), "good");
    }

    #[tokio::test]
    async fn a_folder_is_no_file_and_a_large_file_is_not_kept() {
        let (_place, folder, shelf) = shelf();
        let path = folder.public().join("blobs/00/00");
        folder.put(&path, &vec![7; LARGEST as usize + 1]).unwrap();
        assert!(shelf.find("blobs/00").await.unwrap().is_none());
        assert!(shelf.find("blobs/00/00/00").await.unwrap().is_none());
        assert!(
            matches!(shelf.find("blobs/00/00").await.unwrap(), Some(Found::Large(large)) if large.length == LARGEST + 1)
        );
        assert!(shelf.fresh("blobs/00/00").is_none());
    }
}
