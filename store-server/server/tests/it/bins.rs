//! A department that lists more than one document should hold: the next release hands its list to hash bins.

use guichet_api::{
    Approval, Proposal, SignedDocument, SubmissionState,
    SubmissionState::{InReview, Released},
};
use guichet_store::{database::commit, publish, repository};
use guichet_trust::{
    editor::{Draft, MOST_UNBINNED},
    metadata::{Document, TargetFile, Targets, owner_of_bin},
    sign::SecretKey,
};

use crate::{
    house::{House, NOW_MS, publisher, reviewers},
    packages::App,
    people::{Device, targets_of},
};

const APP: &str = "gov.example.residence.permit";

/// A house whose department lists so many apps that nobody asks for, in each of its roles.
async fn house_with(apps: usize) -> House {
    let house = House::open().await;
    let mut change = house.store.database.change().await.unwrap();
    let targets = repository::authority(&mut change).await.unwrap().targets;
    for role in ["residence", "residence-wide"] {
        let mut draft = Draft::of_role(&targets, role, None, NOW_MS + 1_000_000_000).unwrap();
        for app in 0..apps {
            let path = format!("apps/residence/gov.example.residence.other-{app}/stable.json");
            draft.set_target(&path, TargetFile::of(&app.to_le_bytes())).unwrap();
        }
        let [first, second] = reviewers();
        let keys = if role == "residence" { vec![&first] } else { vec![&first, &second] };
        let document = Document::<Targets>::parse(draft.sign(&keys).unwrap()).unwrap();
        repository::insert(&mut change, role, &document).await.unwrap();
    }
    repository::sign_snapshot(&mut change, &house.store.online, NOW_MS).await.unwrap();
    commit(change).await.unwrap();
    publish::publish(&house.store).await.unwrap();
    house
}

/// What a reviewer's machine signs of a proposal.
async fn signed(house: &House, proposal: &Proposal, key: &SecretKey) -> Approval {
    let (targets, mut connection) = (targets_of(proposal), house.store.database.read().await.unwrap());
    let file = TargetFile::of(proposal.release_document.as_bytes());
    let mut documents = Vec::new();
    for family in ["residence", "residence-wide"] {
        let meant: Vec<_> =
            proposal.roles.iter().filter(|role| owner_of_bin(&role.role).unwrap_or(&role.role) == family).collect();
        if meant.is_empty() {
            continue;
        }
        let listing = repository::listing(&mut connection, family).await.unwrap();
        let next = listing.next(&targets, family, (&proposal.target_path, &file), NOW_MS + 1_000_000_000).unwrap();
        for (role, draft) in next.drafts {
            let meant = meant.iter().find(|meant| meant.role == role).unwrap();
            if (meant.signed_by.len() as u32) >= meant.threshold {
                continue;
            }
            let document = match &meant.document {
                Some(document) => guichet_trust::editor::add_signature(document.as_bytes(), key).unwrap(),
                None => draft.sign(&[key]).unwrap(),
            };
            documents.push(SignedDocument { role, document: String::from_utf8(document).unwrap() });
        }
    }
    Approval { documents }
}

/// Approves with one key, and says how many documents were proposed.
pub(crate) async fn approve(house: &House, token: &str, id: &str, key: &SecretKey) -> (usize, SubmissionState) {
    let reviewer = house.caller(token);
    let proposal = reviewer.proposal(id).await.unwrap();
    let approval = signed(house, &proposal, key).await;
    (proposal.roles.len(), reviewer.post_approval(id, &approval).await.unwrap().state)
}

async fn submit(house: &House, app: App) -> String {
    house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id
}

/// What a device sees that follows the department and all its bins.
async fn seen(house: &House, role: &str) -> (Option<u64>, usize) {
    let own = Device::refresh(house, &[role]).await;
    let bins = own.trusted.role(role).unwrap().signed().bins().unwrap().all().map(|bin| bin.name);
    let roles: Vec<_> = [role.to_owned()].into_iter().chain(bins).collect();
    let device = Device::refresh(house, &roles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let release = device.release(house, role, APP).await;
    (release.map(|release| release.sequence), device.trusted.targets(role).count())
}

#[tokio::test]
async fn the_release_that_is_one_too_many_hands_the_list_to_bins_and_the_next_one_signs_one_of_them() {
    let house = house_with(MOST_UNBINNED).await;
    let [first, second] = reviewers();
    let id = submit(&house, App::new(APP)).await;
    assert_eq!(approve(&house, &house.tokens.first, &id, &first).await, (33, Released));
    assert_eq!(seen(&house, "residence").await, (Some(1), MOST_UNBINNED + 1));
    let id = submit(&house, App::new(APP).version(2)).await;
    assert_eq!(approve(&house, &house.tokens.first, &id, &second).await, (1, Released));
    assert_eq!(seen(&house, "residence").await, (Some(2), MOST_UNBINNED + 1));

    // A permission for the first time: the other role's list is handed over too, by two.
    let id = submit(&house, App::new(APP).version(3).asking(&["host:storage"])).await;
    assert_eq!(approve(&house, &house.tokens.first, &id, &first).await, (34, InReview));
    assert_eq!(approve(&house, &house.tokens.second, &id, &second).await, (34, Released));
    assert_eq!(seen(&house, "residence").await, (Some(3), MOST_UNBINNED + 1));
    assert_eq!(seen(&house, "residence-wide").await, (Some(3), MOST_UNBINNED + 1));
    // And is allowed from then on.
    let id = submit(&house, App::new(APP).version(4).asking(&["host:storage"])).await;
    assert_eq!(approve(&house, &house.tokens.first, &id, &second).await, (1, Released));
}

#[tokio::test]
async fn a_bin_that_leaves_out_what_it_listed_is_not_what_was_proposed() {
    let house = house_with(MOST_UNBINNED).await;
    let id = submit(&house, App::new(APP)).await;
    let reviewer = house.caller(&house.tokens.first);
    let proposal = reviewer.proposal(&id).await.unwrap();
    let mut approval = signed(&house, &proposal, &reviewers()[0]).await;
    let document = &mut approval.documents[9];
    let mut next: serde_json::Value = serde_json::from_str(&document.document).unwrap();
    let targets = next["signed"]["targets"].as_object_mut().unwrap();
    let gone = targets.keys().next().unwrap().clone();
    targets.remove(&gone);
    next["signatures"] = serde_json::json!([]);
    let forged = guichet_trust::editor::add_signature(next.to_string().as_bytes(), &reviewers()[0]).unwrap();
    document.document = String::from_utf8(forged).unwrap();
    let problem = reviewer.post_approval(&id, &approval).await.unwrap_err();
    assert_eq!((problem.status, problem.class.as_str()), (422, "review/not-the-proposal"));
    assert!(problem.what.contains(&gone), "{problem}");
}
