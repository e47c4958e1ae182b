//! `guichet dev` over the real window: what a developer saves is there at once, and what can be kept is kept.

use std::{fs, path::Path, time::Duration};

use guichet_journeys::{
    browser::Browser,
    display::Display,
    picture,
    process::{must, program, programs, run},
    until::{DEADLINE, until},
};

const APP: &str = "guichet-app://gov.example.counter";
const PANEL: &str = "guichet-dev://dev";

const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Counter</title><script type=module src=home.js></script>\
    <h1 id=title>First title</h1><p>Counted <output id=count>-</output> <output id=word></output></p>\
    <button id=more>More</button><form id=form><input id=name><input type=checkbox id=agree></form>";
const SCRIPT: &str = "const draw = (state) => { count.textContent = state.count ?? '-'; word.textContent = state.word ?? ''; };\n\
    guichet.page.addEventListener('update', () => draw(guichet.page.state));\ndraw(guichet.page.state);\n\
    more.addEventListener('click', () => guichet.logic.call('more', 1));\n\
    guichet.storage.set('seen', 'yes').catch(() => {});\n";
const LOGIC: &str = "let count = 0;\nexport default { launched() { tell(); } };\n\
    export function more(step) { count += step; tell(); return count; }\n\
    function tell() { guichet.page.update({ count, word: 'apples' }); }\n";

