//! What an engine keeps for pages is kept for one app only and goes with it, in the unmodified window: with a context for each
//! view, one process that loads for all, and a view that waits for the next app.

use guichet_journeys::{
    attacks::{self, PREFIX},
    display::Display,
    doorbell::ring,
    process::{Running, program},
    town::Town,
    until::{DEADLINE, until},
};

use super::{attacks::KEPT, isolation::HOSTILE};

/// It writes into everything there is, and says what it has found there before.
const KEEPER: &str = "bystander";
/// It looks for what others have written, then for what it has written itself.
const LOOKER: &str = "data-of-others";

/// Waits until so many processes draw: the host's own page has one, each app that is open, and the view that is nobody's yet.
fn draw(window: &Running, processes: usize) {
    let draws = || window.descendants("WebKitWebProcess");
    until(&format!("{processes} processes draw"), DEADLINE, || Ok((draws()? == processes).then_some(()))).unwrap();
}

/// What the keeper says when its page has begun for the `time`th time.
fn kept(window: &Running, time: usize) -> String {
    let said = |window: &Running| {
        let said = window.said();
        let mut times = said.lines().filter_map(|line| Some(line.split_once("bystander found ")?.1.to_owned()));
        times.nth(time)
    };
    until("the keeper has kept something", DEADLINE, || Ok(said(window))).unwrap()
}

#[test]
fn what_a_page_keeps_is_found_by_no_other_app_and_not_by_itself_when_it_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &[HOSTILE]).unwrap();
    for name in [KEEPER, LOOKER] {
        let (place, package) = (folder.path().join(name), folder.path().join(format!("{name}.ma")));
        attacks::lay_out(name, &["host:storage".to_owned()], None, &place).unwrap();
        town.release(HOSTILE.id, &place, &package).unwrap();
    }
    let display = Display::start().unwrap();
    let home = folder.path().join("device");
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(&home).args(["--lang", "en"]);
    command.env("DISPLAY", display.name()).env("GUICHET_LOG", "info,guichet_shell=debug");
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("guichet-desktop ready", DEADLINE).unwrap();

    draw(&window, 2);
    ring(&home, &format!("{PREFIX}{KEEPER}")).unwrap();
    let first = kept(&window, 0);
    assert!(first.starts_with("nothing and kept "), "{first}");
    assert!(KEPT.iter().all(|kind| first.contains(kind)), "{first}");

    // It is opened in the view that has waited for it, while the keeper is there still.
    draw(&window, 3);
    ring(&home, &format!("{PREFIX}{LOOKER}/pages/home?run")).unwrap();
    let found = window.line("data of others, ", DEADLINE).unwrap();
    assert!(found.contains("data of others, found: nothing"), "{found}");
    assert!(
        window.said().lines().any(|line| line.contains("a view was ready") && line.contains(LOOKER)),
        "{}",
        window.said()
    );

    // A page that closes its window closes its app.
    draw(&window, 4);
    ring(&home, &format!("{PREFIX}{KEEPER}/pages/home?close")).unwrap();
    draw(&window, 3);
    window.line("what pages have said is collected", DEADLINE).unwrap();
    ring(&home, &format!("{PREFIX}{KEEPER}")).unwrap();
    let again = kept(&window, 1);
    assert_eq!(again.split(" run=").next(), first.split(" run=").next());
    window.stop().unwrap();
}
