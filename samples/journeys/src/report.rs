//! What a demo did, step by step, in the shape of the formats reference.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Every step of the desktop demo, in order.
pub const STEPS: [&str; 16] = [
    "setup",
    "build",
    "store-up",
    "publish-v1",
    "refuse-self-approval",
    "approve-v1",
    "install",
    "home",
    "open-v1",
    "fill-form",
    "publish-v2",
    "approve-v2",
    "update-notice",
    "open-v2",
    "data-kept",
    "teardown",
];

/// One step: how it ended, how long it took, and what it has to say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// One of [`STEPS`].
    pub name: String,
    /// Whether it did what it should.
    pub ok: bool,
    /// Milliseconds.
    pub ms: u64,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What else the step reports.
    #[serde(flatten)]
    pub facts: Map<String, Value>,
}

/// The report of a demo.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Whether every step is ok.
    pub ok: bool,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

impl Report {
    /// A report that goes on from steps done elsewhere.
    pub fn after(steps: Vec<Step>) -> Self {
        Self { ok: false, steps }
    }

    /// Does a step and writes down how it ended; after a failed step only `teardown` is still done.
    pub fn step(&mut self, name: &str, act: impl FnOnce(&mut Map<String, Value>) -> Result<()>) {
        let begun = Instant::now();
        let mut facts = Map::new();
        let done =
            if self.has_failed() && name != "teardown" { Err(anyhow::anyhow!("not reached")) } else { act(&mut facts) };
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &done {
            Ok(()) => println!("{name:<22} ok     {ms:>6} ms"),
            Err(error) => println!("{name:<22} FAILED {ms:>6} ms\n  {error:#}"),
        }
        self.steps.push(Step {
            name: name.to_owned(),
            ok: done.is_ok(),
            ms,
            error: done.err().map(|error| format!("{error:#}")),
            facts,
        });
    }

    /// Whether any step so far has failed.
    pub fn has_failed(&self) -> bool {
        self.steps.iter().any(|step| !step.ok)
    }

    /// The step of a name, if it was done.
    pub fn get(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// Judges the whole and writes `report.json`.
    pub fn finish(self, folder: &Path) -> Result<Self> {
        self.finish_as(folder, &STEPS)
    }

    /// The same, by another list of steps.
    pub fn finish_as(mut self, folder: &Path, steps: &[&str]) -> Result<Self> {
        self.ok = !self.has_failed() && self.steps.iter().map(|step| step.name.as_str()).eq(steps.iter().copied());
        let file = folder.join("report.json");
        std::fs::write(&file, serde_json::to_vec_pretty(&self)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
        Ok(self)
    }
}
