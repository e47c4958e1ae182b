//! A new release on trial: if it fails, the one before is in use again with its data, and nobody is asked to try it twice.

use std::{fs, sync::Arc};

use guichet_host::Problem;
use guichet_package::PackageFile;
use serde_json::json;

use crate::{
    app::{App, PERMIT},
    device::{Running, TRIAL_MS, Terminal, copy, id, open, options},
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
fn a_release_that_has_lived_its_time_is_kept_whatever_happens_later() {
    let mut store = Store::new();
    let fails = "export function run() { for (;;) {} } export default {};";
    let terminal = updated_to(&mut store, &version(2).logic(fails).seal("residence"));
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    running.ready(page);
    terminal.live(TRIAL_MS);
    running.session.shown();
    running.call(page, "app-info", "get", json!([])).unwrap();
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

fn keeps_data(code: u32) -> App {
    version(code).asks_for(&["host:storage"])
}

fn in_form(code: u32, storage_version: u32) -> App {
    keeps_data(code).manifest("guichet", json!({"storage_version": storage_version}))
}

/// A terminal on which `first` has kept a draft, and `second` is in its place.
fn with_a_draft(store: &mut Store, first: &App, second: &App) -> Terminal {
    store.release(&first.seal("residence"));
    let terminal = Terminal::with(store, PERMIT);
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    running.ready(page);
    keep(&running, page, "of release 1");
    running.close();
    store.release(&second.seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.host.stage(&id(PERMIT), &mut |_| {}).unwrap();
    terminal
}

fn keep(running: &Running, page: u32, draft: &str) {
    running.call(page, "storage", "set", json!(["draft", draft])).unwrap();
}

fn draft(terminal: &Terminal) -> serde_json::Value {
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    let draft = running.call(page, "storage", "get", json!(["draft"])).unwrap();
    running.close();
    draft
}

/// A session of the new release that has overwritten the draft.
fn spoiled(terminal: &Terminal) -> (Running, u32) {
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    running.ready(page);
    assert_eq!(running.call(page, "storage", "get", json!(["draft"])).unwrap(), json!("of release 1"));
    keep(&running, page, "spoiled by release 2");
    (running, page)
}

fn throw(running: &Running, page: u32) {
    running.session.page_message(page, r#"{"report":{"message":"x is not defined","stack":"at pages/home.js:3"}}"#);
}

#[test]
fn a_script_error_on_trial_leads_back_to_the_release_before_and_its_data() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(2));
    let (running, page) = spoiled(&terminal);
    terminal.live(TRIAL_MS - 1);
    throw(&running, page);
    let ending = running.ending();
    insta::assert_snapshot!(ending.reason, @"the new version made a mistake when it was first used: x is not defined");
    insta::assert_snapshot!(ending.hint, @"nothing is to be done: the version before is used again");
    assert_eq!((ending.class, running.went_back()), ("session/failed-trial", (1, "1.0.0".to_owned())));
    assert_eq!(draft(&terminal), json!("of release 1"));
    assert_eq!((terminal.sequence(PERMIT), available(&terminal)), (Some(1), None));
    assert!(!terminal.home().join("apps").join(PERMIT).join("snapshots/1").exists(), "the copy is in its place");
}

#[test]
fn what_is_no_error_of_the_release_does_not_count() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(2));
    let (running, page) = spoiled(&terminal);
    let harmless = "ResizeObserver loop completed with undelivered notifications.";
    running.session.page_message(page, &json!({"report": {"message": harmless, "stack": ""}}).to_string());
    assert!(running.call(page, "storage", "get", json!(["nothing"])).unwrap().is_null());
    assert!(running.call(page, "storage", "set", json!(["draft", "x"])).is_ok(), "it runs on");
    terminal.live(TRIAL_MS);
    running.close();
    assert_eq!(terminal.sequence(PERMIT), Some(2));
}

#[test]
fn what_logic_throws_counts_too() {
    let mut store = Store::new();
    let throws = "export function run() { Promise.reject(new Error('oh')); return 1; } export default { async pageReady() { throw new Error('oh'); } };";
    let terminal = updated_to(&mut store, &version(2).logic(throws).seal("residence"));
    let running = terminal.launch(PERMIT);
    running.session.page_message(running.loaded(), r#"{"event":"ready"}"#);
    assert_eq!(running.ending().class, "session/failed-trial");
    assert_eq!(running.went_back().0, 1);
}

#[test]
fn a_release_that_has_lived_its_time_keeps_its_data_and_its_errors() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(2));
    let (running, page) = spoiled(&terminal);
    terminal.live(TRIAL_MS);
    running.call(page, "app-info", "get", json!([])).unwrap();
    throw(&running, page);
    running.call(page, "app-info", "get", json!([])).unwrap();
    assert!(running.close().is_closed());
    assert_eq!((terminal.sequence(PERMIT), draft(&terminal)), (Some(2), json!("spoiled by release 2")));
}

