//! The folder of one host: its lock, its format, and writing in it so that a power cut leaves the old or the new file.
//!
//! ```text
//! format, lock               this layout is format 1; one host at a time
//! device, engine-key         random: the id that rollouts count by, the key that compiled code is authenticated with
//! trust/trusted.json         the metadata that was verified, as one state; trust/documents/ what it names
//! trust/log/, trust/proofs/  the largest tree of the log that was seen; proofs of what the metadata names
//! blobs/<2 hex>/<sha256>     files of releases
//! quarantine/                some that were altered on this disk since the home was opened
//! apps/<app id>/             see `slots`; data/ and snapshots/<sequence>/ belong to the services
//! engine/                    compiled components
//! beacons.json               what waits to be told to the store, of no device
//! policy.json                which policy this terminal has had, and wrong PINs of its staff
//! unfinished/                what is being written; emptied when the home is opened
//! ```
//!
//! Invariant: every name below the home is made from a parsed name or a digest, never from another party's text.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use guichet_contract::AppId;

use crate::error::HostError;

/// The format of everything below the home.
const FORMAT: &str = "1";
/// Most altered files that are kept.
const MOST_SET_ASIDE: usize = 8;

/// The folder of one host, locked as long as this value lives.
#[derive(Debug)]
pub(crate) struct Home {
    root: PathBuf,
    unfinished: AtomicU64,
    /// Whether something was written that a power cut could still take.
    unsettled: AtomicBool,
    lock: File,
}

impl Home {
    /// Makes or opens the folder, and keeps every other host out of it.
    pub(crate) fn open(root: &Path) -> Result<Self, HostError> {
        make_private_folder(root)?;
        let lock_path = root.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(|source| disk("open the lock of the home", &lock_path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(HostError::HomeInUse { path: root.to_owned() }),
            Err(fs::TryLockError::Error(source)) => return Err(disk("lock the home", &lock_path, source)),
        }
        let (unfinished, unsettled) = (AtomicU64::new(0), AtomicBool::new(false));
        let home = Self { root: root.to_owned(), unfinished, unsettled, lock };
        home.check_format()?;
        home.empty(&home.root.join("unfinished"))?;
        home.empty(&home.quarantine())?;
        Ok(home)
    }

    fn check_format(&self) -> Result<(), HostError> {
        let path = self.root.join("format");
        match self.read(&path)? {
            Some(text) if text.trim_ascii() == FORMAT.as_bytes() => Ok(()),
            Some(text) => {
                let found =
                    String::from_utf8_lossy(text.get(..text.len().min(32)).unwrap_or_default()).trim().to_owned();
                Err(HostError::HomeFormat { path, found })
            }
            None => {
                self.make_folder(&self.root.join("unfinished"))?;
                self.write(&path, FORMAT.as_bytes())
            }
        }
    }

    /// Empties a folder whose contents are of no use after a start.
    fn empty(&self, folder: &Path) -> Result<(), HostError> {
        match fs::remove_dir_all(folder) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(disk("empty a folder", folder, source));
            }
            _ => {}
        }
        self.make_folder(folder)
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    fn quarantine(&self) -> PathBuf {
        self.root.join("quarantine")
    }

    pub(crate) fn trust(&self) -> PathBuf {
        self.root.join("trust")
    }

    /// The folder of compiled components, in which the engine keeps order itself.
    pub(crate) fn engine(&self) -> PathBuf {
        self.root.join("engine")
    }

    pub(crate) fn beacons(&self) -> PathBuf {
        self.root.join(crate::beacons::QUEUE)
    }

    pub(crate) fn apps(&self) -> PathBuf {
        self.root.join("apps")
    }

    pub(crate) fn app(&self, app: &AppId) -> PathBuf {
        self.apps().join(app.as_str())
    }

    /// A secret of this home, made when it is first asked for.
    pub(crate) fn secret(&self, name: &'static str) -> Result<[u8; 32], HostError> {
        let path = self.root.join(name);
        if let Some(text) = self.read(&path)? {
            let mut secret = [0; 32];
            if hex::decode_to_slice(text.trim_ascii(), &mut secret).is_ok() {
                return Ok(secret);
            }
        }
        let secret = random()?;
        self.write(&path, hex::encode(secret).as_bytes())?;
        Ok(secret)
    }

