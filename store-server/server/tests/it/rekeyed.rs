//! Reviewers' keys change by ceremony: a department goes on signing, and nothing counts that a removed key signed.

use guichet_api::SubmissionState::{InReview, Released, Submitted};
use guichet_store::commands::{self, KeyChange};
use guichet_trust::sign::SecretKey;

use crate::{
    ceremony::secret,
    house::{House, key, publisher, reviewers, told},
    packages::App,
    people::Device,
};

const PERMIT: &str = "gov.example.residence.permit";
const OTHER: &str = "gov.example.residence.other";

/// Takes a reviewer's key from a role and gives it another one, as the security office does it.
async fn replace(house: &House, role: &str, old: &SecretKey, new: &SecretKey) {
    let change = KeyChange { add: vec![new.public()], remove: vec![old.public().id()], ..KeyChange::default() };
    let mut ceremony = commands::prepare_document(&house.store, role, change).await.map_err(told).unwrap();
    ceremony.sign(&secret(&house.offline().join("targets.key"))).unwrap();
    commands::import_document(&house.store, &ceremony).await.map_err(told).unwrap();
}

async fn submit(house: &House, app: App) -> String {
    house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id
}

/// Submits, and approves with these keys in turn.
async fn release(house: &House, app: App, keys: &[&SecretKey]) {
    let id = submit(house, app).await;
    let mut state = Submitted;
    for (token, key) in [&house.tokens.first, &house.tokens.second].into_iter().zip(keys) {
        state = house.caller(token).approve(&id, key).await.unwrap().state;
    }
    assert_eq!(state, Released);
}

/// The sequence a new device sees of an app.
async fn seen(house: &House, app: &str) -> Option<u64> {
    let device = Device::refresh(house, &["residence", "residence-wide"]).await;
    Some(device.release(house, "residence", app).await?.sequence)
}

#[tokio::test]
async fn a_department_signs_on_after_the_key_was_removed_that_signed_what_it_lists() {
    let house = House::open().await;
    let [first, second] = reviewers();
    release(&house, App::new(PERMIT), &[&first]).await;
    release(&house, App::new(OTHER), &[&first]).await;
    replace(&house, "residence", &first, &key(71)).await;
    // What it lists lost its only signature, and the next release carries it on under the signature of one who stayed.
    release(&house, App::new(PERMIT).version(2), &[&second]).await;
    assert_eq!((seen(&house, PERMIT).await, seen(&house, OTHER).await), (Some(2), Some(1)));
    release(&house, App::new(OTHER).version(2), &[&key(71)]).await;
    assert_eq!((seen(&house, PERMIT).await, seen(&house, OTHER).await), (Some(2), Some(2)));
}

#[tokio::test]
async fn permissions_that_a_removed_key_allowed_are_asked_for_again() {
    let house = House::open().await;
    let [first, second] = reviewers();
    let asking = |code| App::new(PERMIT).version(code).asking(&["host:storage"]);
    release(&house, asking(1), &[&first, &second]).await;
    replace(&house, "residence-wide", &first, &key(71)).await;
    let id = submit(&house, asking(2)).await;
    let reviewer = house.caller(&house.tokens.first);
    let roles: Vec<_> =
        reviewer.proposal(&id).await.unwrap().roles.into_iter().map(|role| (role.role, role.next_version)).collect();
    assert_eq!(roles, [("residence".to_owned(), 2), ("residence-wide".to_owned(), 2)]);
    // One who is listed for only one of them signs that one.
    assert_eq!(reviewer.approve(&id, &second).await.unwrap().state, InReview);
    house.caller(&house.tokens.second).approve(&id, &key(71)).await.unwrap();
    let device = Device::refresh(&house, &["residence", "residence-wide"]).await;
    assert_eq!(device.release(&house, "residence-wide", PERMIT).await.unwrap().sequence, 2);
}

#[tokio::test]
async fn what_a_removed_key_signed_and_others_had_still_to_sign_begins_anew() {
    let house = House::open().await;
    let [first, second] = reviewers();
    let id = submit(&house, App::new(PERMIT).asking(&["host:storage"])).await;
    let reviewer = house.caller(&house.tokens.first);
    assert_eq!(reviewer.approve(&id, &first).await.unwrap().state, InReview);
    replace(&house, "residence-wide", &first, &key(71)).await;
    let detail = reviewer.detail(&id).await.unwrap();
    assert_eq!((detail.submission.state, detail.submission.approvals.len()), (Submitted, 0));
    assert_eq!(detail.history.last().unwrap().state, Submitted);
    // The same person may sign again, with the key that is listed now.
    house.caller(&house.tokens.second).approve(&id, &second).await.unwrap();
    let proposal = reviewer.proposal(&id).await.unwrap();
    assert!(proposal.roles.iter().all(|role| role.signed_by == [second.public().id().to_string()]));
    assert_eq!(reviewer.approve(&id, &key(71)).await.unwrap().state, Released);
    assert_eq!(seen(&house, PERMIT).await, Some(1));
}

#[tokio::test]
async fn a_change_of_keys_leaves_alone_what_only_keys_that_stay_have_signed() {
    let house = House::open().await;
    let [first, second] = reviewers();
    let id = submit(&house, App::new(PERMIT).asking(&["host:storage"])).await;
    house.caller(&house.tokens.first).approve(&id, &first).await.unwrap();
    for role in ["residence", "residence-wide"] {
        replace(&house, role, &second, &key(71)).await;
    }
    assert_eq!(house.caller(&house.tokens.second).approve(&id, &key(71)).await.unwrap().state, Released);
}

#[tokio::test]
async fn a_reviewer_whose_key_was_removed_can_be_listed_again() {
    let house = House::open().await;
    let [first, _] = reviewers();
    let department = "residence".parse().unwrap();
    let again = async || {
        let added = commands::add_reviewer(&house.store, &house.offline(), &department, first.public()).await;
        added.map_err(told)
    };
    assert!(again().await.unwrap_err().contains("key/listed"));
    replace(&house, "residence", &first, &key(71)).await;
    again().await.unwrap();
    assert!(again().await.unwrap_err().contains("key/listed"));
    release(&house, App::new(PERMIT), &[&first]).await;
}
