//! A session in a developer's window: another package takes the place of the one that runs, with all that can be kept.

use std::sync::{Arc, OnceLock};

use guichet_host::{
    Anew, Decision, HostCall, Look, LookOptions, LookTerminal, Renewal, Renewed, SessionEvent, Start, Walls,
};
use guichet_services::Rehearsed;
use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    device::Running,
};

const COUNTER: &str = r#"
    import { word } from "./common/word.js";
    let count = 0, dice = Math.random();
    const tell = () => guichet.page.update({ count, word, dice });
    export default { launched: tell };
    export async function more(step) {
      count += step;
      await guichet.storage.set("count", `${count}`);
      tell();
      return { count, dice };
    }
    export const fails = () => null.x;
"#;

fn app() -> App {
    App::new(PERMIT, 1)
        .asks_for(&["host:storage"])
        .logic(COUNTER)
        .file("common/word.js", "export const word = 'apples';\n")
        .file("pages/home.css", "p { color: red }")
}

fn options() -> LookOptions {
    LookOptions {
        services: Arc::new(Rehearsed::default()),
        lang: "en".to_owned(),
        terminal: LookTerminal::Desktop,
        walls: Walls::One,
        script_cache: Some(crate::script_cache::shared()),
        recorder: None,
        plays: None,
    }
}

/// All on one engine, which is what takes time.
fn rehearsed(app: &App) -> (Look, Running) {
    static FIRST: OnceLock<Look> = OnceLock::new();
    let first = FIRST.get_or_init(|| Look::rehearse(self::app().seal("residence"), options()).unwrap());
    let look = first.with_package(app.seal("residence")).unwrap();
    let running = Running::by(|sink| look.launch(&Start::default(), sink)).unwrap();
    (look, running)
}

/// What becomes of a session that has counted to three after this package takes its place.
fn renewed(change: impl Fn(App) -> App) -> (Running, u32, Renewal) {
    let (look, running) = rehearsed(&app());
    let page = running.loaded();
    running.ready(page);
    for path in ["/pages/home", "/pages/home.css", "/app.css"] {
        running.session.serve(path).unwrap();
    }
    running.ask(page, "more", json!(1)).unwrap();
    running.ask(page, "more", json!(2)).unwrap();
    running.session.renew(&look.with_package(change(app()).seal("residence")).unwrap());
    let renewal = running.until("what became of it", |event| match event {
        SessionEvent::Renewed(renewal) => Some(renewal.clone()),
        _ => None,
    });
    (running, page, renewal)
}

fn count(running: &Running, page: u32) -> Json {
    running.ask(page, "more", json!(0)).unwrap()["count"].clone()
}

#[test]
fn a_page_is_another_and_the_logic_goes_on() {
    let (running, page, renewal) =
        renewed(|app| app.file("pages/home.html", "<p>second").file("pages/list.html", "<p>x"));
    assert_eq!(renewal.logic, Renewed::Same);
    assert_eq!(renewal.changed, ["pages/home.html", "pages/list.html"]);
    assert_eq!(renewal.seen, ["pages/home.html"], "no page has asked for the other");
    let served = running.session.serve("/pages/home").unwrap();
    assert!(String::from_utf8(served.bytes).unwrap().contains("second"));
    assert_eq!(count(&running, page), 3);
}

#[test]
fn a_style_sheet_that_was_not_there_is_seen_when_it_comes() {
    let (_, _, renewal) = renewed(|app| app.file("pages/home.js", "1"));
    assert_eq!((renewal.seen, renewal.logic), (vec!["pages/home.js".to_owned()], Renewed::Same));
}

#[test]
fn new_logic_is_given_all_events_and_goes_on() {
    for change in [
        // What is told is another thing.
        (|app: App| app.logic(&COUNTER.replace("{ count, word, dice }", "{ count, word: 'pears', dice }")))
            as fn(App) -> App,
        // A module that only it imports.
        |app| app.file("common/word.js", "export const word = 'pears';\n"),
    ] {
        let (running, page, renewal) = renewed(change);
        assert!(matches!(renewal.logic, Renewed::Replayed { events } if events >= 5), "{renewal:?}");
        assert_eq!(renewal.seen, [""; 0]);
        let update = running.until_told(page, "the new state", |json| json["state"]["word"] == "pears");
        assert_eq!((&update["state"]["count"], &update["update"]), (&json!(3), &json!({"word": "pears"})));
        let before = running.until_told(page, "the first state", |json| json["state"]["word"] == "apples");
        assert_eq!(before["state"]["dice"], update["state"]["dice"], "the same seed gives the same session");
        assert_eq!(count(&running, page), 3);
    }
}

