//! What reviewers do at the console before they sign: the queue, claims, questions, quarantine, and what changed.

use axum::http::StatusCode;
use guichet_api::SubmissionState::{self, InReview, Quarantined, Released, Submitted};

use crate::{
    console::{page, post, sign_in},
    house::{Answer, House, key, publisher, reviewers},
    packages::App,
};

const APP: &str = "gov.example.residence.permit";

async fn submit(house: &House, app: App) -> String {
    house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id
}

async fn state(house: &House, id: &str) -> SubmissionState {
    house.caller(&house.tokens.administrator).detail(id).await.unwrap().submission.state
}

fn is_back(answer: &Answer) -> bool {
    answer.status == StatusCode::SEE_OTHER && answer.header("location") != "/sign-in"
}

async fn text(house: &House, path: &str, cookie: &str) -> String {
    page(house, path, cookie, "en").await.text()
}

#[tokio::test]
async fn the_queue_is_filtered_searched_and_claimed_from() {
    let house = House::open().await;
    let narrow = submit(&house, App::new(APP)).await;
    let wide = submit(&house, App::new("gov.example.residence.desk").asking(&["host:storage"])).await;
    let first = sign_in(&house, &house.tokens.first).await;
    let shows = async |query: &str, cookie: &str| {
        let text = text(&house, &format!("/{query}"), cookie).await;
        (text.contains(&narrow), text.contains(&wide))
    };
    assert_eq!(shows("", &first).await, (true, true));
    assert_eq!(shows("?show=widening", &first).await, (false, true));
    assert_eq!(shows("?q=Residence.DESK", &first).await, (false, true));
    assert_eq!(shows("?show=mine", &first).await, (false, false));
    assert!(text(&house, "/?q=nothing+like+it", &first).await.contains("Nothing matches"));

    let next = post(&house, "/queue/next", &first, String::new(), &[]).await;
    assert_eq!(next.header("location"), format!("/submissions/{narrow}"), "the oldest first");
    assert_eq!((state(&house, &narrow).await, state(&house, &wide).await), (InReview, Submitted));
    assert_eq!(shows("?show=mine", &first).await, (true, false));
    let second = sign_in(&house, &house.tokens.second).await;
    let queue = text(&house, "/", &second).await;
    assert!(queue.contains(">first<") && queue.contains("Risk 2 of 5") && queue.contains("Risk 4 of 5"), "{queue}");
    let next = post(&house, "/queue/next", &second, String::new(), &[]).await;
    assert_eq!(next.header("location"), format!("/submissions/{wide}"), "what a colleague has is left to them");
    let none = post(&house, "/queue/next", &second, String::new(), &[]).await;
    assert_eq!(none.header("location"), "/");

    // A colleague may take over, and whoever has it gives it back.
    assert!(is_back(&post(&house, &format!("/submissions/{narrow}/claim"), &second, String::new(), &[]).await));
    assert_eq!(shows("?show=mine", &first).await, (false, false));
    assert!(is_back(&post(&house, &format!("/submissions/{narrow}/unclaim"), &second, String::new(), &[]).await));
    assert!(text(&house, &format!("/submissions/{narrow}"), &first).await.contains("Nobody has it yet"));
}

#[tokio::test]
async fn questions_are_asked_and_answered_by_those_concerned() {
    let house = House::open().await;
    let id = submit(&house, App::new(APP)).await;
    let path = format!("/submissions/{id}/messages");
    let say = async |token: &str, text: &str| {
        let cookie = sign_in(&house, token).await;
        post(&house, &path, &cookie, format!("text={text}"), &[]).await
    };
    assert!(is_back(&say(&house.tokens.first, "Why+%3Cstorage%3E%3F").await));
    assert!(is_back(&say(&house.tokens.developer, "For+drafts.").await));
    for (token, class) in [
        (&house.tokens.operator, "access/role"),
        (&house.tokens.auditor, "access/role"),
        (&house.tokens.tax_reviewer, "access/department"),
    ] {
        assert!(say(token, "me+too").await.text().contains(class), "{class}");
    }
    for nothing in ["", "+%0A+", &"x".repeat(2001), "a%00b"] {
        assert!(say(&house.tokens.first, nothing).await.text().contains("review/no-message"), "{nothing}");
    }
    let developer = sign_in(&house, &house.tokens.developer).await;
    let text = text(&house, &format!("/submissions/{id}"), &developer).await;
    let place = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
    assert!(place("Why &#60;storage&#62;?") < place("For drafts."));
    assert!(!text.contains("me too"));
}

