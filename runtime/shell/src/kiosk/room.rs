//! Where all that a citizen leaves lies: a folder in memory, made for one session and taken away with it.
//!
//! ```text
//! <memory>/guichet-<uid>/     of this user alone; lock: one kiosk at a time
//! ├─ stock-<n>/               what is installed, as the sessions see it; never changed once it is there
//! └─ s<n>/                    one session
//!    ├─ seat.json             what it was told
//!    ├─ home/                 the host's home: releases of the stock, and all that apps store
//!    ├─ jobs                  what printers have been given
//!    └─ cache config data run state tmp   what the system's own libraries write
//! ```
//!
//! Invariant: a session is told of no other writable folder, and this one is on no disk.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use guichet_contract::AppId;
use rustix::{fs::statfs, process::getuid};

use super::{error::KioskError, seat::Seat};

/// What `statfs` says of file systems that are in memory: tmpfs and ramfs.
const IN_MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];

/// Where sessions are kept if nobody says otherwise.
const MEMORY: &str = "/dev/shm";

/// What of a home is of the program that has it open, or of a person.
const NOT_STOCK: [&str; 6] = ["lock", "unfinished", "quarantine", "beacons.json", "shell.json", "policy.json"];

/// What of an app's folder is of a person.
const NOT_OF_A_RELEASE: [&str; 3] = ["data", "snapshots", "consent.json"];

/// The folders that the system's own libraries write to, and how each is named to them.
const OF_THE_SYSTEM: [(&str, &str); 6] = [
    ("cache", "XDG_CACHE_HOME"),
    ("config", "XDG_CONFIG_HOME"),
    ("data", "XDG_DATA_HOME"),
    ("state", "XDG_STATE_HOME"),
    ("run", "XDG_RUNTIME_DIR"),
    ("tmp", "TMPDIR"),
];

/// What the display is called in the runtime folder of a session, where the compositor's own is not.
const WAYLAND: &str = "wayland-0";

/// The folder of a kiosk in memory, its own as long as this lives.
#[derive(Debug)]
pub(super) struct Memory {
    folder: PathBuf,
    _lock: File,
}

impl Memory {
    /// Takes the folder below `memory`, and takes away what a kiosk that was killed has left in it.
    pub(super) fn take(memory: Option<&Path>) -> Result<Self, KioskError> {
        let above = memory.unwrap_or(Path::new(MEMORY));
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| KioskError::Memory(path, error)
        };
        if !is_in_memory(above).map_err(failed(above))? {
            return Err(KioskError::OnDisk(above.to_owned()));
        }
        let folder = above.join(format!("guichet-{}", getuid().as_raw()));
        match make_private(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                check_ours(&folder).map_err(failed(&folder))?;
            }
            made => made.map_err(failed(&folder))?,
        }
        let path = folder.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(KioskError::MemoryInUse(folder)),
            Err(fs::TryLockError::Error(error)) => return Err(failed(&path)(error)),
        }
        for entry in fs::read_dir(&folder).map_err(failed(&folder))?.flatten() {
            if entry.file_name() != "lock" {
                remove(&entry.path()).map_err(failed(&entry.path()))?;
            }
        }
        Ok(Self { folder, _lock: lock })
    }

    /// Where it is.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of one session; it is not there yet.
    pub(super) fn room(&self, number: u64) -> PathBuf {
        self.folder.join(format!("s{number}"))
    }
}

/// Makes the folder of a session out of the stock.
pub(super) fn make(room: &Path, stock: &Path, seat: &Seat) -> io::Result<()> {
    make_private(room)?;
    let home = room.join("home");
    make_private(&home)?;
    for entry in fs::read_dir(stock)? {
        let entry = entry?;
        let to = home.join(entry.file_name());
        // Files by digest, hashed each time they are read; the stock never changes them.
        if entry.file_name() == "blobs" { symlink(entry.path(), to)? } else { copy(&entry.path(), &to)? }
    }
    for (folder, _) in OF_THE_SYSTEM {
        make_private(&room.join(folder))?;
    }
    if let Some(socket) = wayland() {
        show(room, &socket)?;
    }
    seat.write(room)
}

