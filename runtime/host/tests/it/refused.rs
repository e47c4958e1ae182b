//! What a store, a mirror or a disk may try, and what the host says to it. What was installed always keeps running.

use std::{fs, io::Write, path::Path};

use guichet_host::HostError;
use guichet_package::PackageFile;

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::{Running, Terminal, id},
    store::{DAY, NOW, Store, department, digest_of, root_of},
};

fn version(code: u32) -> PackageFile {
    App::new(PERMIT, code).seal("residence")
}

fn flip_a_byte(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// A terminal with release 1, and a store with release 2.
fn with_an_update() -> (Store, Terminal, PackageFile) {
    let mut store = Store::new();
    store.release(&version(1));
    let terminal = Terminal::with(&store, PERMIT);
    let second = version(2);
    store.release(&second);
    (store, terminal, second)
}

/// The refusal of an installation that leaves release 1 as it was.
fn refused(terminal: &Terminal) -> HostError {
    let error = terminal.install(PERMIT).unwrap_err();
    assert_eq!(terminal.sequence(PERMIT), Some(1));
    assert!(terminal.home_page(PERMIT).contains("version 1"));
    error
}

#[test]
fn a_blob_that_was_altered_on_the_server() {
    let (store, terminal, second) = with_an_update();
    flip_a_byte(&store.plain_blob(second.file("pages/home.html").unwrap()));
    terminal.host.refresh().unwrap();
    let error = refused(&terminal);
    assert_eq!(error.class(), "blob/altered");
    assert!(error.place().unwrap().contains(&digest_of(&second, "pages/home.html").to_string()));
}

#[test]
fn a_compressed_blob_that_was_altered_on_the_server() {
    let (store, terminal, second) = with_an_update();
    let plain = store.plain_blob(second.file("pages/home.html").unwrap());
    let compressed = zstd::encode_all(&fs::read(&plain).unwrap()[..], 3).unwrap();
    fs::write(plain.with_extension("zst"), compressed).unwrap();
    flip_a_byte(&plain);
    terminal.host.refresh().unwrap();
    // A page this small is not worth a compressed sibling: the plain one is read.
    assert_eq!(refused(&terminal).class(), "blob/altered");
}

#[test]
fn a_blob_that_was_cut_short_on_the_server() {
    let (store, terminal, second) = with_an_update();
    let path = store.plain_blob(second.file("pages/home.html").unwrap());
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    terminal.host.refresh().unwrap();
    assert_eq!(refused(&terminal).class(), "blob/truncated");
}

#[test]
fn a_blob_that_grew_on_the_server() {
    let (store, terminal, second) = with_an_update();
    let path = store.plain_blob(second.file("pages/home.html").unwrap());
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"more").unwrap();
    terminal.host.refresh().unwrap();
    assert_eq!(refused(&terminal).class(), "blob/too-large");
}

#[test]
fn a_blob_that_is_missing_on_the_server() {
    let (store, terminal, second) = with_an_update();
    fs::remove_file(store.plain_blob(second.file("pages/home.html").unwrap())).unwrap();
    terminal.host.refresh().unwrap();
    let error = refused(&terminal);
    insta::assert_snapshot!(error, @"the store does not have a file that it has promised");
    insta::assert_snapshot!(error.hint(), @"try again in a minute: the store may be publishing; if it stays so, tell its operator");
}

#[test]
fn a_file_that_was_altered_in_the_cache_is_fetched_again() {
    let mut store = Store::new();
    let first = version(1);
    store.release(&first);
    let terminal = Terminal::with(&store, PERMIT);
    let cached = terminal.cached(&digest_of(&first, "pages/home.html"));
    flip_a_byte(&cached);
    assert!(terminal.home_page(PERMIT).contains("version 1"));
    assert!(terminal.home().join("quarantine").join(cached.file_name().unwrap()).is_file());
}

