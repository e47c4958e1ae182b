//! A small store of the test's own making: signed metadata, one submission, and what reviewers hand in.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    net::TcpListener,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use guichet_api::{Approval, Problem, Proposal, ProposalRole, ProposalTrust, SignedDocument};
use guichet_contract::{Channel, Department};
use guichet_package::{Limits, PackageFile, PublisherKeys, ReleaseDocument, TrustFile};
use guichet_trust::{
    editor::{Draft, Listing, MOST_UNBINNED, NewDelegation, Pending, add_signature},
    metadata::{Document, Root, TargetFile, Targets},
    sign::{PublicKey, SecretKey},
};
use serde_json::{Value, json};

use crate::{
    program::Desk,
    server::{Answer, Request, Server},
};

pub(crate) const ID: &str = "0193a1b2-0000-7000-8000-000000000001";
const DAY_MS: u64 = 86_400_000;

/// What is published, by path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What the store does wrong on purpose.
#[derive(Default)]
pub(crate) struct Mischief {
    pub(crate) proposal: Option<fn(&mut Proposal)>,
    pub(crate) package: Option<fn(&mut Vec<u8>)>,
    pub(crate) published: Option<fn(&mut Files)>,
    /// What the package is served as.
    pub(crate) media_type: Option<&'static str>,
    /// The publisher is not listed.
    pub(crate) stranger: bool,
    /// How long ago the timestamp expired.
    pub(crate) expired: bool,
    /// What the department listed before this submission.
    pub(crate) earlier: Option<Earlier>,
}

/// Another app's release, in version 1 of the role `works`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// Signed, and not published before the log's witnesses have seen it.
    Waiting,
    /// Published, and signed by a key that was removed since.
    ByARemovedKey,
    /// Published, and as much as a role lists by itself.
    Much,
}

/// A desk with an app, three people and a running store that holds the app's submission.
pub(crate) struct Town {
    pub(crate) desk: Desk,
    url: String,
    state: Arc<State>,
}

struct State {
    targets: Document<Targets>,
    root: Document<Root>,
    published: Files,
    package: Vec<u8>,
    release: String,
    pending: Mutex<BTreeMap<String, String>>,
    /// The present document of `works`.
    current: Option<String>,
    mischief: Mischief,
}

impl Town {
    pub(crate) fn found(mischief: Mischief) -> Self {
        Self::found_with(mischief, |desk| {
            desk.ok(&["key", "new", "first.key"]);
            public(desk, "first.key")
        })
    }

    /// The same, with a first reviewer whose key is made and kept in another way.
    pub(crate) fn found_with(mischief: Mischief, first: impl FnOnce(&Desk) -> PublicKey) -> Self {
        let desk = Desk::with_package();
        for name in ["second.key", "stranger.key"] {
            desk.ok(&["key", "new", name]);
        }
        let first = first(&desk);
        let public = |name: &str| public(&desk, name);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());

        let department: Department = "works".parse().unwrap();
        let names = BTreeMap::from([("en".to_owned(), "Public works".to_owned())]);
        let mut keys = PublisherKeys::new(department, names, vec!["gov.example".parse().unwrap()]);
        keys.add(public(if mischief.stranger { "stranger.key" } else { "publisher.key" }));
        let secret = |name: &str| SecretKey::from_file(&desk.read(name)).unwrap();
        let signer = mischief.earlier.map(|earlier| match earlier {
            Earlier::Waiting | Earlier::Much => secret("second.key"),
            Earlier::ByARemovedKey => secret("stranger.key"),
        });
        let reviewers = [first, public("second.key")];
        let is_published = mischief.earlier != Some(Earlier::Waiting);
        let apps = if mischief.earlier == Some(Earlier::Much) { MOST_UNBINNED } else { 1 };
        let (root, targets, current, mut published) =
            metadata(&keys, &reviewers, mischief.expired, signer.as_ref().map(|signer| (signer, apps)), is_published);
        let trust = TrustFile::new(root.bytes(), &format!("{url}/static"), &url).unwrap();
        desk.write("guichet.trust.json", trust.to_text().unwrap());

