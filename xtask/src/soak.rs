//! `cargo xtask soak`: opens, uses and closes many apps many times in the shipped window; ends with 1 if anything has grown.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{release, setup, shell};

/// What to do.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How often every app is opened, used and closed
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// How many apps there are, made from the samples
    #[arg(long, default_value_t = 24)]
    apps: usize,
    /// Runs the programs as tests build them, not as they are shipped
    #[arg(long)]
    debug: bool,
}

/// Builds what it needs and runs it.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<()> {
    setup::run(root)?;
    let programs = if arguments.debug {
        shell::Compiler::Plain.build_programs_and_tests(root)?;
        "debug"
    } else {
        release::build(root)?;
        let ours = ["build", "--release", "--quiet", "--package", "guichet-journeys", "--bin", "guichet-soak"];
        shell::run(root, "cargo", &ours)?;
        "release"
    };
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    let mut soak = Command::new(target.join(programs).join("guichet-soak"));
    soak.arg("--rounds").arg(arguments.rounds.to_string()).arg("--apps").arg(arguments.apps.to_string());
    shell::finish(soak.current_dir(root))
}
