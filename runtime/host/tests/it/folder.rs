//! Updating from a folder that somebody carries: all checks are the same, in whatever state the folder is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    app::{App, PERMIT},
    device::{Terminal, copy, id},
    store::Store,
};

/// The files of a folder, by path below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path.strip_prefix(folder).unwrap().to_owned()) }
        }
    }
    found.sort();
    found
}

fn carry(from: &Path, to: &Path, path: &Path) {
    fs::create_dir_all(to.join(path).parent().unwrap()).unwrap();
    fs::copy(from.join(path), to.join(path)).unwrap();
}

#[test]
fn a_folder_that_is_copied_bit_by_bit_is_taken_when_it_is_whole_and_never_before() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let stick = tempfile::tempdir().unwrap();
    copy(store.folder(), stick.path());
    let terminal = Terminal::from_folder(&store, stick.path());
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    terminal.home_page(PERMIT);
    let before = files(store.folder());
    store.release(&App::new(PERMIT, 2).file("pages/new.html", "new").seal("residence"));
    // The worst order: what says what is current is there first.
    let mut missing: Vec<_> = files(store.folder()).into_iter().filter(|path| !before.contains(path)).collect();
    missing.retain(|path| !path.ends_with("timestamp.json") && path.extension().is_none_or(|end| end != "zst"));
    assert!(missing.len() > 5);
    carry(store.folder(), stick.path(), Path::new("metadata/timestamp.json"));
    for path in &missing {
        let news = terminal.host.refresh_and_stage(|_, _| {});
        assert!(news.staged.is_empty(), "without {path:?} and those after it");
        assert!(terminal.home_page(PERMIT).contains("version 1"));
        // Half a file is no file.
        let bytes = fs::read(store.folder().join(path)).unwrap();
        fs::create_dir_all(stick.path().join(path).parent().unwrap()).unwrap();
        fs::write(stick.path().join(path), &bytes[..bytes.len() / 2]).unwrap();
        assert!(terminal.host.refresh_and_stage(|_, _| {}).staged.is_empty(), "with half of {path:?}");
        carry(store.folder(), stick.path(), path);
    }
    assert_eq!(terminal.host.refresh_and_stage(|_, _| {}).staged, [id(PERMIT)]);
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}

#[test]
fn a_folder_that_was_pulled_out_or_is_older_changes_nothing() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let older = tempfile::tempdir().unwrap();
    copy(store.folder(), older.path());
    store.release(&App::new(PERMIT, 2).seal("residence"));
    let stick = tempfile::tempdir().unwrap();
    let place = stick.path().join("store");
    copy(store.folder(), &place);
    let terminal = Terminal::from_folder(&store, &place);
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    fs::remove_dir_all(&place).unwrap();
    assert_eq!(terminal.host.refresh().unwrap_err().class(), "store/unreachable");
    copy(older.path(), &place);
    assert_eq!(terminal.host.refresh().unwrap_err().class(), "metadata/rollback");
    assert_eq!(terminal.sequence(PERMIT), Some(2));
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}
