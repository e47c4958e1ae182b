//! What a window is spared when it starts.

use std::fs;

use guichet_journeys::{
    display::Display,
    process::{Running, program},
    town::{OFFICES, Town},
    until::DEADLINE,
};

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
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.path().join("device"));
    command.args(["--open", "guichet://miniapp/gov.example.residence.permit"]);
    command.env("DISPLAY", display.name()).env("GUICHET_TRACE", &trace);
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("guichet-desktop ready", DEADLINE).unwrap();
    let trace: serde_json::Value = serde_json::from_slice(&fs::read(trace).unwrap()).unwrap();
    let spans = trace["traceEvents"].as_array().unwrap();
    let span = |name: &str, id: Option<&str>| {
        let is_it = |span: &&serde_json::Value| span["name"] == name && span["args"]["id"].as_str() == id;
        let span = spans.iter().find(is_it).unwrap_or_else(|| panic!("no {name} in {trace:#}"));
        let begun = span["ts"].as_u64().unwrap();
        (begun, begun + span["dur"].as_u64().unwrap())
    };
    let (of_the_app, window_made) = (span("view", Some("view-1")), span("window", None).1);
    assert!(of_the_app.1 < window_made, "the view {of_the_app:?}, the window {window_made}");
    window.stop().unwrap();
}
