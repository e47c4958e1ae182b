//! What devices tell about releases is added up, and nothing else can be put in.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use guichet_api::{BeaconKind, paths};
use guichet_contract::Channel;
use guichet_store::{database::beacons, http::MOST_A_MINUTE};
use serde_json::{Value as Json, json};

use crate::{
    house::{House, NOW_MS, publisher, reviewers, send},
    packages::App,
};

const APP: &str = "gov.example.residence.permit";

async fn released() -> House {
    let house = House::open().await;
    let package = App::new(APP).sealed(&publisher());
    let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    house
}

fn beacon(sequence: u64, kind: &str) -> Json {
    json!({"app_id": APP, "channel": "stable", "sequence": sequence, "kind": kind})
}

async fn tell(house: &House, body: &Json) -> u16 {
    let body = body.to_string();
    house.anonymous().call(Method::POST, "/beacons", "application/json", body).await.status.as_u16()
}

async fn counted(house: &House, sequence: u64) -> Vec<(BeaconKind, u64, u64)> {
    let mut connection = house.store.database.read().await.unwrap();
    beacons::of_release(&mut connection, &APP.parse().unwrap(), &Channel::stable(), sequence).await.unwrap()
}

#[tokio::test]
async fn beacons_are_added_up_by_the_hour() {
    let house = released().await;
    let envelope =
        json!({"format": 1, "beacons": [beacon(1, "installed"), beacon(1, "error"), beacon(1, "installed")]});
    assert_eq!(tell(&house, &envelope).await, 202);
    assert_eq!(tell(&house, &json!({"format": 1, "beacons": [beacon(1, "error")]})).await, 202);
    let hour = NOW_MS - NOW_MS % 3_600_000;
    assert_eq!(counted(&house, 1).await, [(BeaconKind::Error, hour, 2), (BeaconKind::Installed, hour, 2)]);
}

#[tokio::test]
async fn what_is_about_no_release_leaves_no_trace() {
    let house = released().await;
    assert_eq!(tell(&house, &json!({"format": 1, "beacons": [beacon(7, "error"), beacon(1, "painted")]})).await, 202);
    assert_eq!((counted(&house, 7).await.len(), counted(&house, 1).await.len()), (0, 1));
}

#[tokio::test]
async fn anything_else_is_refused() {
    let house = released().await;
    let many: Vec<_> = (0..65).map(|_| beacon(1, "error")).collect();
    let mut named = beacon(1, "error");
    named["device"] = json!("of somebody");
    for (body, status) in [
        (json!({"format": 1, "beacons": []}), 422),
        (json!({"format": 1, "beacons": many}), 422),
        (json!({"format": 2, "beacons": [beacon(1, "error")]}), 422),
        (json!({"format": 1, "beacons": [beacon(1, "exploded")]}), 400),
        (json!({"format": 1, "beacons": [named]}), 400),
        (json!({"format": 1, "beacons": [beacon(1, "error")], "device": "x"}), 400),
        (json!({"padding": "x".repeat(20_000)}), 400),
        (json!(null), 400),
    ] {
        assert_eq!(tell(&house, &body).await, status, "{}", &body.to_string()[..body.to_string().len().min(80)]);
    }
    assert!(counted(&house, 1).await.is_empty());
}

/// A release that declares `sent` and `left:form`, and one that declares nothing.
async fn counting() -> House {
    let house = House::open().await;
    for (code, asking) in [(1, &["host:telemetry"][..]), (2, &[])] {
        let package = App::new(APP).version(code).asking(asking).sealed(&publisher());
        let id = house.caller(&house.tokens.developer).submit(&package).await.unwrap().id;
        for (token, key) in
            [&house.tokens.first, &house.tokens.second].into_iter().zip(&reviewers()).take(3 - code as usize)
        {
            house.caller(token).approve(&id, key).await.unwrap();
        }
    }
    house
}

