//! Departments: each vouches for its own paths, and none can stand in for another or stop it.

use guichet_trust::{
    digest::Digest,
    editor::NewDelegation,
    metadata::{Document, TargetFile},
};
use serde_json::{Value, json};

use crate::store::{DAY, Device, NOW, PERMIT, Store, forge, key, once, public, signed};

fn document(role: &str, targets: &Value) -> Value {
    json!({"_type": "targets", "spec_version": "1.0.34", "version": 2, "expires": "2026-06-01T00:00:00Z",
        "role": role, "targets": targets})
}

fn file(bytes: &[u8]) -> Value {
    json!({"length": bytes.len(), "hashes": {"sha256": Digest::of(bytes)}})
}

#[test]
fn a_target_is_found_with_its_address() {
    let device = Device::following(&Store::new(), &["residence"]);
    let listed: Vec<_> = device.trusted.targets("residence").collect();
    assert_eq!(listed, [(PERMIT, &TargetFile::of(b"permit 1"))]);
    let target = device.trusted.target("residence", PERMIT).unwrap();
    assert_eq!(
        target.hashed_path(PERMIT),
        format!("apps/residence/gov.example.permit/{}.stable.json", Digest::of(b"permit 1"))
    );
    assert_eq!(target.check(b"permit 1"), Ok(()));
    assert_eq!(target.check(b"permit 2").unwrap_err().class(), "metadata/digest");
    assert_eq!(target.check(b"permit 1 ").unwrap_err().class(), "metadata/length");
    assert_eq!(target.check(b"permit").unwrap_err().class(), "metadata/length");
    assert!(device.trusted.target("targets", "keys/residence.json").is_some());
    for role in ["tax", "residence-wide", "nobody", "root", "timestamp"] {
        assert_eq!(device.trusted.targets(role).count(), 0, "{role}");
        assert_eq!(device.trusted.target(role, PERMIT), None, "{role}");
    }
    let delegated: Vec<_> = device.trusted.delegated_roles().map(|it| it.name.clone()).collect();
    assert_eq!(delegated, ["brake", "residence", "residence-wide", "tax", "tax-wide"]);
}

#[test]
fn a_department_vouches_for_its_own_paths_only() {
    let mut store = Store::new();
    let tax = "apps/tax/gov.example.tax/stable.json";
    let deep = "apps/residence/gov.example.permit/stable.json/more.json";
    let all = json!({PERMIT: file(b"permit 2"), tax: file(b"evil"), "keys/tax.json": file(b"evil"),
        "brake/tax/gov.example.tax/stable.json": file(b"evil"), deep: file(b"evil"), "apps/residence/stable.json": file(b"evil")});
    store.publish_forged("residence", &document("residence", &all), &["ana"]);
    let mut device = Device::new(&store);
    assert_eq!(device.refused(&store, &["residence", "tax"]), []);
    let listed: Vec<_> = device.trusted.targets("residence").map(|(path, _)| path).collect();
    assert_eq!(listed, [PERMIT]);
    for path in [tax, "keys/tax.json", deep] {
        assert_eq!(device.trusted.target("residence", path), None, "{path}");
    }
}

#[test]
fn a_rogue_department_stops_nobody_else() {
    let healthy = Store::new();
    let tax = "apps/tax/gov.example.tax/stable.json";
    let mut elsewhere = document("tax", &json!({}));
    elsewhere["version"] = json!(1);
    let bad: [(Vec<u8>, &str); 6] = [
        (forge(&elsewhere, &["ana"]), "metadata/threshold"),
        (forge(&document("tax", &json!({})), &["cy"]), "metadata/version"),
        (b"{".to_vec(), "metadata/format"),
        (forge(&document("tax", &json!({"../../x": file(b"")})), &["cy"]), "metadata/format"),
        (forge(&document("tax", &json!({"a": {"length": 1.5, "hashes": {}}})), &[]), "metadata/format"),
        (forge(&document("tax", &json!({"a": {"length": 1, "hashes": {"md5": "00"}}})), &["cy"]), "metadata/format"),
    ];
    for (bytes, class) in bad {
        let mut store = healthy.clone();
        store.release("tax", tax, b"tax 1", &["cy"]);
        let mut snapshot = signed(store.snapshot.bytes());
        snapshot["version"] = json!(4);
        snapshot["meta"]["tax.json"] = json!({"version": 1});
        store.snapshot = Document::parse(forge(&snapshot, &["snapshot"])).unwrap();
        store.stamp();
        store.replace("1.tax.json", bytes);
        let mut device = Device::new(&store);
        assert_eq!(device.refused(&store, &["tax", "residence"]), once(class, "1.tax.json"));
        assert_eq!(device.versions(&["snapshot", "tax", "residence"]), [Some(4), None, Some(1)]);
        assert_eq!(device.trusted.targets("tax").count(), 0);
        assert!(device.trusted.target("residence", PERMIT).is_some());
    }
}

