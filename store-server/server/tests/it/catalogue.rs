//! The catalogue: what everybody finds, in Chinese and in English, and what is taken off the shelf.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use guichet_api::{AuditList, ServiceDetail, ServiceList, Shelf, paths};
use guichet_contract::Channel;
use guichet_store::{brake, people::Actor};
use guichet_trust::digest::Digest;

use crate::{
    console::{page, post, sign_in},
    house::{Answer, House, publisher, reviewers, send},
    members::outcome,
    packages::App,
};

const PERMIT: &str = "gov.example.residence.permit";
const LETTER: &str = "gov.example.residence.letter";
const BUS: &str = "gov.example.residence.bus";

fn permit() -> App {
    App::new(PERMIT)
}

fn letter() -> App {
    App {
        words: [
            ["Proof of address", "A letter for school, with a stamp"],
            ["居住证明", "打印盖章的证明，上学、办公积金用"],
        ],
        glaze: "celadon",
        requires: &["print"],
        ..App::new(LETTER)
    }
}

fn bus() -> App {
    App { words: [["Bus card", "Top up"], ["公交卡", "充值"]], glaze: "slate", ..App::new(BUS) }
}

/// Submits and signs with as many reviewers as it needs.
async fn release(house: &House, app: App) {
    let id = house.caller(&house.tokens.developer).submit(&app.sealed(&publisher())).await.unwrap().id;
    for (token, key) in [&house.tokens.first, &house.tokens.second].into_iter().zip(&reviewers()) {
        if house.caller(token).approve(&id, key).await.unwrap().released_at_ms.is_some() {
            return;
        }
    }
    panic!("{id} is not released");
}

