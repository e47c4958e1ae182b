//! The part of a bucket that lies here, too: at most so many bytes, and nothing that somebody is using is taken away.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

/// Which files of a folder may be taken away, and which may not now.
#[derive(Debug)]
pub(super) struct Cache {
    room: u64,
    /// Bytes that came since it was last cleared.
    came: AtomicU64,
    /// How many use each file.
    held: Mutex<HashMap<PathBuf, usize>>,
    /// What is being fetched.
    fetched: Mutex<HashSet<PathBuf>>,
    done: Condvar,
}

/// Somebody's turn to fetch a file that nobody else is fetching.
pub(super) struct Turn<'a> {
    cache: &'a Cache,
    path: &'a Path,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    pub(super) fn new(room: u64) -> Self {
        Self { room, came: AtomicU64::new(0), held: Mutex::default(), fetched: Mutex::default(), done: Condvar::new() }
    }

    pub(super) fn hold(&self, path: &Path) {
        *locked(&self.held).entry(path.to_owned()).or_default() += 1;
    }

    pub(super) fn let_go(&self, path: &Path) {
        let mut held = locked(&self.held);
        if let Some(count) = held.get_mut(path) {
            *count -= 1;
            if *count == 0 {
                held.remove(path);
            }
        }
    }

    /// Waits until nobody fetches this.
    pub(super) fn turn<'a>(&'a self, path: &'a Path) -> Turn<'a> {
        let mut fetched = locked(&self.fetched);
        while !fetched.insert(path.to_owned()) {
            fetched = self.done.wait(fetched).unwrap_or_else(PoisonError::into_inner);
        }
        Turn { cache: self, path }
    }

    /// Says whether it is time to look how much lies here: when a sixteenth of the room came.
    pub(super) fn grew(&self, bytes: u64) -> bool {
        self.came.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes) > self.room / 16
    }

    /// Removes the oldest files below these folders until a quarter of the room is free, if there is no room any more.
    pub(super) fn trim(&self, folders: &[PathBuf], may_go: impl Fn(&Path) -> bool) -> io::Result<()> {
        self.came.store(0, Ordering::Relaxed);
        let mut files = Vec::new();
        let mut folders = folders.to_vec();
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(&folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                let entry = entry?;
                let Ok(found) = entry.metadata() else { continue };
                if found.is_dir() {
                    folders.push(entry.path());
                } else {
                    files.push((found.modified().unwrap_or(SystemTime::UNIX_EPOCH), found.len(), entry.path()));
                }
            }
        }
        let mut total: u64 = files.iter().map(|(_, length, _)| length).sum();
        if total <= self.room {
            return Ok(());
        }
        files.sort();
        for (_, length, path) in files {
            if total <= self.room / 4 * 3 {
                break;
            }
            let held = locked(&self.held);
            if !held.contains_key(&path) && may_go(&path) {
                fs::remove_file(&path)?;
                total -= length;
            }
        }
        Ok(())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        locked(&self.cache.fetched).remove(self.path);
        self.cache.done.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_and_what_is_used_or_lies_nowhere_else_stays() {
        let place = tempfile::tempdir().unwrap();
        let path = |number: usize| place.path().join("a").join(number.to_string());
        fs::create_dir(place.path().join("a")).unwrap();
        let cache = Cache::new(400);
        for number in 0..6 {
            let file = fs::File::create(path(number)).unwrap();
            fs::write(path(number), [0; 100]).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64)).unwrap();
        }
        cache.hold(&path(0));
        cache.trim(&[place.path().to_owned(), place.path().join("none")], |path| !path.ends_with("1")).unwrap();
        let left: Vec<_> = (0..6).filter(|number| path(*number).exists()).collect();
        assert_eq!(left, [0, 1, 5]);
        cache.let_go(&path(0));
        assert!(cache.held.lock().unwrap().is_empty());
        assert!(!cache.grew(25) && cache.grew(1));
    }
}
