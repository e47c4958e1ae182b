//! Where an app of a preview keeps what it keeps: a folder that is gone when the preview is, even if the program was ended.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

const PREFIX: &str = "room-";

/// A folder that is removed with this. Its lock says that somebody is in it.
pub(crate) struct Room {
    folder: tempfile::TempDir,
    _lock: File,
}

impl Room {
    /// Makes one, after those that were left behind are gone.
    pub(super) fn make(previews: &Path) -> io::Result<Self> {
        sweep_in(previews);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(previews)?;
        let lock = File::create(folder.path().join("lock"))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where apps keep their data.
    pub(super) fn apps(&self) -> PathBuf {
        self.folder.path().join("apps")
    }
}

/// Removes what previews of this home have left whose program was ended.
pub(crate) fn sweep(home: &Path) {
    sweep_in(&super::folder(home));
}

fn sweep_in(previews: &Path) {
    for entry in fs::read_dir(previews).into_iter().flatten().flatten() {
        let is_room = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // One without a lock is just being made.
        let is_left = || File::open(entry.path().join("lock")).is_ok_and(|lock| lock.try_lock().is_ok());
        if is_room
            && is_left()
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!("what a preview has left cannot be removed: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_goes_with_its_preview_and_one_that_was_left_with_the_next() {
        let previews = tempfile::tempdir().unwrap();
        let room = Room::make(previews.path()).unwrap();
        fs::create_dir_all(room.apps()).unwrap();
        let left = previews.path().join("room-left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("lock"), "").unwrap();
        let other = Room::make(previews.path()).unwrap();
        assert!(!left.exists(), "nobody was in it");
        assert!(room.apps().exists(), "somebody is in it");
        let apps = room.apps();
        drop((room, other));
        assert!(!apps.exists());
        assert_eq!(fs::read_dir(previews.path()).unwrap().count(), 0);
    }
}
