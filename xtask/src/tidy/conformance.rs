//! Every requirement of W3C's list stands in a docstring and is shown by a case or a test, and the document says so.

use std::fs;

use super::{root, tracked};
use crate::conformance::{suite::Suite, table};

/// Comments that say what code is for, in what we ship.
fn docstrings() -> String {
    let is_source = |path: &str| path.contains("/src/") && [".rs", ".js", ".wit"].iter().any(|end| path.ends_with(end));
    let mut all = String::new();
    for path in tracked().iter().filter_map(|path| path.to_str()).filter(|path| is_source(path)) {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let is_comment = |line: &&str| ["///", "//!", "//", "*", "/*"].iter().any(|mark| line.trim().starts_with(mark));
        all.extend(text.lines().filter(is_comment).flat_map(|line| [line, "\n"]));
    }
    all
}

/// Whether the id stands there as a word of its own: L1 is neither in L12 nor in P-L1.
fn names(text: &str, id: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.match_indices(id).any(|(at, _)| {
        let after = text[at + id.len()..].chars();
        let goes_on = after.clone().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
            || after.clone().next() == Some('-') && after.clone().nth(1).is_some_and(|c| c.is_ascii_digit());
        !goes_on && !text[..at].ends_with(is_part)
    })
}

#[test]
fn every_requirement_has_a_docstring_and_a_case() {
    let suite = Suite::read(&root()).unwrap();
    let docstrings = docstrings();
    let mut wrong = Vec::new();
    for one in &suite.requirements {
        let is_documented = names(&docstrings, &one.id);
        let is_shown = suite.cases.iter().any(|case| case.shows.contains(&one.id)) || suite.tests.contains_key(&one.id);
        if !(is_documented && is_shown) {
            wrong.push(format!("{}: docstring {is_documented}, case or test {is_shown}", one.id));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_case_shows_is_in_the_list() {
    let suite = Suite::read(&root()).unwrap();
    let known = |id: &String| suite.requirements.iter().any(|one| one.id == *id);
    let unknown: Vec<_> =
        suite.cases.iter().filter(|case| !case.shows.iter().all(known)).map(|case| &case.name).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_conformance_document_is_current() {
    let suite = Suite::read(&root()).unwrap();
    let written = fs::read_to_string(root().join("docs/conformance.md")).unwrap();
    assert!(
        table::document(&root(), &suite).unwrap() == written,
        "docs/conformance.md is out of date: cargo xtask conformance --tables"
    );
}

#[test]
fn an_id_is_a_word_of_its_own() {
    assert!(names("/// (L1, L2)", "L1"));
    assert!(names("/// M-window-1.", "M-window-1"));
    for text in ["L12", "P-L1", "M-window-11", "XL1"] {
        assert!(!names(text, "L1") && !names(text, "M-window-1"), "{text}");
    }
    assert!(!names("M-name-1", "M-name"));
}
