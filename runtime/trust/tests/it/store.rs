//! A store of two departments, the files it serves, and a device that follows it.

use std::collections::BTreeMap;

use guichet_trust::{
    Refusal,
    client::{Limits, Refresh, TrustedMetadata},
    digest::Digest,
    editor::{Draft, NewDelegation, add_signature},
    metadata::{Document, Metadata, Root, Snapshot, TargetFile, Targets, Timestamp, file_stem},
    sign::{PublicKey, SecretKey},
};
use serde_json::{Value, json};

pub(crate) const DAY: u64 = 86_400_000;
/// 2026-01-01T00:00:00Z.
pub(crate) const NOW: u64 = 1_767_225_600_000;
pub(crate) const PERMIT: &str = "apps/residence/gov.example.permit/stable.json";

/// The key somebody of this name holds.
pub(crate) fn key(name: &str) -> SecretKey {
    SecretKey::generate(*Digest::of(name.as_bytes()).as_bytes())
}

pub(crate) fn public(names: &[&str]) -> Vec<PublicKey> {
    names.iter().map(|name| key(name).public()).collect()
}

pub(crate) fn sign<T: Metadata>(draft: &Draft<T>, names: &[&str]) -> Document<T> {
    let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
    Document::parse(draft.sign(&keys.iter().collect::<Vec<_>>()).unwrap()).unwrap()
}

/// Any signed part at all, with good signatures.
pub(crate) fn forge(signed: &Value, names: &[&str]) -> Vec<u8> {
    let unsigned = json!({"signatures": [], "signed": signed}).to_string().into_bytes();
    names.iter().fold(unsigned, |bytes, name| add_signature(&bytes, &key(name)).unwrap())
}

/// The signed part of a document, to be changed.
pub(crate) fn signed(bytes: &[u8]) -> Value {
    serde_json::from_slice::<Value>(bytes).unwrap()["signed"].take()
}

/// A store: the current documents, and all files it ever served below `/metadata/`.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) root: Document<Root>,
    pub(crate) targets: Document<Targets>,
    pub(crate) roles: BTreeMap<String, Document<Targets>>,
    pub(crate) snapshot: Document<Snapshot>,
    pub(crate) timestamp: Document<Timestamp>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) online: [&'static str; 2],
    pub(crate) now: u64,
}

impl Store {
    /// Departments `residence` and `tax`, each with its `-wide` role, and the brake; `residence` has one release.
    pub(crate) fn new() -> Self {
        let mut root = Draft::first_root(NOW + 365 * DAY);
        for role in ["root", "targets", "snapshot", "timestamp"] {
            root.set_role(role, &public(&[role]), 1).unwrap();
        }
        let root = sign(&root, &["root"]);
        let mut targets = Draft::first_targets(NOW + 180 * DAY);
        let roles: [(&str, &[&str], u64, &str); 5] = [
            ("brake", &["brake"], 1, "brake/*/*/*"),
            ("residence", &["ana", "bo"], 1, "apps/residence/*/*"),
            ("residence-wide", &["ana", "bo"], 2, "apps/residence/*/*"),
            ("tax", &["cy"], 1, "apps/tax/*/*"),
            ("tax-wide", &["cy", "di"], 2, "apps/tax/*/*"),
        ];
        for (name, keys, threshold, path) in roles {
            let (keys, terminating) = (public(keys), name.ends_with("-wide"));
            targets.delegate(&NewDelegation { name, keys: &keys, threshold, paths: &[path], terminating }).unwrap();
        }
        targets.set_target("keys/residence.json", TargetFile::of(b"keys")).unwrap();
        let targets = sign(&targets, &["targets"]);
        let mut snapshot = Draft::first_snapshot(NOW + 7 * DAY);
        snapshot.pin("targets", &targets);
        let snapshot = sign(&snapshot, &["snapshot"]);
        let timestamp = sign(&Draft::first_timestamp(&snapshot, NOW + DAY), &["timestamp"]);
        let (roles, files) = (BTreeMap::new(), BTreeMap::new());
        let online = ["snapshot", "timestamp"];
        let mut store = Self { root, targets, roles, snapshot, timestamp, files, online, now: NOW };
        store.serve();
        store.release("residence", PERMIT, b"permit 1", &["ana"]);
        store
    }

    /// Puts the current documents among the files.
    pub(crate) fn serve(&mut self) {
        let versions = [
            ("root", self.root.version(), self.root.bytes()),
            ("targets", self.targets.version(), self.targets.bytes()),
            ("snapshot", self.snapshot.version(), self.snapshot.bytes()),
        ];
        let roles = self.roles.iter().map(|(role, it)| (role.as_str(), it.version(), it.bytes()));
        for (role, version, bytes) in versions.into_iter().chain(roles) {
            self.files.insert(format!("{version}.{}.json", file_stem(role)), bytes.to_vec());
        }
        self.files.insert("timestamp.json".to_owned(), self.timestamp.bytes().to_vec());
    }

