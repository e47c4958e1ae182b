//! From a developer's package to files that a device believes.

use guichet_api::SubmissionState::{InReview, Released, Submitted};

use crate::{
    house::{House, publisher, reviewers},
    packages::App,
    people::Device,
};

const APP: &str = "gov.example.residence.permit";
const STORAGE: &[&str] = &["host:storage"];

#[tokio::test]
async fn a_widening_release_needs_two_reviewers_and_then_verifies_on_a_device() {
    let house = House::open().await;
    let [first_key, second_key] = reviewers();
    let package = App::new(APP).asking(STORAGE).sealed(&publisher());

    let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    assert_eq!((submission.state, submission.sequence, submission.approvals_needed), (Submitted, 1, 2));
    assert_eq!(submission.widens.len(), 1);
    assert_eq!(submission.names["zh-Hans"], "居住证");

    let first = house.caller(&house.tokens.first).approve(&submission.id, &first_key).await.unwrap();
    assert_eq!((first.state, first.approvals.len()), (InReview, 1));
    let device = Device::refresh(&house, &["residence", "residence-wide"]).await;
    assert_eq!(device.release(&house, "residence", APP).await, None, "one of two has signed");

    let second = house.caller(&house.tokens.second).approve(&submission.id, &second_key).await.unwrap();
    assert_eq!((second.state, second.approvals.len()), (Released, 2));

    let device = Device::refresh(&house, &["residence", "residence-wide"]).await;
    let release = device.release(&house, "residence", APP).await.unwrap();
    let wide = device.release(&house, "residence-wide", APP).await.unwrap();
    assert_eq!(release, wide);
    assert_eq!((release.sequence, release.version.code, release.permissions.len()), (1, 1, 1));
    let installed = device.install(&house, &release, "residence").await;
    assert_eq!(installed.file().bytes(), package.bytes());

    let history = house.caller(&house.tokens.administrator).detail(&submission.id).await.unwrap().history;
    let steps: Vec<String> = history.iter().map(|entry| format!("{} {}", entry.by, entry.state)).collect();
    assert_eq!(steps, ["dev submitted", "first in_review", "second approved", "second released"]);
}

#[tokio::test]
async fn what_does_not_widen_needs_one_reviewer_and_leaves_the_wide_role_alone() {
    let house = House::open().await;
    let [first_key, second_key] = reviewers();
    let developer = house.caller(&house.tokens.developer);

    let one = developer.submit(&App::new(APP).asking(STORAGE).sealed(&publisher())).await.unwrap();
    house.caller(&house.tokens.first).approve(&one.id, &first_key).await.unwrap();
    house.caller(&house.tokens.second).approve(&one.id, &second_key).await.unwrap();

    let two = developer.submit(&App::new(APP).asking(STORAGE).version(2).sealed(&publisher())).await.unwrap();
    assert_eq!((two.sequence, two.approvals_needed, two.widens.len()), (2, 1, 0));
    let released = house.caller(&house.tokens.second).approve(&two.id, &second_key).await.unwrap();
    assert_eq!(released.state, Released);

    let device = Device::refresh(&house, &["residence", "residence-wide"]).await;
    assert_eq!(device.trusted.version("residence"), Some(2));
    assert_eq!(device.trusted.version("residence-wide"), Some(1));
    let release = device.release(&house, "residence", APP).await.unwrap();
    assert_eq!((release.sequence, release.version.code), (2, 2));
    assert_eq!(device.release(&house, "residence-wide", APP).await.unwrap().sequence, 1);
    device.install(&house, &release, "residence").await;

    let detail = house.caller(&house.tokens.first).detail(&two.id).await.unwrap();
    assert_eq!(detail.replaces.unwrap().code, 1);
    assert_eq!(detail.permissions[0].reason.as_deref(), Some("so that host:storage <works>"));
    assert!(!detail.permissions[0].widens);
}