#[test]
fn a_threshold_counts_different_keys() {
    let mut store = Store::new();
    store.release("residence-wide", PERMIT, b"wide", &["ana", "bo"]);
    assert_eq!(Device::new(&store).refused(&store, &["residence-wide"]), []);
    let alone = forge(&signed(store.roles["residence-wide"].bytes()), &["ana"]);

    // One signature; and the same one twice under its own key's id.
    let mut once_signed: Value = serde_json::from_slice(&alone).unwrap();
    store.roles.insert("residence-wide".to_owned(), Document::parse(alone).unwrap());
    store.publish();
    let refusals = Device::new(&store).update(&store, &["residence-wide"]);
    insta::assert_snapshot!(refusals[0], @"it has 1 of the 2 signatures it needs (in 1.residence-wide.json)");
    let twice = once_signed["signatures"][0].clone();
    once_signed["signatures"].as_array_mut().unwrap().push(twice);
    let twice = Document::<guichet_trust::metadata::Targets>::parse(once_signed.to_string().into_bytes()).unwrap_err();
    assert_eq!(twice.class(), "metadata/signature");

    // The same key listed under a second id, and its signature under both.
    let mut store = Store::new();
    let mut targets = signed(store.targets.bytes());
    let id = key("ana").public().id().to_string();
    let listed = targets["delegations"]["keys"][&id].clone();
    targets["delegations"]["keys"]["second"] = listed;
    targets["delegations"]["roles"][2]["keyids"].as_array_mut().unwrap().push(json!("second"));
    targets["version"] = json!(2);
    store.targets = Document::parse(forge(&targets, &["targets"])).unwrap();
    let mut wide: Value = serde_json::from_slice(&forge(&document("residence-wide", &json!({})), &["ana"])).unwrap();
    let again = json!({"keyid": "second", "sig": wide["signatures"][0]["sig"]});
    wide["signatures"].as_array_mut().unwrap().push(again);
    store.roles.insert("residence-wide".to_owned(), Document::parse(wide.to_string().into_bytes()).unwrap());
    store.publish();
    assert_eq!(
        Device::new(&store).refused(&store, &["residence-wide"]),
        once("metadata/threshold", "2.residence-wide.json")
    );
}

#[test]
fn a_document_signed_for_one_role_is_none_of_another() {
    // Both reviewers signed the narrow document; somebody with the online keys serves it as the wide one.
    let mut store = Store::new();
    store.release("residence", PERMIT, b"permit 2", &["ana", "bo"]);
    let narrow = store.roles["residence"].clone();
    store.roles.insert("residence-wide".to_owned(), narrow);
    store.publish();
    let refusals = Device::new(&store).update(&store, &["residence-wide", "residence"]);
    assert_eq!(refusals.len(), 1);
    insta::assert_snapshot!(refusals[0], @"the document was signed for role `residence`, not `residence-wide` (in 2.residence-wide.json)");
}

#[test]
fn a_department_document_is_not_the_security_office_s() {
    let mut store = Store::new();
    let mut targets = signed(store.targets.bytes());
    targets["role"] = json!("residence");
    targets["version"] = json!(2);
    store.targets = Document::parse(forge(&targets, &["targets"])).unwrap();
    store.publish();
    assert_eq!(Device::new(&store).refused(&store, &[]), once("metadata/role", "2.targets.json"));
}