#[test]
fn a_file_that_was_altered_in_the_cache_is_not_served_without_a_store() {
    let mut store = Store::new();
    let first = version(1);
    store.release(&first);
    let terminal = Terminal::with(&store, PERMIT);
    fs::remove_dir_all(store.folder()).unwrap();
    flip_a_byte(&terminal.cached(&digest_of(&first, "pages/home.html")));
    let running = terminal.launch(PERMIT);
    let refusal = running.session.serve("/pages/home").unwrap_err();
    assert_eq!((refusal.status, refusal.class), (502, "cache/altered"));
    insta::assert_snapshot!(refusal, @"a file of gov.example.residence.permit on this device was altered or is missing");
    assert!(running.session.serve("/pages/form").is_ok(), "the other files are sound");
}

#[test]
fn logic_that_was_altered_in_the_cache_is_not_run_without_a_store() {
    let mut store = Store::new();
    let first = version(1);
    store.release(&first);
    let terminal = Terminal::with(&store, PERMIT);
    fs::remove_dir_all(store.folder()).unwrap();
    fs::write(terminal.cached(&digest_of(&first, "app.js")), "export default { launched() { steal() } }").unwrap();
    // Who begins from its image does not read it.
    fs::remove_file(terminal.home().join("apps").join(PERMIT).join("slots/1/logic.image")).unwrap();
    let error = Running::try_start(&terminal.host, PERMIT).err().unwrap();
    assert_eq!((error.class(), error.place().as_deref()), ("cache/altered", Some("app.js")));
    insta::assert_snapshot!(error.hint(), @"connect this device to the store: the file is set aside and fetched again when it is next needed");
}

#[test]
fn a_record_that_was_altered_on_this_device() {
    let mut store = Store::new();
    store.release(&version(1));
    let terminal = Terminal::with(&store, PERMIT);
    let slot = terminal.home().join("apps").join(PERMIT).join("slots/1");
    let statement = fs::read_to_string(slot.join("statement.json")).unwrap();
    fs::write(slot.join("statement.json"), statement.replace("pages/form.js", "pages/evil.js")).unwrap();
    let error = Running::try_start(&terminal.host, PERMIT).err().unwrap();
    assert_eq!(error.class(), "seal/bad-signature");
    fs::write(slot.join("statement.json"), statement).unwrap();

    let release = fs::read_to_string(slot.join("release.json")).unwrap();
    fs::write(
        slot.join("release.json"),
        release.replace(r#""permissions":[]"#, r#""permissions":[{"name":"host:storage"}]"#),
    )
    .unwrap();
    assert_eq!(Running::try_start(&terminal.host, PERMIT).err().unwrap().class(), "release/permission");
    fs::write(slot.join("release.json"), "{").unwrap();
    assert!(Running::try_start(&terminal.host, PERMIT).is_err());
}

#[test]
fn an_older_release_than_the_accepted_one() {
    let (mut store, terminal, _) = with_an_update();
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    // The reviewers themselves sign the older document again.
    let older = store.document_of(&version(1), 1);
    store.list_release(&department(&id(PERMIT)), &id(PERMIT), &older, true);
    store.publish();
    terminal.host.refresh().unwrap();
    assert!(terminal.host.listing(&id(PERMIT)).unwrap().available.is_none());
    let error = terminal.install(PERMIT).unwrap_err();
    insta::assert_snapshot!(error, @"the store offers release 1 of gov.example.residence.permit, but this device has accepted release 2");
    assert_eq!(error.class(), "release/rollback");
    assert_eq!(terminal.sequence(PERMIT), Some(2));
}

#[test]
fn two_packages_under_one_number() {
    let mut store = Store::new();
    store.release(&version(1));
    let terminal = Terminal::with(&store, PERMIT);
    let other = store.document_of(&version(2), 1);
    store.put_package(&version(2));
    store.list_release(&department(&id(PERMIT)), &id(PERMIT), &other, true);
    store.publish();
    terminal.host.refresh().unwrap();
    let error = refused(&terminal);
    insta::assert_snapshot!(error, @"the store offers another package as release 1 of gov.example.residence.permit than the one on this device");
}

#[test]
fn an_installed_release_below_the_floor() {
    let (mut store, terminal, _) = with_an_update();
    store.release_as(&version(3), true, |release| release.floor = 3);
    terminal.host.refresh().unwrap();
    let error = Running::try_start(&terminal.host, PERMIT).err().unwrap();
    insta::assert_snapshot!(error, @"release 1 of gov.example.residence.permit is below the floor 3");
    terminal.install(PERMIT).unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 3"));
}

#[test]
fn metadata_that_was_rolled_back() {
    let (store, terminal, _) = with_an_update();
    let old = fs::read(store.folder().join("metadata/timestamp.json")).unwrap();
    terminal.host.refresh().unwrap();
    let mut store = store;
    store.publish();
    terminal.host.refresh().unwrap();
    fs::write(store.folder().join("metadata/timestamp.json"), old).unwrap();
    let error = terminal.host.refresh().unwrap_err();
    assert_eq!(error.class(), "metadata/rollback");
    assert_eq!(terminal.host.freshness().last_error.unwrap().class, "metadata/rollback");
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2, "what was known before is still good");
}

