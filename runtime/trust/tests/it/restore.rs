//! What a device kept is believed as far as it can be proved from the root it was given.

use std::collections::BTreeMap;

use guichet_trust::client::TrustedMetadata;
use serde_json::json;

use crate::store::{Device, PERMIT, Store, forge, public, signed};

fn kept(trusted: &TrustedMetadata) -> BTreeMap<String, Vec<u8>> {
    trusted.documents().map(|(name, bytes)| (name, bytes.to_vec())).collect()
}

fn rotated() -> Store {
    let mut store = Store::new();
    store.reroot(&["root", "officer"], |root| root.set_role("root", &public(&["officer"]), 1).unwrap());
    store.reroot(&["officer"], |_| {});
    store
}

#[test]
fn what_was_kept_is_read_back() {
    let store = rotated();
    let device = Device::following(&store, &["residence"]);
    let stored = kept(&device.trusted);
    let names: Vec<_> = stored.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["2.root.json", "3.root.json", "residence.json", "snapshot.json", "targets.json", "timestamp.json"]
    );
    assert_eq!(stored["3.root.json"], store.files["3.root.json"], "exactly as served");
    let again = TrustedMetadata::restore(&device.bootstrap, &stored).unwrap();
    assert_eq!(kept(&again), stored);
    assert_eq!(again.target("residence", PERMIT), device.trusted.target("residence", PERMIT));
    assert_eq!(again.version("root"), Some(3));
}

#[test]
fn nothing_kept_is_a_new_device() {
    let store = rotated();
    let device = Device::new(&store);
    let trusted = TrustedMetadata::restore(&device.bootstrap, &BTreeMap::new()).unwrap();
    assert_eq!((trusted.version("root"), trusted.version("timestamp")), (Some(1), None));
    let refusal = TrustedMetadata::restore(b"{}", &BTreeMap::new()).unwrap_err();
    insta::assert_snapshot!(refusal, @"the document is not valid metadata: the JSON does not have the expected members: missing field `signatures` (in root.json)");
}

#[test]
fn no_byte_that_was_kept_can_be_changed() {
    let store = rotated();
    let device = Device::following(&store, &["residence"]);
    let stored = kept(&device.trusted);
    for (name, rests_on_it) in [
        ("2.root.json", &["root"][..]),
        ("3.root.json", &["root"]),
        ("timestamp.json", &["timestamp"]),
        ("snapshot.json", &["snapshot", "targets", "residence"]),
        ("targets.json", &["targets", "residence"]),
        ("residence.json", &["residence"]),
    ] {
        for position in (0..stored[name].len()).step_by(7) {
            let mut tampered = stored.clone();
            tampered.get_mut(name).unwrap()[position] ^= 1;
            let trusted = TrustedMetadata::restore(&device.bootstrap, &tampered).unwrap();
            for role in ["root", "timestamp", "snapshot", "targets", "residence"] {
                let expected = device.trusted.version(role).filter(|_| !rests_on_it.contains(&role));
                let found = trusted.version(role).filter(|version| role != "root" || *version == 3);
                assert_eq!(found, expected, "{name} byte {position}: {role}");
            }
        }
    }
}

#[test]
fn a_root_without_the_way_to_it_is_not_believed() {
    let store = rotated();
    let device = Device::following(&store, &["residence"]);
    let mut stored = kept(&device.trusted);
    stored.remove("2.root.json");
    let trusted = TrustedMetadata::restore(&device.bootstrap, &stored).unwrap();
    assert_eq!(trusted.version("root"), Some(1));
    // A cache somebody filled with a root of their own.
    let mut own = signed(store.root.bytes());
    own["version"] = json!(2);
    stored.insert("2.root.json".to_owned(), forge(&own, &["evil"]));
    stored.insert("root.json".to_owned(), forge(&own, &["evil"]));
    assert_eq!(TrustedMetadata::restore(&device.bootstrap, &stored).unwrap().version("root"), Some(1));
}

