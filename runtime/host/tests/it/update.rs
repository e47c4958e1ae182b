//! A newer release: only what is missing is fetched, the person's data stay, and the switch happens at once.

use std::{
    fs,
    sync::{Arc, atomic::AtomicU64, mpsc},
    time::Duration,
};

use guichet_contract::AppId;
use guichet_host::{Host, HostOptions, Progress};
use guichet_package::Brake;
use guichet_services::{Memory, print::Simulated};
use serde_json::json;

use crate::{
    app::{App, PERMIT},
    device::{Terminal, id, options},
    store::{NOW, Store, digest_of},
};

fn version(code: u32) -> App {
    App::new(PERMIT, code).asks_for(&["host:storage"])
}

#[test]
fn an_update_fetches_only_what_is_missing() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let second = version(2).seal("residence");
    store.release(&second);
    terminal.host.refresh().unwrap();
    let listing = terminal.host.listing(&id(PERMIT)).unwrap();
    let page_length = second.file("pages/home.html").unwrap().len() as u64;
    assert_eq!(listing.available.unwrap().download_bytes, page_length, "the manifest came with the list");
    let installed = terminal.install(PERMIT).unwrap();
    assert_eq!((installed.sequence, installed.files_downloaded), (2, 1), "only the first page differs");
    assert!(installed.bytes_downloaded <= page_length + 32);
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}

#[test]
fn a_staged_release_waits_for_the_next_launch_and_the_running_one_goes_on() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    running.call(page, "storage", "set", json!(["draft", "kept"])).unwrap();

    store.release(&version(2).seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.host.stage(&id(PERMIT), &mut |_| {}).unwrap();
    let listing = terminal.host.listing(&id(PERMIT)).unwrap();
    assert!(listing.staged && listing.installed.unwrap().sequence == 1);
    let old = String::from_utf8(running.session.serve("/pages/home.html").unwrap().bytes).unwrap();
    assert!(old.contains("version 1"), "a session keeps the release it began with");
    running.close();

    let running = terminal.launch(PERMIT);
    let new = String::from_utf8(running.session.serve("/pages/home.html").unwrap().bytes).unwrap();
    assert!(new.contains("version 2"));
    let page = running.loaded();
    assert_eq!(running.call(page, "storage", "get", json!(["draft"])).unwrap(), json!("kept"));
    assert!(!terminal.host.listing(&id(PERMIT)).unwrap().staged);
}

#[test]
fn a_staged_release_is_activated_on_request() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    assert_eq!(terminal.host.activate(&id(PERMIT)).unwrap_err().class(), "library/nothing-staged");
    store.release(&version(2).seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.host.stage(&id(PERMIT), &mut |_| {}).unwrap();
    terminal.host.activate(&id(PERMIT)).unwrap();
    assert_eq!(terminal.sequence(PERMIT), Some(2));
}

#[test]
fn the_release_before_stays_one_step() {
    let mut store = Store::new();
    let slots = |terminal: &Terminal| {
        let folder = terminal.home().join("apps").join(PERMIT).join("slots");
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.home_page(PERMIT);
    for code in 2..=3 {
        store.release(&version(code).seal("residence"));
        terminal.host.refresh().unwrap();
        terminal.install(PERMIT).unwrap();
    }
    assert_eq!(slots(&terminal), ["1", "3"], "2 was never launched, 1 is the last that is known to run");
    terminal.home_page(PERMIT);
    store.release(&version(4).seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    assert_eq!(slots(&terminal), ["3", "4"]);
}

#[test]
fn what_no_release_needs_any_more_leaves_the_cache() {
    let mut store = Store::new();
    let first = version(1).seal("residence");
    store.release(&first);
    let terminal = Terminal::with(&store, PERMIT);
    let old_page = terminal.cached(&digest_of(&first, "pages/home.html"));
    assert!(old_page.exists());
    for code in 2..=3 {
        store.release(&version(code).seal("residence"));
        terminal.host.refresh().unwrap();
        terminal.install(PERMIT).unwrap();
        terminal.home_page(PERMIT);
    }
    assert!(!old_page.exists());
}

#[test]
fn a_brake_stops_a_release_and_leaves_what_is_installed() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let second = store.release(&version(2).seal("residence"));
    store.brake(&Brake::halt(&second, "it loses drafts"));
    terminal.host.refresh().unwrap();
    assert!(terminal.host.listing(&id(PERMIT)).unwrap().available.is_none());
    let error = terminal.install(PERMIT).unwrap_err();
    insta::assert_snapshot!(error, @"release 2 of gov.example.residence.permit is halted: it loses drafts");
    insta::assert_snapshot!(error.hint(), @"wait for the next release; what is installed keeps running");
    assert!(terminal.home_page(PERMIT).contains("version 1"));
    store.release(&version(3).seal("residence"));
    terminal.host.refresh().unwrap();
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 3);
}

