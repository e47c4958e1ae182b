//! The layer table of docs/ARCHITECTURE.md, held against what cargo resolves.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

use super::root;

/// Who may know whom. `xtask` and the journeys stand outside: they run programs.
const LAYERS: &[(&str, &[&str])] = &[
    ("guichet-contract", &[]),
    ("guichet-trust", &[]),
    ("guichet-package", &["guichet-contract", "guichet-trust"]),
    ("guichet-engine", &["guichet-contract"]),
    ("guichet-services", &["guichet-contract"]),
    ("guichet-api", &["guichet-contract", "guichet-package"]),
    ("guichet-host", &["guichet-contract", "guichet-package", "guichet-trust", "guichet-engine", "guichet-api"]),
    ("guichet-shell", &["guichet-contract", "guichet-package", "guichet-services", "guichet-host"]),
    ("guichet-pkcs11", &["guichet-trust"]),
    (
        "guichet",
        &[
            "guichet-contract",
            "guichet-package",
            "guichet-trust",
            "guichet-pkcs11",
            "guichet-api",
            "guichet-host",
            "guichet-services",
        ],
    ),
    ("guichet-store", &["guichet-contract", "guichet-package", "guichet-trust", "guichet-pkcs11", "guichet-api"]),
    ("guichet-journeys", &[]),
    ("xtask", &[]),
];

/// Third-party crates that only one of ours may name: the wall and who holds the door.
const WALLS: &[(&str, &[&str])] = &[
    ("wasmtime", &["guichet-engine"]),
    ("landlock", &["guichet-engine", "guichet-services", "guichet-store"]),
    ("seccompiler", &["guichet-engine", "guichet-store"]),
    ("wry", &["guichet-shell"]),
    ("tao", &["guichet-shell"]),
    ("webkit2gtk", &["guichet-shell"]),
    ("ed25519-dalek", &["guichet-trust"]),
    ("crc32fast", &["guichet-package"]),
    ("cryptoki", &["guichet-pkcs11"]),
    ("redb", &["guichet-services"]),
    ("image", &["guichet-store"]),
    ("ipp", &["guichet-services"]),
    ("pcsc", &["guichet-services"]),
    ("resvg", &["guichet-store"]),
    ("axum", &["guichet-store"]),
    ("sqlx", &["guichet-store"]),
    ("rusty-s3", &["guichet-store"]),
    ("clap", &["guichet", "guichet-store", "guichet-shell", "guichet-journeys", "xtask"]),
];

/// What the pure layer must not be able to do, as crates.
const IMPURE: &[&str] = &["tokio", "ureq", "getrandom", "uuid", "tempfile", "fs4", "tracing"];
const PURE: &[&str] = &["guichet-contract", "guichet-trust", "guichet-package", "guichet-api"];

/// The normal dependencies of each crate of ours, by name.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let normal = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap();
        all.iter().filter(|one| one["kind"].is_null()).map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["name"].as_str().unwrap().to_owned(), normal(package)))
        .collect()
}

#[test]
fn every_crate_is_in_the_layer_table() {
    let ours: Vec<String> = dependencies().into_keys().collect();
    let mut table: Vec<String> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    table.sort();
    assert_eq!(ours, table);
}

#[test]
fn nobody_reaches_above_its_layer() {
    for (name, known) in dependencies() {
        let allowed = LAYERS.iter().find(|(one, _)| *one == name).map(|(_, allowed)| *allowed).unwrap();
        let ours = known.iter().filter(|one| LAYERS.iter().any(|(crate_name, _)| crate_name == one));
        let beyond: Vec<_> = ours.filter(|one| !allowed.contains(&one.as_str())).collect();
        assert!(beyond.is_empty(), "{name} may not depend on {beyond:?}");
    }
}

#[test]
fn third_party_walls_have_one_door() {
    let all = dependencies();
    for (wall, doors) in WALLS {
        let through: Vec<_> = all
            .iter()
            .filter(|(name, known)| known.contains(*wall) && !doors.contains(&name.as_str()))
            .map(|(name, _)| name)
            .collect();
        assert!(through.is_empty(), "only {doors:?} may know {wall}, not {through:?}");
    }
}

#[test]
fn the_pure_layer_has_no_io_clock_or_chance() {
    let all = dependencies();
    for name in PURE {
        let impure: Vec<_> = IMPURE.iter().filter(|one| all[*name].contains(**one)).collect();
        assert!(impure.is_empty(), "{name} is pure and may not depend on {impure:?}");
    }
}

#[test]
fn the_document_shows_the_same_table() {
    let document = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    for (name, allowed) in LAYERS.iter().filter(|(name, _)| !matches!(*name, "xtask" | "guichet-journeys")) {
        let line = format!(
            "| `{name}` | {} |",
            if allowed.is_empty() {
                "-".to_owned()
            } else {
                allowed.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")
            }
        );
        assert!(document.contains(&line), "docs/ARCHITECTURE.md lacks the line beginning\n{line}");
    }
}

/// tao's feature `x11` has a thread hear every key of the display, whichever window it is meant for; it comes with this crate.
#[test]
fn the_window_hears_no_keys_of_others() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"tao\"") && !lock.contains("name = \"x11-dl\""));
}