#[test]
fn time_on_trial_adds_up_over_launches() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(2));
    for _ in 0..4 {
        let running = terminal.launch(PERMIT);
        running.ready(running.loaded());
        terminal.live(TRIAL_MS / 4);
        running.close();
    }
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    throw(&running, page);
    running.call(page, "app-info", "get", json!([])).unwrap();
    assert!(running.close().is_closed(), "it is not on trial any more");
}

/// The terminal as it is found after its power was cut at this moment.
fn after_a_power_cut(terminal: &Terminal, store: &Store) -> (tempfile::TempDir, guichet_host::Host) {
    let home = tempfile::tempdir().unwrap();
    copy(terminal.home(), home.path());
    let host = open(&options(home.path(), store.trust_file(), &terminal.clock));
    (home, host)
}

#[test]
fn a_second_start_without_an_end_leads_back_at_the_next() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(2));
    let (_running, _) = spoiled(&terminal);
    let (home, host) = after_a_power_cut(&terminal, &store);
    let running = Running::start(&host, PERMIT);
    let page = running.loaded();
    let draft = running.call(page, "storage", "get", json!(["draft"])).unwrap();
    assert_eq!(draft, json!("spoiled by release 2"), "one start may have been a power cut");
    let twice = tempfile::tempdir().unwrap();
    copy(home.path(), twice.path());
    let host = open(&options(twice.path(), store.trust_file(), &terminal.clock));
    let running = Running::start(&host, PERMIT);
    assert_eq!(running.went_back(), (1, "1.0.0".to_owned()));
    let page = running.loaded();
    assert_eq!(running.call(page, "storage", "get", json!(["draft"])).unwrap(), json!("of release 1"));
    running.close();
    host.refresh().unwrap();
    assert_eq!(host.listing(&id(PERMIT)).unwrap().available, None, "it is not tried again");
}

#[test]
fn going_back_from_a_newer_form_of_the_data_is_a_persons_choice() {
    for goes_back in [false, true] {
        let mut store = Store::new();
        let terminal = with_a_draft(&mut store, &in_form(1, 0), &in_form(2, 1));
        let (running, page) = spoiled(&terminal);
        throw(&running, page);
        let choice = running.undecided();
        assert_eq!((choice.back_to.as_str(), choice.has_failed), ("1.0.0", true));
        assert_eq!(running.ending().class, "session/failed-trial");
        drop(running);
        assert_eq!(terminal.host.listing(&id(PERMIT)).unwrap().choice, Some(choice), "it is there until it is made");
        assert_eq!(terminal.sequence(PERMIT), Some(2));
        if goes_back {
            terminal.host.go_back(&id(PERMIT)).unwrap();
            assert_eq!((terminal.sequence(PERMIT), draft(&terminal)), (Some(1), json!("of release 1")));
        } else {
            terminal.host.keep_release(&id(PERMIT)).unwrap();
            assert_eq!((terminal.sequence(PERMIT), draft(&terminal)), (Some(2), json!("spoiled by release 2")));
        }
        assert_eq!(terminal.host.listing(&id(PERMIT)).unwrap().choice, None);
        assert_eq!(terminal.host.go_back(&id(PERMIT)).unwrap_err().class(), "library/no-choice");
    }
}

#[test]
fn a_newer_form_in_which_nothing_was_kept_is_given_up_without_asking() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &in_form(1, 0), &in_form(2, 1).logic(THROWS));
    assert_eq!(terminal.launch(PERMIT).went_back().0, 1);
    assert_eq!(draft(&terminal), json!("of release 1"));
}

