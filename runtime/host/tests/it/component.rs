//! Logic that is a WebAssembly component goes the same way as a script.

use guichet_host::{Progress, SessionEvent};
use serde_json::{Value as Json, json};

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::{Terminal, id},
    store::Store,
};

/// The engine's test guest, built by `cargo xtask setup`.
pub(crate) fn guest() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/guests/test_guest.wasm");
    std::fs::read(path).unwrap()
}

#[test]
fn a_component_answers_its_pages_and_keeps_data() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).asks_for(&["host:storage"]).component(&guest()).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    let page = running.loaded();
    assert_eq!(running.ask(page, "add", json!({"a": 2, "b": 3})).unwrap(), json!({"total": 5}));
    assert_eq!(running.ask(page, "count", Json::Null).unwrap(), json!(1));
    assert_eq!(running.ask(page, "bytes", Json::Null).unwrap(), json!([0, 255, 7]));
    running.until_told(page, "the state", |json| json["state"]["count"] == 1);
    assert_eq!(running.call(page, "storage", "get", json!(["count"])).unwrap(), json!("1"));
    let said = running.until("a line of the console", |event| match event {
        SessionEvent::Log(line) => Some((line.page, line.text.clone())),
        _ => None,
    });
    assert_eq!(said, (None, "launched pages/home  en".to_owned()));
}

#[test]
fn a_component_is_compiled_when_it_is_installed() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).component(&guest()).seal("residence"));
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    let compiled = || {
        let files = std::fs::read_dir(terminal.home().join("engine")).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|extension| extension == "cwasm")).count()
    };
    let before = compiled();
    terminal.install(PERMIT).unwrap();
    assert_eq!(compiled(), before + 1);
    terminal.launch(PERMIT).loaded();
    assert_eq!(compiled(), before + 1, "and not again");
}

#[test]
fn a_component_that_gives_up_ends_alone() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).component(&guest()).seal("residence"));
    store.release(&App::new(ESTIMATOR, 1).component(&guest()).seal("benefits"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.install(ESTIMATOR).unwrap();
    let other = terminal.launch(ESTIMATOR);
    let ways = [
        ("panic", json!("why"), "logic/panic"),
        ("spin", Json::Null, "logic/event-deadline"),
        ("hoard", Json::Null, "logic/memory"),
    ];
    for (handler, input, class) in ways {
        let running = terminal.launch(PERMIT);
        running.session.page_message(1, &json!({"id": 1, "ask": handler, "input": input}).to_string());
        assert_eq!(running.ending().class, class);
    }
    let page = other.loaded();
    assert_eq!(other.ask(page, "add", json!({"a": 1, "b": 1})).unwrap(), json!({"total": 2}));
}

#[test]
fn what_is_no_component_is_installed_and_says_so_when_it_is_opened() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).component(b"\0asm but not really").seal("residence"));
    let terminal = Terminal::new(&store);
    terminal.host.refresh().unwrap();
    let mut last = None;
    terminal.host.install(&id(PERMIT), &mut |step| last = Some(step)).unwrap();
    assert_eq!(last, Some(Progress::Placed));
    let ending = terminal.launch(PERMIT).ending();
    assert_eq!(ending.class, "logic/not-loadable");
    assert!(!ending.hint.is_empty());
}
