//! Pages that lie beside each other.

use serde_json::json;

use super::*;
use crate::desk::bar::Tab;

/// The app with two tabs, on the first of them.
fn with_tabs() -> (Desk, u64) {
    let (mut desk, run) = opened();
    let tab = |route: &str, name: &str| Tab { route: route.to_owned(), name: name.to_owned() };
    let tabs = vec![tab("pages/home", "Home"), tab("pages/mine", "Mine")];
    desk.on(Event::Framed(run, Bar { tabs, ..Bar::default() }), NOW);
    (desk, run)
}

fn switch(run: u64, page: u32, closed: Vec<u32>, route: &str) -> Event {
    let (query, fragment) = (String::new(), String::new());
    Event::Session(run, SessionEvent::Switch { page, closed, route: route.to_owned(), query, fragment })
}

fn shown(desk: &Desk) -> serde_json::Value {
    desk.render()["app"]["tabs"].clone()
}

#[test]
fn a_press_on_a_tab_leads_to_its_page_and_what_lay_on_the_other_is_shut() {
    let (mut desk, run) = with_tabs();
    let (home, mine) = ("pages/home".to_owned(), "pages/mine".to_owned());
    assert_eq!(
        shown(&desk),
        json!([{"page": home, "name": "Home", "seen": true}, {"page": mine, "name": "Mine", "seen": false}])
    );
    assert_eq!(desk.on(Event::Asked(Action::Tab { page: mine.clone() }), NOW), [Effect::OpenPage(run, mine.clone())]);
    let url = "guichet-app://gov.example.permit/pages/mine.html".to_owned();
    assert_eq!(desk.on(switch(run, 2, vec![], &mine), NOW), [Effect::Load(run, 2, url)]);
    assert_eq!((shown(&desk)[0]["seen"] == json!(false), shown(&desk)[1]["seen"] == json!(true)), (true, true));
    assert!(!desk.open().unwrap().can_go_back());

    desk.on(open_page(run, 3, "pages/record"), NOW);
    assert_eq!(shown(&desk), json!([]), "a page that lies on a tab has Back");
    assert_eq!(desk.on(Event::Asked(Action::Tab { page: home.clone() }), NOW), []);
    let url = "guichet-app://gov.example.permit/pages/home.html".to_owned();
    let effects = desk.on(switch(run, 1, vec![3], &home), NOW);
    assert_eq!(effects, [Effect::Load(run, 1, url), Effect::Shut(run, 3)]);
}

#[test]
fn the_row_is_there_before_the_page_that_it_would_move() {
    let (mut desk, run) = with_tabs();
    desk.on(Event::Asked(Action::Reopen { app_id: permit() }), NOW);
    let again = desk.open().unwrap().run;
    assert_ne!(again, run);
    let tab = |route: &str| Tab { route: route.to_owned(), name: "Tab".to_owned() };
    let tabs = vec![tab("pages/home"), tab("pages/mine")];
    desk.on(Event::Framed(again, Bar { tabs, ..Bar::default() }), NOW);
    desk.on(open_page(again, 1, "pages/home"), NOW);
    assert_eq!(desk.open().unwrap().status, Status::Opening);
    assert_eq!(shown(&desk).as_array().map(Vec::len), Some(2));
}

#[test]
fn what_was_typed_into_a_tab_that_waits_is_remembered() {
    let (mut desk, run) = with_tabs();
    desk.on(Event::Session(run, SessionEvent::Typed { page: 1 }), NOW);
    desk.on(switch(run, 2, vec![], "pages/mine"), NOW);
    assert!(desk.open().unwrap().has_typed(1));
}
