//! Everything that ends logic, with the sentence that people are shown.

use std::time::{Duration, Instant};

use guichet_engine::{Budget, Ended, Event, Output, Phase, Program, Wasm};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::session::{START_MS, Session, engine, launched, one_file, rust, script};

/// An event must end soon after its deadline, even on a busy machine.
const SLACK: Duration = Duration::from_secs(5);

fn ends(program: &Program, handler: &str) -> String {
    ends_with(program, handler, json!(null))
}

fn ends_with(program: &Program, handler: &str, input: Json) -> String {
    stays_ended(Session::launch(program), handler, input)
}

/// As a device would end it, in time.
fn ends_late(program: &Program, handler: &str) -> String {
    let session = Session::launch_within(program, Budget::default());
    let started = Instant::now();
    let ended = stays_ended(session, handler, json!(null));
    assert!(
        started.elapsed() < Duration::from_millis(Budget::default().event_ms) + SLACK,
        "{handler} was stopped too late"
    );
    ended
}

fn stays_ended(mut session: Session, handler: &str, input: Json) -> String {
    let ended = session.ask(handler, input).unwrap_err();
    let again = session.logic().handle(START_MS, Event::Phase(Phase::Shown));
    assert_eq!(again, Err(ended.clone()), "{handler} must stay ended");
    ended.to_string()
}

fn boots(source: &str) -> String {
    Session::boot(&one_file(source), Budget::default()).map(|_| "booted").unwrap_err().to_string()
}

fn loads(bytes: &[u8]) -> String {
    let loaded = engine().load(&Program::Component(Wasm::new(bytes.to_vec())));
    loaded.and_then(|loaded| loaded.start(Budget::default())).map(|_| "started").unwrap_err().to_string()
}

#[test]
fn an_event_that_does_not_end_is_stopped() {
    let hostile = script("hostile");
    assert_snapshot!(ends_late(&hostile, "spin"), @"the app's logic worked on one event for more than 500 ms; hint: look for a loop that does not end, or split the work with timers");
    assert_eq!(ends_late(&hostile, "search"), ends_late(&rust(), "spin"), "a builtin and Rust stop as a loop does");
    assert_eq!(ends_late(&hostile, "jobs"), ends_late(&hostile, "spin"), "so does a chain of promises");
}

#[test]
fn memory_is_bounded() {
    assert_snapshot!(ends(&rust(), "hoard"), @"the app's logic needed more than 64 MiB of memory; hint: keep less in memory, put it into guichet.storage");
    let mut hostile = Session::launch(&script("hostile"));
    assert_snapshot!(hostile.ask("hoard", Json::Null).unwrap().unwrap_err(), @"out of memory");
    assert_eq!(hostile.ask("alive", Json::Null).unwrap(), Ok(json!("alive")), "JavaScript can live on");
    assert!(hostile.logic().memory_bytes() <= Budget::default().memory_bytes);
}

#[test]
fn depth_is_bounded() {
    assert_snapshot!(ends_with(&rust(), "dig", json!(1)), @"the app's logic nested its calls too deeply; hint: look for a function that calls itself without end");
    let mut hostile = Session::launch(&script("hostile"));
    assert_snapshot!(hostile.ask("dig", Json::Null).unwrap().unwrap_err(), @"Maximum call stack size exceeded");
    assert_eq!(hostile.ask("depth", Json::Null).unwrap(), Ok(json!(["RangeError", true])));
}

#[test]
fn a_panic_says_where() {
    assert_snapshot!(ends_with(&rust(), "panic", json!("no such form")), @"the app's logic panicked: no such form at src/lib.rs:123:5");
}

#[test]
fn output_is_bounded() {
    let hostile = script("hostile");
    assert_snapshot!(ends(&hostile, "shout"), @"the app's logic put out more than 4096 KiB in one event; hint: look for a loop that logs or stores without end");
    assert_eq!(ends(&hostile, "shoutOnce"), ends(&hostile, "shout"));
    assert_eq!(ends(&hostile, "storeOnce"), ends(&hostile, "shout"));
}

#[test]
fn pending_calls_are_bounded() {
    assert_snapshot!(ends(&script("hostile"), "start"), @"the app's logic started more than 256 calls at once; hint: await some before starting more");
}

#[test]
fn only_the_console_of_the_last_event_is_kept() {
    let mut hostile = Session::launch_within(&script("hostile"), Budget::default());
    let before = hostile.outputs.len();
    hostile.ask("say", Json::Null).unwrap_err();
    assert_eq!(hostile.outputs.len(), before, "an event that ends the logic puts nothing out");
    let words = hostile.logic().last_words();
    assert!(matches!(words.as_slice(), [Output::Tell { interface, .. }] if interface == "log"), "{words:?}");
}

