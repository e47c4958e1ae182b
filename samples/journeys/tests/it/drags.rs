//! What is dragged over a page from another program does not come in, what is dragged out of a page is nothing, and what is
//! dragged within a page arrives: with real drags between the unmodified window and a program beside it.

use std::fs;

use anyhow::Result;
use guichet_journeys::{
    display::Display,
    neighbour::Neighbour,
    sink::Sink,
    until::{DEADLINE, until},
};

use super::decisions::Window;

/// How often what nobody would take is moved before it is let go.
const MOVES: u32 = 20;

/// Takes hold of what is at a place and moves it to another.
fn take(display: &Display, (x, y): (u32, u32), (to_x, to_y): (u32, u32)) -> Result<()> {
    let steps = 20;
    display.input(&["mousemove", &x.to_string(), &y.to_string(), "mousedown", "1"])?;
    let between = |from: u32, to: u32, step: u32| (from * (steps - step) + to * step) / steps;
    (1..=steps).try_for_each(|step| {
        display.input(&["mousemove", &between(x, to_x, step).to_string(), &between(y, to_y, step).to_string()])
    })
}

/// Moves it to and fro until whoever is below would take it, and lets it go.
fn let_go(display: &Display, (x, y): (u32, u32), would_be_taken: impl Fn() -> bool) -> Result<()> {
    let mut turn = 0;
    until("it would be taken", DEADLINE, || {
        turn += 1;
        display.input(&["mousemove", &(x + turn % 5).to_string(), &y.to_string()])?;
        Ok(would_be_taken().then_some(()))
    })?;
    display.input(&["mouseup", "1"])
}

/// Moves the neighbour's file over the page and lets it go, whoever would take it; says whether it was taken.
fn is_taken_by_the_page(window: &Window, neighbour: &mut Neighbour, zone: (u32, u32)) -> Result<bool> {
    let heard = neighbour.heard();
    take(&window.display, neighbour.file(), zone)?;
    for turn in 0..MOVES {
        window.display.input(&["mousemove", &(zone.0 + turn % 5).to_string(), &zone.1.to_string()])?;
    }
    window.display.input(&["mouseup", "1"])?;
    neighbour.was_taken(heard)
}

#[test]
fn drags_stay_inside_their_page() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::open(folder.path(), None).unwrap();
    let display = Display::large().unwrap().with_window_manager().unwrap();
    let mut window = Window::open(display, folder.path(), &sink, &[]).unwrap();
    let file = folder.path().join("private.txt");
    fs::write(&file, "a person's own").unwrap();
    let mut neighbour = Neighbour::start(&window.display, folder.path(), &file).unwrap();
    let (link, zone) = (window.place("drag-me").unwrap(), window.place("drop-here").unwrap());
    let (its_file, hands) = (neighbour.file(), neighbour.hands());

    // The neighbour gives and takes, so that what it says of others means something.
    let heard = neighbour.heard();
    take(&window.display, its_file, hands).unwrap();
    let_go(&window.display, hands, || neighbour.would_take(heard)).unwrap();
    assert!(neighbour.given(heard).unwrap().iter().all(|bytes| *bytes > 0));
    assert!(neighbour.was_taken(heard).unwrap());

    let is_taken = is_taken_by_the_page(&window, &mut neighbour, zone).unwrap();
    assert!(!is_taken, "a file came in: {}", window.program.said());

    // The page's own drag comes after, and is the first that it hears of.
    let says = |window: &Window, what: &str| window.program.said().matches(&format!("decision {what}: ")).count();
    assert_eq!(says(&window, "over"), 0, "{}", window.program.said());
    take(&window.display, link, zone).unwrap();
    let_go(&window.display, zone, || says(&window, "over") > 0).unwrap();
    assert_eq!(window.told("dropped").unwrap(), format!("0 files, http://127.0.0.1:{}/dragged", sink.port));

    let heard = neighbour.heard();
    take(&window.display, link, hands).unwrap();
    let_go(&window.display, hands, || neighbour.would_take(heard)).unwrap();
    let given = neighbour.given(heard).unwrap();
    assert!(!given.is_empty() && given.iter().all(|bytes| *bytes == 0), "it was given {given:?} bytes");

    // The next from elsewhere is refused as the first was.
    assert!(!is_taken_by_the_page(&window, &mut neighbour, zone).unwrap());
    assert_eq!(says(&window, "dropped"), 1, "{}", window.program.said());
    sink.is_empty().unwrap();
    assert!(window.program.is_running().unwrap(), "{}", window.program.said());
    window.program.stop().unwrap();
}
