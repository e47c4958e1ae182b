//! What somebody between store and device can try, and somebody who stole an online key.

use serde_json::json;

use crate::store::{DAY, Device, NOW, PERMIT, Store, forge, once, signed};

const ALL: [&str; 4] = ["timestamp", "snapshot", "targets", "residence"];

#[test]
fn a_device_fetches_each_document_once() {
    let store = Store::new();
    let mut device = Device::new(&store);
    assert_eq!(device.refused(&store, &["residence"]), []);
    assert_eq!(
        device.fetched,
        ["2.root.json", "timestamp.json", "2.snapshot.json", "1.targets.json", "1.residence.json"]
    );
    assert_eq!(device.versions(&ALL), [Some(2), Some(2), Some(1), Some(1)]);
    assert_eq!(device.trusted.expires("timestamp"), Some(NOW + DAY));

    assert_eq!(device.refused(&store, &["residence"]), []);
    assert_eq!(device.fetched, ["2.root.json", "timestamp.json"], "nothing changed");
}

#[test]
fn a_device_fetches_what_changed() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence", "tax"]);
    store.release("residence", PERMIT, b"permit 2", &["bo"]);
    store.release("tax", "apps/tax/gov.example.tax/stable.json", b"tax 1", &["cy"]);
    assert_eq!(device.refused(&store, &["residence", "residence", "tax", "tax-wide", "nobody"]), []);
    let expected = ["2.root.json", "timestamp.json", "4.snapshot.json", "2.residence.json", "1.tax.json"];
    assert_eq!(device.fetched, expected, "targets did not change; tax-wide has no document; nobody is no role");
}

#[test]
fn no_byte_of_any_document_can_be_changed() {
    let mut store = Store::new();
    store.reroot(&["root"], |_| {});
    let mut device = Device::new(&store);
    for path in ["2.root.json", "timestamp.json", "2.snapshot.json", "1.targets.json", "1.residence.json"] {
        let good = store.files[path].clone();
        for position in 0..good.len() {
            let mut bad = good.clone();
            bad[position] ^= 1;
            store.replace(path, bad);
            let (refresh, refusals) = device.drive(&store, &["residence"]);
            assert_eq!(refusals.len(), 1, "{path} byte {position}");
            assert_eq!(refusals[0].place().as_deref(), Some(path));
            let role = path.trim_end_matches(".json").rsplit('.').next().unwrap();
            let former = (role == "root").then_some(1);
            assert_eq!(refresh.finish().version(role), former, "{path} byte {position}");
        }
        for length in [0, 1, good.len() / 2, good.len() - 1] {
            store.replace(path, good[..length].to_vec());
            assert_eq!(device.drive(&store, &["residence"]).1.len(), 1, "{path} cut to {length}");
        }
        store.replace(path, good);
    }
}

#[test]
fn an_old_timestamp_is_a_rollback() {
    let mut store = Store::new();
    let old = store.files["timestamp.json"].clone();
    store.stamp();
    let mut device = Device::following(&store, &["residence"]);
    store.replace("timestamp.json", old);
    let refusals = device.update(&store, &["residence"]);
    insta::assert_snapshot!(refusals[0], @"the timestamp went back from version 3 to 2 (in timestamp.json)");
    assert_eq!(device.versions(&ALL), [Some(3), Some(2), Some(1), Some(1)], "what was trusted stays");
}

#[test]
fn a_timestamp_that_names_an_older_snapshot_is_a_rollback() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &[]);
    let mut timestamp = signed(store.timestamp.bytes());
    timestamp["version"] = json!(3);
    timestamp["meta"]["snapshot.json"]["version"] = json!(1);
    store.replace("timestamp.json", forge(&timestamp, &["timestamp"]));
    assert_eq!(device.refused(&store, &[]), once("metadata/rollback", "timestamp.json"));
}

#[test]
fn the_same_timestamp_version_with_other_bytes_is_not_taken() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &[]);
    let mut timestamp = signed(store.timestamp.bytes());
    timestamp["meta"]["snapshot.json"]["version"] = json!(100);
    store.replace("timestamp.json", forge(&timestamp, &["timestamp"]));
    assert_eq!(device.refused(&store, &[]), []);
    let kept = device.trusted.documents().find(|(name, _)| name == "timestamp.json").unwrap();
    assert_eq!(kept.1, store.timestamp.bytes());
}

