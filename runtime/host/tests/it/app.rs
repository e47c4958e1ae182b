//! Small packages.

use std::collections::BTreeMap;

use guichet_package::{Limits, PackageDraft, PackageFile};
use serde_json::{Value, json};

use crate::store::key;

pub(crate) const PERMIT: &str = "gov.example.residence.permit";
pub(crate) const ESTIMATOR: &str = "gov.example.benefits.estimator";

/// A package in the making.
#[derive(Clone)]
pub(crate) struct App {
    manifest: Value,
    files: BTreeMap<String, Vec<u8>>,
}

impl App {
    /// An app of three pages that says its version on the first.
    pub(crate) fn new(id: &str, code: u32) -> Self {
        let manifest = json!({
            "app_id": id,
            "name": "Residence permit",
            "description": "Apply for a residence permit",
            "lang": "en",
            "icons": [{"src": "common/icon.svg"}],
            "pages": ["pages/home", "pages/form", "pages/list"],
            "version": {"code": code, "name": format!("{code}.0.0")},
            "platform_version": {"min_code": 1},
            "guichet": {"glaze": "indigo"},
        });
        let app = Self { manifest, files: BTreeMap::new() };
        app.file("app.js", "export default {};\n")
            .file("app.css", "body { margin: 0 }\n")
            .file("common/icon.svg", r#"<svg xmlns="http://www.w3.org/2000/svg"/>"#)
            .file("common/photo.bin", &"a large file that never changes. ".repeat(400))
            .file(
                "i18n/zh-Hans.json",
                r#"{"manifest":{"name":"居住证","req_permissions":{"host:storage":"保存草稿"}}}"#,
            )
            .file("pages/home.html", &format!("<!doctype html><html><head></head><body>version {code}</body></html>"))
            .file("pages/form.html", "<p>form")
            .file("pages/form.js", "// the form\n")
            .file("pages/list.html", "<p>list")
    }

    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }

    /// Logic that is a component.
    pub(crate) fn component(mut self, wasm: &[u8]) -> Self {
        self.manifest["guichet"]["logic"] = json!("logic.wasm");
        self.files.insert("logic.wasm".to_owned(), wasm.to_vec());
        self.logic("")
    }

    /// JavaScript logic.
    pub(crate) fn logic(self, source: &str) -> Self {
        self.file("app.js", source)
    }

    /// Asks for permissions.
    pub(crate) fn asks_for(mut self, names: &[&str]) -> Self {
        self.manifest["req_permissions"] =
            names.iter().map(|name| json!({"name": name, "reason": "to keep drafts"})).collect();
        self
    }

    pub(crate) fn manifest(mut self, member: &str, value: Value) -> Self {
        self.manifest[member] = value;
        self
    }

    /// The package, sealed by the holder of a key.
    pub(crate) fn seal(&self, publisher: &str) -> PackageFile {
        let manifest = ("manifest.json".to_owned(), self.manifest.to_string().into_bytes());
        let files =
            self.files.clone().into_iter().chain([manifest]).map(|(path, bytes)| (path.parse().unwrap(), bytes));
        let draft = PackageDraft::new(files.collect(), &Limits::default()).unwrap();
        draft.seal(&key(publisher)).unwrap()
    }
}
