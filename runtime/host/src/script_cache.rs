//! Where a user of this machine has the script component compiled, for packages that run without a home.
//!
//! ```text
//! key             random: what the compiled code is authenticated with
//! <sha256>.cwasm  the script component, for one version of it and of the engine
//! ```
//!
//! Invariants: it holds nothing of any package; what lies there is believed only by the user who has written the key, whoever
//! else can write in the folder; and whatever is wrong with it, the package runs without it.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use guichet_engine::{CacheOptions, Holds};

const KEY: &str = "key";
/// How many versions are kept: a developer goes back and forth between some.
const MOST_VERSIONS: usize = 4;

/// The folder of whoever runs this program, by the XDG Base Directory Specification; none if the system does not say where
/// that is.
pub fn users_script_cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
    Some(cache.join("guichet/script"))
}

/// Opens the cache in a folder, which is made if it is not there; none if it cannot be used.
pub(crate) fn open(folder: &Path) -> Option<CacheOptions> {
    let opened = key(folder).inspect(|_| forget_old(folder));
    let key = opened.inspect_err(|error| {
        tracing::info!(path = %folder.display(), %error, "the script component is compiled anew: its cache is of no use");
    });
    Some(CacheOptions { folder: folder.to_owned(), key: key.ok()?, holds: Holds::ScriptComponent })
}

/// The key of a folder, made if there is none that is to be believed.
fn key(folder: &Path) -> io::Result<[u8; 32]> {
    make_folder(folder)?;
    if !is_private(&fs::metadata(folder)?) {
        return Err(io::Error::other("the folder is not this user's alone"));
    }
    let path = folder.join(KEY);
    if let Some(key) = read_key(&path)? {
        return Ok(key);
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let part = folder.join(format!("{KEY}.{}.part", std::process::id()));
    let written = create(&part).and_then(|mut file| {
        file.write_all(hex::encode(key).as_bytes())?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&part, &path));
    if let Err(error) = placed {
        let _only_space_is_lost = fs::remove_file(&part);
        return Err(error);
    }
    // Another program may have been quicker: both go on with the one that has stayed.
    read_key(&path)?.ok_or_else(|| io::Error::other("its key does not stay"))
}

/// What is in a file of a key; none if nobody, or not this user alone, has written it.
fn read_key(path: &Path) -> io::Result<Option<[u8; 32]>> {
    let file = match open_itself(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !is_private(&file.metadata()?) {
        return Ok(None);
    }
    let (mut text, mut key) = (Vec::new(), [0; 32]);
    file.take(65).read_to_end(&mut text)?;
    Ok(hex::decode_to_slice(text.trim_ascii(), &mut key).is_ok().then_some(key))
}

/// Removes the versions that are older than the newest ones, and what was left half-written as long ago.
fn forget_old(folder: &Path) {
    let made = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok().filter(|entry| entry.file_name() != KEY)?;
        Some((
            entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH),
            entry.path(),
        ))
    };
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().filter_map(made).collect();
    files.sort_unstable_by(|one, other| other.cmp(one));
    for (_, path) in files.into_iter().skip(MOST_VERSIONS) {
        let _it_is_tried_again = fs::remove_file(path);
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn create(path: &Path) -> io::Result<fs::File> {
    let _one_that_was_left = fs::remove_file(path);
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

/// Opens a file, and not another one that it points to.
fn open_itself(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    #[cfg(target_os = "linux")]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    options.read(true).open(path)
}

/// Whether a file or folder is this user's, and nobody else reads or writes it.
#[cfg(target_os = "linux")]
fn is_private(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o077 == 0
}

/// There is no shell elsewhere yet, and nobody has tried what keeps a file private there.
#[cfg(not(target_os = "linux"))]
fn is_private(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_cache_has_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("guichet/script");
        let first = open(&folder).unwrap();
        assert_eq!(first.holds, Holds::ScriptComponent);
        assert_ne!(first.key, [0; 32]);
        assert_eq!(open(&folder).unwrap().key, first.key);
        assert_eq!(names(&folder), [KEY]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_key_that_others_may_know_is_not_believed() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().unwrap();
        let folder = &folder.path().join("script");
        let (first, path) = (open(folder).unwrap().key, folder.join(KEY));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let second = open(folder).unwrap().key;
        assert_ne!(second, first, "others could read it");
        for torn in ["", "abc", &"00".repeat(33)] {
            fs::write(&path, torn).unwrap();
            assert_ne!(open(folder).unwrap().key, second, "{torn}");
        }
        fs::rename(&path, folder.join("elsewhere")).unwrap();
        symlink("elsewhere", &path).unwrap();
        assert!(open(folder).is_none(), "it points to another file");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_folder_of_others_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(open(folder.path()).is_none());
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_cache_that_cannot_be_is_done_without() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("guichet"), "a file").unwrap();
        assert!(open(&folder.path().join("guichet/script")).is_none());
    }

    #[test]
    fn the_newest_versions_stay() {
        let folder = tempfile::tempdir().unwrap();
        let folder = &folder.path().join("script");
        let key = open(folder).unwrap().key;
        for age in 1..=6 {
            let file = fs::File::create(folder.join(format!("{age}.cwasm"))).unwrap();
            file.set_modified(SystemTime::now() - std::time::Duration::from_secs(60 * age)).unwrap();
        }
        assert_eq!(open(folder).unwrap().key, key);
        assert_eq!(names(folder), ["1.cwasm", "2.cwasm", "3.cwasm", "4.cwasm", KEY]);
    }
}
