//! Running other programs, with their name in every failure.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

/// Runs a program to its end in a folder, its output going where ours goes.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    finish(Command::new(program).args(arguments).current_dir(folder))
}

/// Who compiles what is ours. Each has its own artifacts of the workspace's packages; those of their dependencies are shared.
#[derive(Clone, Copy)]
pub(crate) enum Compiler {
    /// The one that compiles what is shipped.
    Plain,
    /// The same with clippy in it, and no warning is let through. `cargo clippy` would have all dependencies read, and ours
    /// compiled as far as to their types, a second time.
    Linting,
}

impl Compiler {
    /// A cargo that has it compile.
    pub(crate) fn cargo(self) -> Command {
        let mut cargo = Command::new("cargo");
        // A test that fails says where and why before its frames, and of a long log only the end is kept.
        cargo.env("RUST_BACKTRACE", "0");
        if let Self::Linting = self {
            // No variable for the compiler: what tests start would learn it.
            cargo.args(["--config", "build.rustc-workspace-wrapper='clippy-driver'"]).env("CLIPPY_ARGS", "-Dwarnings");
        }
        cargo
    }

    /// Builds every program and every test of the workspace at once, and examples if they are to be linted. Programs alone
    /// would have fewer features of their dependencies than tests have, and all of ours would be built twice.
    pub(crate) fn build_programs_and_tests(self, root: &Path) -> Result<()> {
        let mut build = self.cargo();
        build.args(["build", "--workspace", "--bins", "--tests"]).current_dir(root);
        if let Self::Linting = self {
            build.arg("--examples");
        }
        finish(&mut build)
    }
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

    #[test]
    fn what_is_linted_ends_at_a_warning_of_clippy_s() {
        let package = tempfile::tempdir().unwrap();
        let write = |name, text| std::fs::write(package.path().join(name), text).unwrap();
        write(
            "Cargo.toml",
            "[package]\nname = \"linted\"\nedition = \"2024\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n",
        );
        write("lib.rs", "pub fn length(of: &Vec<u8>) -> usize {\n    of.len()\n}\n");
        let build = |compiler: Compiler| {
            let mut build = compiler.cargo();
            let target = package.path().join("target");
            build.args(["build", "--quiet", "--offline", "--target-dir"]).arg(target).current_dir(package.path());
            build.output().unwrap()
        };
        let linted = build(Compiler::Linting);
        let said = String::from_utf8_lossy(&linted.stderr);
        assert!(!linted.status.success() && said.contains("clippy::ptr-arg"), "{said}");
        assert!(build(Compiler::Plain).status.success(), "the compiler itself has nothing against it");
    }
}
