//! Apps that are left: in the background, unloaded there, and returned to.

use std::time::Duration;

use guichet_contract::AppId;
use guichet_host::{Ending, Listing, SessionEvent, Start};

use super::{NOW, desk, listing, open_page, opened, orders, permit, problem};
use crate::{
    action::Action,
    desk::{Background, Desk, Effect, Event, On, Order, Status},
};

const LONGEST_MS: u64 = 300_000;

fn app(number: u64) -> AppId {
    format!("gov.example.a{number}").parse().unwrap()
}

/// A desk with so many apps installed.
fn hall(apps: u64) -> Desk {
    let apps = (0..apps).map(|number| Listing { app_id: app(number), ..listing(Some(1), None, false) });
    desk(None, apps.chain([listing(Some(1), None, false)]).collect())
}

/// Opens an app from the home page until its first page is seen.
fn open(desk: &mut Desk, app_id: AppId) -> u64 {
    desk.on(Event::Asked(Action::Open { app_id }), NOW);
    let run = desk.open().unwrap().run;
    desk.on(open_page(run, 1, "pages/home"), NOW);
    desk.on(Event::Loaded(run, 1), NOW);
    run
}

fn leave(desk: &mut Desk, now_ms: u64) -> Vec<Effect> {
    desk.on(Event::Asked(Action::CloseApp), now_ms)
}

fn beat(desk: &mut Desk, now_ms: u64) -> Vec<Effect> {
    desk.on(Event::Beat { is_memory_short: false }, now_ms)
}

/// The permit app, left on its second page after something was typed there, and unloaded.
fn unloaded_after_typing(typed: bool) -> Desk {
    let (mut desk, run) = opened();
    let (route, query, fragment) = ("pages/form".to_owned(), "case=7".to_owned(), "top".to_owned());
    desk.on(Event::Session(run, SessionEvent::Open { page: 2, route, query, fragment }), NOW);
    if typed {
        desk.on(Event::Session(run, SessionEvent::Typed { page: 2 }), NOW);
    }
    leave(&mut desk, NOW);
    assert_eq!(beat(&mut desk, NOW + LONGEST_MS), [Effect::End(run)]);
    desk
}

#[test]
fn l4_an_app_that_is_closed_goes_on_in_the_background_and_is_returned_to() {
    let mut desk = hall(0);
    let run = open(&mut desk, permit());
    assert_eq!(leave(&mut desk, NOW), [Effect::Hide(run)]);
    let state = desk.render();
    assert_eq!((&state["mode"], &state["background"][0]), (&"home".into(), &"gov.example.permit".into()));
    let effects = desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW + LONGEST_MS - 1);
    assert_eq!(effects, [Effect::Show(run)]);
    assert_eq!((desk.open().unwrap().run, &desk.open().unwrap().status), (run, &Status::Running));
    assert_eq!(desk.render()["background"], serde_json::json!([]));
}

#[test]
fn l5_an_app_is_unloaded_after_its_time_in_the_background_and_not_before() {
    let mut desk = hall(0);
    let run = open(&mut desk, permit());
    leave(&mut desk, NOW);
    assert_eq!(beat(&mut desk, NOW + LONGEST_MS - 1), []);
    assert_eq!(beat(&mut desk, NOW + LONGEST_MS), [Effect::End(run)]);
    assert_eq!(beat(&mut desk, NOW + 2 * LONGEST_MS), [], "once");
    assert_eq!(desk.render()["background"], serde_json::json!([]));
    let closed = Ending { class: "session/closed", reason: String::new(), hint: String::new() };
    assert_eq!(desk.on(Event::Session(run, SessionEvent::Ended(closed)), NOW), [], "its last words change nothing");
}

