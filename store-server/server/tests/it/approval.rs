//! Role documents that are not what was proposed.

use guichet_api::{Approval, Problem, SignedDocument, SubmissionState};
use guichet_trust::{
    editor::Draft,
    metadata::{Document, TargetFile, Targets},
    sign::SecretKey,
};

use crate::{
    house::{House, key, publisher, reviewers},
    packages::App,
    people::{Device, draft, signed, targets_of},
};

const APP: &str = "gov.example.residence.permit";
const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1000;

fn approval(role: &str, document: Vec<u8>) -> Approval {
    Approval {
        documents: vec![SignedDocument { role: role.to_owned(), document: String::from_utf8(document).unwrap() }],
    }
}

fn sign(draft: &Draft<Targets>, key: &SecretKey) -> Approval {
    approval("residence", draft.sign(&[key]).unwrap())
}

/// Posts what `make` forges from the proposal of a release that needs one role, and expects it to be refused.
async fn check(make: impl AsyncFnOnce(&House, &guichet_api::Proposal) -> Approval, expected: (u16, &str, &str)) {
    let house = House::open().await;
    let id = submitted(&house, App::new(APP)).await;
    let reviewer = house.caller(&house.tokens.first);
    let proposal = reviewer.proposal(&id).await.unwrap();
    let problem = reviewer.post_approval(&id, &make(&house, &proposal).await).await.unwrap_err();
    assert_eq!((problem.status, problem.class.as_str()), (expected.0, expected.1), "{problem}");
    assert!(problem.what.contains(expected.2), "{problem}");
    let submission = reviewer.detail(&id).await.unwrap().submission;
    assert_eq!((submission.state, submission.approvals.len()), (SubmissionState::Submitted, 0));
    let device = Device::refresh(&house, &["residence"]).await;
    assert_eq!(device.trusted.version("residence"), None);
    // What is proposed still goes through.
    assert_eq!(reviewer.approve(&id, &reviewers()[0]).await.unwrap().state, SubmissionState::Released);
}

async fn submitted(house: &House, app: App) -> String {
    house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id
}

#[tokio::test]
async fn a_second_target_beside_the_proposed_one() {
    let forged = async |_: &House, proposal: &_| {
        let mut draft = draft(proposal, "residence");
        draft.set_target("apps/residence/gov.example.residence.other/stable.json", TargetFile::of(b"{}")).unwrap();
        sign(&draft, &reviewers()[0])
    };
    check(forged, (422, "review/not-the-proposal", "it changes `apps/residence/gov.example.residence.other")).await;
}

#[tokio::test]
async fn another_release_document_under_the_proposed_path() {
    let forged = async |_: &House, proposal: &guichet_api::Proposal| {
        let mut draft = draft(proposal, "residence");
        draft.set_target(&proposal.target_path, TargetFile::of(b"{}")).unwrap();
        sign(&draft, &reviewers()[0])
    };
    check(forged, (422, "review/not-the-proposal", "is not the proposed release document")).await;
}

#[tokio::test]
async fn a_document_that_lists_nothing_new() {
    let forged = async |_: &House, proposal: &guichet_api::Proposal| {
        let mut draft = draft(proposal, "residence");
        draft.remove_target(&proposal.target_path);
        sign(&draft, &reviewers()[0])
    };
    check(forged, (422, "review/not-the-proposal", "it does not list")).await;
}

#[tokio::test]
async fn a_path_of_another_department() {
    let forged = async |_: &House, proposal: &_| {
        let document = draft(proposal, "residence").sign(&[&reviewers()[0]]).unwrap();
        let document = String::from_utf8(document).unwrap().replace("apps/residence/", "apps/tax/");
        approval("residence", document.into_bytes())
    };
    check(forged, (422, "editor/path", "may not list")).await;
}

#[tokio::test]
async fn a_version_that_skips_one() {
    let forged = async |_: &House, proposal: &_| {
        let bytes = draft(proposal, "residence").sign(&[&reviewers()[0]]).unwrap();
        let first: Document<Targets> = Document::parse(bytes).unwrap();
        let expires_ms = first.expires().as_millis();
        let next = Draft::of_role(&targets_of(proposal), "residence", Some(&first), expires_ms).unwrap();
        sign(&next, &reviewers()[0])
    };
    check(forged, (409, "review/outdated", "the next one must be 1")).await;
}

#[tokio::test]
async fn an_expiry_that_is_too_far_or_past() {
    for expires_ms in [crate::house::NOW_MS + 2 * YEAR_MS, crate::house::NOW_MS] {
        let forged = async |_: &House, proposal: &guichet_api::Proposal| {
            let mut draft = Draft::of_role(&targets_of(proposal), "residence", None, expires_ms).unwrap();
            draft.set_target(&proposal.target_path, TargetFile::of(proposal.release_document.as_bytes())).unwrap();
            sign(&draft, &reviewers()[0])
        };
        check(forged, (422, "review/not-the-proposal", "within 400 days")).await;
    }
}

