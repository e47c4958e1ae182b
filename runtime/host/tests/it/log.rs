//! The transparency log as a terminal takes it: no release without a proof, and one tree for everybody.

use std::{fs, path::PathBuf};

use guichet_package::{Blob, LogLeaf, ReleaseDocument, TrustFile};
use guichet_trust::{
    Refusal,
    digest::Digest,
    log::{
        Frontier, LogProof, LogSigner, Policy, Quorum, SignedNote, WitnessSigner, append_entry, entries_path,
        inclusion_proof, leaf_hash, tiles_of,
    },
};

use crate::{
    app::{App, ESTIMATOR, PERMIT},
    device::{Running, Terminal, id, options},
    store::{Store, department, key},
};

/// A log of a store's releases, with three witnesses of which two must sign.
struct Log {
    folder: PathBuf,
    leaves: Vec<Vec<u8>>,
    /// Who signs.
    signer: LogSigner,
    signing: usize,
}

fn witnesses() -> Vec<WitnessSigner> {
    ["w1", "w2", "w3"].map(|name| WitnessSigner::new(&format!("{name}.example"), key(name)).unwrap()).into()
}

impl Log {
    fn new(store: &Store) -> Self {
        let signer = LogSigner::new("store.example/log", key("log")).unwrap();
        Self { folder: store.folder().join("log"), leaves: Vec::new(), signer, signing: 2 }
    }

    fn trust_file(store: &Store) -> TrustFile {
        let witnesses = witnesses().iter().map(|witness| witness.key().clone()).collect();
        let signer = LogSigner::new("store.example/log", key("log")).unwrap();
        store.trust_file().with_log(&Policy::new(signer.key().clone(), witnesses, Quorum::majority(3)).unwrap())
    }

    fn node(&self, level: u8, index: u64) -> Result<Digest, Refusal> {
        let mut part = Frontier::new();
        let (low, high) = ((index as usize) << level, (index as usize + 1) << level);
        self.leaves[low..high].iter().for_each(|leaf| part.append(leaf_hash(leaf)));
        Ok(part.root())
    }

    fn note(&self) -> SignedNote {
        let mut tree = Frontier::new();
        self.leaves.iter().for_each(|leaf| tree.append(leaf_hash(leaf)));
        let mut note = self.signer.sign(tree.size(), tree.root());
        for witness in witnesses().iter().take(self.signing) {
            let cosignature = witness.cosign(&note, 1_767_225_600).unwrap();
            note.add(cosignature);
        }
        note
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let place = self.folder.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }

    /// Serves the tree as it is now.
    fn publish(&self) {
        let size = self.leaves.len() as u64;
        for tile in tiles_of(0, size) {
            let first = tile.index * 256;
            let numbers = first..first + u64::from(tile.width);
            let hashes: Vec<u8> =
                numbers.clone().flat_map(|number| *self.node(8 * tile.level, number).unwrap().as_bytes()).collect();
            self.put(&tile.path(), &hashes);
            if tile.level == 0 {
                let mut bundle = Vec::new();
                numbers.for_each(|number| append_entry(&mut bundle, &self.leaves[number as usize]).unwrap());
                self.put(&entries_path(tile.index, tile.width), &bundle);
            }
        }
        self.put("checkpoint", self.note().to_text().as_bytes());
    }

    fn proof_path(release: &ReleaseDocument) -> String {
        format!("proof/{}.tlog-proof", Digest::of(&release.to_bytes().unwrap()))
    }

    /// The proof of a leaf, at the place of this release's.
    fn prove(&self, index: u64, release: &ReleaseDocument) {
        let path = inclusion_proof(index, self.leaves.len() as u64, &mut |level, index| self.node(level, index));
        let leaf = self.leaves[index as usize].clone();
        let proof = LogProof { leaf, index, path: path.unwrap(), note: self.note() };
        self.put(&Self::proof_path(release), proof.to_text().as_bytes());
    }

    /// Adds a release as the store does.
    fn add(&mut self, release: &ReleaseDocument) {
        self.add_as(release, |_| {});
    }

    fn add_as(&mut self, release: &ReleaseDocument, change: impl FnOnce(&mut LogLeaf)) {
        let bytes = release.to_bytes().unwrap();
        let mut leaf = LogLeaf::of(&department(&release.app_id), &bytes).unwrap();
        change(&mut leaf);
        self.leaves.push(leaf.to_bytes().unwrap());
        self.publish();
        self.prove(self.leaves.len() as u64 - 1, release);
    }

    /// Leaves that nobody asks about.
    fn grow(&mut self, count: usize, history: &str) {
        self.leaves.extend((0..count).map(|number| format!("{history} {number}").into_bytes()));
        self.publish();
    }
}

fn permit(store: &mut Store, code: u32) -> ReleaseDocument {
    store.release(&App::new(PERMIT, code).seal("residence"))
}

