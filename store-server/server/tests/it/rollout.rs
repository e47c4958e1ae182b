//! Letting a release out step by step, as a device sees it and as the console shows it.

use axum::http::Method;
use guichet_api::{
    Beacon, BeaconEnvelope, BeaconKind, Problem, Submission,
    SubmissionState::{Approved, InReview, Paused, Released, Submitted, Superseded},
    paths,
};
use guichet_contract::Channel;
use guichet_package::{
    Blob, ReleaseDocument,
    release::{Choice, Device as Machine, choice, rollout::takes_part},
};
use guichet_store::{brake, freshness};
use serde_json::{Value as Json, json};

use crate::{
    console::{page, post, sign_in},
    house::{House, publisher, reviewers},
    members::outcome,
    packages::App,
    people::Device,
};

const APP: &str = "gov.example.residence.permit";
const HOUR_MS: u64 = 60 * 60 * 1000;

async fn submit(house: &House, code: u32) -> String {
    house.caller(&house.tokens.developer).submit(&App::new(APP).version(code).sealed(&publisher())).await.unwrap().id
}

async fn approve(house: &House, id: &str) -> Submission {
    house.caller(&house.tokens.first).approve(id, &reviewers()[0]).await.unwrap()
}

async fn call(house: &House, token: &str, path: &str, body: Json) -> Result<Json, Problem> {
    let answer = house.caller(token).call(Method::POST, path, "application/json", body.to_string()).await;
    match answer.status.is_success() {
        true => Ok(serde_json::from_slice(&answer.body).unwrap()),
        false => Err(serde_json::from_slice(&answer.body).unwrap()),
    }
}

async fn stage(house: &House, ceiling: u16) -> Result<Json, Problem> {
    let path = format!("/apps/{APP}/stable/rollout");
    call(house, &house.tokens.operator, &path, json!({"ceiling": ceiling, "reason": "it goes well"})).await
}

/// How many of 200 devices would take the newest release.
async fn takers(house: &House) -> usize {
    let device = Device::refresh(house, &["residence", "brake"]).await;
    let release = device.release(house, "residence", APP).await.unwrap();
    let brake = device.brake(house, APP).await;
    let takes = |number: &usize| {
        let id = format!("device {number}");
        let machine =
            Machine { id: Some(&id), terminal: "desktop", now_ms: house.store.clock.now_ms(), ..Machine::default() };
        takes_part(&release, brake.as_ref(), &machine)
    };
    (0..200).filter(takes).count()
}

async fn state(house: &House, id: &str) -> guichet_api::SubmissionState {
    house.caller(&house.tokens.administrator).detail(id).await.unwrap().submission.state
}

#[tokio::test]
async fn a_release_is_let_out_step_by_step_halted_and_goes_on_where_it_was() {
    let house = House::open().await;
    let one = submit(&house, 1).await;
    approve(&house, &one).await;
    assert_eq!(takers(&house).await, 200);
    stage(&house, 2500).await.unwrap();
    let quarter = takers(&house).await;
    assert!((20..80).contains(&quarter), "{quarter}");
    stage(&house, 5000).await.unwrap();
    let half = takers(&house).await;
    assert!(half > quarter && half < 140, "{half}");

    let halt = format!("/apps/{APP}/stable/halt");
    call(&house, &house.tokens.operator, &halt, json!({"reason": "stop"})).await.unwrap();
    assert_eq!((takers(&house).await, state(&house, &one).await), (0, Paused));
    assert_eq!(stage(&house, 10_000).await.unwrap_err().class, "release/halted");
    let resume = format!("/apps/{APP}/stable/resume");
    let no_reason = call(&house, &house.tokens.operator, &resume, json!({"reason": " "})).await.unwrap_err();
    assert_eq!((no_reason.class.as_str(), takers(&house).await), ("release/no-reason", 0));
    call(&house, &house.tokens.operator, &resume, json!({"reason": "the fee is right"})).await.unwrap();
    let went_on = house.caller(&house.tokens.administrator).detail(&one).await.unwrap().history.pop().unwrap();
    assert_eq!((went_on.state, went_on.note.as_deref()), (Released, Some("the fee is right")));
    assert_eq!((takers(&house).await, state(&house, &one).await), (half, Released), "as far as it had come");
    assert_eq!(call(&house, &house.tokens.operator, &resume, json!({})).await.unwrap_err().class, "release/not-halted");
    stage(&house, 10_000).await.unwrap();
    assert_eq!(takers(&house).await, 200);
    // The next release is held by nothing that was said about this one.
    stage(&house, 100).await.unwrap();
    let two = submit(&house, 2).await;
    approve(&house, &two).await;
    assert_eq!(takers(&house).await, 200);
}

