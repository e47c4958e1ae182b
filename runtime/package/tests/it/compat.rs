//! Looking at packages: what `Layout::Compat` bends, and that it loosens nothing else.

use guichet_package::{
    Limits, Refusal,
    compat::{Bend, Layout, Look},
};

use crate::{
    corpus::zip::{Entry, Zip},
    support::{Files, files, path, sealed},
};

fn open(bytes: &[u8], layout: Layout) -> Result<Look, Refusal> {
    Look::open(bytes, layout, &Limits::default())
}

fn zip(files: &Files) -> Vec<u8> {
    let entries: Vec<Entry> = files
        .iter()
        .map(|(path, bytes)| Entry {
            name: path.as_str().into(),
            data: bytes.clone(),
            flags: Some(0),
            ..Entry::default()
        })
        .collect();
    Zip::of(&entries).write()
}

/// A package as W3C's tests are laid out.
fn w3c(changes: &[(&str, Option<&str>)]) -> Files {
    let manifest = r#"{"app_id": "org.example.MiniApp", "name": "Test", "lang": "en", "dir": "ltr", "pages": ["pages/home/home"],
        "icons": [{"src": "common/icon48x48.png"}], "version": {"code": 1, "name": "1.0.0"}, "platform_version": {"min_code": 1}}"#;
    let mut files = Files::new();
    for (name, text) in [
        ("test.jsonld", "{}"),
        ("src/manifest.json", manifest),
        ("src/app.css", ""),
        ("src/app.js", ""),
        (
            "src/pages/home.html",
            "<!-- x -->\n<template>\n<div><text>Hello</text><img src=\"../common/a.png\"></div>\n</template>",
        ),
        ("src/pages/home.css", "div { color: red }"),
        ("src/pages/home.js", "export default {}"),
    ] {
        files.insert(path(name), text.as_bytes().to_vec());
    }
    for (name, text) in changes {
        match text {
            Some(text) => drop(files.insert(path(name), text.as_bytes().to_vec())),
            None => drop(files.remove(*name).unwrap()),
        }
    }
    files
}

fn text(look: &Look, file: &str) -> String {
    String::from_utf8(look.file.file(file).unwrap().to_vec()).unwrap()
}

#[test]
fn a_package_in_w3c_s_layout_is_bent_and_every_bend_is_said() {
    let look = open(&zip(&w3c(&[])), Layout::Compat).unwrap();
    let said: Vec<_> = look.bent.iter().map(|bend| format!("{} {}: {bend}", bend.name(), bend.place())).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    payload-folder src/: the payload lies in `src/`, which is taken as the root; left out: test.jsonld
    app-id manifest.json#/app_id: `org.example.MiniApp` cannot be an app id here; `compat.w3c-83086b010e48ab9c` stands in for it
    page-file pages/home.html: the page `pages/home/home` is not there; `pages/home.html` is taken for it
    page-template pages/home.html: `pages/home.html` is a `<template>`; its content is taken as the body of a document
    page-module pages/home.js: `pages/home.js` has exports, so it is run as a module
    ");
    assert_eq!(look.app_id, "org.example.MiniApp");
    insta::assert_snapshot!(text(&look, "pages/home/home.html"), @r#"
    <!doctype html>
    <html lang="en" dir="ltr">
    <head><meta charset="utf-8"><title>Test</title><style>:where(text) { display: inline-block }</style><link rel="stylesheet" href="/pages/home.css"><script type="module" src="/pages/home.js"></script></head>
    <body>
    <div><text>Hello</text><img src="/common/a.png"></div>
    </body>
    </html>
    "#);
    assert_eq!(look.file.manifest().pages[0].as_str(), "pages/home/home");
}

#[test]
fn strict_looks_bend_nothing() {
    let class = |files: &Files| open(&zip(files), Layout::Strict).unwrap_err().class();
    assert_eq!(class(&w3c(&[])), "manifest/missing");
    let look = open(&zip(&files()), Layout::Strict).unwrap();
    assert_eq!((look.bent.len(), look.app_id.as_str()), (0, "gov.example.residence.permit"));
    let mut template = files();
    template.insert(path("pages/home.html"), b"<template>x</template>".to_vec());
    let look = open(&zip(&template), Layout::Strict).unwrap();
    assert_eq!(text(&look, "pages/home.html"), "<template>x</template>");
}

#[test]
fn compat_leaves_a_package_in_our_layout_as_it_is() {
    let strict = open(&zip(&files()), Layout::Strict).unwrap();
    let compat = open(&zip(&files()), Layout::Compat).unwrap();
    assert_eq!(compat.bent, []);
    assert_eq!(compat.file.bytes(), strict.file.bytes());
}

#[test]
fn our_own_packages_are_opened_as_ours_and_by_nothing_else() {
    for layout in [Layout::Strict, Layout::Compat] {
        let package = sealed();
        assert_eq!(open(package.bytes(), layout).unwrap().file.bytes(), package.bytes());
        // Import would drop the signing block and take the rest; a look at one of ours does not.
        let mut altered = package.bytes().to_vec();
        let at = altered.windows(4).position(|window| window == b"Home").unwrap();
        altered[at] = b'h';
        assert_eq!(open(&altered, layout).unwrap_err().class(), "container/checksum");
    }
}

#[test]
fn what_is_not_layout_is_refused_by_the_same_class() {
    let class = |changes: &[(&str, Option<&str>)]| open(&zip(&w3c(changes)), Layout::Compat).unwrap_err().class();
    assert_eq!(class(&[("src/app.css", None)]), "layout/missing-file");
    assert_eq!(class(&[("src/app.js", None)]), "layout/missing-file");
    assert_eq!(class(&[("src/pages/home.html", None)]), "layout/missing-page");
    assert_eq!(class(&[("src/manifest.json", Some("{"))]), "manifest/not-json");
    assert_eq!(class(&[("src/manifest.json", Some(r#"{"app_id":"a","app_id":"b"}"#))]), "manifest/duplicate-member");
    assert_eq!(class(&[("src/manifest.json", Some(r#"{"app_id": ""}"#))]), "manifest/missing-member");
    let mut comment = Zip::of(&[crate::corpus::zip::entry("src/manifest.json", "{}")]);
    comment.comment = b"x".to_vec();
    assert_eq!(open(&comment.write(), Layout::Compat).unwrap_err().class(), "container/comment");
}

#[test]
fn logic_that_calls_the_removed_function_gets_it() {
    let look = open(&zip(&w3c(&[("src/app.js", Some("global.getGlobalState(() => {});"))])), Layout::Compat).unwrap();
    assert!(look.bent.contains(&Bend::GlobalState { script: path("app.js") }));
    assert!(text(&look, "app.js").contains("guichet-compat-app.js"));
    assert_eq!(text(&look, "guichet-compat-app.js"), "global.getGlobalState(() => {});");
}

#[test]
fn an_app_id_of_w3c_s_grammar_never_takes_the_place_of_another() {
    let id = |written: &str| {
        let manifest = format!(
            r#"{{"app_id": "{written}", "name": "T", "pages": ["pages/home"], "icons": [{{"src": "a.png"}}],
                "version": {{"code": 1, "name": "1"}}, "platform_version": {{"min_code": 1}}}}"#
        );
        let look = open(&zip(&w3c(&[("src/manifest.json", Some(&manifest))])), Layout::Compat).unwrap();
        assert_eq!(look.app_id, written);
        look.file.manifest().app_id.to_string()
    };
    assert_ne!(id("org.example.A"), id("org.example.a"));
    assert_eq!(id("org.example.a"), "org.example.a");
    assert_ne!(id("单个"), id("A"));
}
