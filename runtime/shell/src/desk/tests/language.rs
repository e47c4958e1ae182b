//! The person changes the language while an app is open.

use guichet_host::SessionEvent;
use serde_json::{Value, json};

use super::{NOW, open_page, opened, orders, permit};
use crate::{
    action::Action,
    desk::{Desk, Effect, Event, Order},
};

/// The app open on its second page, which something was typed into or not, after another language was chosen.
fn spoken_to(typed: bool) -> (Desk, u64) {
    let (mut desk, run) = opened();
    let (route, query, fragment) = ("pages/form".to_owned(), "case=7".to_owned(), String::new());
    desk.on(Event::Session(run, SessionEvent::Open { page: 2, route, query, fragment }), NOW);
    if typed {
        desk.on(Event::Session(run, SessionEvent::Typed { page: 2 }), NOW);
    }
    let effects = desk.on(Event::Asked(Action::SetLanguage { lang: "en".to_owned() }), NOW);
    assert!(!effects.contains(&Effect::End(run)), "it stays as it is");
    desk.on(Event::Speaks(run, Some("zh-Hans".to_owned())), NOW);
    (desk, run)
}

fn notices(desk: &Desk) -> Value {
    desk.render()["notices"].clone()
}

#[test]
fn an_app_in_another_language_stays_and_it_is_said_so() {
    for typed in [false, true] {
        let (mut desk, run) = spoken_to(typed);
        assert_eq!(
            notices(&desk),
            json!([{ "id": "language", "kind": "language", "app_id": "gov.example.permit", "lang": "zh-Hans", "typed": typed }])
        );
        desk.on(Event::Speaks(run, None), NOW);
        assert_eq!(notices(&desk), json!([]), "back in its language, or without words in the other");
    }
}

#[test]
fn begun_anew_it_is_on_its_pages() {
    let (mut desk, run) = spoken_to(true);
    let effects = desk.on(Event::Asked(Action::ReopenHere { app_id: permit() }), NOW);
    assert!(effects.contains(&Effect::End(run)));
    let launches = orders(&effects);
    let [Order::Launch { start, run: new, .. }] = launches.as_slice() else { panic!("one launch: {effects:?}") };
    assert_eq!((start.page.as_deref(), &start.below), (Some("pages/form?case=7"), &vec!["pages/home".to_owned()]));
    assert_eq!(notices(&desk), json!([]), "while it opens");
    desk.on(Event::Speaks(*new, None), NOW);
    desk.on(open_page(*new, 1, "pages/form"), NOW);
    desk.on(Event::Loaded(*new, 1), NOW);
    assert_eq!(notices(&desk), json!([]));
}

#[test]
fn whoever_goes_on_in_it_is_told_once_until_the_language_is_changed_again() {
    let (mut desk, run) = spoken_to(false);
    desk.on(Event::Asked(Action::Dismiss { id: "language".to_owned() }), NOW);
    assert_eq!(notices(&desk), json!([]));
    desk.on(Event::Speaks(run, Some("zh-Hans".to_owned())), NOW);
    assert_eq!(notices(&desk)[0]["kind"], "language");
}

#[test]
fn on_the_home_page_nothing_is_said_of_it_and_in_the_app_it_is_said_again() {
    let (mut desk, _) = spoken_to(true);
    desk.on(Event::Asked(Action::CloseApp), NOW);
    assert_eq!(notices(&desk), json!([]));
    desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    assert_eq!(notices(&desk)[0]["lang"], "zh-Hans");
}
