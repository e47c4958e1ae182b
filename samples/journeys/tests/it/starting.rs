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
