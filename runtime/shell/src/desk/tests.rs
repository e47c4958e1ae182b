//! What the desk decides, event by event, and what the host's own page is told.

mod background;
mod language;
mod tabs;
mod versions;
mod visits;

use guichet_contract::AppId;
use guichet_host::{
    AvailableRelease, Ending, Freshness, Icon, InstalledRelease, Listing, PermissionLine, Problem, SessionEvent, Start,
};
use guichet_package::Address;

use super::{Bar, Desk, Effect, Event, Failure, Order, Status};
use crate::{action::Action, settings::Settings};

const NOW: u64 = 1_763_862_060_000;

fn permit() -> AppId {
    "gov.example.permit".parse().unwrap()
}

fn listing(installed: Option<u64>, available: Option<u64>, staged: bool) -> Listing {
    Listing {
        app_id: permit(),
        department: "residence".parse().unwrap(),
        department_name: "公安".to_owned(),
        name: "居住证办理".to_owned(),
        description: "首次申领或续办".to_owned(),
        glaze: Some("celadon".to_owned()),
        icon: Some(Icon { mime: "image/svg+xml", bytes: b"<svg/>".to_vec() }),
        installed: installed.map(|sequence| InstalledRelease {
            sequence,
            version_name: format!("{sequence}.0"),
            version_code: sequence,
            size: 81_234,
            bytes_downloaded: 4_096,
        }),
        available: available.map(|sequence| AvailableRelease {
            sequence,
            version_name: format!("{sequence}.0"),
            version_code: sequence,
            download_bytes: 20_480,
        }),
        permissions: vec![PermissionLine {
            name: "host:storage".parse().unwrap(),
            scope: Default::default(),
            reason: "草稿".to_owned(),
            granted: true,
        }],
        staged,
        recalled: false,
        recall_reason: None,
        halted: None,
        choice: None,
    }
}

fn problem(class: &'static str) -> Problem {
    Problem { class, what: "it happened".to_owned(), place: None, hint: "do this".to_owned() }
}

fn freshness(last_error: Option<Problem>) -> Freshness {
    Freshness { last_refresh_ms: Some(NOW - 60_000), expired_since_ms: None, expired: false, last_error }
}

fn desk(wanted: Option<&str>, library: Vec<Listing>) -> Desk {
    let mut desk = Desk::new(Settings::default(), wanted.map(|text| Address::given(text).unwrap()), false);
    desk.on(Event::Library(library), NOW);
    desk
}

/// A desk with the app open on its first page, and the number of its run.
fn opened() -> (Desk, u64) {
    let mut desk = desk(None, vec![listing(Some(1), None, false)]);
    desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    let run = desk.open().unwrap().run;
    desk.on(Event::Launched(run, "1.0".to_owned()), NOW);
    desk.on(open_page(run, 1, "pages/home"), NOW);
    desk.on(Event::Loaded(run, 1), NOW);
    (desk, run)
}

fn open_page(run: u64, page: u32, route: &str) -> Event {
    Event::Session(
        run,
        SessionEvent::Open { page, route: route.to_owned(), query: String::new(), fragment: String::new() },
    )
}

fn orders(effects: &[Effect]) -> Vec<&Order> {
    effects.iter().filter_map(|effect| if let Effect::Order(order) = effect { Some(order) } else { None }).collect()
}

#[test]
fn an_app_opens_when_its_page_is_there() {
    let mut desk = desk(None, vec![listing(Some(1), None, false)]);
    let effects = desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    let run = desk.open().unwrap().run;
    assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start: Start::default() }]);
    let url = "guichet-app://gov.example.permit/pages/home.html".to_owned();
    assert_eq!(desk.on(open_page(run, 1, "pages/home"), NOW), [Effect::Load(run, 1, url)]);
    assert_eq!(desk.open().unwrap().status, Status::Opening);
    desk.on(Event::Loaded(run, 1), NOW);
    assert_eq!(desk.open().unwrap().status, Status::Running);
    let said = Effect::Say("opened gov.example.permit".to_owned());
    // The list of all apps is made when the person sees the one they wanted.
    assert_eq!(desk.on(Event::Ready(run, 1), NOW), [said, Effect::Order(Order::List)]);
    assert_eq!(desk.on(Event::Ready(run, 1), NOW), [], "said once");
}

