//! A new release that does not show a page: the one before is in use again, and nobody is asked to try it twice.

use std::fs;

use guichet_host::Problem;
use guichet_package::PackageFile;

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal, id},
    store::{Store, digest_of},
};

const THROWS: &str = "throw new Error('no configuration');";

fn version(code: u32) -> App {
    App::new(PERMIT, code)
}

/// A terminal on which release 1 has been seen and another one is in its place.
fn updated_to(store: &mut Store, second: &PackageFile) -> Terminal {
    store.release(&version(1).seal("residence"));
    let terminal = Terminal::with(store, PERMIT);
    terminal.home_page(PERMIT);
    store.release(second);
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    terminal
}

fn available(terminal: &Terminal) -> Option<u64> {
    terminal.host.listing(&id(PERMIT)).unwrap().available.map(|available| available.sequence)
}

#[test]
fn logic_that_does_not_start_leads_back_to_the_release_before() {
    let mut store = Store::new();
    let terminal = updated_to(&mut store, &version(2).logic(THROWS).seal("residence"));
    let running = terminal.launch(PERMIT);
    assert_eq!(running.ending().class, "logic/boot-failed");
    assert_eq!(running.went_back(), (1, "1.0.0".to_owned()), "said before the end");
    assert_eq!(terminal.sequence(PERMIT), Some(1));
    assert!(terminal.home_page(PERMIT).contains("version 1"));

    assert_eq!(available(&terminal), None);
    assert!(terminal.host.refresh_and_stage(|_, _| {}).staged.is_empty(), "it is not fetched again");
    let error = terminal.install(PERMIT).unwrap_err();
    insta::assert_snapshot!(error, @"release 2 of gov.example.residence.permit did not open on this device");
    insta::assert_snapshot!(error.hint(), @"keep using the release before; the next one comes by itself");

    drop(running);
    let terminal = terminal.restart();
    assert_eq!((terminal.sequence(PERMIT), available(&terminal)), (Some(1), None), "nor after a restart");
    store.release(&version(3).seal("residence"));
    assert_eq!(terminal.host.refresh_and_stage(|_, _| {}).staged, [id(PERMIT)]);
    assert!(terminal.home_page(PERMIT).contains("version 3"));
}

#[test]
fn logic_that_ends_before_a_page_is_seen_leads_back_too() {
    let mut store = Store::new();
    let loops = "export default { pageLoaded() { for (;;) {} } };";
    let terminal = updated_to(&mut store, &version(2).logic(loops).seal("residence"));
    let running = terminal.launch(PERMIT);
    assert_eq!(running.ending().class, "logic/event-deadline");
    assert_eq!(running.went_back().0, 1);
}

#[test]
fn a_view_that_cannot_go_on_before_a_page_is_seen_leads_back_too() {
    let mut store = Store::new();
    let terminal = updated_to(&mut store, &version(2).seal("residence"));
    let running = terminal.launch(PERMIT);
    let (what, hint) = ("the page did not answer".to_owned(), "open it again".to_owned());
    running.session.fail(&Problem { class: "page/deadline", what, place: None, hint });
    let ending = running.ending();
    assert_eq!((ending.class, ending.is_closed()), ("page/deadline", false));
    assert_eq!(running.went_back().0, 1);
}

#[test]
fn a_release_that_was_seen_once_is_kept_whatever_happens_later() {
    let mut store = Store::new();
    let fails = "export function run() { for (;;) {} } export default {};";
    let terminal = updated_to(&mut store, &version(2).logic(fails).seal("residence"));
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    running.ready(page);
    running.session.page_message(page, r#"{"id":1,"ask":"run"}"#);
    assert_eq!(running.ending().class, "logic/event-deadline");
    assert_eq!(terminal.sequence(PERMIT), Some(2));
}

#[test]
fn a_person_who_closes_the_app_before_a_page_is_seen_decides_nothing() {
    let mut store = Store::new();
    let terminal = updated_to(&mut store, &version(2).seal("residence"));
    assert!(terminal.launch(PERMIT).close().is_closed());
    assert_eq!(terminal.sequence(PERMIT), Some(2));
    let state = fs::read_to_string(terminal.home().join("apps").join(PERMIT).join("state.json")).unwrap();
    assert!(state.contains(r#""previous":1"#), "the release before is still there: {state}");
}

#[test]
fn a_first_page_that_is_missing_leads_back_within_the_same_launch() {
    let mut store = Store::new();
    let second = version(2).seal("residence");
    let terminal = updated_to(&mut store, &second);
    fs::remove_file(terminal.cached(&digest_of(&second, "pages/home.html"))).unwrap();
    fs::rename(store.folder().join("blobs"), store.folder().join("lost")).unwrap();
    let running = terminal.launch(PERMIT);
    assert_eq!(running.went_back(), (1, "1.0.0".to_owned()));
    let page = String::from_utf8(running.session.serve("/pages/home").unwrap().bytes).unwrap();
    assert!(page.contains("version 1"));
    running.close();
    assert_eq!(available(&terminal), Some(2), "the device has lost it, the release is not to blame");
}

#[test]
fn without_a_release_before_the_failure_is_said_as_it_is() {
    let mut store = Store::new();
    store.release(&version(1).logic(THROWS).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    for _ in 0..2 {
        let running = Running::start(&terminal.host, PERMIT);
        assert_eq!(running.ending().class, "logic/boot-failed");
    }
    assert_eq!(terminal.sequence(PERMIT), Some(1));
}
