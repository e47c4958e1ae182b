//! Bytes that others depend on: `fixtures/formats/v1` never changes, whatever this code becomes.

use std::{fs, path::PathBuf};

use guichet_package::{
    Blob, Brake, Limits, PublisherKeys, ReleaseDocument, Seals, Statement, TrustFile, VerifiedPackage,
    release::{Choice, Device, choice, rollout},
};

use crate::support::{Files, key, keys, open, path};

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/formats/v1");
    fs::read(folder.join(name)).unwrap()
}

/// The tree of the golden package.
fn tree() -> Files {
    let manifest = r#"{"app_id":"gov.example.residence.permit","name":"Residence permit","lang":"en","icons":[{"src":"common/icon.svg"}],"pages":["pages/home"],"platform_version":{"min_code":1},"version":{"code":1,"name":"1.0.0"},"req_permissions":[{"name":"host:storage","reason":"Keeps your draft."},{"name":"host:network","scope":{"domains":["example.gov"]}}]}"#;
    let files = [
        ("manifest.json", manifest),
        ("app.js", ""),
        ("app.css", ""),
        ("pages/home.html", "<h1>证</h1>\n"),
        ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"),
        ("common/图标.txt", "\u{1f3e0}"),
    ];
    files.into_iter().map(|(name, text)| (path(name), text.as_bytes().to_vec())).collect()
}

fn package() -> VerifiedPackage {
    open(fixture("package.ma"))
        .unwrap()
        .verify(&PublisherKeys::parse(&fixture("publisher-keys.json")).unwrap())
        .unwrap()
}

#[test]
fn the_golden_package_is_what_we_write() {
    let ours = crate::support::draft(tree()).unwrap().seal(&key(7)).unwrap();
    assert_eq!(ours.bytes(), fixture("package.ma"));
    assert_eq!(ours.statement_bytes(), fixture("statement.json"));
    assert_eq!(ours.seals_bytes().unwrap(), fixture("seals.json"));
    assert_eq!(keys().to_bytes().unwrap(), fixture("publisher-keys.json"));
}

#[test]
fn the_golden_documents_are_read_and_written_again() {
    let statement = Statement::parse(&fixture("statement.json"), &Limits::default()).unwrap();
    assert_eq!(statement.to_bytes().unwrap(), fixture("statement.json"));
    let seals = Seals::parse(&fixture("seals.json"), &Limits::default()).unwrap();
    assert_eq!(seals.to_bytes().unwrap(), fixture("seals.json"));
    let release = ReleaseDocument::parse(&fixture("release.json")).unwrap();
    assert_eq!(release.to_bytes().unwrap(), fixture("release.json"));
    assert!(package().matches(&release).is_ok());
    let brake = Brake::parse(&fixture("brake.json")).unwrap();
    assert_eq!(brake.to_bytes().unwrap(), fixture("brake.json"));
    let trust = TrustFile::parse(&fixture("guichet.trust.json")).unwrap();
    assert_eq!(trust.to_text().unwrap().into_bytes(), fixture("guichet.trust.json"));
}

#[test]
fn the_golden_release_is_what_we_write() {
    let mut release = ReleaseDocument::of(&package(), "stable".parse().unwrap(), 3);
    release.floor = 1;
    release.revoked.insert(2);
    release.terminals.extend(["desktop".to_owned(), "kiosk".to_owned()]);
    release.rollout.ceiling = 2_500;
    release.rollout.start = 1_767_225_600_000;
    release.health.insert("crashes".to_owned(), 5);
    assert_eq!(release.to_bytes().unwrap(), fixture("release.json"));
    assert_eq!(Brake::halt(&release, "草稿丢失").to_bytes().unwrap(), fixture("brake.json"));
}

#[test]
fn the_golden_buckets_are_ours() {
    let vectors: serde_json::Value = serde_json::from_slice(&fixture("rollout.json")).unwrap();
    let vectors = vectors.as_array().unwrap();
    assert!(vectors.len() >= 8);
    for vector in vectors {
        let app = vector["app_id"].as_str().unwrap().parse().unwrap();
        let bucket = rollout::bucket(&app, vector["sequence"].as_u64().unwrap(), vector["device_id"].as_str().unwrap());
        assert_eq!(u64::from(bucket), vector["bucket"].as_u64().unwrap(), "{vector}");
    }
}

/// The release documents of a case, newest first, each naming the one after it in the list: the golden release for
/// everybody, with the members that the case gives.
fn line(case: &serde_json::Value) -> Vec<ReleaseDocument> {
    let base: serde_json::Value = serde_json::from_slice(&fixture("release.json")).unwrap();
    let mut line: Vec<ReleaseDocument> = Vec::new();
    for members in case["line"].as_array().unwrap().iter().rev() {
        let mut document = base.clone();
        document["floor"] = 0.into();
        document["revoked"] = serde_json::json!([]);
        document["terminals"] = serde_json::json!([]);
        document["rollout"] = serde_json::json!({"ceiling": 10_000, "groups": [], "start": 0});
        document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let mut document: ReleaseDocument = serde_json::from_value(document).unwrap();
        let before = line.first().filter(|_| members.get("before").is_none());
        document.before = before.map(|before| Blob::of(&before.to_bytes().unwrap()));
        line.insert(0, ReleaseDocument::parse(&document.to_bytes().unwrap()).unwrap());
    }
    line
}

#[test]
fn the_golden_choices_are_ours() {
    let cases: serde_json::Value = serde_json::from_slice(&fixture("choice.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 20);
    for case in cases {
        let line = line(case);
        let brake = case.get("brake").map(|members| {
            let mut brake: serde_json::Value = serde_json::from_slice(&fixture("brake.json")).unwrap();
            brake.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            Brake::parse(&guichet_trust::canonical::to_vec(&brake).unwrap()).unwrap()
        });
        let groups: Vec<String> = serde_json::from_value(case["device"]["groups"].clone()).unwrap();
        let device = Device {
            id: case["device"]["id"].as_str(),
            terminal: case["device"]["terminal"].as_str().unwrap(),
            groups: &groups,
            now_ms: case["device"]["now_ms"].as_u64().unwrap(),
        };
        let mut at = &line[0];
        let takes = loop {
            match choice(&line[0], at, brake.as_ref(), &device) {
                Choice::Take => break Some(at.sequence),
                Choice::Nothing => break None,
                Choice::Before(blob) => at = line.iter().find(|next| blob.is(&next.to_bytes().unwrap())).unwrap(),
            }
        };
        assert_eq!(takes, case["takes"].as_u64(), "{}", case["case"]);
    }
}