#[test]
fn a_release_with_an_older_form_of_the_data_waits_for_a_persons_choice() {
    for goes_back in [false, true] {
        let mut store = Store::new();
        let terminal = with_a_draft(&mut store, &in_form(1, 3), &in_form(2, 2));
        assert_eq!(draft(&terminal), json!("of release 1"), "what is in use goes on");
        let choice = terminal.host.listing(&id(PERMIT)).unwrap().choice.unwrap();
        assert_eq!((choice.back_to.as_str(), choice.has_failed, terminal.sequence(PERMIT)), ("2.0.0", false, Some(1)));
        let error = terminal.install(PERMIT).unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"release 2 of gov.example.residence.permit knows only an older form of its data: what was entered since would be lost");
            insta::assert_snapshot!(error.hint(), @"keep the release in use, or go back to the older one and lose what was entered since");
        }
        if goes_back {
            terminal.host.go_back(&id(PERMIT)).unwrap();
            assert_eq!((terminal.sequence(PERMIT), draft(&terminal)), (Some(2), json!(null)), "it begins anew");
        } else {
            terminal.host.keep_release(&id(PERMIT)).unwrap();
            assert_eq!((terminal.sequence(PERMIT), draft(&terminal)), (Some(1), json!("of release 1")));
            assert!(terminal.host.refresh_and_stage(|_, _| {}).staged.is_empty(), "nobody is asked twice");
            assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "release/would-lose-data");
        }
    }
}

#[test]
fn an_older_form_of_the_data_that_was_kept_aside_is_used_again() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &in_form(1, 0), &in_form(2, 1));
    let (running, _) = spoiled(&terminal);
    terminal.live(TRIAL_MS);
    running.close();
    store.release(&in_form(3, 0).seal("residence"));
    assert_eq!(terminal.host.refresh_and_stage(|_, _| {}).staged, [id(PERMIT)]);
    assert_eq!(draft(&terminal), json!("spoiled by release 2"));
    terminal.host.go_back(&id(PERMIT)).unwrap();
    assert_eq!((terminal.sequence(PERMIT), draft(&terminal)), (Some(3), json!("of release 1")));
}

#[test]
fn the_release_before_ends_when_the_new_one_is_first_launched() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(1));
    let old = terminal.launch(PERMIT);
    let page = old.loaded();
    store.release(&keeps_data(3).seal("residence"));
    terminal.host.refresh_and_stage(|_, _| {});
    keep(&old, page, "the last word of release 2");
    let (new, seen) = (terminal.launch(PERMIT), old.ending());
    assert!(seen.is_closed());
    let page = new.loaded();
    let draft = new.call(page, "storage", "get", json!(["draft"])).unwrap();
    assert_eq!(draft, json!("the last word of release 2"));
}

#[test]
fn a_release_whose_data_cannot_be_kept_aside_waits() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(2));
    let snapshots = terminal.home().join("apps").join(PERMIT).join("snapshots");
    fs::write(&snapshots, "no folder can be made here").unwrap();
    assert_eq!(draft(&terminal), json!("of release 1"));
    let page = String::from_utf8(terminal.launch(PERMIT).session.serve("/pages/home").unwrap().bytes).unwrap();
    assert!(page.contains("version 1"), "the release before runs as long as it takes");
    fs::remove_file(&snapshots).unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 2"));
    assert_eq!(draft(&terminal), json!("of release 1"));
}

#[test]
fn data_that_were_being_put_back_when_the_power_was_cut_are_put_back_at_the_next_launch() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(2));
    let (running, _) = spoiled(&terminal);
    drop(running.close());
    let state_path = terminal.home().join("apps").join(PERMIT).join("state.json");
    let mut state: serde_json::Value = serde_json::from_slice(&fs::read(&state_path).unwrap()).unwrap();
    for (member, value) in
        [("current", json!(1)), ("previous", json!(null)), ("is_confirmed", json!(true)), ("is_restoring", json!(true))]
    {
        state[member] = value;
    }
    fs::write(&state_path, state.to_string()).unwrap();
    let (_home, host) = after_a_power_cut(&terminal, &store);
    let host = Arc::new(host);
    let running = Running::start(&host, PERMIT);
    let page = running.loaded();
    assert_eq!(running.call(page, "storage", "get", json!(["draft"])).unwrap(), json!("of release 1"));
}

#[test]
fn what_a_person_has_erased_does_not_come_back_with_the_release_before() {
    let mut store = Store::new();
    let terminal = with_a_draft(&mut store, &keeps_data(1), &keeps_data(2));
    let (running, _) = spoiled(&terminal);
    let snapshots = terminal.home().join("apps").join(PERMIT).join("snapshots");
    assert!(snapshots.join("1").exists(), "release 2 is on trial");
    terminal.host.erase_data(&id(PERMIT)).unwrap();
    assert!(running.ending().is_closed());
    assert!(!snapshots.exists() && !terminal.home().join("apps").join(PERMIT).join("data").exists());

    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    assert_eq!(running.call(page, "storage", "get", json!(["draft"])).unwrap(), json!(null));
    keep(&running, page, "of release 2");
    throw(&running, page);
    running.ending();
    assert_eq!((terminal.sequence(PERMIT), draft(&terminal)), (Some(1), json!(null)));
}
