//! The eleven tests of W3C, rebuilt: passed in the real webview under a window manager, and judged by the picture too.

use std::{fs, path::Path};

use guichet_journeys::{
    display::Display,
    look::{Looked, look},
    picture,
    w3c::{ROUTE, W3cTest, text_of},
};
use serde_json::{Value, json};

struct Bench {
    display: Display,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let display = Display::start().unwrap().with_window_manager().unwrap();
        Self { display, folder: tempfile::tempdir().unwrap() }
    }

    fn look(&self, test: &W3cTest, arguments: &[&str]) -> Looked {
        let file = self.folder.path().join(format!("{}.ma", test.name));
        fs::write(&file, test.package().unwrap()).unwrap();
        look(&self.display, &file, test.name, arguments).unwrap()
    }

    /// Looks at a test the way it is passed, and checks what all have in common.
    fn pass(&self, name: &str, more: &[&str]) -> Looked {
        let test = W3cTest::all().into_iter().find(|test| test.name == name).unwrap();
        let looked = self.look(&test, &[&["--compat"], more].concat());
        // The last pictures stay in the target folder, for whoever wants to see what was seen.
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        fs::copy(&looked.picture, kept).unwrap();
        let report = &looked.report;
        assert!(looked.finished.status.success(), "{name}: {}\n{report:#}", looked.finished.stderr);
        assert_eq!((&report["ok"], &report["error"]), (&json!(true), &Value::Null), "{report:#}");
        assert_eq!((&report["start_page"], &report["app_id"]), (&json!(ROUTE), &json!("org.example.miniapp")));
        assert!(report["page_text"].as_str().unwrap().contains(&text_of(name)), "{report:#}");
        let bent: Vec<_> =
            report["bent"].as_array().unwrap().iter().map(|bent| bent["bend"].as_str().unwrap()).collect();
        for bend in ["payload-folder", "page-file", "page-template"] {
            assert!(bent.contains(&bend), "{name}: {bent:?}");
        }
        looked
    }
}

/// A point of the page on which there is nothing: near the bottom, in the middle.
fn empty_point(picture: &Path) -> String {
    let (width, height) = picture::size(picture).unwrap();
    picture::color(picture, width / 2, height - 40).unwrap()
}

fn console(report: &Value) -> Vec<&str> {
    report["console"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[test]
fn the_eleven_tests_of_w3c_pass_with_compat() {
    let bench = Bench::new();

    bench.pass("pkg-root-app-css-empty", &[]);

    let looked = bench.pass("pkg-pages-same-filenames", &[]);
    assert_eq!(console(&looked.report), ["the script of the page has run"]);
    let blue = (0..60).any(|y| picture::color(&looked.picture, 20, 60 + y).unwrap() == "#0000ff");
    assert!(blue, "the page's own style does not reach it");

    let looked = bench.pass("pkg-css-global-support", &[]);
    let yellow = (0..60).any(|y| picture::color(&looked.picture, 900, 60 + y).unwrap() == "#ffff00");
    assert!(yellow, "app.css does not reach the page");

    let looked = bench.pass("mnf-window-background-color", &[]);
    let window = &looked.report["window"];
    assert_eq!(window["requested"]["background_color"], "#00ff00");
    assert_eq!(window["applied"]["background_color"], "#00ff00");
    assert_eq!(empty_point(&looked.picture), "#00ff00");

    let looked = bench.pass("mnf-window-background-color-default", &[]);
    assert_eq!(looked.report["window"]["applied"]["background_color"], "#ffffff");
    assert_eq!(empty_point(&looked.picture), "#ffffff");

    let looked = bench.pass("mnf-window-fullscreen-true", &[]);
    let window = &looked.report["window"];
    assert_eq!(
        window["applied"],
        window["requested"]
            .as_object()
            .map(|requested| {
                let mut applied = requested.clone();
                applied.insert("orientation".to_owned(), json!("landscape"));
                Value::Object(applied)
            })
            .unwrap()
    );
    assert_eq!(
        (&window["applied"]["fullscreen"], picture::size(&looked.picture).unwrap()),
        (&json!(true), (1280, 800))
    );
    assert_eq!(picture::color(&looked.picture, 640, 4).unwrap(), "#ffffff", "a bar is left");

    let looked = bench.pass("mnf-window-fullscreen-default", &[]);
    assert_eq!(looked.report["window"]["applied"]["fullscreen"], false);
    assert_ne!(picture::color(&looked.picture, 640, 4).unwrap(), "#ffffff", "the bar is gone");

    // On a desktop the default decides nothing; on a terminal that stands upright it is what is seen.
    let looked = bench.pass("mnf-window-orientation-default", &[]);
    let window = &looked.report["window"];
    assert_eq!(
        (&window["requested"]["orientation"], &window["applied"]["orientation"]),
        (&json!("portrait"), &json!("landscape"))
    );
    assert_eq!(window["named"], json!([]));
    let looked = bench.pass("mnf-window-orientation-default", &["--profile", "phone"]);
    assert_eq!(looked.report["window"]["applied"]["orientation"], "portrait");

    let looked = bench.pass("mnf-window-orientation-portrait", &[]);
    let window = &looked.report["window"];
    assert_eq!(
        (&window["requested"]["orientation"], &window["applied"]["orientation"]),
        (&json!("portrait"), &json!("portrait"))
    );
    assert!(window["applied"]["width"].as_i64() < window["applied"]["height"].as_i64());

    let looked = bench.pass("mnf-window-orientation-landscape", &["--profile", "phone"]);
    let applied = &looked.report["window"]["applied"];
    assert_eq!(applied["orientation"], "landscape");
    assert!(applied["width"].as_i64() > applied["height"].as_i64());

    let looked = bench.pass("lcy-global-launched-callback-page-path", &[]);
    assert_eq!(console(&looked.report), ["state launched", "launched", "opened with pages/home/home", "TEST PASSED"]);
    let lifecycle = looked.report["lifecycle"].as_array().unwrap();
    let events: Vec<_> = lifecycle.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["globallaunched", "globalshown", "pageloaded", "pageshown", "pageready"]);
    assert_eq!(lifecycle[0]["input"]["pagePath"], ROUTE);
}

#[test]
fn strict_mode_refuses_them_and_says_what_would_open_them() {
    let bench = Bench::new();
    for test in W3cTest::all() {
        let looked = bench.look(&test, &[]);
        assert_eq!(looked.finished.status.code(), Some(2), "{}", test.name);
        assert!(looked.finished.stderr.contains("error[manifest/missing]"), "{}", looked.finished.stderr);
        let error = &looked.report["error"];
        assert_eq!(error["class"], "manifest/missing");
        assert!(error["hint"].as_str().unwrap().contains("--compat"), "{error:#}");
        assert!(!looked.picture.exists());
    }
}
