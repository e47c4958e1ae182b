//! `cargo xtask`: the commands that set up, show, test and measure the whole house.

mod bench;
mod conformance;
mod demo;
mod fuzz;
mod generate;
mod guests;
mod hostile;
mod package;
mod release;
mod setup;
mod shell;
mod soak;
mod test;
#[cfg(test)]
mod tidy;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Sets up, shows, tests and measures Guichet")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what is missing on this machine and builds the WebAssembly guests
    Setup,
    /// Builds everything and plays the main job, from a department's folder to a citizen's window
    Demo(demo::Arguments),
    /// Runs fmt, clippy, all tests and journeys, as CI does
    Test(test::Arguments),
    /// Measures ours beside a peer and says median and spread
    Bench(bench::Arguments),
    /// Feeds random inputs to the readers of packages and documents
    Fuzz(fuzz::Arguments),
    /// Runs the W3C conformance suite; writes its report and the tables of docs/conformance.md
    Conformance(conformance::Arguments),
    /// Runs the attacks of samples/hostile in a window, and writes their table into docs/SECURITY.md
    Hostile(hostile::Arguments),
    /// Opens, uses and closes many apps many times in one window, and says whether memory, descriptors or processes grow
    Soak(soak::Arguments),
    /// Writes what is derived from the WIT: types, glue and reference
    Generate {
        /// Only says whether the written files are up to date
        #[arg(long)]
        check: bool,
    },
    /// Builds the WebAssembly guests into target/guests
    Guests,
    /// Builds the programs for release, the one that runs logic without a compiler in it
    Release,
    /// Makes packages of the programs for Debian: runtime, desktop, kiosk and store
    Package(package::Arguments),
}

/// Says a failure in one line: the frames under it would push the reason of what failed out of what is kept of a log.
fn main() -> ExitCode {
    let done = root().and_then(|root| run(&root, Arguments::parse().command));
    done.map_or_else(
        |failure| {
            eprintln!("Error: {failure:#}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run(root: &Path, command: Command) -> Result<()> {
    match command {
        Command::Setup => setup::run(root),
        Command::Demo(arguments) => demo::run(root, &arguments),
        Command::Test(arguments) => test::run(root, &arguments),
        Command::Bench(arguments) => bench::run(root, &arguments),
        Command::Fuzz(arguments) => fuzz::run(root, &arguments),
        Command::Conformance(arguments) => conformance::run(root, &arguments),
        Command::Hostile(arguments) => hostile::run(root, &arguments),
        Command::Soak(arguments) => soak::run(root, &arguments),
        Command::Generate { check } => generate::run(root, check),
        Command::Guests => guests::build(root),
        Command::Release => release::run(root),
        Command::Package(arguments) => package::run(root, &arguments),
    }
}

fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask lies in the workspace")?.to_owned())
}
