//! Nothing widens without two reviewers, and nothing is held that anybody has taken back.

use guichet_host::Host;
use serde_json::json;

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal, id, options},
    store::Store,
};

fn version(code: u32) -> App {
    App::new(PERMIT, code)
}

#[test]
fn a_release_that_widens_without_the_wide_role_is_refused() {
    let mut store = Store::new();
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    store.release_as(&version(2).asks_for(&["host:storage"]).seal("residence"), false, |_| {});
    let refreshed = terminal.host.refresh().unwrap();
    assert_eq!(refreshed.refused[0].1.class, "release/widened");
    let error = terminal.install(PERMIT).unwrap_err();
    insta::assert_snapshot!(error, @"release 2 of gov.example.residence.permit asks for host:storage, which its department's wide role has not granted");
    insta::assert_snapshot!(error.hint(), @"two reviewers of its department have to approve this release of gov.example.residence.permit with their role for wider permissions");
    assert_eq!(terminal.sequence(PERMIT), Some(1));
    assert!(terminal.home_page(PERMIT).contains("version 1"));
}

#[test]
fn a_first_release_that_asks_for_something_needs_the_wide_role() {
    let mut store = Store::new();
    store.release_as(&version(1).asks_for(&["host:storage"]).seal("residence"), false, |_| {});
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/widened");
}

#[test]
fn what_was_widened_once_stays_granted_to_later_releases() {
    let mut store = Store::new();
    store.release(&version(1).asks_for(&["host:storage"]).seal("residence"));
    store.release_as(&version(2).asks_for(&["host:storage"]).seal("residence"), false, |_| {});
    let terminal = Terminal::with(&store, PERMIT);
    assert_eq!(terminal.sequence(PERMIT), Some(2));
}

#[test]
fn review_may_grant_less_than_is_asked_for() {
    let mut store = Store::new();
    store.release_as(&version(1).asks_for(&["host:storage"]).seal("residence"), true, |release| {
        release.permissions.clear()
    });
    let terminal = Terminal::with(&store, PERMIT);
    assert!(!terminal.host.listing(&id(PERMIT)).unwrap().permissions[0].granted);
    let (name, _) = read(&terminal.launch(PERMIT)).unwrap_err();
    assert_eq!(name, "DeniedError");
}

fn read(running: &Running) -> Result<serde_json::Value, (String, String)> {
    running.call(running.loaded(), "storage", "get", json!(["draft"]))
}

#[test]
fn a_withdrawn_permission_denies_the_next_call_of_a_running_app() {
    let mut store = Store::new();
    store.release(&version(1).asks_for(&["host:storage"]).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    let set = |text: &str| running.call(page, "storage", "set", json!(["draft", text]));
    set("kept").unwrap();
    let storage = "host:storage".parse().unwrap();
    terminal.host.withdraw(&id(PERMIT), &storage).unwrap();
    let (name, message) = set("lost").unwrap_err();
    assert_eq!(name, "DeniedError");
    insta::assert_snapshot!(message, @r#"the permission `host:storage` is missing; hint: ask for it in manifest.json: "req_permissions": [{"name": "host:storage", "reason": "…"}]"#);
    assert!(!terminal.host.listing(&id(PERMIT)).unwrap().permissions[0].granted);
    running.close();
    drop(running);

    let terminal = terminal.restart();
    assert_eq!(read(&terminal.launch(PERMIT)).unwrap_err().0, "DeniedError", "it stays withdrawn");
    terminal.host.restore(&id(PERMIT), &storage).unwrap();
    assert_eq!(read(&terminal.launch(PERMIT)).unwrap(), json!("kept"));
}

#[test]
fn a_withdrawal_outlives_an_update() {
    let mut store = Store::new();
    store.release(&version(1).asks_for(&["host:storage"]).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.host.withdraw(&id(PERMIT), &"host:storage".parse().unwrap()).unwrap();
    store.release(&version(2).asks_for(&["host:storage"]).seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    assert_eq!(read(&terminal.launch(PERMIT)).unwrap_err().0, "DeniedError");
}

#[test]
fn what_the_owner_of_the_device_withholds_no_app_gets() {
    let mut store = Store::new();
    store.release(&version(1).asks_for(&["host:storage"]).seal("residence"));
    let terminal = Terminal::new(&store);
    let mut options = options(&terminal.home().join("second"), store.trust_file(), &terminal.clock);
    options.policy.withheld.insert("host:storage".parse().unwrap());
    let host = Host::open(options).unwrap();
    host.refresh().unwrap();
    host.install(&id(PERMIT), &mut |_| {}).unwrap();
    assert_eq!(read(&Running::start(&host, PERMIT)).unwrap_err().0, "DeniedError");
}
