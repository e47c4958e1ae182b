//! How often one may ask.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use guichet_api::{Problem, paths};
use guichet_store::http::{MOST_REQUESTS, MOST_SIGN_INS};

use crate::house::{House, send};

#[tokio::test]
async fn nobody_tries_to_sign_in_without_end() {
    let house = House::open().await;
    let tries = async |address: [u8; 4], method: Method| {
        let request = Request::builder().method(method).uri("/sign-in");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let mut request = request.body(Body::from("token=gst_guessed")).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 4_000))));
        send(&house.router, request).await
    };
    for _ in 0..MOST_SIGN_INS {
        assert_ne!(tries([192, 0, 2, 1], Method::POST).await.status, 429);
    }
    let answer = tries([192, 0, 2, 1], Method::POST).await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(serde_json::from_str::<Problem>(&answer.text()).unwrap().class, "request/too-many");
    assert_eq!(tries([192, 0, 2, 1], Method::GET).await.status, 200, "the page is still shown");
    assert_ne!(tries([192, 0, 2, 2], Method::POST).await.status, 429, "others are not kept from it");
}

#[tokio::test]
async fn a_person_asks_so_much_a_minute() {
    let house = House::open().await;
    let ask = async |token: &str| {
        let request = Request::get(format!("{}{}", paths::PREFIX, paths::ME));
        let request = request.header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
        send(&house.router, request).await.status
    };
    for _ in 0..MOST_REQUESTS {
        assert_eq!(ask(&house.tokens.first).await, 200);
    }
    assert_eq!(ask(&house.tokens.first).await, 429);
    assert_eq!(ask(&house.tokens.developer).await, 200, "others are not kept from it");
}
