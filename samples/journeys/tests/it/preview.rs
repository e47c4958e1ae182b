//! `guichet preview` and the unmodified window: pairing by a person, drafts that arrive as they are saved, and nothing that
//! stays.

use std::{fs, path::Path, process::Command};

use guichet_journeys::{
    browser::Browser,
    display::Display,
    picture,
    process::{Running, must, program, programs, run},
    until::{DEADLINE, until},
};
use serde_json::Value;

const APP: &str = "guichet-app://gov.example.counter";

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Counter</title><script type=module src=home.js></script>\
    <h1 id=title>First title</h1><p>Counted <output id=count>-</output> kept <output id=kept>-</output></p>\
    <button id=more>More</button>";
const SCRIPT: &str = "const draw = (state) => { count.textContent = state.count ?? '-'; };\n\
    guichet.page.addEventListener('update', () => draw(guichet.page.state));\ndraw(guichet.page.state);\n\
    more.addEventListener('click', () => guichet.logic.call('more'));\n\
    const before = await guichet.storage.get('seen');\nkept.textContent = before ?? 'nothing';\n\
    await guichet.storage.set('seen', 'yes');\n";
const LOGIC: &str = "let count = 0;\nexport default { launched() { tell(); } };\n\
    export function more() { count += 1; console.info(`counted ${count}`); tell(); return count; }\nfunction tell() { guichet.page.update({ count }); }\n";

/// An app that fills the screen, as one that wants to look like something else would.
fn app(folder: &Path) {
    let manifest = serde_json::json!({
        "app_id": "gov.example.counter", "name": "Counter", "pages": ["pages/home"], "lang": "en",
        "icons": [{"src": "common/icon.svg"}], "version": {"code": 1, "name": "1.0.0"},
        "platform_version": {"min_code": 1}, "window": {"fullscreen": true},
        "req_permissions": [{"name": "host:storage", "reason": "for the test"}],
    });
    for (path, text) in [
        ("manifest.json", manifest.to_string().as_str()),
        ("app.js", LOGIC),
        ("app.css", "body { background: #fff }"),
        ("pages/home.html", PAGE),
        ("pages/home.js", SCRIPT),
        ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A developer's computer: an app's folder, and what the computer keeps.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        app(&folder.path().join("app"));
        Self { folder }
    }

    fn guichet(&self, arguments: &[&str]) -> Command {
        let mut command = program("guichet").unwrap();
        command.args(["--json", "--lang", "en", "preview"]).args(arguments);
        command.env("XDG_CONFIG_HOME", self.folder.path().join("config"));
        command
    }

    /// Begins a preview, and gives what opens it.
    fn begin(&self) -> (Running, String) {
        let app = self.folder.path().join("app");
        let arguments = [app.to_str().unwrap(), "--listen", "127.0.0.1:0", "--name", "desk"];
        let mut running = Running::start("guichet preview", &mut self.guichet(&arguments)).unwrap();
        let address = said(&mut running, "preview")["address"].as_str().unwrap().to_owned();
        (running, address)
    }

    fn edit(&self, file: &str, old: &str, new: &str) {
        let path = self.folder.path().join("app").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file}: {text}");
        fs::write(path, text.replace(old, new)).unwrap();
    }
}

/// Waits for a line of this kind.
fn said(running: &mut Running, is: &str) -> Value {
    let line = running.line(&format!("\"is\":\"{is}\""), DEADLINE).unwrap();
    serde_json::from_str(&line).unwrap()
}

/// Gives the window with this title the keyboard.
fn focus(display: &Display, title: &str) {
    let mut search = Command::new("xdotool");
    search.args(["search", "--sync", "--onlyvisible", "--name", title, "windowfocus", "--sync"]);
    must(search.env("DISPLAY", display.name())).unwrap();
}

/// What can be read at the top of a picture of the screen, where the strip of a window that fills it is: light on dark.
fn strip(picture: &Path) -> String {
    let top = picture.with_extension("top.png");
    must(Command::new("convert").arg(picture).args(["-crop", "1280x90+0+0", "+repage", "-negate"]).arg(&top)).unwrap();
    picture::text(&top).unwrap()
}

/// Everything below a home, by path.
fn files(home: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut left = vec![home.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                all.push(path.strip_prefix(home).unwrap().display().to_string());
            }
        }
    }
    all.sort();
    all
}

