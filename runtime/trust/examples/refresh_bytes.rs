//! How many bytes of metadata a device fetches, by the number of apps and departments: what `cargo xtask bench refresh`
//! runs. It makes the documents a store would publish, hash bins included, and lets the client of this crate follow them.
//!
//! ```text
//! refresh_bytes [APPS DEPARTMENTS]…
//! ```

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
};

use guichet_trust::{
    client::{Limits, Refresh, TrustedMetadata},
    digest::Digest,
    editor::{Draft, Listing, NewDelegation},
    metadata::{Document, Metadata, Snapshot, TargetFile, Targets, Timestamp},
    sign::SecretKey,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// 2026-01-01T00:00:00Z.
const NOW: u64 = 1_767_225_600_000;
const YEAR: u64 = 365 * 86_400_000;
/// As the store compresses its `.zst` siblings.
const ZSTD_LEVEL: i32 = 15;

/// Bytes of metadata one update fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bytes {
    /// As the documents are.
    pub(crate) plain: usize,
    /// As they come: the `.zst` siblings of all but the timestamp.
    pub(crate) wire: usize,
}

/// What two devices fetch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// A device that has only its trust file.
    pub(crate) first: Bytes,
    /// A device that was up to date before one app had one release.
    pub(crate) returning: Bytes,
}

fn main() -> Outcome<()> {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    println!("apps departments first-plain first-wire returning-plain returning-wire");
    for pair in numbers.chunks_exact(2) {
        let [apps, departments] = pair else { continue };
        let Figures { first, returning } = measure(*apps, *departments)?;
        println!("{apps} {departments} {} {} {} {}", first.plain, first.wire, returning.plain, returning.wire);
    }
    Ok(())
}

/// Makes a store of so many apps, all with one release, in so many departments, and measures.
pub(crate) fn measure(apps: usize, departments: usize) -> Outcome<Figures> {
    let mut store = Store::new(apps, departments)?;
    let (device, first) = store.update(TrustedMetadata::from_root(&store.file("1.root.json")?)?)?;
    store.release(0, 0, 2)?;
    let (_, returning) = store.update(device)?;
    Ok(Figures { first, returning })
}

fn key(name: &str) -> SecretKey {
    SecretKey::generate(*Digest::of(name.as_bytes()).as_bytes())
}

fn department(number: usize) -> String {
    format!("department-{number:04}")
}

fn release_path(department: &str, app: usize) -> String {
    format!("apps/{department}/gov.example.{department}.app-{app:04}/stable.json")
}

/// A release document is not here: its digest is that of its name, so that no two are alike.
fn listed(path: &str, sequence: usize) -> TargetFile {
    let mut file = TargetFile::of(format!("{path} {sequence}").as_bytes());
    file.length = 1_400;
    file
}

struct Store {
    files: BTreeMap<String, Vec<u8>>,
    targets: Document<Targets>,
    /// What each role lists, by the role's name.
    roles: BTreeMap<String, Listing>,
    snapshot: Option<Document<Snapshot>>,
    timestamp: Option<Document<Timestamp>>,
}

impl Store {
    fn new(apps: usize, departments: usize) -> Outcome<Self> {
        let mut root = Draft::first_root(NOW + YEAR);
        for role in ["root", "targets", "snapshot", "timestamp"] {
            root.set_role(role, &[key(role).public()], 1)?;
        }
        let root = root.sign(&[&key("root")])?;
        let mut targets = Draft::first_targets(NOW + YEAR);
        delegate(&mut targets, "brake", &["brake"], 1, "brake/*/*/*")?;
        for number in 0..departments {
            let name = department(number);
            let reviewers = [format!("{name} 1"), format!("{name} 2")];
            let reviewers = [reviewers[0].as_str(), reviewers[1].as_str()];
            let paths = format!("apps/{name}/*/*");
            delegate(&mut targets, &name, &reviewers, 1, &paths)?;
            delegate(&mut targets, &format!("{name}-wide"), &reviewers, 2, &paths)?;
            targets.set_target(&format!("keys/{name}.json"), listed(&name, 1))?;
        }
        let targets = Document::parse(targets.sign(&[&key("targets")])?)?;
        let files = BTreeMap::from([("1.root.json".to_owned(), root)]);
        let mut store = Self { files, targets, roles: BTreeMap::new(), snapshot: None, timestamp: None };
        store.put("1.targets.json", store.targets.bytes().to_vec());
        let brake = Draft::of_role(&store.targets, "brake", None, NOW + YEAR)?;
        store.keep("brake", "brake", sign(&brake, &["brake"])?);
        for number in 0..departments {
            let name = department(number);
            // The first release of an app asks for something, so both roles list it.
            for (role, signers) in [(name.clone(), 1), (format!("{name}-wide"), 2)] {
                let mut draft = Draft::of_role(&store.targets, &role, None, NOW + YEAR)?;
                let paths: Vec<_> = (number..apps).step_by(departments).map(|app| release_path(&name, app)).collect();
                let (last, others) = paths.split_last().ok_or("a department without apps")?;
                others.iter().try_for_each(|path| draft.set_target(path, listed(path, 1)))?;
                let signers: Vec<_> = (1..=signers).map(|signer| format!("{name} {signer}")).collect();
                let signers: Vec<_> = signers.iter().map(String::as_str).collect();
                store.keep(&role, &role, sign(&draft, &signers)?);
                store.list(&role, last, 1, &signers)?;
            }
        }
        store.publish()?;
        Ok(store)
    }

