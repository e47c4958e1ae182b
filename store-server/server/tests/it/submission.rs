//! What is not admitted, and that nothing of it is kept.

use axum::http::StatusCode;
use guichet_api::{Problem, SubmissionDetail, SubmissionList, SubmissionState, paths};
use guichet_store::commands;

use crate::{
    console::{page, sign_in},
    house::{House, key, publisher, reviewers, tax_publisher, told},
    packages::App,
};

const APP: &str = "gov.example.residence.permit";

fn class(refused: Result<guichet_api::Submission, Problem>) -> (u16, String) {
    let problem = refused.unwrap_err();
    assert!(!problem.hint.is_empty(), "{problem}");
    (problem.status, problem.class)
}

async fn assert_nothing_kept(house: &House) {
    let list = house.caller(&house.tokens.administrator).get(paths::SUBMISSIONS).await;
    let list: SubmissionList = serde_json::from_slice(&list.body).unwrap();
    assert_eq!(list.items, []);
    for folder in [house.store.folder.packages(), house.store.folder.staging()] {
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{}", folder.display());
    }
}

async fn check(bytes: Vec<u8>, expected: (u16, &str)) {
    let house = House::open().await;
    let (status, class) = class(house.caller(&house.tokens.developer).submit_bytes(bytes).await);
    assert_eq!((status, class.as_str()), expected);
    assert_nothing_kept(&house).await;
}

#[tokio::test]
async fn what_is_not_a_package() {
    check(b"PK?".to_vec(), (422, "container/not-a-zip")).await;
}

#[tokio::test]
async fn a_package_without_a_seal() {
    check(App::new(APP).unsealed().bytes().to_vec(), (422, "seal/missing")).await;
}

#[tokio::test]
async fn a_key_that_nobody_listed() {
    check(App::new(APP).sealed(&key(99)).bytes().to_vec(), (422, "seal/unknown-publisher")).await;
}

#[tokio::test]
async fn a_key_of_another_department() {
    check(App::new(APP).sealed(&tax_publisher()).bytes().to_vec(), (422, "seal/unknown-publisher")).await;
}

#[tokio::test]
async fn an_icon_that_is_not_there_which_w3c_lets_a_host_put_up_with() {
    let package = App { icon: "common/gone.svg", ..App::new(APP) }.sealed(&publisher());
    check(package.bytes().to_vec(), (422, "check/missing-icon")).await;
}

#[tokio::test]
async fn an_app_of_another_department() {
    let package = App::new("gov.example.tax.return").sealed(&publisher());
    check(package.bytes().to_vec(), (422, "seal/foreign-app-id")).await;
}

#[tokio::test]
async fn a_package_altered_by_one_byte() {
    let package = App::new(APP).sealed(&publisher());
    let mut bytes = package.bytes().to_vec();
    let place = bytes.windows(5).position(|window| window == b"hello").unwrap();
    bytes[place] ^= 1;
    let house = House::open().await;
    let problem = house.caller(&house.tokens.developer).submit_bytes(bytes).await.unwrap_err();
    assert_eq!(problem.status, 422);
    assert!(["container/", "contents/"].iter().any(|space| problem.class.starts_with(space)), "{problem}");
    assert_nothing_kept(&house).await;
}

#[tokio::test]
async fn a_body_that_is_too_large() {
    let house = House::open().await;
    let bytes = vec![0; usize::try_from(house.store.package_limit()).unwrap() + 1];
    let (status, class) = class(house.caller(&house.tokens.developer).submit_bytes(bytes).await);
    assert_eq!((status, class.as_str()), (413, "submission/too-large"));
    assert_nothing_kept(&house).await;
}

#[tokio::test]
async fn a_revoked_key() {
    let house = House::open().await;
    let department = "residence".parse().unwrap();
    let offline = house.offline();
    let revoked = commands::revoke_publisher(&house.store, &offline, &department, publisher().public()).await;
    revoked.map_err(told).unwrap();
    let refused = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await;
    assert_eq!(class(refused), (422, "seal/revoked-key".to_owned()));
}

#[tokio::test]
async fn the_same_or_a_lower_version_whatever_became_of_the_first() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let higher = (409, "submission/version-not-higher".to_owned());
    let first = developer.submit(&App::new(APP).version(5).sealed(&publisher())).await.unwrap();
    for code in [5, 4] {
        let package = App { text: "other", ..App::new(APP) }.version(code).sealed(&publisher());
        assert_eq!(class(developer.submit(&package).await), higher);
    }
    developer.withdraw(&first.id).await.unwrap();
    assert_eq!(class(developer.submit(&App::new(APP).version(5).sealed(&publisher())).await), higher);
    assert!(developer.submit(&App::new(APP).version(6).sealed(&publisher())).await.is_ok());
}

#[tokio::test]
async fn changes_are_asked_for_with_a_reason() {
    let house = House::open().await;
    let submission = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    let reviewer = house.caller(&house.tokens.first);
    assert_eq!(class(reviewer.refuse(&submission.id, "  ").await), (422, "review/no-reason".to_owned()));
    let refused = reviewer.refuse(&submission.id, "Name the upload host.").await.unwrap();
    assert_eq!(refused.state, SubmissionState::ChangesRequested);
    assert_eq!(refused.refusal_reason.as_deref(), Some("Name the upload host."));
    let late = reviewer.approve(&submission.id, &reviewers()[0]).await;
    assert_eq!(class(late), (409, "review/too-late".to_owned()));
}

