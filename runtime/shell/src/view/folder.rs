//! Where the engine keeps what it keeps for itself: a folder below the person's runtime folder that goes with its program, or,
//! when that was killed, with the next one.
//!
//! ```text
//! <runtime>/guichet-engine/   of this person alone; locked while a folder is made, or looked at
//! └─ .tmp…/                   of one program; locked as long as that lives
//! ```
//!
//! Invariant: what has no lock is nobody's.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
};

use gtk::glib;

const ABOVE: &str = "guichet-engine";

/// The folder of one program; the lock is that of the folder itself, and no file in it.
pub(super) struct EngineFolder {
    path: PathBuf,
    _lock: File,
    sweeping: Option<JoinHandle<()>>,
}

impl EngineFolder {
    /// Makes it. What killed programs have left goes beside all else.
    pub(super) fn make() -> io::Result<Self> {
        let runtime = glib::user_runtime_dir();
        let mut made = Self::make_in(&runtime)?;
        made.sweeping = Some(thread::Builder::new().name("sweep".to_owned()).spawn(move || sweep(&runtime))?);
        Ok(made)
    }

    fn make_in(runtime: &Path) -> io::Result<Self> {
        let above = runtime.join(ABOVE);
        DirBuilder::new().recursive(true).mode(0o700).create(&above)?;
        let making = File::open(&above)?;
        making.lock_shared()?;
        let private = Permissions::from_mode(0o700);
        let path = tempfile::Builder::new().permissions(private).tempdir_in(&above)?.keep();
        let lock = File::open(&path)?;
        lock.lock()?;
        Ok(Self { path, _lock: lock, sweeping: None })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes it away, when what others have left is gone. To be called by whoever ends the program, which drops nothing.
    pub(super) fn clear(&mut self) {
        if self.sweeping.take().is_some_and(|sweeping| sweeping.join().is_err()) {
            tracing::error!("what killed windows have left stays");
        }
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::debug!(%error, "{} stays for the next one", self.path.display());
        }
    }
}

impl Drop for EngineFolder {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Takes away what nobody has locked. While folders are made it waits, and whoever makes one waits only until it has looked.
fn sweep(runtime: &Path) {
    let above = runtime.join(ABOVE);
    let Ok(looking) = File::open(&above) else { return };
    if looking.lock().is_err() {
        return;
    }
    let all = fs::read_dir(&above).into_iter().flatten().flatten().map(|entry| entry.path());
    let left =
        |path: PathBuf| File::open(&path).ok().filter(|folder| folder.try_lock().is_ok()).map(|lock| (path, lock));
    let left: Vec<_> = all.filter_map(left).collect();
    drop(looking);
    for (path, _lock) in left {
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::debug!(%error, "{} stays", path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_program_has_left_goes_with_the_next_one_and_what_is_in_use_stays() {
        let runtime = tempfile::tempdir().unwrap();
        let killed = EngineFolder::make_in(runtime.path()).unwrap();
        let alive = EngineFolder::make_in(runtime.path()).unwrap();
        fs::create_dir(killed.path().join("WebKitCache")).unwrap();
        let (left, used) = (killed.path().to_owned(), alive.path().to_owned());
        assert_eq!(fs::metadata(&left).unwrap().permissions().mode() & 0o777, 0o700);
        sweep(runtime.path());
        assert!(left.exists() && used.exists(), "both are in use");
        // The system takes the lock of who is killed, and nothing else is done for them.
        let killed = std::mem::ManuallyDrop::new(killed);
        killed._lock.unlock().unwrap();
        sweep(runtime.path());
        assert!(!left.exists() && used.exists());
        drop(alive);
        assert!(!used.exists());
        sweep(&runtime.path().join("absent"));
    }
}
