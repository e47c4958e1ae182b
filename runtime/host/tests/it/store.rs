//! A store of two departments, as static files in a folder.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use guichet_contract::{AppId, Channel, Department};
use guichet_package::{
    Blob, Brake, PackageFile, PublisherKeys, ReleaseDocument, TrustFile,
    release::{brake_path, keys_path, release_path},
};
use guichet_trust::{
    digest::Digest,
    editor::{Draft, NewDelegation, add_signature},
    metadata::{
        Delegations, Document, Metadata, Others, Root, Snapshot, SuccinctRoles, TargetFile, Targets, Timestamp,
        bins_name,
    },
    sign::{PublicKey, SecretKey},
};

pub(crate) const DAY: u64 = 86_400_000;
/// 2026-01-01T00:00:00Z.
pub(crate) const NOW: u64 = 1_767_225_600_000;

/// The key somebody of this name holds.
pub(crate) fn key(name: &str) -> SecretKey {
    SecretKey::generate(*Digest::of(name.as_bytes()).as_bytes())
}

fn public(names: &[&str]) -> Vec<PublicKey> {
    names.iter().map(|name| key(name).public()).collect()
}

fn sign<T: Metadata>(draft: &Draft<T>, names: &[&str]) -> Document<T> {
    let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
    Document::parse(draft.sign(&keys.iter().collect::<Vec<_>>()).unwrap()).unwrap()
}

/// The first root of somebody else's store.
pub(crate) fn root_of(name: &str) -> Vec<u8> {
    let mut root = Draft::first_root(NOW + 365 * DAY);
    for role in ["root", "targets", "snapshot", "timestamp"] {
        root.set_role(role, &public(&[name]), 1).unwrap();
    }
    root.sign(&[&key(name)]).unwrap()
}

pub(crate) fn department(app: &AppId) -> Department {
    app.as_str().split('.').nth(2).unwrap().parse().unwrap()
}

/// The store: the current documents, and the folder of all files it ever served.
pub(crate) struct Store {
    folder: tempfile::TempDir,
    root: Document<Root>,
    targets: Document<Targets>,
    roles: BTreeMap<String, Document<Targets>>,
    snapshot: Document<Snapshot>,
    timestamp: Document<Timestamp>,
    pub(crate) keys: BTreeMap<Department, PublisherKeys>,
    /// When documents are made.
    pub(crate) now: Cell<u64>,
}