#[test]
fn a_newer_program_may_bring_a_newer_root() {
    let store = rotated();
    let device = Device::following(&store, &["residence"]);
    let stored = kept(&device.trusted);
    for version in [2, 3] {
        let bootstrap = &store.files[&format!("{version}.root.json")];
        let trusted = TrustedMetadata::restore(bootstrap, &stored).unwrap();
        assert_eq!((trusted.version("root"), trusted.version("residence")), (Some(3), Some(1)));
    }
}

#[test]
fn an_older_document_is_not_the_one_the_snapshot_lists() {
    let mut store = Store::new();
    let old = store.roles["residence"].bytes().to_vec();
    let targets = store.targets.bytes().to_vec();
    store.release("residence", PERMIT, b"permit 2", &["ana"]);
    store.retarget(|_| {});
    let device = Device::following(&store, &["residence"]);
    for (name, bytes, role) in [("residence.json", old, "residence"), ("targets.json", targets, "targets")] {
        let mut stored = kept(&device.trusted);
        stored.insert(name.to_owned(), bytes);
        let trusted = TrustedMetadata::restore(&device.bootstrap, &stored).unwrap();
        assert_eq!(trusted.version(role), None);
        assert_eq!(trusted.target("residence", PERMIT), None);
    }
}

#[test]
fn the_same_version_in_other_bytes_is_not_the_one_the_snapshot_lists() {
    let store = Store::new();
    let device = Device::following(&store, &["residence"]);
    let mut stored = kept(&device.trusted);
    let residence = forge(&signed(&stored["residence.json"]), &["bo"]);
    assert_ne!(stored.insert("residence.json".to_owned(), residence.clone()), Some(residence));
    let trusted = TrustedMetadata::restore(&device.bootstrap, &stored).unwrap();
    assert_eq!((trusted.version("targets"), trusted.version("residence")), (Some(1), None));
}

#[test]
fn a_document_of_another_name_is_not_the_role() {
    let mut store = Store::new();
    store.release("residence-wide", PERMIT, b"permit 1", &["ana", "bo"]);
    let device = Device::following(&store, &["residence", "residence-wide"]);
    let mut stored = kept(&device.trusted);
    let wide = stored["residence-wide.json"].clone();
    stored.insert("residence.json".to_owned(), wide);
    let trusted = TrustedMetadata::restore(&device.bootstrap, &stored).unwrap();
    assert_eq!((trusted.version("residence"), trusted.version("residence-wide")), (None, Some(1)));
}

#[test]
fn half_an_update_is_not_kept() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    let before = kept(&device.trusted);
    store.release("residence", PERMIT, b"permit 2", &["ana"]);
    store.retarget(|_| {});
    for missing in ["4.snapshot.json", "2.targets.json"] {
        let mut broken = store.clone();
        broken.files.remove(missing);
        let (refresh, refusals) = device.drive(&broken, &["residence"]);
        assert_eq!(refusals.len(), 1);
        assert_eq!(refresh.trusted().version("timestamp"), Some(4), "the specification's state is further");
        assert_eq!(kept(&refresh.finish()), before, "what is used offline stays whole");
    }
    // The network went away in the middle: no answer was given at all.
    let mut refresh = guichet_trust::client::Refresh::begin(device.trusted.clone(), store.now, device.limits.clone());
    refresh.accept(None).unwrap();
    refresh.accept(store.files.get("timestamp.json").cloned()).unwrap();
    assert!(!refresh.is_complete());
    assert_eq!(kept(&refresh.finish()), before);
}

#[test]
fn a_new_root_is_kept_even_of_half_an_update() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    store.reroot(&["root"], |root| root.set_role("timestamp", &public(&["new"]), 1).unwrap());
    assert_eq!(device.refused(&store, &["residence"]).len(), 1);
    assert_eq!(device.versions(&["root", "timestamp", "snapshot", "residence"]), [Some(2), None, None, None]);
    // Rotating nothing that was lost keeps all the rest.
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    store.reroot(&["root"], |_| {});
    store.files.remove("timestamp.json");
    assert_eq!(device.refused(&store, &["residence"]).len(), 1);
    assert_eq!(device.versions(&["root", "timestamp", "snapshot", "residence"]), [Some(2), Some(2), Some(2), Some(1)]);
}
