//! A submission's life beyond the straight way: several at once, taken back and handed in again, replaced, halted, recalled.

use axum::http::Method;
use guichet_api::{
    SubmissionState::{
        self, Approved, Archived, ChangesRequested, Draft, InReview, Paused, Quarantined, Recalled, Released, Scanning,
        Submitted, Superseded, Trial,
    },
    paths,
};
use guichet_contract::Channel;
use guichet_package::ReleaseDocument;
use guichet_store::{brake, database::submissions as records, people::Actor, reissue};

use crate::{
    house::{House, publisher, reviewers, told},
    packages::App,
    people::Device,
};

const APP: &str = "gov.example.residence.permit";

async fn submit(house: &House, code: u32, asking: &'static [&'static str]) -> String {
    let package = App::new(APP).version(code).asking(asking).sealed(&publisher());
    house.caller(&house.tokens.developer).submit(&package).await.unwrap().id
}

/// Who signs, by number.
async fn sign(house: &House, id: &str, reviewer: usize) -> SubmissionState {
    let token = [&house.tokens.first, &house.tokens.second][reviewer];
    house.caller(token).approve(id, &reviewers()[reviewer]).await.unwrap().state
}

async fn state(house: &House, id: &str) -> SubmissionState {
    house.caller(&house.tokens.administrator).detail(id).await.unwrap().submission.state
}

async fn listed(house: &House) -> ReleaseDocument {
    Device::refresh(house, &["residence", "residence-wide"]).await.release(house, "residence", APP).await.unwrap()
}

#[tokio::test]
async fn several_versions_are_in_review_at_once_and_the_later_follows_the_earlier() {
    let house = House::open().await;
    let one = submit(&house, 1, &[]).await;
    let two = submit(&house, 2, &["host:storage"]).await;
    assert_eq!(sign(&house, &two, 0).await, InReview);
    assert_eq!((state(&house, &one).await, state(&house, &two).await), (Submitted, InReview));

    assert_eq!(sign(&house, &one, 1).await, Released);
    let waiting = house.caller(&house.tokens.first).detail(&two).await.unwrap();
    let (submission, last) = (waiting.submission, waiting.history.last().unwrap().clone());
    assert_eq!((submission.state, submission.sequence, submission.approvals.len()), (Submitted, 2, 0));
    assert_eq!((last.state, last.note.as_deref()), (Submitted, Some("#1")), "it says what it follows");
    assert_eq!(sign(&house, &two, 0).await, InReview);
    assert_eq!(sign(&house, &two, 1).await, Released);
    assert_eq!((listed(&house).await.sequence, state(&house, &one).await), (2, Superseded));
}

#[tokio::test]
async fn a_lower_version_is_over_once_a_higher_one_is_released() {
    let house = House::open().await;
    let (one, two) = (submit(&house, 1, &[]).await, submit(&house, 2, &[]).await);
    assert_eq!(sign(&house, &two, 0).await, Released);
    let over = house.caller(&house.tokens.first).detail(&one).await.unwrap();
    assert_eq!(over.submission.state, Superseded);
    assert_eq!(over.history.last().unwrap().note.as_deref(), Some("2.0.0"));
    let late = house.caller(&house.tokens.first).proposal(&one).await.unwrap_err();
    assert_eq!((late.status, late.class.as_str()), (409, "review/too-late"));
}

#[tokio::test]
async fn what_is_taken_back_is_a_draft_and_can_be_handed_in_again() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let id = submit(&house, 2, &["host:storage"]).await;
    sign(&house, &id, 0).await;
    let draft = developer.withdraw(&id).await.unwrap();
    assert_eq!((draft.state, draft.approvals.len()), (Draft, 0), "what was signed is gone");
    let other = submit(&house, 3, &[]).await;
    developer.withdraw(&other).await.unwrap();

    let again = developer.act(paths::HANDING_IN, &id).await.unwrap();
    assert_eq!(again.state, Submitted);
    assert_eq!(sign(&house, &id, 0).await, InReview);
    assert_eq!(sign(&house, &id, 1).await, Released);
    // Meanwhile numbers went on, and the other draft takes the next when it comes in.
    let other = developer.act(paths::HANDING_IN, &other).await.unwrap();
    assert_eq!((other.state, other.sequence), (Submitted, 2));
    assert_eq!(sign(&house, &other.id, 0).await, Released);
    let late = developer.withdraw(&other.id).await.unwrap_err();
    assert_eq!((late.status, late.class.as_str()), (409, "review/too-late"));
}

