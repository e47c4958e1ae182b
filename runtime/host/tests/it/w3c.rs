//! What W3C asks of a host and no package alone can show; each test is named after its requirement.

use std::fs;

use serde_json::json;

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::{Running, Terminal, id},
    store::Store,
};

fn keeps_drafts(app: &str) -> App {
    App::new(app, 1).asks_for(&["host:storage"])
}

fn get(running: &Running) -> serde_json::Value {
    running.call(running.loaded(), "storage", "get", json!(["draft"])).unwrap()
}

fn set(running: &Running, text: &str) {
    running.call(running.loaded(), "storage", "set", json!(["draft", text])).unwrap();
}

#[test]
fn p_l8_app_css_is_for_all_pages_and_a_page_s_own_files_for_that_page_only() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).file("pages/form.css", "p { color: red }").seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let session = terminal.launch(PERMIT).session;
    let page = |path: &str| String::from_utf8(session.serve(path).unwrap().bytes).unwrap();
    let (home, form) = (page("/pages/home"), page("/pages/form"));
    assert!(home.contains("/app.css") && form.contains("/app.css"));
    assert!(form.contains("/pages/form.css") && form.contains("/pages/form.js"));
    assert!(!home.contains("form.css") && !home.contains("form.js"));
}

#[test]
fn p_l7_a_page_that_is_not_declared_is_not_opened() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).file("pages/secret.html", "<p>secret").seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let session = terminal.launch(PERMIT).session;
    assert!(!session.follow("/pages/secret.html"));
    assert!(session.follow("/pages/form.html"));
}

#[test]
fn p_a8_a_session_speaks_the_person_s_language_if_the_app_does_and_else_its_own() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    for (person, locale) in [("en-GB", "en-GB"), ("zh-CN", "zh-CN"), ("fr", "en")] {
        terminal.host.set_language(person);
        let running = terminal.launch(PERMIT);
        let info = running.call(running.loaded(), "app-info", "get", json!([])).unwrap();
        assert_eq!(info["lang"], locale, "for {person}");
    }
}

#[test]
fn p_a9_what_is_installed_is_launched_without_a_network() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    fs::remove_dir_all(store.folder()).unwrap();
    assert!(terminal.restart().home_page(PERMIT).contains("version 1"));
}

#[test]
fn p_a10_no_app_sees_what_another_has_stored() {
    let mut store = Store::new();
    store.release(&keeps_drafts(PERMIT).seal("residence"));
    store.release(&keeps_drafts(ESTIMATOR).seal("benefits"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.install(ESTIMATOR).unwrap();
    let (permit, estimator) = (terminal.launch(PERMIT), terminal.launch(ESTIMATOR));
    set(&permit, "a citizen's name");
    assert_eq!(get(&estimator), json!(null));
    set(&estimator, "an income");
    assert_eq!(get(&permit), json!("a citizen's name"));
}

#[test]
fn p_a11_a_person_can_erase_what_an_app_has_stored() {
    let mut store = Store::new();
    store.release(&keeps_drafts(PERMIT).seal("residence"));
    store.release(&keeps_drafts(ESTIMATOR).seal("benefits"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.install(ESTIMATOR).unwrap();
    let running = terminal.launch(PERMIT);
    set(&running, "a citizen's name");
    set(&terminal.launch(ESTIMATOR), "an income");
    terminal.host.erase_data(&id(PERMIT)).unwrap();
    assert!(running.ending().is_closed(), "a session would write it again");
    assert_eq!(get(&terminal.launch(PERMIT)), json!(null));
    assert_eq!(get(&terminal.launch(ESTIMATOR)), json!("an income"));
    assert_eq!(terminal.sequence(PERMIT), Some(1), "the app stays");
    assert_eq!(terminal.host.erase_data(&id("gov.example.other")).unwrap_err().class(), "library/not-installed");
}

#[test]
fn p_a12_removing_an_app_removes_its_data() {
    let mut store = Store::new();
    store.release(&keeps_drafts(PERMIT).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    set(&terminal.launch(PERMIT), "a citizen's name");
    terminal.host.remove(&id(PERMIT)).unwrap();
    assert!(!terminal.home().join("apps").join(PERMIT).exists());
    terminal.install(PERMIT).unwrap();
    assert_eq!(get(&terminal.launch(PERMIT)), json!(null));
}

#[test]
fn p_a13_what_is_not_granted_is_blocked() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    let (name, _) = running.call(running.loaded(), "storage", "get", json!(["draft"])).unwrap_err();
    assert_eq!(name, "DeniedError");
}

#[test]
fn p_a14_every_file_comes_with_a_policy_that_closes_the_page() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let session = terminal.launch(PERMIT).session;
    for path in ["/pages/home", "/app.css", "/pages/form.js", "/common/icon.svg"] {
        let headers = session.serve(path).unwrap().headers;
        let policy = headers.iter().find(|(name, _)| *name == "Content-Security-Policy").unwrap().1;
        assert!(policy.starts_with("default-src 'none'") && policy.contains("connect-src 'self'"), "{path}: {policy}");
    }
}

#[test]
fn m_req_permissions_3_asking_is_not_holding_and_what_is_held_can_be_withdrawn() {
    let mut store = Store::new();
    store.release_as(&keeps_drafts(PERMIT).seal("residence"), true, |release| release.permissions.clear());
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    assert_eq!(running.call(running.loaded(), "storage", "get", json!(["draft"])).unwrap_err().0, "DeniedError");

    let mut store = Store::new();
    store.release(&keeps_drafts(PERMIT).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    assert_eq!(get(&running), json!(null));
    terminal.host.withdraw(&id(PERMIT), &"host:storage".parse().unwrap()).unwrap();
    assert_eq!(running.call(running.loaded(), "storage", "get", json!(["draft"])).unwrap_err().0, "DeniedError");
    drop(running);
    let running = terminal.restart().launch(PERMIT);
    assert_eq!(running.call(running.loaded(), "storage", "get", json!(["draft"])).unwrap_err().0, "DeniedError");
}

#[test]
fn g1_a_widget_is_a_page_of_its_app() {
    let mut store = Store::new();
    let app = App::new(PERMIT, 1)
        .file("widgets/next.html", "<p>next")
        .file("widgets/next.js", "// next\n")
        .manifest("widgets", json!([{"name": "Next", "path": "widgets/next"}]));
    store.release(&app.seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    running.ready(running.loaded());
    assert!(running.session.follow("/widgets/next.html?day=1"));
    running.until_open("widgets/next");
    let html = String::from_utf8(running.session.serve("/widgets/next").unwrap().bytes).unwrap();
    assert!(html.contains("/app.css") && html.contains("/widgets/next.js"), "{html}");
}