#[test]
fn metadata_signed_by_the_wrong_key() {
    let (mut store, terminal, _) = with_an_update();
    store.publish_signed("stranger");
    let error = terminal.host.refresh().unwrap_err();
    assert!(error.class().starts_with("metadata/"), "{}", error.class());
    assert_eq!(error.place().as_deref(), Some("timestamp.json"));
    refused_as_unknown(&terminal);
}

/// Release 2 is not known, so release 1 is the newest.
fn refused_as_unknown(terminal: &Terminal) {
    assert_eq!(terminal.install(PERMIT).unwrap().bytes_downloaded, 0);
    assert_eq!(terminal.sequence(PERMIT), Some(1));
}

#[test]
fn a_snapshot_that_is_mixed_with_an_older_role() {
    let (store, terminal, _) = with_an_update();
    let metadata = store.folder().join("metadata");
    let version = store.current_role("residence").version();
    let old = fs::read(metadata.join(format!("{}.residence.json", version - 1))).unwrap();
    fs::write(metadata.join(format!("{version}.residence.json")), old).unwrap();
    let refreshed = terminal.host.refresh().unwrap();
    assert_eq!(refreshed.refused.len(), 1);
    assert_eq!(refreshed.refused[0].0, format!("{version}.residence.json"));
    assert!(terminal.home_page(PERMIT).contains("version 1"), "only the department's news are lost");
}

#[test]
fn metadata_that_has_expired() {
    let (store, terminal, _) = with_an_update();
    terminal.host.refresh().unwrap();
    terminal.set_time(NOW + 2 * DAY);
    let error = terminal.host.refresh().unwrap_err();
    assert_eq!(error.class(), "metadata/expired");
    let freshness = terminal.host.freshness();
    assert!(freshness.expired);
    assert_eq!((freshness.expired_since_ms, freshness.last_refresh_ms), (Some(NOW + DAY), Some(NOW)));
    let error = refused(&terminal);
    insta::assert_snapshot!(error, @"what this host knows of the store is too old: its timestamp ended at 2026-01-02T00:00:00Z");
    insta::assert_snapshot!(error.hint(), @"connect to the store and refresh; if it stays so, the store's operator has to renew its metadata. What is installed keeps running");

    let mut store = store;
    store.now.set(NOW + 2 * DAY);
    store.publish();
    terminal.host.refresh().unwrap();
    assert!(!terminal.host.freshness().expired);
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
}

#[test]
fn a_package_sealed_by_nobody_known() {
    let mut store = Store::new();
    store.release(&App::new(ESTIMATOR, 1).seal("benefits"));
    store.release(&App::new(PERMIT, 1).seal("stranger"));
    let terminal = Terminal::new(&store);
    let refreshed = terminal.host.refresh().unwrap();
    assert_eq!(refreshed.refused[0].0, "apps/residence/gov.example.residence.permit/stable.json");
    assert_eq!(refreshed.refused[0].1.class, "seal/unknown-publisher");
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "seal/unknown-publisher");
    assert_eq!(terminal.install(ESTIMATOR).unwrap().sequence, 1, "the other department is not touched");
}

