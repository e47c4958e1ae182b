//! A kiosk's sessions, seen in the unmodified program: who comes next finds nothing, whatever ended the one before.

mod access;
mod cage;
mod canaries;
mod disk;
mod duty;
mod home;
mod language;
mod lockdown;
mod orphans;
mod paper;
mod staff;
mod unplug;
mod watchdog;

use std::{fs, path::Path, time::Duration};

use guichet_journeys::{
    hall::{Hall, SOON, papers},
    picture,
    process::program,
    town::{OFFICES, Town},
    until::until,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A store with the permit sample, and a folder.
fn town(folder: &Path) -> Town {
    let town = Town::found(folder, &OFFICES).unwrap();
    permit_of(&town, folder);
    town
}

/// The permit sample, released by its department.
fn permit_of(town: &Town, folder: &Path) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let package = folder.join("permit.ma");
    town.build("residence", &samples.join("residence-permit"), &package).unwrap();
    let submission = town.publish("residence", &package).unwrap();
    town.approve("residence", &submission).unwrap();
}

fn idle(policy: &mut Value, warn: u32, reset: u32) {
    policy["start"]["locale"] = "en".into();
    policy["idle"] = serde_json::json!({ "warn_seconds": warn, "reset_seconds": reset });
}

/// Folders of sessions that are there.
fn rooms(hall: &Hall) -> usize {
    let folders = fs::read_dir(hall.memory()).unwrap().flatten().flat_map(|own| fs::read_dir(own.path()).unwrap());
    folders
        .flatten()
        .filter(|room| room.file_name().to_string_lossy().starts_with('s') && room.path().join("home").exists())
        .count()
}

fn picture_of(hall: &Hall, name: &str) -> std::path::PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    hall.display.picture(&path).unwrap();
    path
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn a_session_is_asked_for_and_ends_and_whatever_dies_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let policy = papers(&folder.path().join("papers"), &town, |policy| idle(policy, 10, 30)).unwrap();
    let mut hall = Hall::open(folder.path(), &policy, &[]).unwrap();
    hall.find("permit").unwrap();

    // Somebody comes, does nothing more, and is asked.
    let heard = hall.kiosk.heard();
    hall.display.click(900, 250).unwrap();
    hall.kiosk.line_since(heard, "session begun", SOON).unwrap();
    hall.kiosk.line_since(heard, "asked", SOON).unwrap();
    until("the question is seen", SOON, || {
        let path = picture_of(&hall, "kiosk-idle.png");
        Ok(picture::text(&path)?.contains("still").then_some(()))
    })
    .unwrap();
    hall.kiosk.line_since(heard, "session over idle", SOON).unwrap();
    hall.kiosk.line_since(heard, "wiped in", SOON).unwrap();
    hall.kiosk.line_since(heard, "session shown", SOON).unwrap();

    // A window that dies in the middle leaves no more than one that ends.
    let heard = hall.kiosk.heard();
    hall.display.click(900, 250).unwrap();
    hall.kiosk.line_since(heard, "session begun", SOON).unwrap();
    let window = hall.kiosk.processes().into_iter().find(|pid| {
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.contains("--sit")
    });
    kill_process(Pid::from_raw(window.unwrap().cast_signed()).unwrap(), Signal::KILL).unwrap();
    hall.kiosk.line_since(heard, "session died", SOON).unwrap();
    hall.kiosk.line_since(heard, "session shown", SOON).unwrap();

    // All that it has started ends with it, and no folder stays, even if nobody can clear up behind it.
    let all = hall.kiosk.processes();
    assert!(all.len() > 4, "{all:?}");
    let memory = hall.memory().to_owned();
    kill_process(Pid::from_raw(hall.kiosk.id().cast_signed()).unwrap(), Signal::KILL).unwrap();
    until("nothing runs any more", SOON, || {
        let runs =
            |pid: &&u32| fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
        Ok(all.iter().find(runs).is_none().then_some(()))
    })
    .unwrap();
    until("no room is left", Duration::from_secs(10), || Ok((rooms(&hall) == 0).then_some(()))).unwrap();
    assert!(memory.exists());
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn a_kiosk_takes_no_folder_on_a_disk_and_no_policy_of_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    let town = town(folder.path());
    let policy = papers(&folder.path().join("papers"), &town, |policy| idle(policy, 60, 90)).unwrap();
    let start = |policy: &Path, memory: &str| {
        let mut command = program("guichet-kiosk").unwrap();
        command.arg("--policy").arg(policy).arg("--home").arg(folder.path().join("home")).args(["--memory", memory]);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = start(&policy, "/proc");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("error[kiosk/not-in-memory]"), "{said}");
    let changed = fs::read_to_string(&policy).unwrap().replace("市民中心", "别的大厅");
    let forged = policy.with_file_name("forged.json");
    fs::write(&forged, changed).unwrap();
    let (code, said) = start(&forged, "/dev/shm");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("hint:"), "{said}");
}
