//! Devices of a counter: the sample that needs one, its journeys with devices that are broken, and where it is not offered.

use std::path::Path;

use guichet_journeys::{
    display::Display,
    process::{program, run},
};
use serde_json::Value;

/// Runs the journeys of a sample on a phone: how many there are, and the pictures they take.
fn keeps_its_journeys(sample: &str, journeys: u32, picture: &str) {
    // Its own display comes and goes; the turn keeps other windows away meanwhile.
    let _turn = Display::start().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(sample);
    let pictures = tempfile::tempdir().unwrap();
    let mut test = program("guichet").unwrap();
    test.args(["--json", "test", "--profile", "phone"]).arg(&sample).arg("--pictures").arg(pictures.path());
    let finished = run(test.env_remove("DISPLAY")).unwrap();
    let report: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"));
    assert!(finished.status.success(), "{report:#}");
    assert_eq!((&report["passed"], &report["failed"], &report["skipped"]), (&journeys.into(), &0.into(), &0.into()));
    assert!(pictures.path().join(picture).is_file());
}

#[test]
fn the_certificate_printer_says_what_keeps_it_from_printing() {
    keeps_its_journeys("certificate-printer", 11, "phone/jammed.png");
}

#[test]
fn the_document_scan_shows_what_was_scanned_and_loses_nothing() {
    keeps_its_journeys("document-scan", 4, "phone/scanned.png");
}

#[test]
fn the_queue_board_tells_people_whatever_the_terminal_has() {
    keeps_its_journeys("queue-board", 4, "phone/board.png");
}

#[test]
fn devices_that_there_are_not_are_refused() {
    let refused =
        run(program("guichet").unwrap().args(["--lang", "en", "dev", ".", "--device", "printer=melted"])).unwrap();
    assert_eq!(refused.status.code(), Some(64));
    assert!(
        refused.stderr.contains("`printer=melted` is no simulated device; write printer=ready|busy"),
        "{refused:?}"
    );
}
