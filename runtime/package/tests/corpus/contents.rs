//! Manifests that say something twice, and statements that are not about the files beside them.

use std::collections::BTreeMap;

use guichet_package::{Limits, PackageFile, container};
use serde_json::{Value, json};

use super::{
    Hostile,
    app::{Base, MANIFEST, package},
    zip::{Entry, deflated, entry},
};

/// Foreign archives with another manifest.
pub(super) fn manifests() -> impl Iterator<Item = Hostile> {
    let deep = format!(r#"{{"deep": {}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    let replace = |old: &str, new: &str| MANIFEST.replacen(old, new, 1);
    let manifests = [
        ("member twice", "manifest/duplicate-member", replace("{", r#"{"app_id": "gov.example.other","#)),
        ("member twice, escaped", "manifest/duplicate-member", replace("{", r#"{"\u0061pp_id": "gov.example.other","#)),
        (
            "member twice, inside",
            "manifest/duplicate-member",
            replace(r#""min_code": 1"#, r#""min_code": 1, "min_code": 2"#),
        ),
        ("2^53 + 1", "manifest/out-of-range", replace(r#""code": 1"#, r#""code": 9007199254740993"#)),
        ("deep nesting", "manifest/not-json", deep),
        ("no manifest at all", "manifest/not-json", String::new()),
        ("a list", "manifest/not-an-object", "[]".to_owned()),
        ("large manifest", "manifest/too-large", replace("{", &format!(r#"{{"padding": [{}0],"#, squares(40_000)))),
    ];
    manifests.into_iter().flat_map(|(name, class, manifest)| {
        [Base::Stored, Base::Deflated].map(|base| {
            let mut zip = base.zip();
            zip.entries[3] = match base {
                Base::Deflated => deflated(entry("manifest.json", &manifest)),
                _ => Entry { flags: Some(0), ..entry("manifest.json", &manifest) },
            };
            let name = format!("{}/{name}", base.name());
            Hostile { name, class, only_in_statement: false, bytes: zip.write() }
        })
    })
}

/// Numbers with a comma behind each: large, and not more regular than an honest file may be.
fn squares(count: u64) -> String {
    (0..count).map(|n| format!("{},", n * n)).collect()
}

type Files = BTreeMap<guichet_package::PackagePath, Vec<u8>>;

/// Our own packages with another statement, or with other files than the statement's.
pub(super) fn statements() -> impl Iterator<Item = Hostile> {
    let package = package();
    let text = String::from_utf8(package.statement_bytes().to_vec()).unwrap();
    let statement: Value = serde_json::from_str(&text).unwrap();
    let with = |member: &str, value: Value| {
        let mut statement = statement.clone();
        statement[member] = value;
        // Sorted and without spaces: canonical, as long as only ASCII is in it.
        statement.to_string()
    };
    let deep = format!(r#"{}{}"#, "[".repeat(5000), "]".repeat(5000));
    let texts = [
        ("member twice", "json/duplicate-member", text.replacen('{', r#"{"app_id":"gov.example.other","#, 1)),
        ("2^53 + 1", "json/number", text.replacen(r#""code":1"#, r#""code":9007199254740993"#, 1)),
        ("not canonical", "json/not-canonical", text.replacen(':', ": ", 1)),
        ("deep nesting", "json/depth", deep),
        ("no JSON", "json/syntax", "evil".to_owned()),
        ("another format", "document/format", with("format", json!(2))),
        ("another app", "contents/disagrees", with("app_id", json!("gov.example.other"))),
        ("a permission less", "contents/disagrees", with("permissions", json!([]))),
        ("another version", "contents/disagrees", with("version", json!({"code": 2, "name": "1.0.0"}))),
        ("a file that is stated twice", "document/invalid", {
            let mut files = statement["files"].as_array().unwrap().clone();
            files.insert(0, files[0].clone());
            with("files", files.into())
        }),
        ("no files", "contents/unlisted-file", with("files", json!([]))),
        ("file that is stated and not there", "contents/missing-file", {
            let mut files = statement["files"].as_array().unwrap().clone();
            files.push(json!({"path": "zz.js", "sha256": files[0]["sha256"], "size": 0}));
            with("files", files.into())
        }),
    ];
    let own_files: Files = package.files().map(|(path, bytes)| (path.clone(), bytes.to_vec())).collect();
    let changed = |change: fn(&mut Files)| {
        let mut files = own_files.clone();
        change(&mut files);
        files
    };
    let sets = [
        (
            "file that is not stated",
            "contents/unlisted-file",
            changed(|files| {
                files.insert("zz.js".parse().unwrap(), b"evil()".to_vec());
            }),
        ),
        (
            "file of other bytes",
            "contents/altered",
            changed(|files| {
                files.insert("app.js".parse().unwrap(), b"evil()".to_vec());
            }),
        ),
    ];
    let made = |name: &str, class, files: &Files, statement: &str| {
        let block = container::SigningBlock { statement: statement.as_bytes(), seals: None };
        let bytes = container::encode(files, Some(block), &Limits::default()).unwrap();
        Hostile { name: format!("ours/statement: {name}"), class, only_in_statement: true, bytes }
    };
    let of_texts: Vec<_> = texts.iter().map(|(name, class, text)| made(name, class, &own_files, text)).collect();
    let of_sets: Vec<_> = sets.iter().map(|(name, class, files)| made(name, class, files, &text)).collect();
    assert!(PackageFile::open(package.bytes().to_vec(), &Limits::default()).is_ok());
    of_texts.into_iter().chain(of_sets)
}
