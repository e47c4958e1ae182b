//! From a reviewer's signature to a release that is verified on a terminal, with the shipped programs: a store, three
//! witnesses of which two must sign, and a desktop that looks every few seconds.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{
    build,
    report::{Figure, Row, Spread},
};
use crate::release;

#[derive(Deserialize)]
struct Measured {
    all: Vec<f64>,
    one_down: Vec<f64>,
    refresh_seconds: u64,
}

/// Measures both cases.
pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    release::build(root)?;
    let programs = build(root, &["-p", "guichet-journeys", "--bin", "guichet-publish-bench"])?;
    let output = Command::new(programs.join("guichet-publish-bench"))
        .current_dir(root)
        .output()
        .context("cannot start guichet-publish-bench")?;
    if !output.status.success() {
        bail!("guichet-publish-bench failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let measured: Measured = serde_json::from_slice(&output.stdout).context("it printed no figures")?;
    let row = |what: &str, seconds: Vec<f64>| -> Result<Row> {
        let n = seconds.len();
        Ok(Row {
            what: what.to_owned(),
            unit: "s",
            figure: Figure::Value(Spread::of(seconds).context("nothing was measured")?),
            n,
            note: format!(
                "reviewer's command to release verified on a desktop that looks every {} s; 2 of 3 witnesses must sign",
                measured.refresh_seconds
            ),
        })
    };
    Ok(vec![row("publish/three-witnesses", measured.all)?, row("publish/one-witness-down", measured.one_down)?])
}
