//! Tests that the house and its documents tell one story.

mod blocks;
mod chinese;
mod classes;
mod conformance;
mod files;
mod hostile;
mod ignored;
mod layers;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The files git knows or would take, relative to the root.
fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "git ls-files failed");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(PathBuf::from)
        .filter(|path| root().join(path).is_file())
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
