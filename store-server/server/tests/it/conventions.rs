//! What holds for every route of the API: keys that make a repetition harmless, tags, and pages of lists.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use guichet_api::{Problem, ReleaseLineDetail, SubmissionList, SubmissionState, paths};
use guichet_store::database::commit;
use serde_json::{Value as Json, json};

use crate::{
    house::{Answer, House, publisher, reviewers, send},
    packages::App,
};

const APP: &str = "gov.example.residence.permit";
const HOUR_MS: u64 = 60 * 60 * 1000;

/// A request with what it says about itself.
async fn ask(
    house: &House,
    token: &str,
    path: &str,
    says: &[(&str, &str)],
    body: impl Into<Option<Vec<u8>>>,
) -> Answer {
    let body = body.into();
    let mut request = Request::builder().method(if body.is_some() { "POST" } else { "GET" });
    request = request.uri(format!("{}{path}", paths::PREFIX)).header("authorization", format!("Bearer {token}"));
    if !says.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in says {
        request = request.header(*name, *value);
    }
    send(&house.router, request.body(Body::from(body.unwrap_or_default())).unwrap()).await
}

fn class(answer: &Answer) -> String {
    let class = serde_json::from_slice::<Problem>(&answer.body).map(|problem| problem.class);
    format!("{} {}", answer.status.as_u16(), class.unwrap_or_default())
}

async fn submit(house: &House, code: u32) -> String {
    house.caller(&house.tokens.developer).submit(&App::new(APP).version(code).sealed(&publisher())).await.unwrap().id
}

/// Writes into the table of answers as nobody but a crash would.
async fn meddle(house: &House, query: &'static str) {
    let mut change = house.store.database.change().await.unwrap();
    sqlx::query(query).execute(&mut *change).await.unwrap();
    commit(change).await.unwrap();
}

#[tokio::test]
async fn the_same_under_the_same_key_is_done_once_and_answered_alike() {
    let house = House::open().await;
    let package = App::new(APP).sealed(&publisher()).bytes().to_vec();
    let hand_in = async |house: &House, key: &str, package: &[u8]| {
        let says = [("idempotency-key", key), ("content-type", guichet_api::PACKAGE_MEDIA_TYPE)];
        ask(house, &house.tokens.developer, paths::SUBMISSIONS, &says, package.to_vec()).await
    };
    let first = hand_in(&house, "one", &package).await;
    let again = hand_in(&house, "one", &package).await;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!((&first.body, first.header("location")), (&again.body, again.header("location")));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    // Another package under the key, or the same under none.
    let other = App::new(APP).version(2).sealed(&publisher()).bytes().to_vec();
    assert_eq!(class(&hand_in(&house, "one", &other).await), "422 request/key-reused");
    assert_eq!(class(&hand_in(&house, "two", &package).await), "409 submission/version-not-higher");
    assert_eq!(class(&hand_in(&house, "two", &package).await), "409 submission/version-not-higher");

    let id: Json = serde_json::from_slice(&first.body).unwrap();
    let withdrawal = paths::of(paths::WITHDRAWAL, id["id"].as_str().unwrap());
    let withdraw = async |house: &House, token: &str| {
        ask(house, token, &withdrawal, &[("idempotency-key", "back")], b"{}".to_vec()).await
    };
    assert_eq!(withdraw(&house, &house.tokens.developer).await.status, 200);
    // A key is its token's: others have the same one for something else.
    assert_eq!(class(&withdraw(&house, &house.tokens.tax_developer).await), "403 access/department");
    let house = house.reopened().await;
    let again = withdraw(&house, &house.tokens.developer).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"), "after a restart");
    let history = house.caller(&house.tokens.developer).detail(id["id"].as_str().unwrap()).await.unwrap().history;
    assert_eq!(history.iter().filter(|step| step.state == SubmissionState::Draft).count(), 1);
    // After a day it is a request like any other.
    house.store.clock.advance(24 * HOUR_MS);
    assert_eq!(class(&withdraw(&house, &house.tokens.developer).await), "409 review/too-late");
    for key in ["", " ", "two words", &"x".repeat(256)] {
        let answer =
            ask(&house, &house.tokens.developer, &withdrawal, &[("idempotency-key", key)], b"{}".to_vec()).await;
        assert_eq!(class(&answer), "400 request/idempotency-key", "{key}");
    }
    let stranger = ask(&house, "gst_wrong", &withdrawal, &[("idempotency-key", "back")], b"{}".to_vec()).await;
    assert_eq!(class(&stranger), "401 access/unknown-token");
}