#[test]
fn a_package_whose_key_was_revoked() {
    let mut store = Store::new();
    store.release(&version(1));
    let terminal = Terminal::with(&store, PERMIT);
    let keys = store.keys.get_mut(&department(&id(PERMIT))).unwrap();
    keys.keys[0].revoked = true;
    store.list_keys();
    terminal.host.refresh().unwrap();
    let error = Running::try_start(&terminal.host, PERMIT).err().unwrap();
    assert_eq!(error.class(), "seal/revoked-key");
    assert!(terminal.install(PERMIT).is_err());
}

#[test]
fn an_app_of_another_department() {
    let mut store = Store::new();
    // The reviewers of residence list an app under the prefix of benefits, sealed by residence.
    let package = App::new(ESTIMATOR, 1).seal("residence");
    let release = store.document_of(&package, 1);
    store.put_package(&package);
    let residence = department(&id(PERMIT));
    store.list_release(&residence, &id(ESTIMATOR), &release, true);
    store.publish();
    let terminal = Terminal::new(&store);
    let refreshed = terminal.host.refresh().unwrap();
    assert_eq!(refreshed.refused[0].1.class, "seal/foreign-app-id");
    assert!(terminal.host.library().is_empty());
}

#[test]
fn a_release_document_at_the_place_of_another_app() {
    let mut store = Store::new();
    let permit = App::new(PERMIT, 1).seal("residence");
    let release = store.document_of(&permit, 1);
    store.put_package(&permit);
    let other = id("gov.example.residence.other");
    store.list_release(&department(&other), &other, &release, true);
    store.publish();
    let terminal = Terminal::new(&store);
    let refreshed = terminal.host.refresh().unwrap();
    assert_eq!(refreshed.refused[0].1.class, "release/misplaced");
}

#[test]
fn a_release_document_about_another_package() {
    let mut store = Store::new();
    let (honest, other) = (version(1), App::new(PERMIT, 1).file("pages/form.js", "steal()").seal("residence"));
    let mut release = store.document_of(&honest, 1);
    release.container = other.container();
    store.put_package(&honest);
    store.list_release(&department(&id(PERMIT)), &id(PERMIT), &release, true);
    store.publish();
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/other-package");
    assert_eq!(terminal.sequence(PERMIT), None);
}

#[test]
fn a_document_that_demands_what_this_host_does_not_know() {
    let mut store = Store::new();
    store.release_as(&version(1), true, |release| release.must_understand = vec!["quarantine".to_owned()]);
    let terminal = Terminal::new(&store);
    let refreshed = terminal.host.refresh().unwrap();
    assert_eq!(refreshed.refused.len(), 1);
    assert!(refreshed.refused[0].1.class.starts_with("document/"), "{:?}", refreshed.refused);
}

#[test]
fn an_app_that_needs_a_newer_host() {
    let mut store = Store::new();
    let platform = serde_json::json!({"min_code": 99});
    store.release(&App::new(PERMIT, 1).manifest("platform_version", platform).seal("residence"));
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    let error = terminal.install(PERMIT).unwrap_err();
    insta::assert_snapshot!(error, @"gov.example.residence.permit needs platform code 99, this host implements 1");
    insta::assert_snapshot!(error.hint(), @"update the host on this device");
}

#[test]
fn a_terminal_of_another_store_believes_nothing() {
    let mut store = Store::new();
    store.release(&version(1));
    let terminal = Terminal::with(&store, PERMIT);
    let trust = guichet_package::TrustFile::new(&root_of("strangers"), &store.trust_file().static_url, "").unwrap();
    let options = crate::device::options(terminal.home(), trust, &terminal.clock);
    let terminal = terminal.reopened(options);
    assert!(terminal.host.library().is_empty(), "what the other root had verified is verified no more");
    let error = terminal.host.refresh().unwrap_err();
    assert_eq!(error.place().as_deref(), Some("timestamp.json"));
    assert_eq!(Running::try_start(&terminal.host, PERMIT).err().unwrap().class(), "metadata/no-publisher-keys");
}

#[test]
fn an_app_nobody_offers() {
    let store = Store::new();
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    let error = terminal.install("gov.example.nowhere").unwrap_err();
    insta::assert_snapshot!(error, @"there is no app gov.example.nowhere for this terminal");
    insta::assert_snapshot!(error.hint(), @"refresh, and look the app up in the list of apps");
}
