//! Where packages, and the parts of those that are public, are kept: in the store's folder, or in a bucket before which the
//! folder is a cache with a bound.
//!
//! What lies in a bucket has the path that it would have in the folder. It is put there before anything names it, and what
//! comes back is believed by its digest alone.

mod address;
mod bucket;
mod cache;
pub(crate) mod problems;

use std::{
    collections::HashMap,
    fs,
    io::{Read, Seek},
    ops::Deref,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use guichet_package::Limits;
use guichet_trust::digest::{Digest, Hasher};

pub use address::{Address, Patience};
pub use bucket::{Bucket, Failure, Listed};
use cache::Cache;

use crate::{error::StoreError, folder::StoreFolder};

/// What of a store's folder is kept in a bucket.
const KEPT: [&str; 3] = ["packages/", "static/blobs/", "static/packages/"];
/// Says in a bucket whose it is.
const OWNER: &str = "guichet-store";

/// What lies in a bucket, with the length of each.
type Known = HashMap<Box<str>, u64>;

/// A bucket, and what is known of it.
#[derive(Debug)]
pub struct Remote {
    bucket: Bucket,
    /// None before it was listed.
    known: Mutex<Option<Known>>,
    cache: Cache,
}

/// A file that stays where it is as long as this lives.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    remote: Option<Arc<Remote>>,
}

impl Deref for Kept {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for Kept {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(remote) = &self.remote {
            remote.cache.let_go(&self.path);
        }
    }
}

impl Remote {
    /// Nothing of it is known yet. `room` is how many bytes of it are also kept in the folder.
    pub fn new(bucket: Bucket, room: u64) -> Self {
        Self { bucket, known: Mutex::default(), cache: Cache::new(room) }
    }

    /// Its address, as it is named in messages.
    pub fn shown(&self) -> String {
        self.bucket.shown()
    }

    fn known(&self) -> Result<MutexGuard<'_, Option<Known>>, StoreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            let mut found = HashMap::new();
            for begin in KEPT {
                let names = self.bucket.list(begin).map_err(self.failed("list", begin))?;
                found.extend(names.into_iter().map(|(name, length)| (name.into_boxed_str(), length)));
            }
            *known = Some(found);
        }
        Ok(known)
    }

    fn length(&self, name: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.known()?.as_ref().and_then(|known| known.get(name).copied()))
    }

    fn note(&self, name: &str, length: Option<u64>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // What was not listed yet will be.
        if let Some(known) = known.as_mut() {
            match length {
                Some(length) => drop(known.insert(name.into(), length)),
                None => drop(known.remove(name)),
            }
        }
    }

    fn failed(&self, operation: &'static str, name: &str) -> impl FnOnce(Failure) -> StoreError {
        let place = format!("{}/{name}", self.shown());
        move |source| StoreError::Bucket { operation, place, source }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.bucket.put(name, bytes).map_err(self.failed("keep", name))?;
        self.note(name, Some(bytes.len() as u64));
        Ok(())
    }
}

impl StoreFolder {
    /// The name in the bucket of what has this path; none if it is kept in the folder.
    fn in_bucket(&self, path: &Path) -> Option<(&Arc<Remote>, String)> {
        let remote = self.remote.as_ref()?;
        let name = path.strip_prefix(self.root()).ok()?.to_str()?.replace('\\', "/");
        KEPT.iter().any(|begin| name.starts_with(begin)).then_some((remote, name))
    }

    /// Keeps bytes at this path for good.
    pub fn keep(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_in_bucket(path, bytes)?;
        self.put(path, bytes)?;
        self.cached(path, bytes.len() as u64)
    }

    /// Puts bytes into the bucket, if what has this path is kept in one.
    pub(crate) fn put_in_bucket(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        self.in_bucket(path).map_or(Ok(()), |(remote, name)| remote.put(&name, bytes))
    }

    fn cached(&self, path: &Path, length: u64) -> Result<(), StoreError> {
        let Some((remote, _)) = self.in_bucket(path) else { return Ok(()) };
        if remote.cache.grew(length) { self.trim(remote) } else { Ok(()) }
    }

    /// Whether something is kept at this path.
    pub fn is_kept(&self, path: &Path) -> Result<bool, StoreError> {
        match self.in_bucket(path) {
            Some((remote, name)) => Ok(remote.length(&name)?.is_some()),
            None => Ok(path.exists()),
        }
    }

    /// Whether something is kept at this path in the bucket.
    pub(crate) fn is_in_bucket(&self, path: &Path) -> Result<bool, StoreError> {
        self.in_bucket(path).map_or(Ok(false), |(remote, name)| Ok(remote.length(&name)?.is_some()))
    }

