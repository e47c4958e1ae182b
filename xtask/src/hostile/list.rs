//! The list of attacks this platform holds itself against, and what answers each of them.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use anyhow::Result;
use serde::Deserialize;

use super::{Attack, SAMPLES, cell};

const LIST: &str = "list.json";

/// Names of attacks of one kind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    /// What they are about.
    of: String,
    /// One for each attack.
    pub(crate) names: Vec<String>,
}

/// The list, in its order.
pub(crate) fn read(root: &Path) -> Result<Vec<Names>> {
    Ok(serde_json::from_slice(&fs::read(root.join(SAMPLES).join(LIST))?)?)
}

/// For each name the MiniApps and the tests that answer it.
pub(super) fn table(list: &[Names], attacks: &[Attack]) -> String {
    let mut out = String::from(
        "### The same by the names of attacks\n\n\
         Each attack this platform holds itself against, and what holds it: a MiniApp that is run in the shipped window, or a test where an app cannot do it by itself.\n\n\
         | name | MiniApp | test |\n| --- | --- | --- |\n",
    );
    for Names { of, names } in list {
        let _ = writeln!(out, "| **{of}** | | |");
        for name in names {
            let answers: Vec<_> = attacks.iter().filter(|attack| attack.answers.contains(name)).collect();
            let samples: Vec<_> = answers.iter().filter_map(|attack| attack.sample.as_deref()).collect();
            let samples: Vec<_> = unique(samples).iter().map(|sample| format!("`{sample}`")).collect();
            let tests = answers.iter().filter(|attack| attack.sample.is_none()).map(|attack| attack.tested()).collect();
            let _ = writeln!(out, "| {} | {} | {} |", cell(name), samples.join(", "), unique(tests).join(", "));
        }
    }
    out
}

/// Each once, in the order of the first.
fn unique<T: Ord + Clone>(all: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    all.into_iter().filter(|one| seen.insert(one.clone())).collect()
}
