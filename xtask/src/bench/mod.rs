//! `cargo xtask bench NAME`: measures ours beside a peer, in turns, and says median and spread.

mod dev;
mod install;
mod kiosk;
mod logic;
mod pairs;
pub(crate) mod peers;
mod publish;
mod refresh;
mod report;
mod serve;
mod turns;
mod update;
mod verify;
mod window;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use clap::ValueEnum;

use self::report::Report;
use crate::shell;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to measure
    #[arg(value_enum)]
    name: Name,
    /// Prints the report as JSON
    #[arg(long)]
    json: bool,
}

/// Every bench there is.
#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// A reviewer's signature to a release verified on a terminal
    Publish,
    /// Bytes of metadata a device fetches, by the number of apps and departments
    Refresh,
    /// `guichet verify` beside reading and hashing the same bytes once
    Verify,
    /// Deltas between real releases beside zip, bsdiff and brotli; applying them beside unpacking the whole package
    Update,
    /// Starts and openings to the first frame, beside a bare window of the same engine and Chromium
    Open,
    /// Messages from page to logic and back, beside raw script messages
    Bridge,
    /// What each further open app takes, beside a further bare view
    Memory,
    /// Installing 20 MiB beside hashing, unpacking and writing the same bytes
    Install,
    /// The store's static files beside nginx on the same files
    Serve,
    /// Logic ready to take its first event, beside native quickjs-ng
    Logic,
    /// A citizen's end until the next one's page can be touched
    Kiosk,
    /// Save to frame in `guichet dev`, beside Vite's development server in Chromium
    Dev,
}

/// Measures, and prints a report of the form that docs/benchmarks.md explains.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    let rows = match arguments.name {
        Name::Publish => publish::measure(root)?,
        Name::Refresh => refresh::measure(root)?,
        Name::Verify => verify::measure(root)?,
        Name::Update => update::measure(root)?,
        Name::Open => window::open(root)?,
        Name::Bridge => window::bridge(root)?,
        Name::Memory => window::memory(root)?,
        Name::Install => install::measure(root)?,
        Name::Serve => serve::measure(root)?,
        Name::Logic => logic::measure(root)?,
        Name::Kiosk => kiosk::measure(root)?,
        Name::Dev => dev::measure(root)?,
    };
    let bench = arguments.name.to_possible_value().context("every bench has a name")?.get_name().to_owned();
    let report = Report { bench, commit: commit(root)?, rows };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(())
}

/// Builds programs for release and says where they lie.
fn build(root: &Path, arguments: &[&str]) -> Result<PathBuf> {
    let mut command = Command::new("cargo");
    command.args(["build", "--release", "--quiet"]).args(arguments).current_dir(root);
    shell::finish(&mut command)?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    Ok(target.join("release"))
}

/// The commit that is measured, marked if files differ from it.
fn commit(root: &Path) -> Result<String> {
    let output =
        Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=12"]).current_dir(root).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
