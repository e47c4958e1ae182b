//! The panel beside the app in the window of `guichet dev`: for whoever has no pointer, and as axe-core sees it.

use std::{fs, path::Path};

use guichet_journeys::{
    browser::{Browser, Key},
    display::Display,
    process::programs,
};
use serde_json::{Value, json};

const PANEL: &str = "guichet-dev://dev";

/// An app that has something to say in every list.
fn app(folder: &Path) {
    let manifest = json!({
        "app_id": "gov.example.counter", "name": "Counter", "pages": ["pages/home"], "lang": "en",
        "icons": [{"src": "common/icon.svg"}], "version": {"code": 1, "name": "1.0.0"}, "platform_version": {"min_code": 1},
        "req_permissions": [{"name": "host:storage", "reason": "for the test"}],
    });
    let script = "for (const level of ['debug', 'info', 'warn', 'error']) console[level](`a line of ${level}`);\n\
        guichet.storage.set('seen', 'yes');\nguichet.appInfo.get();\nfetch(['https:', '', 'nowhere.example', 'x'].join('/')).catch(() => {});\n";
    for (path, text) in [
        ("manifest.json", manifest.to_string().as_str()),
        ("app.js", "export default { launched() { guichet.page.update({ count: 1 }); } };\n"),
        ("app.css", ""),
        (
            "pages/home.html",
            "<!doctype html><html lang=en><meta charset=utf-8><title>Counter</title><script type=module src=home.js></script><h1>Counter</h1><button>More</button></html>",
        ),
        ("pages/home.js", script),
        ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn panel(display: &Display, folder: &Path, words: &str) -> Browser {
    let guichet = programs().unwrap().join("guichet");
    let path = folder.to_str().unwrap();
    let browser = Browser::start(display, &guichet, &["--lang", words, "dev", path, "--automation"], &[]).unwrap();
    browser.turn_to(PANEL).unwrap();
    let count = "return Number(document.querySelector('#tab-calls .count')?.textContent) >= 3";
    browser.until("the app has called the host", count).unwrap();
    browser
}

fn focused(browser: &Browser) -> String {
    browser.ask("return document.activeElement.id").unwrap().as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_panel_is_used_with_the_keyboard_from_the_top_to_the_bottom() {
    let folder = tempfile::tempdir().unwrap();
    app(folder.path());
    let display = Display::large().unwrap();
    let browser = panel(&display, folder.path(), "en");
    browser.ask("document.querySelector('#switch-profile').focus(); return 1").unwrap();
    let expected = [
        "switch-profile",
        "switch-theme",
        "switch-lang",
        "switch-network",
        "switch-printer",
        "switch-card",
        "switch-speech",
        "switch-clipboard",
        "switch-scan",
        "switch-notify",
        "switch-files",
        "switch-open-app",
        "switch-telemetry",
        "tab-console",
        "panel",
        "do-reload",
        "do-anew",
        "do-erase",
        "do-clear",
        "do-record",
    ];
    let mut order = vec![focused(&browser)];
    while order.len() < expected.len() {
        browser.press(Key::Tab).unwrap();
        order.push(focused(&browser));
    }
    assert_eq!(order, expected);
    // Between tabs the arrows move, and what is chosen is shown.
    browser.ask("document.querySelector('#tab-console').focus(); return 1").unwrap();
    for (key, tab) in [
        (Key::Right, "calls"),
        (Key::Left, "console"),
        (Key::End, "reader"),
        (Key::Home, "problems"),
        (Key::Left, "reader"),
    ] {
        browser.press(key).unwrap();
        let shown = "return document.querySelector('#panel').getAttribute('aria-labelledby')";
        assert_eq!(
            (focused(&browser), browser.ask(shown).unwrap()),
            (format!("tab-{tab}"), json!(format!("tab-{tab}")))
        );
    }
    // A switch keeps the focus although what is around it is drawn anew.
    browser.ask("document.querySelector('#do-record').focus(); return 1").unwrap();
    browser.press(Key::Enter).unwrap();
    browser
        .until("it records", "return document.querySelector('#do-record').textContent === 'Stop and write it'")
        .unwrap();
    assert_eq!(focused(&browser), "do-record");
    browser.close().unwrap();
}

/// axe-core is npm's, so this runs in `--full`.
#[test]
#[ignore = "needs axe-core: cargo xtask test --full"]
fn axe_finds_nothing_in_the_panel_in_either_language_light_or_dark() {
    let modules =
        std::env::var("GUICHET_AXE").unwrap_or_else(|_| panic!("set GUICHET_AXE to a node_modules with axe-core"));
    let axe = fs::read_to_string(Path::new(&modules).join("axe-core/axe.min.js")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    app(folder.path());
    let display = Display::large().unwrap();
    for words in ["en", "zh"] {
        let browser = panel(&display, folder.path(), words);
        // A mistake, so that there is one to be shown.
        let good = fs::read_to_string(folder.path().join("app.js")).unwrap();
        fs::write(folder.path().join("app.js"), "export default {").unwrap();
        browser.until("the problem is there", "return !!document.querySelector('#tab-problems .count.bad')").unwrap();
        browser.ask(&axe).unwrap();
        let mut backgrounds = Vec::new();
        for theme in ["light", "dark"] {
            let switch = "const choice = document.querySelector('#switch-theme'); choice.value = '{}'; choice.dispatchEvent(new Event('change')); return 1";
            browser.ask(&switch.replace("{}", theme)).unwrap();
            let is_on = format!("return matchMedia('(prefers-color-scheme: {theme})').matches");
            browser.until("the theme is on", &is_on).unwrap();
            backgrounds.push(browser.ask("return getComputedStyle(document.body).backgroundColor").unwrap());
            for tab in ["problems", "console", "calls", "storage", "lifecycle", "network", "timing", "reader"] {
                browser.click(&format!("#tab-{tab}")).unwrap();
                let run = "globalThis.found = null; axe.run(document).then(({ violations }) => { found = violations.map(({ id, help, nodes }) => \
                    `${id}: ${help}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`); }, (error) => { found = [String(error)]; }); return 1";
                browser.ask(run).unwrap();
                browser.until("axe has looked", "return found !== null").unwrap();
                assert_eq!(browser.ask("return found").unwrap(), Value::Array(vec![]), "{words}, {theme}, {tab}");
            }
        }
        assert_ne!(backgrounds[0], backgrounds[1]);
        display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dev-panel-{words}.png"))).unwrap();
        browser.close().unwrap();
        fs::write(folder.path().join("app.js"), good).unwrap();
    }
}
