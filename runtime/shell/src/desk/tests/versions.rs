//! New versions of an app: fetched, waiting, in use, or given up for the one before.

use guichet_host::{Choice, Ending, SessionEvent, Start};

use super::{NOW, desk, freshness, listing, open_page, opened, orders, permit, problem};
use crate::{
    action::Action,
    desk::{Effect, Event, Order},
};

#[test]
fn a_waiting_version_is_told_of_until_it_is_put_off() {
    let mut desk = desk(None, vec![listing(Some(1), Some(2), true)]);
    insta::assert_json_snapshot!(desk.render()["notices"], @r#"
    [
      {
        "app_id": "gov.example.permit",
        "id": "update-gov.example.permit-2",
        "kind": "update",
        "version_name": "2.0"
      }
    ]
    "#);
    desk.on(Event::Asked(Action::UpdateLater { app_id: permit() }), NOW);
    assert_eq!(desk.render()["notices"], serde_json::json!([]));
    desk.on(Event::Library(vec![listing(Some(1), Some(3), true)]), NOW);
    assert_eq!(desk.render()["notices"][0]["version_name"], "3.0", "a later one is told of again");
}

#[test]
fn update_now_switches_the_open_app_at_once() {
    let (mut desk, old) = opened();
    desk.on(Event::Library(vec![listing(Some(1), Some(2), true)]), NOW);
    let effects = desk.on(Event::Asked(Action::UpdateNow { app_id: permit() }), NOW);
    let run = desk.open().unwrap().run;
    assert_eq!(effects.first(), Some(&Effect::End(old)));
    assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start: Start::default() }]);
    let effects = desk.on(Event::Launched(run, "2.0".to_owned()), NOW);
    assert_eq!(orders(&effects), [&Order::List], "the list still has the release before");
    desk.on(Event::Library(vec![listing(Some(2), None, false)]), NOW);
    desk.on(open_page(run, 1, "pages/home"), NOW);
    desk.on(Event::Loaded(run, 1), NOW);
    let state = desk.render();
    assert_eq!(state["app"]["version_name"], "2.0");
    assert_eq!(state["notices"][0]["kind"], "updated");
}

#[test]
fn update_now_at_home_only_switches() {
    let mut desk = desk(None, vec![listing(Some(1), Some(2), true)]);
    let effects = desk.on(Event::Asked(Action::UpdateNow { app_id: permit() }), NOW);
    assert_eq!(orders(&effects), [&Order::Activate(permit())]);
    desk.on(Event::Library(vec![listing(Some(2), None, false)]), NOW);
    desk.on(Event::Activated(permit()), NOW);
    assert_eq!(desk.render()["notices"][0]["kind"], "updated");
}

/// What the session says when its new release did not open.
fn went_back(run: u64) -> Event {
    Event::Session(run, SessionEvent::WentBack { sequence: 1, version_name: "1.0".to_owned() })
}

#[test]
fn a_new_version_that_does_not_open_is_left_for_the_one_before() {
    let mut desk = desk(None, vec![listing(Some(2), None, false)]);
    desk.on(Event::Activated(permit()), NOW);
    desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    let failing = desk.open().unwrap().run;
    desk.on(Event::Launched(failing, "2.0".to_owned()), NOW);
    desk.on(open_page(failing, 1, "pages/home"), NOW);
    desk.on(went_back(failing), NOW);
    let ending = Ending { class: "logic/boot-failed", reason: "it threw".to_owned(), hint: String::new() };
    let effects = desk.on(Event::Session(failing, SessionEvent::Ended(ending.clone())), NOW);
    let run = desk.open().unwrap().run;
    assert!(run != failing && effects.contains(&Effect::End(failing)));
    assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start: Start::default() }]);
    desk.on(Event::Library(vec![listing(Some(1), None, false)]), NOW);
    desk.on(Event::Launched(run, "1.0".to_owned()), NOW);
    insta::assert_json_snapshot!(desk.render()["notices"], @r#"
    [
      {
        "app_id": "gov.example.permit",
        "id": "n3",
        "kind": "went-back",
        "version_name": "1.0"
      }
    ]
    "#);
    assert_eq!(desk.render()["app"]["version_name"], "1.0");
    desk.on(Event::Session(run, SessionEvent::Ended(ending)), NOW);
    assert_eq!(desk.render()["app"]["status"], "stopped", "it is tried once");
    desk.on(Event::Asked(Action::Dismiss { id: "n3".to_owned() }), NOW);
    assert_eq!(desk.render()["notices"], serde_json::json!([]));
}

