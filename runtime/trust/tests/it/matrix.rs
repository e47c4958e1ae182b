//! The matrix of update attacks: who holds what and does what, what a device answers, and that everybody else goes on.
//!
//! `docs/SECURITY.md` holds the table this test makes; when it differs, the message is the table to put there.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use guichet_trust::{
    Refusal,
    client::TrustedMetadata,
    digest::Digest,
    log::{
        AddCheckpoint, Answer, Frontier, LogSigner, Policy, Quorum, Seen, WitnessSigner, leaf_hash, verify_consistency,
    },
    metadata::{Document, TargetFile},
};
use serde_json::{Value, json};

use crate::store::{DAY, Device, PERMIT, Store, forge, key, public, signed};

const TAX: &str = "apps/tax/gov.example.tax/stable.json";
const EVIL: &[u8] = b"evil";
const ROLES: [&str; 5] = ["brake", "residence", "residence-wide", "tax", "tax-wide"];

/// A store, a device that is up to date, and what the device is served by whoever attacks.
struct Scene {
    honest: Store,
    yesterday: Store,
    served: Store,
    device: Device,
    kept: BTreeMap<String, Vec<u8>>,
    /// What was refused on the way, besides by the update.
    refused: Vec<Refusal>,
    /// What the office does when it learns of the attack, before the next release.
    heal: fn(&mut Store),
}

impl Scene {
    fn new() -> Self {
        let mut honest = Store::new();
        honest.release("residence-wide", PERMIT, b"permit 1", &["ana", "bo"]);
        honest.release("tax-wide", TAX, b"tax 1", &["cy", "di"]);
        honest.release("tax", TAX, b"tax 1", &["cy"]);
        let mut device = Device::following(&honest, &ROLES);
        let kept = device.trusted.documents().map(|(name, bytes)| (name, bytes.to_vec())).collect();
        let yesterday = honest.clone();
        honest.release("residence", PERMIT, b"permit 2", &["bo"]);
        assert_eq!(device.update(&honest, &ROLES), []);
        Self { served: honest.clone(), yesterday, honest, device, kept, refused: Vec::new(), heal: |_| {} }
    }

    /// The next document of a role as somebody else would have it.
    fn forged(&self, role: &str, path: &str, signers: &[&str]) -> Document<guichet_trust::metadata::Targets> {
        let mut document = match self.served.roles.get(role) {
            Some(current) => signed(current.bytes()),
            None => json!({"_type": "targets", "spec_version": "1.0.34", "version": 0, "role": role,
                "expires": "2026-12-01T00:00:00Z", "targets": {}}),
        };
        document["version"] = json!(document["version"].as_u64().unwrap() + 1);
        document["targets"][path] = json!({"length": EVIL.len(), "hashes": {"sha256": Digest::of(EVIL)}});
        Document::parse(forge(&document, signers)).unwrap()
    }

    fn serve_forged(&mut self, role: &str, path: &str, signers: &[&str]) {
        let document = self.forged(role, path, signers);
        self.served.roles.insert(role.to_owned(), document);
        self.served.publish();
    }

    /// A terminal that remembers one tree of the log is shown another one of this size.
    fn show_other_log(&mut self, size: u64) {
        let (shown, other) = (log_of("shown", 2), log_of("other", size));
        let path: Vec<_> = (2..size).map(|leaf| leaf_hash(format!("other {leaf}").as_bytes())).collect();
        let shown = verify_consistency((2, &shown.root()), (size, &other.root()), &path);
        self.refused.extend(shown.err());
    }

