//! Running other programs, with their name in every failure.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

/// Runs a program to its end in a folder, its output going where ours goes.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    finish(Command::new(program).args(arguments).current_dir(folder))
}

/// Builds every program and every test of the workspace at once. Programs alone would have fewer features of their
/// dependencies than tests have, and all of ours would be built twice.
pub(crate) fn build_programs_and_tests(root: &Path) -> Result<()> {
    run(root, "cargo", &["build", "--workspace", "--bins", "--tests"])
}

/// Runs a prepared command to its end.
pub(crate) fn finish(command: &mut Command) -> Result<()> {
    let line = format!("{command:?}").replace('"', "");
    let status = command.status().with_context(|| format!("cannot start: {line}"))?;
    if !status.success() {
        bail!("failed ({status}): {line}");
    }
    Ok(())
}

/// Whether a program can be found on the PATH.
pub(crate) fn has_program(name: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
