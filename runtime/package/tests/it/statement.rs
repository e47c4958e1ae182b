//! Statements and lists of seals that no honest tool writes, sealed by a key that is listed all the same.

use std::collections::BTreeMap;

use guichet_package::{FileEntry, Limits, Refusal, Seals, SigningBlock, Statement, VerifiedContents, container};
use guichet_trust::digest::Digest;
use serde_json::{Value, json};

use crate::support::{Files, MANIFEST, draft, files, files_with_manifest, key, keys, open, sealed, with_component};

/// The statement of the small app after a change to its JSON.
fn parse(change: impl FnOnce(&mut Value), limits: &Limits) -> Result<Statement, Refusal> {
    let mut value: Value = serde_json::from_slice(sealed().statement_bytes()).unwrap();
    change(&mut value);
    Statement::parse(&guichet_trust::canonical::to_vec(&value).unwrap(), limits)
}

fn check(change: impl FnOnce(&mut Value), class: Option<&str>) {
    assert_eq!(parse(change, &Limits::default()).err().map(|refusal| refusal.class()), class);
}

#[test]
fn a_statement_is_read_strictly() {
    let file = |path: &str| json!({"path": path, "size": 0, "sha256": "00".repeat(32)});
    check(|_| {}, None);
    check(|statement| statement["comment"] = json!("unknown members are ignored"), None);
    check(|statement| statement["format"] = json!(2), Some("document/format"));
    check(|statement| statement["version"]["code"] = json!(0), Some("document/invalid"));
    check(|statement| statement["files"].as_array_mut().unwrap().swap(0, 1), Some("document/invalid"));
    check(|statement| statement["files"] = json!([file("a"), file("a")]), Some("document/invalid"));
    check(|statement| statement["files"] = json!([file("A"), file("a")]), Some("path/collision"));
    check(|statement| statement["files"] = json!([file("a"), file("a/b")]), Some("path/file-and-folder"));
    check(|statement| statement["files"] = json!([file("../a")]), Some("json/shape"));
    check(|statement| statement["files"][0]["sha256"] = json!("AA".repeat(32)), Some("json/shape"));
    check(|statement| statement["files"][0]["size"] = json!(-1), Some("json/shape"));
    check(|statement| statement["files"][0]["size"] = json!(33 << 20), Some("document/invalid"));
    check(|statement| statement["permissions"][0]["reason"] = json!("unsigned words"), Some("json/shape"));
    check(|statement| drop(statement.as_object_mut().unwrap().remove("platform")), Some("json/shape"));
}

#[test]
fn a_statement_is_held_against_the_limits() {
    let all = Limits::default();
    let class = |limits: Limits| parse(|_| {}, &limits).unwrap_err().class();
    assert_eq!(class(Limits { files: 7, ..all.clone() }), "document/invalid");
    assert_eq!(class(Limits { total_bytes: 100, ..all.clone() }), "document/invalid");
    assert_eq!(class(Limits { statement_bytes: 100, ..all }), "document/too-large");
}

fn check_seals(seals: Value, class: Option<&str>) {
    let bytes = guichet_trust::canonical::to_vec(&seals).unwrap();
    assert_eq!(Seals::parse(&bytes, &Limits::default()).err().map(|refusal| refusal.class()), class, "{seals}");
}

#[test]
fn a_list_of_seals_is_read_strictly() {
    let seal = |id: &str| json!({"key": id.repeat(32), "signature": "00".repeat(64)});
    check_seals(json!({"format": 1, "seals": [seal("01"), seal("02")]}), None);
    check_seals(json!({"format": 2, "seals": [seal("01")]}), Some("document/format"));
    check_seals(json!({"format": 1, "seals": []}), Some("document/invalid"));
    check_seals(json!({"format": 1, "seals": [seal("02"), seal("01")]}), Some("document/invalid"));
    check_seals(json!({"format": 1, "seals": [seal("01"), seal("01")]}), Some("document/invalid"));
    let many: Vec<_> = (0..17).map(|n| seal(&format!("{n:02x}"))).collect();
    check_seals(json!({"format": 1, "seals": many}), Some("document/invalid"));
    check_seals(json!({"format": 1, "seals": [{"key": "01", "signature": "00"}]}), Some("json/shape"));
    let tight = Limits { seals_bytes: 10, ..Limits::default() };
    assert_eq!(Seals::parse(sealed().seals_bytes().unwrap(), &tight).unwrap_err().class(), "document/too-large");
}