#[test]
fn a_draft_is_seen_on_a_paired_terminal_and_nothing_of_it_stays() {
    let desk = Desk::new();
    let home = desk.folder.path().join("home");
    let home_text = home.to_str().unwrap().to_owned();
    let (mut preview, address) = desk.begin();
    let display = Display::start().unwrap().with_window_manager().unwrap();
    let desktop = programs().unwrap().join("guichet-desktop");
    let shot = |name: &str| Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let shows = |text: &str, name: &str| {
        until(&format!("the strip shows `{text}`"), DEADLINE, || {
            display.picture(&shot(name))?;
            Ok(strip(&shot(name)).contains(text).then_some(()))
        })
        .unwrap();
    };

    // For the first time: a person types the code, wrong and right.
    let mut command = Command::new(&desktop);
    command.args(["--home", &home_text, "--lang", "en", "--open", &address]).env("DISPLAY", display.name());
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("asks for a code", DEADLINE).unwrap();
    let code = said(&mut preview, "asks")["code"].as_str().unwrap().to_owned();
    focus(&display, "Pair with");
    display.picture(&shot("preview-ask.png")).unwrap();
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    display.write(&wrong).unwrap();
    display.key("Return").unwrap();
    window.line("wrong code", DEADLINE).unwrap();
    assert!(!home.join("previews/pairings.json").exists());
    display.write(&format!("{} {}", &code[..3], &code[3..])).unwrap();
    display.key("Return").unwrap();
    window.line("opened gov.example.counter", DEADLINE).unwrap();
    assert_eq!(said(&mut preview, "paired")["name"], said(&mut preview, "given")["name"]);
    // The app fills the screen, and the strip is there.
    shows("nobody has approved", "preview.png");
    window.stop().unwrap();
    said(&mut preview, "left");
    let home_text = home.to_str().unwrap();
    let listed = must(Command::new(&desktop).args(["--home", home_text, "--previews"])).unwrap();
    assert!(listed.contains("desk"), "{listed}");

    // From now on the address is enough. What is kept, is kept for this preview only.
    let arguments = ["--home", home_text, "--lang", "en", "--open", &address, "--automation"];
    let browser = Browser::start(&display, &desktop, &arguments, &[]).unwrap();
    browser.turn_to(APP).unwrap();
    browser.until("nothing is left of the preview before", "return kept.textContent === 'nothing'").unwrap();
    browser.click("#more").unwrap();
    browser.until("the logic has counted", "return count.textContent === '1'").unwrap();
    let console = said(&mut preview, "console");
    assert_eq!((&console["text"], &console["page"]), (&serde_json::json!("counted 1"), &Value::Null), "{console}");
    desk.edit("pages/home.html", "First title", "Second title");
    browser.until("what is saved is there", "return title.textContent === 'Second title'").unwrap();
    browser.until("the logic goes on", "return count.textContent === '1'").unwrap();
    browser.until("it keeps what it keeps", "return kept.textContent === 'yes'").unwrap();
    desk.edit("app.js", "let count = 0;", "let count = ;");
    shows("The newest draft has a problem", "preview-trouble.png");
    desk.edit("app.js", "let count = ;", "let count = 0;");

    // The developer ends the pairing: the window goes, and with it all there was.
    let listed = must(&mut desk.guichet(&["--terminals"])).unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let key = listed["terminals"][0]["key"].as_str().unwrap();
    must(&mut desk.guichet(&["--end", key])).unwrap();
    until("the window goes", DEADLINE, || Ok(browser.said().contains("preview ended: unpaired").then_some(())))
        .unwrap();
    until("what it kept goes", DEADLINE, || {
        Ok((files(&home) == ["previews/key", "previews/lock", "previews/pairings.json"]).then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error}: {:?}", files(&home)));
    drop(browser);
    preview.stop().unwrap();
}

#[test]
fn nobody_else_opens_it() {
    let desk = Desk::new();
    let home = desk.folder.path().join("home");
    let desktop = |arguments: &[&str]| {
        let mut command = program("guichet-desktop").unwrap();
        command.arg("--home").arg(&home).args(arguments).env("DISPLAY", "");
        run(&mut command).unwrap()
    };
    let (preview, address) = desk.begin();
    // A kiosk.
    let kiosk = desktop(&["--open", &address, "--profile", "kiosk"]);
    assert_eq!(kiosk.status.code(), Some(64), "{}", kiosk.stderr);
    assert!(kiosk.stderr.contains("error[preview/managed]"), "{}", kiosk.stderr);
    // Somebody else at the same place: the key is another.
    let key = address.split('/').nth(4).unwrap();
    let (begin, last) = key.split_at(key.len() - 1);
    let other: String = begin.chars().rev().chain(last.chars()).collect();
    let led_astray = desktop(&["--open", &address.replace(key, &other)]);
    assert_eq!(led_astray.status.code(), Some(2), "{}", led_astray.stderr);
    assert!(led_astray.stderr.contains("error[preview/other-key]"), "{}", led_astray.stderr);
    // An address that was kept.
    preview.stop().unwrap();
    let over = desktop(&["--open", &address]);
    assert_eq!(over.status.code(), Some(1), "{}", over.stderr);
    assert!(over.stderr.contains("error[preview/unreachable]"), "{}", over.stderr);
    let nobody = run(&mut desk.guichet(&["--end", "nobody"])).unwrap();
    assert_eq!(nobody.status.code(), Some(1), "{}", nobody.stdout);
    assert!(nobody.stdout.contains("preview/no-such-terminal"), "{}", nobody.stdout);
}
