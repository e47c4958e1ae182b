//! A person chooses a file for an app, and keeps one from it, in the dialog of a real window.

use std::{fs, path::Path, time::Duration};

use guichet_journeys::{
    browser::Browser,
    display::Display,
    process::programs,
    town::{OFFICES, Town},
    until::until,
};

const APP: &str = "gov.example.residence.leases";
/// The dialogs' titles.
const CHOOSE: &str = "Choose a file for gov.example.residence.leases";
const KEEP: &str = "Keep a file from gov.example.residence.leases";
/// What the page says.
const TOLD: &str = "return document.querySelector('#told').value";
const SOON: Duration = Duration::from_secs(60);

/// Clicks a button of the page, and gives the dialog that comes the keys.
fn ask(browser: &Browser, display: &Display, button: &str, title: &str) {
    browser.click(button).unwrap();
    let given = || Ok(display.input(&["search", "--onlyvisible", "--name", title, "windowfocus", "--sync"]).ok());
    let told = || browser.ask(TOLD).unwrap();
    until(title, SOON, given).unwrap_or_else(|error| panic!("{error}; the page says {}", told()));
}

/// Presses a key in the dialog, and in nothing else, until the page says this: a dialog that has just come is not answered yet.
fn until_told(browser: &Browser, display: &Display, (title, key): (&str, &str), text: &str) {
    let told = || {
        // It may be gone meanwhile.
        drop(display.input(&["search", "--onlyvisible", "--name", title, "key", "--window", "%1", key]));
        Ok((browser.ask(TOLD)? == text).then_some(()))
    };
    until(&format!("the page says {text}"), SOON, told).unwrap();
}

#[test]
#[ignore = "a real window with a dialog: cargo xtask test --full"]
fn a_person_chooses_a_file_and_keeps_one() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let (package, source) =
        (folder.path().join("leases.ma"), Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/files"));
    town.release("residence", &source, &package).unwrap();
    let lease = folder.path().join("lease.txt");
    fs::write(&lease, "18 Mill Lane").unwrap();

    let display = Display::start().unwrap();
    let (home, trust) = (folder.path().join("device"), town.trust_file());
    let address = format!("guichet://miniapp/{APP}");
    let arguments = ["--automation", "--lang", "en", "--trust", trust.to_str().unwrap()];
    let rest = ["--home", home.to_str().unwrap(), "--open", &address];
    let arguments: Vec<_> = arguments.iter().chain(&rest).copied().collect();
    // What the toolkit notes of files that were used is for nobody's own.
    let data = folder.path().join("data");
    let environment = [("XDG_DATA_HOME", data.to_str().unwrap())];
    let program = programs().unwrap().join("guichet-desktop");
    let browser = Browser::start(&display, &program, &arguments, &environment).unwrap();
    browser.turn_to(APP).unwrap();
    browser.drawn().unwrap();

    ask(&browser, &display, "#choose", CHOOSE);
    display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("files-chooser.png")).unwrap();
    until_told(&browser, &display, (CHOOSE, "Escape"), "nothing");

    ask(&browser, &display, "#choose", CHOOSE);
    display.key("ctrl+l").unwrap();
    display.write(lease.to_str().unwrap()).unwrap();
    until_told(&browser, &display, (CHOOSE, "Return"), "lease.txt: 18 Mill Lane");

    let kept = folder.path().join("kept.txt");
    ask(&browser, &display, "#keep", KEEP);
    display.key("ctrl+a").unwrap();
    display.write(kept.to_str().unwrap()).unwrap();
    until_told(&browser, &display, (KEEP, "Return"), "true");
    assert_eq!(fs::read(&kept).unwrap(), b"received");
}
