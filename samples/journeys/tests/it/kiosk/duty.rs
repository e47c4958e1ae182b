//! A terminal that its store knows: it tells how it is, closes when its policy says so, and opens with the next policy.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use guichet_host::policy::hash_pin;
use guichet_journeys::{
    hall::{Hall, SOON, papers},
    process::{must, program},
    town::{OFFICES, Town},
    until::until,
};
use serde_json::json;

use super::{
    idle, permit_of,
    staff::{self, PIN},
};

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn a_terminal_tells_how_it_is_closes_and_opens_with_another_policy() {
    let folder = tempfile::tempdir().unwrap();
    let papers_folder = folder.path().join("papers");
    fs::create_dir_all(&papers_folder).unwrap();
    let key = papers_folder.join("operator.key");
    must(program("guichet").unwrap().args(["key", "new"]).arg(&key)).unwrap();
    let public = must(program("guichet").unwrap().args(["key", "show"]).arg(&key)).unwrap();
    fs::write(papers_folder.join("operator.pub"), &public).unwrap();
    let town = Town::found_with(folder.path(), &OFFICES, |town| {
        Ok(fs::write(town.store_folder().join("operator.pub"), &public)?)
    });
    let town = town.unwrap();
    permit_of(&town, folder.path());

    // Open on one day, and that is not today, nor may it be in a moment.
    let today: usize = must(std::process::Command::new("date").arg("+%u")).unwrap().trim().parse().unwrap();
    let day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][(today + 2) % 7];
    let policy = papers(&papers_folder, &town, |policy| {
        idle(policy, 600, 900);
        policy["staff"] = json!({ "pin": hash_pin(PIN).unwrap().unwrap().to_string() });
        policy["hours"] = json!([{ "days": [day], "from": "08:30", "to": "17:00" }]);
        policy["devices"] = json!({ "printers": [{ "name": "Counter", "ipp": "ipp://127.0.0.1:1/ipp/print" }] });
    })
    .unwrap();
    let code = town.store(&["admin", "terminal", "code", "--policy", policy.to_str().unwrap()]).unwrap();
    let code = code.lines().last().unwrap().trim();
    let mut enrolling = program("guichet-kiosk").unwrap();
    enrolling.arg("--policy").arg(&policy).arg("--home").arg(folder.path().join("terminal"));
    must(enrolling.args(["--enrol", code, "--store", town.url()])).unwrap();

    let begun = now_ms();
    let mut hall = Hall::begin(folder.path(), &policy, &[]).unwrap();
    hall.kiosk.line("out of service: closed", SOON).unwrap();
    hall.find("closed").unwrap();
    until("the store has heard from it", SOON, || {
        let list = town.store(&["admin", "terminal", "list"])?;
        let seen = list.lines().find_map(|line| line.split('\t').nth(4)?.parse::<u128>().ok());
        Ok(seen.filter(|seen| *seen > begun))
    })
    .unwrap();

    // It is closed to citizens, and not to whoever keeps it: by keys, without a window manager.
    let heard = hall.kiosk.heard();
    hall.display.key("Return").unwrap();
    hall.kiosk.line_since(heard, "staff asked", SOON).unwrap();
    staff::reads(&hall, "kiosk-closed-pin.png", &["PIN"]);
    staff::types(&mut hall, PIN, "staff in");
    staff::reads(&hall, "kiosk-closed-staff.png", &["Printer", "not connected", "Disk"]);
    hall.display.key("Escape").unwrap();
    hall.kiosk.line_since(heard, "staff gone", SOON).unwrap();
    hall.find("closed").unwrap();
    assert!(!hall.kiosk.said().contains("session shown"), "nobody else is let in: {}", hall.kiosk.said());

    let heard = hall.kiosk.heard();
    let newer_folder = folder.path().join("newer");
    fs::create_dir_all(&newer_folder).unwrap();
    fs::copy(&key, newer_folder.join("operator.key")).unwrap();
    let newer = papers(&newer_folder, &town, |policy| {
        idle(policy, 600, 900);
        policy["sequence"] = 2.into();
    })
    .unwrap();
    fs::rename(newer, &policy).unwrap();
    hall.kiosk.line_since(heard, "policy 2", SOON).unwrap();
    hall.kiosk.line_since(heard, "in service", SOON).unwrap();
    hall.kiosk.line_since(heard, "guichet-kiosk ready", SOON).unwrap();
    hall.find("permit").unwrap();
}