#[test]
fn an_app_that_is_asked_for_twice_in_one_breath_opens_once() {
    let mut desk = desk(None, vec![listing(Some(1), None, false)]);
    desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    let run = desk.open().unwrap().run;
    assert_eq!(desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW + 80), []);
    assert_eq!(desk.open().unwrap().run, run);
    let ending = Ending { class: "logic/trap", reason: "it ended".to_owned(), hint: String::new() };
    let effects = desk.on(Event::Session(run, SessionEvent::Ended(ending)), NOW);
    assert_eq!(orders(&effects), [&Order::List], "what became of its trial is asked for");
    assert_ne!(desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW), [], "opened again once it has stopped");
}

#[test]
fn what_the_command_line_wants_is_added_first() {
    let mut desk = desk(Some("guichet://miniapp/gov.example.permit/pages/new?x=1"), vec![]);
    let effects = desk.on(Event::Library(vec![listing(None, Some(1), false)]), NOW);
    assert_eq!(orders(&effects), [&Order::Install(permit(), None)]);
    assert_eq!(desk.on(Event::Library(vec![listing(None, Some(1), false)]), NOW), [], "asked for once");
    let effects = desk.on(Event::Library(vec![listing(Some(1), None, false)]), NOW);
    let run = desk.open().unwrap().run;
    assert_eq!(
        orders(&effects),
        [&Order::Launch {
            run,
            app_id: permit(),
            start: Start { page: Some("pages/new?x=1".to_owned()), ..Start::default() }
        }]
    );
    desk.on(Event::Installed(permit()), NOW);
    assert_eq!(desk.render()["notices"], serde_json::json!([]), "nobody is told about what is open");
}

#[test]
fn the_host_s_own_page_waits_only_for_an_app_that_is_here() {
    let here = || vec![listing(Some(1), None, false)];
    let wanting = || Desk::new(Settings::default(), Some(Address::of(permit())), false);
    assert!(wanting().is_first_coming(), "nobody knows yet whether it is here");
    assert!(!desk(None, here()).is_first_coming(), "nothing is wanted");
    assert!(!desk(Some("guichet://miniapp/gov.example.permit"), vec![]).is_first_coming(), "it is not here");

    let opening = || {
        let desk = desk(Some("guichet://miniapp/gov.example.permit"), here());
        let run = desk.open().unwrap().run;
        (desk, run)
    };
    let (mut desk, run) = opening();
    for event in [Event::Launched(run, "1.0".to_owned()), open_page(run, 1, "pages/home"), Event::Loaded(run, 1)] {
        assert!(desk.is_first_coming(), "before {event:?}");
        desk.on(event, NOW);
    }
    assert!(desk.is_first_coming(), "it is loaded and not drawn");
    desk.on(Event::Ready(run, 1), NOW);
    assert!(!desk.is_first_coming());

    let (mut desk, _) = opening();
    let failure = Failure { action: "open", app_id: Some(permit()), problem: problem("page/crashed") };
    desk.on(Event::Failed(failure), NOW);
    assert!(!desk.is_first_coming(), "what went wrong is said on the host's own page");
    let (mut desk, run) = opening();
    desk.on(Event::Broke(run, problem("page/crashed")), NOW);
    assert!(desk.is_first_coming(), "it is begun once more");
    let (mut desk, run) = opening();
    let ending = Ending { class: "session/deadline", reason: "too slow".to_owned(), hint: "open again".to_owned() };
    desk.on(Event::Session(run, SessionEvent::Ended(ending)), NOW);
    assert!(!desk.is_first_coming(), "so is what stopped it");
    let (mut desk, run) = opening();
    desk.on(Event::Framed(run, Bar { is_hidden: true, ..Bar::default() }), NOW);
    assert!(!desk.is_first_coming(), "without a bar the host's own page says where the app begins");
}

#[test]
fn an_app_that_nobody_offers_is_said_so_after_a_refresh() {
    let mut desk = desk(Some("gov.example.other"), vec![]);
    let other: AppId = "gov.example.other".parse().unwrap();
    let effects = desk.on(Event::Refreshed(freshness(None)), NOW);
    assert_eq!(orders(&effects), [&Order::Install(other.clone(), None)], "trying says why not");
    let failure = Failure { action: "install", app_id: Some(other), problem: problem("library/unknown-app") };
    desk.on(Event::Failed(failure), NOW);
    assert_eq!(desk.trouble().unwrap().class, "library/unknown-app");
}

