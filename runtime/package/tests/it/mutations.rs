//! Every document of the fixtures, changed at random: nothing panics, and what is accepted can be written and read again.

use std::{fs, path::Path};

use guichet_package::{
    Brake, Limits, PackageFile, PublisherKeys, ReleaseDocument, Seals, Statement, TrustFile,
    manifest::{LocalizationResource, process},
};
use proptest::prelude::*;

use crate::support::MANIFEST;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/formats/v1").join(name)).unwrap()
}

/// What is put into a document: pieces that mean something to some parser, and bytes that mean nothing.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"",
        b",",
        b":",
        b"null",
        b"true",
        b"-0",
        b"1e9",
        b"9007199254740993",
        b"\\u0000",
        b"\\ud800",
        b"\xff",
        b"\xe2\x80\xae",
        b"..",
        b"/",
        b"\\",
        b"*",
        b"\"format\":1",
        b"ed25519:",
        b"zh-Hans",
        b"#fff",
        b"//host/",
        b"PK\x03\x04",
        b"\0\0\0\0",
        b"[[[[[[[[[[[[[[[[",
    ];
    prop_oneof![prop::sample::select(words).prop_map(<[u8]>::to_vec), prop::collection::vec(any::<u8>(), 0..8)]
}

/// Some cuts of a document, each filled with a piece or with another part of the document.
fn mutated(seed: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let index = any::<prop::sample::Index>;
    let edit = (index(), 0..40_usize, prop::option::of(piece()), index());
    prop::collection::vec(edit, 1..5).prop_map(move |edits| {
        let mut bytes = seed.clone();
        for (at, length, piece, from) in edits {
            let at = at.index(bytes.len() + 1);
            let from = from.index(bytes.len() + 1);
            let end = bytes.len().min(at + length);
            let piece = piece.unwrap_or_else(|| bytes[from..bytes.len().min(from + length)].to_vec());
            bytes.splice(at..end, piece);
        }
        bytes
    })
}

/// Parses and writes again; `None` if it is refused.
type Reader = fn(&[u8]) -> Option<Vec<u8>>;

const DOCUMENTS: [(&str, Reader); 6] = [
    ("statement.json", |bytes| Statement::parse(bytes, &Limits::default()).ok()?.to_bytes().ok()),
    ("seals.json", |bytes| Seals::parse(bytes, &Limits::default()).ok()?.to_bytes().ok()),
    ("release.json", |bytes| ReleaseDocument::parse(bytes).ok()?.to_bytes().ok()),
    ("brake.json", |bytes| Brake::parse(bytes).ok()?.to_bytes().ok()),
    ("publisher-keys.json", |bytes| PublisherKeys::parse(bytes).ok()?.to_bytes().ok()),
    ("guichet.trust.json", |bytes| TrustFile::parse(bytes).ok().map(|_| bytes.to_vec())),
];

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn a_changed_document_is_refused_or_is_what_it_says() {
    for (name, read) in DOCUMENTS {
        let good = fixture(name);
        assert_eq!(read(&good).as_ref(), Some(&good), "{name}");
        let mut runner = proptest::test_runner::TestRunner::new(config(500));
        let verdict = runner.run(&mutated(good), |bytes| {
            if let Some(again) = read(&bytes) {
                prop_assert!(read(&again).as_ref() == Some(&again), "{}: {}", name, String::from_utf8_lossy(&bytes));
            }
            Ok(())
        });
        assert!(verdict.is_ok(), "{name}: {verdict:?}");
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn a_changed_manifest_is_refused_or_processed(bytes in mutated(MANIFEST.as_bytes().to_vec())) {
        if let Ok((manifest, _)) = process(&bytes) {
            prop_assert!(!manifest.pages.is_empty());
        }
    }

    #[test]
    fn a_changed_localization_is_refused_or_read(bytes in mutated(
        br#"{"manifest":{"name":"x","description":"y","req_permissions":{"host:storage":"z"},"icons":[{"label":"i"}]}}"#.to_vec(),
    )) {
        if let Ok(resource) = LocalizationResource::parse(&bytes) {
            let (manifest, _) = process(MANIFEST.as_bytes()).unwrap();
            prop_assert_eq!(&manifest.localized(&resource).app_id, &manifest.app_id);
        }
    }

    #[test]
    fn a_changed_package_is_refused_unless_only_a_seal_was_changed(bytes in mutated(fixture("package.ma"))) {
        let good = PackageFile::open(fixture("package.ma"), &Limits::default()).unwrap();
        if let Ok(opened) = PackageFile::open(bytes, &Limits::default()) {
            prop_assert_eq!(opened.statement_bytes(), good.statement_bytes());
            prop_assert!(opened.files().eq(good.files()));
        }
    }
}