    /// One that remembers nothing is shown another log: its witness has seen the one that everybody is shown.
    fn show_other_log_to_a_new_terminal(&mut self, size: u64) {
        let signer = LogSigner::new("log.example", key("log")).unwrap();
        let witness = WitnessSigner::new("w.example", key("witness")).unwrap();
        let mut note = signer.sign(size, log_of("other", size).root());
        let asked = AddCheckpoint { old: 2, path: Vec::new(), note: note.clone() };
        let seen = Seen { size: 2, root: log_of("shown", 2).root() };
        if let Answer::Cosign(_) = asked.judge(&[signer.key().clone()], |_| Some(seen)) {
            note.add(witness.cosign(&note, 1_767_225_600).unwrap());
        }
        let policy = Policy::new(signer.key().clone(), vec![witness.key().clone()], Quorum::majority(1)).unwrap();
        self.refused.extend(policy.open(&note).err());
    }

    /// A change of the snapshot by whoever has the online keys.
    fn resnapshot(&mut self, change: impl FnOnce(&mut Value)) {
        let mut snapshot = signed(self.served.snapshot.bytes());
        snapshot["version"] = json!(self.served.snapshot.version() + 1);
        change(&mut snapshot);
        self.served.snapshot = Document::parse(forge(&snapshot, &["snapshot"])).unwrap();
        self.served.stamp();
    }
}

/// A log that begins like every other and goes on as one of this name.
fn log_of(name: &str, size: u64) -> Frontier {
    let mut tree = Frontier::new();
    tree.append(leaf_hash(b"the first release"));
    (1..size).for_each(|leaf| tree.append(leaf_hash(format!("{name} {leaf}").as_bytes())));
    tree
}

struct Attack {
    by: &'static str,
    what: &'static str,
    does: fn(&mut Scene),
}

fn attack(by: &'static str, what: &'static str, does: fn(&mut Scene)) -> Attack {
    Attack { by, what, does }
}

/// New online keys, as after a theft.
fn rekey(store: &mut Store) {
    store.reroot(&["root"], |root| {
        root.set_role("snapshot", &public(&["snapshot-2"]), 1).unwrap();
        root.set_role("timestamp", &public(&["timestamp-2"]), 1).unwrap();
    });
    store.online = ["snapshot-2", "timestamp-2"];
}