impl Store {
    /// Departments `residence` and `benefits`, each with a `-wide` role of two reviewers, and the brake.
    pub(crate) fn new() -> Self {
        let mut root = Draft::first_root(NOW + 365 * DAY);
        for role in ["root", "targets", "snapshot", "timestamp"] {
            root.set_role(role, &public(&[role]), 1).unwrap();
        }
        let root = sign(&root, &["root"]);
        let mut targets = Draft::first_targets(NOW + 180 * DAY);
        let mut delegate = |name: &str, keys: &[&str], threshold, path: &str| {
            let (keys, terminating) = (public(keys), name.ends_with("-wide"));
            targets.delegate(&NewDelegation { name, keys: &keys, threshold, paths: &[path], terminating }).unwrap();
        };
        delegate("brake", &["brake"], 1, "brake/*/*/*");
        for department in ["residence", "benefits"] {
            let path = format!("apps/{department}/*/*");
            delegate(department, &["ana", "bo"], 1, &path);
            delegate(&format!("{department}-wide"), &["ana", "bo"], 2, &path);
        }
        let targets = sign(&targets, &["targets"]);
        let mut snapshot = Draft::first_snapshot(NOW + 7 * DAY);
        snapshot.pin("targets", &targets);
        let snapshot = sign(&snapshot, &["snapshot"]);
        let timestamp = sign(&Draft::first_timestamp(&snapshot, NOW + DAY), &["timestamp"]);
        let folder = tempfile::tempdir().unwrap();
        let (roles, keys, now) = (BTreeMap::new(), BTreeMap::new(), Cell::new(NOW));
        let mut store = Self { folder, root, targets, roles, snapshot, timestamp, keys, now };
        for (id, name) in [("residence", "出入境管理局"), ("benefits", "社会保障局")] {
            let id: Department = id.parse().unwrap();
            let names =
                BTreeMap::from([("zh-Hans".to_owned(), name.to_owned()), ("en".to_owned(), format!("Office of {id}"))]);
            let prefix = format!("gov.example.{id}").parse().unwrap();
            let mut keys = PublisherKeys::new(id.clone(), names, vec![prefix]);
            keys.add(key(id.as_str()).public());
            store.keys.insert(id, keys);
        }
        store.list_keys();
        store
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a host of this store is given.
    pub(crate) fn trust_file(&self) -> TrustFile {
        TrustFile::new(self.root.bytes(), &format!("file://{}", self.folder().display()), "").unwrap()
    }

    /// The next release of a package, with all it asks for, approved by both roles.
    pub(crate) fn release(&mut self, package: &PackageFile) -> ReleaseDocument {
        self.release_as(package, true, |_| {})
    }

    /// The next release, changed before it is signed; by the wide role only if `is_wide`.
    pub(crate) fn release_as(
        &mut self,
        package: &PackageFile,
        is_wide: bool,
        change: impl FnOnce(&mut ReleaseDocument),
    ) -> ReleaseDocument {
        let app = &package.statement().app_id;
        let mut release = self.document_of(package, self.sequence(app) + 1);
        change(&mut release);
        self.put_package(package);
        self.list_release(&department(app), app, &release, is_wide);
        self.publish();
        release
    }

    /// A release document about a package, whoever sealed it.
    pub(crate) fn document_of(&self, package: &PackageFile, sequence: u64) -> ReleaseDocument {
        let mut anyone = self.keys[&department(&package.statement().app_id)].clone();
        for publisher in ["residence", "benefits", "stranger"] {
            anyone.add(key(publisher).public());
        }
        anyone.keys.iter_mut().for_each(|key| key.revoked = false);
        let package = package.clone().verify(&anyone).unwrap();
        ReleaseDocument::of(&package, Channel::stable(), sequence)
    }

    fn sequence(&self, app: &AppId) -> u64 {
        let department = department(app);
        let path = release_path(&department, app, &Channel::stable());
        let listed = self.roles.get(department.as_str()).and_then(|role| role.signed().targets.get(&path));
        listed.map_or(0, |file| {
            let bytes = fs::read(self.folder().join("targets").join(file.hashed_path(&path))).unwrap();
            ReleaseDocument::parse(&bytes).unwrap().sequence
        })
    }

    /// Lists a release document at the place of an app.
    pub(crate) fn list_release(
        &mut self,
        department: &Department,
        app: &AppId,
        release: &ReleaseDocument,
        is_wide: bool,
    ) {
        let path = release_path(department, app, &Channel::stable());
        let bytes = release.to_bytes().unwrap();
        self.list(department.as_str(), &["ana"], &path, &bytes);
        if is_wide {
            self.list(&format!("{department}-wide"), &["ana", "bo"], &path, &bytes);
        }
    }

    /// Lists the brake of an app.
    pub(crate) fn brake(&mut self, brake: &Brake) {
        let path = brake_path(&department(&brake.app_id), &brake.app_id, &Channel::stable());
        self.list("brake", &["brake"], &path, &brake.to_bytes().unwrap());
        self.publish();
    }

    /// The security office lists the departments' keys as they are now.
    pub(crate) fn list_keys(&mut self) {
        let mut targets = Draft::next(&self.targets, self.now.get() + 180 * DAY);
        for (department, keys) in self.keys.clone() {
            let (path, bytes) = (keys_path(&department), keys.to_bytes().unwrap());
            targets.set_target(&path, TargetFile::of(&bytes)).unwrap();
            self.put_target(&path, &bytes);
        }
        self.targets = sign(&targets, &["targets"]);
        self.publish();
    }

    /// Any document at any path of a role.
    pub(crate) fn list(&mut self, role: &str, signers: &[&str], path: &str, bytes: &[u8]) {
        let expires = self.now.get() + 400 * DAY;
        let mut draft = Draft::of_role(&self.targets, role, self.roles.get(role), expires).unwrap();
        draft.set_target(path, TargetFile::of(bytes)).unwrap();
        self.put_target(path, bytes);
        self.roles.insert(role.to_owned(), sign(&draft, signers));
    }

    /// The next snapshot and timestamp, and all of it as files.
    pub(crate) fn publish(&mut self) {
        self.publish_signed("timestamp");
    }

    /// The same, with the timestamp signed by somebody of this name.
    pub(crate) fn publish_signed(&mut self, signer: &str) {
        let mut snapshot = Draft::next(&self.snapshot, self.now.get() + 7 * DAY);
        snapshot.pin("targets", &self.targets);
        for (role, document) in &self.roles {
            snapshot.pin(role, document);
        }
        self.snapshot = sign(&snapshot, &["snapshot"]);
        let mut timestamp = Draft::next(&self.timestamp, self.now.get() + DAY);
        timestamp.set_snapshot(&self.snapshot);
        self.timestamp = sign(&timestamp, &[signer]);
        self.put("metadata/timestamp.json", self.timestamp.bytes());
        self.put(&format!("metadata/{}.snapshot.json", self.snapshot.version()), self.snapshot.bytes());
        self.put(&format!("metadata/{}.root.json", self.root.version()), self.root.bytes());
        self.put(&format!("metadata/{}.targets.json", self.targets.version()), self.targets.bytes());
        for (role, document) in &self.roles {
            self.put(&format!("metadata/{}.{role}.json", document.version()), document.bytes());
        }
    }

    /// Every file of a package as a blob with its compressed sibling, the statement and the seals among them.
    pub(crate) fn put_package(&self, package: &PackageFile) {
        let own = [package.statement_bytes(), package.seals_bytes().unwrap()];
        for bytes in package.files().map(|(_, bytes)| bytes).chain(own) {
            self.put_blob(bytes);
        }
    }

    /// Takes a blob off the store.
    pub(crate) fn lose_blob(&self, bytes: &[u8]) {
        fs::remove_file(self.plain_blob(bytes)).unwrap();
    }

    fn put_blob(&self, bytes: &[u8]) {
        let path = blob_path(&Digest::of(bytes));
        self.put(&path, bytes);
        self.put(&format!("{path}.zst"), &zstd::encode_all(bytes, 3).unwrap());
    }

    fn put_target(&self, path: &str, bytes: &[u8]) {
        self.put(&format!("targets/{}", TargetFile::of(bytes).hashed_path(path)), bytes);
    }

    /// The canonical package as a file.
    pub(crate) fn put_container(&self, package: &PackageFile) {
        self.put(&format!("packages/{}.ma", package.digest()), package.bytes());
    }

    /// A file at any path.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let place = self.folder().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }

    /// Where the blob with these bytes lies, without its compressed sibling, which is removed.
    pub(crate) fn plain_blob(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder().join(blob_path(&Digest::of(bytes)));
        fs::remove_file(path.with_extension("zst")).unwrap();
        path
    }

    /// A role hands what it lists to two hash bins.
    pub(crate) fn bin(&mut self, role: &str, signers: &[&str]) {
        let present = self.roles[role].signed().clone();
        let delegation = self.targets.signed().delegation(role).unwrap().into_owned();
        let bins = SuccinctRoles {
            keyids: delegation.keyids,
            threshold: delegation.threshold,
            bit_length: 1,
            name_prefix: bins_name(role),
            others: Others::new(),
        };
        let mut own = Targets { targets: BTreeMap::new(), ..present.clone() };
        own.header.version += 1;
        own.delegations = Some(Delegations {
            keys: self.targets.signed().delegations.clone().unwrap().keys,
            roles: None,
            succinct_roles: Some(bins.clone()),
            others: Others::new(),
        });
        let unsigned = serde_json::json!({"signatures": [], "signed": own}).to_string().into_bytes();
        let own = signers.iter().fold(unsigned, |bytes, name| add_signature(&bytes, &key(name)).unwrap());
        let own = Document::<Targets>::parse(own).unwrap();
        for bin in bins.all() {
            let mut draft = Draft::of_role(&own, &bin.name, None, self.now.get() + 400 * DAY).unwrap();
            for (path, file) in present.targets.iter().filter(|(path, _)| bin.covers(path)) {
                draft.set_target(path, file.clone()).unwrap();
            }
            self.roles.insert(bin.name, sign(&draft, signers));
        }
        self.roles.insert(role.to_owned(), own);
    }

    /// The current document of a delegated role.
    pub(crate) fn current_role(&self, role: &str) -> &Document<Targets> {
        &self.roles[role]
    }
}

fn blob_path(digest: &Digest) -> String {
    let hex = digest.to_string();
    format!("blobs/{}/{hex}", &hex[..2])
}

/// The blobs of a package, by path.
pub(crate) fn digest_of(package: &PackageFile, path: &str) -> Digest {
    Blob::of(package.file(path).unwrap()).sha256
}