/// A package whose publisher sealed another statement than the one of its files.
fn sealed_otherwise(change: impl FnOnce(&mut Statement)) -> Result<(), Refusal> {
    let package = sealed();
    let mut statement = package.statement().clone();
    change(&mut statement);
    let statement = statement.to_bytes().unwrap();
    let seals = Seals::make(&statement, &[&key(7)]).to_bytes().unwrap();
    assert!(VerifiedContents::verify(&statement, &seals, &keys(), &Limits::default()).is_ok());
    let files: BTreeMap<_, _> = package.files().map(|(path, bytes)| (path.clone(), bytes)).collect();
    let block = SigningBlock { statement: &statement, seals: Some(&seals) };
    open(container::encode(&files, Some(block), &Limits::default()).unwrap()).map(drop)
}

#[test]
fn a_sealed_statement_must_say_what_the_manifest_says() {
    let check = |change: fn(&mut Statement), place: &str| {
        let refusal = sealed_otherwise(change).unwrap_err();
        assert_eq!((refusal.class(), refusal.place().as_deref()), ("contents/disagrees", Some(place)));
    };
    assert!(sealed_otherwise(|_| {}).is_ok());
    check(|statement| statement.app_id = "gov.example.residence.other".parse().unwrap(), "app_id");
    check(|statement| statement.version.code = 9, "version");
    check(|statement| statement.version.name.push('1'), "version");
    check(|statement| statement.platform.min_code = 0, "platform.min_code");
    check(|statement| statement.permissions.clear(), "permissions");
}

#[test]
fn a_sealed_statement_must_list_what_is_there() {
    let class = |change: fn(&mut Vec<FileEntry>)| {
        sealed_otherwise(|statement| change(&mut statement.files)).unwrap_err().class()
    };
    assert_eq!(class(|files| drop(files.pop())), "contents/unlisted-file");
    assert_eq!(class(|files| files[1].size += 1), "contents/altered");
    assert_eq!(class(|files| files[1].sha256 = files[2].sha256), "contents/altered");
    let more = |files: &mut Vec<FileEntry>| {
        let mut entry = files.last().unwrap().clone();
        entry.path = "zz.html".parse().unwrap();
        files.push(entry);
    };
    assert_eq!(class(more), "contents/missing-file");
}

#[test]
fn what_is_sealed_must_be_an_app() {
    let with = |name: &str| {
        let package = sealed();
        let files: Files = package
            .files()
            .filter(|(path, _)| path.as_str() != name)
            .map(|(path, bytes)| (path.clone(), bytes.to_vec()))
            .collect();
        let mut statement = package.statement().clone();
        statement.files.retain(|file| file.path.as_str() != name);
        let statement = statement.to_bytes().unwrap();
        let block = SigningBlock { statement: &statement, seals: None };
        open(container::encode(&files, Some(block), &Limits::default()).unwrap()).map(drop).unwrap_err().class()
    };
    assert_eq!(with("manifest.json"), "manifest/missing");
    assert_eq!(with("app.css"), "layout/missing-file");
    assert_eq!(with("pages/home.html"), "layout/missing-page");
    let bare = container::encode(&files(), None, &Limits::default()).unwrap();
    assert_eq!(open(bare).unwrap_err().class(), "container/no-signing-block");
}

#[test]
fn beside_a_component_the_script_is_empty() {
    for empty in ["", "\n", " \r\n\t"] {
        assert!(draft(with_component(empty)).unwrap().unsealed().is_ok(), "{empty:?}");
    }
    let statement = draft(with_component("")).unwrap().statement().clone();
    for script in ["run();", "// nothing", "\u{feff}", "\0"] {
        let files = with_component(script);
        assert_eq!(draft(files.clone()).unwrap_err().class(), "layout/two-logics", "{script:?}");
        let mut statement = statement.clone();
        let entry = statement.files.iter_mut().find(|file| file.path.as_str() == "app.js").unwrap();
        (entry.size, entry.sha256) = (script.len() as u64, Digest::of(script.as_bytes()));
        let statement = statement.to_bytes().unwrap();
        let block = SigningBlock { statement: &statement, seals: None };
        let package = container::encode(&files, Some(block), &Limits::default()).unwrap();
        assert_eq!(open(package).unwrap_err().class(), "layout/two-logics", "{script:?}");
    }
}

#[test]
fn scopes_are_sealed_and_reasons_are_not() {
    let scoped = r#"{"name": "host:network", "reason": "Asks the office.", "scope": {"domains": ["b.example", "a.example"], "bytes": 9}}"#;
    let manifest = MANIFEST.replace(r#"{"name": "host:storage", "reason": "Keeps your draft."}"#, scoped);
    let statement = draft(files_with_manifest(&manifest)).unwrap().statement().to_bytes().unwrap();
    let text = String::from_utf8(statement).unwrap();
    assert!(
        text.contains(
            r#""permissions":[{"name":"host:network","scope":{"bytes":9,"domains":["b.example","a.example"]}}]"#
        ),
        "{text}"
    );
}
