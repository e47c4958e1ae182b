//! `global.getGlobalState`, which an earlier draft of MiniApp Lifecycle had and W3C's test of it still calls.

use serde_json::{Map, Value};

use super::{Bend, Files};
use crate::PackagePath;

/// The logic of a package.
const SCRIPT: &str = "app.js";
/// Where the package's own logic goes while ours stands in its place.
const OWN_SCRIPT: &str = "guichet-compat-app.js";
/// Where what offers the removed function goes.
const SHIM_PATH: &str = "guichet-compat-global.js";
/// Where what offers it to pages goes.
pub(super) const PAGE_SHIM_PATH: &str = "guichet-compat-page.js";

const SHIM: &str = include_str!("global.js");
const ENTRY: &str = include_str!("entry.js");
/// What offers it to pages.
pub(super) const PAGE_SHIM: &str = include_str!("page.js");

/// Whether a script calls the removed function.
pub(super) fn calls_global_state(source: &str) -> bool {
    source.contains("getGlobalState")
}

/// Offers the removed function to logic that calls it.
pub(super) fn bend(manifest: &Map<String, Value>, files: &mut Files, bent: &mut Vec<Bend>) {
    let path = |text: &str| text.parse::<PackagePath>();
    let (Ok(script), Ok(own), Ok(shim)) = (path(SCRIPT), path(OWN_SCRIPT), path(SHIM_PATH)) else { return };
    let Some(source) = files.get(&script) else { return };
    if !calls_global_state(&String::from_utf8_lossy(source)) {
        return;
    }
    let text = |name: &str| manifest.get(name).and_then(Value::as_str).map_or(Value::Null, Value::from);
    let dir = Some(text("dir")).filter(|dir| !dir.is_null()).unwrap_or_else(|| Value::from("auto"));
    let source = source.clone();
    files.insert(own, source);
    files.insert(shim, SHIM.replace("__DIR__", &dir.to_string()).into_bytes());
    files.insert(script.clone(), ENTRY.as_bytes().to_vec());
    bent.push(Bend::GlobalState { script });
}