#[tokio::test]
async fn a_release_begins_with_some_or_waits_for_somebody_or_for_its_time() {
    let house = House::open().await;
    let begin = async |id: &str, body: Json| {
        call(&house, &house.tokens.developer, &paths::of(paths::BEGINNING, id), body).await
    };
    let one = submit(&house, 1).await;
    begin(&one, json!({"ceiling": 500})).await.unwrap();
    assert_eq!(approve(&house, &one).await.state, Released);
    let few = takers(&house).await;
    assert!(few < 30, "{few}");

    let two = submit(&house, 2).await;
    let said = begin(&two, json!({"ceiling": 0})).await.unwrap();
    assert_eq!(said["beginning"]["ceiling"], 0);
    let held = approve(&house, &two).await;
    assert_eq!((held.state, takers(&house).await), (Approved, 0));
    assert_eq!(state(&house, &one).await, Released, "until the next is out");
    stage(&house, 1000).await.unwrap();
    assert_eq!((state(&house, &two).await, state(&house, &one).await), (Released, Superseded));
    assert!(takers(&house).await > 0);

    let three = submit(&house, 3).await;
    let at = house.store.clock.now_ms() + 2 * HOUR_MS;
    begin(&three, json!({"not_before_ms": at})).await.unwrap();
    assert_eq!(approve(&house, &three).await.state, Approved);
    house.store.clock.advance(HOUR_MS);
    freshness::let_out(&house.store).await;
    assert_eq!((state(&house, &three).await, takers(&house).await), (Approved, 0));
    house.store.clock.advance(HOUR_MS);
    freshness::let_out(&house.store).await;
    assert_eq!((state(&house, &three).await, takers(&house).await), (Released, 200));
    freshness::let_out(&house.store).await;
    let (app, channel) = (APP.parse().unwrap(), Channel::stable());
    let reached = brake::reached(&mut house.store.database.read().await.unwrap(), &app, &channel, 3).await.unwrap();
    assert_eq!(reached, Some(10_000), "once");
}

