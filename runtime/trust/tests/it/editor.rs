//! A release on its way through two reviewers, and the security office at its desk.

use guichet_trust::{
    Refusal,
    editor::{self, Draft, NewDelegation, Pending, add_signature, changes},
    metadata::{Document, Root, TargetFile, Targets},
};

use crate::store::{DAY, Device, NOW, PERMIT, Store, forge, key, public, sign, signed};

fn say(refusal: &Refusal) -> String {
    format!("error[{}]: {refusal}\n  hint: {}", refusal.class(), refusal.hint())
}

#[test]
fn two_reviewers_sign_the_same_bytes() {
    let mut store = Store::new();
    let targets = editor::read_targets(&store.root, store.targets.bytes()).unwrap();

    // The first reviewer, on their own machine.
    let mut draft = Draft::of_role(&targets, "residence-wide", None, NOW + 400 * DAY).unwrap();
    draft.set_target(PERMIT, TargetFile::of(b"release 1")).unwrap();
    let first = draft.sign(&[&key("ana")]).unwrap();
    let refusal = editor::read_role(&targets, "residence-wide", &first).unwrap_err();
    assert_eq!(refusal.class(), "metadata/threshold");

    // The second one looks before signing.
    let pending = Pending::read(&targets, "residence-wide", &first).unwrap();
    assert!(!pending.is_complete());
    assert_eq!(pending.signed_by, [key("ana").public().id()].into());
    let would = changes(None, pending.document.signed());
    assert_eq!(would.len(), 1);
    assert_eq!(would[0].after.as_ref().map(|file| file.check(b"release 1")), Some(Ok(())));
    let second = add_signature(&first, &key("bo")).unwrap();
    assert_eq!(signed(&second), signed(&first));
    assert_eq!(add_signature(&second, &key("bo")).unwrap(), second, "signing again changes nothing");

    // The store publishes it, and a device takes it.
    let document = editor::read_role(&targets, "residence-wide", &second).unwrap();
    assert!(Pending::read(&targets, "residence-wide", &second).unwrap().is_complete());
    store.roles.insert("residence-wide".to_owned(), document.clone());
    store.publish();
    let device = Device::following(&store, &["residence-wide"]);
    assert_eq!(device.trusted.target("residence-wide", PERMIT), Some(&TargetFile::of(b"release 1")));

    // The next version keeps what the last one listed.
    let mut next = Draft::of_role(&targets, "residence-wide", Some(&document), NOW + 500 * DAY).unwrap();
    next.set_target("apps/residence/a.b/trial.json", TargetFile::of(b"other")).unwrap();
    let next = Document::<Targets>::parse(next.sign(&[&key("bo"), &key("ana")]).unwrap()).unwrap();
    assert_eq!(next.version(), 2);
    let paths: Vec<_> = changes(Some(document.signed()), next.signed()).into_iter().map(|it| it.path).collect();
    assert_eq!(paths, ["apps/residence/a.b/trial.json"]);
}

#[test]
fn changes_name_every_path_that_differs() {
    let store = Store::new();
    let mut draft = Draft::next(&store.roles["residence"], NOW);
    draft.set_target(PERMIT, TargetFile::of(b"changed")).unwrap();
    draft.set_target("apps/residence/a.b/stable.json", TargetFile::of(b"new")).unwrap();
    let middle = draft.signed().clone();
    let changed = changes(Some(store.roles["residence"].signed()), &middle);
    let kinds: Vec<_> = changed.iter().map(|it| (it.before.is_some(), it.after.is_some())).collect();
    assert_eq!(kinds, [(false, true), (true, true)]);
    draft.remove_target(PERMIT);
    let removed = changes(Some(&middle), draft.signed());
    assert_eq!(removed.iter().map(|it| (it.path.as_str(), it.after.is_some())).collect::<Vec<_>>(), [(PERMIT, false)]);
    assert_eq!(changes(Some(&middle), &middle), []);
}

