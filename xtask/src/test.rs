//! `cargo xtask test`: everything CI runs, in the order that fails soonest.

use std::{path::Path, time::Instant};

use anyhow::Result;

use crate::{generate, setup, shell};

/// Runs it all; with `full`, also what is too long for CI.
pub(crate) fn run(root: &Path, full: bool) -> Result<()> {
    let begun = Instant::now();
    let cargo = |arguments: &[&str]| shell::run(root, "cargo", arguments);
    cargo(&["fmt", "--all", "--check"])?;
    setup::run(root)?;
    generate::run(root, true)?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    // The journeys run the programs themselves.
    cargo(&["build", "--workspace"])?;
    cargo(&["test", "--workspace"])?;
    for guest in ["host-apis/guest", "samples/benefit-estimator"] {
        shell::run(&root.join(guest), "cargo", &["test", "--target-dir", "../../target/guests-tests"])?;
    }
    if full {
        cargo(&["test", "--workspace", "--", "--ignored"])?;
    }
    println!("all green in {} s", begun.elapsed().as_secs());
    Ok(())
}
