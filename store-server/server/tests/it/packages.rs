//! Small packages to submit.

use std::collections::BTreeMap;

use guichet_package::{Limits, PackageDraft, PackageFile};
use guichet_trust::sign::SecretKey;
use serde_json::json;

/// What differs between two packages of a test.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: &'static str,
    pub(crate) code: u32,
    pub(crate) permissions: &'static [&'static str],
    pub(crate) text: &'static str,
    /// The icon that the manifest names; there is one at `common/icon.svg`.
    pub(crate) icon: &'static str,
    /// That picture.
    pub(crate) drawing: &'static str,
    /// Name and description, in English and in Chinese.
    pub(crate) words: [[&'static str; 2]; 2],
    pub(crate) glaze: &'static str,
    pub(crate) requires: &'static [&'static str],
}

impl App {
    /// Version 1, asking for nothing.
    pub(crate) fn new(id: &'static str) -> Self {
        Self {
            id,
            code: 1,
            permissions: &[],
            text: "hello",
            icon: "common/icon.svg",
            drawing: "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            words: [["Residence permit", "Renew a permit"], ["居住证", "续办居住证"]],
            glaze: "indigo",
            requires: &[],
        }
    }

    pub(crate) fn version(self, code: u32) -> Self {
        Self { code, ..self }
    }

    pub(crate) fn asking(self, permissions: &'static [&'static str]) -> Self {
        Self { permissions, ..self }
    }

    fn draft(&self) -> PackageDraft {
        let permissions: Vec<_> = self
            .permissions
            .iter()
            .map(|name| {
                let scope =
                    if *name == "host:telemetry" { json!({"events": ["sent", "left:form"]}) } else { json!({}) };
                json!({"name": name, "reason": format!("so that {name} <works>"), "scope": scope})
            })
            .collect();
        let manifest = json!({
            "app_id": self.id,
            "name": self.words[0][0],
            "description": self.words[0][1],
            "lang": "en",
            "icons": [{"src": self.icon, "sizes": "any"}],
            "pages": ["pages/home"],
            "platform_version": {"min_code": 1, "target_code": 1, "release_type": "Release"},
            "version": {"code": self.code, "name": format!("{}.0.0", self.code)},
            "window": {},
            "req_permissions": permissions,
            "guichet": {"glaze": self.glaze, "requires": self.requires},
        });
        let files = [
            ("manifest.json", manifest.to_string()),
            ("app.js", "export default {}".to_owned()),
            ("app.css", String::new()),
            ("pages/home.html", format!("<!doctype html><title>x</title><p>{}", self.text)),
            ("common/icon.svg", self.drawing.to_owned()),
            (
                "i18n/zh-Hans.json",
                json!({"manifest": {"name": self.words[1][0], "description": self.words[1][1]}}).to_string(),
            ),
        ];
        let files: BTreeMap<_, _> =
            files.into_iter().map(|(path, text)| (path.parse().unwrap(), text.into_bytes())).collect();
        PackageDraft::new(files, &Limits::default()).unwrap()
    }

    pub(crate) fn sealed(&self, key: &SecretKey) -> PackageFile {
        self.draft().seal(key).unwrap()
    }

    pub(crate) fn unsealed(&self) -> PackageFile {
        self.draft().unsealed().unwrap()
    }
}
