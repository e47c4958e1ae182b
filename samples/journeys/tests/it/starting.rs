//! What a window is spared when it starts.

use std::{fs, path::Path};

use guichet_journeys::{
    display::Display,
    process::{Running, program},
    town::{OFFICES, Town},
    until::{DEADLINE, until},
};
use serde_json::Value;

#[test]
fn no_driver_is_loaded_for_a_graphics_card_that_is_not_there() {
    let is_a_card = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with("renderD");
    if fs::read_dir("/dev/dri").is_ok_and(|dri| dri.filter_map(Result::ok).any(is_a_card)) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let display = Display::start().unwrap();
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.path().join("device"));
    let mut window = Running::start("guichet-desktop", command.env("DISPLAY", display.name())).unwrap();
    window.line("guichet-desktop ready", DEADLINE).unwrap();
    let mapped = fs::read_to_string(format!("/proc/{}/maps", window.id())).unwrap();
    assert!(mapped.contains("libwebkit2gtk"), "it has the engine");
    assert!(!mapped.contains("libLLVM") && !mapped.contains("libEGL_mesa"), "and a driver:\n{mapped}");
    window.stop().unwrap();
}

/// The process of a page takes longer to start than all else: it is asked for first.
#[test]
fn the_view_of_the_app_that_is_wanted_is_made_before_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let display = Display::start().unwrap();
    let trace = folder.path().join("trace.json");
    let mut window = permit(&town, &display, folder.path(), &trace);
    window.line("guichet-desktop ready", DEADLINE).unwrap();
    let spans = until("no event is being written", DEADLINE, || Ok(traced(&trace))).unwrap();
    let span = |name: &str, id: Option<&str>| {
        let is_it = |span: &&Value| span["name"] == name && span["args"]["id"].as_str() == id;
        let span = spans.iter().find(is_it).unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
        let begun = span["ts"].as_u64().unwrap();
        (begun, begun + span["dur"].as_u64().unwrap())
    };
    let (of_the_app, window_made) = (span("view", Some("view-1")), span("window", None).1);
    assert!(of_the_app.1 < window_made, "the view {of_the_app:?}, the window {window_made}");
    window.stop().unwrap();
}

/// To look for releases takes a processor, which the app that is wanted has first. One that is not here waits for the store.
#[test]
fn the_store_is_looked_at_when_the_app_that_is_here_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let sample = super::main_job::samples().join("residence-permit");
    town.release("residence", &sample, &folder.path().join("permit.ma")).unwrap();
    let display = Display::start().unwrap();
    for is_here in [false, true] {
        let trace = folder.path().join(format!("{is_here}.json"));
        let mut window = permit(&town, &display, folder.path(), &trace);
        window.line("opened gov.example.residence.permit", DEADLINE).unwrap();
        let begun = |name: &str| {
            let event = traced(&trace).and_then(|trace| trace.into_iter().find(|event| event["name"] == name));
            Ok(event.and_then(|event| event["ts"].as_u64()))
        };
        let refreshed = until("the store is looked at", DEADLINE, || begun("refresh")).unwrap();
        let painted = until("the app is seen", DEADLINE, || begun("first paint")).unwrap();
        assert_eq!(painted < refreshed, is_here, "painted at {painted}, looked at {refreshed}");
        window.stop().unwrap();
    }
}

/// A window that opens with an app, whose home is in this folder, and which writes a trace.
fn permit(town: &Town, display: &Display, folder: &Path, trace: &Path) -> Running {
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.join("device"));
    command.args(["--open", "guichet://miniapp/gov.example.residence.permit"]);
    Running::start("guichet-desktop", command.env("DISPLAY", display.name()).env("GUICHET_TRACE", trace)).unwrap()
}

/// What a trace holds; nothing while an event is being written.
fn traced(file: &Path) -> Option<Vec<Value>> {
    let mut trace: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    serde_json::from_value(trace["traceEvents"].take()).ok()
}
