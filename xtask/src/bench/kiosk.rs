//! How soon the next citizen can come.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use super::{
    build,
    report::{Figure, Row, Spread},
};
use crate::release;

/// `bench kiosk`.
pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    release::build(root)?;
    let programs = build(root, &["-p", "guichet-journeys", "--bin", "guichet-kiosk-bench"])?;
    let output = Command::new(programs.join("guichet-kiosk-bench")).current_dir(root).output();
    let output = output.context("cannot start guichet-kiosk-bench")?;
    if !output.status.success() {
        bail!("guichet-kiosk-bench failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).context("it printed no figures")?;
    let wipe: Vec<f64> = serde_json::from_value(figures.get("wipe").context("no figures of wipe")?.clone())?;
    let n = wipe.len();
    let spread = Spread::of(wipe).context("nothing was measured")?;
    Ok(vec![Row {
        what: "wipe-seconds".to_owned(),
        unit: "s",
        figure: Figure::Value(spread),
        n,
        note: "a card is taken with an app open, until the next citizen's home page can be touched; at most 3"
            .to_owned(),
    }])
}
