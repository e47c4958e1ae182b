//! Going back and taking back: prepared by the store, signed by reviewers, followed by a device.

use axum::http::Method;
use guichet_api::{Problem, Submission, SubmissionKind, SubmissionState};
use guichet_package::ReleaseDocument;
use serde_json::{Value as Json, json};

use crate::{
    house::{House, publisher, reviewers},
    packages::App,
    people::Device,
};

const APP: &str = "gov.example.residence.permit";

async fn release(house: &House, code: u32) -> Result<Submission, Problem> {
    let package = App::new(APP).version(code).sealed(&publisher());
    let submission = house.caller(&house.tokens.developer).submit(&package).await?;
    house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await
}

async fn post(house: &House, token: &str, verb: &str, body: Json) -> Result<Json, Problem> {
    let path = format!("/apps/{APP}/stable/{verb}");
    let answer = house.caller(token).call(Method::POST, &path, "application/json", body.to_string()).await;
    match answer.status.is_success() {
        true => Ok(serde_json::from_slice(&answer.body).unwrap()),
        false => Err(serde_json::from_slice(&answer.body).unwrap()),
    }
}

async fn listed(house: &House) -> ReleaseDocument {
    Device::refresh(house, &["residence"]).await.release(house, "residence", APP).await.unwrap()
}

#[tokio::test]
async fn going_back_is_signed_like_any_release_and_brings_the_old_bytes() {
    let house = House::open().await;
    release(&house, 1).await.unwrap();
    let first = listed(&house).await;
    release(&house, 2).await.unwrap();
    let proposed =
        post(&house, &house.tokens.administrator, "revert", json!({"to": 1, "reason": "2 is slow"})).await.unwrap();
    let proposed: Submission = serde_json::from_value(proposed).unwrap();
    assert_eq!((proposed.kind, proposed.sequence, proposed.version.code), (SubmissionKind::Revert, 3, 1));
    assert_eq!(listed(&house).await.sequence, 2, "nothing happens before reviewers sign");
    let page = crate::console::page_of(&house, &house.tokens.first, &proposed.id).await;
    assert!(page.contains("Goes back") && page.contains(" --revert"), "the console says so, and what to type");
    let done = house.caller(&house.tokens.first).approve(&proposed.id, &reviewers()[0]).await.unwrap();
    assert_eq!(done.state, SubmissionState::Released);
    let back = listed(&house).await;
    assert_eq!(back, ReleaseDocument { sequence: 3, ..first }, "only the sequence is new");
    let detail = house.caller(&house.tokens.first).detail(&proposed.id).await.unwrap();
    assert_eq!(detail.history[0].note.as_deref(), Some("2 is slow"));
    let third = release(&house, 3).await.unwrap();
    assert_eq!((third.kind, third.sequence), (SubmissionKind::Package, 4));
}

#[tokio::test]
async fn a_recall_names_itself_and_what_has_the_same_contents_and_is_never_forgotten() {
    let house = House::open().await;
    release(&house, 1).await.unwrap();
    release(&house, 2).await.unwrap();
    let token = &house.tokens.administrator;
    let proposed = post(&house, token, "recall", json!({"reason": " it\nleaks "})).await.unwrap();
    let proposed: Submission = serde_json::from_value(proposed).unwrap();
    assert_eq!((proposed.kind, proposed.sequence), (SubmissionKind::Recall, 3));
    house.caller(&house.tokens.first).approve(&proposed.id, &reviewers()[0]).await.unwrap();
    let document = listed(&house).await;
    assert!(document.is_recall() && document.revoked == [2, 3].into());
    assert_eq!(document.reason.as_deref(), Some("it leaks"), "what people at the devices read is signed");
    let again = post(&house, token, "recall", json!({"reason": "it leaks"})).await.unwrap_err();
    assert_eq!(again.class, "release/recalled");
    let to_it = post(&house, token, "revert", json!({"to": 2, "reason": "x"})).await.unwrap_err();
    assert_eq!(to_it.class, "release/not-allowed");
    release(&house, 3).await.unwrap();
    let next = listed(&house).await;
    assert!(!next.is_recall() && next.revoked == [2, 3].into() && next.sequence == 4 && next.reason.is_none());
}

#[tokio::test]
async fn whoever_proposed_it_does_not_sign_it() {
    let house = House::open().await;
    release(&house, 1).await.unwrap();
    let proposed = post(&house, &house.tokens.first, "recall", json!({"reason": "it leaks"})).await.unwrap();
    let id = proposed["id"].as_str().unwrap();
    let refused = house.caller(&house.tokens.first).approve(id, &reviewers()[0]).await.unwrap_err();
    assert_eq!(refused.class, "review/self-approval");
    house.caller(&house.tokens.second).approve(id, &reviewers()[1]).await.unwrap();
    assert!(listed(&house).await.is_recall());
}

#[tokio::test]
async fn the_brake_is_put_on_and_taken_off_over_the_api() {
    let house = House::open().await;
    release(&house, 1).await.unwrap();
    let token = &house.tokens.administrator;
    let halted = post(&house, token, "halt", json!({"reason": "the fee is wrong"})).await.unwrap();
    assert_eq!(halted, json!({"app_id": APP, "channel": "stable", "sequence": 1}));
    let device = Device::refresh(&house, &["residence", "brake"]).await;
    assert!(device.brake(&house, APP).await.unwrap().halted);
    post(&house, token, "resume", json!({})).await.unwrap();
    let device = Device::refresh(&house, &["residence", "brake"]).await;
    assert!(device.brake(&house, APP).await.is_none());
}

#[tokio::test]
async fn what_cannot_be_stopped_or_not_by_these_is_refused() {
    let house = House::open().await;
    let (administrator, body) = (house.tokens.administrator.clone(), json!({"reason": "x"}));
    for verb in ["halt", "resume", "recall"] {
        let refused = post(&house, &administrator, verb, body.clone()).await.unwrap_err();
        assert_eq!((refused.status, refused.class.as_str()), (404, "release/not-found"), "{verb}");
    }
    release(&house, 1).await.unwrap();
    for (token, status) in
        [(&house.tokens.developer, 403), (&house.tokens.tax_reviewer, 403), (&"gst_x".to_owned(), 401)]
    {
        for verb in ["halt", "recall"] {
            assert_eq!(post(&house, token, verb, body.clone()).await.unwrap_err().status, status, "{verb}");
        }
        assert_eq!(post(&house, token, "revert", json!({"to": 1, "reason": "x"})).await.unwrap_err().status, status);
    }
    for (verb, body, class) in [
        ("revert", json!({"to": 9, "reason": "x"}), "release/not-found"),
        ("revert", json!({"to": 1, "reason": "x"}), "release/current"),
        ("recall", json!({"reason": " "}), "release/no-reason"),
        ("recall", json!({"reason": "a\u{202e}b"}), "release/no-reason"),
        ("halt", json!({"reason": "a\u{7}b"}), "release/no-reason"),
        ("halt", json!({"reason": "x".repeat(501)}), "release/no-reason"),
        ("halt", json!({"why": "x"}), "request/not-json"),
        ("resume", json!({}), "release/not-halted"),
    ] {
        assert_eq!(post(&house, &administrator, verb, body).await.unwrap_err().class, class, "{verb}");
    }
}