#[tokio::test]
async fn a_draft_below_what_was_released_stays_one() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let package = App::new(APP).sealed(&publisher());
    let draft = developer.submit_as(&package, "draft=true").await.unwrap();
    assert_eq!(draft.state, Draft);
    let late = house.caller(&house.tokens.first).proposal(&draft.id).await.unwrap_err();
    assert_eq!(late.class, "review/too-late");
    let two = submit(&house, 2, &[]).await;
    sign(&house, &two, 0).await;
    let lower = developer.act(paths::HANDING_IN, &draft.id).await.unwrap_err();
    assert_eq!((lower.status, lower.class.as_str()), (409, "submission/version-not-higher"));
    assert_eq!(developer.act(paths::ARCHIVING, &draft.id).await.unwrap().state, Archived);
    assert_eq!(developer.act(paths::HANDING_IN, &draft.id).await.unwrap_err().class, "review/too-late");
}

#[tokio::test]
async fn what_was_to_be_changed_may_come_back_as_it_is_or_be_replaced() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let id = submit(&house, 1, &["host:storage"]).await;
    sign(&house, &id, 0).await;
    let asked = house.caller(&house.tokens.second).refuse(&id, "Why storage?").await.unwrap();
    assert_eq!((asked.state, asked.approvals.len()), (ChangesRequested, 0));
    let again = developer.act(paths::HANDING_IN, &id).await.unwrap();
    assert_eq!((again.state, again.refusal_reason), (Submitted, None));

    sign(&house, &id, 0).await;
    let better = App::new(APP).version(2).sealed(&publisher());
    let better = developer.submit_as(&better, &format!("replaces={id}")).await.unwrap();
    let old = developer.detail(&id).await.unwrap().submission;
    assert_eq!((better.state, old.state, old.approvals.len()), (Submitted, Superseded, 0));
    let record = house.caller(&house.tokens.auditor).get(paths::AUDIT).await;
    let record: serde_json::Value = serde_json::from_slice(&record.body).unwrap();
    let replaced = record["items"].as_array().unwrap().iter().find(|entry| entry["deed"] == "submission.replace");
    let replaced = replaced.expect("what becomes of the other one is a deed of its own");
    assert_eq!(
        (&replaced["before"], &replaced["after"], &replaced["why"]),
        (&"in_review".into(), &"superseded".into(), &"2.0.0".into())
    );
    let elsewhere = App::new("gov.example.residence.desk").sealed(&publisher());
    let refused = developer.submit_as(&elsewhere, &format!("replaces={}", better.id)).await.unwrap_err();
    assert_eq!((refused.status, refused.class.as_str()), (409, "submission/not-replaced"));
    sign(&house, &better.id, 0).await;
    let newer = App::new(APP).version(3).sealed(&publisher());
    let refused = developer.submit_as(&newer, &format!("replaces={}", better.id)).await.unwrap_err();
    assert_eq!(refused.class, "submission/not-replaced");
    let all = house.caller(&house.tokens.administrator).get(paths::SUBMISSIONS).await;
    let all: guichet_api::SubmissionList = serde_json::from_slice(&all.body).unwrap();
    assert_eq!(all.items.len(), 2, "what was not taken left nothing");
}

#[tokio::test]
async fn whoever_handed_it_in_again_does_not_sign_it_either() {
    let house = House::open().await;
    let id = submit(&house, 1, &[]).await;
    let first = house.caller(&house.tokens.first);
    first.withdraw(&id).await.unwrap();
    first.act(paths::HANDING_IN, &id).await.unwrap();
    assert_eq!(first.proposal(&id).await.unwrap_err().class, "review/self-approval");
    assert_eq!(
        house.caller(&house.tokens.developer).proposal(&id).await.unwrap_err().class,
        "review/self-approval",
        "nor whoever did so first"
    );
    assert_eq!(sign(&house, &id, 1).await, Released);
}

