//! Taking apps onto a terminal and off it.

use guichet_host::Progress;
use serde_json::json;

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::{Terminal, id},
    store::Store,
};

#[test]
fn an_app_is_listed_installed_opened_and_removed() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).asks_for(&["host:storage"]).seal("residence"));
    let terminal = Terminal::new(&store);
    assert!(terminal.host.library().is_empty(), "nothing is known yet");
    assert!(terminal.host.refresh().unwrap().changed);

    let [listing] = &terminal.host.library()[..] else { panic!("one app") };
    assert_eq!((listing.name.as_str(), listing.department_name.as_str()), ("Residence permit", "Office of residence"));
    assert_eq!((listing.glaze.as_deref(), listing.icon.as_ref().unwrap().mime), (Some("indigo"), "image/svg+xml"));
    assert!(listing.installed.is_none() && !listing.permissions[0].granted);
    assert_eq!(listing.available.as_ref().unwrap().version_name, "1.0.0");

    let mut steps = Vec::new();
    let installed = terminal.host.install(&id(PERMIT), &mut |step| steps.push(step)).unwrap();
    assert_eq!((installed.sequence, installed.version_name.as_str()), (1, "1.0.0"));
    assert!(installed.bytes_downloaded > 0);
    assert!(matches!(steps[..], [Progress::Started { .. }, .., Progress::Verified, Progress::Placed]), "{steps:?}");

    let [listing] = &terminal.host.library()[..] else { panic!("one app") };
    assert!(listing.available.is_none() && listing.permissions[0].granted);
    assert_eq!(listing.permissions[0].reason, "to keep drafts");
    assert!(terminal.home_page(PERMIT).contains("version 1"));

    terminal.host.remove(&id(PERMIT)).unwrap();
    assert!(!terminal.home().join("apps").join(PERMIT).exists());
    assert_eq!(terminal.sequence(PERMIT), None);
    assert_eq!(terminal.host.remove(&id(PERMIT)).unwrap_err().class(), "library/not-installed");
}

#[test]
fn names_follow_the_language_of_the_person() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).asks_for(&["host:storage"]).seal("residence"));
    let home = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(crate::store::NOW));
    let mut options = crate::device::options(home.path(), store.trust_file(), &clock);
    options.lang = "zh-CN".to_owned();
    let host = guichet_host::Host::open(options).unwrap();
    host.refresh().unwrap();
    let listing = host.listing(&id(PERMIT)).unwrap();
    assert_eq!((listing.name.as_str(), listing.department_name.as_str()), ("居住证", "出入境管理局"));
    assert_eq!(listing.permissions[0].reason, "保存草稿");
}

#[test]
fn what_is_installed_is_there_after_a_restart_without_a_store() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    std::fs::remove_dir_all(store.folder()).unwrap();
    let terminal = terminal.restart();
    assert_eq!(terminal.sequence(PERMIT), Some(1));
    assert!(terminal.home_page(PERMIT).contains("version 1"));
}

#[test]
fn installing_what_is_installed_fetches_nothing() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let again = terminal.install(PERMIT).unwrap();
    assert_eq!((again.sequence, again.bytes_downloaded, again.files_downloaded), (1, 0, 0));
    assert!(!terminal.host.refresh().unwrap().changed);
}

#[test]
fn removing_wipes_the_data_and_ends_the_session() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).asks_for(&["host:storage"]).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    running.call(page, "storage", "set", json!(["draft", "a citizen's name"])).unwrap();
    terminal.host.remove(&id(PERMIT)).unwrap();
    assert!(running.ending().is_closed());
    assert!(!terminal.home().join("apps").join(PERMIT).exists());

    terminal.install(PERMIT).unwrap();
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    assert_eq!(running.call(page, "storage", "get", json!(["draft"])).unwrap(), json!(null));
}

#[test]
fn removing_one_app_leaves_the_files_another_shares() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    store.release(&App::new(ESTIMATOR, 1).seal("benefits"));
    let terminal = Terminal::with(&store, PERMIT);
    let second = terminal.install(ESTIMATOR).unwrap();
    assert_eq!(second.files_downloaded, 0, "all files but the manifest are the same, and the manifest was listed");
    terminal.host.remove(&id(PERMIT)).unwrap();
    std::fs::remove_dir_all(store.folder()).unwrap();
    assert!(terminal.home_page(ESTIMATOR).contains("version 1"));
}