        let mut package = desk.bytes("app.ma");
        let release = release(&package, &public("publisher.key"));
        if let Some(change) = mischief.package {
            change(&mut package);
        }
        if let Some(change) = mischief.published {
            change(&mut published);
        }
        let pending = Mutex::default();
        let state = Arc::new(State { targets, root, published, package, release, pending, current, mischief });
        let store = state.clone();
        Server::serve(listener, move |request| store.answer(request));
        Self { desk, url, state }
    }

    /// `guichet review approve` with one of the keys.
    pub(crate) fn approve(&self, key: &str, more: &[&str]) -> String {
        self.desk.shown(&self.approving(key, more).output().unwrap())
    }

    /// The same, not run yet.
    pub(crate) fn approving(&self, key: &str, more: &[&str]) -> Command {
        let arguments = [&["review", "approve", ID, "--key", key], more].concat();
        let mut command = self.desk.command(&arguments);
        command.env("GUICHET_STORE_URL", &self.url).env("GUICHET_TOKEN", "right");
        command
    }

    /// The same on a terminal, where somebody types an answer.
    pub(crate) fn approve_typing(&self, key: &str, answer: &str) -> (i32, String) {
        let program = self.desk.command(&[]);
        let typed = format!("{} review approve {ID} --key {key}", program.get_program().display());
        let mut command = Command::new("script");
        command.args(["-qec", &typed, "/dev/null"]).env_clear().env("LANG", "C.UTF-8").current_dir(self.desk.path(""));
        command.env("GUICHET_STORE_URL", &self.url).env("GUICHET_TOKEN", "right");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    /// The version and the paths of what was handed in for a role.
    pub(crate) fn listed(&self, role: &str) -> (u64, Vec<String>) {
        let pending = self.state.pending.lock().unwrap();
        let document = self.state.read(role, &pending[role]).document;
        (document.version(), document.signed().targets.keys().cloned().collect())
    }

    /// How many paths are listed in all that was handed in.
    pub(crate) fn paths(&self) -> usize {
        let pending = self.state.pending.lock().unwrap();
        let document = |text: &String| Document::<Targets>::parse(text.clone().into_bytes()).unwrap();
        let of_works = pending.iter().filter(|(role, _)| *role != "works-wide");
        of_works.map(|(_, text)| document(text).signed().targets.len()).sum()
    }

    /// The roles whose documents have all their signatures.
    pub(crate) fn complete(&self) -> Vec<String> {
        let pending = self.state.pending.lock().unwrap();
        pending
            .iter()
            .filter(|(role, text)| {
                let own = || Document::parse(pending["works"].clone().into_bytes()).unwrap();
                match role.contains("_bin-") {
                    true => Pending::read(&own(), role, text.as_bytes()).unwrap().is_complete(),
                    false => self.state.read(role, text).is_complete(),
                }
            })
            .map(|(role, _)| role.clone())
            .collect()
    }
}

fn public(desk: &Desk, name: &str) -> PublicKey {
    desk.json(&["key", "show", name])["key"].as_str().unwrap().parse().unwrap()
}

impl State {
    fn answer(&self, request: &Request) -> Answer {
        let path = request.path.as_str();
        if let Some(file) = path.strip_prefix("/static/") {
            return Answer::bytes(self.published.get(file).cloned());
        }
        match (request.method.as_str(), path.rsplit('/').next().unwrap()) {
            ("GET", "package") => Answer {
                kind: self.mischief.media_type.unwrap_or("application/miniapp-pkg+zip"),
                ..Answer::bytes(Some(self.package.clone()))
            },
            ("GET", "proposal") => self.proposal(),
            ("POST", "approval") => self.take(&serde_json::from_slice(&request.body).unwrap()),
            ("GET", ID) => Answer::json(200, &self.submission()),
            _ => Answer::bytes(None),
        }
    }

