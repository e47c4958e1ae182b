//! A page that takes memory without end, in the unmodified window: a WebDriver does not outlive the page it drives.

use std::{collections::BTreeSet, fs};

use guichet_journeys::{
    attacks::{self, PREFIX},
    display::Display,
    doorbell::ring,
    process::{Running, program},
    reader::Reader,
    town::Town,
    until::{DEADLINE, until},
};

use super::isolation::HOSTILE;

const BYSTANDER: &str = "bystander";
const HOARDER: &str = "page-hoards";

/// What the host may grow by, in KiB.
const MOST_GROWN_KIB: u64 = 64 << 10;

/// The processes that draw.
fn drawing(window: &Running) -> BTreeSet<u32> {
    window.named("WebKitWebProcess").into_iter().collect()
}

/// Memory of a process that belongs to no file; one that was ended meanwhile has taken all that it could.
fn anonymous_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.map_or(u64::MAX, |line| line.trim().trim_end_matches("kB").trim().parse().unwrap())
}

fn kib(process: u32, what: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

#[test]
fn a_page_that_takes_memory_without_end_is_ended_and_only_it() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &[HOSTILE]).unwrap();
    for (name, permissions) in [(BYSTANDER, &["host:storage".to_owned()][..]), (HOARDER, &[])] {
        let (place, package) = (folder.path().join(name), folder.path().join(format!("{name}.ma")));
        attacks::lay_out(name, permissions, None, &place).unwrap();
        town.release(HOSTILE.id, &place, &package).unwrap();
    }
    let display = Display::start().unwrap();
    let reader = Reader::listen(&display, folder.path()).unwrap();
    let home = folder.path().join("device");
    let mut command = program("guichet-desktop").unwrap();
    reader.listens_to(&mut command);
    // No view waits for the next app, so that those that draw are those of apps and of the host.
    command.args(["--lang", "en", "--no-warm-view"]).arg("--trust").arg(town.trust_file()).arg("--home").arg(&home);
    let mut window = Running::start("guichet-desktop", &mut command).unwrap();
    window.line("guichet-desktop ready", DEADLINE).unwrap();
    ring(&home, &format!("{PREFIX}{BYSTANDER}")).unwrap();
    window.line(&format!("opened {PREFIX}{BYSTANDER}"), DEADLINE).unwrap();
    let before = drawing(&window);
    ring(&home, &format!("{PREFIX}{HOARDER}")).unwrap();
    window.line(&format!("opened {PREFIX}{HOARDER}"), DEADLINE).unwrap();
    let more: Vec<u32> = drawing(&window).difference(&before).copied().collect();
    let [hoarder] = more[..] else { panic!("one process more draws, and not {more:?}") };

    // From here on the peak is counted anew (proc(5), clear_refs).
    let grown_from = kib(window.id(), "VmRSS:");
    fs::write(format!("/proc/{}/clear_refs", window.id()), "5").unwrap();
    // What has come by itself takes no click at first.
    until("the page takes memory", DEADLINE, || {
        display.click(640, 500)?;
        Ok((anonymous_kib(hoarder) > 200 << 10).then_some(()))
    })
    .unwrap();
    window.line(&format!("stopped {PREFIX}{HOARDER} page/memory"), DEADLINE).unwrap();
    reader.until("heading", "page-hoards used too much memory, so we closed it").unwrap();
    until("its process is gone, and no other", DEADLINE, || Ok((drawing(&window) == before).then_some(()))).unwrap();
    let grown = kib(window.id(), "VmHWM:").saturating_sub(grown_from);
    assert!(grown <= MOST_GROWN_KIB, "the host grew by {grown} KiB");

    // The app beside it is found as it was left, in the process that it had.
    ring(&home, &format!("{PREFIX}{BYSTANDER}")).unwrap();
    reader.until("heading", "An attack").unwrap();
    assert_eq!(drawing(&window), before);
    window.stop().unwrap();
}