#[test]
fn a_reviewer_cannot_make_what_devices_would_refuse() {
    let store = Store::new();
    let draft = || Draft::of_role(&store.targets, "residence", None, NOW).unwrap();
    insta::assert_snapshot!(say(&Draft::of_role(&store.targets, "nobody", None, NOW).unwrap_err()), @r#"
    error[editor/unknown-role]: there is no role `nobody` to change
      hint: check the name, or add the role first
    "#);
    insta::assert_snapshot!(say(&draft().set_target("keys/tax.json", TargetFile::of(b"")).unwrap_err()), @r#"
    error[editor/path]: role `residence` may not list `keys/tax.json`
      hint: use a path the role's delegation covers; `*` stands for one path segment
    "#);
    insta::assert_snapshot!(say(&draft().sign(&[&key("cy")]).unwrap_err()), @r#"
    error[editor/key]: key f41a5d662430c9d6c13f7751b6aa5594668bc18ec88cc26b34e2393ef5f4cb50 does not belong to role `residence`
      hint: sign with a key that is listed for the role, or have the key enrolled first
    "#);
    let wide = Draft::of_role(&store.targets, "residence-wide", Some(&store.roles["residence"]), NOW).unwrap_err();
    insta::assert_snapshot!(say(&wide), @r#"
    error[metadata/role]: the document was signed for role `residence`, not `residence-wide`
      hint: publish the document under the role its signers meant
    "#);
}

#[test]
fn a_document_is_judged_before_it_is_signed_or_published() {
    let store = Store::new();
    let check = |role: &str, bytes: &[u8]| editor::read_role(&store.targets, role, bytes).unwrap_err().class();
    let good = store.roles["residence"].bytes();
    assert!(editor::read_role(&store.targets, "residence", good).is_ok());
    assert_eq!(check("nobody", good), "metadata/delegation");
    assert_eq!(check("tax", good), "metadata/role");
    assert_eq!(check("residence", &forge(&signed(good), &["cy"])), "metadata/threshold");
    let mut outside = signed(good);
    outside["targets"]["keys/tax.json"] = outside["targets"][PERMIT].clone();
    assert_eq!(check("residence", &forge(&outside, &["ana"])), "editor/path");
    let office = |bytes: &[u8]| editor::read_targets(&store.root, bytes).unwrap_err().class();
    assert_eq!(office(&forge(&signed(store.targets.bytes()), &["ana"])), "metadata/threshold");
    assert_eq!(office(store.snapshot.bytes()), "metadata/type");
}

#[test]
fn the_security_office_adds_departments_and_people() {
    let mut store = Store::new();
    let mut device = Device::following(&store, &["residence"]);
    store.retarget(|targets| {
        // Enrolled in two steps: first the department, then its reviewers' keys.
        targets
            .delegate(&NewDelegation {
                name: "health",
                keys: &[],
                threshold: 1,
                paths: &["apps/health/*/*"],
                terminating: false,
            })
            .unwrap();
        targets.set_target("keys/health.json", TargetFile::of(b"keys")).unwrap();
    });
    store.retarget(|targets| targets.add_role_key("health", &key("eve").public()).unwrap());
    store.release("health", "apps/health/a.b/stable.json", b"health", &["eve"]);
    assert_eq!(device.refused(&store, &["health", "residence"]), []);
    assert!(device.trusted.target("health", "apps/health/a.b/stable.json").is_some());
    assert!(device.trusted.target("targets", "keys/health.json").is_some());
    assert!(device.trusted.target("residence", PERMIT).is_some());

    let id = key("eve").public().id();
    store.retarget(|targets| {
        targets.add_role_key("health", &key("fay").public()).unwrap();
        targets.set_role_threshold("health", 2).unwrap();
    });
    assert_eq!(device.refused(&store, &["health"]).len(), 1, "one signature is no longer enough");
    store.retarget(|targets| {
        targets.remove_role_key("health", &id).unwrap();
        targets.set_role_threshold("health", 1).unwrap();
    });
    assert!(!store.targets.signed().delegations.as_ref().unwrap().keys.contains_key(&id.to_string()));
    store.release("health", "apps/health/a.b/stable.json", b"health", &["fay"]);
    assert_eq!(device.refused(&store, &["health"]), []);
}

#[test]
fn the_office_is_told_what_it_cannot_do() {
    let store = Store::new();
    let mut draft = Draft::next(&store.targets, NOW);
    let mut refused = |name: &str, path: &str| {
        let new = NewDelegation { name, keys: &[], threshold: 1, paths: &[path], terminating: false };
        say(&draft.delegate(&new).unwrap_err())
    };
    insta::assert_snapshot!(refused("tax", "a/*"), @r#"
    error[editor/role-taken]: there is already a role `tax`
      hint: choose another name, or change the existing role
    "#);
    insta::assert_snapshot!(refused("a/b", "a/*"), @r#"
    error[editor/unknown-role]: there is no role `a/b` to change
      hint: check the name, or add the role first
    "#);
    insta::assert_snapshot!(refused("new", "apps/[a-z]/*"), @r#"
    error[editor/path]: role `new` may not list `apps/[a-z]/*`
      hint: use a path the role's delegation covers; `*` stands for one path segment
    "#);
    let mut draft = Draft::next(&store.targets, NOW);
    assert_eq!(draft.add_role_key("nobody", &key("ana").public()).unwrap_err().class(), "editor/unknown-role");
    assert_eq!(draft.set_role_threshold("nobody", 1).unwrap_err().class(), "editor/unknown-role");
    assert_eq!(draft.remove_role_key("tax", &key("ana").public().id()).unwrap_err().class(), "editor/key");
    let mut root = Draft::next(&store.root, NOW);
    insta::assert_snapshot!(say(&root.set_role("root", &public(&["a", "b", "a"]), 3).unwrap_err()), @r#"
    error[editor/threshold]: role `root` would need 3 signatures but has 2 keys
      hint: list more keys, or lower the threshold
    "#);
    assert_eq!(root.set_role("root", &public(&["a"]), 0).unwrap_err().class(), "editor/threshold");
}

#[test]
fn an_unfinished_document_is_not_signed() {
    let mut root = Draft::first_root(NOW);
    root.set_role("root", &public(&["a"]), 1).unwrap();
    assert_eq!(root.sign(&[&key("a")]).unwrap_err().class(), "metadata/format");
    assert_eq!(Draft::first_snapshot(NOW).sign(&[&key("a")]).unwrap_err().class(), "metadata/format");
    let mut targets = Draft::first_targets(NOW);
    targets
        .delegate(&NewDelegation { name: "timestamp", keys: &[], threshold: 1, paths: &["a"], terminating: false })
        .unwrap();
    assert_eq!(targets.sign(&[&key("a")]).unwrap_err().class(), "metadata/format");
}

#[test]
fn a_root_follows_the_one_before() {
    let mut store = Store::new();
    let first = store.root.clone();
    store.reroot(&["root", "new"], |root| root.set_role("root", &public(&["new"]), 1).unwrap());
    let second = editor::read_root(Some(&first), store.root.bytes()).unwrap();
    assert_eq!(editor::read_root(None, store.root.bytes()).unwrap(), second);
    assert!(
        !second.signed().keys.contains_key(&key("root").public().id().to_string()),
        "a key no role uses is not kept"
    );
    assert_eq!(editor::read_root(Some(&second), store.root.bytes()).unwrap_err().class(), "metadata/root-chain");
    let by_none: Document<Root> = sign(&Draft::next(&first, NOW), &["root"]);
    assert!(editor::read_root(Some(&first), by_none.bytes()).is_ok());
    assert_eq!(editor::read_root(Some(&second), by_none.bytes()).unwrap_err().class(), "metadata/threshold");
}

#[test]
fn members_an_editor_does_not_know_are_kept() {
    let mut store = Store::new();
    let mut targets = signed(store.targets.bytes());
    targets["later"] = serde_json::json!({"a": 1});
    targets["delegations"]["roles"][0]["later"] = serde_json::json!([2]);
    targets["targets"]["keys/residence.json"]["custom"] = serde_json::json!({"b": 3});
    store.targets = Document::parse(forge(&targets, &["targets"])).unwrap();
    store.retarget(|_| {});
    let mut kept = signed(store.targets.bytes());
    assert_eq!(kept["version"].take(), 2);
    targets["version"].take();
    targets["expires"] = kept["expires"].clone();
    assert_eq!(kept, targets);
}
