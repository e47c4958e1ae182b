//! `bridge.js` itself, run in the script component with as much of a page around it as it touches.

use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal},
    store::Store,
};

/// What a page has and the script component has not.
const PAGE: &str = include_str!("bridge_page.mjs");
/// The tests, each an export that returns what it found.
const TESTS: &str = include_str!("bridge_tests.mjs");

/// A test with a document that counts its calls from 1.
fn run(name: &str) -> Json {
    run_with(name, "0, 0")
}

/// The script of a session, in an app that runs it as one of its modules and gives it these random numbers.
fn run_with(name: &str, drawn: &str) -> Json {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let first = terminal.launch(PERMIT);
    let script = first.session.bridge_script();
    first.close();
    let app = App::new(PERMIT, 2)
        .file("common/page.mjs", &PAGE.replace("__DRAWN__", drawn))
        .file("common/bridge.mjs", &script)
        .logic(&format!("import './common/page.mjs'; import './common/bridge.mjs';\n{TESTS}\nexport default {{}};"));
    store.release(&app.seal("residence"));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    let running: Running = terminal.launch(PERMIT);
    let page = running.loaded();
    running.ask(page, name, Json::Null).unwrap_or_else(|error| panic!("{name}: {error:?}, log {:#?}", running.log()))
}

#[test]
fn a_call_is_one_message_and_its_answer_settles_it() {
    assert_eq!(
        run("calls"),
        json!({
            "posted": [
                r#"{"interface":"storage","function":"set","arguments":["key",{"$bytes":"AP8Q"}],"id":1}"#,
                r#"{"interface":"app-info","function":"get","arguments":[],"id":2}"#,
                r#"{"ask":"quote","input":{"a":[1,null]},"id":3}"#,
                r#"{"interface":"log","function":"write","arguments":["info","text"]}"#,
            ],
            "settled": ["undefined", "bytes 0,255,16", "DeniedError: no"],
        })
    );
}

#[test]
fn each_document_counts_from_a_number_of_its_own() {
    let first = run_with("numbers", "7, 41");
    assert_eq!(first, json!({"id": 42, "settled": ["of this one"]}));
    let highest = run_with("numbers", "0xffffffff, 0xffffffff");
    assert_eq!(highest["id"], json!(1_u64 << 52), "with room to count below 2^53");
}

#[test]
fn records_are_camel_case_in_pages_and_kebab_case_outside() {
    assert_eq!(
        run("records"),
        json!({
            "posted": [
                r#"{"interface":"storage","function":"set","arguments":["key",{"is-open":true,"parts":[{"some-bytes":{"$bytes":"AQ=="},"none":null}]}],"id":1}"#,
                r#"{"ask":"quote","input":{"isOpen":true},"id":2}"#,
            ],
            "names": ["appId", "versionCode", "parts", "__proto__"],
            "bytes": true,
            "proto": true,
            "answer": {"kept-as-it-is": {"$bytes": "!"}},
        })
    );
}

