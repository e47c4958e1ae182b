//! The report: Evaluation and Report Language (EARL) 1.0 in JSON-LD, one assertion for each case and mode.

use std::{path::Path, process::Command};

use anyhow::Result;
use serde_json::{Value, json};

use super::{
    Outcome,
    suite::{Case, Suite},
};

pub(super) fn report(root: &Path, suite: &Suite, outcomes: &[Outcome]) -> Result<Value> {
    let commit = Command::new("git").args(["rev-parse", "HEAD"]).current_dir(root).output()?;
    let commit = String::from_utf8(commit.stdout)?.trim().to_owned();
    let subject = |mode: &str| {
        json!({
            "@id": format!("#guichet-{mode}"),
            "@type": ["earl:Software", "earl:TestSubject"],
            "dct:title": format!("Guichet, {mode}"),
            "dct:hasVersion": format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
        })
    };
    let mut graph = vec![
        json!({"@id": "#suite", "@type": ["earl:Software", "earl:Assertor"], "dct:title": "cargo xtask conformance"}),
        subject("strict"),
        subject("compat"),
    ];
    let case = |outcome: &Outcome| suite.cases.iter().find(|case| case.name == outcome.case);
    graph.extend(outcomes.iter().filter_map(|outcome| Some(assertion(case(outcome)?, suite, outcome))));
    Ok(json!({
        "@context": {"earl": "http://www.w3.org/ns/earl#", "dct": "http://purl.org/dc/terms/"},
        "@graph": graph,
    }))
}

/// What ends as it must passes, unless it is on purpose not what the text says.
fn assertion(case: &Case, suite: &Suite, outcome: &Outcome) -> Value {
    let stricter = case.stricter.as_ref().filter(|_| outcome.found.starts_with("refused"));
    let (word, why) = match (&outcome.problem, stricter) {
        (Some(problem), _) => ("failed", problem.clone()),
        (None, Some(stricter)) => ("failed", format!("{}; on purpose: {stricter}", outcome.found)),
        (None, None) => ("passed", outcome.found.clone()),
    };
    let clause = |id: &String| {
        let requirement = suite.requirements.iter().find(|one| one.id == *id)?;
        Some(json!({"@id": format!("#{id}"), "dct:title": format!("{}: {}", requirement.clause, requirement.text)}))
    };
    json!({
        "@type": "earl:Assertion",
        "earl:assertedBy": {"@id": "#suite"},
        "earl:subject": {"@id": format!("#guichet-{}", outcome.mode)},
        "earl:mode": {"@id": "earl:automatic"},
        "earl:test": {
            "@id": format!("#{}", case.name),
            "@type": "earl:TestCase",
            "dct:title": case.about,
            "dct:isPartOf": case.shows.iter().filter_map(clause).collect::<Vec<_>>(),
        },
        "earl:result": {
            "@type": "earl:TestResult",
            "earl:outcome": {"@id": format!("earl:{word}")},
            "dct:description": why,
        },
    })
}
