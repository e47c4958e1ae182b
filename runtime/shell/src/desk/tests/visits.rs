//! Addresses from outside, from another app and from a QR code, and the way back.

use guichet_contract::AppId;
use guichet_host::{Listing, SessionEvent, Start};
use guichet_package::Address;
use guichet_services::open_app::Trouble;

use super::{NOW, freshness, listing, open_page, opened, orders, permit, problem};
use crate::{
    action::Action,
    desk::{Background, Desk, Effect, Event, Failure, Order, Status},
};

fn tax() -> AppId {
    "gov.example.tax".parse().unwrap()
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// The permit app is open on its second page; the tax app is installed too.
fn two_apps() -> (Desk, u64) {
    let (mut desk, run) = opened();
    let other = Listing { app_id: tax(), name: "税务".to_owned(), ..listing(Some(1), None, false) };
    desk.on(Event::Library(vec![listing(Some(1), None, false), other]), NOW);
    desk.on(open_page(run, 2, "pages/证"), NOW);
    (desk, run)
}

/// The tax app, opened from the permit app, is running.
fn above() -> (Desk, u64, u64) {
    let (mut desk, run) = two_apps();
    desk.on(Event::Called(run, address("guichet://miniapp/gov.example.tax/pages/pay?bill=7#sum")), NOW);
    let above = desk.open().unwrap().run;
    desk.on(open_page(above, 1, "pages/pay"), NOW);
    desk.on(Event::Loaded(above, 1), NOW);
    (desk, run, above)
}

#[test]
fn l15_a_link_opens_another_app_above_and_names_the_page_it_came_from_without_its_query() {
    let (mut desk, run) = two_apps();
    let (route, query) = ("pages/证".to_owned(), "id=secret".to_owned());
    let page = SessionEvent::Open { page: 3, route, query, fragment: String::new() };
    desk.on(Event::Session(run, page), NOW);
    let effects = desk.on(Event::Called(run, address("guichet://miniapp/gov.example.tax/pages/pay?bill=7#sum")), NOW);
    assert!(effects.starts_with(&[Effect::Raise, Effect::Hide(run)]), "{effects:?}");
    let start = Start {
        page: Some("pages/pay?bill=7#sum".to_owned()),
        referrer: "guichet://miniapp/gov.example.permit/pages/%E8%AF%81".to_owned(),
        ..Start::default()
    };
    let above = desk.open().unwrap().run;
    assert_eq!(orders(&effects), [&Order::Launch { run: above, app_id: tax(), start }]);
    let app = desk.render()["app"].clone();
    assert_eq!((&app["app_id"], &app["from"]), (&"gov.example.tax".into(), &"gov.example.permit".into()));
}

#[test]
fn l4_back_and_close_return_to_the_first_app_where_it_was() {
    for action in [Action::Back, Action::CloseApp] {
        let (mut desk, run, above) = above();
        assert_eq!(desk.on(Event::Asked(action), NOW), [Effect::Hide(above), Effect::Show(run)]);
        let open = desk.open().unwrap();
        assert_eq!((open.run, open.pages.len(), &open.status), (run, 2, &Status::Running));
        assert_eq!(desk.on(Event::Asked(Action::CloseApp), NOW), [Effect::Hide(run)], "and then home");
    }
}

#[test]
fn an_app_opens_another_that_is_here_and_is_seen_again_when_it_has_answered() {
    let (mut desk, run) = two_apps();
    let permit = desk.open().unwrap().app_id.clone();
    let none = "gov.example.none".parse().unwrap();
    assert_eq!(desk.lead(&permit, &none, NOW), Err(Trouble::NotHere));
    assert_eq!(desk.lead(&tax(), &permit, NOW), Err(Trouble::NotSeen), "it is not open");
    let effects = desk.lead(&permit, &tax(), NOW).unwrap();
    assert!(effects.starts_with(&[Effect::Raise, Effect::Hide(run)]), "{effects:?}");
    let above = desk.open().unwrap().run;
    assert_eq!(desk.lead(&permit, &tax(), NOW), Err(Trouble::NotSeen), "it lies below");
    assert_eq!(desk.lead_back(&permit, NOW), []);
    let effects = desk.lead_back(&tax(), NOW);
    assert!(effects.contains(&Effect::Show(run)) && desk.open().unwrap().run == run, "{above}: {effects:?}");
    assert_eq!(desk.lead_back(&tax(), NOW), [], "it is not seen any more");
    assert_eq!(desk.lead_back(&permit, NOW), [], "nobody has opened it");
}

#[test]
fn only_the_page_that_is_seen_opens_another_app() {
    let (mut desk, run, _) = above();
    assert_eq!(desk.on(Event::Called(run, address("guichet://miniapp/gov.example.permit")), NOW), []);
}

#[test]
fn what_the_app_below_says_reaches_its_own_view() {
    let (mut desk, run, above) = above();
    let told = SessionEvent::ToPage { page: 2, json: "{}".to_owned() };
    assert_eq!(desk.on(Event::Session(run, told), NOW), [Effect::Deliver(run, 2, "{}".to_owned())]);
    assert_eq!(desk.on(Event::Broke(run, problem("page/crashed")), NOW), [Effect::End(run)]);
    assert_eq!(desk.open().unwrap().run, above, "what breaks below does not close what is above");
    let effects = desk.on(Event::Asked(Action::CloseApp), NOW);
    let run = desk.open().unwrap().run;
    let start =
        Start { page: Some("pages/%E8%AF%81".to_owned()), below: vec!["pages/home".to_owned()], ..Start::default() };
    assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start }], "it begins again where it was");
}