#[test]
fn loading_can_fail() {
    assert_snapshot!(boots("const a = 1;\nconst b = ;"), @r#"
    the app's logic did not start: SyntaxError: unexpected token in expression: ';'
        at app.js:2:11
    "#);
    assert_snapshot!(boots("function broken() { null.field; }\nbroken();"), @r#"
    the app's logic did not start: TypeError: cannot read property 'field' of null
        at broken (app.js:1:20)
        at <anonymous> (app.js:2:1)
    "#);
    assert_snapshot!(boots("throw 'a text';"), @"the app's logic did not start: thrown: a text");
    assert_snapshot!(boots("for (;;);"), @"the app's logic did not start within 2000 ms; hint: do the work in `launched` or in a handler, not at the top of app.js");
    assert_snapshot!(boots("guichet.storage.get('k').catch(() => {}); setTimeout(() => {}, 1);"), @r#"
    the app's logic did not start: Error: setTimeout can be used only after `launched`
        at <anonymous> (app.js:1:42)
    "#);
    assert_snapshot!(boots("await guichet.storage.get('k');"), @r#"
    the app's logic did not start: Error: storage.get can be used only after `launched`
        at <anonymous> (app.js:1:22)
    "#);
    assert_snapshot!(boots("await new Promise(() => {});"), @"the app's logic did not start: Error: app.js still waits at its top level (`await`), and nothing can complete before `launched`");
    assert_snapshot!(boots("import './missing.js';"), @"the app's logic did not start: Error: app.js imports './missing.js', and the package has no file missing.js");
    assert_snapshot!(boots("import 'react';"), @"the app's logic did not start: Error: app.js imports 'react', which is not a path inside the package; it must begin with ./ or ../");
    assert_snapshot!(boots("import '../../outside.js';"), @"the app's logic did not start: Error: app.js imports '../../outside.js', which is not a path inside the package; it must begin with ./ or ../");
    assert_snapshot!(boots("const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));"), @r#"
    the app's logic did not start: InternalError: out of memory
        at <anonymous> (app.js:1:54)
    "#);
    let none = Session::boot(&Program::Script(Default::default()), Budget::default());
    assert_snapshot!(none.map(|_| "booted").unwrap_err(), @"the app's logic did not start: Error: the package has no app.js");
}

#[test]
fn a_syntax_error_in_a_module_names_its_file() {
    let sources = [("app.js", "import './lib/a.js';"), ("lib/a.js", "export const a = 1;\nlet let = 2;")];
    let program = Program::Script(sources.map(|(path, source)| (path.to_owned(), source.to_owned())).into());
    assert_snapshot!(Session::boot(&program, Budget::default()).map(|_| "booted").unwrap_err(), @r#"
    the app's logic did not start: SyntaxError: variable name expected
        at lib/a.js:2:5
    "#);
}

#[test]
fn what_is_no_component_of_ours_is_refused() {
    assert_snapshot!(loads(b"not wasm"), @"the app's logic cannot be loaded: it is not WebAssembly; hint: build it against the WIT world guichet:app/mini-app");
    assert_snapshot!(loads(b"\0asm\x01\0\0\0"), @"the app's logic cannot be loaded: it is a core module, not a component; hint: build it against the WIT world guichet:app/mini-app");
    // What a compiler has made of a component is no component, not even our own compiler.
    let compiled = wasmtime::Engine::default().precompile_component(b"\0asm\x0d\0\x01\0").unwrap();
    assert_eq!(loads(&compiled), loads(b"not wasm"));
    // An empty component: it links, and has no logic.
    let empty = engine()
        .load(&Program::Component(Wasm::new(&b"\0asm\x0d\0\x01\0"[..])))
        .and_then(|loaded| loaded.start(Budget::default()).map(|_| ()));
    assert_snapshot!(empty.unwrap_err(), @"the app's logic cannot be loaded: it does not export guichet:app/logic; hint: build it against the WIT world guichet:app/mini-app");
}

#[test]
fn a_component_may_not_read_the_packages_sources() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/guests/script.wasm");
    assert_snapshot!(loads(&std::fs::read(path).unwrap()), @"the app's logic cannot be loaded: it imports guichet:app/modules@0.1.0, which is not a host API of guichet:app@0.1.x; hint: build it against the WIT world guichet:app/mini-app");
}

#[test]
fn completions_can_be_taken_once_and_by_their_own_function() {
    assert_snapshot!(ends(&rust(), "take-again"), @"the app's logic broke the contract with its host: storage.get-result was asked for call 1, which has not just completed");
    assert_snapshot!(ends(&rust(), "take-other"), @"the app's logic broke the contract with its host: storage.get-result was asked for call 1, which has not just completed");
    assert_snapshot!(ends(&rust(), "take-early"), @"the app's logic broke the contract with its host: storage.get-result was asked for call 1, which has not just completed");
}

#[test]
fn a_completion_of_another_type_is_the_hosts_fault_and_said() {
    let mut demo = Session::boot(&script("demo"), Budget::default()).unwrap();
    demo.logic().handle(START_MS, launched()).unwrap();
    let wrong = Event::Completed { call: 1, result: Ok(guichet_contract::Value::Bool(true)) };
    assert_snapshot!(demo.logic().handle(START_MS, wrong).unwrap_err(), @"the app's logic broke the contract with its host: storage.get-result: another kind is wanted, a truth value was given");
}

#[test]
fn every_reason_has_a_class() {
    let text = String::new;
    let all = [
        Ended::Compile(text()),
        Ended::CompileBudget(text()),
        Ended::NoProcess(text()),
        Ended::Boot(text()),
        Ended::BootDeadline(1),
        Ended::Deadline(1),
        Ended::Memory(1),
        Ended::Stack,
        Ended::Panic(text()),
        Ended::Trap(text()),
        Ended::TooManyCalls(1),
        Ended::TooMuchOutput(1),
        Ended::Contract(text()),
    ];
    let classes: std::collections::BTreeSet<_> = all.iter().map(Ended::class).collect();
    assert_eq!(classes.len(), all.len());
    assert!(classes.iter().all(|class| class.starts_with("logic/")));
}
