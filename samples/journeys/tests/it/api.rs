//! The store's API as its description has it, for whoever asks: schemathesis makes up requests, good ones and bad ones, and
//! compares every answer with what the document promises.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};
use guichet_journeys::{
    demo::sample,
    process::{must, run},
    town::{OFFICES, Town},
};
use serde_json::{Value, json};

const PERMIT: &str = "gov.example.residence.permit";

/// Names the program; `cargo xtask test` installs it.
const SCHEMATHESIS: &str = "GUICHET_SCHEMATHESIS";
/// How many requests there are at least.
const CASES: &str = "GUICHET_API_CASES";

/// From so many requests on everybody asks.
const LONG: u64 = 10_000;
/// About so many operations has the API; each is tried as often.
const OPERATIONS: u64 = 36;

/// A description of packages for schemathesis.
const PACKAGES: &str = include_str!("../../src/packages.py");

#[test]
#[ignore = "needs schemathesis: run by cargo xtask test"]
fn the_api_keeps_its_word_whoever_asks_and_whatever_for() {
    let program = std::env::var(SCHEMATHESIS).unwrap();
    let cases: u64 = std::env::var(CASES).unwrap().parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut town = Town::found(folder.path(), &OFFICES).unwrap();
    let (released, waiting) = publish(&town, folder.path()).unwrap();
    // More than anybody may ask within a minute.
    town.close().unwrap();
    town.open_with(&["--requests-per-minute", "1000000"]).unwrap();
    let administrator = town.store(&["admin", "person", "add", "--name", "Root", "--role", "administrator"]).unwrap();
    let there = |id: &str| json!({ "path.app": PERMIT, "path.channel": "stable", "path.id": id });
    // Whatever comes to mind in every address, and what is there.
    let runs = [
        (administrator.lines().last().unwrap(), there(&released)),
        (&town.reviewers("residence").unwrap()[0].token, json!({})),
        (&town.developer("residence").unwrap().token, there(&waiting)),
        ("gst_nobody", json!({})),
    ];
    // A short run leaves out those for whom the store does least.
    let runs = if cases < LONG { &runs[..2] } else { &runs[..] };
    let mut made = 0;
    for (number, (token, parameters)) in runs.iter().enumerate() {
        let run = Run { program: &program, folder: folder.path(), url: town.url(), token, parameters, number };
        made += run.through(cases).unwrap();
    }
    println!("{made} requests");
    assert!(made >= cases, "only {made} requests were made");
    // After all of it the store still works.
    assert!(must(town.guichet(town.developer("residence").unwrap()).unwrap().arg("status")).is_ok());
}

/// A release, and a submission that waits for its reviewers.
fn publish(town: &Town, folder: &Path) -> Result<(String, String)> {
    let source = folder.join("permit");
    let package = folder.join("permit.ma");
    let copy = |version: u64| -> Result<String> {
        let source = sample::copy(&super::main_job::samples(), "residence-permit", &source)?;
        let manifest = source.join("manifest.json");
        let mut members: Value = serde_json::from_slice(&fs::read(&manifest)?)?;
        members["version"] = json!({ "code": version, "name": format!("{version}.0.0") });
        fs::write(&manifest, members.to_string())?;
        town.build("residence", &source, &package)?;
        town.publish("residence", &package)
    };
    let released = copy(1)?;
    town.approve("residence", &released)?;
    Ok((released, copy(2)?))
}

/// One run of schemathesis as one person.
struct Run<'a> {
    program: &'a str,
    folder: &'a Path,
    url: &'a str,
    token: &'a str,
    parameters: &'a Value,
    number: usize,
}

impl Run<'_> {
    /// Makes its part of the requests. Says how many there were.
    fn through(&self, cases: u64) -> Result<u64> {
        let place = self.folder.join(format!("run-{}", self.number));
        fs::create_dir_all(&place)?;
        fs::write(place.join("packages.py"), PACKAGES)?;
        fs::write(place.join("schemathesis.toml"), self.settings(cases)?)?;
        let report = place.join("report.json");
        let mut command = Command::new(self.program);
        command.args(["run", "--warnings", "off", "--report-json-path", &report.to_string_lossy()]);
        command.env("PYTHONPATH", &place);
        command.arg(format!("{}/api/v1/openapi.json", self.url)).current_dir(&place);
        let finished = run(&mut command)?;
        anyhow::ensure!(finished.status.success(), "{}\n{}", finished.stdout, finished.stderr);
        let report: Value = serde_json::from_slice(&fs::read(report)?)?;
        report["test_cases"]["generated"].as_u64().with_context(|| format!("no count in {report}"))
    }

    /// What the document promises is checked; 422 answers what has the right form and cannot be done all the same.
    fn settings(&self, cases: u64) -> Result<String> {
        let examples = cases.div_ceil(4 * OPERATIONS).to_string();
        let parameters: String = self
            .parameters
            .as_object()
            .context("no parameters")?
            .iter()
            .map(|(name, value)| format!("\"{name}\" = {value}\n"))
            .collect();
        Ok(format!(
            "seed = 1\nhooks = \"packages\"\ncontinue-on-failure = true\n\n\
             [headers]\nAuthorization = \"Bearer {}\"\n\n[parameters]\n{parameters}\n[generation]\nmax-examples = {examples}\n\
             no-shrink = true\n\n[checks.positive_data_acceptance]\nexpected-statuses = [\"2xx\", 304, 401, 403, 404, 409, 412, 422, 429]\n\n\
             [checks.negative_data_rejection]\nexpected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 428, 429]\n",
            self.token
        ))
    }
}