fn attacks() -> Vec<Attack> {
    vec![
        attack("network", "serves yesterday's files", |it| it.served = it.yesterday.clone()),
        attack("network", "serves the same files for ever", |it| it.served.now += 2 * DAY),
        attack("network", "puts its own timestamp in place", |it| {
            let mut timestamp = signed(it.served.timestamp.bytes());
            timestamp["version"] = json!(99);
            it.served.replace("timestamp.json", forge(&timestamp, &["mallory"]));
        }),
        attack("network", "puts a root of its own in place", |it| {
            let mut root = signed(it.served.root.bytes());
            root["version"] = json!(2);
            it.served.files.insert("2.root.json".to_owned(), forge(&root, &["mallory"]));
        }),
        attack("mirror", "serves an old document under a new name", |it| {
            it.served.release("residence", PERMIT, b"permit 3", &["bo"]);
            it.honest = it.served.clone();
            let old = it.yesterday.roles["residence"].bytes().to_vec();
            it.served.replace("3.residence.json", old);
        }),
        attack("mirror", "adds to a document without end", |it| {
            it.served.release("residence", PERMIT, b"permit 3", &["bo"]);
            it.honest = it.served.clone();
            let mut long = it.served.roles["residence"].bytes().to_vec();
            long.resize(1 << 20, b' ');
            it.served.replace("3.residence.json", long);
        }),
        attack("mirror", "leaves a document out", |it| {
            it.served.release("residence", PERMIT, b"permit 3", &["bo"]);
            it.honest = it.served.clone();
            it.served.files.remove("3.residence.json");
        }),
        attack("developer's key", "signs a release of its own department", |it| {
            it.serve_forged("residence", PERMIT, &["developer"]);
            it.honest = it.served.clone();
        }),
        attack("reviewer's key", "widens permissions alone", |it| {
            it.serve_forged("residence-wide", PERMIT, &["ana"]);
            it.honest = it.served.clone();
        }),
        attack("reviewer's key", "releases another department's app", |it| {
            it.serve_forged("residence", TAX, &["ana"]);
            it.honest = it.served.clone();
        }),
        attack("reviewer's key", "lists a publisher's key", |it| {
            it.serve_forged("residence", "keys/tax.json", &["ana"]);
            it.honest = it.served.clone();
        }),
        attack("online keys", "sign a department's document", |it| {
            it.heal = rekey;
            it.serve_forged("residence", PERMIT, &["snapshot", "timestamp", "brake"]);
        }),
        attack("online keys", "sign the top-level targets", |it| {
            it.heal = rekey;
            let mut targets = signed(it.served.targets.bytes());
            targets["version"] = json!(2);
            it.served.targets = Document::parse(forge(&targets, &["snapshot", "timestamp", "brake"])).unwrap();
            it.served.publish();
        }),
        attack("online keys", "list a department's old document", |it| {
            it.heal = rekey;
            it.resnapshot(|snapshot| snapshot["meta"]["residence.json"] = json!({"version": 1}));
        }),
        attack("online keys", "leave a department out", |it| {
            it.heal = rekey;
            it.resnapshot(|snapshot| drop(snapshot["meta"].as_object_mut().unwrap().remove("residence.json")));
        }),
        attack("online keys", "brake as if it were a release", |it| {
            it.heal = rekey;
            it.serve_forged("brake", PERMIT, &["brake"]);
        }),
        attack("online keys", "count versions up to the last number", |it| {
            it.heal = rekey;
            it.resnapshot(|snapshot| snapshot["version"] = json!(9_007_199_254_740_991_u64));
        }),
        attack("officers' keys, fewer than the threshold", "sign a new root", |it| {
            let officers = public(&["root", "o2", "o3"]);
            it.honest.reroot(&["root", "o2"], |root| root.set_role("root", &officers, 2).unwrap());
            assert_eq!(it.device.update(&it.honest, &ROLES), []);
            it.served = it.honest.clone();
            let mut root = signed(it.served.root.bytes());
            root["version"] = json!(3);
            root["roles"]["root"]["threshold"] = json!(1);
            it.served.files.insert("3.root.json".to_owned(), forge(&root, &["o2"]));
        }),
        attack("hostile department", "lists everybody's paths", |it| {
            for path in [TAX, "keys/tax.json", "brake/tax/gov.example.tax/stable.json"] {
                it.serve_forged("residence", path, &["ana"]);
            }
            it.honest = it.served.clone();
        }),
        attack("hostile department", "delegates to another's name", |it| {
            let mut rogue = signed(it.served.roles["residence"].bytes());
            let evil = key("evil").public();
            let listed =
                json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": evil.to_string()[8..]}});
            let roles = json!([{"name": "tax", "keyids": [evil.id()], "threshold": 1, "terminating": true,
                "paths": ["apps/tax/*/*"]}]);
            rogue["version"] = json!(3);
            rogue["delegations"] = json!({"keys": {evil.id().to_string(): listed}, "roles": roles});
            it.served.publish_forged("residence", &rogue, &["ana"]);
            let forged = it.forged("tax", TAX, &["evil"]);
            it.served.roles.insert("tax".to_owned(), forged);
            it.served.publish();
            it.honest = it.served.clone();
        }),
        attack("hostile department", "publishes what is no document", |it| {
            it.served.release("residence", PERMIT, b"permit 3", &["ana"]);
            it.resnapshot(|snapshot| snapshot["meta"]["residence.json"] = json!({"version": 3}));
            it.served.replace("3.residence.json", b"{\"signed\":".to_vec());
            it.honest = it.served.clone();
        }),
        attack("hostile department", "delegates to a million bins", |it| {
            let mut rogue = signed(it.served.roles["residence"].bytes());
            let ana = key("ana").public();
            let listed = json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": ana.to_string()[8..]}});
            rogue["version"] = json!(3);
            rogue["delegations"] = json!({"keys": {ana.id().to_string(): listed}, "succinct_roles":
                {"keyids": [ana.id()], "threshold": 1, "bit_length": 20, "name_prefix": "tax"}});
            it.served.publish_forged("residence", &rogue, &["ana"]);
            it.honest = it.served.clone();
        }),
        attack("split view", "two timestamps of one version", |it| {
            it.heal = rekey;
            let version = it.served.timestamp.version();
            let mut other = signed(it.served.timestamp.bytes());
            other["version"] = json!(version);
            other["meta"]["snapshot.json"] = json!({"version": it.yesterday.snapshot.version()});
            it.served.replace("timestamp.json", forge(&other, &["timestamp"]));
        }),
        attack("split view", "one terminal is shown another log of the size it remembers", |it| it.show_other_log(2)),
        attack("split view", "one terminal is shown a larger log that begins otherwise", |it| it.show_other_log(3)),
        attack("split view", "a new terminal is shown another log, which a witness was to sign", |it| {
            it.show_other_log_to_a_new_terminal(2);
        }),
        attack("split view", "a new terminal is shown a larger one, which a witness was to sign", |it| {
            it.show_other_log_to_a_new_terminal(3);
        }),
        attack("clock set back", "serves yesterday's files, which look fresh", |it| {
            it.served = it.yesterday.clone();
            it.served.now -= DAY;
        }),
        attack("clock set forward", "everything looks expired", |it| it.served.now += 1_000 * DAY),
        attack("full disk", "the new state was not kept, and the device starts again", |it| {
            it.device.trusted = TrustedMetadata::restore(&it.device.bootstrap, &it.kept).unwrap();
        }),
    ]
}

