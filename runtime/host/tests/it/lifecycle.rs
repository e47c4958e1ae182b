//! MiniApp Lifecycle, requirement by requirement, in both layers.

use guichet_host::{SessionEvent, Start};
use serde_json::{Value as Json, json};

use crate::{
    app::{App, PERMIT},
    device::{Running, Terminal},
    store::Store,
};

const CALLER: &str = "guichet://miniapp/gov.example.hall/pages/list";

struct Started {
    running: Running,
    _terminal: Terminal,
    _store: Store,
}

fn started_as(app: &App, start: &Start) -> Started {
    let mut store = Store::new();
    store.release(&app.seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let running = Running::try_start_at(&terminal.host, PERMIT, start).unwrap();
    Started { running, _terminal: terminal, _store: store }
}

fn started(logic: &str) -> Started {
    started_as(&App::new(PERMIT, 1).logic(logic), &Start::default())
}

/// Logic that writes what it hears of the app in every way there is.
const LISTENER: &str = r#"
const say = (...words) => console.log(words.map((it) => typeof it === "string" ? it : JSON.stringify(it)).join(" "));
const input = ({ pagePath, referrerInfo, lang, dir }) => [pagePath, referrerInfo, lang, dir].join("|");
App({
  onLaunch: (opened) => say("onLaunch", opened.path, opened.query, input(opened)),
  onShow: (opened) => say("onShow", input(opened)),
  onHide: () => say("onHide"),
  onUnload: () => say("onUnload"),
  onError: ({ errorDescription, dir }) => say("onError", errorDescription, dir),
});
for (const type of ["launched", "shown", "hidden", "unloaded"]) {
  global.addEventListener(`global${type}`, (event) => say(event.type, event.target.globalState, input(event)));
}
global.onglobalerror = (event) => say("onglobalerror", event.errorDescription, global.lifecycleError === null);
"#;

#[test]
fn l2_l8_l9_l10_l14_l16_the_logic_hears_of_the_app_in_every_way() {
    let app = App::new(PERMIT, 1)
        .manifest("dir", json!("rtl"))
        .logic(&format!("{LISTENER} export const boom = () => {{ setTimeout(() => {{ throw new Error('boom') }}, 0) }}; export default {{}};"));
    let start =
        Start { page: Some("pages/form?case=7#top".to_owned()), referrer: CALLER.to_owned(), ..Start::default() };
    let app = started_as(&app, &start);
    let page = app.running.until_open("pages/form");
    app.running.load(page);
    app.running.ask(page, "boom", Json::Null).unwrap();
    app.running.until_told(page, "the error", |json| json["lifecycle"]["error"] == "Error: boom");
    app.running.session.hidden();
    app.running.session.shown();
    app.running.call(page, "app-info", "get", json!([])).unwrap();
    app.running.close();
    let said = app.running.log().into_iter().filter(|line| !line.starts_with("Error: boom")).collect::<Vec<_>>();
    insta::assert_snapshot!(said.join("\n"), @r"
    onLaunch pages/form case=7 pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    globallaunched launched pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    onShow pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    globalshown shown pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    onError Error: boom rtl
    onglobalerror Error: boom false
    onHide
    globalhidden hidden pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    onShow pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    globalshown shown pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    onHide
    globalhidden hidden pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    onUnload
    globalunloaded unloaded pages/form|guichet://miniapp/gov.example.hall/pages/list|en|rtl
    ");
}

#[test]
fn l2_l6_l12_l16_a_page_hears_all_in_order_to_the_end() {
    let app = started("export default {};");
    let home = app.running.loaded();
    app.running.ready(home);
    app.running.call(home, "navigation", "navigate", json!(["pages/form?case=7"])).unwrap();
    let form = app.running.until_open("pages/form");
    app.running.load(form);
    app.running.ready(form);
    app.running.session.hidden();
    app.running.session.shown();
    app.running.call(form, "navigation", "back", json!([])).unwrap();
    app.running.close();
    insta::assert_snapshot!(app.running.lifecycle_of(home).join("\n"), @r"
    global launched
    global shown
    page loaded
    page shown
    page ready
    page hidden
    global hidden
    global shown
    page shown
    page hidden
    global hidden
    page unloaded
    ");
    insta::assert_snapshot!(app.running.lifecycle_of(form).join("\n"), @r"
    page loaded case=7
    page shown case=7
    page ready case=7
    page hidden case=7
    global hidden
    global shown
    page shown case=7
    page hidden case=7
    page unloaded case=7
    ");
}

#[test]
fn l6_a_page_hears_that_it_goes_before_the_shell_takes_it_away() {
    let app = started("export default {};");
    let home = app.running.loaded();
    let form = |app: &Started, from: u32, function: &str| {
        app.running.call(from, "navigation", function, json!(["pages/form"])).unwrap();
        app.running.until_open("pages/form")
    };
    let replacing = form(&app, home, "redirect");
    let heard = app.running.lifecycle_of(home);
    assert_eq!(heard[heard.len() - 2..], ["page hidden", "page unloaded"]);
    app.running.load(replacing);
}

#[test]
fn l7_ready_comes_once_and_to_a_reloaded_document_once_more() {
    let app = started("export default { pageReady() { console.log('ready') } };");
    let home = app.running.loaded();
    app.running.ready(home);
    app.running.session.page_message(home, r#"{"event":"ready"}"#);
    app.running.call(home, "app-info", "get", json!([])).unwrap();
    let ready = |app: &Started| app.running.lifecycle_of(home).iter().filter(|told| *told == "page ready").count();
    assert_eq!(ready(&app), 1);
    for event in ["loaded", "ready"] {
        app.running.session.page_message(home, &json!({ "event": event }).to_string());
    }
    app.running.call(home, "app-info", "get", json!([])).unwrap();
    assert_eq!(ready(&app), 2, "another document has to hear it");
    assert_eq!(app.running.log(), ["ready"], "and the logic does not hear it again");
}

#[test]
fn l3_an_error_of_a_page_is_the_app_s_and_the_app_goes_on() {
    let app = started("export default {};");
    let home = app.running.loaded();
    app.running.session.page_message(home, r#"{"report":{"message":"x is not defined","stack":"at home.js"}}"#);
    app.running.until_told(home, "the error", |json| json["lifecycle"]["error"] == "x is not defined");
    app.running.session.page_message(home, r#"{"report":{"message":"again","stack":"","quiet":true}}"#);
    app.running.call(home, "app-info", "get", json!([])).unwrap();
    let errors = app.running.lifecycle_of(home).iter().filter(|told| told.starts_with("global error")).count();
    assert_eq!(errors, 1, "what comes of hearing an error is only logged");
    assert!(app.running.log().iter().any(|line| line.starts_with("again")));
}

#[test]
fn l3_an_error_handler_that_throws_does_not_end_the_app() {
    let app = started(
        "App({ onError() { throw new Error('worse') } }); export const boom = () => { Promise.reject(new Error('boom')) }; export default {};",
    );
    let home = app.running.loaded();
    app.running.ask(home, "boom", Json::Null).unwrap();
    app.running.call(home, "app-info", "get", json!([])).unwrap();
    assert!(app.running.log().iter().any(|line| line.contains("in the error handler: Error: worse")));
    assert!(!app.running.session.has_ended());
}

#[test]
fn l13_without_a_page_the_first_one_opens_and_the_query_is_that_of_the_address() {
    let app = App::new(PERMIT, 1);
    let plain = started_as(&app, &Start::default());
    assert!(plain.running.session.bridge_script().contains(r#""pagePath":"pages/home","referrerInfo":"""#));
    let query = started_as(&app, &Start { page: Some("?case=1#top".to_owned()), ..Start::default() });
    let home = query.running.loaded();
    assert!(query.running.lifecycle_of(home).contains(&"page loaded case=1".to_owned()));
}

#[test]
fn l1_the_view_is_told_what_to_load_before_the_logic_is() {
    let app = started(
        "console.log('the logic is loaded'); export default { launched() { guichet.page.update({ first: 1 }) } };",
    );
    let home = app.running.loaded();
    let events = app.running.events();
    let place = |wanted: &dyn Fn(&SessionEvent) -> bool| events.iter().position(wanted).unwrap();
    let open = place(&|event| matches!(event, SessionEvent::Open { .. }));
    let logic = place(&|event| matches!(event, SessionEvent::Log(_)));
    let told = |what: &str| place(&|event| matches!(event, SessionEvent::ToPage { json, .. } if json.contains(what)));
    assert!(open < logic, "{events:#?}");
    assert!(told("\"first\"") < told("\"loaded\""), "the first data come before the answer that makes a page ready");
    let heard = app.running.lifecycle_of(home);
    assert!(!heard.iter().any(|told| told == "page ready"), "ready is the view's to say: {heard:?}");
}

#[test]
fn l5_a_session_after_an_unloaded_one_has_its_pages_and_loads_those_below_when_they_are_returned_to() {
    let logic = "export default { pageLoaded(it) { console.log(it.page, it.route, it.query) } };";
    let below = ["pages/home?a=1", "pages/gone", "pages/list"].map(str::to_owned).to_vec();
    let start = Start { page: Some("pages/form?case=7".to_owned()), below, ..Start::default() };
    let app = started_as(&App::new(PERMIT, 1).logic(logic), &start);
    let form = app.running.until_open("pages/form");
    app.running.load(form);
    let laid = app.running.events();
    let laid = laid.iter().filter_map(|event| match event {
        SessionEvent::Below { page, route, query, .. } => Some((*page, route.as_str(), query.as_str())),
        _ => None,
    });
    assert_eq!(
        laid.collect::<Vec<_>>(),
        [(1, "pages/home", "a=1"), (2, "pages/list", "")],
        "what there is no more is left out"
    );
    app.running.call(form, "navigation", "back", json!([])).unwrap();
    app.running.load(2);
    app.running.session.page_message(2, r#"{"event":"typed"}"#);
    app.running.call(2, "navigation", "back", json!([])).unwrap();
    app.running.load(1);
    assert!(app.running.events().contains(&SessionEvent::Typed { page: 2 }));
    assert_eq!(app.running.log(), ["3 pages/form case=7", "2 pages/list", "1 pages/home a=1"]);
    assert!(app.running.call(1, "navigation", "back", json!([])).is_err(), "nothing lies below");
}