/// The class of what a refresh refuses at this place.
fn refused(terminal: &Terminal, place: &str) -> Option<&'static str> {
    let refreshed = terminal.host.refresh().unwrap();
    refreshed.refused.iter().find(|(path, _)| path.contains(place)).map(|(_, problem)| problem.class)
}

/// A store with a log, and a terminal with the permit app on it.
fn installed() -> (Store, Log, Terminal) {
    let mut store = Store::new();
    let mut log = Log::new(&store);
    log.add(&permit(&mut store, 1));
    let terminal = Terminal::trusting(Log::trust_file(&store));
    terminal.host.refresh().unwrap();
    terminal.install(PERMIT).unwrap();
    (store, log, terminal)
}

#[test]
fn a_release_with_its_proof_is_installed_and_runs_without_a_store() {
    let (mut store, mut log, terminal) = installed();
    log.grow(300, "others");
    log.add(&permit(&mut store, 2));
    assert!(terminal.host.refresh().unwrap().refused.is_empty());
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
    fs::remove_dir_all(store.folder()).unwrap();
    let terminal = terminal.restart();
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}

#[test]
fn the_release_before_needs_its_proof_too() {
    let (mut store, mut log, _) = installed();
    let first = store.document_of(&App::new(PERMIT, 1).seal("residence"), 1);
    let newest = store.release_as(&App::new(PERMIT, 2).seal("residence"), true, |release| {
        release.rollout.ceiling = 0;
        release.before = Some(Blob::of(&first.to_bytes().unwrap()));
    });
    log.add(&newest);
    let fresh = Terminal::trusting(Log::trust_file(&store));
    assert_eq!(refused(&fresh, PERMIT), None);
    assert_eq!(fresh.install(PERMIT).unwrap().sequence, 1);
    fs::remove_file(log.folder.join(Log::proof_path(&first))).unwrap();
    let fresh = Terminal::trusting(Log::trust_file(&store));
    assert_eq!(refused(&fresh, PERMIT), Some("log/proof-missing"));
    assert_eq!(fresh.install(PERMIT).unwrap_err().class(), "release/not-yet");
}

#[test]
fn a_release_without_a_proof_is_refused_and_others_are_not() {
    let (mut store, mut log, terminal) = installed();
    let unlogged = permit(&mut store, 2);
    log.add(&store.release(&App::new(ESTIMATOR, 1).seal("benefits")));
    assert_eq!(refused(&terminal, PERMIT), Some("log/proof-missing"));
    assert_eq!(terminal.install(PERMIT).unwrap_err().class(), "log/proof-missing");
    assert_eq!(terminal.install(ESTIMATOR).unwrap().sequence, 1);
    assert!(terminal.home_page(PERMIT).contains("version 1"), "what is installed runs");
    // The proof comes: so does the release.
    log.add(&unlogged);
    assert_eq!(refused(&terminal, PERMIT), None);
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
}

#[test]
fn a_proof_of_something_else_proves_nothing() {
    let (mut store, mut log, terminal) = installed();
    let second = permit(&mut store, 2);
    log.prove(0, &second);
    assert_eq!(refused(&terminal, PERMIT), Some("log/other-release"));
    // Logged under another name, no monitor of its department would have seen it.
    log.add_as(&second, |leaf| leaf.department = "tax".parse().unwrap());
    assert_eq!(refused(&terminal, PERMIT), Some("log/other-release"));
    log.add_as(&second, |leaf| leaf.app_id = id("gov.example.residence.other"));
    assert_eq!(refused(&terminal, PERMIT), Some("log/other-release"));
    log.add_as(&second, |leaf| leaf.sequence = 7);
    assert_eq!(refused(&terminal, PERMIT), Some("log/other-release"));
    let damaged = log.folder.join(Log::proof_path(&second));
    fs::write(&damaged, "c2sp.org/tlog-proof@v1\n").unwrap();
    assert_eq!(refused(&terminal, PERMIT), Some("log/proof"));
    // An index that is not the leaf's.
    log.add(&second);
    let text = fs::read_to_string(&damaged).unwrap();
    fs::write(&damaged, text.replace("index 4\n", "index 3\n")).unwrap();
    assert_eq!(refused(&terminal, PERMIT), Some("log/inclusion"));
    fs::write(&damaged, text).unwrap();
    assert_eq!(refused(&terminal, PERMIT), None);
}

