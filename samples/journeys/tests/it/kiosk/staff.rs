//! The page for staff, on the unmodified program, with keys alone: the citizen's session goes first, and wrong PINs cost time.

use std::{fs, path::Path, process::Command, time::Duration};

use guichet_host::policy::hash_pin;
use guichet_journeys::{
    display::Display,
    hall::{Hall, SOON, papers},
    picture,
    process::must,
    until::until,
};
use serde_json::{Value, json};

use super::{idle, rooms, town};

pub(super) const PIN: &str = "135790";

/// What can be read on the glass, which is light on dark here.
fn read(display: &Display, name: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    display.picture(&path).unwrap();
    let negative = path.with_extension("negative.png");
    must(Command::new("convert").arg(&path).arg("-negate").arg(&negative)).unwrap();
    let text = picture::text(&negative).unwrap();
    fs::remove_file(negative).unwrap();
    text
}

pub(super) fn reads(hall: &Hall, name: &str, words: &[&str]) {
    reads_on(&hall.display, name, words);
}

pub(super) fn reads_on(display: &Display, name: &str, words: &[&str]) {
    let mut last = String::new();
    let seen = until("the glass says it", SOON, || {
        last = read(display, name);
        Ok(words.iter().all(|word| last.contains(word)).then_some(()))
    });
    seen.unwrap_or_else(|error| panic!("{error}: {words:?} in {last}"));
}

/// Types a PIN and waits for what becomes of it.
pub(super) fn types(hall: &mut Hall, pin: &str, line: &str) {
    let heard = hall.kiosk.heard();
    hall.display.write(pin).unwrap();
    hall.display.key("Return").unwrap();
    hall.kiosk.line_since(heard, line, SOON).unwrap();
}

/// From the home page to the question for the PIN, with these keys.
fn asks(hall: &mut Hall, keys: &[&str]) {
    let heard = hall.kiosk.heard();
    keys.iter().for_each(|key| hall.display.key(key).unwrap());
    hall.kiosk.line_since(heard, "staff asked", SOON).unwrap();
    reads(hall, "kiosk-staff-pin.png", &["PIN"]);
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn staff_see_how_the_terminal_is_and_nothing_of_a_citizen() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let policy = papers(&folder.path().join("papers"), &town, |policy: &mut Value| {
        idle(policy, 600, 900);
        policy["staff"] = json!({ "pin": hash_pin(PIN).unwrap().unwrap().to_string() });
        policy["devices"] = json!({ "printers": [{ "name": "A4", "ipp": "ipp://127.0.0.1:1/ipp/print" }] });
    })
    .unwrap();
    let mut hall = Hall::open(folder.path(), &policy, &[]).unwrap();
    hall.find("permit").unwrap();

    // Three wrong ones are forgiven, the fourth costs time, and even the right one is not looked at then.
    asks(&mut hall, &["Tab", "Return"]);
    for _ in 0..4 {
        types(&mut hall, "000000", "wrong PIN");
    }
    reads(&hall, "kiosk-staff-wrong.png", &["Wait", "seconds"]);
    let heard = hall.kiosk.heard();
    hall.display.write(PIN).unwrap();
    hall.display.key("Return").unwrap();
    // Nobody does anything more: it closes by itself, and whoever was there goes on.
    hall.kiosk.line_since(heard, "staff gone", SOON).unwrap();
    let said = hall.kiosk.said();
    assert!(!said.contains("staff in") && !said.contains("session over"), "{said}");
    let counted: Value = serde_json::from_slice(&fs::read(hall.home().join("staff.json")).unwrap()).unwrap();
    assert_eq!(counted["wrong"], 4);
    fs::remove_file(hall.home().join("staff.json")).unwrap();

    // With the right one the session of the citizen goes before anything is shown.
    asks(&mut hall, &["Return"]);
    let heard = hall.kiosk.heard();
    types(&mut hall, PIN, "staff in");
    hall.kiosk.line_since(heard, "session over staff", SOON).unwrap();
    hall.kiosk.line_since(heard, "wiped in", SOON).unwrap();
    reads(&hall, "kiosk-staff.png", &["Printer", "not connected", "Store last heard", "Disk", "1.0.0", "wrong-pin"]);
    assert_eq!(rooms(&hall), 1, "the one that waits for the next citizen");
    // Done, check again, the other language.
    for key in ["Tab", "Tab", "Return"] {
        hall.display.key(key).unwrap();
    }
    reads(&hall, "kiosk-staff-zh.png", &["English"]);
    let heard = hall.kiosk.heard();
    hall.display.key("Escape").unwrap();
    hall.kiosk.line_since(heard, "staff gone", Duration::from_secs(10)).unwrap();
    hall.kiosk.line_since(heard, "session shown", SOON).unwrap();
}
