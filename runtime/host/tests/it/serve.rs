//! What a view gets: the app's own files as they were sealed, and nothing else.

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::Terminal,
    store::Store,
};

fn terminal_of_both() -> (Store, Terminal) {
    let mut store = Store::new();
    let styled = App::new(PERMIT, 1).file("pages/form.css", "p { color: red }").file("secret of permit.txt", "x");
    store.release(&styled.seal("residence"));
    store.release(
        &App::new(ESTIMATOR, 1).file("pages/other.html", "other").file("estimates.json", "{}").seal("benefits"),
    );
    let terminal = Terminal::with(&store, PERMIT);
    terminal.install(ESTIMATOR).unwrap();
    (store, terminal)
}

#[test]
fn a_page_gets_its_companions_and_a_closed_view() {
    let (_store, terminal) = terminal_of_both();
    let session = terminal.launch(PERMIT).session;
    let form = session.serve("/pages/form?x=1#top").unwrap();
    assert_eq!(
        String::from_utf8(form.bytes).unwrap(),
        concat!(
            r#"<link rel="stylesheet" href="/app.css"><link rel="stylesheet" href="/pages/form.css">"#,
            r#"<script defer src="/pages/form.js"></script><p>form"#
        )
    );
    assert_eq!(form.mime, "text/html; charset=utf-8");
    assert!(
        form.headers
            .iter()
            .any(|(name, value)| *name == "Content-Security-Policy" && value.starts_with("default-src 'none'"))
    );
    assert_eq!(session.serve("/secret%20of%20permit.txt").unwrap().bytes, b"x");
    assert_eq!(session.serve("/app.css").unwrap().mime, "text/css; charset=utf-8");
}

#[test]
fn what_is_not_in_the_package_is_not_there() {
    let (_store, terminal) = terminal_of_both();
    let session = terminal.launch(PERMIT).session;
    for path in [
        "/pages/other.html",
        "/estimates.json",
        "/../gov.example.benefits.estimator/estimates.json",
        "/%2e%2e/%2e%2e/trust/trusted.json",
        "//etc/passwd",
        "/etc/passwd",
        "/..%2f..%2fdevice",
        "/pages/../pages/form.html",
        "/pages/form.html/",
        "/pages/FORM.html",
        "/",
        "",
        "/pages/form\0.html",
        "/C:\\windows",
    ] {
        let refusal = session.serve(path).unwrap_err();
        assert_eq!((refusal.status, refusal.class), (404, "page/not-in-package"), "{path}");
    }
    assert_eq!(session.serve("/%ff").unwrap_err().class, "page/bad-path");
    let refusal = session.serve("/estimates.json").unwrap_err();
    insta::assert_snapshot!(refusal, @"gov.example.residence.permit has no file `estimates.json`");
}

#[test]
fn files_that_are_no_pages_are_served_as_they_are() {
    let mut store = Store::new();
    let fragment = "<p>a fragment";
    store.release(&App::new(PERMIT, 1).file("common/fragment.html", fragment).seal("residence"));
    let terminal = Terminal::with(&store, PERMIT);
    let session = terminal.launch(PERMIT).session;
    assert_eq!(session.serve("/common/fragment.html").unwrap().bytes, fragment.as_bytes());
}