    /// How many bytes are kept at this path.
    pub fn length(&self, path: &Path) -> Result<Option<u64>, StoreError> {
        match self.in_bucket(path) {
            Some((remote, name)) => remote.length(&name),
            None => Ok(fs::metadata(path).ok().map(|found| found.len())),
        }
    }

    /// The paths of what is kept in the bucket below this folder.
    pub(crate) fn in_bucket_below(&self, folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
        let Some(remote) = &self.remote else { return Ok(Vec::new()) };
        let known = remote.known()?;
        let paths = known.iter().flatten().map(|(name, _)| self.root().join(&**name));
        Ok(paths.filter(|path| path.starts_with(folder)).collect())
    }

    /// One admitted package, as a file here.
    pub fn package(&self, digest: Digest) -> Result<Kept, StoreError> {
        self.here(&self.package_path(digest))
    }

    /// The bytes of one admitted package.
    pub fn read_package(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        let path = self.package(digest)?;
        fs::read(&path).map_err(StoreError::file("read", &*path))
    }

    /// The bytes of a package as it was admitted, and never others.
    pub(crate) fn admitted(&self, package: Digest) -> Result<Vec<u8>, StoreError> {
        let bytes = self.read_package(package).map_err(StoreError::of_package)?;
        if Digest::of(&bytes) == package { Ok(bytes) } else { Err(self.altered(package)) }
    }

    /// The same as a file here, with the file opened at its beginning: it can be read to its end whatever becomes of its name.
    pub(crate) fn admitted_file(&self, package: Digest) -> Result<(Kept, fs::File), StoreError> {
        let kept = self.package(package).map_err(StoreError::of_package)?;
        let failed = |error| StoreError::file("read", &*kept)(error).of_package();
        let mut file = fs::File::open(&kept).map_err(failed)?;
        if digest(&mut file).map_err(failed)? != package {
            return Err(self.altered(package));
        }
        file.rewind().map_err(failed)?;
        Ok((kept, file))
    }

    fn altered(&self, package: Digest) -> StoreError {
        StoreError::Package { place: self.package_path(package).display().to_string(), source: Failure::Altered }
    }

    /// What is kept at this path, as a file here. What comes from a bucket is checked first. That there is a file is only
    /// sure where it comes from a bucket.
    pub fn here(&self, path: &Path) -> Result<Kept, StoreError> {
        let Some((remote, name)) = self.in_bucket(path) else {
            return Ok(Kept { path: path.to_owned(), remote: None });
        };
        // From here on it is not taken away again.
        remote.cache.hold(path);
        let kept = Kept { path: path.to_owned(), remote: Some(Arc::clone(remote)) };
        if !path.exists() {
            let _turn = remote.cache.turn(path);
            if !path.exists() {
                self.fetch(remote, &name, path)?;
            }
        }
        Ok(kept)
    }

    fn fetch(&self, remote: &Arc<Remote>, name: &str, path: &Path) -> Result<(), StoreError> {
        let failed = || remote.failed("give back", name);
        let length = remote.length(name)?.ok_or_else(|| failed()(Failure::Lost))?;
        let staging = self.staging();
        let mut staged = tempfile::NamedTempFile::new_in(&staging).map_err(StoreError::file("write into", &staging))?;
        let is_there = remote.bucket.get(name, length, staged.as_file_mut()).map_err(failed());
        let is_good = is_there.and_then(|is_there| match is_there {
            false => Err(failed()(Failure::Lost)),
            true if is_what_it_says(name, staged.as_file_mut()) => Ok(()),
            true => Err(failed()(Failure::Altered)),
        });
        if let Err(error) = is_good {
            // The next publication puts it there again, if it follows from a package.
            if name.starts_with("static/")
                && matches!(&error, StoreError::Bucket { source: Failure::Lost | Failure::Altered, .. })
            {
                remote.note(name, None);
            }
            return Err(error);
        }
        self.settle_unnoticed(staged.into_temp_path(), path)?;
        self.cached(path, length)
    }

