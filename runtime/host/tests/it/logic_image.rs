//! The memory image of an app's logic: when it is made, that it is never needed, and when it goes.

use std::{fs, os::unix::fs::MetadataExt as _, path::PathBuf};

use insta::assert_snapshot;
use serde_json::json;

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::{Terminal, id},
    store::{Store, digest_of},
};

const COUNTER: &str =
    "let n = 41;\nexport const next = () => ++n;\nexport const at = () => loadedAt;\nconst loadedAt = Date.now();\n";

fn counter(code: u32) -> App {
    App::new(PERMIT, code).logic(COUNTER)
}

fn image(terminal: &Terminal, sequence: u64) -> PathBuf {
    terminal.home().join("apps").join(PERMIT).join(format!("slots/{sequence}/logic.image"))
}

/// Which file it is, as it stands.
fn identity(path: &PathBuf) -> Option<u64> {
    fs::metadata(path).ok().map(|image| image.ino())
}

/// What the app's logic answers, asked twice.
fn answers(terminal: &Terminal) -> [serde_json::Value; 3] {
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    let answers = ["next", "next", "at"].map(|name| running.ask(page, name, json!(null)).unwrap());
    running.close();
    answers
}

const WANTED: [i64; 3] = [42, 43, 0];

#[test]
fn an_app_that_is_installed_begins_from_its_image() {
    let mut store = Store::new();
    store.release(&counter(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let path = image(&terminal, 1);
    let made = identity(&path);
    assert!(made.is_some(), "made at installation");
    for _ in 0..2 {
        assert_eq!(answers(&terminal), WANTED.map(|number| json!(number)));
    }
    assert_eq!(identity(&path), made, "nothing is made anew");
    assert_eq!(fs::read_dir(terminal.home().join("unfinished")).unwrap().count(), 0);
}

#[test]
fn modules_that_were_altered_in_the_cache_are_not_run_by_who_begins_from_the_image() {
    let mut store = Store::new();
    let first = counter(1).seal("residence");
    store.release(&first);
    let terminal = Terminal::with(&store, PERMIT);
    fs::remove_dir_all(store.folder()).unwrap();
    fs::write(terminal.cached(&digest_of(&first, "app.js")), "export const next = () => 666;").unwrap();
    assert_eq!(answers(&terminal), WANTED.map(|number| json!(number)), "as it was signed");
}

#[test]
fn an_image_that_is_gone_or_not_ours_is_made_anew_by_a_launch() {
    let mut store = Store::new();
    store.release(&counter(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let path = image(&terminal, 1);
    let whole = fs::read(&path).unwrap();
    let mut altered = whole.clone();
    altered[whole.len() / 2] ^= 1;
    for bytes in [None, Some(&altered[..]), Some(&whole[..whole.len() / 2]), Some(b"")] {
        fs::remove_file(&path).unwrap();
        bytes.into_iter().for_each(|bytes| fs::write(&path, bytes).unwrap());
        let before = identity(&path);
        assert_eq!(answers(&terminal), WANTED.map(|number| json!(number)));
        assert_ne!(identity(&path), before);
        assert_eq!(fs::read(&path).unwrap(), whole, "the same code gives the same image");
        let made = identity(&path);
        assert_eq!(answers(&terminal), WANTED.map(|number| json!(number)));
        assert_eq!(identity(&path), made);
    }
}

#[test]
fn an_image_of_another_release_is_not_taken() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).logic("export const next = () => 'old';").seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let old = fs::read(image(&terminal, 1)).unwrap();
    store.release(&counter(2).seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    fs::write(image(&terminal, 2), old).unwrap();
    assert_eq!(answers(&terminal), WANTED.map(|number| json!(number)));
}

#[test]
fn a_home_that_cannot_hold_an_image_runs_the_app_all_the_same() {
    let mut store = Store::new();
    store.release(&counter(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let path = image(&terminal, 1);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(answers(&terminal), WANTED.map(|number| json!(number)));
    assert!(path.is_dir());
}

#[test]
fn an_image_goes_with_its_release_and_is_counted() {
    let mut store = Store::new();
    store.release(&counter(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let size = || terminal.host.listing(&id(PERMIT)).unwrap().installed.unwrap().size;
    let with_image = size();
    let image_bytes = fs::metadata(image(&terminal, 1)).unwrap().len();
    fs::remove_file(image(&terminal, 1)).unwrap();
    assert_eq!(size() + image_bytes, with_image);
    assert_eq!(answers(&terminal), WANTED.map(|number| json!(number)));

    for code in [2, 3] {
        store.release(&counter(code).seal("residence"));
        terminal.host.refresh().unwrap();
        terminal.install(PERMIT).unwrap();
        terminal.home_page(PERMIT);
    }
    assert!(!image(&terminal, 1).exists(), "left with its slot");
    assert!(image(&terminal, 3).exists());
    terminal.host.remove(&id(PERMIT)).unwrap();
    assert!(!image(&terminal, 3).exists());
}

#[test]
fn an_app_that_cannot_start_is_installed_and_says_so_when_it_is_launched() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).logic("const form = ;").seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    assert!(!image(&terminal, 1).exists());
    let ending = terminal.launch(PERMIT).ending();
    assert_eq!(ending.class, "logic/boot-failed");
    assert_snapshot!(ending.reason, @r#"
    the app's logic did not start: SyntaxError: unexpected token in expression: ';'
        at app.js:1:14
    "#);
}

#[test]
fn a_component_has_no_image() {
    let wasm = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/guests/benefit-estimator.wasm")).unwrap();
    let mut store = Store::new();
    store.release(&App::new(ESTIMATOR, 1).component(&wasm).seal("benefits"));
    let terminal = Terminal::with(&store, ESTIMATOR);
    let running = terminal.launch(ESTIMATOR);
    running.loaded();
    running.close();
    let slot = terminal.home().join("apps").join(ESTIMATOR).join("slots/1");
    assert!(slot.join("statement.json").exists() && !slot.join("logic.image").exists());
}