    /// The documents to be signed.
    fn names(&self) -> Vec<String> {
        let own = self.current.as_ref().map(|text| Document::parse(text.clone().into_bytes()).unwrap());
        let (path, file) = ("apps/works/gov.example.repairs/stable.json", TargetFile::of(self.release.as_bytes()));
        let next = Listing { own, bins: BTreeMap::new() }.next(&self.targets, "works", (path, &file), 0).unwrap();
        next.drafts.into_iter().map(|(role, _)| role).chain(["works-wide".to_owned()]).collect()
    }

    fn read(&self, role: &str, text: &str) -> Pending {
        Pending::read(&self.targets, role, text.as_bytes()).unwrap()
    }

    fn take(&self, approval: &Approval) -> Answer {
        let mut pending = self.pending.lock().unwrap();
        for document in &approval.documents {
            pending.insert(document.role.clone(), document.document.clone());
        }
        drop(pending);
        Answer::json(200, &self.submission())
    }

    fn proposal(&self) -> Answer {
        let pending = self.pending.lock().unwrap();
        let role = |role: &str| ProposalRole {
            role: role.to_owned(),
            threshold: 1,
            keys: Vec::new(),
            signed_by: Vec::new(),
            document: pending.get(role).cloned(),
            current: self.current.clone().filter(|_| role == "works"),
            next_version: if self.current.is_some() && role == "works" { 2 } else { 1 },
        };
        let waiting = self.current.iter().filter(|_| self.mischief.earlier == Some(Earlier::Waiting));
        let waiting = waiting.map(|document| SignedDocument { role: "works".to_owned(), document: document.clone() });
        let mut proposal = Proposal {
            submission: ID.to_owned(),
            release_document: self.release.clone(),
            target_path: "apps/works/gov.example.repairs/stable.json".to_owned(),
            roles: self.names().iter().map(|name| role(name)).collect(),
            waiting: waiting.collect(),
            trust: ProposalTrust {
                roots: vec![String::from_utf8(self.root.bytes().to_vec()).unwrap()],
                targets: String::from_utf8(self.targets.bytes().to_vec()).unwrap(),
            },
        };
        if let Some(change) = self.mischief.proposal {
            change(&mut proposal);
        }
        Answer::json(200, &proposal)
    }

    fn submission(&self) -> Value {
        let pending = self.pending.lock().unwrap();
        let signed = pending.get("works-wide").map_or(0, |text| self.read("works-wide", text).signed_by.len());
        let state = ["submitted", "in_review", "released"][signed];
        let mark = json!({"reviewer": "Rev", "at_ms": 1_760_000_000_000_u64});
        json!({
            "id": ID, "app_id": "gov.example.repairs", "department": "works", "channel": "stable",
            "names": {"en": "Street repairs"}, "glaze": "slate", "version": {"code": 1, "name": "1.0.0"}, "sequence": 1,
            "state": state, "package": {"sha256": "ab".repeat(32), "length": 20000}, "submitted_by": "Dev",
            "submitted_at_ms": 1_760_000_000_000_u64, "widens": ["host:storage"], "approvals_needed": 2,
            "approvals": vec![mark; signed],
            "manifest": {"descriptions": {}, "pages": ["pages/home"], "logic": "script", "min_platform": 1},
            "permissions": [], "removed": [], "replaces": null, "files": [], "history": []
        })
    }
}

/// Self-approval, as the store answers it.
pub(crate) fn self_approval() -> Answer {
    let what = "you submitted this, so someone else must review it";
    let problem = Problem::new(403, "review/self-approval", what, "ask another reviewer of your department");
    Answer { status: 403, kind: "application/problem+json", body: serde_json::to_vec(&problem).unwrap() }
}

fn release(package: &[u8], publisher: &PublicKey) -> String {
    let department: Department = "works".parse().unwrap();
    let mut keys = PublisherKeys::new(department, BTreeMap::new(), vec!["gov.example".parse().unwrap()]);
    keys.add(*publisher);
    let package = PackageFile::open(package.to_vec(), &Limits::default()).unwrap().verify(&keys).unwrap();
    String::from_utf8(ReleaseDocument::of(&package, Channel::stable(), 1).to_bytes().unwrap()).unwrap()
}