#[tokio::test]
async fn what_a_release_may_do_is_compared_with_the_last_that_widened() {
    let house = House::open().await;
    let [first_key, second_key] = reviewers();
    let developer = house.caller(&house.tokens.developer);
    let (first, second) = (house.caller(&house.tokens.first), house.caller(&house.tokens.second));
    let both: &[&str] = &["host:scan.page", "host:storage"];
    let one = developer.submit(&App::new(APP).asking(both).sealed(&publisher())).await.unwrap();
    first.approve(&one.id, &first_key).await.unwrap();
    second.approve(&one.id, &second_key).await.unwrap();
    let wider: &[&str] = &["host:scan", "host:storage"];
    let two = developer.submit(&App::new(APP).version(2).asking(wider).sealed(&publisher())).await.unwrap();
    let detail = first.detail(&two.id).await.unwrap();
    let asks: Vec<_> =
        detail.permissions.iter().map(|ask| (ask.name.as_str(), ask.widens, ask.before.is_some())).collect();
    assert_eq!(asks, [("host:scan", true, false), ("host:storage", false, true)]);
    assert_eq!(detail.removed.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["host:scan.page"]);
    // What was released is still compared with what there was before it.
    assert!(first.detail(&one.id).await.unwrap().permissions.iter().all(|ask| ask.widens && ask.before.is_none()));
}

#[tokio::test]
async fn a_first_release_that_asks_for_nothing_needs_one_reviewer() {
    let house = House::open().await;
    let submission = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    let released = house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    assert_eq!(released.state, Released);
    let device = Device::refresh(&house, &["residence", "residence-wide"]).await;
    assert!(device.release(&house, "residence", APP).await.is_some());
    assert_eq!(device.trusted.version("residence-wide"), None);
}

#[tokio::test]
async fn a_narrow_release_in_between_does_not_cost_the_first_signature() {
    let house = House::open().await;
    let [first_key, second_key] = reviewers();
    let developer = house.caller(&house.tokens.developer);
    let (first, second) = (house.caller(&house.tokens.first), house.caller(&house.tokens.second));

    let wide = developer.submit(&App::new(APP).asking(STORAGE).sealed(&publisher())).await.unwrap();
    first.approve(&wide.id, &first_key).await.unwrap();
    let other = App::new("gov.example.residence.desk");
    let narrow = developer.submit(&other.sealed(&publisher())).await.unwrap();
    assert_eq!(first.approve(&narrow.id, &first_key).await.unwrap().state, Released);

    let proposal = second.proposal(&wide.id).await.unwrap();
    let open: Vec<_> = proposal.roles.iter().map(|role| (role.role.as_str(), role.signed_by.len())).collect();
    assert_eq!(open, [("residence", 0), ("residence-wide", 1)]);
    assert_eq!(second.approve(&wide.id, &second_key).await.unwrap().state, Released);
    let device = Device::refresh(&house, &["residence", "residence-wide"]).await;
    assert_eq!(device.trusted.targets("residence").count(), 2);
}

#[tokio::test]
async fn a_widening_release_in_between_sends_the_other_back_to_the_queue() {
    let house = House::open().await;
    let [first_key, second_key] = reviewers();
    let developer = house.caller(&house.tokens.developer);
    let (first, second) = (house.caller(&house.tokens.first), house.caller(&house.tokens.second));

    let waiting = developer.submit(&App::new(APP).asking(STORAGE).sealed(&publisher())).await.unwrap();
    first.approve(&waiting.id, &first_key).await.unwrap();
    let other = App::new("gov.example.residence.desk").asking(STORAGE);
    let other = developer.submit(&other.sealed(&publisher())).await.unwrap();
    first.approve(&other.id, &first_key).await.unwrap();
    second.approve(&other.id, &second_key).await.unwrap();

    let lapsed = second.detail(&waiting.id).await.unwrap().submission;
    assert_eq!((lapsed.state, lapsed.approvals.len()), (Submitted, 0));
    assert_eq!(second.approve(&waiting.id, &second_key).await.unwrap().state, InReview);
    assert_eq!(first.approve(&waiting.id, &first_key).await.unwrap().state, Released);
}