    /// The bytes of a file, if it is there.
    pub(crate) fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, HostError> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(source) if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(disk("read a file", path, source)),
        }
    }

    /// Puts a file in its place, durably and at once: whoever reads sees the old one or the new one.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), HostError> {
        let unfinished = self.unfinished();
        let written = write_and_sync(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, path));
        if let Err(source) = written {
            let _only_space_is_lost = fs::remove_file(&unfinished);
            return Err(disk("write a file", path, source));
        }
        sync_parent(path)
    }

    /// Puts a file in its place at once; it is durable when [`Home::settle`] has returned.
    ///
    /// After a power cut before that, there may be anything in it: only for files that are hashed whenever they are read.
    pub(crate) fn write_soon(&self, path: &Path, bytes: &[u8]) -> Result<(), HostError> {
        let unfinished = self.unfinished();
        self.unsettled.store(true, Ordering::Release);
        let written = write_or_sync(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, path));
        if let Err(source) = written {
            let _only_space_is_lost = fs::remove_file(&unfinished);
            return Err(disk("write a file", path, source));
        }
        Ok(())
    }

    /// The same, of a file that is written by somebody else; what went wrong is theirs or the system's.
    pub(crate) fn write_soon_with<E: From<io::Error>>(
        &self,
        path: &Path,
        write: impl FnOnce(&File) -> Result<(), E>,
    ) -> Result<(), E> {
        let unfinished = self.unfinished();
        self.unsettled.store(true, Ordering::Release);
        let created = File::options().read(true).write(true).create_new(true).open(&unfinished);
        let written = created.map_err(E::from).and_then(|file| write(&file));
        let placed = written.and_then(|()| Ok(fs::rename(&unfinished, path)?));
        if placed.is_err() {
            let _only_space_is_lost = fs::remove_file(&unfinished);
        }
        placed
    }

    /// Puts a folder of files in its place at once; it is durable when [`Home::settle`] has returned.
    pub(crate) fn write_folder_soon(&self, path: &Path, files: &[(&str, &[u8])]) -> Result<(), HostError> {
        let unfinished = self.unfinished();
        self.unsettled.store(true, Ordering::Release);
        let written = fs::create_dir(&unfinished)
            .and_then(|()| files.iter().try_for_each(|(name, bytes)| write_or_sync(&unfinished.join(name), bytes)))
            .and_then(|()| fs::rename(&unfinished, path));
        if let Err(source) = written {
            let _only_space_is_lost = fs::remove_dir_all(&unfinished);
            return Err(disk("write a folder", path, source));
        }
        Ok(())
    }

    /// Makes everything durable that was written before. One call for a hundred files costs what one file costs.
    pub(crate) fn settle(&self) -> Result<(), HostError> {
        if !self.unsettled.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        sync_file_system(&self.lock).map_err(|source| {
            self.unsettled.store(true, Ordering::Release);
            disk("make a change durable", &self.root, source)
        })
    }

    /// Puts a copy of a folder in its place, durably and at once; of one that is not there, an empty folder.
    ///
    /// More than `most` bytes are not copied.
    pub(crate) fn copy_folder(&self, from: &Path, to: &Path, most: u64) -> Result<(), HostError> {
        let unfinished = self.unfinished();
        let mut left = most;
        let copied = copy_and_sync(from, &unfinished, &mut left).and_then(|()| fs::rename(&unfinished, to));
        if let Err(source) = copied {
            let _only_space_is_lost = fs::remove_dir_all(&unfinished);
            return Err(disk("copy a folder", from, source));
        }
        sync_parent(to)
    }

    /// Moves a folder to a place, and what was there away. Does nothing if there is none to move: then it was done before.
    pub(crate) fn exchange(&self, from: &Path, to: &Path) -> Result<(), HostError> {
        if !from.is_dir() {
            return Ok(());
        }
        self.discard(to)?;
        fs::rename(from, to).map_err(|source| disk("move a folder", from, source))?;
        sync_parent(to)?;
        sync_parent(from)
    }

    /// Makes a file or folder disappear at once; what is below a folder follows.
    pub(crate) fn discard(&self, path: &Path) -> Result<(), HostError> {
        let unfinished = self.unfinished();
        match fs::rename(path, &unfinished) {
            Ok(()) => {}
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(disk("remove", path, source)),
        }
        sync_parent(path)?;
        let removed = match fs::symlink_metadata(&unfinished) {
            Ok(kind) if kind.is_dir() => fs::remove_dir_all(&unfinished),
            _ => fs::remove_file(&unfinished),
        };
        removed.map_err(|source| disk("remove", path, source))
    }

    /// Makes a folder and those above it.
    pub(crate) fn make_folder(&self, path: &Path) -> Result<(), HostError> {
        fs::create_dir_all(path).map_err(|source| disk("make a folder", path, source))
    }

    /// The names in a folder; none if there is no folder.
    pub(crate) fn names(&self, path: &Path) -> Result<Vec<String>, HostError> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(disk("list a folder", path, source)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|source| disk("list a folder", path, source))?;
            names.extend(entry.file_name().into_string().ok());
        }
        names.sort();
        Ok(names)
    }

    /// Takes an altered file out of use. The first few are kept, for whoever looks into it.
    pub(crate) fn set_aside(&self, path: &Path) -> Result<(), HostError> {
        let quarantine = self.quarantine();
        let Some(name) =
            path.file_name().filter(|_| self.names(&quarantine).is_ok_and(|kept| kept.len() < MOST_SET_ASIDE))
        else {
            return self.discard(path);
        };
        match fs::rename(path, quarantine.join(name)) {
            // Somebody else has read it at the same time, and was first.
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(()),
            renamed => renamed.map_err(|source| disk("set a file aside", path, source)),
        }
    }

    fn unfinished(&self) -> PathBuf {
        let number = self.unfinished.fetch_add(1, Ordering::Relaxed);
        self.root.join("unfinished").join(number.to_string())
    }
}