#[test]
fn pages_lie_on_a_stack() {
    let (mut desk, run) = opened();
    assert_eq!(desk.on(Event::Asked(Action::Back), NOW), [Effect::Hide(run)], "home below the first page");
    let (mut desk, run) = opened();
    desk.on(open_page(run, 2, "pages/list"), NOW);
    assert_eq!(desk.on(Event::Asked(Action::Back), NOW), [Effect::GoBack(run)]);
    let effects = desk.on(Event::Session(run, SessionEvent::Back { closed: 2, page: 1 }), NOW);
    let below = "guichet-app://gov.example.permit/pages/home.html".to_owned();
    assert_eq!(effects, [Effect::Load(run, 1, below), Effect::Shut(run, 2)]);
    let replace = SessionEvent::Replace {
        replaced: 1,
        page: 3,
        route: "pages/end".to_owned(),
        query: "a=1".to_owned(),
        fragment: "top".to_owned(),
    };
    let effects = desk.on(Event::Session(run, replace), NOW);
    let end = "guichet-app://gov.example.permit/pages/end.html?a=1#top".to_owned();
    assert_eq!(effects, [Effect::Load(run, 3, end), Effect::Shut(run, 1)]);
    assert_eq!(desk.open().unwrap().pages.len(), 1);
}

#[test]
fn what_an_earlier_run_says_is_not_heard() {
    let (mut desk, run) = opened();
    desk.on(Event::Asked(Action::Reopen { app_id: permit() }), NOW);
    let ending = Ending { class: "session/closed", reason: String::new(), hint: String::new() };
    for event in [
        Event::Session(run, SessionEvent::Ended(ending)),
        Event::Broke(run, problem("page/crashed")),
        Event::Loaded(run, 1),
        Event::Closed(run),
    ] {
        assert_eq!(desk.on(event, NOW), []);
    }
    assert_eq!(desk.open().unwrap().status, Status::Opening);
}

