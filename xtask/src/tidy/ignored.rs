//! What a test says of the run that takes it: whoever is ignored with a word about `--full` is named in `test.rs`.

use std::path::Path;

use super::{root, tracked};

/// The names of tests that are left to `cargo xtask test --full`, with their modules.
fn left_to_full(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let place = path.with_extension("");
    let names: Vec<&str> = place.iter().filter_map(|part| part.to_str()).skip_while(|part| *part != "tests").collect();
    let modules = names.get(2..).unwrap_or_default().join("::");
    let ignored = text
        .split("#[ignore = \"")
        .skip(1)
        .filter(|rest| rest.split_once("\"]").is_some_and(|(why, _)| why.contains("--full")));
    let name = |rest: &str| Some(rest.split_once("fn ")?.1.split_once('(')?.0.to_owned());
    ignored.filter_map(name).map(|name| format!("{modules}::{name}")).collect()
}

#[test]
fn what_is_left_to_the_full_run_is_in_it() {
    let runs = std::fs::read_to_string(root().join("xtask/src/test.rs")).unwrap();
    let is_filter = |text: &&str| {
        let is_name = text.chars().all(|sign| sign.is_ascii_alphanumeric() || ":_".contains(sign));
        is_name && (text.contains("::") || text.contains('_'))
    };
    let filters: Vec<&str> = runs.split('"').skip(1).step_by(2).filter(is_filter).collect();
    let is_test = |path: &Path| {
        path.extension().is_some_and(|extension| extension == "rs") && path.iter().any(|part| part == "tests")
    };
    let left = tracked().into_iter().filter(|path| is_test(path)).flat_map(|path| left_to_full(&path));
    let left: Vec<String> = left.collect();
    assert!(left.len() > 20, "{left:?}");
    let nobody_s: Vec<_> = left.iter().filter(|name| !filters.iter().any(|filter| name.contains(filter))).collect();
    assert!(nobody_s.is_empty(), "ignored, and no run of xtask/src/test.rs takes them: {nobody_s:#?}");
}