#[tokio::test]
async fn what_is_under_way_is_not_begun_again_and_what_a_crash_left_is_told() {
    let house = House::open().await;
    let id = submit(&house, 1).await;
    let path = paths::of(paths::MESSAGES, &id);
    let body = || json!({ "text": "hello" }).to_string().into_bytes();
    let says = [("idempotency-key", "hello")];
    let say = async |house: &House| ask(house, &house.tokens.developer, &path, &says, body()).await;
    let said = async |house: &House| {
        let list: Json = serde_json::from_slice(&house.caller(&house.tokens.first).get(&path).await.body).unwrap();
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(say(&house).await.status, StatusCode::CREATED);
    meddle(&house, "UPDATE idempotency SET state = 'begun', answer = ''").await;
    assert_eq!(class(&say(&house).await), "409 request/being-done");
    // The server stopped after it was done and before it was answered.
    let house = house.reopened().await;
    assert_eq!(class(&say(&house).await), "409 request/answer-lost");
    assert_eq!(said(&house).await, 1);
    // The server stopped before it was done.
    meddle(&house, "UPDATE idempotency SET state = 'begun', done = 0").await;
    let house = house.reopened().await;
    assert_eq!(say(&house).await.status, StatusCode::CREATED);
    assert_eq!(said(&house).await, 2);
    // Both at once: one is done, and the other is told so or is given its answer.
    let says = [("idempotency-key", "both")];
    let both = async || ask(&house, &house.tokens.developer, &path, &says, body()).await;
    let (one, other) = tokio::join!(both(), both());
    for answer in [&one, &other] {
        assert!(answer.status == 201 || class(answer) == "409 request/being-done", "{}", class(answer));
    }
    assert_eq!(said(&house).await, 3);
}

#[tokio::test]
async fn a_secret_is_answered_once_and_kept_nowhere() {
    let house = House::open().await;
    let body = || json!({ "name": "nightly", "actions": ["submit"], "days": 30 }).to_string().into_bytes();
    let make =
        async || ask(&house, &house.tokens.developer, paths::TOKENS, &[("idempotency-key", "token")], body()).await;
    let made = make().await;
    let made: Json = serde_json::from_slice(&made.body).unwrap();
    assert_eq!(house.caller(made["secret"].as_str().unwrap()).get(paths::ME).await.status, StatusCode::OK);
    assert_eq!(class(&make().await), "409 request/answer-lost");
    let nowhere = json!({ "name": "x", "actions": ["read"], "department": "nowhere", "days": 1 });
    let nowhere = ask(&house, &house.tokens.administrator, paths::TOKENS, &[], nowhere.to_string().into_bytes()).await;
    assert_eq!(class(&nowhere), "404 department/not-found");
    let mut connection = house.store.database.read().await.unwrap();
    let kept: Vec<String> =
        sqlx::query_scalar("SELECT answer FROM idempotency").fetch_all(&mut *connection).await.unwrap();
    assert_eq!(kept, [""]);
}

#[tokio::test]
async fn a_tag_says_whether_anything_is_new_and_whoever_was_slower_changes_nothing() {
    let house = House::open().await;
    let id = submit(&house, 1).await;
    let (first, second) = (&house.tokens.first, &house.tokens.second);
    let show = paths::of(paths::SUBMISSION, &id);
    let tag = async |path: &str| ask(&house, first, path, &[], None).await.header("etag").to_owned();
    let seen = tag(&show).await;
    let kept = ask(&house, first, &show, &[("if-none-match", &seen)], None).await;
    assert_eq!((kept.status.as_u16(), kept.body.len(), kept.header("etag")), (304, 0, seen.as_str()));
    assert_eq!(kept.header("cache-control"), "private, no-cache");
    let weak = format!("\"x\", W/{seen}");
    assert_eq!(ask(&house, first, &show, &[("if-none-match", &weak)], None).await.status, 304);
    let package = paths::of(paths::PACKAGE, &id);
    let bytes = tag(&package).await;
    assert_eq!(ask(&house, first, &package, &[("if-none-match", &bytes)], None).await.status, 304);

    let claim = paths::of(paths::CLAIM, &id);
    let matched = async |token: &str, path: &str, tag: &str, body: Json| {
        class(&ask(&house, token, path, &[("if-match", tag)], body.to_string().into_bytes()).await)
    };
    assert_eq!(matched(first, &claim, &format!("W/{seen}"), json!({})).await, "412 request/overtaken");
    assert_eq!(matched(first, &claim, &seen, json!({})).await, "200 ");
    assert_ne!(tag(&show).await, seen);
    assert_eq!(matched(second, &claim, &seen, json!({})).await, "412 request/overtaken");
    assert_eq!(matched(&house.tokens.tax_reviewer, &claim, &seen, json!({})).await, "403 access/department");

    // Two who have seen the same: one decides.
    let seen = tag(&show).await;
    let (refusal, quarantine) = (paths::of(paths::REFUSAL, &id), paths::of(paths::QUARANTINE, &id));
    let why = json!({ "reason": "the fee" });
    let (one, other) =
        tokio::join!(matched(first, &refusal, &seen, why.clone()), matched(second, &quarantine, &seen, why));
    let mut both = [one, other];
    both.sort();
    assert_eq!(both, ["200 ", "412 request/overtaken"]);
}

#[tokio::test]
async fn a_release_line_is_shown_and_changed_as_it_was_seen() {
    let house = House::open().await;
    let line = format!("/apps/{APP}/stable");
    let operator = &house.tokens.operator;
    assert_eq!(class(&ask(&house, operator, &line, &[], None).await), "404 release/not-found");
    let id = submit(&house, 1).await;
    house.caller(&house.tokens.first).approve(&id, &reviewers()[0]).await.unwrap();
    let shown = ask(&house, operator, &line, &[], None).await;
    let seen = shown.header("etag").to_owned();
    let detail: ReleaseLineDetail = serde_json::from_slice(&shown.body).unwrap();
    assert_eq!((detail.line.reached, detail.line.halted, detail.releases.len()), (10_000, false, 1));
    let stage = async |ceiling: u16| {
        let body = json!({ "ceiling": ceiling, "reason": "slowly" }).to_string().into_bytes();
        class(&ask(&house, operator, &format!("{line}/rollout"), &[("if-match", &seen)], body).await)
    };
    assert_eq!(stage(500).await, "200 ");
    assert_eq!(stage(5000).await, "412 request/overtaken");
    let shown = ask(&house, operator, &line, &[], None).await;
    let detail: ReleaseLineDetail = serde_json::from_slice(&shown.body).unwrap();
    assert_eq!((detail.line.reached, detail.acts[0].ceiling), (500, Some(500)));
    assert_eq!(class(&ask(&house, &house.tokens.tax_lead, &line, &[], None).await), "403 access/department");
    let tax = ask(&house, &house.tokens.tax_lead, paths::APPS, &[], None).await;
    assert_eq!(tax.text(), r#"{"items":[]}"#);
}

#[tokio::test]
async fn a_list_comes_a_page_at_a_time_and_nothing_is_left_out() {
    let house = House::open().await;
    let mut ids = Vec::new();
    for code in 1..=5 {
        ids.push(submit(&house, code).await);
    }
    ids.reverse();
    let (mut path, mut found, mut pages) = (format!("{}?limit=2", paths::SUBMISSIONS), Vec::new(), 0);
    loop {
        let answer = ask(&house, &house.tokens.first, &path, &[], None).await;
        let list: SubmissionList = serde_json::from_slice(&answer.body).unwrap();
        found.extend(list.items.into_iter().map(|item| item.id));
        pages += 1;
        // Something new comes first and moves nothing.
        submit(&house, 5 + pages).await;
        let Some(next) = answer.header("link").strip_prefix("</api/v1") else { break };
        path = next.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
    }
    assert_eq!((found, pages), (ids, 3));
    for (query, expected) in [
        ("limit=0", "400 request/limit"),
        ("limit=201", "400 request/limit"),
        ("limit=x", "400 request/query"),
        ("cursor=", "400 request/cursor"),
        ("cursor=%00", "400 request/cursor"),
    ] {
        for list in [paths::SUBMISSIONS, paths::APPS, paths::TOKENS] {
            let answer = ask(&house, &house.tokens.first, &format!("{list}?{query}"), &[], None).await;
            assert_eq!(class(&answer), expected, "{list}?{query}");
        }
    }
    let audit = async |query: &str| ask(&house, &house.tokens.auditor, &format!("/audit?{query}"), &[], None).await;
    assert_eq!(class(&audit("cursor=x").await), "400 request/cursor");
    let first: Json = serde_json::from_slice(&audit("limit=1").await.body).unwrap();
    let last = first["items"][0]["position"].as_u64().unwrap();
    let second: Json = serde_json::from_slice(&audit(&format!("limit=1&cursor={last}")).await.body).unwrap();
    assert_eq!(second["items"][0]["position"].as_u64(), Some(last - 1));
    assert_eq!(class(&audit("outcome=maybe").await), "400 request/query");
    let denied: Json = serde_json::from_slice(&audit("outcome=denied").await.body).unwrap();
    assert_eq!(denied["items"], json!([]));
    let export = house.caller(&house.tokens.auditor).get(paths::AUDIT_EXPORT).await;
    assert_eq!((export.header("content-type"), export.text().lines().count() as u64), ("application/jsonl", last + 1));
}
