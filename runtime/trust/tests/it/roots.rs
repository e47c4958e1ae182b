//! The chain of roots: who may replace whom, and what a new root undoes.

use guichet_trust::{client::TrustedMetadata, editor::Draft, metadata::Document};
use serde_json::json;

use crate::store::{DAY, Device, NOW, PERMIT, Store, forge, once, public, sign, signed};

/// Root keys, threshold, and who signed.
type Version<'a> = (&'a [&'a str], u64, &'a [&'a str]);

/// Follows the versions from the first; the number that is reached.
#[track_caller]
fn check(versions: &[Version<'_>], reached: u64) {
    let mut store = Store::new();
    let mut root = Draft::first_root(NOW + DAY);
    for (role, key) in [("targets", "targets"), ("snapshot", "snapshot"), ("timestamp", "timestamp")] {
        root.set_role(role, &public(&[key]), 1).unwrap();
    }
    for (index, (keys, threshold, signers)) in versions.iter().enumerate() {
        root.set_role("root", &public(keys), *threshold).unwrap();
        store.root = sign(&root, signers);
        store.serve();
        assert_eq!(store.root.version(), index as u64 + 1);
        root = Draft::next(&store.root, NOW + DAY);
    }
    let mut device = Device::new(&store);
    let refused = device.refused(&store, &["residence"]);
    assert_eq!(device.trusted.version("root"), Some(reached));
    if reached == versions.len() as u64 {
        assert_eq!(refused, []);
    } else {
        assert_eq!(refused, once("metadata/threshold", &format!("{}.root.json", reached + 1)));
    }
}

#[test]
fn a_root_is_signed_by_the_one_before_and_by_itself() {
    check(&[(&["a"], 1, &["a"]), (&["b"], 1, &["a", "b"]), (&["b"], 1, &["b"])], 3);
    check(&[(&["a"], 1, &["a"]), (&["b"], 1, &["b"])], 1);
    check(&[(&["a"], 1, &["a"]), (&["b"], 1, &["a"])], 1);
    check(&[(&["a"], 1, &["x", "a", "y"]), (&["b"], 1, &["x", "b", "a", "y"])], 2);
}

#[test]
fn each_root_meets_both_thresholds() {
    let three = &["a", "b", "c", "d", "e"][..];
    check(&[(three, 3, &["a", "c", "e"]), (three, 3, &["b", "d", "e"]), (three, 3, &["a", "b", "c"])], 3);
    check(&[(three, 3, &["a", "c", "e"]), (&["a", "b", "d", "e", "f"], 3, &["a", "e", "b"])], 2);
    check(&[(three, 3, &["a", "c", "e"]), (&["a", "b", "d", "e", "f"], 3, &["a", "c", "e"])], 1);
    check(&[(three, 3, &["a", "c", "e"]), (&["a", "b", "d", "e", "f"], 3, &["a", "e", "f"])], 1);
    check(
        &[
            (three, 3, &["a", "b", "c"]),
            (&["f", "g", "h"], 2, &["a", "b", "c", "f", "g"]),
            (&["f", "g", "h"], 2, &["h", "g"]),
        ],
        3,
    );
    check(&[(&["a", "b"], 1, &["a"]), (&["a", "b"], 2, &["b"])], 1);
    check(&[(&["a", "b"], 2, &["a", "b"]), (&["a", "b"], 1, &["a"])], 1);
    check(&[(&["a", "b"], 2, &["a", "b"]), (&["a", "b"], 1, &["a", "b"]), (&["a", "b"], 1, &["b"])], 3);
}

#[test]
fn only_a_root_signed_by_itself_is_a_beginning() {
    let store = Store::new();
    let root = store.root.bytes();
    assert!(TrustedMetadata::from_root(root).is_ok());
    let refused = |bytes: &[u8]| TrustedMetadata::from_root(bytes).unwrap_err();
    assert_eq!(refused(&forge(&signed(root), &[])).class(), "metadata/threshold");
    assert_eq!(refused(&forge(&signed(root), &["targets"])).class(), "metadata/threshold");
    let mut without = signed(root);
    without["roles"].as_object_mut().unwrap().remove("snapshot");
    insta::assert_snapshot!(refused(&forge(&without, &["root"])), @"the document is not valid metadata: it has no role `snapshot` (in root.json)");
    let mut none = signed(root);
    none["roles"]["root"] = json!({"keyids": [], "threshold": 0});
    insta::assert_snapshot!(refused(&forge(&none, &[])), @"the document is not valid metadata: role `root` has the threshold 0 (in root.json)");
}

#[test]
fn roots_follow_one_by_one() {
    let mut store = Store::new();
    store.reroot(&["root"], |_| {});
    store.reroot(&["root"], |_| {});
    let third = store.files["3.root.json"].clone();
    let mut attack = store.clone();
    attack.replace("2.root.json", third);
    let refusals = Device::new(&store).update(&attack, &[]);
    insta::assert_snapshot!(refusals[0], @"root version 2 must follow, but this is version 3 (in 2.root.json)");

    let mut device = Device::following(&store, &[]);
    let second = store.files["2.root.json"].clone();
    store.files.insert("4.root.json".to_owned(), second);
    assert_eq!(device.refused(&store, &[]), once("metadata/rollback", "4.root.json"));
    let third = store.files["3.root.json"].clone();
    store.replace("4.root.json", third);
    assert_eq!(device.refused(&store, &[]), [], "the trusted root again is no newer root");
    assert_eq!(device.trusted.version("root"), Some(3));
}

#[test]
fn an_expired_root_matters_only_at_the_end_of_the_chain() {
    let mut store = Store::new();
    let mut expired = signed(store.root.bytes());
    expired["version"] = json!(2);
    expired["expires"] = json!("2020-01-01T00:00:00Z");
    store.root = Document::parse(forge(&expired, &["root"])).unwrap();
    store.serve();
    let mut device = Device::new(&store);
    assert_eq!(device.refused(&store, &["residence"]), once("metadata/expired", "2.root.json"));
    assert_eq!(device.trusted.version("root"), Some(2), "TUF 5.3.8: kept, though expired");
    store.reroot(&["root"], |_| {});
    assert_eq!(device.refused(&store, &["residence"]), []);
    assert_eq!(Device::new(&store).refused(&store, &["residence"]), []);
}

#[test]
fn an_update_steps_through_so_many_roots_and_no_more() {
    let mut store = Store::new();
    (0..5).for_each(|_| store.reroot(&["root"], |_| {}));
    let mut device = Device::new(&store);
    device.limits.root_rotations = 3;
    assert_eq!(device.refused(&store, &[]), []);
    assert_eq!(device.trusted.version("root"), Some(4));
    assert_eq!(device.refused(&store, &[]), []);
    assert_eq!(device.trusted.version("root"), Some(6));
}

/// The online keys were stolen and used to sign very high versions; new keys make the true, lower versions good again.
#[test]
fn new_online_keys_undo_a_fast_forward() {
    for stolen in ["timestamp", "snapshot"] {
        let honest = Store::new();
        let mut attack = honest.clone();
        let mut snapshot = signed(honest.snapshot.bytes());
        snapshot["version"] = json!(100_000);
        snapshot["meta"]["residence.json"]["version"] = json!(1);
        attack.snapshot = Document::parse(forge(&snapshot, &["snapshot"])).unwrap();
        let mut timestamp = signed(honest.timestamp.bytes());
        timestamp["version"] = json!(100_000);
        attack.timestamp = Document::parse(forge(&timestamp, &["timestamp"])).unwrap();
        attack.stamp();
        let mut device = Device::following(&attack, &["residence"]);
        assert_eq!(device.versions(&["timestamp", "snapshot"]), [Some(100_001), Some(100_000)]);

        let mut recovered = honest.clone();
        recovered.stamp();
        assert_eq!(device.refused(&recovered, &["residence"]), once("metadata/rollback", "timestamp.json"));
        recovered.reroot(&["root"], |root| root.set_role(stolen, &public(&["new"]), 1).unwrap());
        recovered.online = if stolen == "timestamp" { ["snapshot", "new"] } else { ["new", "timestamp"] };
        recovered.publish();
        assert_eq!(device.refused(&recovered, &["residence"]), [], "{stolen}");
        assert_eq!(device.versions(&["timestamp", "snapshot", "residence"]), [Some(4), Some(3), Some(1)]);
    }
}

#[test]
fn a_key_that_is_only_added_forgets_nothing() {
    let mut store = Store::new();
    let old = store.files["timestamp.json"].clone();
    store.stamp();
    let mut device = Device::following(&store, &["residence"]);
    store.reroot(&["root"], |root| root.set_role("timestamp", &public(&["timestamp", "second"]), 1).unwrap());
    store.replace("timestamp.json", old);
    assert_eq!(device.refused(&store, &["residence"]), once("metadata/rollback", "timestamp.json"));
}

#[test]
fn targets_that_a_new_root_does_not_vouch_for_are_forgotten() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    store.reroot(&["root"], |root| root.set_role("targets", &public(&["office"]), 1).unwrap());
    assert_eq!(device.refused(&store, &["residence"]), once("metadata/threshold", "1.targets.json"));
    assert_eq!(device.trusted.target("residence", PERMIT), None);
    let mut targets = signed(store.targets.bytes());
    targets["version"] = json!(2);
    store.targets = Document::parse(forge(&targets, &["office"])).unwrap();
    store.publish();
    assert_eq!(device.refused(&store, &["residence"]), []);
    assert!(device.trusted.target("residence", PERMIT).is_some());
}

#[test]
fn a_refused_root_leaves_the_chain_where_it_was() {
    let mut store = Store::new();
    store.reroot(&["root"], |_| {});
    store.reroot(&["targets"], |_| {});
    let mut device = Device::new(&store);
    assert_eq!(device.refused(&store, &["residence"]), once("metadata/threshold", "3.root.json"));
    assert_eq!(device.versions(&["root", "timestamp"]), [Some(2), None]);
}
