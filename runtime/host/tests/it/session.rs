//! A running app: lifecycle, pages, logic and the door, all over the bridge's words.

use std::fmt::Write;

use guichet_contract::Level;
use guichet_host::SessionEvent;
use serde_json::{Value as Json, json};

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::{Running, Terminal},
    store::Store,
};

/// A running app with this logic, which may use storage.
struct Started {
    running: Running,
    terminal: Terminal,
    _store: Store,
}

fn started(logic: &str) -> Started {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).asks_for(&["host:storage"]).logic(logic).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = terminal.launch(PERMIT);
    Started { running, terminal, _store: store }
}

#[test]
fn a_page_asks_the_logic_and_the_logic_keeps_data() {
    let app = started(
        r#"
        export async function count({ by }) {
          const before = Number(await guichet.storage.get("count") ?? 0);
          await guichet.storage.set("count", String(before + by));
          guichet.page.update({ count: before + by });
          return { count: before + by };
        }
        export default {};
        "#,
    );
    let page = app.running.loaded();
    assert_eq!(app.running.ask(page, "count", json!({"by": 2})).unwrap(), json!({"count": 2}));
    assert_eq!(app.running.ask(page, "count", json!({"by": 3})).unwrap(), json!({"count": 5}));
    app.running.until_told(page, "the state", |json| {
        json["state"] == json!({"count": 5}) && json["update"] == json!({"count": 5})
    });
    assert_eq!(app.running.call(page, "storage", "get", json!(["count"])).unwrap(), json!("5"));
    assert_eq!(app.running.call(page, "storage", "keys", json!([""])).unwrap(), json!(["count"]));
}

#[test]
fn bytes_cross_the_bridge_as_bytes() {
    let app = started("export default {};");
    let page = app.running.loaded();
    let bytes = json!({"$bytes": "AP8Q"});
    app.running.call(page, "storage", "set", json!(["photo", bytes])).unwrap();
    assert_eq!(app.running.call(page, "storage", "get", json!(["photo"])).unwrap(), bytes);
}

#[test]
fn an_app_knows_itself_and_its_terminal() {
    let app = started("export const info = () => guichet.appInfo.get(); export default {};");
    let page = app.running.loaded();
    let own = app.running.call(page, "app-info", "get", json!([])).unwrap();
    assert_eq!(
        own,
        json!({"app-id": PERMIT, "version-code": 1, "version-name": "1.0.0", "platform-code": 1, "lang": "en", "terminal": "desktop"})
    );
    assert_eq!(app.running.ask(page, "info", Json::Null).unwrap()["appId"], PERMIT);
}

#[test]
fn a_question_nobody_answers_for_and_one_that_throws_are_errors() {
    let app = started("export function fails() { throw new Error('no such form') } export default {};");
    let page = app.running.loaded();
    let (name, message) = app.running.ask(page, "fails", Json::Null).unwrap_err();
    assert_eq!((name.as_str(), message.as_str()), ("InvalidError", "no such form"));
    let (_, message) = app.running.ask(page, "nothing", Json::Null).unwrap_err();
    assert!(message.contains("nothing"), "{message}");
}