#[test]
fn a_page_that_changes_the_language_does_not_break_it() {
    assert_eq!(
        run("poisoned"),
        json!({"posted": [r#"{"interface":"storage","function":"set","arguments":["key",{"$bytes":"AQI="}],"id":1}"#], "settled": ["done"]})
    );
}

#[test]
fn its_objects_cannot_be_changed_or_replaced() {
    assert_eq!(run("frozen"), json!([]));
}

#[test]
fn l8_l9_l10_l11_l12_l14_lifecycle_events_carry_their_input_and_come_to_handlers_and_listeners() {
    assert_eq!(
        run("lifecycle"),
        json!([
            "launched pages/home [] en auto",
            "shown",
            "on loaded a=1",
            "loaded a=1",
            "ready",
            "hidden",
            "error boom",
            "state hidden launched->shown",
        ])
    );
}

#[test]
fn l16_what_is_given_to_page_hears_all_even_if_it_comes_late() {
    assert_eq!(
        run("sugar"),
        json!({
            "heard": [
                "early onLoad a=1", "early onShow", "early onReady", "early onHide", "early onShow",
                "late onLoad a=1", "late onShow", "late onReady",
                "last onLoad a=1", "last onReady",
            ],
            "reported": [r#"{"report":{"message":"late and wrong","stack":"STACK"}}"#],
            "state": "unloaded",
        })
    );
}

#[test]
fn l3_an_error_that_comes_of_hearing_one_has_no_echo() {
    assert_eq!(
        run("echoes"),
        json!({"first": {"message": "in the handler", "stack": "", "quiet": true}, "loud": 99, "all": 121})
    );
}

#[test]
fn the_state_of_the_logic_arrives_as_an_update() {
    assert_eq!(run("updates"), json!({"detail": {"n": 1}, "patch": {"n": 1}, "own": {"n": 1}, "later": {"n": 1}}));
}

#[test]
fn more_calls_than_may_be_in_flight_wait_in_the_page() {
    assert_eq!(run("flood"), json!({"first": 256, "after_one_answer": 257}));
}

#[test]
fn large_messages_wait_in_the_page() {
    assert_eq!(run("weight"), json!({"first": 2, "second": 1}));
}

#[test]
fn more_than_a_terminal_can_take_does_not_leave_the_page() {
    assert_eq!(
        run("measure"),
        json!({
            "long": "InvalidError: one message has at most 4 MiB",
            "before": 0,
            "told": 2001,
            "last": r#"{"interface":"log","function":"write","arguments":["warn","more than 2000 messages in one second: the rest is dropped"]}"#,
        })
    );
}

#[test]
fn faults_nobody_caught_are_reported() {
    assert_eq!(
        run("faults"),
        json!([
            r#"{"report":{"message":"x is not defined","stack":"at home.js"}}"#,
            r#"{"report":{"message":"no","stack":""}}"#
        ])
    );
}

#[test]
fn l1_l7_a_page_is_ready_when_it_has_drawn_what_the_host_told_it_first() {
    assert_eq!(run("greeting"), json!([[r#"{"event":"loaded"}"#], [r#"{"event":"ready"}"#], []]));
}

#[test]
fn that_a_person_has_typed_is_said_once() {
    assert_eq!(run("typing"), json!([[], [r#"{"event":"typed"}"#]]));
}

#[test]
fn fetch_of_another_host_is_carried_and_of_the_package_is_not() {
    assert_eq!(
        run("fetches"),
        json!({
            "inside": "of the package: data.json",
            "asked": [r#"{"interface":"network","function":"fetch","arguments":[{"method":"GET","url":"https://a.example/x","redirect":"follow","headers":[]}],"id":1}"#],
            "sent": [r#"{"interface":"network","function":"fetch","arguments":[{"method":"POST","url":"https://a.example/y","redirect":"follow","headers":[{"name":"content-type","value":"text/plain;charset=UTF-8"},{"name":"x-a","value":"1"}],"body":{"$bytes":"6K+B"}}],"id":2}"#],
            "status": 204,
            "json": {"a": 1},
            "copy": "{\"a\":1}",
            "url": "https://a.example/x",
            "redirected": true,
            "copied": "https://a.example/x",
        })
    );
}

#[test]
fn a_fetch_that_cannot_be_says_why_and_one_that_is_given_up_is_told() {
    assert_eq!(
        run("refused"),
        json!({
            "aborted": "AbortError: The operation was aborted.",
            "told": [r#"{"forget":1}"#, r#"{"interface":"network","function":"fetch","arguments":[{"method":"GET","url":"https://b.example/","redirect":"follow","headers":[]}],"id":2}"#],
            "denied": "TypeError: network/not-declared: b.example",
            "cookies": "TypeError: fetch: the host keeps no cookies",
        })
    );
}

#[test]
fn an_xml_http_request_goes_the_same_way() {
    let found = run("requests");
    assert_eq!(
        found["first"],
        json!({"heard": ["loadstart", 2, 3, 4, "load", "loadend"], "status": 201, "response": {"a": [1]}, "type": "application/json", "all": "content-type: application/json\r\n", "url": "https://a.example/x"})
    );
    assert_eq!(found["second"], json!({"heard": ["loadstart", 4, "error", "loadend"], "status": 0, "text": ""}));
    assert_eq!(
        found["third"],
        json!({"heard": ["loadstart", 4, "abort", "loadend"], "state": 0, "told": r#"{"forget":3}"#})
    );
    assert_eq!((&found["sync"], &found["constants"]), (&json!("InvalidAccessError"), &json!([4, 0])));
}
