//! A page that a citizen wants on paper: from the glass of a kiosk to a real IPP printer, and nothing of it stays.

use std::{collections::BTreeSet, process::Command};

use guichet_journeys::{canary, printer::Printer, process::must, until::until, watched::Watched};
use serde_json::json;

use super::{
    SOON,
    unplug::{CERTIFICATE, CITIZEN, PERMIT, WORDS, policy, town},
};

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn a_page_is_printed_as_it_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let printer = Printer::start(&folder.path().join("printer"), "application/pdf").unwrap();
    let [words, _] = &WORDS;
    let policy = policy(folder.path(), &town, words, &json!({ "printers": [printer.device()] }));
    let kiosk = Watched::open(folder.path(), &policy, &[CERTIFICATE, PERMIT]).unwrap();
    kiosk.open_app(CERTIFICATE).unwrap();
    kiosk.browser.fill("#name", CITIZEN).unwrap();
    kiosk.touch("#print").unwrap();
    kiosk.reads("#told", "打印好了").unwrap();
    kiosk.touch("#sheet").unwrap();
    kiosk.reads("#tool-told", "正送往打印机").unwrap();
    let sheet = until("the page lies in the tray", SOON, || Ok(printer.tray()?.get(1).cloned())).unwrap();
    let text = until("all of it does", SOON, || Ok(must(Command::new("pdftotext").arg(&sheet).arg("-")).ok())).unwrap();
    // Glyphs that a character shares with a radical are read as the radical.
    for words in ["选好种类，填上姓名", "打印好了，请取"] {
        assert!(text.contains(words), "as a person sees it, with {words}: {text}");
    }
    assert!(!text.contains("⻚打出来") && !text.contains("页打出来"), "by the rules for print: {text}");
    let about = must(Command::new("pdfinfo").arg(&sheet)).unwrap();
    assert!(about.contains("(A4)"), "{about}");
    assert_eq!(canary::search("page.pdf", &[&kiosk.memory()]), BTreeSet::new(), "the file went before the job came");

    kiosk.browser.turn_to(guichet_journeys::watched::HOME).unwrap();
    let heard = kiosk.heard();
    kiosk.touch("[data-action=end]").unwrap();
    kiosk.says(heard, "session over button").unwrap();
    kiosk.says(heard, "session shown after").unwrap();
    assert_eq!(canary::search("page.pdf", &[&kiosk.memory()]), BTreeSet::new());
    kiosk.close().unwrap();
}
