//! The bytes others depend on: `fixtures/formats/v1` stays as it is, and this version reads and makes the very same.

use std::{collections::BTreeMap, fs, path::PathBuf};

use guichet_trust::{
    canonical,
    client::{Limits, Refresh, TrustedMetadata},
    digest::Digest,
    metadata::TargetFile,
    sign::{PublicKey, Purpose, SecretKey, Signature},
};
use serde_json::{Value, json};

use crate::store::{NOW, PERMIT, Store, public};

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/formats/v1"))
}

fn secret() -> SecretKey {
    SecretKey::generate(std::array::from_fn(|index| index as u8))
}

/// Every vector by file name.
fn vectors() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::from([
        ("key.json".to_owned(), secret().to_file().into_bytes()),
        ("signing.json".to_owned(), pretty(signing())),
        ("canonical.json".to_owned(), pretty(canonical_forms())),
    ]);
    for (name, bytes) in repository().files {
        files.insert(format!("repository/metadata/{name}"), bytes);
    }
    let target = TargetFile::of(b"permit 2").hashed_path(PERMIT);
    files.insert(format!("repository/targets/{target}"), b"permit 2".to_vec());
    files
}

fn pretty(mut value: Value) -> Vec<u8> {
    value.sort_all_objects();
    format!("{value:#}\n").into_bytes()
}

fn signing() -> Value {
    let key = secret();
    let payloads: [&[u8]; 3] = [b"", br#"{"format":1}"#, &[0, 255, 128]];
    let cases = Purpose::ALL.iter().flat_map(|purpose| payloads.map(|payload| (*purpose, payload)));
    let cases = cases.map(|(purpose, payload)| {
        json!({"purpose": purpose.word(), "payload_hex": text(payload), "message_hex": text(purpose.message(payload).bytes()),
            "signature": key.sign(purpose, payload)})
    });
    let key_id = key.public().id();
    json!({"public": key.public(), "key_id": key_id, "cases": cases.collect::<Vec<_>>()})
}

fn canonical_forms() -> Value {
    let values = [
        json!({"b": [1, -2, null, true, false], "a": {"z": {}, "": []}}),
        json!({"\u{fb33}": 1, "\u{1f600}": 2, "é": 3, "e": 4}),
        json!("\u{20ac}$\u{f}\n\t\r\u{8}\u{c}A'\"\\\u{7f}/\u{2028}"),
        json!([9_007_199_254_740_991_u64, -9_007_199_254_740_991_i64, 0]),
    ];
    values
        .iter()
        .map(|value| {
            let bytes = canonical::to_vec(value).unwrap();
            json!({"value": value, "sha256": Digest::of(&bytes), "canonical": String::from_utf8(bytes).unwrap()})
        })
        .collect()
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Two roots, two departments, three roles with documents.
fn repository() -> Store {
    let mut store = Store::new();
    store.reroot(&["root", "officer"], |root| root.set_role("root", &public(&["officer"]), 1).unwrap());
    store.release("residence-wide", PERMIT, b"permit 1", &["ana", "bo"]);
    store.release("residence", PERMIT, b"permit 2", &["bo"]);
    store.release("tax", "apps/tax/gov.example.tax/stable.json", b"tax 1", &["cy"]);
    store
}

#[test]
fn the_vectors_are_made_again_byte_by_byte() {
    for (name, bytes) in vectors() {
        let kept = fs::read(folder().join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(String::from_utf8_lossy(&kept), String::from_utf8_lossy(&bytes), "{name}");
    }
}

#[test]
fn the_key_file_is_read() {
    let file = fs::read_to_string(folder().join("key.json")).unwrap();
    let signing: Value = canonical::parse(&fs::read(folder().join("signing.json")).unwrap()).unwrap();
    let key = SecretKey::from_file(&file).unwrap();
    assert_eq!(signing["public"], key.public().to_string());
    assert_eq!(signing["key_id"], key.public().id().to_string());
}

#[test]
fn the_signatures_are_accepted() {
    let signing: Value = canonical::parse(&fs::read(folder().join("signing.json")).unwrap()).unwrap();
    let key: PublicKey = signing["public"].as_str().unwrap().parse().unwrap();
    for case in signing["cases"].as_array().unwrap() {
        let purpose = Purpose::ALL.into_iter().find(|purpose| case["purpose"] == purpose.word()).unwrap();
        let payload = case["payload_hex"].as_str().unwrap();
        let payload: Vec<u8> =
            (0..payload.len()).step_by(2).map(|at| u8::from_str_radix(&payload[at..at + 2], 16).unwrap()).collect();
        let signature: Signature = case["signature"].as_str().unwrap().parse().unwrap();
        assert_eq!(key.verify(purpose, &payload, &signature), Ok(()), "{case}");
    }
}

#[test]
fn the_repository_is_followed() {
    let read = |name: &str| fs::read(folder().join("repository/metadata").join(name)).ok();
    let trusted = TrustedMetadata::from_root(&read("1.root.json").unwrap()).unwrap();
    let mut refresh = Refresh::begin(trusted, NOW, Limits::default());
    ["residence", "residence-wide", "tax"].iter().for_each(|role| refresh.want_role(role));
    while let Some(fetch) = refresh.next() {
        let bytes = read(&fetch.path);
        refresh.accept(bytes).unwrap();
    }
    let trusted = refresh.finish();
    let versions = ["root", "timestamp", "snapshot", "targets", "residence", "residence-wide", "tax"];
    assert_eq!(versions.map(|role| trusted.version(role).unwrap()), [2, 5, 5, 1, 2, 1, 1]);
    let target = trusted.target("residence", PERMIT).unwrap();
    let bytes = fs::read(folder().join("repository/targets").join(target.hashed_path(PERMIT))).unwrap();
    assert_eq!(target.check(&bytes), Ok(()));
}

#[test]
#[ignore = "writes fixtures/formats/v1, which only a new format may do"]
fn write_the_vectors() {
    for (name, bytes) in vectors() {
        let path = folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