#[tokio::test]
async fn what_is_in_quarantine_is_signed_by_nobody_until_somebody_lets_it_out() {
    let house = House::open().await;
    let id = submit(&house, App::new(APP).asking(&["host:storage"])).await;
    let first = house.caller(&house.tokens.first);
    first.approve(&id, &reviewers()[0]).await.unwrap();
    let [reviewer, developer] = [&house.tokens.second, &house.tokens.developer];
    let (reviewer, developer) = (sign_in(&house, reviewer).await, sign_in(&house, developer).await);
    let hold = format!("/submissions/{id}/quarantine");
    let own = post(&house, &hold, &developer, "text=x".to_owned(), &[]).await;
    assert!(own.text().contains("review/self-approval"));
    assert!(post(&house, &hold, &reviewer, "text=+".to_owned(), &[]).await.text().contains("review/no-reason"));
    assert!(is_back(&post(&house, &hold, &reviewer, "text=A+key+in+app.js".to_owned(), &[]).await));
    assert_eq!(state(&house, &id).await, Quarantined);
    assert_eq!(first.approve(&id, &reviewers()[0]).await.unwrap_err().class, "review/too-late");
    let shown = text(&house, &format!("/submissions/{id}"), &reviewer).await;
    assert!(shown.contains("It is in quarantine") && !shown.contains("guichet review approve"), "{shown}");
    let out = format!("/submissions/{id}/freeing");
    assert!(is_back(&post(&house, &out, &reviewer, "text=It+was+a+sample".to_owned(), &[]).await));
    assert_eq!(state(&house, &id).await, InReview);
    assert_eq!(first.approve(&id, &reviewers()[0]).await.unwrap().approvals.len(), 1, "what was signed is void");
}

#[tokio::test]
async fn a_common_reason_and_more_words_ask_for_changes() {
    let house = House::open().await;
    let id = submit(&house, App::new(APP)).await;
    let cookie = sign_in(&house, &house.tokens.first).await;
    let form = "canned=Name+the+exact+hosts.&text=See+line+4.".to_owned();
    assert!(is_back(&post(&house, &format!("/submissions/{id}/refusal"), &cookie, form, &[]).await));
    let shown = text(&house, &format!("/submissions/{id}"), &cookie).await;
    assert!(shown.contains("Name the exact hosts. See line 4.") && shown.contains("Changes requested"), "{shown}");

    // Its department finds the ways on, and nobody else does.
    let auditor = sign_in(&house, &house.tokens.auditor).await;
    assert!(!text(&house, &format!("/submissions/{id}"), &auditor).await.contains("Hand it in"));
    let developer = sign_in(&house, &house.tokens.developer).await;
    let shown = text(&house, &format!("/submissions/{id}"), &developer).await;
    for way in ["Hand it in", "Take it back", "Put it away"] {
        assert!(shown.contains(way), "{way} in {shown}");
    }
    assert!(is_back(&post(&house, &format!("/submissions/{id}/handing-in"), &developer, String::new(), &[]).await));
    assert_eq!(state(&house, &id).await, Submitted);
    for (way, state_then) in [("withdrawal", SubmissionState::Draft), ("archiving", SubmissionState::Archived)] {
        assert!(is_back(&post(&house, &format!("/submissions/{id}/{way}"), &developer, String::new(), &[]).await));
        assert_eq!(state(&house, &id).await, state_then);
    }
}