fn app(folder: &Path) {
    let manifest = serde_json::json!({
        "app_id": "gov.example.counter", "name": "Counter", "pages": ["pages/home"], "lang": "en",
        "icons": [{"src": "common/icon.svg"}], "version": {"code": 1, "name": "1.0.0"},
        "platform_version": {"min_code": 1},
        "req_permissions": [{"name": "host:storage", "reason": "for the test"}],
    });
    for (path, text) in [
        ("manifest.json", manifest.to_string().as_str()),
        ("app.js", LOGIC),
        ("app.css", "body { background: #a0c4ff }"),
        ("pages/home.html", PAGE),
        ("pages/home.js", SCRIPT),
        ("common/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn what_is_saved_is_seen_and_what_can_be_kept_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    app(root);
    let display = Display::large().unwrap();
    let guichet = programs().unwrap().join("guichet");
    let path = root.to_str().unwrap();
    let words = ["--lang", "en", "dev", path, "--automation", "--device", "printer=jam,card=expired"];
    let browser = Browser::start(&display, &guichet, &words, &[]).unwrap();
    let said = |what: &str| {
        until(&format!("guichet dev says `{what}`"), DEADLINE, || Ok(browser.said().contains(what).then_some(())))
            .unwrap_or_else(|error| panic!("{error}\n{}", browser.said()));
    };
    let edit = |file: &str, old: &str, new: &str| {
        let text = fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(old), "{file}: {text}");
        fs::write(root.join(file), text.replace(old, new)).unwrap();
    };
    let typed = || browser.ask("return `${document.querySelector('#name').value} ${agree.checked}`").unwrap();

    // A state of the logic, and one that only the page has.
    browser.turn_to(APP).unwrap();
    for expected in ["1", "2"] {
        browser.click("#more").unwrap();
        browser.until("the logic has counted", &format!("return count.textContent === '{expected}'")).unwrap();
    }
    browser.fill("#name", "张三").unwrap();
    browser.click("#agree").unwrap();

    // A page is edited: only the page is loaded again.
    edit("pages/home.html", "First title", "Second title");
    browser.until("the new text is there", "return title.textContent === 'Second title'").unwrap();
    browser.until("the logic goes on", "return count.textContent === '2'").unwrap();
    browser.until("what was typed is there", "return document.querySelector('#name').value !== ''").unwrap();
    assert_eq!(typed(), "张三 true");
    said("page loaded again");

    // A style is edited: the document stays.
    browser.ask("window.same = true; return 1").unwrap();
    edit("app.css", "#a0c4ff", "#00ff00");
    let green = "return getComputedStyle(document.body).backgroundColor === 'rgb(0, 255, 0)'";
    browser.until("the new style is there", green).unwrap();
    assert_eq!(browser.ask("return window.same === true").unwrap(), true);

    // The logic is edited: it is given what happened and goes on.
    edit("app.js", "apples", "pears");
    browser.until("the new logic tells", "return word.textContent === 'pears'").unwrap();
    assert_eq!(browser.ask("return count.textContent").unwrap(), "2");
    assert_eq!(browser.ask("return window.same === true").unwrap(), true, "no page was loaded again");
    browser.click("#more").unwrap();
    browser.until("the new logic goes on", "return count.textContent === '3'").unwrap();
    said("new logic was given all");

    // A mistake: the last good version stays, and terminal and window say what it is.
    let good = fs::read_to_string(root.join("app.js")).unwrap();
    edit("app.js", "let count = 0;", "let count = ;");
    said("app.js:1:13: error[check/syntax]");
    browser.turn_to(PANEL).unwrap();
    browser.until("the panel shows it", "return document.body.innerText.includes('app.js:1:13')").unwrap();
    let shot = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dev-problems.png");
    until("the window shows it", DEADLINE, || {
        display.picture(&shot)?;
        Ok(picture::text(&shot)?.contains("last good version").then_some(()))
    })
    .unwrap();
    browser.turn_to(APP).unwrap();
    browser.click("#more").unwrap();
    browser.until("the last good version goes on", "return count.textContent === '4'").unwrap();

    // It loads, but not with what happened so far: it is begun anew, and why is said.
    fs::write(
        root.join("app.js"),
        good.replace("export default {", "export default { shown() { guichet.storage.get('x'); },"),
    )
    .unwrap();
    said("the folder can be packed again");
    said("new logic asks the host something else at event");
    browser.turn_to(APP).unwrap();
    browser.until("it begins anew", "return count.textContent === '0'").unwrap();
    browser.until("what was typed is kept", "return document.querySelector('#name').value === '张三'").unwrap();

    // What the panel knows of it.
    browser.turn_to(PANEL).unwrap();
    assert_eq!(
        browser.ask("return document.querySelector('#switch-printer').value").unwrap(),
        "jam",
        "as the flag says"
    );
    assert_eq!(browser.ask("return document.querySelector('#switch-card').value").unwrap(), "expired");
    browser.click("#tab-calls").unwrap();
    let decided = "return document.querySelector('#panel').innerText.includes('The manifest asks for host:storage')";
    browser.until("the panel says why", decided).unwrap();
    browser.click("#tab-storage").unwrap();
    browser
        .until("the panel shows what is kept", "return document.querySelector('#panel').innerText.includes('seen')")
        .unwrap();
    display.picture(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("dev-panel.png")).unwrap();

    // Another terminal.
    let choose = "const choice = document.querySelector('#switch-profile'); choice.value = 'phone'; \
        choice.dispatchEvent(new Event('change')); return 1";
    browser.ask(choose).unwrap();
    said("phone 390 × 844");
    browser.turn_to(APP).unwrap();
    browser
        .until_within(
            Duration::from_secs(20),
            "the page is as wide as a phone",
            "return Math.abs(innerWidth - 390) <= 2",
        )
        .unwrap();
    browser.close().unwrap();
}

/// The flag that makes a developer's window goes with nothing that makes it a terminal.
#[test]
fn only_a_developer_s_window_takes_drafts() {
    let folder = tempfile::tempdir().unwrap();
    app(folder.path());
    let package = folder.path().join("counter.ma");
    must(program("guichet").unwrap().env_remove("GUICHET_KEY").arg("build").arg(folder.path()).arg("-o").arg(&package))
        .unwrap();
    let flags: [&[&str]; 6] = [
        &["--trust", "t.json"],
        &["--open", "gov.example.counter"],
        &["--profile", "kiosk"],
        &["--updates-from", "usb"],
        &["--record", "x.journal"],
        &["--screenshot", "x.png"],
    ];
    for flags in flags {
        let ended = run(program("guichet-desktop").unwrap().arg("--dev").args(flags).env("DISPLAY", "")).unwrap();
        assert_eq!(ended.status.code(), Some(64), "{flags:?}: {}", ended.stderr);
    }
    // Without `guichet dev` there is nothing to show.
    let alone = run(program("guichet-desktop").unwrap().arg("--dev").env("DISPLAY", "")).unwrap();
    assert_eq!(alone.status.code(), Some(1), "{}", alone.stderr);
    assert!(alone.stderr.contains("error[dev/input]"), "{}", alone.stderr);
}
