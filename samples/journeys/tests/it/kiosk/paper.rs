//! A page that a citizen wants on paper: from the glass of a kiosk to a real IPP printer, and nothing of it stays.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use guichet_journeys::{
    canary,
    hall::Hall,
    printer::Printer,
    process::must,
    town::Town,
    until::until,
    watched::{HOME, Watched},
};
use serde_json::json;

use super::{
    SOON,
    unplug::{CERTIFICATE, CITIZEN, PERMIT, WORDS, policy, town},
};

/// Prints its pages in ways that nobody expects.
const RESTLESS: &str = "gov.example.records.restless";

const PAGE: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>TITLE</title><script type="module" src="NAME.js"></script></head>
<body><h1>TITLE</h1><p id="told" role="status">nothing yet</p>
<button id="once">Once</button> <button id="twice">Twice</button> <button id="leave">Leave</button> <button id="hang">Hang</button> <button id="late">Late</button> <button id="away">Away</button></body></html>"#;

const SCRIPT: &str = r#"
const on = (id, act) => document.getElementById(id).addEventListener("click", act);
const tell = (text) => { document.getElementById("told").textContent = text; };
const sheet = () => guichet.print.submit({ document: { paper: "a4" } }).then(() => "printed", (failure) => failure.class);
const forEver = () => { for (;;); };
on("once", async () => tell(await sheet()));
on("twice", async () => tell((await Promise.all([sheet(), sheet()])).join(" and ")));
on("leave", () => { sheet(); guichet.navigation.navigate("pages/other"); });
on("hang", () => { sheet(); forEver(); });
// Back in the middle of its being drawn, each time a little later.
on("away", () => {
  const times = Number(localStorage.times ?? 0);
  localStorage.times = times + 1;
  sheet();
  setTimeout(() => guichet.navigation.back(), 20 + 25 * times);
});
on("late", () => { addEventListener("beforeprint", forEver); sheet(); });
"#;

/// The app, released by its department.
fn restless(town: &Town, folder: &Path) {
    let app = folder.join("restless");
    for part in ["common", "pages"] {
        fs::create_dir_all(app.join(part)).unwrap();
    }
    let icon = Path::new(env!("CARGO_MANIFEST_DIR")).join("fields/common/icon.svg");
    fs::copy(icon, app.join("common/icon.svg")).unwrap();
    let manifest = json!({
        "app_id": RESTLESS, "name": "Restless", "icons": [{ "src": "common/icon.svg" }], "lang": "en", "dir": "ltr",
        "version": { "code": 1, "name": "1.0.0" }, "platform_version": { "min_code": 1 },
        "pages": ["pages/home", "pages/other"],
        "req_permissions": [{ "name": "host:print", "reason": "Prints what is seen." }],
        "guichet": { "glaze": "ochre" },
    });
    fs::write(app.join("manifest.json"), manifest.to_string()).unwrap();
    for file in ["app.js", "app.css"] {
        fs::write(app.join(file), "").unwrap();
    }
    for (name, title) in [("home", "First page"), ("other", "Other page")] {
        fs::write(app.join(format!("pages/{name}.html")), PAGE.replace("TITLE", title).replace("NAME", name)).unwrap();
        fs::write(app.join(format!("pages/{name}.js")), SCRIPT).unwrap();
    }
    let package = folder.join("restless.ma");
    town.release("records", &app, &package).unwrap();
}

/// A town with it, a printer, and the policy of a kiosk that has both.
fn with_restless(folder: &Path) -> (Town, Printer, PathBuf) {
    let town = town(folder);
    restless(&town, folder);
    let printer = Printer::start(&folder.join("printer"), "application/pdf").unwrap();
    let [_, words] = &WORDS;
    let policy = policy(folder, &town, words, &json!({ "printers": [printer.device()] }));
    (town, printer, policy)
}

