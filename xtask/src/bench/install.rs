//! `bench install`: putting a release in its place, beside what no installation can do without.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::{
    build,
    report::{Figure, Row, Spread},
};

const ROUNDS: usize = 21;
/// They warm the page cache and the engine, and do not count.
const WARM: usize = 3;

#[derive(Deserialize)]
struct Took {
    ours: f64,
    floor: f64,
}

pub(super) fn measure(root: &Path) -> Result<Vec<Row>> {
    let programs = build(root, &["-p", "guichet-host", "--example", "install_beside_floor"])?;
    let folder = root.join("target/bench/install");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut program = Command::new(programs.join("examples/install_beside_floor"));
    let output = program.arg((WARM + ROUNDS).to_string()).arg(&folder).output().context("cannot start the example")?;
    if !output.status.success() {
        bail!("failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let lines = String::from_utf8(output.stdout)?;
    let took = lines.lines().map(serde_json::from_str).collect::<Result<Vec<Took>, _>>()?;
    let took = took.get(WARM..).context("too few rounds")?;
    let spread = |of: fn(&Took) -> f64| Spread::of(took.iter().map(of).collect()).context("nothing was measured");
    let row = |what: &str, unit, figure, note: &str| Row {
        what: what.to_owned(),
        unit,
        figure,
        n: took.len(),
        note: note.to_owned(),
    };
    Ok(vec![
        row(
            "install/floor",
            "wall time",
            Figure::Ratio(spread(|took| took.ours / took.floor)?),
            "Host::install of 20 MiB in 87 files on a new home until it is placed and durable, beside zstd, SHA-256, one signature \
             and one file flushed once",
        ),
        row("install/ours", "ms", Figure::Value(spread(|took| took.ours)?), "the installation"),
        row("install/peer", "ms", Figure::Value(spread(|took| took.floor)?), "the floor"),
    ])
}
