//! The host's own page hangs: it is noticed, and the page is there again without anybody's doing.

use std::path::Path;

use guichet_journeys::{
    display::Display,
    picture,
    process::{Running, program},
    town::{OFFICES, Town},
    until::{DEADLINE, until},
};
use rustix::process::{Pid, Signal, kill_process};

/// The processes that draw pages; the kernel keeps the first 15 bytes of a name.
fn drawing(window: &Running) -> Vec<u32> {
    let draws =
        |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm == "WebKitWebProces\n");
    window.processes().into_iter().filter(draws).collect()
}

#[test]
#[ignore = "the page is waited for for 20 s: cargo xtask test --full"]
fn the_host_s_own_page_is_loaded_anew() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let display = Display::start().unwrap();
    let mut command = program("guichet-desktop").unwrap();
    command.arg("--trust").arg(town.trust_file()).arg("--home").arg(folder.path().join("device"));
    command.args(["--no-warm-view", "--lang", "en"]).env("DISPLAY", display.name());
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("guichet-desktop ready", DEADLINE).unwrap();
    let shown = Path::new(env!("CARGO_TARGET_TMPDIR")).join("home-hangs.png");
    let see = || {
        display.picture(&shown).unwrap();
        picture::text(&shown).unwrap()
    };
    until("the page is there", DEADLINE, || Ok(see().contains("confidence").then_some(()))).unwrap();

    let [hanging] = drawing(&window)[..] else { panic!("one page, one process") };
    kill_process(Pid::from_raw(hanging.cast_signed()).unwrap(), Signal::STOP).unwrap();
    window.line("has said nothing for 20 s", DEADLINE).unwrap();
    until("another process draws it", DEADLINE, || {
        Ok(matches!(drawing(&window)[..], [process] if process != hanging).then_some(()))
    })
    .unwrap();
    // What was drawn before may still be seen: only a page that lives can be turned to its end.
    until("the end of the page can be read", DEADLINE, || {
        display.click(900, 500)?;
        display.key("End")?;
        Ok(see().contains("versions").then_some(()))
    })
    .unwrap();
    window.stop().unwrap();
}
