//! A page that hangs where nobody sees it, in the unmodified window: a WebDriver does not outlive the page it drives.

use std::fs;

use guichet_journeys::{
    attacks::{self, PREFIX},
    display::Display,
    doorbell::ring,
    process::{Running, program},
    town::Town,
    until::{DEADLINE, until},
};

use super::isolation::HOSTILE;

const BYSTANDER: &str = "bystander";
const HANGS: &str = "page-loops";
/// The program that draws pages.
const DRAWS: &str = "WebKitWebProcess";

#[test]
fn a_page_that_hangs_in_the_background_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &[HOSTILE]).unwrap();
    for (name, permissions) in [(BYSTANDER, &["host:storage".to_owned()][..]), (HANGS, &[])] {
        let (place, package) = (folder.path().join(name), folder.path().join(format!("{name}.ma")));
        attacks::lay_out(name, permissions, None, &place).unwrap();
        if name == HANGS {
            fs::write(place.join("pages/attack.js"), "Page({ onHide() { for (;;); } });\n").unwrap();
        }
        town.release(HOSTILE.id, &place, &package).unwrap();
    }
    let display = Display::start().unwrap();
    let home = folder.path().join("device");
    let mut command = program("guichet-desktop").unwrap();
    command.args(["--lang", "en", "--no-warm-view"]).arg("--trust").arg(town.trust_file()).arg("--home").arg(&home);
    let mut window = Running::start("guichet-desktop", command.env("DISPLAY", display.name())).unwrap();
    window.line("guichet-desktop ready", DEADLINE).unwrap();
    let before = window.named(DRAWS);
    ring(&home, &format!("{PREFIX}{HANGS}")).unwrap();
    window.line(&format!("opened {PREFIX}{HANGS}"), DEADLINE).unwrap();
    let more: Vec<u32> = window.named(DRAWS).into_iter().filter(|pid| !before.contains(pid)).collect();
    let [hangs] = more[..] else { panic!("one process more draws, and not {more:?}") };
    ring(&home, &format!("{PREFIX}{BYSTANDER}")).unwrap();
    window.line(&format!("opened {PREFIX}{BYSTANDER}"), DEADLINE).unwrap();
    until("its process is gone", DEADLINE, || Ok((!window.named(DRAWS).contains(&hangs)).then_some(()))).unwrap();
    assert_eq!(window.named(DRAWS).len(), before.len() + 1, "the app in front is there");
    window.stop().unwrap();
}