/// 32 bytes of the operating system's randomness.
pub(crate) fn random() -> Result<[u8; 32], HostError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| HostError::Random)?;
    Ok(bytes)
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// Puts a file in its place, durably and at once, where no home is open yet; only its owner may read it.
pub(crate) fn put_private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    let unfinished = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        let _only_space_is_lost = fs::remove_file(&unfinished);
    }
    written?;
    File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

fn write_and_sync(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Copies plain files and folders; a link or a device is nobody's data.
fn copy_and_sync(from: &Path, to: &Path, left: &mut u64) -> io::Result<()> {
    fs::create_dir(to)?;
    let entries = match fs::read_dir(from) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => None,
        entries => Some(entries?),
    };
    for entry in entries.into_iter().flatten() {
        let entry = entry?;
        let (place, kind) = (to.join(entry.file_name()), entry.file_type()?);
        if kind.is_dir() {
            copy_and_sync(&entry.path(), &place, left)?;
        } else if kind.is_file() {
            let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
            *left = left.checked_sub(entry.metadata()?.len()).ok_or_else(too_large)?;
            fs::copy(entry.path(), &place)?;
            File::options().write(true).open(&place)?.sync_all()?;
        }
    }
    File::open(to)?.sync_all()
}

/// Where a file system can be flushed as a whole, [`Home::settle`] does it; elsewhere each file is flushed now.
#[cfg(target_os = "linux")]
fn write_or_sync(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes)
}

#[cfg(not(target_os = "linux"))]
fn write_or_sync(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_and_sync(path, bytes)
}

/// The lock was opened before anything was written, so that an error of any write since then is told.
#[cfg(target_os = "linux")]
fn sync_file_system(lock: &File) -> io::Result<()> {
    Ok(rustix::fs::syncfs(lock)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_lock: &File) -> io::Result<()> {
    Ok(())
}

fn sync_parent(path: &Path) -> Result<(), HostError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| disk("make a change durable", folder, source))
}

