//! Opening, messages and memory of the window, beside a bare window of the same engine and beside Chromium.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{
    build, pairs,
    report::{Figure, Row, Spread},
};
use crate::{
    release,
    setup::{self, Package},
    shell,
};

const SANDBOX: &str = "both with the engine's sandbox for the processes that draw";

type Figures = BTreeMap<String, serde_json::Value>;

/// `bench open`.
pub(super) fn open(root: &Path) -> Result<Vec<Row>> {
    let pairs = pairs::make(&root.join("target/bench"))?;
    let new = |name: &str| pairs.iter().find(|pair| pair.name == name).map(|pair| pair.new.join("common"));
    let (vue, react) = (new("vue-vant").context("no such pair")?, new("react").context("no such pair")?);
    let bundle = root.join("target/bench/bundle");
    std::fs::create_dir_all(&bundle)?;
    let mut arguments: Vec<OsString> = Vec::new();
    for (from, to) in [(&vue, "bundle.css"), (&vue, "bundle.js"), (&react, "react.js")] {
        let source = from.join(if to == "react.js" { "bundle.js" } else { to });
        std::fs::copy(&source, bundle.join(to)).with_context(|| format!("{}", source.display()))?;
        arguments.extend(["--bundle".into(), bundle.join(to).into()]);
    }
    let chromium = chromium();
    if let Some(chromium) = &chromium {
        arguments.extend(["--chromium".into(), chromium.into()]);
    }
    if let Err(error) = setup::provide(&[Package { name: "vmtouch", is_for: "holding files in memory" }]) {
        eprintln!("files are not held in memory: {error:#}");
    }
    let figures = measure(root, "open", &arguments)?;
    let ours = list(&figures, "ours")?;
    let held = match figures.get("held").and_then(serde_json::Value::as_bool) {
        Some(true) => "the files that they map held in memory",
        _ => "their files in memory as long as the system likes",
    };
    let mut rows = vec![
        ratio("cold/webkit", &ours, &list(&figures, "webkit")?, &format!("start to first frame, {held}; {SANDBOX}"))?,
        ratio(
            "sandbox-cost",
            &ours,
            &list(&figures, "exposed")?,
            "our start to first frame, with the sandbox by without",
        )?,
        value("cold", "s", ours.clone(), "our start to first frame of an installed app")?,
    ];
    if chromium.is_some() {
        for (row, list_of, profile) in [
            ("cold/chromium", "chromium", "a profile that is kept, as our home is"),
            ("cold/chromium-new", "chromium-new", "a new profile each time"),
        ] {
            let note = format!(
                "Chromium --app with {profile}, without a GPU, {held}; both with their sandboxes, for which Chromium runs as nobody where the bench is root's"
            );
            rows.push(ratio(row, &ours, &list(&figures, list_of)?, &note)?);
        }
    }
    for (row, what) in [("pooled", "blank page"), ("pooled-bundle", "Vue, Vant and React, 1 MB")] {
        let of = |member: &str| -> Result<Vec<f64>> {
            Ok(serde_json::from_value(
                figures.get(row).and_then(|figures| figures.get(member)).context("no figures")?.clone(),
            )?)
        };
        let note =
            format!("wish to first frame of one of 6 apps, {what}, with a view that is ready by without; {SANDBOX}");
        rows.push(ratio(&format!("{row}/unpooled"), &of("with")?, &of("without")?, &note)?);
        rows.push(value(row, "s", of("with")?, "wish to first frame with a view that is ready")?);
    }
    Ok(rows)
}

/// `bench bridge`.
pub(super) fn bridge(root: &Path) -> Result<Vec<Row>> {
    let figures = measure(root, "bridge", &[])?;
    let (ours, raw) = (list(&figures, "ours")?, list(&figures, "raw")?);
    let note =
        format!("100 bytes from page to logic and back, by a script message that the host only returns; {SANDBOX}");
    Ok(vec![
        ratio("round-trip/raw", &ours, &raw, &note)?,
        value("round-trip", "ms", ours, "through broker and the logic's own process")?,
    ])
}

/// `bench memory`.
pub(super) fn memory(root: &Path) -> Result<Vec<Row>> {
    let figures = measure(root, "memory", &[])?;
    let (ours, bare) = (list(&figures, "ours")?, list(&figures, "bare")?);
    let beyond = ours.iter().zip(&bare).map(|(ours, bare)| ours - bare).collect();
    let note = format!(
        "proportional set size of all processes, each of 5 further apps beyond each of 5 further bare views; {SANDBOX}"
    );
    Ok(vec![value("app-pss", "MB", beyond, &note)?, value("app-pss-whole", "MB", ours, "each further app in all")?])
}

fn measure(root: &Path, what: &str, arguments: &[OsString]) -> Result<Figures> {
    release::build(root)?;
    let programs = build(root, &["-p", "guichet-journeys", "--bin", "guichet-window-bench"])?;
    let mut command = Command::new(programs.join("guichet-window-bench"));
    command.arg(what).arg("--bare").arg(bare(root)?).args(arguments);
    let output = command.current_dir(root).output().context("cannot start guichet-window-bench")?;
    if !output.status.success() {
        bail!("guichet-window-bench failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("it printed no figures")
}

/// The bare window, compiled from the source beside this file.
fn bare(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder)?;
    let flags = Command::new("pkg-config").args(["--cflags", "--libs", "webkit2gtk-4.1", "gtk+-3.0"]).output()?;
    let flags = String::from_utf8(flags.stdout)?;
    let program = folder.join("bare");
    let mut command = Command::new("cc");
    command.args(["-O2", "-w", "-o"]).arg(&program).arg(root.join("xtask/src/bench/bare.c"));
    shell::finish(command.args(flags.split_whitespace()))?;
    Ok(program)
}

/// Chromium of this system, which is installed if the system has it as a package.
pub(super) fn chromium() -> Option<PathBuf> {
    let package = Package { name: "chromium", is_for: "a peer that opens pages" };
    if let Err(error) = setup::provide(&[package]) {
        eprintln!("no row beside Chromium: {error:#}");
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|program| program.is_file())
}

fn list(figures: &Figures, name: &str) -> Result<Vec<f64>> {
    Ok(serde_json::from_value(figures.get(name).with_context(|| format!("no figures of {name}"))?.clone())?)
}

fn ratio(what: &str, ours: &[f64], peer: &[f64], note: &str) -> Result<Row> {
    let ratios: Vec<f64> = ours.iter().zip(peer).map(|(ours, peer)| ours / peer).collect();
    let n = ratios.len();
    let spread = Spread::of(ratios).context("nothing was measured")?;
    Ok(Row { what: what.to_owned(), unit: "wall time", figure: Figure::Ratio(spread), n, note: note.to_owned() })
}

fn value(what: &str, unit: &'static str, values: Vec<f64>, note: &str) -> Result<Row> {
    let n = values.len();
    let spread = Spread::of(values).context("nothing was measured")?;
    Ok(Row { what: what.to_owned(), unit, figure: Figure::Value(spread), n, note: note.to_owned() })
}