type Published = (Document<Root>, Document<Targets>, Option<String>, Files);

fn metadata(
    keys: &PublisherKeys,
    reviewers: &[PublicKey],
    expired: bool,
    earlier: Option<(&SecretKey, usize)>,
    is_published: bool,
) -> Published {
    let now_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let later = now_ms + 30 * DAY_MS;
    let role_keys: Vec<SecretKey> = (1..=4).map(|byte| SecretKey::generate([byte; 32])).collect();
    let mut root = Draft::first_root(later);
    for (role, key) in ["root", "targets", "snapshot", "timestamp"].into_iter().zip(&role_keys) {
        root.set_role(role, &[key.public()], 1).unwrap();
    }
    let root = Document::<Root>::parse(root.sign(&[&role_keys[0]]).unwrap()).unwrap();

    let listed = keys.to_bytes().unwrap();
    let file = TargetFile::of(&listed);
    let mut targets = Draft::first_targets(later);
    for (name, threshold, terminating) in [("works", 1, false), ("works-wide", 2, true)] {
        let paths = &["apps/works/*/*"];
        targets.delegate(&NewDelegation { name, keys: reviewers, threshold, paths, terminating }).unwrap();
    }
    targets.set_target("keys/works.json", file.clone()).unwrap();
    let targets = Document::<Targets>::parse(targets.sign(&[&role_keys[1]]).unwrap()).unwrap();
    let earlier = earlier.map(|(signer, apps)| {
        let mut draft = Draft::of_role(&targets, "works", None, later).unwrap();
        for app in 1..apps {
            draft
                .set_target(&format!("apps/works/gov.example.lamps-{app}/stable.json"), TargetFile::of(b"{}"))
                .unwrap();
        }
        draft.set_target("apps/works/gov.example.lamps/stable.json", TargetFile::of(b"{}")).unwrap();
        // The editor signs with no key that is not listed, so the signature is added to bytes that have none.
        add_signature(&draft.sign(&[]).unwrap(), signer).unwrap()
    });
    let mut snapshot = Draft::first_snapshot(later);
    snapshot.pin("targets", &targets);
    if let Some(works) = earlier.clone().filter(|_| is_published) {
        snapshot.pin("works", &Document::parse(works).unwrap());
    }
    let snapshot = Document::parse(snapshot.sign(&[&role_keys[2]]).unwrap()).unwrap();
    let expires = if expired { now_ms - DAY_MS } else { later };
    let timestamp = Draft::first_timestamp(&snapshot, expires).sign(&[&role_keys[3]]).unwrap();
    let mut published = BTreeMap::from([
        ("metadata/timestamp.json".to_owned(), timestamp),
        ("metadata/1.snapshot.json".to_owned(), snapshot.bytes().to_vec()),
        ("metadata/1.targets.json".to_owned(), targets.bytes().to_vec()),
        (format!("targets/{}", file.hashed_path("keys/works.json")), listed),
    ]);
    if let Some(works) = earlier.clone().filter(|_| is_published) {
        published.insert("metadata/1.works.json".to_owned(), works);
    }
    (root, targets, earlier.map(|works| String::from_utf8(works).unwrap()), published)
}

/// Writes what the town publishes into a folder, as on a USB stick.
pub(crate) fn carry(town: &Town, folder: &str) {
    for (path, bytes) in &town.state.published {
        town.desk.write(&format!("{folder}/{path}"), bytes);
    }
    let text = town.desk.read("guichet.trust.json");
    let mut trust: Value = serde_json::from_str(&text).unwrap();
    trust["static_url"] = json!(format!("file://{}", fs::canonicalize(town.desk.path(folder)).unwrap().display()));
    town.desk.write("guichet.trust.json", trust.to_string());
}