#[test]
fn an_app_that_is_open_below_is_returned_to() {
    let (mut desk, run, above) = above();
    let effects = desk.on(Event::Called(above, address("guichet://miniapp/gov.example.permit/pages/list")), NOW);
    let page = "pages/list".to_owned();
    assert_eq!(effects, [Effect::Raise, Effect::Hide(above), Effect::Show(run), Effect::VisitPage(run, page)]);
}

#[test]
fn an_address_of_the_app_in_front_opens_its_page_and_another_version_takes_its_place() {
    let (mut desk, run) = two_apps();
    let effects =
        desk.on(Event::Visit(address("guichet://miniapp/gov.example.permit;version=1.0/pages/list?x=1")), NOW);
    assert_eq!(effects, [Effect::Raise, Effect::VisitPage(run, "pages/list?x=1".to_owned())]);
    assert_eq!(desk.on(Event::Visit(address("guichet://miniapp/gov.example.permit")), NOW), [Effect::Raise]);
    let effects = desk.on(Event::Visit(address("guichet://miniapp/gov.example.permit;version=0.9")), NOW);
    assert!(effects.contains(&Effect::End(run)));
    let start = Start { version: Some("0.9".to_owned()), ..Start::default() };
    let run = desk.open().unwrap().run;
    assert_eq!(orders(&effects), [&Order::Launch { run, app_id: permit(), start }]);
    assert_eq!(desk.on(Event::Asked(Action::CloseApp), NOW), [Effect::End(run)], "what has not opened does not wait");
    assert_eq!(desk.render()["mode"], "home", "one app runs once");
}

