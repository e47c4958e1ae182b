//! Documents whose commands are run as they stand.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};

use crate::process::{must, programs};

/// The commands of a document's console blocks, a line each; a document is named from the root of the repository, or in full.
pub fn commands(document: &str) -> Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).context("there is a root")?;
    let text = fs::read_to_string(root.join(document)).with_context(|| format!("cannot read {document}"))?;
    let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ "));
    let commands: String = lines.map(|line| format!("{line}\n")).collect();
    ensure!(!commands.is_empty(), "{document} has no commands");
    Ok(commands)
}

/// The commands of a document that has the same ones in Chinese.
pub fn commands_in_both(english: &str, chinese: &str) -> Result<String> {
    let (one, other) = (commands(english)?, commands(chinese)?);
    ensure!(one == other, "{english} types\n{one}\nand {chinese}\n{other}");
    Ok(one)
}

/// Runs a script in a folder that is its home too, with our programs first and nothing of the caller's settings; it ends at
/// the first command that fails. Gives what it printed.
pub fn run(script: &str, folder: &Path, environment: &[(&str, &str)]) -> Result<String> {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(programs()?).chain(std::env::split_paths(&old)))?;
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("set -euo pipefail\n{script}")]).current_dir(folder);
    let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("GUICHET_"));
    for name in ours {
        bash.env_remove(name);
    }
    bash.env("PATH", path).env("HOME", folder).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    bash.env_remove("CARGO_TARGET_DIR");
    must(bash.env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME").envs(environment.iter().copied()))
}