#[tokio::test]
async fn listed_testers_try_a_draft_out_and_nobody_else_sees_it() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let package = App::new(APP).sealed(&publisher());
    let id = developer.submit_as(&package, "draft=true").await.unwrap().id;
    let tester = crate::console::sign_in(&house, &house.tokens.tax_developer).await;
    let other = crate::console::sign_in(&house, &house.tokens.tax_reviewer).await;
    let at = format!("/trials/{id}");
    let status =
        async |path: &str, cookie: &str| crate::console::page(&house, path, cookie, "en").await.status.as_u16();
    assert_eq!(status(&at, &tester).await, 403);

    let set = async |names: &[&str]| {
        let body = serde_json::json!({ "testers": names }).to_string();
        let answer = developer.call(Method::POST, &paths::of(paths::TRIAL, &id), "application/json", body).await;
        (answer.status.as_u16(), answer.text())
    };
    assert!(set(&["tax dev", "nobody"]).await.1.contains("person/not-found"));
    assert_eq!(state(&house, &id).await, Draft);
    assert_eq!(set(&["tax dev", "tax dev"]).await.0, 200);
    assert_eq!(state(&house, &id).await, Trial);
    let page = crate::console::page(&house, &at, &tester, "en").await.text();
    for text in ["tax dev", "aria-label=\"QR code of http://store.example/trials/", "guichet-desktop --open"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    let download = crate::console::page(&house, &format!("{at}/package"), &tester, "en").await;
    assert_eq!(download.body, package.bytes());
    assert_eq!((status(&at, &other).await, status(&format!("/submissions/{id}"), &tester).await), (403, 403));
    assert_eq!(set(&["tax reviewer"]).await.0, 200);
    assert_eq!((status(&at, &other).await, status(&at, &tester).await), (200, 403), "another list");

    assert_eq!(set(&[]).await.0, 200);
    assert_eq!((state(&house, &id).await, status(&at, &other).await), (Draft, 403));
    assert_eq!(set(&["tax dev"]).await.0, 200);
    developer.act(paths::HANDING_IN, &id).await.unwrap();
    assert_eq!((state(&house, &id).await, status(&at, &tester).await), (Submitted, 403), "a trial ends with that");
    assert_eq!(set(&["tax dev"]).await.0, 409);
}

#[tokio::test]
async fn only_its_publisher_takes_it_back_hands_it_in_or_puts_it_away() {
    let house = House::open().await;
    let id = submit(&house, 1, &[]).await;
    for (token, class) in [
        (&house.tokens.tax_developer, "access/department"),
        (&house.tokens.operator, "access/role"),
        (&house.tokens.auditor, "access/role"),
    ] {
        for path in [paths::WITHDRAWAL, paths::HANDING_IN, paths::ARCHIVING] {
            assert_eq!(house.caller(token).act(path, &id).await.unwrap_err().class, class, "{path}");
        }
    }
    assert_eq!(state(&house, &id).await, Submitted);
}

#[tokio::test]
async fn a_halt_pauses_a_release_and_a_newer_one_is_not_paused() {
    let house = House::open().await;
    let one = submit(&house, 1, &[]).await;
    sign(&house, &one, 0).await;
    let (app, channel) = (APP.parse().unwrap(), Channel::stable());
    let halt = async |why: &str| {
        brake::halt(&house.store, Actor::Machine, &app, &channel, why).await.map_err(told).unwrap();
    };
    halt("the fee is wrong").await;
    let paused = house.caller(&house.tokens.first).detail(&one).await.unwrap();
    assert_eq!(paused.submission.state, Paused);
    assert_eq!(paused.history.last().unwrap().note.as_deref(), Some("the fee is wrong"));
    brake::resume(&house.store, Actor::Machine, &app, &channel, "mended").await.map_err(told).unwrap();
    assert_eq!(state(&house, &one).await, Released);
    halt("again").await;
    let two = submit(&house, 2, &[]).await;
    assert_eq!(sign(&house, &two, 0).await, Released);
    assert_eq!(state(&house, &one).await, Superseded);
    brake::resume(&house.store, Actor::Machine, &app, &channel, "mended").await.map_err(told).unwrap();
    assert_eq!((state(&house, &one).await, state(&house, &two).await), (Superseded, Released));
}

