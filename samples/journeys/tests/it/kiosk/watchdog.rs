//! systemd is told that a kiosk lives, by the process that keeps it and by nobody below it.

use std::{fs, os::unix::net::UnixDatagram, time::Duration};

use guichet_journeys::hall::{Hall, SOON, papers};

use super::{idle, town};

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn systemd_hears_that_it_lives_and_no_session_can_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let policy = papers(&folder.path().join("papers"), &town, |policy| idle(policy, 600, 900)).unwrap();
    let socket = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    systemd.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut hall = Hall::open_below_systemd(folder.path(), &policy, &socket).unwrap();
    let mut heard = [0; 64];
    let length = systemd.recv(&mut heard).unwrap();
    assert_eq!(heard[..length], *b"WATCHDOG=1");
    let heard = hall.kiosk.heard();
    hall.display.click(900, 250).unwrap();
    hall.kiosk.line_since(heard, "session begun", SOON).unwrap();
    let told = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).split('\0').any(|one| one.starts_with("NOTIFY_SOCKET="))
    };
    let told: Vec<u32> = hall.kiosk.processes().into_iter().filter(told).collect();
    assert_eq!(told, [hall.kiosk.id()]);
}
