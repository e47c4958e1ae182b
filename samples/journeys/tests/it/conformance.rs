//! The cases of the conformance suite that need a window, in the real webview under a window manager.
//!
//! `cargo xtask conformance` packs the cases first and names the folder in `GUICHET_CONFORMANCE_OUT`; what was seen goes
//! there as `glass.json`.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use guichet_journeys::{
    display::Display,
    look::{Looked, look},
    picture,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// What a window must show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Glass {
    /// The terminal to stand in for.
    profile: String,
    /// JSON pointers into the report, and what stands there.
    report: BTreeMap<String, Value>,
    /// All events, in order.
    lifecycle: Option<Vec<String>>,
    /// All lines of the console, in order.
    console: Option<Vec<String>>,
    /// Lines that the console has among others.
    console_has: Vec<String>,
    /// Points of the picture.
    colors: Vec<Point>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    x: u32,
    y: u32,
    color: String,
}

impl Default for Glass {
    fn default() -> Self {
        Self {
            profile: "desktop".to_owned(),
            report: BTreeMap::new(),
            lifecycle: None,
            console: None,
            console_has: Vec::new(),
            colors: Vec::new(),
        }
    }
}

#[test]
#[ignore = "its packages are made first: run by cargo xtask conformance"]
fn every_case_shows_what_it_must() {
    let out = PathBuf::from(env::var_os("GUICHET_CONFORMANCE_OUT").unwrap());
    let display = Display::start().unwrap().with_window_manager().unwrap();
    let mut results = Vec::new();
    for (name, glass) in cases() {
        let package = out.join("packages").join(format!("{name}.ma"));
        for mode in ["strict", "compat"] {
            let picture = format!("{name}.{mode}");
            let mut arguments = vec!["--profile", glass.profile.as_str()];
            arguments.extend((mode == "compat").then_some("--compat"));
            let problem =
                look(&display, &package, &picture, &arguments).and_then(|looked| judge(&glass, &looked)).err();
            results.push(json!({
                "case": name,
                "mode": mode,
                "passed": problem.is_none(),
                "found": if problem.is_none() { "shown in a window" } else { "not shown in a window" },
                "problem": problem.map(|problem| format!("{problem:#}")),
            }));
        }
    }
    assert!(results.len() >= 2 * 12, "there are only {} results", results.len());
    fs::write(out.join("glass.json"), serde_json::to_vec_pretty(&results).unwrap()).unwrap();
    let failed: Vec<_> = results.iter().filter(|result| result["passed"] == false).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// The cases that look at a window, by name.
fn cases() -> BTreeMap<String, Glass> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/conformance");
    let glass = |folder: PathBuf| {
        let expected: Value = serde_json::from_slice(&fs::read(folder.join("expected.json")).ok()?).unwrap();
        let name = folder.file_name()?.to_string_lossy().into_owned();
        let glass = expected.get("glass")?.clone();
        Some((name.clone(), serde_json::from_value(glass).unwrap_or_else(|why| panic!("{name}: {why}"))))
    };
    fs::read_dir(folder).unwrap().filter_map(|entry| glass(entry.unwrap().path())).collect()
}

fn judge(glass: &Glass, looked: &Looked) -> anyhow::Result<()> {
    let report = &looked.report;
    anyhow::ensure!(looked.finished.status.success(), "it failed: {}", looked.finished.stderr);
    for (pointer, wanted) in &glass.report {
        let found = report.pointer(pointer).unwrap_or(&Value::Null);
        anyhow::ensure!(found == wanted, "{pointer} is {found} and not {wanted}");
    }
    let texts = |list: &str, member: Option<&str>| -> Vec<String> {
        let items = report[list].as_array().into_iter().flatten();
        let text = |item: &Value| member.map_or(item, |member| &item[member]).as_str().map(str::to_owned);
        items.filter_map(text).collect()
    };
    let (events, console) = (texts("lifecycle", Some("event")), texts("console", None));
    if let Some(wanted) = &glass.lifecycle {
        anyhow::ensure!(events == *wanted, "the events are {events:?}");
    }
    if let Some(wanted) = &glass.console {
        anyhow::ensure!(console == *wanted, "the console says {console:?}");
    }
    for wanted in &glass.console_has {
        anyhow::ensure!(console.contains(wanted), "the console says {console:?}");
    }
    for point in &glass.colors {
        let found = picture::color(&looked.picture, point.x, point.y)?;
        anyhow::ensure!(found == point.color, "({}, {}) is {found} and not {}", point.x, point.y, point.color);
    }
    Ok(())
}
