//! `cargo xtask release`: the programs as they are installed.
//!
//! Cargo unites the features of all that it builds at once, so what runs logic is built once more, alone: without a
//! compiler.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::shell;

const PACKAGES: [&str; 5] = ["guichet", "guichet-engine", "guichet-services", "guichet-shell", "guichet-store"];
const PROGRAMS: [&str; 8] = [
    "guichet",
    "guichet-compile",
    "guichet-desktop",
    "guichet-driver",
    "guichet-kiosk",
    "guichet-store",
    "guichet-driver-pcsc",
    "guichet-driver-receipt",
];
const LOGIC: &str = "guichet-logic";
/// A path in the sources of the compiler: it stands in the messages of every program that has one.
const COMPILER: &[u8] = b"cranelift-codegen";

/// Builds them into target/release and prints how large they are.
pub(crate) fn run(root: &Path) -> Result<()> {
    for (program, bytes) in build(root)? {
        println!("{program:16} {:>7} KiB", bytes >> 10);
    }
    Ok(())
}

/// Builds them into target/release: their names, and their sizes in bytes.
pub(crate) fn build(root: &Path) -> Result<Vec<(&'static str, usize)>> {
    let mut all = vec!["build", "--release", "--locked"];
    PACKAGES.iter().for_each(|package| all.extend(["--package", package]));
    PROGRAMS.iter().for_each(|program| all.extend(["--bin", program]));
    shell::run(root, "cargo", &all)?;
    let alone =
        ["build", "--release", "--locked", "--package", "guichet-engine", "--no-default-features", "--bin", LOGIC];
    shell::run(root, "cargo", &alone)?;
    let folder = folder(root);
    let mut built = Vec::new();
    for program in PROGRAMS.iter().chain(&[LOGIC]) {
        let path = folder.join(program);
        let bytes = fs::read(&path).with_context(|| format!("{} was not built", path.display()))?;
        let has_compiler = bytes.windows(COMPILER.len()).any(|window| window == COMPILER);
        built.push((*program, bytes.len()));
        if *program == LOGIC && has_compiler {
            bail!("{} has a compiler in it", path.display());
        }
        if *program == "guichet-compile" && !has_compiler {
            bail!("{} has no compiler in it, or it is recognised by something else now", path.display());
        }
    }
    Ok(built)
}

/// Where cargo puts what it builds for release.
pub(crate) fn folder(root: &Path) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    target.join("release")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    #[test]
    fn what_runs_logic_needs_no_compiler() {
        let tree = |features: &[&str]| {
            let mut command = Command::new("cargo");
            command.args(["tree", "--offline", "--package", "guichet-engine", "--edges", "normal", "--prefix", "none"]);
            String::from_utf8(command.args(features).output().unwrap().stdout).unwrap()
        };
        assert!(tree(&[]).contains("cranelift-codegen v"), "a host has one");
        let alone = tree(&["--no-default-features"]);
        assert!(alone.contains("wasmtime v") && !alone.contains("cranelift-codegen v"), "{alone}");
    }
}