    /// The next snapshot and timestamp.
    pub(crate) fn publish(&mut self) {
        let mut snapshot = Draft::next(&self.snapshot, self.now + 7 * DAY);
        snapshot.pin("targets", &self.targets);
        for (role, document) in &self.roles {
            snapshot.pin(role, document);
        }
        self.snapshot = sign(&snapshot, &[self.online[0]]);
        self.stamp();
    }

    /// The next timestamp.
    pub(crate) fn stamp(&mut self) {
        let mut timestamp = Draft::next(&self.timestamp, self.now + DAY);
        timestamp.set_snapshot(&self.snapshot);
        self.timestamp = sign(&timestamp, &[self.online[1]]);
        self.serve();
    }

    /// A department lists a file and the store publishes it.
    pub(crate) fn release(&mut self, role: &str, path: &str, bytes: &[u8], signers: &[&str]) {
        let current = self.roles.get(role);
        let mut draft = Draft::of_role(&self.targets, role, current, self.now + 400 * DAY).unwrap();
        draft.set_target(path, TargetFile::of(bytes)).unwrap();
        self.roles.insert(role.to_owned(), sign(&draft, signers));
        self.publish();
    }

    /// A role's next document says what no editor would write.
    pub(crate) fn publish_forged(&mut self, role: &str, signed: &Value, signers: &[&str]) {
        self.roles.insert(role.to_owned(), Document::parse(forge(signed, signers)).unwrap());
        self.publish();
    }

    /// The security office changes its document.
    pub(crate) fn retarget(&mut self, change: impl FnOnce(&mut Draft<Targets>)) {
        let mut draft = Draft::next(&self.targets, self.now + 180 * DAY);
        change(&mut draft);
        self.targets = sign(&draft, &["targets"]);
        self.publish();
    }

    /// The officers change the root.
    pub(crate) fn reroot(&mut self, signers: &[&str], change: impl FnOnce(&mut Draft<Root>)) {
        let mut draft = Draft::next(&self.root, self.now + 365 * DAY);
        change(&mut draft);
        self.root = sign(&draft, signers);
        self.serve();
    }

    /// Somebody serves other bytes in place of a file.
    pub(crate) fn replace(&mut self, path: &str, bytes: Vec<u8>) {
        assert!(self.files.insert(path.to_owned(), bytes).is_some(), "{path} was not served");
    }
}

/// A device that trusts the store's first root.
pub(crate) struct Device {
    pub(crate) bootstrap: Vec<u8>,
    pub(crate) trusted: TrustedMetadata,
    pub(crate) limits: Limits,
    /// What the last update fetched.
    pub(crate) fetched: Vec<String>,
}

impl Device {
    pub(crate) fn new(store: &Store) -> Self {
        let bootstrap = store.files["1.root.json"].clone();
        let trusted = TrustedMetadata::from_root(&bootstrap).unwrap();
        Self { bootstrap, trusted, limits: Limits::default(), fetched: Vec::new() }
    }

    /// A device that has followed the store once.
    pub(crate) fn following(store: &Store, roles: &[&str]) -> Self {
        let mut device = Self::new(store);
        assert_eq!(device.update(store, roles), []);
        device
    }

    /// One whole update, wanting these roles; every refusal on the way.
    pub(crate) fn update(&mut self, store: &Store, roles: &[&str]) -> Vec<Refusal> {
        let (refresh, refusals) = self.drive(store, roles);
        self.trusted = refresh.finish();
        refusals
    }

    /// The same, not yet finished.
    pub(crate) fn drive(&mut self, store: &Store, roles: &[&str]) -> (Refresh, Vec<Refusal>) {
        let mut refresh = Refresh::begin(self.trusted.clone(), store.now, self.limits.clone());
        roles.iter().for_each(|role| refresh.want_role(role));
        let mut refusals = Vec::new();
        self.fetched.clear();
        while let Some(fetch) = refresh.next() {
            let path = fetch.path.clone();
            refusals.extend(refresh.accept(store.files.get(&path).cloned()).err());
            self.fetched.push(path);
        }
        (refresh, refusals)
    }

    /// The classes and places of what an update refused.
    pub(crate) fn refused(&mut self, store: &Store, roles: &[&str]) -> Vec<(&'static str, String)> {
        let refusals = self.update(store, roles);
        refusals.iter().map(|refusal| (refusal.class(), refusal.place().unwrap_or_default())).collect()
    }

    pub(crate) fn versions(&self, roles: &[&str]) -> Vec<Option<u64>> {
        roles.iter().map(|role| self.trusted.version(role)).collect()
    }
}

/// Refused once, in this class and place.
pub(crate) fn once(class: &'static str, place: &str) -> Vec<(&'static str, String)> {
    vec![(class, place.to_owned())]
}