#[test]
fn a_host_that_the_trust_file_does_not_name_opens_nothing() {
    let hosts = vec!["hall.example".to_owned()];
    let (desk, run) = two_apps();
    let mut desk = desk.opening(hosts, true);
    desk.on(Event::Called(run, address("https://evil.example/miniapp/gov.example.tax")), NOW);
    assert_eq!(desk.open().unwrap().run, run);
    insta::assert_json_snapshot!(desk.render()["error"], @r#"
    {
      "action": "visit",
      "app_id": "gov.example.tax",
      "class": "address/foreign-host",
      "hint": "use the address that begins with guichet://, or have the host named in the terminal's trust file",
      "id": "e2",
      "what": "evil.example is no host whose addresses this terminal opens",
      "where": null
    }
    "#);
    desk.on(Event::Called(run, address("https://HALL.example/miniapp/gov.example.tax")), NOW);
    assert_eq!(desk.open().unwrap().app_id, tax());
}

#[test]
fn what_is_typed_or_scanned_and_no_address_is_said() {
    let (mut desk, run) = two_apps();
    assert_eq!(desk.on(Event::Asked(Action::Visit { text: "guichet://miniapp/x".to_owned() }), NOW), []);
    assert_eq!(desk.trouble().unwrap().class, "address/no-app-id");
    desk.on(Event::Misread(problem("address/no-qr-code")), NOW);
    assert_eq!(desk.trouble().unwrap().class, "address/no-qr-code");
    assert_eq!(desk.open().unwrap().run, run, "what is open stays");
    desk.on(Event::Asked(Action::Visit { text: " gov.example.tax ".to_owned() }), NOW);
    assert_eq!(desk.open().unwrap().app_id, tax());
}

#[test]
fn what_cannot_be_added_or_opened_leads_back_to_the_app_below() {
    let (mut desk, run) = two_apps();
    desk.on(Event::Refreshed(freshness(None)), NOW);
    let effects = desk.on(Event::Called(run, address("guichet://miniapp/gov.example.none")), NOW);
    let none: AppId = "gov.example.none".parse().unwrap();
    assert_eq!(orders(&effects), [&Order::Install(none.clone(), None)]);
    let failure = Failure { action: "install", app_id: Some(none), problem: problem("library/unknown-app") };
    desk.on(Event::Failed(failure), NOW);
    assert_eq!(desk.open().unwrap().run, run);
    desk.on(Event::Called(run, address("guichet://miniapp/gov.example.tax;version=7")), NOW);
    let failure = Failure { action: "open", app_id: Some(tax()), problem: problem("release/no-such-version") };
    let effects = desk.on(Event::Failed(failure), NOW);
    assert!(effects.contains(&Effect::Show(run)), "{effects:?}");
    assert_eq!((desk.open().unwrap().run, desk.trouble().unwrap().class), (run, "release/no-such-version"));
}

#[test]
fn services_do_not_lie_on_each_other_without_end() {
    let (mut desk, mut run) = opened();
    let ids: Vec<AppId> = (0..6).map(|number| format!("gov.example.a{number}").parse().unwrap()).collect();
    let others = ids.iter().map(|app_id| Listing { app_id: app_id.clone(), ..listing(Some(1), None, false) });
    desk.on(Event::Library(others.chain([listing(Some(1), None, false)]).collect()), NOW);
    for app_id in &ids {
        desk.on(Event::Called(run, Address::of(app_id.clone())), NOW);
        run = desk.open().unwrap().run;
        desk.on(open_page(run, 1, "pages/home"), NOW);
        desk.on(Event::Loaded(run, 1), NOW);
    }
    assert_eq!(desk.trouble().unwrap().class, "address/too-many-open");
    let ended = desk.on(Event::CloseRequested, NOW).iter().filter(|effect| matches!(effect, Effect::End(_))).count();
    assert_eq!(ended, 5, "closing the window ends all of them");
}

#[test]
fn a_page_the_app_has_not_got_is_said() {
    let (mut desk, run) = two_apps();
    desk.on(Event::Called(run, address("guichet://miniapp/gov.example.tax/pages/none")), NOW);
    let above = desk.open().unwrap().run;
    desk.on(open_page(above, 1, "pages/home"), NOW);
    let notice = desk.render()["notices"][0].clone();
    assert_eq!((&notice["kind"], &notice["app_id"]), (&"no-page".into(), &"gov.example.tax".into()));
}

#[test]
fn l2_a_window_that_nobody_sees_hides_the_app_in_front() {
    let (mut desk, _, above) = above();
    assert_eq!(desk.on(Event::Covered(true), NOW), [Effect::Hide(above)]);
    assert_eq!(desk.on(Event::Covered(false), NOW), [Effect::Show(above)]);
}

#[test]
fn apps_that_send_a_person_back_and_forth_are_held_back() {
    let (desk, permit_run, _) = above();
    // Where nothing waits in the background, whoever is left has ended, and begins anew when it is called.
    let mut desk = desk.keeping(Background { takes_what_is_left: false, ..Background::default() });
    let (permit_url, tax_url) = ("guichet://miniapp/gov.example.permit", "guichet://miniapp/gov.example.tax");
    let mut begun = 0;
    let mut call = |desk: &mut Desk, now_ms| {
        let run = desk.open().unwrap().run;
        let other = if run == permit_run { tax_url } else { permit_url };
        let effects = desk.on(Event::Called(run, address(other)), now_ms);
        begun += orders(&effects).len();
        load(desk, &effects, now_ms);
        begun
    };
    for turn in 0..1000 {
        call(&mut desk, NOW + turn);
    }
    assert_eq!(call(&mut desk, NOW + 1000), 3, "of eight calls four led forth, the first before this");
    assert_eq!(desk.trouble().unwrap().class, "address/too-often");
    let said = desk.render()["error"]["id"].clone();
    call(&mut desk, NOW + 2000);
    assert_eq!(desk.render()["error"]["id"], said, "it is said once");

    let effects = desk.on(Event::Asked(Action::Visit { text: "gov.example.tax".to_owned() }), NOW + 3000);
    load(&mut desk, &effects, NOW + 3000);
    assert_eq!(desk.open().unwrap().app_id, tax(), "a person is not held back");
    call(&mut desk, NOW + 31_000);
    assert_eq!(desk.open().unwrap().app_id, permit(), "after a while links lead on");
}

/// What was launched shows its first page.
fn load(desk: &mut Desk, effects: &[Effect], now_ms: u64) {
    if !orders(effects).is_empty() {
        let run = desk.open().unwrap().run;
        desk.on(open_page(run, 1, "pages/pay"), now_ms);
        desk.on(Event::Loaded(run, 1), now_ms);
    }
}

const PREVIEW: &str =
    "guichet://preview/127.0.0.1:7411/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn a_preview_opens_beside_what_is_open_and_only_for_a_person() {
    let visit = |text: &str| Event::Asked(Action::Visit { text: text.to_owned() });
    let (mut desk, run) = two_apps();
    assert_eq!(desk.on(visit(PREVIEW), NOW), [Effect::Preview(PREVIEW.parse().unwrap())]);
    assert_eq!(desk.open().unwrap().run, run, "what is open stays");
    assert_eq!(desk.on(visit("guichet://preview/x"), NOW), []);
    assert_eq!(desk.trouble().unwrap().class, "preview/address");
    // A kiosk, on which nobody may choose pictures either.
    let mut kiosk = two_apps().0.opening(Vec::new(), false);
    assert_eq!(kiosk.on(visit(PREVIEW), NOW), []);
    assert_eq!(kiosk.trouble().unwrap().class, "preview/managed");
    // A window that shows one package leads nowhere else.
    let mut look = two_apps().0.for_a_look();
    assert_eq!(look.on(visit(PREVIEW), NOW), []);
    assert_eq!(look.trouble().unwrap().class, "library/unknown-app");
}