#[tokio::test]
async fn whoever_is_left_out_is_led_to_the_last_release_that_is_for_everybody() {
    let house = House::open().await;
    let begin = async |id: &str, body: Json| {
        call(&house, &house.tokens.developer, &paths::of(paths::BEGINNING, id), body).await.unwrap()
    };
    let mut documents = Vec::new();
    for (code, ceiling) in [(1, 10_000), (2, 10_000), (3, 2500)] {
        let id = submit(&house, code).await;
        begin(&id, json!({"ceiling": ceiling})).await;
        approve(&house, &id).await;
        let device = Device::refresh(&house, &["residence"]).await;
        documents.push(device.release(&house, "residence", APP).await.unwrap());
    }
    let named = |release: &ReleaseDocument| release.before.clone();
    assert_eq!(
        documents.iter().map(named).collect::<Vec<_>>(),
        [None, Some(Blob::of(&documents[0].to_bytes().unwrap())), Some(Blob::of(&documents[1].to_bytes().unwrap())),]
    );
    let shares = async |line: &[ReleaseDocument]| {
        let brake = Device::refresh(&house, &["residence", "brake"]).await.brake(&house, APP).await;
        let mut counts = [0; 6];
        for number in 0..200 {
            let id = format!("device {number}");
            let machine = Machine { id: Some(&id), terminal: "desktop", ..Machine::default() };
            let mut at = line.last().unwrap();
            loop {
                match choice(line.last().unwrap(), at, brake.as_ref(), &machine) {
                    Choice::Take => break counts[usize::try_from(at.sequence).unwrap()] += 1,
                    Choice::Nothing => break counts[0] += 1,
                    Choice::Before(blob) => {
                        at = line.iter().find(|next| blob.is(&next.to_bytes().unwrap())).unwrap();
                    }
                }
            }
        }
        counts
    };
    let quarter = shares(&documents).await;
    assert!(quarter[3] > 20 && quarter[2] > 100 && quarter[2] + quarter[3] == 200, "{quarter:?}");

    // Another newer one while that is at a quarter, which is then known to be bad.
    let halt = json!({"reason": "it loses drafts"});
    call(&house, &house.tokens.operator, &format!("/apps/{APP}/stable/halt"), halt).await.unwrap();
    assert_eq!(shares(&documents).await, [0, 0, 200, 0, 0, 0], "whoever comes while it is halted gets the one before");
    let id = submit(&house, 4).await;
    begin(&id, json!({"ceiling": 1000})).await;
    approve(&house, &id).await;
    let device = Device::refresh(&house, &["residence"]).await;
    documents.push(device.release(&house, "residence", APP).await.unwrap());
    let tenth = shares(&documents).await;
    assert!(tenth[4] > 0 && tenth[3] == 0 && tenth[2] + tenth[4] == 200, "what was halted is passed over: {tenth:?}");
    stage(&house, 10_000).await.unwrap();
    assert_eq!(shares(&documents).await, [0, 0, 0, 0, 200, 0]);

    // Going back, and taking back, lead nowhere.
    let operator = &house.tokens.administrator;
    let revert = json!({"to": 2, "reason": "4 is slow"});
    let proposed = call(&house, operator, &format!("/apps/{APP}/stable/revert"), revert).await.unwrap();
    approve(&house, proposed["id"].as_str().unwrap()).await;
    let device = Device::refresh(&house, &["residence"]).await;
    let back = device.release(&house, "residence", APP).await.unwrap();
    assert_eq!((back.sequence, back.before), (5, None));
    let recall = json!({"reason": "it leaks"});
    let proposed = call(&house, operator, &format!("/apps/{APP}/stable/recall"), recall).await.unwrap();
    approve(&house, proposed["id"].as_str().unwrap()).await;
    approve(&house, &submit(&house, 5).await).await;
    let device = Device::refresh(&house, &["residence"]).await;
    let next = device.release(&house, "residence", APP).await.unwrap();
    assert_eq!((next.sequence, next.before), (7, None), "nothing is had in place of what was recalled");
}

/// Undone while it is on its way: whoever has it goes back, whoever has it not is not given it, and a halt is no condition.
#[tokio::test]
async fn a_release_is_gone_back_from_while_some_have_it() {
    let house = House::open().await;
    for code in [1, 2] {
        let id = submit(&house, code).await;
        approve(&house, &id).await;
    }
    for is_halted in [false, true] {
        stage(&house, 2500).await.unwrap();
        let quarter = takers(&house).await;
        assert!((20..80).contains(&quarter), "{quarter}");
        if is_halted {
            let halt = json!({"reason": "the fee is wrong"});
            call(&house, &house.tokens.operator, &format!("/apps/{APP}/stable/halt"), halt).await.unwrap();
        }
        let revert = json!({"to": 1, "reason": "the fee is wrong"});
        let back = call(&house, &house.tokens.operator, &format!("/apps/{APP}/stable/revert"), revert).await.unwrap();
        assert_eq!(takers(&house).await, if is_halted { 0 } else { quarter }, "until it is signed nothing changes");
        approve(&house, back["id"].as_str().unwrap()).await;
        let device = Device::refresh(&house, &["residence", "brake"]).await;
        let release = device.release(&house, "residence", APP).await.unwrap();
        assert_eq!((release.version.code, takers(&house).await), (1, 200), "{is_halted}");
        let id = submit(&house, u32::try_from(release.sequence).unwrap()).await;
        approve(&house, &id).await;
    }
}