#[tokio::test]
async fn what_changed_is_shown_file_by_file_and_line_by_line() {
    let house = House::open().await;
    let one = submit(&house, App::new(APP)).await;
    house.caller(&house.tokens.first).approve(&one, &reviewers()[0]).await.unwrap();
    let changed = App { text: "<b>hello</b> https://api.example/x", ..App::new(APP) }.version(2);
    let two = submit(&house, changed).await;
    let cookie = sign_in(&house, &house.tokens.first).await;
    let shown = text(&house, &format!("/submissions/{two}"), &cookie).await;
    assert!(shown.contains("api.example"), "a host that was not named before: {shown}");
    let path = shown.split("/file?path=").nth(1).unwrap().split('"').next().unwrap();
    let file = text(&house, &format!("/submissions/{two}/file?path={path}"), &cookie).await;
    assert!(file.contains("class=\"in\"") && file.contains("class=\"out\""), "{file}");
    assert!(!file.contains("<b>hello</b>"), "what authors wrote is text");
    let none = page(&house, &format!("/submissions/{two}/file?path=..%2Fsecret"), &cookie, "en").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let other = sign_in(&house, &house.tokens.tax_reviewer).await;
    let none = page(&house, &format!("/submissions/{two}/file?path={path}"), &other, "en").await;
    assert_eq!(none.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_page_hears_that_something_changed() {
    let house = House::open().await;
    let id = submit(&house, App::new(APP).asking(&["host:storage"])).await;
    let cookie = sign_in(&house, &house.tokens.second).await;
    let now = async || text(&house, &format!("/submissions/{id}/now"), &cookie).await;
    let shown = text(&house, &format!("/submissions/{id}"), &cookie).await;
    let before = now().await;
    assert_eq!(before, now().await);
    let mark = shown.split("data-now=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(before.contains(&mark), "{before} {mark}");
    house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap();
    assert_ne!(now().await, before);
    let other = sign_in(&house, &house.tokens.tax_reviewer).await;
    let refused = page(&house, &format!("/submissions/{id}/now"), &other, "en").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

/// Where the store says so, a first release needs two, and so does one that a new key sealed; what follows needs one.
#[tokio::test]
async fn a_first_release_and_a_new_key_need_two_reviewers_where_the_store_says_so() {
    let house = House::open().await.asking_two().await;
    let [first, second] = [&house.tokens.first, &house.tokens.second].map(|token| house.caller(token));
    let one = house.caller(&house.tokens.developer).submit(&App::new(APP).sealed(&publisher())).await.unwrap();
    assert_eq!(one.approvals_needed, 2);
    assert_eq!(first.approve(&one.id, &reviewers()[0]).await.unwrap().state, InReview);
    assert_eq!(second.approve(&one.id, &reviewers()[1]).await.unwrap().state, Released);
    let two =
        house.caller(&house.tokens.developer).submit(&App::new(APP).version(2).sealed(&publisher())).await.unwrap();
    assert_eq!((two.approvals_needed, two.new_key), (1, false));
    assert_eq!(first.approve(&two.id, &reviewers()[0]).await.unwrap().state, Released);

    let residence = "residence".parse().unwrap();
    let offline = house.offline();
    let added = guichet_store::commands::add_publisher(&house.store, &offline, &residence, key(7).public()).await;
    added.map_err(crate::house::told).unwrap();
    let three = house.caller(&house.tokens.developer).submit(&App::new(APP).version(3).sealed(&key(7))).await.unwrap();
    assert_eq!((three.approvals_needed, three.new_key), (2, true));
    assert_eq!(second.approve(&three.id, &reviewers()[1]).await.unwrap().state, InReview);
    assert_eq!(first.approve(&three.id, &reviewers()[0]).await.unwrap().state, Released);
}
