//! The static files as a device, a proxy and a browser meet them.

use axum::{body::Body, http::Request};

use crate::{
    house::{Answer, House, publisher, reviewers, send},
    packages::App,
};

async fn released() -> (House, String) {
    let house = House::open().await;
    let package = App::new("gov.example.residence.permit").sealed(&publisher());
    let submission = house.caller(&house.tokens.developer).submit(&package).await.unwrap();
    house.caller(&house.tokens.first).approve(&submission.id, &reviewers()[0]).await.unwrap();
    (house, format!("/static/packages/{}.ma", package.digest()))
}

async fn with(house: &House, path: &str, header: &str, value: &str) -> Answer {
    send(&house.router, Request::get(path).header(header, value).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_package_is_kept_for_ever_and_the_timestamp_never() {
    let (house, package) = released().await;
    let answer = house.get(&package).await;
    assert_eq!(answer.header("content-type"), "application/miniapp-pkg+zip");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    let sibling = house.get(&format!("{package}.zst")).await;
    assert_eq!((sibling.header("content-type"), sibling.header("content-encoding")), ("application/zstd", ""));
    assert_eq!(zstd::decode_all(sibling.body.as_slice()).unwrap(), answer.body);
    let timestamp = house.get("/static/metadata/timestamp.json").await;
    assert_eq!(timestamp.header("cache-control"), "no-cache");
    assert_eq!(timestamp.header("content-type"), "application/json");
}

#[tokio::test]
async fn an_entity_tag_saves_the_second_download() {
    let (house, package) = released().await;
    for path in [package.as_str(), "/static/metadata/timestamp.json"] {
        let tag = house.get(path).await.header("etag").to_owned();
        assert!(!tag.is_empty() && !tag.starts_with("W/"), "{tag}");
        let again = with(&house, path, "if-none-match", &tag).await;
        assert_eq!((again.status.as_u16(), again.body.len(), again.header("etag")), (304, 0, tag.as_str()));
        assert_eq!(with(&house, path, "if-none-match", "\"other\"").await.status, 200);
    }
}

#[tokio::test]
async fn a_download_goes_on_where_it_stopped() {
    let (house, package) = released().await;
    let whole = house.get(&package).await;
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let rest = with(&house, &package, "range", "bytes=100-").await;
    assert_eq!(rest.status, 206);
    assert_eq!(rest.body, whole.body[100..]);
    assert_eq!(rest.header("content-range"), format!("bytes 100-{}/{}", whole.body.len() - 1, whole.body.len()));
    assert_eq!(with(&house, &package, "range", "bytes=99999999-").await.status, 416);
    // Pieces of two timestamps must never be joined.
    assert_eq!(with(&house, "/static/metadata/timestamp.json", "range", "bytes=10-").await.status, 200);
}

#[tokio::test]
async fn nothing_but_the_public_folder_is_served() {
    let (house, _) = released().await;
    for path in [
        "/static/../store.db",
        "/static/%2e%2e/store.db",
        "/static/..%2fonline/timestamp.key",
        "/static/metadata/",
        "/static/",
        "/static/nothing",
    ] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}
