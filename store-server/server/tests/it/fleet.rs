//! Terminals of halls: they enrol once with a code, are believed by their signature, and are ours no more when revoked.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use guichet_api::{
    Enrolled, EnrolmentProof, PartHealth, PartReport, PictureReport, ReportTaken, TerminalReport, paths,
};
use guichet_package::{
    Policy,
    policy::{SignedPolicy, TerminalName},
};
use guichet_store::{
    fleet::{self, NewCode},
    http::MOST_CODES,
    people::Actor,
};
use guichet_trust::{
    canonical,
    digest::Digest,
    metadata::Expiry,
    sign::{Purpose, SecretKey},
};
use serde_json::json;

use crate::{
    console::{page, post, sign_in},
    house::{Answer, House, NOW_MS, send, told},
    members::outcome,
};

const STORE: &str = "http://store.example";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

pub(crate) fn operator() -> SecretKey {
    SecretKey::generate([77; 32])
}

/// A policy for a terminal of the hall, signed by this key.
pub(crate) fn policy(name: &str, sequence: u64, key: &SecretKey, now_ms: u64) -> String {
    let policy = json!({
        "format": 1, "sequence": sequence, "issued": Expiry::at(now_ms).to_string(),
        "expires": Expiry::at(now_ms + 30 * DAY_MS).to_string(), "terminal": {"hall": "政务大厅", "name": name},
    });
    let policy = Policy::read(policy.to_string().as_bytes()).unwrap();
    let signature = key.sign(Purpose::Policy, &policy.to_bytes().unwrap());
    String::from_utf8(SignedPolicy::attach(&policy, &key.public(), signature).unwrap().to_bytes().unwrap()).unwrap()
}

/// A store that knows its operator's key.
async fn house() -> House {
    let house = House::open().await;
    std::fs::write(house.store.folder.operator_key(), operator().public().to_string()).unwrap();
    house
}

async fn code(house: &House, name: &str) -> String {
    let now_ms = house.store.clock.now_ms();
    let new = NewCode { policy: policy(name, 1, &operator(), now_ms) };
    fleet::make_code(&house.store, Actor::Machine, new).await.map_err(told).unwrap().1.reveal()
}

fn enrolment(code: &str, key: &SecretKey, store: &str) -> String {
    let proof = EnrolmentProof { code: code.to_owned(), key: key.public().to_string(), store: store.to_owned() };
    let proof = String::from_utf8(canonical::to_vec(&proof).unwrap()).unwrap();
    let signature = key.sign(Purpose::Enrolment, proof.as_bytes());
    json!({"format": 1, "proof": proof, "signature": signature}).to_string()
}

async fn tell(house: &House, path: &str, body: String) -> Answer {
    house.anonymous().call(Method::POST, path, "application/json", body).await
}

fn class(answer: &Answer) -> String {
    let problem = serde_json::from_slice::<guichet_api::Problem>(&answer.body);
    problem.map_or_else(|_| answer.status.to_string(), |problem| problem.class)
}

/// A terminal of this name that has just enrolled, and its key.
pub(crate) async fn enrolled(house: &House, name: &str, seed: u8, store: &str) -> (String, SecretKey) {
    let key = SecretKey::generate([seed; 32]);
    let answer = tell(house, paths::ENROLMENT, enrolment(&code(house, name).await, &key, store)).await;
    let given: Enrolled = serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}", answer.text()));
    assert_eq!(given.operator_key, operator().public().to_string());
    assert!(SignedPolicy::verify(given.policy.as_bytes(), &operator().public()).is_ok());
    assert!(guichet_package::TrustFile::parse(given.trust.as_bytes()).is_ok());
    (given.terminal, key)
}

fn report(id: &str, sequence: u64, at_ms: u64) -> TerminalReport {
    TerminalReport {
        terminal: id.to_owned(),
        sequence,
        at_ms,
        version: "0.1.0".to_owned(),
        uptime_seconds: 7_200,
        policy_sequence: 1,
        apps: [("gov.example.residence.permit".parse().unwrap(), 3)].into(),
        parts: vec![PartReport {
            part: "print".to_owned(),
            name: "A4".to_owned(),
            health: PartHealth::Down,
            needs: "paper".to_owned(),
        }],
        errors: [("store/unreachable".to_owned(), 2)].into(),
    }
}

