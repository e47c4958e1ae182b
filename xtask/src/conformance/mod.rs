//! `cargo xtask conformance`: runs the suite, writes a report in EARL and the tables of docs/conformance.md.

mod earl;
pub(crate) mod suite;
pub(crate) mod table;

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::shell::{self, Compiler};
use suite::Suite;

/// Which cases.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Leaves out the cases that need a window
    #[arg(long)]
    headless: bool,
    /// Runs nothing and only writes the tables of docs/conformance.md
    #[arg(long)]
    tables: bool,
}

/// How one case ended in one mode.
#[derive(Debug, Deserialize)]
pub(crate) struct Outcome {
    /// The case's folder.
    pub(crate) case: String,
    /// `strict` or `compat`.
    pub(crate) mode: String,
    /// Whether it ended as it must.
    pub(crate) passed: bool,
    /// What was found, in a few words.
    pub(crate) found: String,
    /// What is wrong.
    pub(crate) problem: Option<String>,
}

/// Runs all of it, compiled like the other tests.
pub(crate) fn all(root: &Path, compiler: Compiler) -> Result<()> {
    judge(root, compiler, false)
}

/// Does what was asked for.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    if arguments.tables {
        return table::write(root, &Suite::read(root)?);
    }
    judge(root, Compiler::Plain, arguments.headless)
}

/// Runs it, reports, and fails if a case did not end as it must.
fn judge(root: &Path, compiler: Compiler, is_headless: bool) -> Result<()> {
    let out = root.join("target/conformance");
    fs::create_dir_all(&out)?;
    let mut test = compiler.cargo();
    // The whole workspace: a part of it would build its dependencies anew, with fewer features.
    test.args(["test", "--quiet", "--workspace", "--test", "conformance"]);
    let judged = shell::finish(test.current_dir(root).env("GUICHET_CONFORMANCE_OUT", &out));
    let mut outcomes = read(&out.join("results.json"))?;
    let suite = Suite::read(root)?;
    if !is_headless && suite.cases.iter().any(|case| case.has_glass) {
        outcomes.extend(glass(root, compiler, &out)?);
    }
    let report = out.join("earl.jsonld");
    fs::write(&report, serde_json::to_vec_pretty(&earl::report(root, &suite, &outcomes)?)?)?;
    table::write(root, &suite)?;

    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.passed).collect();
    for outcome in &failed {
        eprintln!("{} ({}): {}", outcome.case, outcome.mode, outcome.problem.as_deref().unwrap_or("it failed"));
    }
    println!("{} of {} ended as they must; {}", outcomes.len() - failed.len(), outcomes.len(), report.display());
    judged?;
    if failed.is_empty() { Ok(()) } else { bail!("{} cases did not end as they must", failed.len()) }
}

/// Runs the cases that look at a window: a journey, which writes its results where the headless part has.
fn glass(root: &Path, compiler: Compiler, out: &Path) -> Result<Vec<Outcome>> {
    compiler.build_programs_and_tests(root)?;
    let mut test = compiler.cargo();
    let results = out.join("glass.json");
    if results.exists() {
        fs::remove_file(&results)?;
    }
    test.args(["test", "--quiet", "--workspace", "--test", "it", "--"]);
    test.args(["--ignored", "--exact", "conformance::every_case_shows_what_it_must"]);
    // What is wrong stands in the results, one by one.
    drop(shell::finish(test.current_dir(root).env("GUICHET_CONFORMANCE_OUT", out)));
    read(&results)
}

fn read(path: &Path) -> Result<Vec<Outcome>> {
    let text = fs::read(path).with_context(|| format!("no results in {}", path.display()))?;
    Ok(serde_json::from_slice(&text)?)
}
