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
///
/// It does not learn what cargo has told us of ourselves: `ring` watches some of that, and would be built anew, with all
/// that uses it, after each change between `cargo` and `cargo xtask`.
pub(crate) fn finish(command: &mut Command) -> Result<()> {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_about_us) {
            command.env_remove(name);
        }
    }
    let line = format!("{command:?}").replace('"', "");
    let status = command.status().with_context(|| format!("cannot start: {line}"))?;
    if !status.success() {
        bail!("failed ({status}): {line}");
    }
    Ok(())
}

fn is_about_us(name: &str) -> bool {
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

/// Whether a program can be found on the PATH.
pub(crate) fn has_program(name: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_run_learns_nothing_of_this_package() {
        let mut asked = Command::new("sh");
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some(), "cargo says it to tests");
        finish(asked.args(["-c", "test -z \"$CARGO_PKG_NAME$CARGO_MANIFEST_DIR\" && test -n \"$PATH\""])).unwrap();
    }
}
