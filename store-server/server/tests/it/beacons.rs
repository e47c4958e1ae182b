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
