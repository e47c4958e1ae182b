//! What `guichet check` says: most of it is only known to a parser of JavaScript, which the store has not.

use guichet_api::{CheckFinding, CheckWeight, Said};
use serde::Deserialize;

use super::{
    run::Broke,
    runner::{MOST_TIME, Tried, Turn, answered, not_there},
};

/// What other checks have said already.
const SAID_ELSEWHERE: [&str; 6] = [
    "check/secret",
    "check/random-text",
    "check/undeclared-permission",
    "check/unreferenced",
    "check/version-name",
    "check/target-code",
];

/// The most findings that are kept.
const MOST_FINDINGS: usize = 200;

/// What `guichet check --json` answers.
#[derive(Deserialize)]
struct AtTheDesk {
    findings: Vec<DeskFinding>,
}

#[derive(Deserialize)]
struct DeskFinding {
    class: String,
    severity: String,
    path: String,
    #[serde(default)]
    line: Option<u32>,
    what: String,
    hint: String,
}

/// What a developer would have been told, in both languages.
pub(super) async fn look(turn: &Turn<'_>) -> Result<Tried, Broke> {
    let Some(program) = turn.checks.find("guichet") else { return Ok(not_there("guichet")) };
    let package = turn.package().await?;
    let mut said = Vec::new();
    for lang in ["en", "zh"] {
        let mut command = turn.caged(&program, &[&package]);
        command.args(["--json", "--lang", lang, "check"]).arg(&*package);
        let ran = turn.run(command, None, MOST_TIME).await?;
        said.push(answered::<AtTheDesk>(&ran)?.findings);
    }
    let [english, chinese] = <[Vec<DeskFinding>; 2]>::try_from(said).unwrap_or_default();
    let both = english.into_iter().zip(chinese);
    let findings = both.filter(|(found, _)| !SAID_ELSEWHERE.contains(&found.class.as_str())).map(|(found, chinese)| {
        let weight = if found.severity == "error" { CheckWeight::Warning } else { CheckWeight::Note };
        CheckFinding {
            class: found.class,
            weight,
            path: Some(found.path),
            line: found.line,
            like: None,
            what: Said { en: found.what, zh: chinese.what },
            hint: Said { en: found.hint, zh: chinese.hint },
        }
    });
    Ok(Tried::Done(findings.take(MOST_FINDINGS).collect()))
}
