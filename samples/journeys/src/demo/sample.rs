//! The samples as a department would keep them: a folder of its own, and a second version of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The sample that gets a second version.
pub(super) const PERMIT: &str = "gov.example.residence.permit";
/// The sample with logic in Rust.
pub(super) const ESTIMATOR: &str = "gov.example.benefits.estimator";

/// Copies a sample out of the repository, with its built logic if it has any.
pub fn copy(samples: &Path, name: &str, into: &Path) -> Result<PathBuf> {
    let folder = into.join(name);
    copy_folder(&samples.join(name), &folder)?;
    Ok(folder)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read the folder {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_name() == "target" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Makes version 2 of the permit sample: a higher code, and a notice on its home page in every language.
pub(super) fn second_version(folder: &Path, mark: &str) -> Result<()> {
    edit(&folder.join("manifest.json"), |manifest| {
        manifest["version"] = json!({"code": 2, "name": "2.0.0"});
    })?;
    for entry in fs::read_dir(folder.join("i18n"))? {
        edit(&entry?.path(), |texts| texts["notice"] = json!(mark))?;
    }
    Ok(())
}

fn edit(file: &Path, change: impl FnOnce(&mut Value)) -> Result<()> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut json: Value = serde_json::from_slice(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    change(&mut json);
    Ok(fs::write(file, serde_json::to_vec_pretty(&json)?)?)
}
