//! What a driver has left behind in the middle of a session is not there for the next citizen.

use std::{fs, path::Path};

use guichet_journeys::{
    hall::{CARD, Hall, SOON, papers},
    until::until,
};
use serde_json::json;

use super::{idle, town};

/// Leaves a process behind that has neither its parent nor its group nor its session, says which, and is a reader then.
const LEAVES: &str = r#"
import os, signal, sys
reader, state, left = sys.argv[1:]
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for stream in range(3):
            os.close(stream)
        for number in signal.SIGHUP, signal.SIGINT, signal.SIGTERM:
            signal.signal(number, signal.SIG_IGN)
        with open(left, "w") as out:
            out.write(f"{os.getpid()}\n")
        while True:
            signal.pause()
    os._exit(0)
os.wait()
os.execv(sys.executable, [sys.executable, reader, state])
"#;

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn what_has_left_its_parents_in_a_session_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let at = |name: &str| folder.path().join(name);
    let (leaves, reader, state, left) = (at("leaves.py"), at("card.py"), at("card.state"), at("left"));
    for (path, text) in [(&leaves, LEAVES), (&reader, CARD), (&state, "empty"), (&left, "")] {
        fs::write(path, text).unwrap();
    }
    let policy = papers(&at("papers"), &town, |policy| {
        idle(policy, 600, 900);
        policy["devices"] = json!({ "readers": [{ "driver": {
            "program": "/usr/bin/python3", "arguments": [&leaves, &reader, &state, &left],
            "devices": [&leaves, &reader, &state, &left] } }] });
    })
    .unwrap();
    let mut hall = Hall::open(folder.path(), &policy, &[]).unwrap();
    let heard = hall.kiosk.heard();
    fs::write(&state, "present").unwrap();
    hall.kiosk.line_since(heard, "session begun", SOON).unwrap();
    let orphan = until("somebody is left behind", SOON, || {
        let said = fs::read_to_string(&left)?;
        Ok(said.ends_with('\n').then(|| said.trim().to_owned()))
    })
    .unwrap();
    let process = Path::new("/proc").join(&orphan);
    let status = fs::read_to_string(process.join("status")).unwrap();
    let says =
        |what: &str| status.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default().trim().to_owned();
    assert_eq!(says("Tgid:"), orphan);
    assert!(fs::read_to_string(process.join("cmdline")).unwrap().contains("leaves.py"));

    fs::write(&state, "empty").unwrap();
    for line in ["session over card", "wiped in"] {
        hall.kiosk.line_since(heard, line, SOON).unwrap();
    }
    assert!(!process.exists(), "whose parent was {} is still there", says("PPid:"));
}
