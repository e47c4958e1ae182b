//! A small department with a small app.

use std::collections::BTreeMap;

use guichet_package::{Limits, PackageDraft, PackageFile, PackagePath, PublisherKeys, Refusal};
use guichet_trust::sign::SecretKey;

pub(crate) type Files = BTreeMap<PackagePath, Vec<u8>>;

pub(crate) const MANIFEST: &str = r##"{
  "app_id": "gov.example.residence.permit",
  "name": "Residence permit",
  "description": "Apply for a residence permit.",
  "lang": "en",
  "icons": [{"src": "common/icon.svg", "sizes": "any"}],
  "pages": ["pages/home", "pages/form"],
  "platform_version": {"min_code": 1},
  "version": {"code": 3, "name": "1.2.0"},
  "req_permissions": [{"name": "host:storage", "reason": "Keeps your draft."}],
  "guichet": {"glaze": "indigo", "storage_version": 2}
}
"##;

pub(crate) fn path(text: &str) -> PackagePath {
    text.parse().unwrap()
}

pub(crate) fn files() -> Files {
    let zh = r#"{"manifest":{"name":"居住证","req_permissions":{"host:storage":"保存草稿。"}}}"#;
    [
        ("manifest.json", MANIFEST),
        ("app.js", "export default {};\n"),
        ("app.css", ""),
        ("pages/home.html", "<h1>Home</h1>\n"),
        ("pages/home.css", "h1 { color: teal }\n"),
        ("pages/form.html", "<form></form>\n"),
        ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"),
        ("i18n/zh-Hans.json", zh),
    ]
    .into_iter()
    .map(|(name, text)| (path(name), text.as_bytes().to_vec()))
    .collect()
}

/// The same app with another manifest.
pub(crate) fn files_with_manifest(manifest: &str) -> Files {
    let mut files = files();
    files.insert(path("manifest.json"), manifest.as_bytes().to_vec());
    files
}

/// The same app with a component as its logic, and this in `app.js`.
pub(crate) fn with_component(script: &str) -> Files {
    let mut files = files_with_manifest(&MANIFEST.replace(r#""glaze""#, r#""logic": "logic.wasm", "glaze""#));
    files.insert(path("logic.wasm"), b"\0asm\x0d\0\x01\0".to_vec());
    files.insert(path("app.js"), script.as_bytes().to_vec());
    files
}

pub(crate) fn without(name: &str) -> Files {
    let mut files = files();
    files.remove(name).unwrap();
    files
}

pub(crate) fn draft(files: Files) -> Result<PackageDraft, Refusal> {
    PackageDraft::new(files, &Limits::default())
}

pub(crate) fn open(bytes: Vec<u8>) -> Result<PackageFile, Refusal> {
    PackageFile::open(bytes, &Limits::default())
}

pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::generate([seed; 32])
}

pub(crate) fn sealed() -> PackageFile {
    draft(files()).unwrap().seal(&key(7)).unwrap()
}

/// The keys of the department `residence`, which lists key 7.
pub(crate) fn keys() -> PublisherKeys {
    let names = [("zh-Hans", "居住证管理处"), ("en", "Residence Office")];
    let name = names.into_iter().map(|(lang, name)| (lang.to_owned(), name.to_owned())).collect();
    let mut keys =
        PublisherKeys::new("residence".parse().unwrap(), name, vec!["gov.example.residence".parse().unwrap()]);
    keys.add(key(7).public());
    keys
}