#[test]
fn a_rollout_takes_only_its_share_of_terminals() {
    let mut store = Store::new();
    store.release_as(&version(1).seal("residence"), true, |release| release.rollout.ceiling = 0);
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    assert!(terminal.host.library().is_empty());
    let error = terminal.install(PERMIT).unwrap_err();
    insta::assert_snapshot!(error, @"release 1 of gov.example.residence.permit is not for this terminal yet");

    store.release_as(&version(2).seal("residence"), true, |release| release.rollout.start = NOW + 1000);
    terminal.host.refresh().unwrap();
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/not-yet");
    terminal.set_time(NOW + 1000);
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
}

#[test]
fn an_app_is_offered_only_where_its_parts_are() {
    let mut store = Store::new();
    let requires = json!({"requires": ["print"]});
    store.release(&App::new(PERMIT, 1).manifest("guichet", requires).seal("residence"));
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    assert!(terminal.host.library().is_empty());
    let error = terminal.install(PERMIT).unwrap_err();
    insta::assert_snapshot!(error, @"gov.example.residence.permit needs a printer, and this terminal has none");

    let home = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicU64::new(NOW));
    let services = Memory::default().with_printer(Arc::new(Simulated::new("A4")));
    let options = options(home.path(), store.trust_file(), &clock);
    let host = Host::open(HostOptions { services: Arc::new(services), ..options }).unwrap();
    host.refresh().unwrap();
    assert!(host.listing(&id(PERMIT)).unwrap().available.is_some());
    assert_eq!(host.install(&id(PERMIT), &mut |_| {}).unwrap().sequence, 1);
}

#[test]
fn a_recalled_release_does_not_run() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    store.release_as(&version(2).seal("residence"), true, |release| {
        release.revoked.insert(1);
    });
    terminal.host.refresh().unwrap();
    let error = crate::device::Running::try_start(&terminal.host, PERMIT).err().unwrap();
    insta::assert_snapshot!(error, @"release 1 of gov.example.residence.permit has been revoked");
    insta::assert_snapshot!(error.hint(), @"refresh and install the newer release");
    terminal.install(PERMIT).unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}

#[test]
fn a_host_that_is_kept_fresh_finds_and_stages_a_new_release() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let (tell, told) = mpsc::channel();
    let (fetched, progress) = mpsc::channel();
    let on_progress = move |app: &AppId, progress| fetched.send((app.clone(), progress)).unwrap();
    let fresh =
        terminal.host.keep_fresh(Duration::from_secs(3600), on_progress, move |news| tell.send(news).unwrap()).unwrap();
    assert!(told.recv_timeout(Duration::from_secs(30)).unwrap().staged.is_empty());
    store.release(&version(2).seal("residence"));
    fresh.now();
    let news = told.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!((news.changed, news.staged, news.failed), (true, vec![id(PERMIT)], vec![]));
    fresh.stop();
    let progress: Vec<_> = progress.iter().collect();
    assert!(matches!(progress.first(), Some((_, Progress::Started { files: 1, .. }))), "{progress:?}");
    assert_eq!(progress.last(), Some(&(id(PERMIT), Progress::Placed)));
    assert!(terminal.host.listing(&id(PERMIT)).unwrap().staged);
}

#[test]
fn what_a_department_lists_in_hash_bins_is_taken_like_what_it_lists_itself() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let next = version(2).seal("residence");
    let release = store.document_of(&next, 2);
    store.put_package(&next);
    store.list_release(&"residence".parse().unwrap(), &id(PERMIT), &release, true);
    store.bin("residence", &["ana"]);
    store.bin("residence-wide", &["ana", "bo"]);
    store.publish();
    assert_eq!(terminal.host.refresh().unwrap().refused, []);
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
    fs::remove_dir_all(store.folder()).unwrap();
    let terminal = terminal.restart();
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}
