//! Refusal classes are stable words: each one in the code stands in the reference, and none stands there that is gone.

use std::collections::BTreeSet;

use super::{root, tracked};

/// The first words of all classes.
const KINDS: &[&str] = &[
    "access",
    "address",
    "audit",
    "beacon",
    "blob",
    "bucket",
    "cache",
    "card",
    "check",
    "clipboard",
    "code",
    "container",
    "contents",
    "delta",
    "department",
    "dev",
    "device",
    "digest",
    "disk",
    "document",
    "editor",
    "engine",
    "enrolment",
    "file",
    "files",
    "home",
    "init",
    "icons",
    "invitation",
    "journal",
    "journeys",
    "json",
    "key",
    "kiosk",
    "layout",
    "log",
    "logic",
    "manifest",
    "metadata",
    "names",
    "network",
    "organisation",
    "notify",
    "open-app",
    "package",
    "page",
    "passkey",
    "path",
    "person",
    "policy",
    "print",
    "project",
    "release",
    "request",
    "review",
    "scan",
    "seal",
    "serve",
    "service",
    "session",
    "speech",
    "signature",
    "size",
    "store",
    "submission",
    "telemetry",
    "terminal",
    "token",
    "trust",
    "web",
    "window",
    "yara",
];

fn classes(text: &str) -> BTreeSet<String> {
    let is_class = |literal: &&str| {
        let words: Vec<_> = literal.split('/').collect();
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        matches!(words.as_slice(), [kind, rest] if KINDS.contains(kind) && is_word(rest))
    };
    text.split(['"', '`', '\n']).filter(is_class).map(str::to_owned).collect()
}

#[test]
fn every_refusal_class_is_in_the_reference() {
    let is_source = |path: &str| {
        path.ends_with(".rs")
            && path.contains("/src/")
            && !path.starts_with("xtask")
            && !path.starts_with("samples")
            && !path.ends_with("help_zh.rs")
            && !path.ends_with("tests.rs")
    };
    let mut in_code = BTreeSet::new();
    for path in tracked().iter().filter_map(|path| path.to_str()).filter(|path| is_source(path)) {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let product = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
        in_code.extend(classes(product));
    }
    let reference = classes(&std::fs::read_to_string(root().join("docs/reference/refusals.md")).unwrap());
    let unlisted: Vec<_> = in_code.difference(&reference).collect();
    let gone: Vec<_> = reference.difference(&in_code).collect();
    assert!(
        unlisted.is_empty() && gone.is_empty(),
        "docs/reference/refusals.md lacks {unlisted:#?} and still lists {gone:#?}"
    );
}