#[test]
fn new_logic_that_asks_something_else_of_the_host_takes_nobodys_place() {
    let (running, page, renewal) = renewed(|app| app.logic(&COUNTER.replace("count += step", "count += 2 * step")));
    let Renewed::Anew(Anew::Differs { event, input, expected, got }) = renewal.logic else { panic!("{renewal:?}") };
    assert!(event > 1 && input.contains("\"more\""), "{event} {input}");
    assert!(expected.unwrap().contains("\"1\"") && got.unwrap().contains("\"2\""));
    assert_eq!(count(&running, page), 3, "the old logic goes on until it is begun anew");
}

#[test]
fn new_logic_that_ends_on_the_way_says_where() {
    let spins = COUNTER.replace("count += step;", "count += step; if (count > 2) for (;;) {}");
    let (running, page, renewal) = renewed(|app| app.logic(&spins));
    let Renewed::Anew(Anew::Ended { event, input, problem }) = renewal.logic else { panic!("{renewal:?}") };
    assert!(event > 1 && input.contains("\"more\""), "{event} {input}");
    assert_eq!(problem.class, "logic/event-deadline");
    assert_eq!(count(&running, page), 3);
}

#[test]
fn new_logic_that_does_not_load_is_refused() {
    let (running, page, renewal) =
        renewed(|app| app.logic("export const more = ;").file("pages/home.html", "<p>second"));
    let Renewed::Refused(problem) = &renewal.logic else { panic!("{renewal:?}") };
    assert!(problem.class.starts_with("logic/") && !problem.what.is_empty(), "{problem:?}");
    assert_eq!(count(&running, page), 3);
    let served = running.session.serve("/pages/home").unwrap();
    assert!(String::from_utf8(served.bytes).unwrap().contains("version 1"), "nothing of the package is taken");
}

#[test]
fn another_manifest_begins_anew() {
    let (_, _, renewal) = renewed(|app| app.manifest("name", json!("Another")));
    assert_eq!(renewal.logic, Renewed::Anew(Anew::Manifest));
}

#[test]
fn what_passes_the_door_is_told_with_the_decision() {
    let (_, running) = rehearsed(&app());
    let page = running.loaded();
    let told = |function: &str, decision| {
        running.until(function, |event| match event {
            SessionEvent::Asked(call) if call.function == function && call.decision == decision => Some(call.clone()),
            _ => None,
        })
    };
    running.call(page, "storage", "set", json!(["k", "v"])).unwrap();
    let HostCall { page: asked, permission, reason, outcome, .. } = told("storage.set", Decision::Granted);
    assert_eq!(
        (asked, permission.as_deref(), reason.as_deref()),
        (Some(page), Some("host:storage"), Some("to keep drafts"))
    );
    assert!(outcome.unwrap().result.is_ok());
    let request = json!([{"method": "GET", "url": "https://data.example.gov/"}]);
    running.call(page, "network", "fetch", request).unwrap_err();
    assert_eq!(told("network.fetch", Decision::Waits).outcome, None);
    let denied = told("network.fetch", Decision::Denied);
    assert!(denied.outcome.unwrap().result.unwrap_err().contains("host:network"));
    running.call(page, "storage", "get", json!([])).unwrap_err();
    told("storage.get", Decision::Invalid);
    running.call(page, "app-info", "get", json!([])).unwrap();
    assert_eq!(told("app-info.get", Decision::Free).permission, None);
}

#[test]
fn a_session_that_does_not_rehearse_has_no_room_for_another_package() {
    let (rehearsing, _) = rehearsed(&app());
    let look = Look::open(app().seal("residence"), options()).unwrap();
    let running = Running::by(|sink| look.launch(&Start::default(), sink)).unwrap();
    let page = running.loaded();
    let other = app().file("pages/home.html", "<p>second").logic(&COUNTER.replace("count += step", "count += 9"));
    running.session.renew(&rehearsing.with_package(other.seal("residence")).unwrap());
    assert_eq!(running.ask(page, "more", json!(1)).unwrap()["count"], 1);
    let served = running.session.serve("/pages/home").unwrap();
    assert!(String::from_utf8(served.bytes).unwrap().contains("version 1"));
    let is_told = |event: &SessionEvent| matches!(event, SessionEvent::Renewed(_) | SessionEvent::Asked(_));
    assert!(!running.events().iter().any(is_told));
}