/// Waits until so many sheets lie in the tray, and gives the words of the last.
fn sheets(printer: &Printer, count: usize) -> String {
    let last = until(&format!("{count} sheets lie in the tray"), SOON, || Ok(printer.tray()?.get(count - 1).cloned()))
        .unwrap();
    until("all of it does", SOON, || Ok(must(Command::new("pdftotext").arg(&last).arg("-")).ok())).unwrap()
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn a_page_that_hangs_or_prints_twice_holds_neither_the_printer_nor_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let (_town, printer, policy) = with_restless(folder.path());
    let kiosk = Watched::open(folder.path(), &policy, &[CERTIFICATE, PERMIT, RESTLESS]).unwrap();
    let home = kiosk.browser.view().unwrap();

    // Two at once, of the same page.
    kiosk.open_app(RESTLESS).unwrap();
    kiosk.touch("#twice").unwrap();
    kiosk.reads("#told", "printed and printed").unwrap();
    assert!(sheets(&printer, 2).contains("First page"));

    // The page goes while it is printed: what comes is that page or nothing, and the next one prints itself.
    kiosk.touch("#leave").unwrap();
    kiosk.browser.turn_to("other.html").unwrap();
    kiosk.touch("#once").unwrap();
    kiosk.reads("#told", "printed").unwrap();
    let printed = until("the other page was printed", SOON, || {
        let all: Vec<_> = printer
            .tray()?
            .iter()
            .skip(2)
            .filter_map(|sheet| must(Command::new("pdftotext").arg(sheet).arg("-")).ok())
            .collect();
        Ok(all.iter().any(|text| text.contains("Other page")).then_some(all))
    })
    .unwrap();
    assert!(printed.iter().all(|text| text.contains("Other page") || text.contains("First page")), "{printed:?}");

    for way in ["#hang", "#late"] {
        // A page that never answers again is taken away, and another service prints at once.
        kiosk.browser.turn_back(&home).unwrap();
        kiosk.touch("[data-action=close-app]").unwrap();
        kiosk.open_app(RESTLESS).unwrap();
        kiosk.touch(way).unwrap();
        kiosk.browser.turn_back(&home).unwrap();
        kiosk.reads("#stopped", "Restless").unwrap();
        kiosk.touch("#stopped [data-action=close-app]").unwrap();
        let before = printer.tray().unwrap().len();
        kiosk.open_app(CERTIFICATE).unwrap();
        kiosk.browser.fill("#name", CITIZEN).unwrap();
        kiosk.touch("#print").unwrap();
        kiosk.browser.until("it is printed", "return document.body.dataset.progress === 'done'").unwrap();
        assert!(sheets(&printer, before + 1).contains(CITIZEN), "{way}: nothing of the hung page comes first");
    }

    // The citizen goes while a page hangs in the middle of printing.
    kiosk.browser.turn_back(&home).unwrap();
    kiosk.touch("[data-action=close-app]").unwrap();
    kiosk.open_app(RESTLESS).unwrap();
    kiosk.touch("#late").unwrap();
    kiosk.browser.turn_back(&home).unwrap();
    let heard = kiosk.heard();
    kiosk.touch("[data-action=end]").unwrap();
    for line in ["session over button", "wiped in", "session shown after"] {
        kiosk.says(heard, line).unwrap();
    }
    assert_eq!(canary::search("page.pdf", &[&kiosk.memory()]), BTreeSet::new());
    kiosk.close().unwrap();
}

/// In views of their own, as a citizen has them; a WebDriver has one for all pages.
#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn a_page_that_is_left_for_good_while_it_is_drawn_takes_no_other_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_town, printer, policy) = with_restless(folder.path());
    let mut hall = Hall::open(folder.path(), &policy, &[]).unwrap();
    let heard = hall.kiosk.heard();
    hall.find_and_click("Restless").unwrap();
    hall.kiosk.line_since(heard, &format!("opened {RESTLESS}"), SOON).unwrap();
    for _ in 0..6 {
        hall.find("First").unwrap();
        hall.find_and_click("Leave").unwrap();
        hall.find("Other").unwrap();
        hall.find_and_click("Away").unwrap();
    }
    hall.find("First").unwrap();
    let before = printer.tray().unwrap().len();
    hall.find_and_click("Once").unwrap();
    assert!(sheets(&printer, before + 1).contains("page"));
    hall.find("printed").unwrap();
}

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

    kiosk.browser.turn_to(HOME).unwrap();
    let heard = kiosk.heard();
    kiosk.touch("[data-action=end]").unwrap();
    kiosk.says(heard, "session over button").unwrap();
    kiosk.says(heard, "session shown after").unwrap();
    assert_eq!(canary::search("page.pdf", &[&kiosk.memory()]), BTreeSet::new());
    kiosk.close().unwrap();
}