/// Names the socket of a Wayland display in the runtime folder of a session.
fn show(room: &Path, socket: &Path) -> io::Result<()> {
    symlink(socket, room.join("run").join(WAYLAND))
}

/// The socket of the Wayland display that this program draws on, if there is one.
fn wayland() -> Option<PathBuf> {
    let (display, runtime) = (std::env::var_os("WAYLAND_DISPLAY")?, std::env::var_os("XDG_RUNTIME_DIR")?);
    Some(Path::new(&runtime).join(display))
}

/// Tells a program to write below this room and nowhere else.
pub(super) fn furnish(command: &mut Command, room: &Path) {
    // The sandbox of pages looks for the display in the runtime folder and nowhere else; X11 is for a machine without it.
    if wayland().is_some() {
        command.env("WAYLAND_DISPLAY", WAYLAND).env_remove("DISPLAY");
    }
    for (folder, variable) in OF_THE_SYSTEM {
        command.env(variable, room.join(folder));
    }
    command.env("HOME", room.join("data")).env("GSETTINGS_BACKEND", "memory").env_remove("GUICHET_HOME");
    command.current_dir(room);
}

/// Takes what is installed of a home into a folder of its own, without what is a person's, and without apps that are not
/// `offered` here. Where that fails nothing of it stays.
pub(super) fn stock(home: &Path, to: &Path, offered: &dyn Fn(&AppId) -> bool) -> io::Result<()> {
    let unfinished = to.with_extension("new");
    remove(&unfinished)?;
    let taken = take_stock(home, &unfinished, offered).and_then(|()| fs::rename(&unfinished, to));
    if taken.is_err() {
        remove(&unfinished)?;
    }
    taken
}

fn take_stock(home: &Path, unfinished: &Path, offered: &dyn Fn(&AppId) -> bool) -> io::Result<()> {
    make_private(unfinished)?;
    for entry in fs::read_dir(home)? {
        let entry = entry?;
        let name = entry.file_name();
        if NOT_STOCK.iter().any(|not| name == *not) || name == "apps" {
            continue;
        }
        copy(&entry.path(), &unfinished.join(name))?;
    }
    let apps = unfinished.join("apps");
    make_private(&apps)?;
    for entry in fs::read_dir(home.join("apps")).into_iter().flatten().flatten() {
        let Some(app) = entry.file_name().to_str().and_then(|name| name.parse::<AppId>().ok()) else { continue };
        if !offered(&app) {
            continue;
        }
        make_private(&apps.join(app.as_str()))?;
        for part in fs::read_dir(entry.path())? {
            let part = part?;
            let name = part.file_name();
            let is_of_a_person =
                NOT_OF_A_RELEASE.iter().any(|not| name == *not) || name.to_string_lossy().starts_with("console");
            if !is_of_a_person {
                copy(&part.path(), &apps.join(app.as_str()).join(name))?;
            }
        }
    }
    Ok(())
}

/// Takes a folder or file away, if it is there, and looks that it is gone.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(io::Error::other("it is still there")),
    }
}

/// Files and folders; anything else, such as a socket or a link, is nobody's release.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(from)?;
    if found.is_file() {
        fs::copy(from, to)?;
    } else if found.is_dir() {
        make_private(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)
}

/// A folder that somebody else has made is somebody else's to read.
fn check_ours(folder: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(folder)?;
    if found.is_dir() && found.uid() == getuid().as_raw() && found.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not a folder of this user alone"))
}

