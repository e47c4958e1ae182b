//! Nobody gets out of a kiosk: every way of the list, on the unmodified program.

use std::fs;

use guichet_journeys::{
    hall::{Hall, papers},
    lockdown,
    town::{OFFICES, Town},
};

use super::idle;

#[test]
fn the_document_has_the_list() {
    let table = lockdown::table(&lockdown::ways().unwrap());
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SECURITY.md");
    let text = fs::read_to_string(document).unwrap();
    assert!(text.contains(&table), "docs/SECURITY.md should say:\n{table}");
}

#[test]
#[ignore = "a kiosk with real windows takes minutes: cargo xtask test --full"]
fn nobody_gets_out() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::found(folder.path(), &OFFICES).unwrap();
    let package = folder.path().join("lockdown.ma");
    town.release("residence", &lockdown::folder(), &package).unwrap();
    let policy = papers(&folder.path().join("papers"), &town, |policy| idle(policy, 600, 900)).unwrap();
    let mut hall = Hall::open(folder.path(), &policy, &[]).unwrap();
    let out = lockdown::play(&mut hall).unwrap();
    assert!(out.is_empty(), "{} ways out:\n{}", out.len(), out.join("\n"));
}