#[tokio::test]
async fn a_key_that_is_not_listed() {
    let forged = async |_: &House, proposal: &_| {
        // The editor itself refuses to sign with such a key, so the signature is added to bytes that have none.
        let unsigned = draft(proposal, "residence").sign(&[]).unwrap();
        approval("residence", guichet_trust::editor::add_signature(&unsigned, &key(77)).unwrap())
    };
    check(forged, (422, "review/not-the-proposal", "not by a reviewer of this role")).await;
}

#[tokio::test]
async fn no_signature_at_all() {
    let forged = async |_: &House, proposal: &_| approval("residence", draft(proposal, "residence").sign(&[]).unwrap());
    check(forged, (422, "review/no-new-signature", "no new signature")).await;
}

#[tokio::test]
async fn a_byte_changed_after_signing() {
    let forged = async |_: &House, proposal: &_| {
        let document = String::from_utf8(draft(proposal, "residence").sign(&[&reviewers()[0]]).unwrap()).unwrap();
        let place = document.find("\"sig\":\"").unwrap() + 7;
        let flipped = if document.as_bytes()[place] == b'0' { "1" } else { "0" };
        let mut document = document;
        document.replace_range(place..=place, flipped);
        approval("residence", document.into_bytes())
    };
    check(forged, (422, "review/not-the-proposal", "not by a reviewer of this role")).await;
}

#[tokio::test]
async fn no_document_or_one_for_a_role_that_was_not_asked_for() {
    check(async |_: &House, _: &_| Approval { documents: Vec::new() }, (422, "review/wrong-roles", "exactly one"))
        .await;
    let forged = async |_: &House, proposal: &_| {
        let mut approval = signed(proposal, &reviewers()[0]);
        approval.documents.push(SignedDocument { role: "tax".to_owned(), document: "{}".to_owned() });
        approval
    };
    check(forged, (422, "review/wrong-roles", "exactly one")).await;
}

#[tokio::test]
async fn one_reviewer_cannot_count_twice() {
    let house = House::open().await;
    let [first_key, second_key] = reviewers();
    let id = submitted(&house, App::new(APP).asking(&["host:storage"])).await;
    let first = house.caller(&house.tokens.first);
    let second = house.caller(&house.tokens.second);
    first.approve(&id, &first_key).await.unwrap();
    let class = |problem: Problem| (problem.status, problem.class);
    // The same person with another key, and another person with the same key.
    assert_eq!(class(first.approve(&id, &second_key).await.unwrap_err()), (409, "review/already-approved".to_owned()));
    assert_eq!(class(second.approve(&id, &first_key).await.unwrap_err()), (422, "review/no-new-signature".to_owned()));
    assert_eq!(second.approve(&id, &second_key).await.unwrap().state, SubmissionState::Released);
}

#[tokio::test]
async fn the_second_reviewer_signs_the_very_bytes_of_the_first() {
    let house = House::open().await;
    let [first_key, second_key] = reviewers();
    let id = submitted(&house, App::new(APP).asking(&["host:storage"])).await;
    let (first, second) = (house.caller(&house.tokens.first), house.caller(&house.tokens.second));
    let unsigned = second.proposal(&id).await.unwrap();
    first.approve(&id, &first_key).await.unwrap();
    // Signed apart, with the same content: the first signature is missing.
    let problem = second.post_approval(&id, &signed(&unsigned, &second_key)).await.unwrap_err();
    assert_eq!((problem.status, problem.class.as_str()), (422, "review/not-the-proposal"));
    assert!(problem.what.contains("a signature that another reviewer made is missing"), "{problem}");
    // Signed apart, with another expiry.
    let targets = targets_of(&unsigned);
    let documents = ["residence", "residence-wide"].map(|role| {
        let mut draft = Draft::of_role(&targets, role, None, crate::house::NOW_MS + YEAR_MS).unwrap();
        draft.set_target(&unsigned.target_path, TargetFile::of(unsigned.release_document.as_bytes())).unwrap();
        let document = String::from_utf8(draft.sign(&[&second_key]).unwrap()).unwrap();
        SignedDocument { role: role.to_owned(), document }
    });
    let problem = second.post_approval(&id, &Approval { documents: documents.to_vec() }).await.unwrap_err();
    assert!(problem.what.contains("another reviewer has signed a different document"), "{problem}");
}

#[tokio::test]
async fn a_role_without_enough_keys_is_said_to_lack_them() {
    let house = House::open().await;
    let package = App::new("gov.example.tax.return").sealed(&crate::house::tax_publisher());
    let id = house.caller(&house.tokens.tax_developer).submit(&package).await.unwrap().id;
    let problem = house.caller(&house.tokens.tax_reviewer).proposal(&id).await.unwrap_err();
    assert_eq!((problem.status, problem.class.as_str()), (409, "review/too-few-keys"));
}