#[tokio::test]
async fn groups_are_signed_so_changing_them_asks_for_signatures_again() {
    let house = House::open().await;
    let package = App::new(APP).asking(&["host:storage"]).sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    approve(&house, &id).await;
    assert_eq!(state(&house, &id).await, InReview);
    let path = paths::of(paths::BEGINNING, &id);
    call(&house, &house.tokens.developer, &path, json!({"ceiling": 100})).await.unwrap();
    assert_eq!(state(&house, &id).await, InReview, "the brake alone signs how it begins");
    call(&house, &house.tokens.developer, &path, json!({"groups": ["hall-a"]})).await.unwrap();
    let lapsed = house.caller(&house.tokens.first).detail(&id).await.unwrap().submission;
    assert_eq!((lapsed.state, lapsed.approvals.len()), (Submitted, 0));
    approve(&house, &id).await;
    house.caller(&house.tokens.second).approve(&id, &reviewers()[1]).await.unwrap();
    let release = Device::refresh(&house, &["residence"]).await.release(&house, "residence", APP).await.unwrap();
    assert_eq!(release.rollout.groups, ["hall-a".to_owned()].into());
    let next = App::new(APP).asking(&["host:storage"]).version(2).sealed(&publisher());
    let next = house.caller(&house.tokens.developer).submit(&next).await.unwrap().id;
    approve(&house, &next).await;
    let revert = json!({"to": 1, "reason": "2 is slow"});
    let back = call(&house, &house.tokens.operator, &format!("/apps/{APP}/stable/revert"), revert).await.unwrap();
    approve(&house, back["id"].as_str().unwrap()).await;
    let release = Device::refresh(&house, &["residence"]).await.release(&house, "residence", APP).await.unwrap();
    assert_eq!((release.version.code, release.rollout.groups.len()), (1, 0), "whoever had the other one goes back");
    for (body, class) in [
        (json!({"ceiling": 10_001}), "release/beginning"),
        (json!({"groups": ["Hall A"]}), "release/beginning"),
        (json!({"percent": 5}), "request/not-json"),
        (json!([null, null]), "request/not-json"),
        (json!({}), "review/too-late"),
    ] {
        assert_eq!(call(&house, &house.tokens.developer, &path, body).await.unwrap_err().class, class);
    }
}

#[tokio::test]
async fn who_may_stop_may_let_out_and_nobody_beyond_what_was_signed() {
    let house = House::open().await;
    let path = format!("/apps/{APP}/stable/rollout");
    let body = json!({"ceiling": 100, "reason": "x"});
    assert_eq!(stage(&house, 1).await.unwrap_err().class, "release/not-found");
    approve(&house, &submit(&house, 1).await).await;
    for (token, class) in [
        (&house.tokens.developer, "access/role"),
        (&house.tokens.auditor, "access/role"),
        (&house.tokens.tax_reviewer, "access/department"),
    ] {
        assert_eq!(call(&house, token, &path, body.clone()).await.unwrap_err().class, class);
    }
    assert_eq!(stage(&house, 10_001).await.unwrap_err().class, "release/beyond-rollout");
    let no_reason = json!({"ceiling": 100, "reason": " "});
    assert_eq!(call(&house, &house.tokens.operator, &path, no_reason).await.unwrap_err().class, "release/no-reason");
    call(&house, &house.tokens.first, &path, body).await.unwrap();
}

