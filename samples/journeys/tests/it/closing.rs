//! A page closes its window, which the engine lets it do as long as it has shown nothing else: its app is closed, and nothing
//! besides.

use guichet_journeys::{
    attacks::PREFIX,
    display::Display,
    doorbell::ring,
    sink::Sink,
    until::{DEADLINE, until},
};

use super::decisions::Window;

/// The processes that draw: the host's own page has one, and each app that is open.
const DRAWS: &str = "WebKitWebProcess";

#[test]
fn a_page_that_closes_its_window_closes_its_app_and_the_window_stays() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::open(folder.path(), None).unwrap();
    let display = Display::start().unwrap();
    // A view that has waited for its app has shown an empty document before.
    let mut window = Window::open(display, folder.path(), &sink, &["--no-warm-view"]).unwrap();
    assert_eq!(window.program.descendants(DRAWS).unwrap(), 2);

    for _ in 0..2 {
        let (x, y) = window.place("close").unwrap();
        until("the page has closed its app", DEADLINE, || {
            window.display.click(x, y)?;
            Ok((window.program.descendants(DRAWS)? == 1).then_some(()))
        })
        .unwrap();
        assert!(window.program.is_running().unwrap(), "{}", window.program.said());
        // Who holds a view that is destroyed hears of it from the toolkit.
        assert!(!window.program.said().contains("CRITICAL"), "{}", window.program.said());
        let heard = window.program.heard();
        ring(window.home(), &format!("{PREFIX}view/pages/home?port={}", sink.port)).unwrap();
        window.program.line_since(heard, "opened", DEADLINE).unwrap();
    }
    assert_eq!(window.program.descendants(DRAWS).unwrap(), 2, "the app is open anew");
    window.program.stop().unwrap();
}