/// With the snapshot key stolen, and the timestamp key too: what the device has seen cannot be taken back.
#[test]
fn a_snapshot_cannot_take_a_role_back() {
    let mut store = Store::new();
    store.release("residence", PERMIT, b"permit 2", &["ana"]);
    for roles in [&["residence"][..], &[]] {
        let mut device = Device::following(&store, roles);
        let mut attack = store.clone();
        let mut older = signed(store.snapshot.bytes());
        older["meta"]["residence.json"] = json!({"version": 1});
        older["version"] = json!(4);
        attack.snapshot = guichet_trust::metadata::Document::parse(forge(&older, &["snapshot"])).unwrap();
        attack.stamp();
        let refusals = device.update(&attack, roles);
        insta::allow_duplicates! { insta::assert_snapshot!(refusals[0], @"`residence.json` went back from version 2 to 1 (in 4.snapshot.json)"); }

        let mut unlisted = older.clone();
        unlisted["meta"].as_object_mut().unwrap().remove("residence.json");
        attack.snapshot = guichet_trust::metadata::Document::parse(forge(&unlisted, &["snapshot"])).unwrap();
        attack.stamp();
        let refusals = device.update(&attack, roles);
        insta::allow_duplicates! { insta::assert_snapshot!(refusals[0], @"`residence.json` was listed before and is no longer listed (in 4.snapshot.json)"); }
        assert_eq!(device.trusted.version("residence"), roles.first().map(|_| 2), "what was trusted stays");
    }
}

#[test]
fn documents_of_different_times_do_not_mix() {
    let mut store = Store::new();
    store.release("residence", PERMIT, b"permit 2", &["ana"]);
    store.retarget(|_| {});
    // Each is validly signed, and the digest that is pinned is not theirs.
    for (path, other) in [
        ("4.snapshot.json", "3.snapshot.json"),
        ("2.targets.json", "1.targets.json"),
        ("2.residence.json", "1.residence.json"),
    ] {
        let mut attack = store.clone();
        attack.replace(path, store.files[other].clone());
        let refused = Device::new(&store).refused(&attack, &["residence"]);
        assert!(
            matches!(refused[..], [("metadata/length" | "metadata/digest", ref place)] if place == path),
            "{refused:?}"
        );
    }
    // Without digests the version still tells.
    let mut timestamp = signed(store.timestamp.bytes());
    timestamp["meta"]["snapshot.json"] = json!({"version": 4});
    let mut attack = store.clone();
    attack.replace("timestamp.json", forge(&timestamp, &["timestamp"]));
    assert_eq!(Device::new(&store).refused(&attack, &["residence"]), []);
    attack.replace("4.snapshot.json", store.files["3.snapshot.json"].clone());
    assert_eq!(Device::new(&store).refused(&attack, &["residence"]), once("metadata/version", "4.snapshot.json"));
    let mut snapshot = signed(store.snapshot.bytes());
    snapshot["version"] = json!(5);
    snapshot["meta"]["residence.json"] = json!({"version": 2});
    store.snapshot = guichet_trust::metadata::Document::parse(forge(&snapshot, &["snapshot"])).unwrap();
    store.stamp();
    assert_eq!(Device::new(&store).refused(&store, &["residence"]), []);
    let old = store.files["1.residence.json"].clone();
    store.replace("2.residence.json", old);
    assert_eq!(Device::new(&store).refused(&store, &["residence"]), once("metadata/version", "2.residence.json"));
}

#[test]
fn a_frozen_store_is_noticed() {
    let store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    for (days, place) in [(1, "timestamp.json"), (400, "1.root.json")] {
        let later = Store { now: NOW + days * DAY, ..store.clone() };
        assert_eq!(device.refused(&later, &["residence"]), once("metadata/expired", place), "{days} days");
        assert_eq!(device.trusted.version("residence"), Some(1), "what was trusted stays");
    }
    // The online keys go on signing, the security office does not.
    let mut later = Store { now: NOW + 180 * DAY, ..store.clone() };
    later.publish();
    assert_eq!(device.refused(&later, &["residence"]), once("metadata/expired", "1.targets.json"));
    // The timestamp key alone was stolen.
    let mut later = Store { now: NOW + 7 * DAY, ..store };
    later.stamp();
    let refusals = device.update(&later, &["residence"]);
    insta::assert_snapshot!(refusals[0], @"it expired on 2026-01-08T00:00:00Z, and it is 2026-01-08T00:00:00Z (in 2.snapshot.json)");
}

#[test]
fn what_is_new_and_already_expired_is_not_taken() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    store.stamp();
    store.now = NOW + 2 * DAY;
    let (refresh, refusals) = device.drive(&store, &["residence"]);
    assert_eq!((refusals.len(), refusals[0].class()), (1, "metadata/expired"));
    assert_eq!(refresh.trusted().version("timestamp"), Some(2));
}

#[test]
fn time_stands_still_during_an_update() {
    let store = Store { now: NOW + DAY - 1, ..Store::new() };
    assert_eq!(Device::new(&store).refused(&store, &["residence"]), []);
}