#[test]
fn a_view_that_breaks_is_stopped_at_once_only_after_a_page_was_seen() {
    let (mut desk, run) = opened();
    let broke = || Event::Broke(run, problem("page/deadline"));
    assert_eq!(desk.on(broke(), NOW), [Effect::GiveUp(run, problem("page/deadline"))]);
    desk.on(Event::Ready(run, 1), NOW);
    assert!(desk.on(broke(), NOW).contains(&Effect::End(run)));
    assert_eq!(desk.render()["app"]["stopped"]["class"], "page/deadline");
}

#[test]
fn going_back_within_a_launch_needs_no_other() {
    let mut desk = desk(None, vec![listing(Some(1), Some(2), true)]);
    desk.on(Event::Asked(Action::Open { app_id: permit() }), NOW);
    let run = desk.open().unwrap().run;
    for event in
        [went_back(run), Event::Launched(run, "1.0".to_owned()), open_page(run, 1, "pages/home"), Event::Loaded(run, 1)]
    {
        desk.on(event, NOW);
    }
    let state = desk.render();
    assert_eq!((&state["app"]["status"], &state["notices"][1]["kind"]), (&"running".into(), &"went-back".into()));
    let ending = Ending { class: "logic/trap", reason: "it ended".to_owned(), hint: String::new() };
    desk.on(Event::Session(run, SessionEvent::Ended(ending)), NOW);
    assert_eq!(desk.render()["app"]["status"], "stopped");
}

#[test]
fn a_version_that_is_being_fetched_is_shown_until_the_round_is_over() {
    let mut desk = desk(None, vec![listing(Some(1), Some(2), false)]);
    desk.on(Event::Staging(permit(), 40), NOW);
    assert_eq!(desk.render()["progress"], serde_json::json!({"gov.example.permit": 40}));
    desk.on(Event::Refreshed(freshness(None)), NOW);
    assert_eq!(desk.render()["progress"], serde_json::json!({}));
}

#[test]
fn going_back_that_loses_data_is_a_persons_choice() {
    let choice = Choice { back_to: "1.0".to_owned(), has_failed: true };
    let undecided = guichet_host::Listing { choice: Some(choice.clone()), ..listing(Some(2), None, false) };
    let (mut desk, run) = opened();
    let effects = desk.on(Event::Session(run, SessionEvent::Undecided(choice)), NOW);
    assert_eq!(orders(&effects), [&Order::List]);
    desk.on(Event::Library(vec![undecided]), NOW);
    insta::assert_json_snapshot!(desk.render()["notices"], @r#"
    [
      {
        "app_id": "gov.example.permit",
        "back_to": "1.0",
        "has_failed": true,
        "id": "choice-gov.example.permit",
        "kind": "choice",
        "version_name": "2.0"
      }
    ]
    "#);
    let effects = desk.on(Event::Asked(Action::KeepVersion { app_id: permit() }), NOW);
    assert_eq!(orders(&effects), [&Order::KeepRelease(permit())]);
    let effects = desk.on(Event::Asked(Action::GoBackVersion { app_id: permit() }), NOW);
    assert_eq!(effects, [Effect::End(run), Effect::Order(Order::GoBack(permit()))], "its session ends first");
    desk.on(Event::Library(vec![listing(Some(1), None, false)]), NOW);
    desk.on(Event::GoneBack(permit()), NOW);
    assert_eq!(desk.render()["notices"][0]["kind"], "gone-back");
}

#[test]
fn an_older_version_is_told_of_as_such() {
    let mut older = listing(Some(2), Some(3), true);
    older.available.as_mut().unwrap().version_code = 1;
    let mut desk = desk(None, vec![older]);
    assert_eq!(desk.render()["notices"][0]["kind"], "revert");
    desk.on(Event::Asked(Action::UpdateNow { app_id: permit() }), NOW);
    desk.on(Event::Library(vec![listing(Some(3), None, false)]), NOW);
    desk.on(Event::Activated(permit()), NOW);
    assert_eq!(desk.render()["notices"][0]["kind"], "reverted");
}

#[test]
fn what_is_held_back_or_taken_back_is_told_of() {
    let halted = guichet_host::Listing { halted: Some("the fee is wrong".to_owned()), ..listing(Some(1), None, false) };
    assert_eq!(desk(None, vec![halted]).render()["notices"][0]["reason"], "the fee is wrong");
    let recalled = |reason: Option<&str>| guichet_host::Listing {
        recalled: true,
        recall_reason: reason.map(str::to_owned),
        ..listing(Some(1), None, false)
    };
    let notices = [None, Some("it shows the names of others")]
        .map(|reason| desk(None, vec![recalled(reason)]).render()["notices"][0].clone());
    insta::assert_json_snapshot!(notices, @r#"
    [
      {
        "app_id": "gov.example.permit",
        "id": "recalled-gov.example.permit",
        "kind": "recalled",
        "reason": null
      },
      {
        "app_id": "gov.example.permit",
        "id": "recalled-gov.example.permit",
        "kind": "recalled",
        "reason": "it shows the names of others"
      }
    ]
    "#);
}
