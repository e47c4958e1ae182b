//! A new version that fails in the real window: the version before is back with its data, the window says so in both
//! languages, the store hears of it, and nobody is asked to try that version again.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use guichet_journeys::{
    browser::Browser,
    display::Display,
    process::programs,
    town::{OFFICES, Town},
    until::{DEADLINE, until},
};
use serde_json::{Value, json};

pub(crate) const DRAFT: &str = "gov.example.residence.draft";

/// Shows what is kept, and keeps what is typed.
pub(crate) const KEEPS: &str = "
const shown = document.querySelector('#shown');
const show = async () => { shown.textContent = (await guichet.storage.get('draft')) ?? 'nothing'; };
document.querySelector('#keep').addEventListener('click', async () => {
  await guichet.storage.set('draft', document.querySelector('#name').value);
  await show();
});
show();
";
/// Overwrites what is kept, then makes a mistake.
const THROWS: &str = "
guichet.storage.set('draft', 'spoiled').then(() => { document.querySelector('#gone').remove(); });
";
/// Overwrites what is kept, and is never seen.
const HANGS: &str = "
guichet.storage.set('draft', 'spoiled again');
for (;;) {}
";

/// A store, and a device that updates from it.
pub(crate) struct Counter {
    folder: tempfile::TempDir,
    pub(crate) town: Town,
}

impl Counter {
    pub(crate) fn found() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let town = Town::found(folder.path(), &OFFICES).unwrap();
        Self { folder, town }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Releases a version with this script on its only page.
    pub(crate) fn release(&self, version: u32, script: &str) {
        let app = self.path(&format!("draft-{version}"));
        for folder in ["pages", "common"] {
            fs::create_dir_all(app.join(folder)).unwrap();
        }
        let manifest = json!({
            "app_id": DRAFT, "name": "Draft", "lang": "en", "pages": ["pages/home"],
            "icons": [{"src": "common/icon.svg", "sizes": "24x24"}],
            "version": {"code": version, "name": format!("{version}.0.0")}, "platform_version": {"min_code": 1},
            "req_permissions": [{"name": "host:storage", "reason": "keeps your draft"}],
        });
        let page = format!(
            "<!doctype html><title>Draft</title><h1>Version {version}</h1><p>Kept: <b id=shown></b></p>\
             <label>Your name <input id=name></label> <button id=keep>Keep</button><script src=home.js></script>"
        );
        let files: [(&str, &str); 6] = [
            ("manifest.json", &manifest.to_string()),
            ("app.js", ""),
            ("app.css", "body { font: 1.2em sans-serif; margin: 2em }"),
            (
                "common/icon.svg",
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><path d='M4 4h16v16H4z'/></svg>",
            ),
            ("pages/home.html", &page),
            ("pages/home.js", script),
        ];
        for (name, text) in files {
            fs::write(app.join(name), text).unwrap();
        }
        let package = app.with_extension("ma");
        self.town.build("residence", &app, &package).unwrap();
        let submission = self.town.publish("residence", &package).unwrap();
        self.town.approve("residence", &submission).unwrap();
    }

    /// What waits on the device to be told to the store.
    fn beacons(&self) -> Value {
        let text = fs::read_to_string(self.path("device/beacons.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A window that tells this address what became of releases.
    pub(crate) fn window(&self, display: &Display, api_url: &str) -> Browser {
        let mut trust: Value = serde_json::from_slice(&fs::read(self.town.trust_file()).unwrap()).unwrap();
        trust["api_url"] = api_url.into();
        let file = self.path("guichet.trust.json");
        fs::write(&file, trust.to_string()).unwrap();
        let (home, trust) = (self.path("device"), file.to_str().unwrap());
        let arguments = ["--automation", "--lang", "en", "--refresh-seconds", "1", "--trust", trust];
        let arguments = [&arguments[..], &["--home", home.to_str().unwrap()]].concat();
        let browser = Browser::start(display, &programs().unwrap().join("guichet-desktop"), &arguments, &[]).unwrap();
        browser.turn_to("guichet-home").unwrap();
        browser
    }
}

/// A store's API that takes every envelope and hands it over.
fn api() -> (String, mpsc::Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/v1", listener.local_addr().unwrap());
    let (send, heard) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.extend(byte);
            }
            let head = String::from_utf8_lossy(&head).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            let read = stream.read_exact(&mut body);
            let answered = write!(stream, "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
            if read.and(answered).is_err() || send.send(serde_json::from_slice(&body).unwrap_or_default()).is_err() {
                return;
            }
        }
    });
    (url, heard)
}

fn picture(display: &Display, name: &str) {
    display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("trial-{name}.png"))).unwrap();
}

/// The app shows this version and what is kept.
pub(crate) fn in_app(browser: &Browser, version: u32, kept: &str) {
    let script = format!(
        "return document.querySelector('h1').textContent === 'Version {version}' && document.querySelector('#shown').textContent === '{kept}'"
    );
    let shows = until(&format!("version {version} shows `{kept}`"), DEADLINE, || {
        // The view of the version before has the same address, and is there until the new one is.
        browser.turn_to(DRAFT)?;
        Ok(browser.ask(&script).is_ok_and(|shows| shows == json!(true)).then_some(()))
    });
    shows.unwrap_or_else(|error| panic!("{error:#}; the page shows:\n{}", browser.page_text().unwrap_or_default()));
    browser.turn_to("guichet-home").unwrap();
}

