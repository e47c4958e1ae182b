//! The honest app that everything hostile is made from.

use std::collections::BTreeMap;

use guichet_package::{Limits, PackageDraft, PackageFile};

use super::zip::{Entry, Zip, deflated, entry};

pub(super) const MANIFEST: &str = r#"{
  "app_id": "gov.example.residence.permit",
  "name": "Residence permit",
  "icons": [{"src": "common/icon.svg"}],
  "pages": ["pages/home"],
  "platform_version": {"min_code": 1},
  "version": {"code": 1, "name": "1.0.0"},
  "req_permissions": [{"name": "host:storage", "reason": "Keeps your draft."}]
}
"#;

pub(super) const FILES: [(&str, &str); 5] = [
    ("app.css", ""),
    ("app.js", "export default {};\n"),
    ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"),
    ("manifest.json", MANIFEST),
    ("pages/home.html", "<h1>Home</h1>\n"),
];

/// The entry that most spoilings change: it has bytes, and an entry before and behind it.
pub(super) const SCRIPT: usize = 1;

/// Who packed the app.
#[derive(Clone, Copy)]
pub(super) enum Base {
    /// `guichet build`.
    Ours,
    /// Another tool, without compression.
    Stored,
    /// Another tool, with compression.
    Deflated,
}

impl Base {
    pub(super) const ALL: [Self; 3] = [Self::Ours, Self::Stored, Self::Deflated];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Stored => "stored",
            Self::Deflated => "deflated",
        }
    }

    /// The archive, ready to be spoiled.
    pub(super) fn zip(self) -> Zip {
        let honest = FILES.map(|(name, text)| entry(name, text));
        match self {
            Self::Ours => Zip { before_directory: signing_block(), ..Zip::of(&honest) },
            Self::Stored => Zip::of(&honest.map(|entry| Entry { flags: Some(0), ..entry })),
            Self::Deflated => Zip::of(&honest.map(deflated)),
        }
    }
}

pub(super) fn package() -> PackageFile {
    let files: BTreeMap<_, _> =
        FILES.map(|(name, text)| (name.parse().unwrap(), text.as_bytes().to_vec())).into_iter().collect();
    PackageDraft::new(files, &Limits::default()).unwrap().unsealed().unwrap()
}

/// What stands between the last entry and the directory of our own package.
fn signing_block() -> Vec<u8> {
    let package = package();
    let bytes = package.bytes();
    let end = &bytes[bytes.len() - 22..];
    let directory = u32::from_le_bytes([end[16], end[17], end[18], end[19]]) as usize;
    let page = FILES[FILES.len() - 1].1.as_bytes();
    let entries = bytes.windows(page.len()).rposition(|window| window == page).unwrap() + page.len();
    bytes[entries..directory].to_vec()
}

pub(super) fn folder(name: &str) -> Entry {
    Entry { flags: Some(0), made_by: Some(0x0314), attributes: 0o040_755 << 16 | 0x10, ..entry(name, "") }
}
