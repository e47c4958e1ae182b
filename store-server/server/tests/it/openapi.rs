//! The API's own description, as it is checked in for others to read.

use std::{env, fs, path::Path};

use crate::house::House;

/// Set it to write the file anew.
const UPDATE: &str = "GUICHET_UPDATE_REFERENCE";

#[tokio::test]
async fn the_reference_is_what_the_store_serves() {
    let house = House::open().await;
    let served = house.get("/api/v1/openapi.json").await;
    assert_eq!(served.header("content-type"), "application/json");
    let served: serde_json::Value = serde_json::from_slice(&served.body).unwrap();
    let text = format!("{served:#}\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, &text).unwrap();
    }
    let reference = fs::read_to_string(&path).unwrap_or_default();
    assert!(reference == text, "docs/reference/openapi.json is out of date; run this test with {UPDATE}=1");
}

#[test]
fn every_operation_is_described_and_says_how_it_fails() {
    let document = serde_json::to_value(guichet_store::http::openapi()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
            let responses = operation["responses"].as_object().unwrap();
            // These ask for no token.
            let is_catalogue = path.contains("/services") && method == "get";
            if !path.ends_with("/health")
                && !path.ends_with("/beacons")
                && !path.contains("/terminals/")
                && !is_catalogue
            {
                assert!(responses.contains_key("401"), "{name}");
            }
            for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('4')) {
                assert!(response["content"]["application/problem+json"].is_object(), "{name} {status}");
            }
        }
    }
}
