//! A journey that is recorded in the window of `guichet dev`: what somebody does there is a script afterwards, and it passes.

use std::{fs, path::Path};

use guichet_journeys::{
    browser::Browser,
    display::Display,
    process::{program, programs, run},
    until::{DEADLINE, until},
};
use serde_json::Value;

const APP: &str = "guichet-app://gov.example.repairs";
const PANEL: &str = "guichet-dev://dev";

const HOME: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Home</title><script type=module src=home.js></script>\
    <main><h1>Street repairs</h1><p id=none>No reports yet.</p><ul id=list></ul><a href=report.html>Report something</a></main></html>";
const HOME_SCRIPT: &str = "const draw = ({ reports = [] }) => {
  none.hidden = reports.length > 0;
  list.replaceChildren(...reports.map(({ place, person, kind }, at) => {
    const item = document.createElement('li'), take = document.createElement('button');
    item.append(Object.assign(document.createElement('strong'), { textContent: place }), ` ${kind}, ${person} `, take);
    take.textContent = 'Withdraw';
    take.onclick = () => guichet.logic.call('withdraw', at);
    return item;
  }));
};
guichet.page.addEventListener('update', () => draw(guichet.page.state));
draw(guichet.page.state);
";
const REPORT: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Report</title><script type=module src=report.js></script>\
    <main><h1>What is broken?</h1><form id=form><label>Where <input name=place autocomplete=off></label>\
    <label>Your name <input name=person autocomplete=name></label>\
    <label>Kind <select name=kind><option>Street light</option><option>Pothole</option></select></label>\
    <label><input type=checkbox name=urgent> It is dangerous</label><button>Send</button></form></main></html>";
const REPORT_SCRIPT: &str = "form.onsubmit = async (event) => {
  event.preventDefault();
  const { place, person, kind } = Object.fromEntries(new FormData(form));
  await guichet.logic.call('send', { place, person, kind: form.urgent.checked ? `${kind}!` : kind });
  guichet.navigation.back();
};
";
const LOGIC: &str = "const reports = [];
const tell = () => guichet.page.update({ reports });
export default { shown: tell };
export function send(report) { reports.push(report); tell(); }
export function withdraw(at) { reports.splice(at, 1); tell(); }
";

fn app(folder: &Path) {
    let manifest = serde_json::json!({
        "app_id": "gov.example.repairs", "name": "Repairs", "pages": ["pages/home", "pages/report"], "lang": "en",
        "icons": [{"src": "common/icon.svg"}], "version": {"code": 1, "name": "1.0.0"}, "platform_version": {"min_code": 1},
    });
    for (path, text) in [
        ("manifest.json", manifest.to_string().as_str()),
        ("app.js", LOGIC),
        ("app.css", ""),
        ("pages/home.html", HOME),
        ("pages/home.js", HOME_SCRIPT),
        ("pages/report.html", REPORT),
        ("pages/report.js", REPORT_SCRIPT),
        ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        (".guichetignore", "tests/\n"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn report(browser: &Browser, place: &str, person: &str) {
    browser.click("a").unwrap();
    browser
        .until("the form is there", "return !!document.querySelector('#form') && page.pageState === 'shown'")
        .unwrap();
    browser.fill("[name=place]", place).unwrap();
    browser.fill("[name=person]", person).unwrap();
    // As somebody does who uses the list with the keyboard.
    browser.click("[name=urgent]").unwrap();
    browser.click("button").unwrap();
    browser
        .until(
            "the report is in the list",
            &format!("return !!document.querySelector('#list')?.innerText.includes('{place}')"),
        )
        .unwrap();
}

#[test]
fn what_somebody_does_in_the_developer_s_window_is_a_journey_that_passes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    app(root);
    {
        let display = Display::large().unwrap();
        let guichet = programs().unwrap().join("guichet");
        let path = root.to_str().unwrap();
        let browser = Browser::start(&display, &guichet, &["--lang", "en", "dev", path, "--automation"], &[]).unwrap();
        browser.turn_to(PANEL).unwrap();
        browser.click("#do-record").unwrap();
        let says = |text: &str| format!("return document.querySelector('#do-record').textContent === '{text}'");
        browser.until("it is recorded", &says("Stop and write it")).unwrap();
        browser.turn_to(APP).unwrap();
        browser
            .until("the app begins", "return page.pageState === 'shown' && !!document.querySelector('#list')")
            .unwrap();
        report(&browser, "18 Mill Lane", "Ada Lovelace");
        report(&browser, "4 Oak Road", "Grace Hopper");
        browser.click("li:nth-child(2) button").unwrap();
        browser.until("one is left", "return document.querySelectorAll('li').length === 1").unwrap();
        browser.turn_to(PANEL).unwrap();
        browser.click("#do-record").unwrap();
        browser
            .until("it is written", "return document.querySelector('#status').textContent.includes('recorded-1.js')")
            .unwrap();
        browser.until("it can be begun again", &says("Record a journey")).unwrap();
        until("guichet dev says so", DEADLINE, || Ok(browser.said().contains("journey written to").then_some(())))
            .unwrap();
        browser.close().unwrap();
    }
    let script = fs::read_to_string(root.join("tests/recorded-1.js")).unwrap();
    fs::copy(root.join("tests/recorded-1.js"), Path::new(env!("CARGO_TARGET_TMPDIR")).join("recorded-1.js")).unwrap();
    for own in ["Lovelace", "Hopper", "nth-child"] {
        assert!(!script.contains(own), "{own}: {script}");
    }
    let steps: Vec<&str> = script.lines().map(str::trim).filter(|line| line.starts_with("await ")).collect();
    assert_eq!(
        steps,
        [
            "await app.open();",
            "await app.see(\"Street repairs\");",
            "await app.tap(\"Report something\");",
            "await app.see(\"What is broken?\");",
            "await app.type(\"Where\", \"18 Mill Lane\");",
            "await app.type(\"Your name\", \"Example 1\"); // personal",
            "await app.tap(\"It is dangerous\");",
            "await app.tap(\"Send\");",
            "await app.see(\"Street repairs\");",
            "await app.see(\"18 Mill Lane\");",
            "await app.tap(\"Report something\");",
            "await app.see(\"What is broken?\");",
            "await app.type(\"Where\", \"4 Oak Road\");",
            "await app.type(\"Your name\", \"Example 2\"); // personal",
            "await app.tap(\"It is dangerous\");",
            "await app.tap(\"Send\");",
            "await app.see(\"Street repairs\");",
            "await app.see(\"4 Oak Road\");",
            "await app.tap(\"Withdraw\", { in: \"4 Oak Road\" });",
            "await app.gone(\"4 Oak Road\");",
        ],
        "{script}"
    );
    // Its own display comes and goes; the turn keeps other windows away meanwhile.
    let _turn = Display::start().unwrap();
    let mut test = program("guichet").unwrap();
    test.args(["--json", "test", "."]).args(["--profile", "desktop", "--profile", "reader"]).current_dir(root);
    let finished = run(test.env_remove("DISPLAY")).unwrap();
    let report: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:?}"));
    assert_eq!((&report["passed"], &report["failed"]), (&2.into(), &0.into()), "{report:#}\n{script}");
}