fn counted_event(sequence: u64, event: &str, count: u64) -> Json {
    json!({"app_id": APP, "channel": "stable", "sequence": sequence, "event": event, "count": count})
}

#[tokio::test]
async fn declared_events_are_added_up_by_the_day_and_others_are_not() {
    let house = counting().await;
    let told = json!({"format": 1, "beacons": [], "counts": [
        counted_event(1, "sent", 3), counted_event(1, "left:form", 1), counted_event(1, "left", 5),
        counted_event(1, "opened", 7), counted_event(2, "sent", 9), counted_event(3, "sent", 9),
    ]});
    assert_eq!(tell(&house, &told).await, 202);
    assert_eq!(
        tell(&house, &json!({"format": 1, "beacons": [beacon(1, "painted")], "counts": [counted_event(1, "sent", 2)]}))
            .await,
        202
    );
    let path = format!("/apps/{APP}/stable/events");
    let events = async |query: &str| {
        let answer = house.caller(&house.tokens.lead).get(&format!("{path}{query}")).await;
        let items = serde_json::from_slice::<Json>(&answer.body).unwrap()["items"].as_array().unwrap().clone();
        (items, answer.headers.get("link").is_some())
    };
    let day = NOW_MS - NOW_MS % 86_400_000;
    let of = |event: &str, count: u64| json!({"day_ms": day, "sequence": 1, "version": "1.0.0", "event": event, "count": count});
    assert_eq!(events("").await, (vec![of("sent", 5), of("left:form", 1)], false));
    assert_eq!(events("?limit=1").await, (vec![of("sent", 5)], true));
    let cursor = format!("?limit=1&cursor={day:020}/{:020}/sent", 1);
    assert_eq!(events(&cursor).await, (vec![of("left:form", 1)], false));
    assert_eq!(house.caller(&house.tokens.tax_lead).get(&path).await.status, 403);
    assert_eq!(house.caller(&house.tokens.lead).get("/apps/a.b/stable/events").await.status, 404);
}

#[tokio::test]
async fn a_count_holds_no_text_of_a_person_and_no_large_number() {
    let house = counting().await;
    let of = |count: Json| json!({"format": 1, "beacons": [], "counts": [count]});
    let mut named = counted_event(1, "sent", 1);
    named["who"] = json!("of somebody");
    let many: Vec<_> = (0..65).map(|_| counted_event(1, "sent", 1)).collect();
    for (body, status) in [
        (of(counted_event(1, "sent", 0)), 422),
        (of(counted_event(1, "sent", 10_001)), 422),
        (json!({"format": 1, "beacons": [], "counts": many}), 422),
        (of(counted_event(1, "张三", 1)), 400),
        (of(counted_event(1, "left:form:Ana", 1)), 400),
        (of(named), 400),
    ] {
        assert_eq!(tell(&house, &body).await, status, "{body}");
    }
    let answer = house.caller(&house.tokens.lead).get(&format!("/apps/{APP}/stable/events")).await;
    assert_eq!(serde_json::from_slice::<Json>(&answer.body).unwrap(), json!({"items": []}));
}

#[tokio::test]
async fn one_address_cannot_tell_without_end() {
    let house = released().await;
    let told = async |address: [u8; 4]| {
        let body = json!({"format": 1, "beacons": [beacon(1, "error")]}).to_string();
        let request = Request::post(format!("{}/beacons", paths::PREFIX)).header("content-type", "application/json");
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 4_000))));
        send(&house.router, request).await.status.as_u16()
    };
    for _ in 0..MOST_A_MINUTE {
        assert_eq!(told([192, 0, 2, 1]).await, 202);
    }
    assert_eq!(told([192, 0, 2, 1]).await, 429);
    assert_eq!(told([192, 0, 2, 2]).await, 202);
    assert_eq!(counted(&house, 1).await[0].2, u64::from(MOST_A_MINUTE) + 1, "what was too much is not counted");
}