    /// Stops keeping what has this path.
    pub fn discard(&self, path: &Path) -> Result<(), StoreError> {
        if let Some((remote, name)) = self.in_bucket(path) {
            remote.bucket.remove(&name).map_err(remote.failed("remove", &name))?;
            remote.note(&name, None);
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::file("remove", path)(error)),
            _ => Ok(()),
        }
    }

    /// The digests of all packages that are kept.
    pub fn packages_kept(&self) -> Result<Vec<PathBuf>, StoreError> {
        let folder = self.packages();
        let entries = fs::read_dir(&folder).map_err(StoreError::file("list", &folder))?;
        let mut all: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        all.extend(self.in_bucket_below(&folder)?);
        all.sort();
        all.dedup();
        Ok(all)
    }

    /// Makes a place in the bucket this store's, if it is nobody's; says whether it is this store's.
    pub fn claim(&self, root: &[u8]) -> Result<bool, StoreError> {
        let Some(remote) = &self.remote else { return Ok(true) };
        let owner = format!("{}\n", Digest::of(root));
        let staging = self.staging();
        fs::create_dir_all(&staging).map_err(StoreError::file("create", &staging))?;
        let mut found = tempfile::tempfile_in(&staging).map_err(StoreError::file("write into", &staging))?;
        let is_there = match remote.bucket.get(OWNER, owner.len() as u64, &mut found) {
            Err(Failure::Altered) => return Ok(false),
            other => other.map_err(remote.failed("say whose it is", OWNER))?,
        };
        if is_there {
            let mut text = String::new();
            let read = found.rewind().and_then(|()| found.read_to_string(&mut text));
            if read.map_err(StoreError::file("read", OWNER))? == 0 || text != owner {
                return Ok(false);
            }
        } else {
            let is_moved = self.named_bucket()?.is_some();
            if is_moved || !remote.bucket.list("").map_err(remote.failed("list", ""))?.is_empty() {
                return Ok(false);
            }
            remote.bucket.put(OWNER, owner.as_bytes()).map_err(remote.failed("keep", OWNER))?;
        }
        self.put(&self.bucket_file(), format!("{}\n", remote.shown()).as_bytes())?;
        Ok(true)
    }

    /// The bucket in which the packages of this folder's store are, as it was written down.
    pub(crate) fn named_bucket(&self) -> Result<Option<String>, StoreError> {
        let path = self.bucket_file();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::file("read", path)(error)),
        }
    }

    /// Brings into the bucket those of these packages that lie only here.
    pub(crate) fn adopt(&self, packages: &[Digest]) -> Result<(), StoreError> {
        let Some(remote) = &self.remote else { return Ok(()) };
        for digest in packages {
            let path = self.package_path(*digest);
            if self.is_kept(&path)? {
                continue;
            }
            let bytes = match fs::read(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(remote.failed("find", &format!("packages/{digest}.ma"))(Failure::Lost));
                }
                read => read.map_err(StoreError::file("read", &path))?,
            };
            if Digest::of(&bytes) != *digest {
                let reason = format!("`{}` was altered", path.display());
                return Err(StoreError::Document { operation: "bring a package into the bucket", reason });
            }
            self.put_in_bucket(&path, &bytes)?;
        }
        self.trim(remote)
    }

    /// Takes away what has been here longest, if more lies here than there is room for and the bucket has it.
    fn trim(&self, remote: &Remote) -> Result<(), StoreError> {
        let is_there = |path: &Path| {
            let name = path.strip_prefix(self.root()).ok().and_then(Path::to_str).map(|name| name.replace('\\', "/"));
            let known = remote.known.lock().unwrap_or_else(PoisonError::into_inner);
            name.is_some_and(|name| known.as_ref().is_some_and(|known| known.contains_key(&*name)))
        };
        let folders = KEPT.map(|begin| self.root().join(begin));
        remote.cache.trim(&folders, is_there).map_err(StoreError::file("clear", self.root()))
    }
}

/// Whether these are the bytes that the name promises, by themselves or as what a `.zst` has in it.
fn is_what_it_says(name: &str, file: &mut fs::File) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    let (plain, is_compressed) = last.strip_suffix(".zst").map_or((last, false), |plain| (plain, true));
    let Ok(wanted) = plain.strip_suffix(".ma").unwrap_or(plain).parse::<Digest>() else { return false };
    let read =
        file.rewind().and_then(|()| if is_compressed { digest(zstd::Decoder::new(file)?) } else { digest(file) });
    read.is_ok_and(|found| found == wanted)
}

/// What a package would be called by these bytes.
fn digest(from: impl Read) -> std::io::Result<Digest> {
    // A lie need not be unpacked to its end.
    let mut from = from.take(Limits::default().container_bytes + 1);
    let (mut hasher, mut piece) = (Hasher::new(), vec![0; 1 << 16]);
    loop {
        let count = from.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { return Ok(hasher.finish()) };
        hasher.update(read);
    }
}
