//! How often one may ask.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use guichet_api::{Problem, paths};
use guichet_store::{
    http::{MOST_REQUESTS, MOST_SIGN_INS, Paces, router},
    store::Store,
};

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
    assert_eq!(
        tries([192, 0, 2, 1], Method::HEAD).await.status,
        200,
        "whoever asks whether the store is there tries nothing"
    );
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

/// Before anybody is known: strangers are counted, too, and whoever is behind the address with them.
#[tokio::test]
async fn an_address_asks_so_much_a_minute_whoever_is_behind_it() {
    let house = House::open().await;
    house.store.database.close().await;
    let mut store = Store::open(house.store.folder.clone(), house.store.clock.clone()).await.unwrap();
    store.paces = Paces::of(2);
    let router = router(Arc::new(store));
    let ask = async |address: [u8; 4], path: &str, token: &str| {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 4_000))));
        send(&router, request).await
    };
    let me = format!("{}{}", paths::PREFIX, paths::ME);
    for path in [me.as_str(), "/services", "/", "/api/v1/nothing", "/sign-in"] {
        for _ in 0..2 {
            assert_ne!(ask([192, 0, 2, 1], path, "gst_guessed").await.status, 429, "{path}");
        }
    }
    let over = ask([192, 0, 2, 1], &me, &house.tokens.first).await;
    assert_eq!((over.status.as_u16(), over.header("retry-after")), (429, "60"));
    assert_eq!(ask([192, 0, 2, 2], &me, &house.tokens.first).await.status, 200, "others are not kept from it");
}