fn signed(report: &impl serde::Serialize, key: &SecretKey, purpose: Purpose) -> serde_json::Value {
    let report = String::from_utf8(canonical::to_vec(report).unwrap()).unwrap();
    let signature = key.sign(purpose, report.as_bytes());
    json!({"format": 1, "report": report, "signature": signature})
}

/// Tells, as a terminal would.
pub(crate) async fn tells(house: &House, id: &str, sequence: u64, key: &SecretKey) -> Answer {
    let body = signed(&report(id, sequence, house.store.clock.now_ms()), key, Purpose::Session);
    tell(house, &paths::of(paths::TERMINAL_REPORT, id), body.to_string()).await
}

fn taken(answer: &Answer) -> ReportTaken {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}", answer.text()))
}

#[tokio::test]
async fn a_code_lets_one_terminal_enrol_once_and_for_a_day() {
    let house = house().await;
    let (one, key) = (code(&house, "A-03").await, SecretKey::generate([1; 32]));
    let enrol = async |body: String| class(&tell(&house, paths::ENROLMENT, body).await);
    let wrong = enrolment("0000-0000-0000", &key, STORE);
    assert_eq!(enrol(wrong).await, "enrolment/code");
    assert_eq!(enrol(enrolment(&one, &key, "http://other.example")).await, "enrolment/other-store");
    let altered = enrolment(&one, &key, STORE).replace("store.example", "store.exampla");
    assert_eq!(enrol(altered).await, "terminal/signature");
    let session = enrolment(&one, &key, STORE);
    let proof = serde_json::from_str::<serde_json::Value>(&session).unwrap()["proof"].as_str().unwrap().to_owned();
    let for_session = key.sign(Purpose::Session, proof.as_bytes());
    let body = json!({"format": 1, "proof": proof, "signature": for_session});
    assert_eq!(enrol(body.to_string()).await, "terminal/signature", "another purpose");
    // Nothing of that has used the code up.
    assert_eq!(enrol(enrolment(&one.to_lowercase(), &key, &format!("{STORE}/"))).await, "200 OK");
    assert_eq!(enrol(enrolment(&one, &SecretKey::generate([2; 32]), STORE)).await, "enrolment/code", "once");
    let two = code(&house, "A-04").await;
    assert_eq!(enrol(enrolment(&two, &key, STORE)).await, "enrolment/key-known");
    house.store.clock.advance(DAY_MS);
    assert_eq!(enrol(enrolment(&two, &SecretKey::generate([3; 32]), STORE)).await, "enrolment/code", "too late");
    let kept = std::fs::read(house.store.folder.database_file()).unwrap_or_default();
    let shown = two.replace('-', "");
    assert!(!String::from_utf8_lossy(&kept).contains(&shown), "only its digest is kept");
}

#[tokio::test]
async fn codes_are_not_guessed_from_one_address() {
    let house = house().await;
    let key = SecretKey::generate([1; 32]);
    let mut last = String::new();
    for _ in 0..=MOST_CODES {
        let peer: SocketAddr = "192.0.2.7:9".parse().unwrap();
        let mut request = Request::post(format!("/api/v1{}", paths::ENROLMENT));
        request.extensions_mut().unwrap().insert(ConnectInfo(peer));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        last = class(&send(&house.router, request.body(Body::from(enrolment("0", &key, STORE))).unwrap()).await);
    }
    assert_eq!(last, "enrolment/too-many");
}

#[tokio::test]
async fn a_policy_is_judged_before_it_is_kept() {
    let house = House::open().await;
    let make = async |policy: String| {
        let made = fleet::make_code(&house.store, Actor::Machine, NewCode { policy }).await;
        made.map_or_else(told, |(record, _)| record.name)
    };
    assert!(make(policy("A-03", 1, &operator(), NOW_MS)).await.contains("terminal/no-operator"));
    std::fs::write(house.store.folder.operator_key(), operator().public().to_string()).unwrap();
    assert!(make(policy("A-03", 1, &SecretKey::generate([8; 32]), NOW_MS)).await.contains("policy/other-key"));
    assert!(make(policy("A-03", 1, &operator(), NOW_MS - 31 * DAY_MS)).await.contains("policy/expired"));
    assert!(make("{}".to_owned()).await.contains("json/shape"));
    assert_eq!(make(policy("A-03", 1, &operator(), NOW_MS)).await, "A-03");
    assert!(make(policy("A-03", 2, &operator(), NOW_MS)).await.contains("terminal/place-taken"));
}