async fn filled() -> House {
    let house = House::open().await;
    for app in [permit(), letter(), bus()] {
        release(&house, app).await;
    }
    house
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

async fn asked(house: &House, path: &str) -> Answer {
    house.get(&format!("{}{path}", paths::PREFIX)).await
}

async fn found(house: &House, query: &str) -> Vec<String> {
    let answer = asked(house, &format!("{}?{query}", paths::SERVICES)).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
    let list: ServiceList = serde_json::from_slice(&answer.body).unwrap();
    list.items.into_iter().map(|service| service.app_id.as_str().rsplit('.').next().unwrap().to_owned()).collect()
}

async fn detail(house: &House, app: &str) -> ServiceDetail {
    serde_json::from_slice(&asked(house, &paths::SERVICE.replace("{app}", app)).await.body).unwrap()
}

async fn change(house: &House, token: &str, path: &str, reason: &str) -> Answer {
    let path = path.replace("{app}", PERMIT);
    let body = serde_json::json!({ "reason": reason }).to_string();
    house.caller(token).call(Method::POST, &path, "application/json", body).await
}

#[tokio::test]
async fn everybody_finds_services_in_their_own_words() {
    let house = filled().await;
    for (query, wanted) in [
        ("", vec!["bus", "letter", "permit"]),
        ("PERMIT", vec!["permit"]),
        // The name before the department's, which has it too.
        ("居住证", vec!["letter", "permit", "bus"]),
        ("居住证办理", vec!["letter", "permit", "bus"]),
        ("公积金", vec!["letter"]),
        ("续办居住证", vec!["permit", "letter", "bus"]),
        // A life event and a department are words, too.
        ("school", vec!["permit", "letter"]),
        ("出行", vec!["bus"]),
        ("residence office", vec!["permit", "bus", "letter"]),
        ("护照", vec![]),
    ] {
        assert_eq!(found(&house, &format!("q={}", encoded(query))).await, wanted, "{query}");
    }
    assert_eq!(found(&house, "event=celadon").await, ["letter"]);
    assert_eq!(found(&house, "needs=print").await, ["letter"]);
    assert_eq!(found(&house, "needs=nothing&event=").await, ["bus", "permit"]);
    assert_eq!(found(&house, "needs=card").await, [""; 0]);
    // A terminal is offered nothing that lacks what it requires there.
    assert_eq!(found(&house, "has=nothing").await, ["bus", "permit"]);
    assert_eq!(found(&house, "has=card,scan").await, ["bus", "permit"]);
    assert_eq!(found(&house, "has=card,print").await, ["bus", "letter", "permit"]);
    assert_eq!(found(&house, "has=card&needs=print").await, [""; 0]);
    assert_eq!(found(&house, "has=").await, ["bus", "letter", "permit"]);
    for (language, said) in
        [("en", "Only services that work on this terminal are shown."), ("zh", "只显示这台终端能用的服务。")]
    {
        let shown = house.get(&format!("/services?has=card&lang={language}")).await.text();
        assert!(
            shown.contains(said)
                && shown.contains("name=\"has\" value=\"card\"")
                && shown.contains("has=card&#38;event="),
            "{shown}"
        );
        assert!(shown.contains(PERMIT) && !shown.contains("letter"), "{shown}");
    }
    for wrong in [
        "event=red",
        "needs=tea",
        "has=tea",
        "has=print,",
        "has=nothing,print",
        &format!("q={}", "x".repeat(101)),
        "q=a&q=b",
        "limit=0",
    ] {
        assert_eq!(asked(&house, &format!("{}?{wrong}", paths::SERVICES)).await.status, 400, "{wrong}");
    }
    // Events are counted of all that was found, and not only of the one that is shown.
    let answer = asked(&house, "/services?event=celadon").await;
    let list: ServiceList = serde_json::from_slice(&answer.body).unwrap();
    let events: Vec<_> = list.events.iter().map(|event| (event.glaze.as_str(), event.services)).collect();
    assert_eq!(events, [("celadon", 1), ("indigo", 1), ("slate", 1)]);
    assert_eq!(list.events[0].names["zh-Hans"], "居住落户");
}

#[tokio::test]
async fn pages_follow_each_other_and_what_is_known_is_not_sent_again() {
    let house = filled().await;
    let first = asked(&house, "/services?limit=2").await;
    let next = first.header("link").trim_start_matches('<').split('>').next().unwrap().to_owned();
    assert!(next.contains("limit=2&cursor="), "{next}");
    let second = house.get(&next).await;
    let list: ServiceList = serde_json::from_slice(&second.body).unwrap();
    assert_eq!((list.items.len(), list.items[0].app_id.as_str(), second.header("link")), (1, PERMIT, ""));
    let request = Request::get(format!("{}/services?limit=2", paths::PREFIX));
    let request = request.header("if-none-match", first.header("etag")).body(Body::empty()).unwrap();
    assert_eq!(send(&house.router, request).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_service_tells_what_it_may_do_and_what_is_new() {
    let house = House::open().await;
    release(&house, permit().asking(&["host:storage"])).await;
    release(&house, permit().asking(&["host:storage", "host:print"]).version(2)).await;
    release(&house, permit().asking(&["host:print"]).version(3)).await;
    let service = detail(&house, PERMIT).await;
    assert_eq!((service.service.version.name.as_str(), service.everywhere), ("3.0.0", true));
    assert_eq!(service.permissions[0].does["en"], "Print on the terminal's printer");
    assert_eq!(service.permissions[0].reasons["default"], "so that host:print <works>");
    let news: Vec<_> =
        service.news.iter().map(|news| (news.version.code, news.may.len(), news.no_longer.len())).collect();
    assert_eq!(news, [(3, 0, 1), (2, 1, 0), (1, 1, 0)]);

    let icon = asked(&house, &paths::SERVICE_ICON.replace("{app}", PERMIT)).await;
    assert_eq!(icon.text(), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    assert_eq!((icon.header("content-type"), icon.header("x-content-type-options")), ("image/svg+xml", "nosniff"));
    assert_eq!(icon.header("etag"), format!("\"{}\"", Digest::of(&icon.body)));
    assert!(icon.header("content-security-policy").starts_with("default-src 'none'"), "a picture runs nothing");

    let text = page(&house, &format!("/services/{PERMIT}"), "", "en").await.text();
    for words in [
        "Print on the terminal",
        "No longer: keep what you enter",
        "The first version.",
        "so that host:print &#60;works&#62;",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let text = page(&house, &format!("/services/{PERMIT}"), "", "zh").await.text();
    for words in ["用终端上的打印机打印", "不再：把您填的内容存在终端上", "上学证件"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(!text.contains("<script") && !text.contains("style=\""), "{text}");
}

#[tokio::test]
async fn only_what_terminals_take_is_shown() {
    let house = House::open().await;
    assert!(page(&house, "/services", "", "en").await.text().contains("There are no services yet"));
    release(&house, permit()).await;
    // Handed in, and released but for nobody yet.
    let developer = house.caller(&house.tokens.developer);
    developer.submit(&letter().sealed(&publisher())).await.unwrap();
    let held = developer.submit(&permit().version(2).sealed(&publisher())).await.unwrap().id;
    let path = paths::of(paths::BEGINNING, &held);
    assert_eq!(developer.call(Method::POST, &path, "application/json", r#"{"ceiling":0}"#).await.status, 200);
    house.caller(&house.tokens.first).approve(&held, &reviewers()[0]).await.unwrap();
    assert_eq!(found(&house, "").await, ["permit"]);
    assert_eq!(detail(&house, PERMIT).await.service.version.code, 1);
    // Let out to some, then halted.
    let (app, channel) = (PERMIT.parse().unwrap(), Channel::stable());
    brake::stage(&house.store, Actor::Machine, &app, &channel, 500, "first").await.unwrap();
    let service = detail(&house, PERMIT).await;
    assert_eq!((service.service.version.code, service.everywhere, service.service.halted), (2, false, false));
    brake::halt(&house.store, Actor::Machine, &app, &channel, "errors").await.unwrap();
    assert!(detail(&house, PERMIT).await.service.halted);
    assert!(page(&house, &format!("/services/{PERMIT}"), "", "en").await.text().contains("This service is on hold"));
    brake::resume(&house.store, Actor::Machine, &app, &channel, "mended").await.unwrap();
    // Taken back.
    let path = paths::RECALL.replace("{app}", PERMIT).replace("{channel}", "stable");
    let body = r#"{"reason":"it printed wrong names"}"#;
    let recall = house.caller(&house.tokens.operator).call(Method::POST, &path, "application/json", body).await;
    let recall: guichet_api::Submission = serde_json::from_slice(&recall.body).unwrap();
    house.caller(&house.tokens.first).approve(&recall.id, &reviewers()[0]).await.unwrap();
    assert_eq!(found(&house, "").await, [""; 0]);
    assert_eq!(outcome(&page(&house, &format!("/services/{PERMIT}"), "", "en").await), "404 service/not-found");
}

#[tokio::test]
async fn off_the_shelf_is_not_found_and_goes_on_working() {
    let house = filled().await;
    let public = async |path: &str| house.get(&format!("/static/{path}")).await;
    let before = public("metadata/timestamp.json").await.body;
    assert_eq!(change(&house, &house.tokens.operator, paths::LISTING, "x").await.status, 409);
    let answer = change(&house, &house.tokens.operator, paths::DELISTING, "the office has moved").await;
    let shelf: Shelf = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((shelf.listed, shelf.reason.as_str()), (false, "the office has moved"));
    assert_eq!(change(&house, &house.tokens.operator, paths::DELISTING, "again").await.status, 409);
    assert_eq!(found(&house, &format!("q={}", encoded("居住证"))).await, ["letter", "bus"]);
    for path in [paths::SERVICE, paths::SERVICE_ICON] {
        let answer = asked(&house, &path.replace("{app}", PERMIT)).await;
        assert_eq!(answer.status, StatusCode::GONE);
        assert!(!answer.text().contains("the office has moved"), "why is for those who look after it");
    }
    let gone = page(&house, &format!("/services/{PERMIT}"), "", "en").await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.text().contains("Where it is installed it goes on working"));
    assert_eq!(public("metadata/timestamp.json").await.body, before, "terminals see nothing of it");

    let operator = sign_in(&house, &house.tokens.operator).await;
    let line = format!("/releases/{PERMIT}/stable");
    assert!(page(&house, &line, &operator, "en").await.text().contains("the office has moved"));
    let developer = sign_in(&house, &house.tokens.developer).await;
    let back = format!("/services/{PERMIT}/listing");
    assert_eq!(outcome(&post(&house, &back, &developer, "reason=x".to_owned(), &[]).await), "403 access/role");
    let foreign = post(&house, &back, &operator, "reason=x".to_owned(), &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(outcome(&post(&house, &back, &operator, "reason=".to_owned(), &[]).await), "422 release/no-reason");
    assert_eq!(outcome(&post(&house, &back, &operator, "reason=back".to_owned(), &[]).await), format!("to {line}"));
    assert_eq!(found(&house, &format!("q={}", encoded("居住证"))).await, ["letter", "permit", "bus"]);

    let record = house.caller(&house.tokens.auditor).get(paths::AUDIT).await;
    let record: AuditList = serde_json::from_slice(&record.body).unwrap();
    let deeds: Vec<_> = record.items.iter().filter(|entry| entry.deed.starts_with("service.")).collect();
    let told: Vec<_> =
        deeds.iter().map(|entry| (entry.deed.as_str(), entry.why.as_deref().unwrap_or_default())).collect();
    assert_eq!(told, [("service.list", "back"), ("service.delist", "the office has moved")]);
}

#[tokio::test]
async fn what_a_package_says_is_read_once() {
    let house = filled().await;
    assert_eq!(found(&house, "").await.len(), 3);
    for entry in std::fs::read_dir(house.store.folder.packages()).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    assert_eq!(found(&house, "q=permit").await, ["permit"]);
    assert_eq!(detail(&house, LETTER).await.service.requires, ["print"]);
}

#[tokio::test]
async fn a_lost_package_hides_its_service_and_no_other() {
    let house = filled().await;
    let newer = App { text: "new", ..App::new(BUS).asking(&["host:print"]).version(2) };
    release(&house, App { words: bus().words, glaze: "slate", ..newer }).await;
    for package in [permit(), bus()] {
        let package = package.sealed(&publisher()).digest();
        std::fs::remove_file(house.store.folder.package_path(package)).unwrap();
    }
    assert_eq!(found(&house, "").await, ["bus", "letter"]);
    let answer = asked(&house, &paths::SERVICE.replace("{app}", PERMIT)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
    assert!(answer.text().contains("package/away"), "{}", answer.text());
    let bus = detail(&house, BUS).await;
    let news: Vec<_> = bus.news.iter().map(|news| (news.version.code, news.may.len(), news.no_longer.len())).collect();
    assert_eq!(news, [(2, 1, 0), (1, 0, 0)]);
}
