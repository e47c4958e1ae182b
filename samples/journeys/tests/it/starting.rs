//! What a window and the engine's processes are spared when they start.

use std::fs;

use guichet_journeys::{
    display::Display,
    process::{Running, program},
    town::{OFFICES, Town},
    until::DEADLINE,
};

/// Wants more of its own names than all other libraries of the engine together.
const VOICE: &str = "libflite_cmu_time_awb.so.1";

#[test]
fn no_driver_is_loaded_for_a_card_that_is_not_there_and_the_engine_looks_first_where_most_is() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let display = Display::start().unwrap();
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.path().join("device"));
    command.args(["--lang", "en"]).env("DISPLAY", display.name()).env("LD_PRELOAD", "");
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("guichet-desktop ready", DEADLINE).unwrap();

    let maps = |pid: u32| fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let own = maps(window.processes()[0]);
    let is_a_card = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with("renderD");
    if !fs::read_dir("/dev/dri").is_ok_and(|dri| dri.filter_map(Result::ok).any(is_a_card)) {
        assert!(!own.contains("libLLVM") && !own.contains("libEGL_mesa"), "a driver is loaded:\n{own}");
    }
    let [network] = window.named("WebKitNetworkProcess")[..] else { panic!("one process fetches for all views") };
    let environment = fs::read(format!("/proc/{network}/environ")).unwrap();
    let first = environment.split(|byte| *byte == 0).find_map(|variable| variable.strip_prefix(b"LD_PRELOAD="));
    let expected: &[u8] = if own.contains("libflite_cmu_time_awb") { VOICE.as_bytes() } else { b"" };
    assert_eq!(first, Some(expected));
    window.stop().unwrap();
}