#[tokio::test]
async fn a_terminal_is_believed_once_for_each_number_and_only_itself() {
    let house = house().await;
    let (id, key) = enrolled(&house, "A-03", 1, STORE).await;
    let (other, other_key) = enrolled(&house, "A-04", 2, STORE).await;
    assert_eq!(
        taken(&tells(&house, &id, 10, &key).await),
        ReportTaken { next_seconds: 300, policy: None, picture: false }
    );
    assert_eq!(class(&tells(&house, &id, 10, &key).await), "terminal/told-already");
    assert_eq!(class(&tells(&house, &id, 9, &key).await), "terminal/told-already");
    assert_eq!(class(&tells(&house, &id, 11, &other_key).await), "terminal/signature");
    assert_eq!(class(&tells(&house, "0190", 11, &key).await), "terminal/not-found");
    let path = paths::of(paths::TERMINAL_REPORT, &other);
    let stolen = signed(&report(&id, 11, NOW_MS), &other_key, Purpose::Session);
    assert_eq!(class(&tell(&house, &path, stolen.to_string()).await), "terminal/form", "it names another");
    let enrols = signed(&report(&id, 11, NOW_MS), &key, Purpose::Enrolment);
    let path = paths::of(paths::TERMINAL_REPORT, &id);
    assert_eq!(class(&tell(&house, &path, enrols.to_string()).await), "terminal/signature", "another purpose");
    assert_eq!(tells(&house, &id, 11, &key).await.status, StatusCode::OK);
    let history = fleet::history(&house.store, Actor::Machine, &id, 9).await.map_err(told).unwrap();
    assert_eq!(history.len(), 1, "one for each hour");
    for _ in 0..31 {
        house.store.clock.advance(DAY_MS);
        let now = house.store.clock.now_ms();
        tells(&house, &id, now, &key).await;
    }
    let history = fleet::history(&house.store, Actor::Machine, &id, 99).await.map_err(told).unwrap();
    assert_eq!(history.len(), 31, "for thirty days");
}

#[tokio::test]
async fn a_newer_policy_goes_to_the_terminal_that_it_names() {
    let house = house().await;
    let (id, key) = enrolled(&house, "A-03", 1, STORE).await;
    let assign = async |policy: String| {
        fleet::assign(&house.store, Actor::Machine, &id, &policy).await.map_or_else(told, |()| "given".to_owned())
    };
    assert!(assign(policy("A-04", 2, &operator(), NOW_MS)).await.contains("policy/other-terminal"));
    assert!(assign(policy("A-03", 1, &operator(), NOW_MS)).await.contains("policy/rollback"));
    assert!(assign(policy("A-03", 2, &SecretKey::generate([8; 32]), NOW_MS)).await.contains("policy/other-key"));
    let newer = policy("A-03", 2, &operator(), NOW_MS);
    assert_eq!(assign(newer.clone()).await, "given");
    assert_eq!(taken(&tells(&house, &id, 1, &key).await).policy, Some(newer));
    let mut has_it = report(&id, 2, NOW_MS);
    has_it.policy_sequence = 2;
    let body = signed(&has_it, &key, Purpose::Session).to_string();
    assert_eq!(taken(&tell(&house, &paths::of(paths::TERMINAL_REPORT, &id), body).await).policy, None);
}

#[tokio::test]
async fn a_picture_comes_only_if_somebody_asked() {
    let house = house().await;
    let (id, key) = enrolled(&house, "A-03", 1, STORE).await;
    let png = [&b"\x89PNG\r\n\x1a\n"[..], b"home page"].concat();
    let send = async |sequence: u64, bytes: &[u8]| {
        let sha256 = Digest::of(&png).to_string();
        let report = PictureReport { terminal: id.clone(), sequence, at_ms: NOW_MS, sha256 };
        let mut body = signed(&report, &key, Purpose::Session);
        body["png"] = STANDARD.encode(bytes).into();
        class(&tell(&house, &paths::of(paths::TERMINAL_PICTURE, &id), body.to_string()).await)
    };
    assert_eq!(send(1, &png).await, "terminal/nobody-asked");
    fleet::ask_for_picture(&house.store, Actor::Machine, &id).await.map_err(told).unwrap();
    assert!(taken(&tells(&house, &id, 2, &key).await).picture);
    assert_eq!(send(3, b"<script>").await, "terminal/form", "not what was signed, and no picture");
    assert_eq!(send(4, &png).await, "204 No Content");
    assert_eq!(send(5, &png).await, "terminal/nobody-asked", "once");
    assert_eq!(fleet::picture(&house.store, Actor::Machine, &id).await.map_err(told).unwrap(), png);
    let cookie = sign_in(&house, &house.tokens.operator).await;
    let shown = page(&house, &format!("/terminals/{id}/picture"), &cookie, "en").await;
    assert_eq!(shown.header("content-type"), "image/png");
}