#[tokio::test]
async fn the_list_is_narrowed_by_state_and_department() {
    let house = House::open().await;
    house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    for (token, query, expected) in [
        (&house.tokens.developer, "", 1),
        (&house.tokens.first, "?state=submitted", 1),
        (&house.tokens.first, "?state=released", 0),
        (&house.tokens.tax_reviewer, "", 0),
        (&house.tokens.administrator, "", 1),
    ] {
        let answer = house.caller(token).get(&format!("{}{query}", paths::SUBMISSIONS)).await;
        let list: SubmissionList = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(list.items.len(), expected, "{query}");
    }
    let answer = house.caller(&house.tokens.first).get("/submissions?state=waiting").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("request/unknown-state"));
}

#[tokio::test]
async fn the_package_comes_back_as_it_was_sent() {
    let house = House::open().await;
    let package = App::new(APP).sealed(&publisher());
    let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    let answer = house.caller(&house.tokens.first).get(&paths::of(paths::PACKAGE, &submission.id)).await;
    assert_eq!(answer.body, package.bytes());
    assert_eq!(answer.header("content-type"), guichet_api::PACKAGE_MEDIA_TYPE);
    assert!(answer.header("content-disposition").contains("gov.example.residence.permit-1.ma"));
}

#[tokio::test]
async fn a_submission_whose_package_is_gone_is_shown_as_far_as_it_is_known() {
    let house = House::open().await;
    let package = App::new(APP).asking(&["host:storage"]).sealed(&publisher());
    let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
    let reviewer = house.caller(&house.tokens.first);
    let whole = reviewer.detail(&id).await.unwrap();
    assert!(whole.manifest.is_some() && whole.lost.is_none() && !whole.permissions.is_empty());
    let path = house.store.folder.package_path(package.digest());
    let mut altered = package.bytes().to_vec();
    *altered.last_mut().unwrap() ^= 1;
    let cookie = sign_in(&house, &house.tokens.first).await;
    for (bytes, why) in [(None, "has lost it"), (Some(altered), "gives other bytes")] {
        match &bytes {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let known = reviewer.detail(&id).await.unwrap();
        let names = |detail: &SubmissionDetail| -> Vec<_> {
            detail.permissions.iter().map(|ask| (ask.name.clone(), ask.scope.clone(), ask.widens)).collect()
        };
        assert_eq!(
            (&known.submission, &known.history, names(&known)),
            (&whole.submission, &whole.history, names(&whole))
        );
        assert!(known.manifest.is_none() && known.files.is_empty());
        assert!(known.lost.is_some_and(|lost| lost.en.contains(why)), "{why}");
        let shown = page(&house, &format!("/submissions/{id}"), &cookie, "en").await;
        assert_eq!(shown.status, StatusCode::SERVICE_UNAVAILABLE);
        let text = shown.text();
        assert!(text.contains(why) && !text.contains(".ma"), "{text}");
        assert!(text.contains("<b>The package cannot be looked at: "), "{text}");
        assert!(text.contains("<p>What to do: The store tries again") && !text.contains("hint: "), "{text}");
        let answer = reviewer.get(&paths::of(paths::PACKAGE, &id)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text().contains("package/away"), "{}", answer.text());
    }
    std::fs::write(&path, package.bytes()).unwrap();
    assert_eq!(reviewer.detail(&id).await.unwrap(), whole);
}

#[tokio::test]
async fn a_lost_release_before_is_not_called_the_package_that_was_handed_in() {
    let house = House::open().await;
    let developer = house.caller(&house.tokens.developer);
    let before = App::new(APP).sealed(&publisher());
    let one = developer.submit(&before).await.unwrap();
    house.caller(&house.tokens.first).approve(&one.id, &reviewers()[0]).await.unwrap();
    let two = developer.submit(&App { text: "new", ..App::new(APP).version(2) }.sealed(&publisher())).await.unwrap();
    std::fs::remove_file(house.store.folder.package_path(before.digest())).unwrap();
    let cookie = sign_in(&house, &house.tokens.first).await;
    for (language, what) in [("en", "<b>The package of the release before"), ("zh", "<b>看不到用来对比的上一个发布")]
    {
        let shown = page(&house, &format!("/submissions/{}", two.id), &cookie, language).await;
        assert_eq!(shown.status, StatusCode::SERVICE_UNAVAILABLE);
        let text = shown.text();
        assert!(text.contains(what) && !text.contains("<b>The package cannot be looked at"), "{text}");
    }
    let reviewer = house.caller(&house.tokens.first);
    let file = page(&house, &format!("/submissions/{}/file?path=manifest.json", two.id), &cookie, "en").await;
    assert!(file.status == StatusCode::SERVICE_UNAVAILABLE, "{}", file.text());
    assert!(file.text().contains("package/before-away"), "{}", file.text());
    assert_eq!(reviewer.get(&paths::of(paths::PACKAGE, &two.id)).await.status, StatusCode::OK);
}