#[test]
fn keys_of_unknown_types_count_for_nothing_and_harm_nothing() {
    let mut store = Store::new();
    let mut targets = signed(store.targets.bytes());
    targets["delegations"]["keys"]["later"] = json!({"keytype": "sm2", "scheme": "sm2-sm3", "keyval": {"public": "…"}});
    targets["delegations"]["keys"]["weak"] =
        json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": format!("01{}", "0".repeat(62))}});
    targets["delegations"]["roles"][1]["keyids"] = json!(["later", "weak", key("ana").public().id(), "absent"]);
    targets["version"] = json!(2);
    store.targets = Document::parse(forge(&targets, &["targets"])).unwrap();
    store.publish();
    let mut device = Device::new(&store);
    assert_eq!(device.refused(&store, &["residence"]), []);
    assert!(device.trusted.target("residence", PERMIT).is_some());
    // A weak key would accept R = identity, S = 0 for anything.
    let mut anyone: Value = serde_json::from_slice(&forge(&document("residence", &json!({})), &[])).unwrap();
    anyone["signatures"] =
        json!([{"keyid": "weak", "sig": format!("01{}", "0".repeat(126))}, {"keyid": "later", "sig": ""}]);
    store.roles.insert("residence".to_owned(), Document::parse(anyone.to_string().into_bytes()).unwrap());
    store.publish();
    assert_eq!(device.refused(&store, &["residence"]), once("metadata/threshold", "2.residence.json"));
}

#[test]
fn a_reviewer_who_left_no_longer_counts() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    store.retarget(|targets| targets.remove_role_key("residence", &key("ana").public().id()).unwrap());
    assert_eq!(device.refused(&store, &["residence"]), once("metadata/threshold", "1.residence.json"));
    assert_eq!(device.trusted.target("residence", PERMIT), None, "a kept document is judged by its present delegator");
    store.release("residence", PERMIT, b"permit 1", &["bo"]);
    assert_eq!(device.refused(&store, &["residence"]), []);
    // Once the role is gone from targets its document is nobody's, wanted or not.
    let mut targets = signed(store.targets.bytes());
    targets["delegations"]["roles"].as_array_mut().unwrap().remove(1);
    targets["version"] = json!(3);
    store.targets = Document::parse(forge(&targets, &["targets"])).unwrap();
    store.publish();
    assert_eq!(device.refused(&store, &[]), []);
    assert_eq!(device.versions(&["targets", "residence"]), [Some(3), None]);
}

#[test]
fn a_department_cannot_take_a_name_by_delegating_to_it() {
    let mut store = Store::new();
    store.release("tax", "apps/tax/gov.example.tax/stable.json", b"tax 1", &["cy"]);
    let mut rogue = document("residence", &json!({}));
    let evil = key("evil").public();
    let listed = json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": evil.to_string()[8..]}});
    let delegation = |name: &str| {
        json!({"name": name, "keyids": [evil.id()], "threshold": 1, "terminating": true,
            "paths": ["apps/tax/*/*", "apps/residence/*/*"]})
    };
    rogue["delegations"] =
        json!({"keys": {evil.id().to_string(): listed}, "roles": [delegation("tax"), delegation("bin")]});
    store.publish_forged("residence", &rogue, &["ana"]);
    let bin = json!({"apps/tax/a.b/stable.json": file(b"evil"), "apps/residence/a.b/stable.json": file(b"fine")});
    let mut bin = document("bin", &bin);
    bin["version"] = json!(1);
    store.publish_forged("bin", &bin, &["evil"]);
    let mut device = Device::new(&store);
    assert_eq!(device.refused(&store, &["residence", "bin", "tax"]), []);
    assert!(device.trusted.target("tax", "apps/tax/gov.example.tax/stable.json").is_some());
    let listed: Vec<_> = device.trusted.targets("bin").map(|(path, _)| path).collect();
    assert_eq!(listed, ["apps/residence/a.b/stable.json"], "what it was not given it cannot give");

    for name in ["root", "targets", "snapshot", "timestamp", "a\nb", ""] {
        let mut rogue = document("residence", &json!({}));
        rogue["delegations"] = json!({"keys": {}, "roles": [delegation(name)]});
        let refusal = Document::<guichet_trust::metadata::Targets>::parse(forge(&rogue, &["ana"])).unwrap_err();
        assert_eq!(refusal.class(), "metadata/format", "{name}");
    }
}

