//! Twenty secrets, one through each way an app has, and none of them met by the next citizen.

use std::{collections::BTreeSet, fs, path::PathBuf};

use guichet_journeys::{
    canary,
    hall::{Hall, SOON, papers},
    printer::Printer,
    town::{OFFICES, Town},
    until::until,
};
use serde_json::{Value, json};

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn of_twenty_secrets_of_one_citizen_the_next_finds_none() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let package = folder.path().join("canary.ma");
    town.build("residence", &canary::folder(), &package).unwrap();
    let submission = town.publish("residence", &package).unwrap();
    town.approve("residence", &submission).unwrap();
    let printer = Printer::start(&folder.path().join("printer"), "text/plain").unwrap();
    printer.paper(false).unwrap();
    let policy = papers(&folder.path().join("papers"), &town, |policy| {
        policy["start"]["locale"] = "en".into();
        policy["idle"] = json!({ "warn_seconds": 600, "reset_seconds": 900 });
        policy["devices"] = json!({ "printers": [printer.device()] });
    })
    .unwrap();
    let mut hall = Hall::open(folder.path(), &policy, &[]).unwrap();
    let outcome = canary::play(&mut hall, &printer.spool()).unwrap();
    // The search can find: what was stored in memory, and a document that waited for paper.
    let seen = |way: &str| outcome.during.iter().any(|place| place.starts_with(way));
    assert!(seen("cnry-01-"), "{:#?}", outcome.during);
    // So can the app: in each of these places it has found what it had put there, before it looked in the next session.
    let places =
        ["bytes", "database", "history", "keys", "localStorage", "logic", "name", "sessionStorage", "storage", "title"];
    assert_eq!(outcome.control, places.map(str::to_owned).into());
    assert_eq!(outcome.left, BTreeSet::new(), "{} of {}", outcome.left.len(), canary::WAYS);
    // Nor was anything noted where programs of a desktop note what was used.
    let noted = canary::search("recently-used", &[hall.memory(), hall.home(), hall.user()]);
    assert_eq!(noted, BTreeSet::new());
    // What the app has counted outlived the session, and nothing else did.
    let queue = || fs::read_to_string(hall.home().join("beacons.json")).unwrap_or_default();
    let counted =
        until("the count is kept", SOON, || Ok(Some(queue()).filter(|queue| queue.contains("\"counts\":[{"))));
    let counted: Value = serde_json::from_str(&counted.unwrap()).unwrap();
    let expected = json!([{ "app_id": canary::APP, "channel": "stable", "sequence": 1, "event": "tried", "count": 1 }]);
    assert_eq!(counted["counts"], expected);
    // The document was taken back: with paper again, nothing of it is printed for the next one.
    assert!(hall.kiosk.said().contains("1 jobs taken back"), "{}", hall.kiosk.said());
    printer.paper(true).unwrap();
    assert_eq!(printer.tray().unwrap(), Vec::<PathBuf>::new());
}