fn is_in_memory(folder: &Path) -> io::Result<bool> {
    let kind = statfs(folder)?.f_type;
    Ok(IN_MEMORY.iter().any(|known| i128::from(*known) == i128::from(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In memory wherever this is tested.
    fn memory() -> tempfile::TempDir {
        tempfile::tempdir_in(MEMORY).unwrap()
    }

    #[test]
    fn what_a_citizen_leaves_is_never_on_a_disk() {
        assert!(matches!(Memory::take(Some(Path::new("/proc"))), Err(KioskError::OnDisk(_))));
        let absent = Memory::take(Some(Path::new("/dev/shm/guichet-absent"))).unwrap_err();
        assert!(matches!(absent, KioskError::Memory(..)), "{absent}");
    }

    #[test]
    fn one_kiosk_has_the_folder_and_what_a_killed_one_left_is_gone() {
        let above = memory();
        let first = Memory::take(Some(above.path())).unwrap();
        fs::create_dir_all(first.room(1).join("home")).unwrap();
        fs::write(first.room(1).join("home/secret"), "of a citizen").unwrap();
        assert!(matches!(Memory::take(Some(above.path())), Err(KioskError::MemoryInUse(_))));
        let room = first.room(1);
        drop(first);
        let second = Memory::take(Some(above.path())).unwrap();
        assert!(!room.exists() && second.folder().exists());
    }

    #[test]
    fn a_folder_that_others_may_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt as _;
        let above = memory();
        let folder = Memory::take(Some(above.path())).unwrap().folder().to_owned();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(Memory::take(Some(above.path())), Err(KioskError::Memory(..))));
    }

    #[test]
    fn a_session_finds_the_display_in_its_own_runtime_folder_and_takes_nothing_of_it_away() {
        use std::os::unix::net::{UnixListener, UnixStream};
        let (compositor, above) = (tempfile::tempdir().unwrap(), memory());
        let socket = compositor.path().join("wayland-7");
        let listener = UnixListener::bind(&socket).unwrap();
        let room = above.path().join("s1");
        fs::create_dir_all(room.join("run")).unwrap();
        show(&room, &socket).unwrap();
        UnixStream::connect(room.join("run").join(WAYLAND)).unwrap();
        assert!(listener.accept().is_ok());
        remove(&room).unwrap();
        assert!(socket.exists() && !room.exists());
    }

    #[test]
    fn of_a_stock_that_could_not_be_taken_nothing_stays() {
        let (disk, above) = (tempfile::tempdir().unwrap(), memory());
        fs::create_dir_all(disk.path().join("blobs/ab")).unwrap();
        fs::write(disk.path().join("blobs/ab/abcd"), "page").unwrap();
        // In the place where it would go lies something else.
        let stocked = above.path().join("stock-1");
        fs::create_dir_all(stocked.join("full")).unwrap();
        stock(disk.path(), &stocked, &|_| true).unwrap_err();
        let left: Vec<_> = fs::read_dir(above.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["stock-1"]);
    }

    #[test]
    fn the_stock_has_releases_and_nothing_of_a_person() {
        let (disk, above) = (tempfile::tempdir().unwrap(), memory());
        for (path, text) in [
            ("format", "1"),
            ("lock", ""),
            ("blobs/ab/abcd", "page"),
            ("apps/gov.a/state.json", "{}"),
            ("apps/gov.a/slots/1/release", "r"),
            ("apps/gov.a/data/db", "somebody's"),
            ("apps/gov.a/console.log", "somebody's"),
            ("apps/gov.a/consent.json", "somebody's"),
            ("apps/gov.b/state.json", "{}"),
            ("unfinished/0", "half"),
        ] {
            let path = disk.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let stocked = above.path().join("stock-1");
        stock(disk.path(), &stocked, &|app| app.as_str() == "gov.a").unwrap();
        let seen = |path: &str| stocked.join(path).exists();
        assert!(seen("format") && seen("blobs/ab/abcd") && seen("apps/gov.a/slots/1/release"));
        for not in
            ["lock", "unfinished", "apps/gov.b", "apps/gov.a/data", "apps/gov.a/console.log", "apps/gov.a/consent.json"]
        {
            assert!(!seen(not), "{not}");
        }
        let room = above.path().join("s1");
        make(&room, &stocked, &Seat::of_a_test()).unwrap();
        assert_eq!(fs::read(room.join("home/blobs/ab/abcd")).unwrap(), b"page");
        fs::write(room.join("home/apps/gov.a/state.json"), "changed").unwrap();
        remove(&room).unwrap();
        assert!(!room.exists());
        assert_eq!(fs::read(stocked.join("apps/gov.a/state.json")).unwrap(), b"{}", "a session changes its own only");
        assert_eq!(fs::read(stocked.join("blobs/ab/abcd")).unwrap(), b"page", "what lies behind the link stays");
    }
}
