//! JavaScript apps: what `guichet.*`, the lifecycle and the console do.

use guichet_engine::{Budget, Event, Output, PagePhase, Phase};
use insta::assert_snapshot;
use serde_json::{Value as Json, json};

use crate::session::{START_MS, Session, launched, one_file, script};

fn ask(name: &str, input: Json) -> String {
    let answer = Session::launch(&script("desk")).ask(name, input).unwrap();
    answer.map_or_else(|error| format!("error: {error}"), |json| json.to_string())
}

#[test]
fn the_demo_app_runs() {
    let mut demo = Session::launch(&script("demo"));
    assert_eq!(demo.ask("count", Json::Null).unwrap(), Ok(json!(1)));
    assert_eq!(demo.ask("count", Json::Null).unwrap(), Ok(json!(2)));
    assert_eq!(demo.ask("leave", Json::Null).unwrap(), Err("navigation.navigate needs a permission".to_owned()));
    assert_eq!(demo.ask("orphan", Json::Null).unwrap(), Ok(Json::Null));
    assert_snapshot!(demo.said("page", "update"), @r#"
    ["{\"count\":1}"]
    ["{\"count\":2}"]
    "#);
    assert_snapshot!(demo.said("log", "write"), @r#"
    ["info","launched pages/index undefined"]
    ["error","handler leave: DeniedError: navigation.navigate needs a permission\n    at leave (app.js:19:28)"]
    "#);
    assert_snapshot!(demo.said("log", "report"), @r#"[{"message":"Error: nobody waits for me","stack":"    at orphan (app.js:23:22)"}]"#);
}

#[test]
fn storage_keeps_text_and_bytes() {
    assert_snapshot!(ask("bytes", Json::Null), @r#"{"after":["text"],"before":"undefined","bytes":[0,255,7],"isBytes":true,"keys":["bytes","text"],"text":"证"}"#);
}

#[test]
fn records_have_javascript_names() {
    assert_snapshot!(ask("whoami", Json::Null), @r#"{"appId":"gov.example.desk","lang":"zh-Hans","platformCode":1,"terminal":"desktop","versionCode":3,"versionName":"1.2.0"}"#);
}

#[test]
fn every_lifecycle_event_reaches_the_app() {
    let mut desk = Session::launch(&script("desk"));
    for phase in [Phase::Shown, Phase::Hidden, Phase::Unloaded] {
        desk.run(Event::Phase(phase), 0).unwrap();
    }
    for phase in [PagePhase::Loaded, PagePhase::Ready, PagePhase::Shown, PagePhase::Hidden, PagePhase::Unloaded] {
        desk.run(Event::Page { page: 1, route: "pages/index".to_owned(), query: "a=1".to_owned(), phase }, 0).unwrap();
    }
    let events = desk.ask("events", Json::Null).unwrap().unwrap();
    let lines: Vec<_> = events.as_array().unwrap().iter().map(Json::to_string).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    ["launched",{"dir":"auto","lang":"zh-Hans","query":"from=home","referrer":"guichet://miniapp/gov.example.hall/pages/list","route":"pages/index"}]
    ["shown"]
    ["hidden"]
    ["unloaded"]
    ["pageLoaded",{"page":1,"query":"a=1","route":"pages/index"}]
    ["pageReady",{"page":1,"query":"a=1","route":"pages/index"}]
    ["pageShown",{"page":1,"query":"a=1","route":"pages/index"}]
    ["pageHidden",{"page":1,"query":"a=1","route":"pages/index"}]
    ["pageUnloaded",{"page":1,"query":"a=1","route":"pages/index"}]
    "#);
}

#[test]
fn a_handler_gets_its_input_and_its_page() {
    assert_snapshot!(ask("page", json!({"a": ["b", 1]})), @r#"{"from":{"page":7},"input":{"a":["b",1]}}"#);
    assert_snapshot!(ask("nothing", json!(1)), @"null");
    assert_snapshot!(ask("lang", Json::Null), @r#""zh-Hans""#);
    assert_snapshot!(ask("json", Json::Null), @"3");
}

#[test]
fn a_handler_that_fails_answers_with_a_sentence() {
    assert_snapshot!(ask("fail", Json::Null), @"error: this form is closed");
    assert_snapshot!(ask("failure", Json::Null), @"error: a text");
    assert_snapshot!(ask("big", Json::Null), @"error: BigInt are forbidden in JSON.stringify");
    assert_snapshot!(ask("missing", Json::Null), @"error: the logic has no handler 'missing': app.js does not export it");
    assert_snapshot!(ask("default", Json::Null), @"error: the logic has no handler 'default': app.js does not export it");
    let mut desk = Session::launch(&script("desk"));
    let _ = desk.ask("fail", Json::Null).unwrap();
    assert_snapshot!(desk.said("log", "write"), @r#"["error","handler fail: Error: this form is closed\n    at fail (app.js:103:39)"]"#);
    assert_snapshot!(desk.said("log", "report"), @"");
}

#[test]
fn timers_fire_in_order_and_can_be_cleared() {
    let mut desk = Session::launch(&script("desk"));
    assert_snapshot!(desk.ask("timers", Json::Null).unwrap().unwrap().to_string(), @r#"["one","tick at 10","tick at 20"]"#);
    let forgotten = desk.outputs.iter().filter(|output| matches!(output, Output::Forget { .. })).count();
    assert_eq!(forgotten, 2, "one timeout, one interval");
}

#[test]
fn calls_run_at_once_and_answer_each_its_own() {
    assert_snapshot!(ask("race", Json::Null), @r#"["undefined","undefined","undefined"]"#);
}

#[test]
fn wrong_arguments_and_failures_are_named_errors() {
    let answer = Session::launch(&script("desk")).ask("wrong", Json::Null).unwrap().unwrap();
    let lines: Vec<_> = answer.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    InvalidError: storage.set: value must be a text or bytes
    InvalidError: storage.get: key must be a text
    InvalidError: storage.get: key must be 1 to 512 bytes long
    DeniedError: navigation.navigate needs a permission
    TypeError: guichet.page.update needs a value that JSON can hold
    TypeError: setTimeout needs a function
    InvalidError: log.write: level must be debug, info, warn or error
    "#);
}

#[test]
fn text_becomes_bytes_and_back() {
    assert_snapshot!(ask("text", Json::Null), @r#"[11,"办事 😀","办事 😀","�","TypeError"]"#);
}

#[test]
fn the_console_shows_values() {
    let mut desk = Session::launch(&script("desk"));
    let _ = desk.ask("says", Json::Null).unwrap();
    assert_snapshot!(desk.said("log", "write"), @r#"
    ["debug","debug 1 {\"a\":[true,null]}"]
    ["warn","undefined [object Object]"]
    ["error","TypeError: typed\n    at says (app.js:99:21)"]
    "#);
}

#[test]
fn time_and_randomness_come_from_the_events() {
    assert_snapshot!(ask("dice", Json::Null), @r#"[0.4739742569677886,0.3667403326317412,1790000000000,"2026-09-21T14:13:20.000Z"]"#);
    assert_eq!(ask("dice", Json::Null), ask("dice", Json::Null));
}

#[test]
fn a_rejection_nobody_catches_is_reported_with_file_and_line() {
    let mut hostile = Session::launch(&script("hostile"));
    let _ = hostile.ask("orphan", Json::Null).unwrap();
    let _ = hostile.ask("late", Json::Null).unwrap();
    assert_snapshot!(hostile.said("log", "report"), @r#"
    [{"message":"Error: nobody waits for me","stack":"    at orphan (app.js:25:50)"}]
    [{"message":"TypeError: cannot read property 'field' of null","stack":"    at later (app.js:26:59)"}]
    "#);
}

#[test]
fn the_error_handler_hears_of_faults() {
    let source = "export default { error(fault) { console.log(`heard ${fault.message}`); throw new Error('again'); }, shown() { missing(); } };";
    let mut app = Session::launch(&one_file(source));
    app.run(Event::Phase(Phase::Shown), 0).unwrap();
    assert_snapshot!(app.said("log", "write"), @r#"["info","heard ReferenceError: missing is not defined"]"#);
    assert_snapshot!(app.said("log", "report"), @r#"
    [{"message":"ReferenceError: missing is not defined","stack":"    at shown (app.js:1:111)"}]
    [{"message":"in the error handler: Error: again","stack":"    at error (app.js:1:82)"}]
    "#);
}

#[test]
fn a_denied_call_names_the_line_that_made_it() {
    let source = "export default {\n  async launched() {\n    await guichet.navigation.navigate('admin');\n  },\n};";
    let app = Session::launch(&one_file(source));
    assert_snapshot!(app.said("log", "report"), @r#"[{"message":"DeniedError: navigation.navigate needs a permission","stack":"    at launched (app.js:3:30)"}]"#);
}

#[test]
fn what_is_said_while_loading_comes_with_the_first_event() {
    let mut app = Session::boot(&one_file("console.log('loading at', Date.now());"), Budget::default()).unwrap();
    assert_snapshot!(app.said("log", "write"), @"");
    app.run(launched(), 0).unwrap();
    assert_snapshot!(app.said("log", "write"), @r#"["info","loading at 0"]"#);
}

#[test]
fn an_empty_app_runs() {
    let mut app = Session::launch(&one_file(""));
    assert_eq!(
        app.ask("x", Json::Null).unwrap(),
        Err("the logic has no handler 'x': app.js does not export it".to_owned())
    );
    assert!(app.logic().memory_bytes() > 0);
}

#[test]
fn a_completion_nobody_waits_for_is_dropped() {
    let mut app = Session::launch(&script("demo"));
    let completed = Event::Completed { call: 99, result: Ok(guichet_contract::Value::Null) };
    assert_eq!(app.logic().handle(START_MS, completed), Ok(vec![]));
}

#[test]
fn everything_the_wit_offers_apps_is_in_guichet() {
    let source = "export const shape = () => Object.entries(guichet).map(([name, it]) => `${name}: ${typeof it === 'object' ? Object.keys(it).join(' ') : typeof it}`).join('\\n');";
    let shape = Session::launch(&one_file(source)).ask("shape", Json::Null).unwrap().unwrap();
    assert_snapshot!(shape.as_str().unwrap(), @r#"
    storage: get set remove keys
    network: fetch
    print: printers submit status cancel
    card: readers waitFor connect exchange disconnect
    code: make makeBars read
    speech: languages say waitFor stop
    clipboard: write read
    scan: scanners page
    notify: show withdraw
    files: pick read close save
    openApp: open given answer
    telemetry: count
    navigation: navigate redirect back
    appInfo: get
    log: write report
    page: update
    lang: string
    "#);
}

#[test]
fn guichet_cannot_be_changed_by_the_app() {
    let source = "export const change = () => { guichet.storage.get = () => 'mine'; };";
    let answer = Session::launch(&one_file(source)).ask("change", Json::Null).unwrap();
    assert_snapshot!(answer.unwrap_err(), @"'get' is read-only");
}

#[test]
fn a_module_is_loaded_once_and_relative_to_its_importer() {
    let sources = [
        (
            "app.js",
            "import { a } from './lib/a.js'; import { b } from './lib/deep/b.js'; export const sum = () => a() + b(); ",
        ),
        ("lib/a.js", "export let n = 0; export const a = () => ++n;"),
        (
            "lib/deep/b.js",
            "import { a } from '../a.js'; import('./later.js').then((later) => console.log(later.default)); export const b = a;",
        ),
        ("lib/deep/later.js", "export default 'late';"),
    ];
    let program =
        guichet_engine::Program::Script(sources.map(|(path, source)| (path.to_owned(), source.to_owned())).into());
    let mut app = Session::launch(&program);
    assert_eq!(app.ask("sum", Json::Null).unwrap(), Ok(json!(3)));
    assert_snapshot!(app.said("log", "write"), @r#"["info","late"]"#);
}

#[test]
fn a_megabyte_of_bytes_goes_both_ways_within_an_event() {
    let source = "export const bulk = async () => {
        await guichet.storage.set('k', new Uint8Array(1 << 20).fill(7));
        const value = await guichet.storage.get('k');
        return [value.length, value[1000]];
    };";
    assert_eq!(Session::launch(&one_file(source)).ask("bulk", Json::Null).unwrap(), Ok(json!([1 << 20, 7])));
}
