//! Images that were found to be of this device are not hashed again while nobody has changed them.

use std::{
    collections::VecDeque,
    fs::{File, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// More apps are not open at once.
const MOST: usize = 64;
/// A change within the same tick of the system's clock as the last one leaves no trace: a file that changed as late as this
/// before it was checked is checked again the next time.
const TICK: Duration = Duration::from_millis(50);

/// What was checked since this engine was made. Kept in memory only, where nobody else can write.
#[derive(Default)]
pub(crate) struct Believed(Mutex<VecDeque<Mark>>);

/// Which bytes a file held, and for which package they were found to be its image.
///
/// The system sets the time of a change at every write, and nobody can set it back.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    package: [u8; 32],
    device: u64,
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
    modified: (i64, i64),
}

impl Believed {
    /// Whether a file is the image of a package, by this check or by an earlier one of the same bytes.
    pub(crate) fn check(
        &self,
        file: &File,
        package: &[u8; 32],
        is_ours: impl FnOnce() -> io::Result<bool>,
    ) -> io::Result<bool> {
        let mark = Mark::of(&file.metadata()?, package);
        if self.lock().contains(&mark) {
            return Ok(true);
        }
        if !is_ours()? {
            return Ok(false);
        }
        if mark.is_settled() && Mark::of(&file.metadata()?, package) == mark {
            let mut marks = self.lock();
            marks.truncate(MOST - 1);
            marks.push_front(mark);
        }
        Ok(true)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark {
    fn of(file: &Metadata, package: &[u8; 32]) -> Self {
        Self {
            package: *package,
            device: file.dev(),
            inode: file.ino(),
            bytes: file.len(),
            changed: (file.ctime(), file.ctime_nsec()),
            modified: (file.mtime(), file.mtime_nsec()),
        }
    }

    fn is_settled(&self) -> bool {
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(self.changed.0), u32::try_from(self.changed.1)) else {
            return false;
        };
        let changed = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        SystemTime::now().duration_since(changed).is_ok_and(|since| since > TICK)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, os::unix::fs::FileExt as _, time::Instant};

    use super::*;

    /// A file that changed long enough ago.
    fn settled(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().write_all_at(bytes, 0).unwrap();
        settle(file.as_file());
        file
    }

    fn settle(file: &File) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !Mark::of(&file.metadata().unwrap(), &[0; 32]).is_settled() {
            assert!(Instant::now() < deadline, "the system's clock stands still");
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_was_checked_is_believed_until_a_byte_of_it_changes() {
        let (believed, checks) = (Believed::default(), Cell::new(0));
        let check = |file: &File, package: u8, verdict: bool| {
            let is_ours = || {
                checks.set(checks.get() + 1);
                Ok(verdict)
            };
            (believed.check(file, &[package; 32], is_ours).unwrap(), checks.get())
        };
        let file = settled(b"image");
        let file = file.as_file();
        assert_eq!(check(file, 1, false), (false, 1));
        assert_eq!(check(file, 1, true), (true, 2), "a bad verdict is not kept");
        assert_eq!(check(file, 1, false), (true, 2), "checked already");
        assert_eq!(check(file, 2, false), (false, 3), "another package is another question");
        file.write_all_at(b"I", 0).unwrap();
        assert_eq!(check(file, 1, false), (false, 4), "of the same length, and changed");
        settle(file);
        assert_eq!((check(file, 1, true), check(file, 1, false)), ((true, 5), (true, 5)));
        assert_eq!(check(settled(b"image").as_file(), 1, false), (false, 6), "another file is another file");
    }

    #[test]
    fn what_changed_a_moment_ago_is_checked_again() {
        let believed = Believed::default();
        let file = tempfile::tempfile().unwrap();
        // As late as can be: whoever is interrupted for long between these two lines tries again.
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            file.write_all_at(b"image", 0).unwrap();
            let is_fresh = || !Mark::of(&file.metadata().unwrap(), &[1; 32]).is_settled();
            assert!(believed.check(&file, &[1; 32], || Ok(true)).unwrap());
            if is_fresh() {
                break;
            }
            assert!(Instant::now() < deadline);
        }
        assert!(!believed.check(&file, &[1; 32], || Ok(false)).unwrap());
    }

    #[test]
    fn no_more_is_kept_than_is_needed() {
        let believed = Believed::default();
        let file = settled(b"image");
        for package in 0..=u8::MAX {
            assert!(believed.check(file.as_file(), &[package; 32], || Ok(true)).unwrap());
        }
        assert_eq!(believed.lock().len(), MOST);
        assert!(!believed.check(file.as_file(), &[0; 32], || Ok(false)).unwrap(), "the oldest is forgotten");
    }
}