#[tokio::test]
async fn who_is_revoked_is_told_so_and_why_and_nobody_else_is() {
    let house = house().await;
    let (id, key) = enrolled(&house, "A-03", 1, STORE).await;
    let cookie = sign_in(&house, &house.tokens.operator).await;
    let path = format!("/terminals/{id}/revocation");
    let answer = post(&house, &path, &cookie, "reason=stolen+on+Monday".to_owned(), &[]).await;
    assert_eq!(outcome(&answer), format!("to /terminals/{id}"));
    let refused = tells(&house, &id, 1, &key).await;
    assert_eq!((refused.status, class(&refused)), (StatusCode::FORBIDDEN, "terminal/revoked".to_owned()));
    assert!(refused.text().contains("stolen on Monday"));
    let stranger = tells(&house, &id, 1, &SecretKey::generate([9; 32])).await;
    assert_eq!(class(&stranger), "terminal/signature", "a stranger is told nothing");
    let again = post(&house, &path, &cookie, "reason=again".to_owned(), &[]).await;
    assert!(again.text().contains("terminal/revoked-already"));
    // The place is free again, and the key is not.
    let anew = code(&house, "A-03").await;
    let known = tell(&house, paths::ENROLMENT, enrolment(&anew, &key, STORE)).await;
    assert_eq!(class(&known), "enrolment/key-known");
    let deeds = page(&house, "/audit", &sign_in(&house, &house.tokens.auditor).await, "en").await.text();
    for deed in ["terminal.code", "terminal.enrol", "terminal.revoke", "stolen on Monday", "政务大厅 / A-03"] {
        assert!(deeds.contains(deed), "{deed}");
    }
}

#[tokio::test]
async fn the_fleet_page_says_who_was_not_heard_from() {
    let house = house().await;
    let operator_cookie = sign_in(&house, &house.tokens.operator).await;
    let list = async |lang: &str| page(&house, "/terminals", &operator_cookie, lang).await.text();
    assert!(list("en").await.contains("No terminal has enrolled yet"));
    assert!(list("zh").await.contains("还没有登记终端"));
    let (id, key) = enrolled(&house, "A-03", 1, STORE).await;
    enrolled(&house, "A-04", 2, STORE).await;
    assert!(list("en").await.contains("Nothing since it enrolled"));
    tells(&house, &id, 1, &key).await;
    house.store.clock.advance(3 * 300 * 1000);
    assert!(list("en").await.contains("2 terminals, all heard from"), "three times are not yet late");
    house.store.clock.advance(1);
    let late = list("en").await;
    assert!(late.contains("2 terminals, 2 not heard from") && late.contains("1 of 1 parts need a look"));
    let one = page(&house, &format!("/terminals/{id}"), &operator_cookie, "en").await.text();
    for said in ["Not heard from", "A4 (print)", "Not working", "paper", "store/unreachable", "sequence", "2 h"] {
        assert!(one.to_lowercase().contains(&said.to_lowercase()), "{said}: {one}");
    }
    let form = format!("policy={}", percent(&policy("A-05", 1, &operator(), house.store.clock.now_ms())));
    let made = post(&house, "/terminals/codes", &operator_cookie, form, &[]).await.text();
    assert!(made.contains("Enrolment code") && made.contains("A-05"), "{made}");
    for token in [&house.tokens.first, &house.tokens.lead, &house.tokens.auditor, &house.tokens.developer] {
        let cookie = sign_in(&house, token).await;
        assert_eq!(page(&house, "/terminals", &cookie, "en").await.status, StatusCode::FORBIDDEN);
        assert!(!page(&house, "/", &cookie, "en").await.text().contains("href=\"/terminals\""));
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn a_terminal_of_a_name_is_one() {
    let house = house().await;
    enrolled(&house, "A-03", 1, STORE).await;
    let name = TerminalName { hall: "政务大厅".to_owned(), name: "A-03".to_owned() };
    let new = NewCode { policy: policy(&name.name, 2, &operator(), NOW_MS) };
    let refused = fleet::make_code(&house.store, Actor::Machine, new).await.map_or_else(told, |_| String::new());
    assert!(refused.contains("terminal/place-taken"), "{refused}");
}