#[tokio::test]
async fn the_page_shows_how_far_and_what_became_of_it_and_undoes_it() {
    let house = House::open().await;
    let operator = sign_in(&house, &house.tokens.operator).await;
    let at = format!("/releases/{APP}/stable");
    assert!(page(&house, "/releases", &operator, "en").await.text().contains("Nothing has been released yet"));
    assert_eq!(outcome(&page(&house, &at, &operator, "en").await), "404 release/not-found");
    approve(&house, &submit(&house, 1).await).await;
    house.store.clock.advance(30 * HOUR_MS);
    let operator = sign_in(&house, &house.tokens.operator).await;
    approve(&house, &submit(&house, 2).await).await;
    assert!(page(&house, &at, &operator, "en").await.text().contains("No terminal has told anything yet"));
    for (sequence, kind, count) in [
        (1, BeaconKind::Installed, 9),
        (2, BeaconKind::Installed, 4),
        (2, BeaconKind::Launched, 8),
        (2, BeaconKind::Error, 1),
        (2, BeaconKind::Reverted, 1),
    ] {
        let beacon = Beacon { app_id: APP.parse().unwrap(), channel: Channel::stable(), sequence, kind };
        let envelope = BeaconEnvelope { format: 1, beacons: vec![beacon; count], counts: Vec::new() };
        let body = serde_json::to_vec(&envelope).unwrap();
        house.anonymous().call(Method::POST, paths::BEACONS, "application/json", body).await;
    }
    let out = post(&house, &format!("{at}/rollout"), &operator, "percent=12.5&reason=slowly".to_owned(), &[]).await;
    assert_eq!(outcome(&out), format!("to {at}"));
    let shown = page(&house, &at, &operator, "en").await.text();
    for text in [
        "12.5%",
        "87.50%",
        "2.0.0 is on 4 terminals now.",
        "2.0.0 has 125.00‰ errors",
        "<title id=\"c1-t\">",
        "<td>9</td>",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    let wrong = post(&house, &format!("{at}/rollout"), &operator, "percent=many&reason=x".to_owned(), &[]).await;
    assert!(wrong.status.is_client_error(), "{}", wrong.status);

    assert_eq!(
        outcome(&post(&house, &format!("{at}/halt"), &operator, "reason=fee".to_owned(), &[]).await),
        format!("to {at}")
    );
    let shown = page(&house, &at, &operator, "en").await.text();
    assert!(shown.contains("Let it go on") && shown.contains("<p>fee</p>"), "{shown}");
    assert_eq!(
        outcome(&post(&house, &format!("{at}/resume"), &operator, String::new(), &[]).await),
        "422 release/no-reason"
    );
    assert_eq!(
        outcome(&post(&house, &format!("{at}/resume"), &operator, "reason=the+old+one".to_owned(), &[]).await),
        format!("to {at}")
    );
    assert!(page(&house, &at, &operator, "en").await.text().contains("<p>#2 the old one</p>"));
    let back = post(&house, &format!("{at}/revert"), &operator, "to=1&reason=fee".to_owned(), &[]).await;
    let proposed = back.header("location").to_owned();
    assert!(proposed.starts_with("/submissions/"), "{proposed}");
    let shown = page(&house, &at, &operator, "en").await.text();
    assert!(shown.contains(&proposed) && shown.contains("Waits for reviewers"), "{shown}");
    let recall = post(&house, &format!("{at}/recall"), &operator, "reason=leak".to_owned(), &[]).await;
    assert!(recall.header("location").starts_with("/submissions/"));

    // Others read it, and cannot act.
    let developer = sign_in(&house, &house.tokens.developer).await;
    assert!(!page(&house, &at, &developer, "en").await.text().contains("Halt now"));
    for verb in ["rollout", "halt", "resume", "revert", "recall"] {
        let form = "percent=1&reason=x&to=1".to_owned();
        assert_eq!(outcome(&post(&house, &format!("{at}/{verb}"), &developer, form, &[]).await), "403 access/role");
    }
    let tax = sign_in(&house, &house.tokens.tax_reviewer).await;
    assert_eq!(outcome(&page(&house, &at, &tax, "en").await), "403 access/department");
    assert!(page(&house, "/releases", &tax, "en").await.text().contains("Nothing has been released yet"));
}
