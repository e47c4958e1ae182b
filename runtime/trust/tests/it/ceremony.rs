//! A document on its way from keyholder to keyholder: what each is shown, who may sign, and when it is complete.

use guichet_trust::{
    editor::{Ceremony, Draft, RoleChange, read_root},
    metadata::{Document, Root, TargetFile},
};
use serde_json::json;

use crate::store::{DAY, Device, NOW, PERMIT, Store, key, public, signed};

fn ids(names: &[&str]) -> std::collections::BTreeSet<guichet_trust::sign::KeyId> {
    public(names).iter().map(|key| key.id()).collect()
}

fn passed_on(ceremony: &Ceremony) -> Ceremony {
    Ceremony::parse(&ceremony.to_bytes().unwrap()).unwrap()
}

/// The next root of a store, changed like this and not signed yet.
fn next_root(store: &Store, change: impl FnOnce(&mut Draft<Root>)) -> Ceremony {
    let mut draft = Draft::next(&store.root, NOW + 365 * DAY);
    change(&mut draft);
    Ceremony::of_root(&store.root, &draft.sign(&[]).unwrap())
}

#[test]
fn a_root_needs_the_old_keyholders_and_the_new_ones() {
    let mut store = Store::new();
    let mut ceremony = next_root(&store, |root| {
        root.change_role("root", &public(&["second", "third"]), &[key("root").public().id()], Some(2)).unwrap();
    });
    let question = ceremony.question().unwrap();
    assert_eq!((question.role, question.version, question.root), ("root", 2, store.root.digest()));
    assert_eq!(
        question.roles,
        [RoleChange {
            role: "root".to_owned(),
            added: ids(&["second", "third"]),
            removed: ids(&["root"]),
            threshold: (1, 2)
        }]
    );
    let refused = ceremony.sign(&key("mallory")).unwrap_err();
    assert_eq!(refused.class(), "editor/key");
    for (signer, have) in [("third", [0, 1]), ("third", [0, 1]), ("root", [1, 1]), ("second", [1, 2])] {
        assert!(!ceremony.question().unwrap().is_answered(), "before {signer}");
        ceremony = passed_on(&ceremony);
        ceremony.sign(&key(signer)).unwrap();
        let signed: Vec<_> = ceremony.question().unwrap().needs.iter().map(|need| need.signed_by.len()).collect();
        assert_eq!(signed, have, "after {signer}");
    }
    assert!(ceremony.question().unwrap().is_answered());
    store.root = read_root(Some(&store.root), ceremony.document()).unwrap();
    store.serve();
    let mut device = Device::new(&store);
    assert_eq!(device.refused(&store, &["residence"]), []);
    assert_eq!(device.trusted.version("root"), Some(2));
    assert!(device.trusted.target("residence", PERMIT).is_some());
}

#[test]
fn the_question_names_every_role_and_path_that_changes() {
    let store = Store::new();
    let mut draft = Draft::next(&store.targets, NOW + 180 * DAY);
    draft.add_role_key("residence-wide", &key("cy").public()).unwrap();
    draft.set_role_threshold("residence-wide", 3).unwrap();
    draft.remove_role_key("tax", &key("cy").public().id()).unwrap();
    draft.set_target("keys/tax.json", TargetFile::of(b"keys")).unwrap();
    let mut ceremony = Ceremony::of_targets(&store.root, &store.targets, &draft.sign(&[]).unwrap());
    let question = ceremony.question().unwrap();
    let change = |role: &str, added: &[&str], removed: &[&str], threshold| RoleChange {
        role: role.to_owned(),
        added: ids(added),
        removed: ids(removed),
        threshold,
    };
    assert_eq!(question.roles, [change("residence-wide", &["cy"], &[], (2, 3)), change("tax", &[], &["cy"], (1, 1))]);
    assert_eq!(question.paths, ["keys/tax.json"]);
    assert_eq!(ceremony.sign(&key("root")).unwrap_err().class(), "editor/key");
    ceremony.sign(&key("targets")).unwrap();
    assert!(ceremony.question().unwrap().is_answered());
}

#[test]
fn a_file_that_was_changed_on_the_way_is_refused() {
    let store = Store::new();
    let ceremony = next_root(&store, |_| {});
    let file: serde_json::Value = serde_json::from_slice(&ceremony.to_bytes().unwrap()).unwrap();
    let changed = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut file = file.clone();
        change(&mut file);
        let read = Ceremony::parse(file.to_string().as_bytes());
        read.and_then(|ceremony| ceremony.question()).unwrap_err().class()
    };
    let mut unsigned = signed(store.root.bytes());
    unsigned["version"] = json!(7);
    let unsigned = json!({"signatures": [], "signed": unsigned}).to_string();
    assert_eq!(changed(&|file| file["root"] = json!(unsigned)), "metadata/threshold");
    assert_eq!(changed(&|file| file["document"] = json!(unsigned)), "metadata/version");
    assert_eq!(changed(&|file| file["document"] = file["root"].clone()), "metadata/version");
    assert_eq!(changed(&|file| file["targets"] = file["root"].clone()), "metadata/type");
    assert_eq!(changed(&|file| file["format"] = json!(2)), "metadata/format");
    assert_eq!(changed(&|file| file["more"] = json!(1)), "json/shape");
    assert!(Document::<Root>::parse(ceremony.document().to_vec()).is_ok());
}

#[test]
fn a_role_is_left_with_keys_enough_for_its_threshold() {
    let store = Store::new();
    let mut draft = Draft::next(&store.root, NOW + DAY);
    let id = key("timestamp").public().id();
    let class = |result: Result<(), guichet_trust::Refusal>| result.unwrap_err().class();
    assert_eq!(class(draft.change_role("timestamp", &[], &[id], None)), "editor/threshold");
    assert_eq!(class(draft.change_role("timestamp", &[], &[], Some(2))), "editor/threshold");
    assert_eq!(class(draft.change_role("timestamp", &[], &[], Some(0))), "editor/threshold");
    assert_eq!(class(draft.change_role("timestamp", &[], &[key("root").public().id()], None)), "editor/key");
    assert_eq!(class(draft.change_role("nobody", &[], &[], None)), "editor/unknown-role");
    draft.change_role("timestamp", &public(&["timestamp-2"]), &[id], None).unwrap();
    assert!(!draft.signed().keys.contains_key(&id.to_string()), "a key nobody uses is not listed");
}