#[test]
fn fewer_witnesses_than_the_policy_wants_are_not_enough() {
    let (mut store, mut log, terminal) = installed();
    log.signing = 1;
    log.add(&permit(&mut store, 2));
    assert_eq!(refused(&terminal, PERMIT), Some("log/quorum"));
    assert_eq!(refused(&terminal, "log/checkpoint"), Some("log/quorum"));
    // Nor is another key under the log's name, whoever cosigns.
    log.signing = 3;
    log.signer = LogSigner::new("store.example/log", key("thief")).unwrap();
    log.publish();
    log.prove(1, &permit(&mut store, 3));
    assert_eq!(refused(&terminal, PERMIT), Some("log/signature"));
    assert_eq!(refused(&terminal, "log/checkpoint"), Some("log/signature"));
    assert!(terminal.home_page(PERMIT).contains("version 1"));
}

#[test]
fn a_smaller_tree_than_the_largest_seen_is_refused_also_after_a_restart() {
    let (mut store, mut log, terminal) = installed();
    let old = fs::read(log.folder.join("checkpoint")).unwrap();
    log.grow(300, "others");
    assert_eq!(refused(&terminal, "log/checkpoint"), None);
    log.put("checkpoint", &old);
    assert_eq!(refused(&terminal, "log/checkpoint"), Some("log/smaller"));
    let terminal = terminal.restart();
    assert_eq!(refused(&terminal, "log/checkpoint"), Some("log/smaller"));
    // A proof that was made before may lead to a smaller tree of the same log.
    log.add(&permit(&mut store, 2));
    log.grow(3, "more");
    assert_eq!(refused(&terminal, PERMIT), None);
    assert_eq!(terminal.install(PERMIT).unwrap().sequence, 2);
}

#[test]
fn a_log_that_forks_is_refused_and_what_it_showed_before_goes_on() {
    for (common, added) in [(1, 0), (1, 5), (200, 60), (256, 1)] {
        let (mut store, mut log, terminal) = installed();
        log.grow(common, "others");
        let honest = log.leaves.clone();
        log.grow(3, "honest");
        assert_eq!(refused(&terminal, "log/checkpoint"), None);
        let seen = fs::read(log.folder.join("checkpoint")).unwrap();

        // Everybody who signs is in it, and this terminal alone is shown another history.
        let _of_everybody = std::mem::replace(&mut log.leaves, honest);
        log.grow(2 + added, "forged");
        let targeted = permit(&mut store, 2);
        log.add(&targeted);
        assert_eq!(refused(&terminal, "log/checkpoint"), Some("log/fork"), "{common} {added}");
        assert_eq!(refused(&terminal, PERMIT), Some("log/fork"));
        let terminal = terminal.restart();
        assert_eq!(refused(&terminal, PERMIT), Some("log/fork"));
        assert!(terminal.home_page(PERMIT).contains("version 1"));
        let remembered = terminal.home().join("trust/log").join(Digest::of(b"store.example/log").to_string());
        assert_eq!(fs::read(remembered).unwrap(), seen, "it is not moved by what it refuses");
    }
}

#[test]
fn what_is_on_the_disk_is_proved_each_time_it_is_opened() {
    let (store, _log, terminal) = installed();
    let slot = terminal.home().join("apps").join(PERMIT).join("slots/1/release.tlog-proof");
    let proof = fs::read(&slot).unwrap();
    fs::remove_file(&slot).unwrap();
    let class = |terminal: &Terminal| Running::try_start(&terminal.host, PERMIT).err().map(|error| error.class());
    drop(store);
    assert_eq!(class(&terminal), Some("log/proof-missing"));
    fs::write(&slot, b"x").unwrap();
    assert_eq!(class(&terminal), Some("log/proof"));
    fs::write(&slot, proof).unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 1"));
}

#[test]
fn what_was_installed_before_there_was_a_log_is_proved_at_the_next_refresh() {
    let mut store = Store::new();
    let mut log = Log::new(&store);
    log.add(&permit(&mut store, 1));
    let terminal = Terminal::with(&store, PERMIT);
    let options = options(terminal.home(), Log::trust_file(&store), &terminal.clock);
    let terminal = terminal.reopened(options.clone());
    let class = |terminal: &Terminal| Running::try_start(&terminal.host, PERMIT).err().map(|error| error.class());
    assert_eq!(class(&terminal), Some("log/proof-missing"));
    // Also when the store has a newer release by then.
    log.add(&permit(&mut store, 2));
    terminal.host.refresh().unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 1"));

    let slot =
        |sequence: u64| terminal.home().join("apps").join(PERMIT).join(format!("slots/{sequence}/release.tlog-proof"));
    terminal.install(PERMIT).unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 2"));
    fs::remove_file(slot(2)).unwrap();
    assert_eq!(class(&terminal), Some("log/proof-missing"));
    terminal.install(PERMIT).unwrap();
    assert!(terminal.home_page(PERMIT).contains("version 2"), "installing it again brings the proof");
    fs::remove_dir_all(store.folder()).unwrap();
    let terminal = terminal.reopened(options);
    assert!(terminal.home_page(PERMIT).contains("version 2"));
}
