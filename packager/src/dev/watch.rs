//! Noticing changes of a folder: only where what is packed, or what it is made of, can lie.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind};

use super::pack::Source;

/// Watches folders one by one, so that thousands of folders that do not matter cost nothing.
pub(crate) struct Watch {
    watcher: RecommendedWatcher,
    source: Source,
    watched: BTreeSet<PathBuf>,
}

impl Watch {
    /// Begins to watch; `changed` hears of each path, on another thread.
    pub(crate) fn begin(
        source: Source,
        changed: impl Fn(PathBuf) + Send + 'static,
    ) -> Result<Self, (PathBuf, notify::Error)> {
        let directory = source.directory.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            if is_change(event.kind) {
                event.paths.into_iter().for_each(&changed);
            }
        });
        let watcher = watcher.map_err(|error| (directory.clone(), error))?;
        let mut watch = Self { watcher, source, watched: BTreeSet::new() };
        watch.follow()?;
        if watch.watched.is_empty() {
            return Err((directory, notify::Error::path_not_found()));
        }
        Ok(watch)
    }

    /// Watches folders that are new; those that are gone are forgotten.
    pub(crate) fn follow(&mut self) -> Result<(), (PathBuf, notify::Error)> {
        let now = folders(&self.source);
        self.watched.retain(|folder| now.contains(folder));
        for folder in now {
            if !self.watched.contains(&folder) {
                match self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                    Ok(()) => drop(self.watched.insert(folder)),
                    // It went while we looked.
                    Err(_) if !folder.exists() => {}
                    Err(error) => return Err((folder, error)),
                }
            }
        }
        Ok(())
    }
}

fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(_) => false,
        EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    }
}

/// Every folder that counts.
fn folders(source: &Source) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    let mut left = vec![source.directory.clone()];
    left.extend(source.from.iter().filter(|from| from.is_dir()).cloned());
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) && counts(source, &entry.path()) {
                left.push(entry.path());
            }
        }
        all.insert(folder);
    }
    all
}

/// What is made, fetched or hidden does not count; neither does the folder of packages.
fn counts(source: &Source, folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let is_output = name == "dist" && folder.parent() == Some(&source.directory);
    let is_asked_for = source.from.as_deref() == Some(folder);
    let is_of_cargo = || folder.with_file_name("Cargo.toml").is_file();
    !(name.starts_with('.') || name == "node_modules" || is_output || name == "target" && is_of_cargo()) || is_asked_for
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::mpsc, time::Duration};

    use super::*;

    fn project() -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().unwrap();
        for inner in ["pages", "node_modules/x", "dist", "logic/src", "logic/target/x", ".git"] {
            fs::create_dir_all(folder.path().join(inner)).unwrap();
        }
        fs::write(folder.path().join("logic/Cargo.toml"), "").unwrap();
        let source = Source { directory: folder.path().to_owned(), from: None };
        (folder, source)
    }

    #[test]
    fn only_folders_that_count_are_watched() {
        let (folder, source) = project();
        let names = |source: &Source| -> Vec<String> {
            let inside = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().display().to_string();
            folders(source).iter().map(inside).collect()
        };
        assert_eq!(names(&source), ["", "logic", "logic/src", "pages"]);
        let from = Source { from: Some(folder.path().join("dist")), ..source };
        assert_eq!(names(&from), ["", "dist", "logic", "logic/src", "pages"]);
    }

    #[test]
    fn a_change_is_heard_and_so_is_one_in_a_new_folder() {
        let (folder, source) = project();
        let (sender, heard) = mpsc::channel();
        let mut watch = Watch::begin(source, move |path| drop(sender.send(path))).unwrap();
        let until = |wanted: &Path| {
            while heard.recv_timeout(Duration::from_secs(20)).unwrap() != wanted {}
        };
        let page = folder.path().join("pages/a.html");
        fs::write(&page, "x").unwrap();
        until(&page);
        let new = folder.path().join("common");
        fs::create_dir(&new).unwrap();
        until(&new);
        watch.follow().unwrap();
        fs::write(new.join("b.js"), "x").unwrap();
        until(&new.join("b.js"));
    }
}
