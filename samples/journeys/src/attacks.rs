//! The attacks of `samples/hostile`: one mini-app each, with the condition under which it has failed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bombs::Logic;

/// What every one of them is packed in.
const FRAME: &str = "frame";
/// What their AppIds begin with.
pub const PREFIX: &str = "gov.example.hostile.";

/// One attack.
#[derive(Clone, Debug, Deserialize)]
pub struct Attack {
    /// Its folder, and the last part of its AppId.
    #[serde(skip)]
    pub folder: String,
    /// What comes of it: the class with which the app ends, or else what the app is told.
    pub result: String,
    /// What it asks for.
    #[serde(default)]
    permissions: Vec<String>,
    /// Its logic, if that is a component.
    component: Option<Logic>,
    /// Its name, if that is the attack.
    name: Option<String>,
    /// What is shown of that.
    pub shown: Option<String>,
    /// Whether it takes minutes.
    #[serde(default)]
    pub full: bool,
    /// What comes of it each time it is opened again, in this order.
    #[serde(default)]
    pub again: Vec<Again>,
}

/// An app that is opened again, in the same window.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// What was done before.
    pub after: After,
    /// As in [`Attack`].
    pub result: String,
}

/// What is done to an app before it is opened again.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// It was closed.
    Closed,
    /// It was removed and installed again.
    Removed,
    /// The same, and another program has put a link to another app's data in the place of its own.
    Linked,
}

impl Attack {
    /// All that have a mini-app of their own, by name.
    pub fn all() -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(folder())? {
            let path = entry?.path();
            let Ok(text) = fs::read(path.join("attack.json")) else { continue };
            let mut attack: Self = serde_json::from_slice(&text).with_context(|| path.display().to_string())?;
            attack.folder = path.file_name().and_then(|name| name.to_str()).context("a name is text")?.to_owned();
            all.push(attack);
        }
        all.sort_by(|one, other| one.folder.cmp(&other.folder));
        Ok(all)
    }

    /// Its AppId.
    pub fn app_id(&self) -> String {
        format!("{PREFIX}{}", self.folder)
    }

    /// Puts the mini-app together, with the port of listeners that count what reaches them.
    pub fn lay_out(&self, sink: u16, place: &Path) -> Result<()> {
        lay_out(&self.folder, &self.permissions, Some(sink), place)?;
        if let Some(logic) = self.component {
            fs::write(place.join("logic.wasm"), logic.bytes()?)?;
            // A package has one logic.
            fs::write(place.join("app.js"), "")?;
        }
        let path = place.join("manifest.json");
        let mut manifest: Value = serde_json::from_slice(&fs::read(&path)?)?;
        if self.component.is_some() {
            manifest["guichet"]["logic"] = json!("logic.wasm");
        }
        if let Some(name) = &self.name {
            manifest["name"] = json!(name);
            manifest["window"]["navigation_bar_title_text"] = json!(name);
        }
        Ok(fs::write(path, serde_json::to_vec(&manifest)?)?)
    }
}

/// Whether an app ends by what comes of an attack.
pub fn ends_the_app(result: &str) -> bool {
    result.contains('/')
}

/// Whether it ends before there is a page.
pub fn ends_at_start(result: &str) -> bool {
    result.starts_with("logic/boot")
        || ["logic/not-loadable", "logic/compile-budget", "logic/contract"].contains(&result)
}

/// Puts a mini-app of `samples/hostile` together: the frame, and over it what is its own; with the port of listeners that count
/// what reaches them, if there are any.
pub fn lay_out(name: &str, permissions: &[String], sink: Option<u16>, place: &Path) -> Result<()> {
    copy(&folder().join(FRAME), place)?;
    copy(&folder().join(name), place)?;
    if let Some(port) = sink {
        let sinks = format!(r#"globalThis.sinks = ["http://127.0.0.1:{port}", "http://{name}.sink.test:{port}"];"#);
        fs::write(place.join("pages/sink.js"), sinks)?;
    }
    // It is no part of the app.
    let _ = fs::remove_file(place.join("attack.json"));
    let manifest = fs::read_to_string(place.join("manifest.json"))?.replace("NAME", name);
    let asked = permissions.iter().map(|name| format!(r#"{{ "name": "{name}", "reason": "none" }}"#));
    let asked = asked.collect::<Vec<_>>().join(", ");
    let manifest = manifest.replace(r#""req_permissions": []"#, &format!(r#""req_permissions": [{asked}]"#));
    Ok(fs::write(place.join("manifest.json"), manifest)?)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../hostile")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?
        } else {
            fs::copy(entry.path(), place).map(drop)?
        }
    }
    Ok(())
}