    fn file(&self, name: &str) -> Outcome<Vec<u8>> {
        Ok(self.files.get(name).ok_or("there is no such file")?.clone())
    }

    fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.insert(name.to_owned(), bytes);
    }

    /// Serves the present document of a role or of one of its bins.
    fn keep(&mut self, role: &str, name: &str, document: Document<Targets>) {
        self.put(&format!("{}.{name}.json", document.version()), document.bytes().to_vec());
        let listing = self.roles.entry(role.to_owned()).or_default();
        if name == role {
            listing.own = Some(document);
        } else {
            listing.bins.insert(name.to_owned(), document);
        }
    }

    /// A role lists one file more, or another in its place.
    fn list(&mut self, role: &str, path: &str, sequence: usize, signers: &[&str]) -> Outcome<()> {
        let listing = self.roles.get(role).cloned().unwrap_or_default();
        let next = listing.next(&self.targets, role, (path, &listed(path, sequence)), NOW + YEAR)?;
        for (name, draft) in &next.drafts {
            self.keep(role, name, sign(draft, signers)?);
        }
        Ok(())
    }

    /// One app's next release, which asks for nothing new.
    fn release(&mut self, number: usize, app: usize, sequence: usize) -> Outcome<()> {
        let name = department(number);
        self.list(&name, &release_path(&name, app), sequence, &[&format!("{name} 1")])?;
        self.publish()
    }

    fn publish(&mut self) -> Outcome<()> {
        let mut snapshot = match &self.snapshot {
            Some(current) => Draft::next(current, NOW + YEAR),
            None => Draft::first_snapshot(NOW + YEAR),
        };
        snapshot.pin("targets", &self.targets);
        for (role, listing) in &self.roles {
            let bins = listing.bins.iter().map(|(name, document)| (name.as_str(), document));
            let own = listing.own.iter().map(|document| (role.as_str(), document));
            own.chain(bins).for_each(|(name, document)| snapshot.pin(name, document));
        }
        let snapshot = sign(&snapshot, &["snapshot"])?;
        self.put(&format!("{}.snapshot.json", snapshot.version()), snapshot.bytes().to_vec());
        let mut timestamp = match &self.timestamp {
            Some(current) => Draft::next(current, NOW + YEAR),
            None => Draft::first_timestamp(&snapshot, NOW + YEAR),
        };
        timestamp.set_snapshot(&snapshot);
        let timestamp = sign(&timestamp, &["timestamp"])?;
        self.put("timestamp.json", timestamp.bytes().to_vec());
        (self.snapshot, self.timestamp) = (Some(snapshot), Some(timestamp));
        Ok(())
    }

    /// One update of a device that follows every role, and what it fetched.
    fn update(&self, trusted: TrustedMetadata) -> Outcome<(TrustedMetadata, Bytes)> {
        let mut refresh = Refresh::begin(trusted, NOW, Limits::default());
        let mut fetched = Bytes::default();
        let mut wanted = BTreeSet::new();
        loop {
            while let Some(fetch) = refresh.next() {
                let answer = self.files.get(&fetch.path).cloned();
                if let Some(bytes) = &answer {
                    fetched.plain += bytes.len();
                    let is_stable = fetch.path != "timestamp.json";
                    fetched.wire +=
                        if is_stable { zstd::encode_all(bytes.as_slice(), ZSTD_LEVEL)?.len() } else { bytes.len() };
                }
                refresh.accept(answer)?;
            }
            // Departments first, and then the bins that only their own documents name.
            let roles = refresh.trusted().delegated_roles().map(|it| it.name.clone());
            let more: Vec<_> = roles.filter(|role| !wanted.contains(role)).collect();
            if more.is_empty() {
                return Ok((refresh.finish(), fetched));
            }
            more.iter().for_each(|role| refresh.want_role(role));
            wanted.extend(more);
        }
    }
}

fn delegate(targets: &mut Draft<Targets>, name: &str, keys: &[&str], threshold: u64, paths: &str) -> Outcome<()> {
    let keys: Vec<_> = keys.iter().map(|name| key(name).public()).collect();
    let terminating = name.ends_with("-wide") || name == "brake";
    Ok(targets.delegate(&NewDelegation { name, keys: &keys, threshold, paths: &[paths], terminating })?)
}

fn sign<T: Metadata>(draft: &Draft<T>, signers: &[&str]) -> Outcome<Document<T>> {
    let keys: Vec<_> = signers.iter().map(|name| key(name)).collect();
    Ok(Document::parse(draft.sign(&keys.iter().collect::<Vec<_>>())?)?)
}
