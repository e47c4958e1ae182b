//! Looking at package files that nobody vouches for: what is refused, what is left behind, and how the window is given back.

use std::{fs, path::Path};

use guichet_journeys::{
    display::Display,
    look::{Looked, TEMPORARY, look, runtime},
    picture,
    process::{Finished, Running, program, run},
    until::{DEADLINE, until},
    zip::{self, Method},
};
use serde_json::{Value, json};

fn files(window: &Value, page: &str) -> Vec<(&'static str, Vec<u8>)> {
    let manifest = json!({
        "app_id": "gov.example.look", "name": "Look", "pages": ["pages/home"],
        "icons": [{"src": "common/icon.svg"}], "version": {"code": 1, "name": "1.0"},
        "platform_version": {"min_code": 1}, "window": window,
        "req_permissions": [{"name": "host:storage", "reason": "for the test"}],
    });
    vec![
        ("manifest.json", manifest.to_string().into_bytes()),
        ("app.js", Vec::new()),
        ("app.css", b"p { color: #ff0000 }".to_vec()),
        ("pages/home.html", page.as_bytes().to_vec()),
        ("pages/home.css", b"h1 { color: #0000ff }".to_vec()),
        ("common/icon.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
    ]
}

fn package(folder: &Path, window: &Value, page: &str, method: Method) -> std::path::PathBuf {
    let file = folder.join("look.ma");
    fs::write(&file, zip::write(&files(window, page), method).unwrap()).unwrap();
    file
}

fn seen(folder: &Path, window: &Value, page: &str, arguments: &[&str]) -> Looked {
    let display = Display::start().unwrap().with_window_manager().unwrap();
    let file = package(folder, window, page, Method::Stored);
    let looked = look(&display, &file, "look", arguments).unwrap();
    assert!(looked.finished.status.success(), "{}\n{:#}", looked.finished.stderr, looked.report);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("look-{}.png", std::thread::current().name().unwrap_or("x").replace("::", "-")));
    fs::copy(&looked.picture, kept).unwrap();
    looked
}

#[test]
fn a_page_s_own_background_wins_and_the_bar_has_the_app_s_colors() {
    let folder = tempfile::tempdir().unwrap();
    let window = json!({
        "background_color": "#00ff00", "navigation_bar_background_color": "#123456",
        "navigation_bar_title_text": "Titled", "navigation_bar_text_style": "white",
    });
    let looked = seen(folder.path(), &window, "<body style='background:#ff00ff'><h1>Head</h1>", &[]);
    let (width, height) = picture::size(&looked.picture).unwrap();
    assert_eq!(picture::color(&looked.picture, width / 2, height - 40).unwrap(), "#ff00ff");
    assert_eq!(picture::color(&looked.picture, width / 2, 8).unwrap(), "#123456");
    assert_eq!(looked.report["window"]["applied"]["background_color"], "#00ff00");
    assert!(picture::text(&looked.picture).unwrap().contains("Titled"));
}

#[test]
fn nothing_is_read_from_this_device_and_nothing_stays() {
    let folder = tempfile::tempdir().unwrap();
    let script = "<script src=x.js></script><p id=p>waiting</p>";
    let display = Display::start().unwrap();
    let mut all = files(&json!({}), script);
    all.push((
        "pages/x.js",
        b"guichet.storage.set('k', new Uint8Array([1])).then(() => guichet.storage.get('k')).then((v) => { p.textContent = `kept ${v.length}` })".to_vec(),
    ));
    let file = folder.path().join("look.ma");
    fs::write(&file, zip::write(&all, Method::Deflate).unwrap()).unwrap();
    // A window that was killed has left this.
    let engine = runtime(folder.path()).unwrap().join("guichet-engine");
    fs::create_dir_all(engine.join(".tmpkilled/WebKitCache")).unwrap();
    let looked = look(&display, &file, "look", &[]).unwrap();
    assert!(looked.finished.status.success(), "{}", looked.finished.stderr);
    assert!(looked.report["page_text"].as_str().unwrap().contains("kept 1"), "{:#}", looked.report);
    for folder in [engine, folder.path().join(TEMPORARY)] {
        let left: Vec<_> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
        assert!(left.is_empty(), "{left:?}");
    }
    assert_eq!(looked.report["bent"], json!([]));
    assert!(!folder.path().join("no-home").exists(), "a look made a home");
}

