//! The disk is full: a citizen does not notice, staff read what is the matter, and newer services come when there is room again.

use std::fs;

use guichet_journeys::{hall::SOON, until::until, watched::Watched};
use serde_json::json;

use super::{
    staff::{PIN, reads_on},
    unplug::{CITIZEN, PERMIT, WORDS, newer_permit, policy, town},
};

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    // What can be read from a picture of it.
    let all = [&["disk/full", "GiB"][..], &["disk/full", "full", "newer"]];
    for ((turn, words), disk_full) in (2..).zip(&WORDS).zip(all) {
        let policy = policy(folder.path(), &town, words, &json!({}));
        let kiosk = Watched::with_disk(folder.path(), &policy, &[PERMIT], 96).unwrap();
        let filled = kiosk.fill_disk().unwrap();
        let state = || fs::read_to_string(kiosk.home().join("apps").join(PERMIT).join("state.json")).unwrap();
        let before = state();
        newer_permit(&town, folder.path(), turn);
        kiosk.says(0, "disk/full").unwrap();

        // A citizen hears nothing of it: what they enter lies elsewhere, and what is installed opens.
        kiosk.open_app(PERMIT).unwrap();
        kiosk.touch("#start").unwrap();
        kiosk.browser.turn_to("apply.html").unwrap();
        kiosk.browser.fill("#name", CITIZEN).unwrap();
        kiosk.reads("#draft-note", words.kept).unwrap();
        kiosk.leave_app().unwrap();
        kiosk.open_app(PERMIT).unwrap();
        kiosk.touch("#start").unwrap();
        kiosk.browser.turn_to("apply.html").unwrap();
        let entered = format!("return document.querySelector('#name').value === '{CITIZEN}'");
        kiosk.browser.until("what was entered is there", &entered).unwrap();
        assert!(!kiosk.browser.said().contains("session died"), "{}", kiosk.browser.said());

        // Staff are let in, though not even a wrong PIN can be written down, and read what is the matter.
        kiosk.leave_app().unwrap();
        let heard = kiosk.heard();
        kiosk.touch("[data-action=staff]").unwrap();
        kiosk.says(heard, "staff asked").unwrap();
        reads_on(&kiosk.display, "kiosk-full-pin.png", &["PIN"]);
        let types = |pin: &str, becomes: &str| {
            kiosk.display.write(pin).unwrap();
            kiosk.display.key("Return").unwrap();
            kiosk.says(heard, becomes).unwrap();
        };
        // Where it can be read that the next one may be typed.
        if words.lang == "en" {
            types("000000", "wrong PIN");
            reads_on(&kiosk.display, "kiosk-full-wrong.png", &["Try", "again"]);
        }
        types(PIN, "staff in");
        reads_on(&kiosk.display, &format!("kiosk-full-{}.png", words.lang), disk_full);
        kiosk.display.key("Escape").unwrap();
        kiosk.says(heard, "staff gone").unwrap();
        kiosk.says(heard, "session shown").unwrap();
        assert_eq!(state(), before, "what is installed is what was");

        // With room again the newer one comes by itself, and the next citizen has it.
        let heard = kiosk.heard();
        drop(filled);
        until("the newer one is installed", SOON, || Ok((state() != before).then_some(()))).unwrap();
        kiosk.says(heard, "session shown").unwrap();
        kiosk.close().unwrap();
    }
}