/// The device has gone back by itself: what the window says, in the app and at home, in both languages.
fn went_back(browser: &Browser, display: &Display, name: &str) -> String {
    let said = |place: &str| {
        format!(
            "return document.querySelector('{place} [data-notice=\"went-back\"] p')?.innerText.replace(/\\s+/g, ' ')"
        )
    };
    let line = |place: &str| {
        let line = browser.until("it says that it went back", &said(place)).unwrap();
        format!("{}\n", line.as_str().unwrap())
    };
    let mut all = line("#frame:not([hidden]) #hang");
    in_app(browser, 1, "Ada");
    picture(display, &format!("{name}-app"));
    browser.click("[data-action='close-app']").unwrap();
    browser.until("the home page", "return document.documentElement.dataset.screen === 'home'").unwrap();
    for (lang, other) in [("en", "zh-Hans"), ("zh-Hans", "en")] {
        browser.until("the language", &format!("return document.documentElement.lang === '{lang}'")).unwrap();
        all += &line("#home:not([hidden]) #notices");
        picture(display, &format!("{name}-{lang}"));
        browser.click("[data-action='set-language']").unwrap();
        browser.until("the other language", &format!("return document.documentElement.lang === '{other}'")).unwrap();
    }
    browser.click("#notices [data-notice='went-back'] [data-action='dismiss']").unwrap();
    browser.until("it is dismissed", "return !document.querySelector('#notices [data-notice=\"went-back\"]')").unwrap();
    all
}

/// Version 1 is in use, and nothing newer is offered or waits.
fn is_not_offered(browser: &Browser) {
    let listing = format!("window.guichetHome.state.library?.find(({{ app_id }}) => app_id === '{DRAFT}')");
    browser.until("version 1 is in use", &format!("return {listing}?.installed.version_name === '1.0.0'")).unwrap();
    let offered = format!("const app = {listing}; return [app.available, app.staged]");
    assert_eq!(browser.ask(&offered).unwrap(), json!([null, false]));
    assert!(!browser.page_text().unwrap().contains("2.0.0"));
}

#[test]
fn a_version_that_fails_its_trial_is_given_up_with_what_it_wrote() {
    let counter = Counter::found();
    counter.release(1, KEEPS);
    let display = Display::start().unwrap();
    let (api_url, heard) = api();
    let browser = counter.window(&display, &api_url);
    browser.click(&format!("[data-app-id='{DRAFT}'] [data-action='install']")).unwrap();
    let open = format!(".bay[data-app-id='{DRAFT}'] [data-action='open']");
    browser.click(&open).unwrap();
    in_app(&browser, 1, "nothing");
    browser.turn_to(DRAFT).unwrap();
    browser.fill("#name", "Ada").unwrap();
    browser.click("#keep").unwrap();
    in_app(&browser, 1, "Ada");

    counter.release(2, THROWS);
    browser.click("[data-notice='update'] [data-action='update-now']").unwrap();
    let threw = went_back(&browser, &display, "threw");
    is_not_offered(&browser);

    counter.release(3, HANGS);
    browser
        .until("version 3 waits", "return document.querySelector('[data-notice=update]')?.innerText.includes('3.0.0')")
        .unwrap();
    browser.click("[data-notice='update'] [data-action='update-now']").unwrap();
    browser
        .until(
            "version 3 is in use",
            "return document.querySelector('#notices [data-notice=updated]')?.innerText.includes('3.0.0')",
        )
        .unwrap();
    browser.click(&open).unwrap();
    let hung = went_back(&browser, &display, "hung");
    assert_eq!(threw, hung, "a person is told the same");
    insta::assert_snapshot!(threw, @"
    The new version of Draft didn't open properly, so we went back to 1.0.0. What you entered is as it was before the new version.
    The new version of Draft didn't open properly, so we went back to 1.0.0. What you entered is as it was before the new version.
    “Draft”的新版本没能正常打开，已换回 1.0.0。 您的内容和换新之前一样。
    ");

    browser.close().unwrap();
    // Whoever tells it waits up to an hour; here it is due.
    let mut waiting = counter.beacons();
    waiting["due_ms"] = json!(0);
    fs::write(counter.path("device/beacons.json"), waiting.to_string()).unwrap();
    let browser = counter.window(&display, &api_url);
    let envelope = heard.recv_timeout(DEADLINE).unwrap();
    let became = |sequence: u64| -> Vec<_> {
        let of = |beacon: &&Value| beacon["sequence"] == sequence && beacon["app_id"] == DRAFT;
        envelope["beacons"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of)
            .map(|beacon| beacon["kind"].as_str().unwrap())
            .collect()
    };
    let of_the_second: Vec<_> = became(2).into_iter().filter(|kind| *kind != "painted").collect();
    assert_eq!(of_the_second, ["installed", "launched", "error", "reverted"], "seen or not: {envelope}");
    assert_eq!(became(3), ["installed", "launched", "error", "reverted"], "{envelope}");
    until("it is told once", DEADLINE, || {
        Ok(counter.beacons()["beacons"].as_array().is_some_and(Vec::is_empty).then_some(()))
    })
    .unwrap();

    is_not_offered(&browser);
    browser.click(&open).unwrap();
    in_app(&browser, 1, "Ada");
    counter.release(4, KEEPS);
    browser.click("#hang [data-notice='update'] [data-action='update-now']").unwrap();
    in_app(&browser, 4, "Ada");
    browser.close().unwrap();
}