#[test]
fn an_app_that_fills_the_screen_leaves_a_way_out() {
    const WHITE: &str = "#ffffff";
    let folder = tempfile::tempdir().unwrap();
    let file = package(folder.path(), &json!({"fullscreen": true}), "<p>full", Method::Deflate);
    let display = Display::start().unwrap().with_window_manager().unwrap();
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--open").arg(&file).args(["--unsealed", "--lang", "en"]).env("DISPLAY", display.name());
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("opened gov.example.look", DEADLINE).unwrap();

    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("look-way-out.png");
    // The bar is dark from side to side; the capsule is dark on a white page.
    let until_seen = |what: &str, bar: bool| {
        until(what, DEADLINE, || {
            display.picture(&picture)?;
            let [middle, capsule] = [(640, 4), (1180, 34)].map(|(x, y)| picture::color(&picture, x, y));
            Ok(((middle? != WHITE) == bar && capsule? != WHITE).then_some(()))
        })
        .unwrap();
    };
    until_seen("only the capsule is there", false);
    // The capsule's menu brings the bar back, and the bar's menu lets it go.
    display.click(1195, 34).unwrap();
    until_seen("the bar is back", true);
    display.click(1185, 27).unwrap();
    until_seen("the bar is gone again", false);
    display.click(1243, 34).unwrap();
    assert!(window.wait_until(DEADLINE).unwrap().success(), "{}", window.said());
}

fn desktop(arguments: &[&str]) -> Finished {
    run(program("guichet-desktop").unwrap().args(arguments).env("DISPLAY", "")).unwrap()
}

#[test]
fn a_kiosk_cannot_look() {
    let finished = desktop(&["--open", "x.ma", "--unsealed", "--profile", "kiosk"]);
    assert_eq!(finished.status.code(), Some(64), "{}", finished.stderr);
    assert!(finished.stderr.contains("a kiosk shows only what was approved"), "{}", finished.stderr);
    assert_eq!(desktop(&["--unsealed"]).status.code(), Some(64));
    assert_eq!(desktop(&["--open", "x.ma", "--compat"]).status.code(), Some(64));
}

#[test]
fn hostile_archives_are_refused_by_the_same_class_strict_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let display = Display::start().unwrap();
    let good = zip::write(&files(&json!({}), "<p>x"), Method::Stored).unwrap();
    let doubled = {
        let mut all = files(&json!({}), "<p>x");
        all.push(("app.js", b"evil()".to_vec()));
        zip::write(&all, Method::Stored).unwrap()
    };
    let escaping = zip::write(&[("../manifest.json", b"{}".to_vec())], Method::Stored).unwrap();
    let cases = [
        ("container/duplicate-entry", doubled),
        ("path/dot-segment", escaping),
        ("container/trailing-bytes", [&good[..], b"x"].concat()),
        ("container/not-a-zip", b"<html>".to_vec()),
    ];
    for (class, bytes) in cases {
        for arguments in [&[][..], &["--compat"]] {
            let file = folder.path().join("hostile.ma");
            fs::write(&file, &bytes).unwrap();
            let looked = look(&display, &file, "hostile", arguments).unwrap();
            assert_eq!(looked.finished.status.code(), Some(2), "{class}: {}", looked.finished.stderr);
            assert!(looked.finished.stderr.contains(&format!("error[{class}]")), "{}", looked.finished.stderr);
            assert_eq!(looked.report["error"]["class"], class);
            assert_eq!(looked.report["ok"], false);
        }
    }
}