#[tokio::test]
async fn a_revert_leaves_what_waits_and_a_recall_reaches_all_that_it_names() {
    let house = House::open().await;
    let (one, two) = (submit(&house, 1, &[]).await, submit(&house, 2, &[]).await);
    assert_eq!(sign(&house, &one, 0).await, Released);
    assert_eq!(sign(&house, &two, 0).await, Released);
    let three = submit(&house, 3, &[]).await;
    let operator = operator(&house).await;
    let (app, channel) = (APP.parse().unwrap(), Channel::stable());
    let back = reissue::revert(&house.store, &operator, &app, &channel, 1, "2 is slow").await.map_err(told).unwrap();
    let again = reissue::revert(&house.store, &operator, &app, &channel, 1, "so slow").await.map_err(told).unwrap();
    assert_eq!((state(&house, &back.id).await, state(&house, &three).await), (Superseded, Submitted));
    assert_eq!(sign(&house, &again.id, 0).await, Released);
    let followed = house.caller(&house.tokens.first).detail(&three).await.unwrap().submission;
    assert_eq!((followed.state, followed.sequence), (Submitted, 4));

    let recall = reissue::recall(&house.store, &operator, &app, &channel, "it leaks").await.map_err(told).unwrap();
    assert_eq!(sign(&house, &recall.id, 0).await, Released);
    assert_eq!((state(&house, &one).await, state(&house, &again.id).await), (Recalled, Recalled), "the same contents");
    assert_eq!((state(&house, &two).await, listed(&house).await.is_recall()), (Superseded, true));
    assert_eq!(sign(&house, &three, 0).await, Released);
    let last = listed(&house).await;
    assert_eq!((last.sequence, last.revoked), (5, [1, 3, 4].into()), "what was recalled stays so");
}

async fn operator(house: &House) -> guichet_store::database::people::Person {
    let mut connection = house.store.database.read().await.unwrap();
    guichet_store::database::people::by_name(&mut connection, "operator").await.unwrap().unwrap().person
}

#[tokio::test]
async fn until_it_is_approved_it_can_be_taken_back_or_replaced_at_any_time() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let put = async |id: &str, state: SubmissionState| {
        let mut change = house.store.database.change().await.unwrap();
        records::set_state(&mut change, id, state, None).await.unwrap();
        guichet_store::database::commit(change).await.unwrap();
    };
    let before = [Draft, Trial, Submitted, Scanning, Quarantined, InReview, ChangesRequested];
    for (code, stands) in (1..).step_by(3).zip(before.into_iter().chain([Approved])) {
        let back = submit(&house, code, &[]).await;
        put(&back, stands).await;
        let taken = developer.withdraw(&back).await.map(|submission| submission.state).map_err(|problem| problem.class);
        let old = submit(&house, code + 1, &[]).await;
        put(&old, stands).await;
        let new = App::new(APP).version(code + 2).sealed(&publisher());
        let new = developer.submit_as(&new, &format!("replaces={old}")).await.map_err(|problem| problem.class);
        let late = Err("review/too-late".to_owned());
        assert_eq!(taken, if [Draft, Approved].contains(&stands) { late.clone() } else { Ok(Draft) }, "{stands}");
        match stands {
            Approved => assert_eq!(new.map(|new| new.state), late),
            _ => assert_eq!((new.unwrap().state, state(&house, &old).await), (Submitted, Superseded), "{stands}"),
        }
    }
}

/// Approved means logged: from there no way leads back, whatever somebody asks.
#[tokio::test]
async fn a_state_is_written_where_the_table_allows_it() {
    let house = House::open().await;
    let id = submit(&house, 1, &[]).await;
    let mut change = house.store.database.change().await.unwrap();
    records::set_state(&mut change, &id, Approved, None).await.unwrap();
    guichet_store::database::commit(change).await.unwrap();
    let developer = house.caller(&house.tokens.developer);
    for path in [paths::WITHDRAWAL, paths::HANDING_IN, paths::ARCHIVING] {
        assert_eq!(developer.act(path, &id).await.unwrap_err().class, "review/too-late", "{path}");
    }
    let refused = house.caller(&house.tokens.first).refuse(&id, "no").await.unwrap_err();
    assert_eq!(refused.class, "review/too-late");
}
