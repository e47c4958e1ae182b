//! From a save to the frame that shows it: `guichet dev` beside Vite's development server with the same app in Chromium.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{
    build,
    report::{Figure, Row, Spread},
    window::chromium,
};
use crate::{release, shell};

/// The peer.
const VITE: &str = "8.3.4";

/// `bench dev`.
pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    let vite = vite(root)?;
    let chromium = chromium().context("there is no Chromium to show Vite's page in")?;
    release::build(root)?;
    let programs = build(root, &["-p", "guichet-journeys", "--bin", "guichet-dev-bench"])?;
    let mut command = Command::new(programs.join("guichet-dev-bench"));
    command.arg("--vite").arg(vite).arg("--chromium").arg(chromium);
    let output = command.current_dir(root).output().context("cannot start guichet-dev-bench")?;
    if !output.status.success() {
        bail!("guichet-dev-bench failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let mut figures: BTreeMap<String, Vec<f64>> =
        serde_json::from_slice(&output.stdout).context("it printed no figures")?;
    let mut list = |name: &str| figures.remove(name).with_context(|| format!("no figures of {name}"));
    let (page, peer, logic, style) = (list("page")?, list("vite")?, list("logic")?, list("style")?);
    let ratios = page.iter().zip(&peer).map(|(ours, peer)| ours / peer).collect();
    let note = format!(
        "save of a page to its second frame after it was loaded, by Vite {VITE} with the same page in Chromium; ours checks and packs the folder first"
    );
    Ok(vec![
        row("reload/vite", "wall time", Figure::Ratio, ratios, &note)?,
        row("reload", "ms", Figure::Value, page, "save of a page to its second frame in guichet dev")?,
        row("vite", "ms", Figure::Value, peer, "the same in Vite and Chromium")?,
        row(
            "logic",
            "ms",
            Figure::Value,
            logic,
            "save of app.js until new logic has been given all events and the page has heard of it",
        )?,
        row("style", "ms", Figure::Value, style, "save of a style sheet until the page has been told to take it")?,
    ])
}

/// Vite's program, installed by npm in the version that is named.
fn vite(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/peers").join(format!("vite-{VITE}"));
    let program = folder.join("node_modules/vite/bin/vite.js");
    if !program.is_file() {
        fs::create_dir_all(&folder)?;
        let wanted = format!("vite@{VITE}");
        shell::run(&folder, "npm", &["install", "--silent", "--no-save", "--prefix", ".", &wanted])?;
    }
    Ok(program)
}

fn row(what: &str, unit: &'static str, figure: fn(Spread) -> Figure, values: Vec<f64>, note: &str) -> Result<Row> {
    let n = values.len();
    let spread = Spread::of(values).context("nothing was measured")?;
    Ok(Row { what: what.to_owned(), unit, figure: figure(spread), n, note: note.to_owned() })
}
