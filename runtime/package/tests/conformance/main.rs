//! The conformance suite: one package for each normative clause, positive and negative, judged without a window.
//!
//! The cases lie in fixtures/conformance. With `GUICHET_CONFORMANCE_OUT` naming a folder, the results and the packages go
//! there, for the report of `cargo xtask conformance` and for the cases that need a window.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod archive;
mod case;
mod judge;
mod view;
#[path = "../corpus/zip.rs"]
#[expect(dead_code, reason = "the hostile archives of the other tests lie in more ways")]
mod zip;

use std::{env, fs, path::Path};

use case::{Case, Verdict, W3c};
use serde_json::{Value, json};

/// How one case ended in one mode.
struct Result {
    case: String,
    mode: &'static str,
    problem: Option<String>,
    found: Verdict,
}

#[test]
fn every_case_ends_as_it_must() {
    let cases = case::all();
    assert!(cases.len() >= 120, "there are only {} cases", cases.len());
    let results: Vec<Result> = cases.iter().flat_map(run).collect();
    if let Some(folder) = env::var_os("GUICHET_CONFORMANCE_OUT") {
        write(Path::new(&folder), &cases, &results);
    }
    let problems: Vec<String> = results
        .iter()
        .filter_map(|result| Some(format!("{} ({}): {}", result.case, result.mode, result.problem.as_ref()?)))
        .collect();
    assert!(problems.is_empty(), "{} cases:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn strict_is_as_the_text_or_says_why_not() {
    for case in case::all() {
        let is_accepted = matches!(case.expected.strict, Verdict::Accepted(_));
        let agrees = match case.expected.w3c {
            W3c::Accepted => is_accepted,
            W3c::Refused => !is_accepted,
            W3c::Silent => true,
        };
        assert_eq!(agrees, case.expected.stricter.is_none(), "{}", case.name);
        assert!(case.expected.w3c != W3c::Refused || !is_accepted, "{} is laxer than the text", case.name);
    }
}

#[test]
fn the_base_app_is_a_package_with_nothing_to_remark_on() {
    let input = serde_json::from_value(json!({"about": "the base app"})).unwrap();
    let expected = serde_json::from_value(json!({"w3c": "accepted", "strict": {"accepted": {}}})).unwrap();
    let case = Case { name: "base".to_owned(), input, expected };
    assert_eq!(judge::strict(&case), case.expected.strict);
}

fn run(case: &Case) -> Vec<Result> {
    let judged = |mode, wanted: &Verdict, found: Verdict| {
        let about = &case.input.about;
        let problem = (found != *wanted).then(|| format!("{about}\n    expected {wanted:?}\n    found {found:?}"));
        Result { case: case.name.clone(), mode, problem, found }
    };
    let expected = &case.expected;
    let bent = expected.compat.as_ref().unwrap_or(&expected.strict);
    vec![judged("strict", &expected.strict, judge::strict(case)), judged("compat", bent, judge::compat(case, bent))]
}

/// Writes `results.json` and the packages as `packages/<case>.ma`.
fn write(folder: &Path, cases: &[Case], results: &[Result]) {
    let packages = folder.join("packages");
    fs::create_dir_all(&packages).unwrap();
    for case in cases {
        let bytes = archive::pack(&archive::files(&case.input), &case.input.archive);
        fs::write(packages.join(format!("{}.ma", case.name)), bytes).unwrap();
    }
    let line = |result: &Result| {
        let found = match &result.found {
            Verdict::Accepted(_) => "accepted".to_owned(),
            Verdict::Refused(class) => format!("refused: {class}"),
        };
        json!({
            "case": result.case,
            "mode": result.mode,
            "passed": result.problem.is_none(),
            "found": found,
            "problem": result.problem,
        })
    };
    let lines: Vec<Value> = results.iter().map(line).collect();
    fs::write(folder.join("results.json"), serde_json::to_vec_pretty(&lines).unwrap()).unwrap();
}