#[test]
fn lifecycle_reaches_logic_and_pages_in_order() {
    let app = started(
        r#"
        const say = (what) => (detail) => console.log([what, detail?.page, detail?.route, detail?.query].filter((it) => it !== undefined).join(" "));
        export default {
          launched: say("launched"), shown: say("shown"), hidden: say("hidden"), unloaded: say("unloaded"),
          pageLoaded: say("pageLoaded"), pageReady: say("pageReady"), pageShown: say("pageShown"),
          pageHidden: say("pageHidden"), pageUnloaded: say("pageUnloaded"),
        };
        "#,
    );
    let running = &app.running;
    let page = running.loaded();
    running.session.page_message(page, r#"{"event":"ready"}"#);
    running.until_told(page, "ready", |json| json["lifecycle"]["phase"] == "ready");
    running.call(page, "navigation", "navigate", json!(["pages/form?case=7"])).unwrap();
    let form = running.until_open("pages/form");
    running.load(form);
    running.call(form, "navigation", "back", json!([])).unwrap();
    running.session.hidden();
    running.until_told(page, "hidden", |json| {
        json["lifecycle"]["target"] == "global" && json["lifecycle"]["phase"] == "hidden"
    });
    running.session.shown();
    running.call(page, "app-info", "get", json!([])).unwrap();
    running.close();
    let mut log = String::new();
    for line in running.log() {
        writeln!(log, "{line}").unwrap();
    }
    insta::assert_snapshot!(log, @r"
    launched pages/home
    shown
    pageLoaded 1 pages/home
    pageShown 1 pages/home
    pageReady 1 pages/home
    pageHidden 1 pages/home
    pageLoaded 2 pages/form case=7
    pageShown 2 pages/form case=7
    pageHidden 2 pages/form case=7
    pageUnloaded 2 pages/form case=7
    pageShown 1 pages/home
    pageHidden 1 pages/home
    hidden
    shown
    pageShown 1 pages/home
    pageHidden 1 pages/home
    hidden
    pageUnloaded 1 pages/home
    unloaded
    ");
}

#[test]
fn a_page_that_loads_later_learns_the_state_and_no_old_event() {
    let app = started("export default { launched() { guichet.page.update({ greeting: 'hello' }) } };");
    let page = app.running.loaded();
    app.running.until_told(page, "launched", |json| {
        json["lifecycle"]["phase"] == "launched" && json["lifecycle"]["quiet"] == false
    });
    app.running.until_told(page, "the state", |json| json["state"] == json!({"greeting": "hello"}));
    assert!(app.running.session.follow("/pages/list.html?from=home#x"));
    let list = app.running.until_open("pages/list");
    app.running.load(list);
    app.running.until_told(list, "launched, quietly", |json| {
        json["lifecycle"]["phase"] == "launched" && json["lifecycle"]["quiet"] == true
    });
    app.running.until_told(list, "the state", |json| json["state"] == json!({"greeting": "hello"}));
    app.running.until_told(list, "its query", |json| json["lifecycle"]["query"] == "from=home");
}

#[test]
fn navigation_stays_inside_the_app() {
    let app = started("export default {};");
    let page = app.running.loaded();
    for route in [
        "https://evil.example/",
        "pages/none",
        "../pages/form",
        "guichet://miniapp/other/pages/home",
        "",
        "//pages/form",
    ] {
        let (name, _) = app.running.call(page, "navigation", "navigate", json!([route])).unwrap_err();
        assert_eq!(name, "InvalidError", "{route}");
        assert!(!app.running.session.follow(route), "{route}");
    }
    let (_, message) = app.running.call(page, "navigation", "navigate", json!(["pages/none"])).unwrap_err();
    insta::assert_snapshot!(message, @r#"navigation: the app has no page `pages/none`; hint: list it in manifest.json: "pages""#);
    let (_, message) = app.running.call(page, "navigation", "back", json!([])).unwrap_err();
    insta::assert_snapshot!(message, @"navigation.back: there is no page below; hint: offer no way back on the first page");
    app.running.call(page, "navigation", "navigate", json!(["/pages/form.html"])).unwrap();
    let (_, message) = app.running.call(page, "navigation", "navigate", json!(["pages/list"])).unwrap_err();
    insta::assert_snapshot!(message, @"navigation: this page is not in front; hint: move on only from the page that is seen");
}

#[test]
fn logic_navigates_and_redirects() {
    let app = started("export const go = (route) => guichet.navigation.redirect(route); export default {};");
    let page = app.running.loaded();
    app.running.session.page_message(page, r#"{"id":1,"ask":"go","input":"pages/list"}"#);
    let replaced = app.running.until("a replaced page", |event| match event {
        SessionEvent::Replace { replaced, page, route, .. } => Some((*replaced, *page, route.clone())),
        _ => None,
    });
    assert_eq!(replaced, (1, 2, "pages/list".to_owned()));
}

#[test]
fn timers_come_and_forgotten_ones_do_not() {
    let app = started(
        r#"
        export const wait = () => new Promise((done) => {
          const forgotten = setTimeout(() => console.log("forgotten"), 1);
          clearTimeout(forgotten);
          setTimeout(() => done("waited"), 20);
        });
        export default {};
        "#,
    );
    let page = app.running.loaded();
    assert_eq!(app.running.ask(page, "wait", Json::Null).unwrap(), json!("waited"));
    assert!(app.running.log().is_empty());
}

/// The end of an app with this logic, after its page asked for `run`.
fn end_of(logic: &str) -> (String, String, String) {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).logic(logic).seal("residence"));
    store.release(
        &App::new(ESTIMATOR, 1).logic("export const ping = () => 'pong'; export default {};").seal("benefits"),
    );
    let terminal = Terminal::with(&store, PERMIT);
    terminal.install(ESTIMATOR).unwrap();
    let other = terminal.launch(ESTIMATOR);
    let running = terminal.launch(PERMIT);
    running.session.page_message(1, r#"{"id":1,"ask":"run","input":null}"#);
    let ending = running.ending();
    assert!(running.session.has_ended());
    let page = other.loaded();
    assert_eq!(other.ask(page, "ping", Json::Null).unwrap(), json!("pong"), "the other app goes on");
    assert!(terminal.launch(PERMIT).session.serve("/pages/home").is_ok(), "and the app can be opened again");
    (ending.class.to_owned(), ending.reason, ending.hint)
}

#[test]
fn logic_that_loops_forever_ends_and_the_host_lives() {
    let (class, reason, hint) = end_of("export function run() { for (;;) {} } export default {};");
    assert_eq!(class, "logic/event-deadline");
    insta::assert_snapshot!(reason, @"the app's logic worked on one event for more than 500 ms");
    insta::assert_snapshot!(hint, @"look for a loop that does not end, or split the work with timers");
}

#[test]
fn logic_that_loops_inside_a_builtin_ends_too() {
    let (class, ..) = end_of(
        "export function run() { const a = 'a'.repeat(1 << 20); a.repeat(8).indexOf(a + 'b'); for (;;) a.indexOf('b') } export default {};",
    );
    assert_eq!(class, "logic/event-deadline");
}

#[test]
fn logic_that_throws_at_its_start_ends_with_its_words() {
    let (class, reason, _) = end_of("throw new Error('no configuration');");
    assert_eq!(class, "logic/boot-failed");
    assert!(reason.contains("no configuration"), "{reason}");
}

#[test]
fn logic_that_navigates_for_ever_can_be_closed() {
    let app = started("export default { pageShown() { guichet.navigation.redirect('pages/list') } };");
    app.running.until_open("pages/list");
    assert!(app.running.close().is_closed());
}

#[test]
fn logic_that_always_starts_another_call_does_not_starve_its_pages() {
    let app = started(
        "export default { async launched() { for (;;) await guichet.storage.get('x') } }; export const ping = () => 'pong';",
    );
    let page = app.running.loaded();
    assert_eq!(app.running.ask(page, "ping", Json::Null).unwrap(), json!("pong"));
    assert!(app.running.close().is_closed());
}

#[test]
fn what_a_page_says_wrongly_is_logged_and_harms_nothing() {
    let app = started("export default {};");
    let page = app.running.loaded();
    let session = &app.running.session;
    for message in [
        "",
        "[",
        "{}",
        r#"{"id":"x","ask":"y"}"#,
        r#"{"interface":"page","function":"update","arguments":["{}"]}"#,
        r#"{"id":1001,"interface":"page","function":"answer","arguments":[1]}"#,
    ] {
        session.page_message(page, message);
    }
    session.page_message(99, r#"{"event":"loaded"}"#);
    session.page_message(page, &format!(r#"{{"id":1007,"ask":"{}"}}"#, "x".repeat(5 << 20)));
    let (name, message) = app.running.call(page, "printer", "print", json!([])).unwrap_err();
    assert_eq!((name.as_str(), message.as_str()), ("InvalidError", "there is no host function printer.print"));
    app.running.until("the dropped message", |event| match event {
        SessionEvent::Log(line)
            if line.level == Level::Warn && line.text.starts_with("1 messages of pages were dropped") =>
        {
            Some(())
        }
        _ => None,
    });
    assert!(app.running.close().is_closed());
}

#[test]
fn a_page_cannot_speak_for_another_app() {
    let mut store = Store::new();
    store.release(&App::new(PERMIT, 1).asks_for(&["host:storage"]).seal("residence"));
    store.release(&App::new(ESTIMATOR, 1).seal("benefits"));
    let terminal = Terminal::with(&store, PERMIT);
    terminal.install(ESTIMATOR).unwrap();
    let running = terminal.launch(ESTIMATOR);
    let page = running.loaded();
    let message = json!({"id": 1, "app": PERMIT, "app_id": PERMIT, "interface": "storage", "function": "get", "arguments": ["draft"]});
    running.session.page_message(page, &message.to_string());
    let answer = running.until_told(page, "an answer", |json| json["id"] == 1);
    assert_eq!(answer["error"]["name"], "DeniedError");
}

#[test]
fn a_fault_of_a_page_is_logged_with_its_page() {
    let app = started("export default {};");
    let page = app.running.loaded();
    app.running.session.page_message(page, r#"{"report":{"message":"x is not defined","stack":"at pages/home.js:3"}}"#);
    app.running.session.page_message(page, r#"{"interface":"log","function":"write","arguments":["info","opened"]}"#);
    let line = app.running.until("a log line", |event| match event {
        SessionEvent::Log(line) if line.level == Level::Error => Some(line.clone()),
        _ => None,
    });
    assert_eq!((line.page, line.text.as_str()), (Some(page), "x is not defined\nat pages/home.js:3"));
    app.running.until("the page's own line", |event| match event {
        SessionEvent::Log(line) if line.level == Level::Info && line.text == "opened" => Some(()),
        _ => None,
    });
}

#[test]
fn nothing_is_heard_from_a_session_that_has_ended() {
    let app = started("export default {};");
    let page = app.running.loaded();
    assert!(app.running.close().is_closed());
    app.running.session.page_message(page, r#"{"id":1,"ask":"x"}"#);
    app.running.session.shown();
    assert!(app.running.session.has_ended());
    assert!(app.terminal.launch(PERMIT).session.serve("/pages/home").is_ok());
}

#[test]
fn what_an_app_says_is_kept_on_the_device_until_somebody_erases_it() {
    let app = started("export const say = ({ text }) => console.warn(text); export default {};");
    let page = app.running.loaded();
    app.running.ask(page, "say", json!({"text": "no paper"})).unwrap();
    app.running.session.page_message(
        page,
        &json!({"interface": "log", "function": "write", "arguments": ["error", "of a page"]}).to_string(),
    );
    app.running.until("the page's line", |event| match event {
        SessionEvent::Log(line) if line.text == "of a page" => Some(()),
        _ => None,
    });
    app.running.close();
    let folder = app.terminal.home().join("apps").join(PERMIT);
    let said: Vec<Json> = guichet_host::console(&folder).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    let line = |level: &str, page: Json, text: &str| json!({"at": crate::store::NOW, "level": level, "page": page, "release": {"sequence": 1, "version": "1.0.0"}, "text": text});
    assert_eq!(said, [line("warn", Json::Null, "no paper"), line("error", json!(page), "of a page")]);
    app.terminal.host.erase_data(&PERMIT.parse().unwrap()).unwrap();
    assert_eq!(guichet_host::console(&folder).unwrap(), "");
}