/// Files that are vouched for and should not be, and documents that went back. A document that is refused is none.
fn accepted(scene: &Scene, before: &[Option<u64>]) -> usize {
    let evil = ROLES.iter().chain(&["targets"]).flat_map(|role| scene.device.trusted.targets(role));
    let evil = evil.filter(|(_, file)| **file == TargetFile::of(EVIL)).count();
    let now = scene.device.versions(&ROLES);
    let went_back = |(before, now): &(&Option<u64>, Option<u64>)| now.is_some() && now < *before;
    evil + before.iter().zip(now).filter(went_back).count()
}

#[test]
fn no_attack_is_accepted_and_everybody_else_goes_on() {
    let mut table =
        "| who | attack | answer | accepted | others update |\n| --- | --- | --- | --- | --- |\n".to_owned();
    let mut failures = Vec::new();
    for Attack { by, what, does } in attacks() {
        let mut scene = Scene::new();
        does(&mut scene);
        let before = scene.device.versions(&ROLES);
        let refused = scene.device.update(&scene.served, &ROLES);
        let accepted = accepted(&scene, &before);
        let is_of_the_log = what.contains("log");
        let accepted = accepted + usize::from(is_of_the_log && scene.refused.is_empty());
        let mut classes: Vec<_> =
            refused.iter().chain(&scene.refused).map(|refusal| format!("`{}`", refusal.class())).collect();
        classes.dedup();
        if classes.is_empty() {
            classes.push("not vouched for, or nothing new".to_owned());
        }
        // The network is itself again; what a hostile department published is still there.
        (scene.heal)(&mut scene.honest);
        scene.honest.release("tax", TAX, b"tax 2", &["cy"]);
        scene.device.update(&scene.honest, &ROLES);
        let goes_on = scene.device.trusted.target("tax", TAX) == Some(&TargetFile::of(b"tax 2"));
        let others = if goes_on { "yes" } else { "NO" };
        writeln!(table, "| {by} | {what} | {} | {accepted} | {others} |", classes.join(", ")).unwrap();
        if accepted > 0 || !goes_on {
            failures.push(format!("{by}: {what}"));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}\n{table}");
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/SECURITY.md");
    let document = std::fs::read_to_string(document).unwrap();
    assert!(document.contains(&table), "docs/SECURITY.md does not hold this table:\n\n{table}");
}
