//! Without a store: what is installed runs, and the terminal says since when it has not heard from it.

use std::fs;

use crate::{
    app::{App, PERMIT},
    device::{Terminal, copy, options},
    store::{NOW, Store},
};

#[test]
fn a_store_that_cannot_be_reached_stops_nothing_that_is_installed() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.set_time(NOW + 5000);
    fs::remove_dir_all(store.folder()).unwrap();
    let error = terminal.host.refresh().unwrap_err();
    assert_eq!(error.class(), "store/unreachable");
    insta::assert_snapshot!(error.hint(), @"check the network; what is installed keeps running");
    let freshness = terminal.host.freshness();
    assert_eq!(freshness.last_refresh_ms, Some(NOW));
    assert_eq!(freshness.last_error.unwrap().class, "store/unreachable");
    let terminal = terminal.restart();
    assert_eq!(terminal.host.freshness().last_refresh_ms, Some(NOW), "it is remembered");
    assert!(terminal.home_page(PERMIT).contains("version 1"));
}

#[test]
fn a_store_over_http_that_is_down_is_said_with_its_address() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut trust = store.trust_file();
    trust.static_url = format!("http://{address}/static");
    let home = terminal.home().to_owned();
    let clock = std::sync::Arc::clone(&terminal.clock);
    let Terminal { host, .. } = &terminal;
    let other_home = tempfile::tempdir().unwrap();
    copy(&home, other_home.path());
    let _still_open = host;
    let host = guichet_host::Host::open(options(other_home.path(), trust, &clock)).unwrap();
    let error = host.refresh().unwrap_err();
    assert_eq!(error.class(), "store/unreachable");
    assert!(error.place().unwrap().starts_with(&format!("http://{address}/static/metadata/")));
    assert_eq!(host.library().len(), 1);
}

#[test]
fn a_refresh_that_breaks_off_keeps_the_state_before() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    store.release(&App::new(PERMIT, 2).seal("residence"));
    let targets = store.folder().join("targets");
    let elsewhere = store.folder().join("elsewhere");
    fs::rename(&targets, &elsewhere).unwrap();
    assert!(!terminal.host.refresh().is_ok_and(|refreshed| refreshed.refused.is_empty()));
    let terminal = terminal.restart();
    assert!(terminal.home_page(PERMIT).contains("version 1"));
    fs::rename(&elsewhere, &targets).unwrap();
    terminal.host.refresh().unwrap();
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
}

#[test]
fn what_was_trusted_is_verified_again_from_the_given_root() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let kept = terminal.home().join("trust/trusted.json");
    let text = fs::read_to_string(&kept).unwrap();
    fs::write(&kept, text.replace("gov.example.residence.permit", "gov.example.residence.forged")).unwrap();
    let terminal = terminal.restart();
    assert!(terminal.install("gov.example.residence.forged").is_err());
    terminal.host.refresh().unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 1"));
}

#[test]
fn without_any_verified_keys_nothing_runs_and_it_is_said() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    fs::remove_dir_all(terminal.home().join("trust")).unwrap();
    let terminal = terminal.restart();
    let error = crate::device::Running::try_start(&terminal.host, PERMIT).err().unwrap();
    insta::assert_snapshot!(error, @"this device has no verified list of the keys of residence, which publishes gov.example.residence.permit");
    insta::assert_snapshot!(error.hint(), @"connect to the store and refresh");
    terminal.host.refresh().unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 1"));
}