#[test]
fn a_department_that_stopped_signing_is_not_used_after_its_time() {
    let mut store = Store::new();
    store.retarget(|_| {});
    let mut device = Device::following(&store, &["residence"]);
    store.now = NOW + 400 * DAY;
    store.reroot(&["root"], |_| {});
    store.retarget(|_| {});
    assert_eq!(device.refused(&store, &["residence"]), once("metadata/expired", "1.residence.json"));
    assert_eq!(device.trusted.target("residence", PERMIT), None);
    store.release("residence", PERMIT, b"permit 2", &["ana"]);
    assert_eq!(device.refused(&store, &["residence"]), []);
    assert!(device.trusted.target("residence", PERMIT).is_some());
}

#[test]
fn each_role_has_its_own_keys() {
    for (path, role, key) in [
        ("timestamp.json", "timestamp", "snapshot"),
        ("2.snapshot.json", "snapshot", "timestamp"),
        ("1.targets.json", "targets", "ana"),
        ("1.residence.json", "residence", "cy"),
    ] {
        let mut store = Store::new();
        let bytes = forge(&signed(&store.files[path]), &[key]);
        store.replace(path, bytes);
        let refused = Device::new(&store).refused(&store, &["residence"]);
        assert_eq!(refused.len(), 1);
        // Pinned documents fail their digest before their signature is looked at.
        let class = if role == "timestamp" { "metadata/threshold" } else { "metadata/digest" };
        assert_eq!(refused, once(class, path));
    }
    let mut store = Store::new();
    store.online = ["timestamp", "timestamp"];
    store.publish();
    assert_eq!(Device::new(&store).refused(&store, &[]), once("metadata/threshold", "3.snapshot.json"));
}

#[test]
fn too_long_and_absent_files_end_the_update() {
    let mut store = Store::new();
    let mut device = Device::new(&store);
    for path in ["timestamp.json", "2.snapshot.json", "1.targets.json", "1.residence.json"] {
        let mut long = store.files[path].clone();
        long.resize(5 << 20, b' ');
        let good = store.files[path].clone();
        store.replace(path, long);
        assert_eq!(device.drive(&store, &["residence"]).1[0].class(), "metadata/length", "{path}");
        store.files.remove(path);
        let refusals = device.drive(&store, &["residence"]).1;
        assert_eq!((refusals.len(), refusals[0].class()), (1, "metadata/missing"), "{path}");
        store.files.insert(path.to_owned(), good);
    }
    store.files.insert("2.root.json".to_owned(), vec![b' '; (256 << 10) + 1]);
    assert_eq!(device.refused(&store, &[]), once("metadata/length", "2.root.json"));
}

#[test]
fn another_document_in_its_place_is_refused() {
    let mut store = Store::new();
    let mut device = Device::new(&store);
    for (bytes, class) in [
        (store.snapshot.bytes().to_vec(), "metadata/type"),
        (b"<html>captive portal</html>".to_vec(), "metadata/format"),
        (b"{}".to_vec(), "metadata/format"),
        (forge(&json!({"_type": "timestamp"}), &["timestamp"]), "metadata/format"),
        (forge(&json!("timestamp"), &["timestamp"]), "metadata/type"),
    ] {
        store.replace("timestamp.json", bytes);
        assert_eq!(device.refused(&store, &[]), once(class, "timestamp.json"));
    }
    for (member, value, class) in [
        ("spec_version", json!("2.0.0"), "metadata/spec-version"),
        ("version", json!(0), "metadata/format"),
        ("version", json!(-1), "metadata/format"),
        ("version", json!("2"), "metadata/format"),
        ("expires", json!("tomorrow"), "metadata/format"),
        ("expires", json!("2030-01-01T00:00:00+00:00"), "metadata/format"),
        ("meta", json!({}), "metadata/format"),
        ("meta", json!({"snapshot.json": {"version": 2, "hashes": {}}}), "metadata/format"),
    ] {
        let mut timestamp = signed(store.timestamp.bytes());
        timestamp[member] = value;
        store.replace("timestamp.json", forge(&timestamp, &["timestamp"]));
        assert_eq!(device.refused(&store, &[]), once(class, "timestamp.json"), "{timestamp}");
    }
}

#[test]
fn members_this_version_does_not_know_are_signed_and_ignored() {
    let mut store = Store::new();
    let mut timestamp = signed(store.timestamp.bytes());
    timestamp["later"] = json!({"a": [1, "é\n"]});
    store.replace("timestamp.json", forge(&timestamp, &["timestamp"]));
    assert_eq!(Device::new(&store).refused(&store, &[]), []);
}

#[test]
fn a_refused_update_can_be_begun_again() {
    let store = Store::new();
    let mut broken = store.clone();
    broken.files.remove("1.targets.json");
    let mut device = Device::new(&store);
    let (mut refresh, refusals) = device.drive(&broken, &["residence"]);
    assert_eq!(refusals.len(), 1);
    assert_eq!(refresh.next(), None);
    refresh.want_role("residence");
    assert_eq!(refresh.next(), None);
    assert_eq!(refresh.accept(None).unwrap_err().class(), "metadata/ended");
    assert_eq!(device.refused(&store, &["residence"]), []);
}
