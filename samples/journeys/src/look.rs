//! `guichet-desktop --open FILE --unsealed`: what it says about a package, and the picture it makes.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    display::Display,
    process::{Finished, program, run},
};

/// What a look has left: how it ended, the report and where the picture is.
#[derive(Debug)]
pub struct Looked {
    /// How the program ended and what it said.
    pub finished: Finished,
    /// The report; null if there is none.
    pub report: Value,
    /// Where the picture is, if there is one.
    pub picture: PathBuf,
}

/// Where a look may write what it takes away itself, below the folder of the package.
pub const TEMPORARY: &str = "tmp";

/// The runtime folder of whoever looks at packages in a folder, and one for what is temporary.
pub fn runtime(folder: &Path) -> Result<PathBuf> {
    let runtime = folder.join("run");
    for folder in [&runtime, &folder.join(TEMPORARY)] {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    Ok(runtime)
}

/// Looks at a package file; `name` is what the picture is called.
pub fn look(display: &Display, package: &Path, name: &str, arguments: &[&str]) -> Result<Looked> {
    let folder = package.parent().context("a file lies in a folder")?;
    let (picture, report) = (folder.join(format!("{name}.png")), folder.join(format!("{name}.json")));
    let mut command = program("guichet-desktop")?;
    command.arg("--open").arg(package).arg("--unsealed").args(arguments);
    command.arg("--screenshot").arg(&picture).arg("--report").arg(&report);
    command.env("DISPLAY", display.name()).env("GUICHET_HOME", folder.join("no-home")).args(["--lang", "en"]);
    command.env("XDG_RUNTIME_DIR", runtime(folder)?).env("TMPDIR", folder.join(TEMPORARY));
    let finished = run(&mut command)?;
    let report = match std::fs::read(&report) {
        Ok(report) => serde_json::from_slice(&report)?,
        Err(_) => Value::Null,
    };
    Ok(Looked { finished, report, picture })
}
