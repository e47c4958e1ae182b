//! Rules about every file of ours.

use std::path::Path;

use super::{root, tracked};

fn rust_files() -> Vec<(String, String)> {
    let is_rust = |path: &Path| path.extension().is_some_and(|extension| extension == "rs");
    let read =
        |path: std::path::PathBuf| (path.display().to_string(), std::fs::read_to_string(root().join(&path)).unwrap());
    tracked().into_iter().filter(|path| is_rust(path)).map(read).collect()
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    let silent: Vec<_> = rust_files()
        .into_iter()
        .filter(|(_, text)| !text.trim_start_matches('\n').starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "these files do not open with a //! sentence: {silent:#?}");
}

#[test]
fn no_file_is_longer_than_eight_hundred_lines() {
    let long: Vec<_> =
        rust_files().into_iter().filter(|(_, text)| text.lines().count() > 800).map(|(path, _)| path).collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

#[test]
fn nothing_is_left_for_later_in_silence() {
    let marks = ["TO", "FIX", "XX"].into_iter().zip(["DO", "ME", "X"]).map(|(a, b)| format!("{a}{b}"));
    let marks: Vec<_> = marks.collect();
    let left: Vec<_> = rust_files()
        .into_iter()
        .filter(|(_, text)| {
            text.split(|c: char| !c.is_alphanumeric()).any(|word| marks.iter().any(|mark| word == mark))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(left.is_empty(), "{left:#?}");
}

/// `cargo xtask test` does not look for tests in documentation, so none may stand there.
#[test]
fn no_example_in_documentation_is_a_test() {
    let has_one = |text: &str| {
        let mut is_open = false;
        text.lines().any(|line| {
            let said = ["///", "//!"].iter().find_map(|mark| line.trim_start().strip_prefix(mark));
            let Some(kind) = said.and_then(|said| said.trim().strip_prefix("```")) else {
                is_open &= said.is_some();
                return false;
            };
            is_open = !is_open;
            is_open && !matches!(kind, "text" | "json")
        })
    };
    // It is built for another machine.
    let ours = rust_files().into_iter().filter(|(path, _)| !path.starts_with("host-apis/guest/"));
    let tested: Vec<_> = ours.filter(|(_, text)| has_one(text)).map(|(path, _)| path).collect();
    assert!(tested.is_empty(), "{tested:#?}");
}

/// Each program that has tests is linked a second time for them.
#[test]
fn a_program_of_which_it_is_said_has_no_tests() {
    let files = rust_files();
    let mut seen = 0;
    for manifest in tracked().into_iter().filter(|path| path.ends_with("Cargo.toml")) {
        let text = std::fs::read_to_string(root().join(&manifest)).unwrap();
        let programs = text.split("[[bin]]").skip(1).map(|rest| rest.split("\n[").next().unwrap_or_default());
        for program in programs.filter(|program| program.contains("test = false")) {
            let path = program.split("path = \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            let path = manifest.with_file_name(path).display().to_string();
            // The modules of a program that has a folder of its own.
            let folder = path.strip_suffix("main.rs").filter(|folder| !folder.ends_with("src/"));
            let its = files.iter().filter(|(file, _)| *file == path || folder.is_some_and(|own| file.starts_with(own)));
            for (file, text) in its {
                seen += 1;
                assert!(!text.contains("test]"), "{file} has tests, and {} says it has none", manifest.display());
            }
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn no_room_is_a_drawer() {
    let drawer = |path: &Path| {
        path.components().any(|part| {
            matches!(
                part.as_os_str().to_str(),
                Some("utils" | "util" | "common.rs" | "helpers" | "helpers.rs" | "utils.rs" | "util.rs" | "misc.rs")
            )
        })
    };
    let drawers: Vec<_> = tracked()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") && drawer(path))
        .collect();
    assert!(drawers.is_empty(), "{drawers:#?}");
}

#[test]
fn links_in_documents_lead_somewhere() {
    for path in tracked().into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        let folder = root().join(&path).parent().unwrap().to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            let is_local = !target.is_empty()
                && !target.contains("://")
                && !target.starts_with("mailto:")
                && !target.contains(' ');
            assert!(!is_local || folder.join(target).exists(), "{}: the link {link} leads nowhere", path.display());
        }
    }
}

#[test]
fn every_surface_has_the_same_tokens() {
    let [shell, store] = ["runtime/shell/src/home/tokens.css", "store-server/server/assets/tokens.css"]
        .map(|path| std::fs::read_to_string(root().join(path)).unwrap());
    assert!(shell == store, "the host's tokens.css and the store's differ: change both");
}