#[test]
fn a_runaway_app_is_stopped_and_the_host_lives() {
    let (mut desk, run) = opened();
    let ending = Ending { class: "session/deadline", reason: "too slow".to_owned(), hint: "open again".to_owned() };
    let effects = desk.on(Event::Session(run, SessionEvent::Ended(ending)), NOW);
    assert!(effects.contains(&Effect::End(run)));
    let app = desk.render()["app"].clone();
    insta::assert_json_snapshot!(app, @r#"
    {
      "app_id": "gov.example.permit",
      "bar": {
        "background": null,
        "hidden": false,
        "ink": null,
        "title": null
      },
      "can_go_back": false,
      "from": null,
      "status": "stopped",
      "stopped": {
        "at_ms": 1763862060000,
        "class": "session/deadline",
        "hint": "open again",
        "what": "too slow"
      },
      "tabs": [],
      "unsealed": false,
      "version_name": "1.0"
    }
    "#);
    assert_eq!(desk.on(Event::Asked(Action::CloseApp), NOW), [Effect::End(run)]);
    assert_eq!(desk.render()["mode"], "home");
}

#[test]
fn a_look_says_so_and_ends_with_its_app() {
    let mut desk = desk(None, vec![listing(Some(1), None, false)]).for_a_look();
    desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    let run = desk.open().unwrap().run;
    assert_eq!(desk.render()["app"]["unsealed"], true);
    assert_eq!(desk.on(Event::Asked(Action::CloseApp), NOW), [Effect::End(run), Effect::Exit]);
}

#[test]
fn an_app_without_a_bar_keeps_the_capsule_and_gets_the_bar_with_its_menu() {
    let (mut desk, run) = opened();
    let panel = |name: Option<&str>, chrome_px| {
        Event::Asked(Action::Panel { name: name.map(str::to_owned), chrome_px, height_px: 0.0, foot_px: 0.0 })
    };
    assert!(!desk.is_bar_hidden());
    desk.on(Event::Framed(run, Bar { is_hidden: true, ..Bar::default() }), NOW);
    desk.on(panel(None, 0.0), NOW);
    assert!(desk.is_bar_hidden());
    desk.on(Event::MenuAsked, NOW);
    assert_eq!(desk.render()["panel"], "menu");
    desk.on(panel(Some("menu"), 56.0), NOW);
    assert!(!desk.is_bar_hidden());
    desk.on(panel(None, 0.0), NOW);
    assert_eq!(desk.render()["panel"], serde_json::Value::Null);
    assert!(desk.is_bar_hidden());
}

#[test]
fn another_language_is_the_machine_room_s_too() {
    let mut desk = desk(None, vec![listing(Some(1), None, false)]);
    let effects = desk.on(Event::Asked(Action::SetLanguage { lang: "en".to_owned() }), NOW);
    assert_eq!(orders(&effects), [&Order::SetLanguage("en".to_owned())]);
    assert!(effects.contains(&Effect::Speak), "the bars of apps and the dialogs speak it too");
    assert!(matches!(&effects[0], Effect::Keep(settings) if settings.lang == "en"));
    let english = Listing { name: "Residence permit".to_owned(), ..listing(Some(1), None, false) };
    desk.on(Event::Library(vec![english]), NOW);
    let state = desk.render();
    assert_eq!((&state["lang"], &state["library"][0]["name"]), (&"en".into(), &"Residence permit".into()));
}

#[test]
fn without_a_network_one_is_told_since_when() {
    let mut desk = desk(None, vec![]);
    desk.on(Event::Refreshed(freshness(Some(problem("store/unreachable")))), NOW);
    desk.on(Event::Refreshed(freshness(Some(problem("store/unreachable")))), NOW + 60_000);
    assert_eq!(desk.render()["offline"]["since_ms"], NOW - 60_000);
    desk.on(Event::Refreshed(freshness(None)), NOW + 120_000);
    assert_eq!(desk.render()["offline"], serde_json::Value::Null);
}

#[test]
fn metadata_that_is_refused_is_a_failure_told_once() {
    let mut desk = desk(None, vec![]);
    desk.on(Event::Refreshed(freshness(Some(problem("metadata/rollback")))), NOW);
    let state = desk.render();
    assert_eq!((&state["offline"], &state["error"]["action"]), (&serde_json::Value::Null, &"refresh".into()));
    desk.on(Event::Asked(Action::Dismiss { id: "e1".to_owned() }), NOW);
    desk.on(Event::Refreshed(freshness(Some(problem("metadata/rollback")))), NOW);
    assert_eq!(desk.render()["error"], serde_json::Value::Null);
}

#[test]
fn a_page_that_closes_its_window_leads_home() {
    let (mut desk, run) = opened();
    assert_eq!(desk.on(Event::Closed(run), NOW), [Effect::End(run)]);
    assert_eq!(desk.render()["mode"], "home");
}

#[test]
fn what_is_too_old_is_told_once() {
    let mut desk = desk(None, vec![]);
    let old = Freshness { expired: true, expired_since_ms: Some(NOW - 1), ..freshness(None) };
    desk.on(Event::Refreshed(old.clone()), NOW);
    assert_eq!(desk.render()["notices"], serde_json::json!([{"id": "stale", "kind": "stale", "since_ms": NOW - 1}]));
    desk.on(Event::Asked(Action::Dismiss { id: "stale".to_owned() }), NOW);
    desk.on(Event::Refreshed(old), NOW);
    assert_eq!(desk.render()["notices"], serde_json::json!([]));
}

#[test]
fn what_is_added_is_what_the_person_was_looking_at() {
    let mut desk = desk(None, vec![listing(None, Some(1), false)]);
    let message = r#"{"action": "install", "app_id": "gov.example.permit", "sequence": 1}"#;
    let effects = desk.on(Event::Asked(serde_json::from_str(message).unwrap()), NOW);
    assert_eq!(orders(&effects), [&Order::Install(permit(), Some(1))]);
}

#[test]
fn an_app_in_its_place_is_no_longer_being_added() {
    let mut desk = desk(None, vec![listing(None, Some(1), false)]);
    desk.on(Event::Asked(Action::Install { app_id: permit(), sequence: None }), NOW);
    desk.on(Event::Progress(permit(), 99), NOW);
    desk.on(Event::Library(vec![listing(Some(1), None, false)]), NOW);
    desk.on(Event::Progress(permit(), 100), NOW);
    assert_eq!(desk.render()["progress"], serde_json::json!({}));
}

#[test]
fn a_failure_is_shown_until_it_is_dismissed() {
    let mut desk = desk(None, vec![listing(None, Some(1), false)]);
    desk.on(Event::Asked(Action::Install { app_id: permit(), sequence: None }), NOW);
    desk.on(Event::Progress(permit(), 62), NOW);
    assert_eq!(desk.render()["progress"]["gov.example.permit"], 62);
    let failure = Failure { action: "install", app_id: Some(permit()), problem: problem("blob/altered") };
    desk.on(Event::Failed(failure), NOW);
    let state = desk.render();
    assert_eq!(state["progress"], serde_json::json!({}));
    insta::assert_json_snapshot!(state["error"], @r#"
    {
      "action": "install",
      "app_id": "gov.example.permit",
      "class": "blob/altered",
      "hint": "do this",
      "id": "e1",
      "what": "it happened",
      "where": null
    }
    "#);
    desk.on(Event::Asked(Action::Dismiss { id: "e1".to_owned() }), NOW);
    assert_eq!(desk.render()["error"], serde_json::Value::Null);
}

#[test]
fn an_app_that_does_not_open_leads_home_or_to_the_stopped_page() {
    for (class, mode) in [("cache/altered", "home"), ("session/boot", "app")] {
        let (mut desk, run) = opened();
        let effects = desk.on(Event::Asked(Action::Reopen { app_id: permit() }), NOW);
        assert_eq!(effects.first(), Some(&Effect::End(run)));
        let failure = Failure { action: "open", app_id: Some(permit()), problem: problem(class) };
        desk.on(Event::Failed(failure), NOW);
        assert_eq!(desk.render()["mode"], mode, "{class}");
        assert_eq!(desk.trouble().unwrap().class, class);
    }
}

#[test]
fn removing_an_app_forgets_that_it_was_opened() {
    let (mut desk, _) = opened();
    desk.on(Event::Asked(Action::CloseApp), NOW);
    assert_eq!(desk.render()["last"]["app_id"], "gov.example.permit");
    desk.on(Event::Library(vec![]), NOW);
    desk.on(Event::Removed { name: "居住证办理".to_owned(), app_id: permit() }, NOW);
    let state = desk.render();
    assert_eq!(state["last"], serde_json::Value::Null);
    assert_eq!(state["notices"][0], serde_json::json!({"id": "n2", "kind": "removed", "name": "居住证办理"}));
}

#[test]
fn what_an_app_keeps_is_erased_and_it_begins_anew() {
    let (mut desk, run) = opened();
    desk.on(Event::Asked(Action::CloseApp), NOW);
    assert_eq!(desk.render()["background"], serde_json::json!(["gov.example.permit"]));
    let erase = serde_json::from_str(r#"{"action":"erase","app_id":"gov.example.permit"}"#).unwrap();
    assert_eq!(orders(&desk.on(Event::Asked(erase), NOW)), [&Order::Erase(permit())]);
    assert_eq!(desk.on(Event::Erased(permit()), NOW), [Effect::End(run)], "it does not go on where it was");
    let state = desk.render();
    assert_eq!(state["background"], serde_json::json!([]));
    insta::assert_json_snapshot!(state["notices"], @r#"
    [
      {
        "app_id": "gov.example.permit",
        "id": "n2",
        "kind": "erased"
      }
    ]
    "#);
    let effects = desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    let new = desk.open().unwrap().run;
    assert_eq!(orders(&effects), [&Order::Launch { run: new, app_id: permit(), start: Start::default() }]);
}

#[test]
fn the_whole_state_as_the_page_gets_it() {
    let desk = desk(None, vec![listing(Some(1), Some(2), true)]);
    insta::assert_json_snapshot!(desk.render());
}

#[test]
fn a_message_of_the_page_is_an_action_or_nothing() {
    let parse = |text: &str| serde_json::from_str::<Action>(text).ok();
    assert_eq!(parse(r#"{"action":"open","app_id":"a.b"}"#), Some(Action::Open { app_id: "a.b".parse().unwrap() }));
    let panel = Action::Panel { name: None, chrome_px: 56.0, height_px: 0.0, foot_px: 0.0 };
    assert_eq!(parse(r#"{"action":"panel","name":null,"chrome_px":56,"height_px":0}"#), Some(panel));
    for other in
        [r#"{"action":"format-disk"}"#, r#"{"action":"open","app_id":"../x"}"#, r#"{"action":"open"}"#, "", "[]"]
    {
        assert_eq!(parse(other), None, "{other}");
    }
}