#[test]
fn l5_what_is_too_much_in_the_background_goes_the_one_left_first_before_the_others() {
    let mut desk = hall(6);
    let runs: Vec<_> = (0..4)
        .map(|number| {
            let run = open(&mut desk, app(number));
            leave(&mut desk, NOW + number);
            run
        })
        .collect();
    desk.on(Event::Asked(Action::Open { app_id: app(0) }), NOW + 10);
    leave(&mut desk, NOW + 11);
    let fifth = open(&mut desk, app(4));
    assert_eq!(leave(&mut desk, NOW + 12), [Effect::Hide(fifth), Effect::End(runs[1])], "the first one was used since");
    assert_eq!(desk.on(Event::Beat { is_memory_short: true }, NOW + 13), [Effect::End(runs[2])], "one at a time");
}

#[test]
fn l5_whoever_returns_finds_the_pages_and_is_told_only_if_something_was_lost() {
    let start = Start {
        page: Some("pages/form?case=7#top".to_owned()),
        below: vec!["pages/home".to_owned()],
        ..Start::default()
    };
    for typed in [false, true] {
        let mut desk = unloaded_after_typing(typed);
        let effects = desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
        let run = desk.open().unwrap().run;
        assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start: start.clone() }]);
        let told = serde_json::json!({"id": "n3", "kind": "unloaded", "app_id": "gov.example.permit"});
        assert_eq!(desk.render()["notices"].as_array().unwrap().contains(&told), typed, "{}", desk.render()["notices"]);
        let below = SessionEvent::Below {
            page: 1,
            route: "pages/home".to_owned(),
            query: String::new(),
            fragment: String::new(),
        };
        assert_eq!(desk.on(Event::Session(run, below), NOW), [], "it is loaded when somebody goes back to it");
        desk.on(open_page(run, 2, "pages/form"), NOW);
        desk.on(Event::Loaded(run, 2), NOW);
        assert!(desk.open().unwrap().can_go_back());
    }
}

#[test]
fn l5_an_address_opens_its_page_above_those_of_an_unloaded_app() {
    let mut desk = unloaded_after_typing(false);
    let effects = desk.on(Event::Visit("guichet://miniapp/gov.example.permit/pages/list?x=1".parse().unwrap()), NOW);
    let below = vec!["pages/home".to_owned(), "pages/form?case=7#top".to_owned()];
    let start = Start { page: Some("pages/list?x=1".to_owned()), below, ..Start::default() };
    let run = desk.open().unwrap().run;
    assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start }]);
}

#[test]
fn an_address_opens_its_page_above_those_of_an_app_in_the_background() {
    let mut desk = hall(0);
    let run = open(&mut desk, permit());
    leave(&mut desk, NOW);
    let effects = desk.on(Event::Visit("guichet://miniapp/gov.example.permit/pages/list".parse().unwrap()), NOW);
    assert_eq!(effects, [Effect::Raise, Effect::Show(run), Effect::VisitPage(run, "pages/list".to_owned())]);
    desk.on(Event::NoPage(run), NOW);
    assert_eq!(desk.render()["notices"][0]["kind"], "no-page");
}

#[test]
fn a_newer_release_is_used_by_whoever_returns() {
    let (mut desk, run) = opened();
    leave(&mut desk, NOW);
    desk.on(Event::Library(vec![listing(Some(1), Some(2), true)]), NOW);
    let effects = desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    assert_eq!(effects[0], Effect::End(run));
    let start = Start { page: Some("pages/home".to_owned()), ..Start::default() };
    let run = desk.open().unwrap().run;
    assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start }]);
}

#[test]
fn what_breaks_or_ends_in_the_background_is_not_seen() {
    let ending = Ending { class: "logic/memory", reason: String::new(), hint: String::new() };
    for (of, is_kept) in [(None, true), (Some(ending), false)] {
        let mut desk = hall(0);
        let run = open(&mut desk, permit());
        leave(&mut desk, NOW);
        let event = match of {
            None => Event::Broke(run, problem("page/crashed")),
            Some(ending) => Event::Session(run, SessionEvent::Ended(ending)),
        };
        assert!(desk.on(event, NOW).contains(&Effect::End(run)));
        assert_eq!(desk.render()["mode"], "home");
        let effects = desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
        let run = desk.open().unwrap().run;
        let page = is_kept.then(|| "pages/home".to_owned());
        let start = Start { page, ..Start::default() };
        assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start }]);
    }
}