pub(crate) fn disk(doing: &'static str, path: &Path, why: io::Error) -> HostError {
    HostError::Disk { doing, path: path.to_owned(), why }
}

#[cfg(unix)]
pub(crate) fn make_private_folder(path: &Path) -> Result<(), HostError> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o700)))
        .map_err(|source| disk("make the home", path, source))
}

#[cfg(not(unix))]
pub(crate) fn make_private_folder(path: &Path) -> Result<(), HostError> {
    fs::create_dir_all(path).map_err(|source| disk("make the home", path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_belongs_to_one_host_and_to_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("home");
        let home = Home::open(&root).unwrap();
        let second = Home::open(&root).unwrap_err();
        insta::assert_snapshot!(second, @"another Guichet host is using this home");
        insta::assert_snapshot!(second.hint(), @"close the other host, or give this one a home of its own with GUICHET_HOME");
        drop(home);
        Home::open(&root).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_home_of_another_format_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("format"), "2\n").unwrap();
        let error = Home::open(folder.path()).unwrap_err();
        insta::assert_snapshot!(error, @"this home has format 2, this host knows format 1");
        assert_eq!(error.class(), "home/format");
    }

    #[test]
    fn what_was_left_unfinished_is_gone_after_opening() {
        let folder = tempfile::tempdir().unwrap();
        drop(Home::open(folder.path()).unwrap());
        fs::create_dir(folder.path().join("unfinished/0")).unwrap();
        fs::write(folder.path().join("unfinished/1"), "half").unwrap();
        let home = Home::open(folder.path()).unwrap();
        assert!(home.names(&folder.path().join("unfinished")).unwrap().is_empty());
    }

    #[test]
    fn what_is_set_aside_is_bounded_and_gone_after_opening() {
        let folder = tempfile::tempdir().unwrap();
        let quarantine = folder.path().join("quarantine");
        let home = Home::open(folder.path()).unwrap();
        for number in 0..=MOST_SET_ASIDE {
            let altered = folder.path().join(format!("altered-{number}"));
            fs::write(&altered, "altered").unwrap();
            home.set_aside(&altered).unwrap();
            assert!(!altered.exists());
            home.set_aside(&altered).unwrap();
        }
        assert_eq!(home.names(&quarantine).unwrap().len(), MOST_SET_ASIDE);
        drop(home);
        let home = Home::open(folder.path()).unwrap();
        assert!(home.names(&quarantine).unwrap().is_empty());
    }

    #[test]
    fn a_secret_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        assert_eq!(home.secret("device").unwrap(), home.secret("device").unwrap());
        assert_ne!(home.secret("device").unwrap(), home.secret("engine-key").unwrap());
    }

    #[test]
    fn a_copy_of_a_folder_is_no_link_and_takes_its_place_once() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
        fs::create_dir_all(data.join("deeper")).unwrap();
        fs::write(data.join("deeper/file"), "before").unwrap();
        home.copy_folder(&data, &copy, 6).unwrap();
        fs::write(data.join("deeper/file"), "after").unwrap();
        for _ in 0..2 {
            home.exchange(&copy, &data).unwrap();
            assert_eq!(fs::read(data.join("deeper/file")).unwrap(), b"before");
            assert!(!copy.exists());
        }
        home.copy_folder(&folder.path().join("nothing"), &copy, 0).unwrap();
        assert_eq!(home.names(&copy).unwrap(), Vec::<String>::new());
        let too_large = home.copy_folder(&data, &folder.path().join("other"), 5).unwrap_err();
        assert_eq!(too_large.class(), "disk/full");
        assert!(home.names(&folder.path().join("unfinished")).unwrap().is_empty());
    }

    #[test]
    fn a_folder_appears_whole() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let slot = folder.path().join("slot");
        home.write_folder_soon(&slot, &[("a", b"1"), ("b", b"2")]).unwrap();
        home.settle().unwrap();
        assert_eq!(home.names(&slot).unwrap(), ["a", "b"]);
        home.discard(&slot).unwrap();
        assert!(!slot.exists());
    }
}