#[test]
fn a_nearer_delegation_to_a_name_judges_its_document_anew() {
    let mut store = Store::new();
    let delegating = |role: &str, version: u64, name: &str, to: &str| {
        let key = key(to).public();
        let listed = json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": key.to_string()[8..]}});
        let roles = json!([{"name": name, "keyids": [key.id()], "threshold": 1, "terminating": false, "paths": ["apps/*/*/*"]}]);
        let mut document = document(role, &json!({}));
        document["version"] = json!(version);
        document["delegations"] = json!({"keys": {key.id().to_string(): listed}, "roles": roles});
        document
    };
    store.publish_forged("residence", &delegating("residence", 2, "section", "sam"), &["ana"]);
    store.publish_forged("section", &delegating("section", 1, "desk", "dot"), &["sam"]);
    store.publish_forged("desk", &document("desk", &json!({})), &["dot"]);
    store.publish_forged("tax", &delegating("tax", 1, "desk", "eve"), &["cy"]);
    let mut device = Device::following(&store, &["residence", "section", "desk"]);
    assert_eq!(device.versions(&["section", "desk"]), [Some(1), Some(2)]);
    assert_eq!(device.refused(&store, &["tax"]), []);
    assert_eq!(device.versions(&["tax", "section", "desk"]), [Some(1), Some(1), None]);
}

#[test]
fn a_change_at_the_security_office_does_not_fetch_departments_again() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    store.retarget(|targets| targets.set_target("keys/tax.json", TargetFile::of(b"keys")).unwrap());
    assert_eq!(device.refused(&store, &["residence"]), []);
    assert_eq!(device.fetched, ["2.root.json", "timestamp.json", "3.snapshot.json", "2.targets.json"]);
    assert!(device.trusted.target("residence", PERMIT).is_some());
}

#[test]
fn bins_cover_paths_by_their_digest() {
    let mut store = Store::new();
    let prefix = &Digest::of(PERMIT.as_bytes()).to_string()[..2];
    let mut targets = signed(store.targets.bytes());
    targets["delegations"]["roles"][1].as_object_mut().unwrap().remove("paths");
    targets["delegations"]["roles"][1]["path_hash_prefixes"] = json!([prefix]);
    targets["version"] = json!(2);
    store.targets = Document::parse(forge(&targets, &["targets"])).unwrap();
    let other = "apps/residence/gov.example.other/stable.json";
    assert!(!Digest::of(other.as_bytes()).to_string().starts_with(prefix));
    let both = json!({PERMIT: file(b"permit 2"), other: file(b"other")});
    store.publish_forged("residence", &document("residence", &both), &["ana"]);
    let device = Device::following(&store, &["residence"]);
    assert_eq!(device.trusted.targets("residence").map(|(path, _)| path).collect::<Vec<_>>(), [PERMIT]);
}

#[test]
fn an_update_fetches_so_many_roles_and_no_more() {
    let mut store = Store::new();
    let names: Vec<_> = (0..5).map(|number| format!("many-{number}")).collect();
    store.retarget(|targets| {
        for name in &names {
            let keys = public(&["many"]);
            targets
                .delegate(&NewDelegation {
                    name,
                    keys: &keys,
                    threshold: 1,
                    paths: &["apps/many/*/*"],
                    terminating: false,
                })
                .unwrap();
        }
    });
    names.iter().for_each(|name| store.release(name, "apps/many/a.b/stable.json", b"", &["many"]));
    let wanted: Vec<_> = names.iter().map(String::as_str).collect();
    let mut device = Device::new(&store);
    device.limits.delegated_roles = 3;
    assert_eq!(device.refused(&store, &wanted), []);
    assert_eq!(device.versions(&wanted), [Some(1), Some(1), Some(1), None, None]);
    assert_eq!(device.refused(&store, &wanted), []);
    assert_eq!(device.versions(&wanted), [Some(1); 5]);
    assert_eq!(device.trusted.expires("many-0"), Some(NOW + 400 * DAY));
}

#[test]
fn a_role_can_be_wanted_later() {
    let store = Store::new();
    let mut device = Device::new(&store);
    let (mut refresh, refusals) = device.drive(&store, &[]);
    assert!(refusals.is_empty() && refresh.is_complete());
    refresh.want_role("residence");
    let path = refresh.next().unwrap().path.clone();
    assert_eq!(path, "1.residence.json");
    refresh.accept(store.files.get(&path).cloned()).unwrap();
    assert_eq!(refresh.next(), None);
    assert!(refresh.finish().target("residence", PERMIT).is_some());
}
