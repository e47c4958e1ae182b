//! The suite as it lies under fixtures/conformance: requirements, cases, and tests that are named after a requirement.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

/// One row of what W3C asks for.
#[derive(Debug, Deserialize)]
pub(crate) struct Requirement {
    /// Stable.
    pub(crate) id: String,
    /// Where it stands.
    pub(crate) clause: String,
    /// MUST, SHOULD, MAY, or `ours`.
    pub(crate) level: String,
    /// In our words.
    pub(crate) text: String,
}

/// One folder.
#[derive(Debug)]
pub(crate) struct Case {
    /// The folder's name.
    pub(crate) name: String,
    /// The ids of the requirements it shows, the one it is named after first.
    pub(crate) shows: Vec<String>,
    /// One sentence.
    pub(crate) about: String,
    /// `accepted`, `refused` or `silent`: the letter of the text.
    pub(crate) w3c: String,
    /// Why strict refuses what the text accepts.
    pub(crate) stricter: Option<String>,
    /// What strict says, in a few words.
    pub(crate) strict: String,
    /// What `--compat` says, if something else.
    pub(crate) compat: Option<String>,
    /// Whether a window must show something.
    pub(crate) has_glass: bool,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) cases: Vec<Case>,
    /// Tests by the requirement they are named after: `path::function`.
    pub(crate) tests: BTreeMap<String, Vec<String>>,
}

impl Suite {
    /// Reads the fixtures and looks for tests in what git knows.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let folder = root.join("fixtures/conformance");
        let requirements: Vec<Requirement> = serde_json::from_slice(&fs::read(folder.join("requirements.json"))?)?;
        let mut cases = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.join("input.json").is_file() {
                cases.push(read_case(&path, &requirements).with_context(|| path.display().to_string())?);
            }
        }
        let place = |id: &str| requirements.iter().position(|one| one.id == id);
        cases.sort_by_key(|case| (case.shows.first().and_then(|id| place(id)), case.name.clone()));
        let tests = tests(root, &requirements)?;
        Ok(Self { requirements, cases, tests })
    }
}

fn read_case(path: &Path, requirements: &[Requirement]) -> Result<Case> {
    let json = |name: &str| -> Result<Value> { Ok(serde_json::from_slice(&fs::read(path.join(name))?)?) };
    let (input, expected) = (json("input.json")?, json("expected.json")?);
    let name = path.file_name().context("a folder has a name")?.to_string_lossy().into_owned();
    let named = requirements.iter().filter(|one| name.starts_with(&format!("{}-", one.id)));
    let first =
        named.max_by_key(|one| one.id.len()).with_context(|| format!("{name} is named after no requirement"))?;
    let mut shows = vec![first.id.clone()];
    shows.extend(input["also"].as_array().into_iter().flatten().filter_map(|id| Some(id.as_str()?.to_owned())));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Ok(Case {
        shows,
        about: text(&input["about"]).context("about")?,
        w3c: text(&expected["w3c"]).context("w3c")?,
        stricter: text(&expected["stricter"]),
        strict: verdict(&expected["strict"]),
        compat: Some(&expected["compat"]).filter(|compat| !compat.is_null()).map(verdict),
        has_glass: expected["glass"].as_object().is_some_and(|glass| !glass.is_empty()),
        name,
    })
}

fn verdict(value: &Value) -> String {
    match value["refused"].as_str() {
        Some(class) => format!("refused `{class}`"),
        None => "accepted".to_owned(),
    }
}

/// The functions whose name begins with requirements' ids in lower case, such as `p_a12_l3_…` for P-A12 and L3.
fn tests(root: &Path, requirements: &[Requirement]) -> Result<BTreeMap<String, Vec<String>>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"])
        .current_dir(root)
        .output()?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in String::from_utf8(output.stdout)?.lines() {
        let Ok(text) = fs::read_to_string(root.join(path)) else { continue };
        let function = |line: &str| -> Option<String> {
            let line = line.trim();
            Some(line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?.split('(').next()?.to_owned())
        };
        for function in text.lines().filter_map(function) {
            for id in named_after(&function, requirements) {
                found.entry(id).or_default().push(format!("{path}: {function}"));
            }
        }
    }
    Ok(found)
}

/// The ids that a function's name begins with, one behind the other.
fn named_after(function: &str, requirements: &[Requirement]) -> Vec<String> {
    let (mut rest, mut ids) = (function, Vec::new());
    while let Some((one, after)) = requirements
        .iter()
        .filter_map(|one| Some((one, rest.strip_prefix(&one.id.to_lowercase().replace('-', "_"))?.strip_prefix('_')?)))
        .max_by_key(|(one, _)| one.id.len())
    {
        ids.push(one.id.clone());
        rest = after;
    }
    ids
}