#[test]
fn a_removed_app_waits_nowhere() {
    let mut desk = hall(0);
    let run = open(&mut desk, permit());
    leave(&mut desk, NOW);
    let effects = desk.on(Event::Removed { name: "居住证办理".to_owned(), app_id: permit() }, NOW);
    assert!(effects.contains(&Effect::End(run)));
    assert_eq!(desk.on(Event::CloseRequested, NOW), [Effect::Exit]);
}

#[test]
fn another_language_unloads_what_has_nothing_to_lose() {
    let mut desk = hall(2);
    let (plain, typed) = (open(&mut desk, app(0)), open(&mut desk, app(1)));
    desk.on(Event::Session(typed, SessionEvent::Typed { page: 1 }), NOW);
    leave(&mut desk, NOW);
    let effects = desk.on(Event::Asked(Action::SetLanguage { lang: "en".to_owned() }), NOW);
    assert_eq!(effects[0], Effect::End(plain));
    assert!(!effects.contains(&Effect::End(typed)));
    let effects = desk.on(Event::CloseRequested, NOW);
    assert_eq!(effects, [Effect::End(typed), Effect::Exit], "closing the window ends what is left");
}

#[test]
fn what_a_page_had_that_is_gone_is_not_lost_again() {
    let (mut desk, run) = opened();
    desk.on(open_page(run, 2, "pages/form"), NOW);
    desk.on(Event::Session(run, SessionEvent::Typed { page: 2 }), NOW);
    desk.on(Event::Session(run, SessionEvent::Back { closed: 2, page: 1 }), NOW);
    leave(&mut desk, NOW);
    beat(&mut desk, NOW + LONGEST_MS);
    desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    assert_eq!(desk.render()["notices"], serde_json::json!([]));
}

#[test]
fn where_many_people_come_nothing_waits() {
    let limits = Background { takes_what_is_left: false, longest: Duration::from_secs(300), most: 4 };
    let mut desk = hall(0).keeping(limits);
    let run = open(&mut desk, permit());
    assert_eq!(leave(&mut desk, NOW), [Effect::End(run)]);
}

#[test]
fn what_a_developer_begins_anew_is_on_its_pages_also_after_it_has_stopped() {
    for stops in [false, true] {
        let (mut desk, run) = opened();
        let (route, query, fragment) = ("pages/form".to_owned(), "case=7".to_owned(), String::new());
        desk.on(Event::Session(run, SessionEvent::Open { page: 2, route, query, fragment }), NOW);
        if stops {
            let ending = Ending { class: "logic/trap", reason: "it crashed".to_owned(), hint: String::new() };
            desk.on(Event::Session(run, SessionEvent::Ended(ending)), NOW);
        }
        let effects = desk.on(Event::Anew(permit(), On::ItsPages), NOW);
        assert!(effects.contains(&Effect::End(run)), "{effects:?}");
        let launches = orders(&effects);
        let [Order::Launch { start, run: new, .. }] = launches.as_slice() else { panic!("one launch: {effects:?}") };
        assert_eq!((start.page.as_deref(), &start.below), (Some("pages/form?case=7"), &vec!["pages/home".to_owned()]));
        assert_eq!((desk.open().unwrap().run, &desk.open().unwrap().status), (*new, &Status::Opening));
        let effects = desk.on(Event::Anew(permit(), On::ItsFirst), NOW);
        let launches = orders(&effects);
        let [Order::Launch { start, .. }] = launches.as_slice() else { panic!("one launch: {effects:?}") };
        assert_eq!((start.page.as_deref(), start.below.len()), (None, 0), "a journey begins where a person does");
    }
}
