//! MiniApp Addressing at the host: which page, and which release.

use guichet_host::{HostError, SessionEvent, Start};

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal, id},
    store::Store,
};

fn at(page: &str) -> Start {
    Start { page: Some(page.to_owned()), ..Start::default() }
}

fn version(version: &str) -> Start {
    Start { version: Some(version.to_owned()), ..Start::default() }
}

/// A terminal on which version 2 of three is in use, 1 is the one before, and 3 is on offer.
fn three_versions() -> (Store, Terminal) {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.home_page(PERMIT);
    store.release(&App::new(PERMIT, 2).seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    terminal.home_page(PERMIT);
    store.release(
        &App::new(PERMIT, 3)
            .manifest("version", serde_json::json!({"code": 3, "name": "3.0.0-Trial"}))
            .seal("residence"),
    );
    terminal.host.refresh().unwrap();
    (store, terminal)
}

fn shown(terminal: &Terminal, start: &Start) -> Result<String, HostError> {
    let running = Running::try_start_at(&terminal.host, PERMIT, start)?;
    let page = String::from_utf8(running.session.serve("/pages/home").unwrap().bytes).unwrap();
    running.loaded();
    running.close();
    Ok(page.split("version ").nth(1).unwrap().chars().take(1).collect())
}

#[test]
fn a4_a5_page_query_and_fragment_reach_the_shell() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let opened = |start: &Start| {
        let running = Running::try_start_at(&terminal.host, PERMIT, start).unwrap();
        running.until("a page", |event| match event {
            SessionEvent::Open { route, query, fragment, .. } => Some(format!("{route} {query} {fragment}")),
            _ => None,
        })
    };
    assert_eq!(opened(&Start::default()), "pages/home  ");
    assert_eq!(opened(&at("pages/form?case=1#top")), "pages/form case=1 top");
    assert_eq!(opened(&at("pages%2Fform.html?a=%201")), "pages/form a=%201 ");
    assert_eq!(opened(&at("#part")), "pages/home  part");
    for unknown in ["pages/none?case=1#x", "../pages/form", "", "app.js"] {
        assert_eq!(
            opened(&at(unknown)),
            "pages/home  ",
            "{unknown}: what was meant for another page is not for this one"
        );
    }
}

#[test]
fn a8_a9_the_version_in_use_the_one_before_and_none() {
    let (_store, terminal) = three_versions();
    assert_eq!(shown(&terminal, &Start::default()).unwrap(), "2");
    assert_eq!(shown(&terminal, &version("2.0.0")).unwrap(), "2");
    assert_eq!(shown(&terminal, &version("1.0.0")).unwrap(), "1");
    assert_eq!(terminal.sequence(PERMIT), Some(2), "looking at the version before changes nothing");
    assert_eq!(shown(&terminal, &Start::default()).unwrap(), "2");
}

#[test]
fn a6_a8_a_version_that_waits_is_taken_into_use_whatever_its_case() {
    let (_store, terminal) = three_versions();
    terminal.host.stage(&id(PERMIT), &mut |_| {}).unwrap();
    assert_eq!(shown(&terminal, &version("2.0.0")).unwrap(), "2", "asked for by name, the present one stays");
    assert_eq!(terminal.sequence(PERMIT), Some(2));
    assert_eq!(shown(&terminal, &version("3.0.0-TRIAL")).unwrap(), "3");
    assert_eq!(terminal.sequence(PERMIT), Some(3));
}

#[test]
fn a10_a_version_that_is_not_here_is_refused_with_what_there_is() {
    let (_store, terminal) = three_versions();
    let refused = |asked: &str| {
        let error = Running::try_start_at(&terminal.host, PERMIT, &version(asked)).err().unwrap();
        (error.class(), error.to_string())
    };
    insta::assert_snapshot!(refused("9.9").1, @"gov.example.residence.permit has no version 9.9 on this device: there is 2.0.0, 1.0.0, and the store offers 3.0.0-Trial");
    assert_eq!(refused("9.9").0, "release/no-such-version");
    let offered = Running::try_start_at(&terminal.host, PERMIT, &version("3.0.0-trial")).err().unwrap();
    let HostError::NoSuchVersion { on_offer: Some(offer), .. } = &offered else { panic!("{offered}") };
    assert_eq!(offer, "3.0.0-Trial", "the shell can fetch it");
    terminal.install(PERMIT).unwrap();
    assert_eq!(shown(&terminal, &version("3.0.0-trial")).unwrap(), "3");
}

#[test]
fn a10_a_version_before_that_was_recalled_does_not_run() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.home_page(PERMIT);
    store.release(&App::new(PERMIT, 2).seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    terminal.home_page(PERMIT);
    store.release_as(&App::new(PERMIT, 3).seal("residence"), true, |release| release.revoked = [1].into());
    terminal.host.refresh().unwrap();
    assert_eq!(shown(&terminal, &version("1.0.0")).unwrap_err().class(), "release/revoked");
}
