//! The transparency log as this device has seen it, and the proofs of what it takes.
//!
//! Invariants: a release is taken only with a proof that ends in a checkpoint the policy believes; every checkpoint that
//! is believed is of one tree, the largest of which is remembered, flushed to the disk, before anything follows from it.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use guichet_contract::Department;
use guichet_package::{LogLeaf, ReleaseDocument};
use guichet_trust::{
    Refusal,
    digest::Digest,
    log::{
        Checkpoint, LogProof, MAX_NOTE, Policy, SignedNote, Tile, TileReader, consistency_proof, verify_consistency,
    },
};

use crate::{
    error::HostError,
    home::Home,
    listing::Problem,
    transport::{StaticPath, Transport},
};

const CHECKPOINT: &str = "checkpoint";

/// What this device remembers of one log.
pub(crate) struct LogRecord {
    home: Arc<Home>,
    policy: Policy,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The largest tree, if there was one.
    largest: Option<Checkpoint>,
    /// Other trees that were shown to be of the same log since the program started.
    others: HashSet<(u64, Digest)>,
}

impl LogRecord {
    /// Reads what is remembered. A file that is not a checkpoint of the log counts as none, like one that is not there.
    pub(crate) fn open(home: Arc<Home>, policy: Policy) -> Result<Self, HostError> {
        let record = Self { seen: Mutex::default(), home, policy };
        if let Some(bytes) = record.home.read(&record.path())? {
            match SignedNote::parse(&bytes).and_then(|note| record.policy.of_the_log(&note)) {
                Ok(largest) => record.seen().largest = Some(largest),
                Err(refusal) => tracing::warn!(%refusal, "what was remembered of the log cannot be read"),
            }
        }
        Ok(record)
    }

    /// Looks at the newest tree. What is wrong with it is returned: it keeps back what it would prove, and nothing else.
    pub(crate) fn follow(&self, transport: &Transport) -> Result<Option<(String, Problem)>, HostError> {
        match self.look(transport) {
            Ok(()) => Ok(None),
            Err(error @ (HostError::Disk { .. } | HostError::Unreachable { .. })) => Err(error),
            Err(error) => {
                tracing::warn!(class = error.class(), %error, "the log was refused");
                Ok(Some((format!("log/{CHECKPOINT}"), error.problem())))
            }
        }
    }

    fn look(&self, transport: &Transport) -> Result<(), HostError> {
        let path = log_path(CHECKPOINT)?;
        let bytes = transport.fetch(&path, MAX_NOTE as u64)?;
        let bytes = bytes.ok_or_else(|| HostError::Absent { url: transport.url(&path) })?;
        let refuse = |refusal| HostError::Log { subject: transport.url(&path), refusal };
        let note = SignedNote::parse(&bytes).map_err(refuse)?;
        let newest = self.policy.open(&note).map_err(refuse)?.checkpoint;
        let mut seen = self.seen();
        // The newest tree is never smaller than one that was seen; a proof may lead to an older one.
        if let Some(largest) = seen.largest.as_ref().filter(|largest| newest.size < largest.size) {
            verify_consistency((largest.size, &largest.root), (newest.size, &newest.root), &[]).map_err(refuse)?;
        }
        self.admit(&mut seen, &note, &newest, transport).map_err(|error| subject(error, &transport.url(&path)))
    }

    /// The proof that a release is in the log: one that is kept, or else the store's, which is then kept.
    pub(crate) fn prove(
        &self,
        department: &Department,
        release: &ReleaseDocument,
        bytes: &[u8],
        transport: Option<&Transport>,
    ) -> Result<Vec<u8>, HostError> {
        let digest = Digest::of(bytes);
        let kept = self.proof_path(&digest);
        if let Some(proof) = self.home.read(&kept)?
            && self.check(department, release, bytes, &proof).is_ok()
        {
            return Ok(proof);
        }
        let path = log_path(&format!("proof/{digest}.tlog-proof"))?;
        let Some(transport) = transport else { return Err(HostError::Absent { url: path.to_string() }) };
        let proof = transport.fetch(&path, 2 * MAX_NOTE as u64)?;
        let missing = || HostError::Unlogged { app: release.app_id.clone(), sequence: release.sequence };
        let proof = proof.ok_or_else(missing)?;
        let (note, tree) = self.check(department, release, bytes, &proof)?;
        self.admit(&mut self.seen(), &note, &tree, transport)
            .map_err(|error| subject(error, release.app_id.as_str()))?;
        self.home.make_folder(&self.proofs())?;
        // It is checked whenever it is read.
        self.home.write_soon(&kept, &proof)?;
        Ok(proof)
    }

    /// Checks a proof alone: the policy, the path, and that its leaf is about this release. It needs no network.
    pub(crate) fn check(
        &self,
        department: &Department,
        release: &ReleaseDocument,
        bytes: &[u8],
        proof: &[u8],
    ) -> Result<(SignedNote, Checkpoint), HostError> {
        let subject = || release.app_id.to_string();
        let refuse = |refusal| HostError::Log { subject: subject(), refusal };
        let proof = LogProof::parse(proof).map_err(refuse)?;
        let tree = proof.verify(&self.policy).map_err(refuse)?.checkpoint;
        LogLeaf::parse(&proof.leaf)
            .and_then(|leaf| leaf.is_about(department, release, bytes))
            .map_err(|refusal| HostError::Package { subject: subject(), refusal })?;
        Ok((proof.note, tree))
    }

    /// Takes a believed tree for one of the log that was seen before, or refuses it as another one.
    fn admit(
        &self,
        seen: &mut Seen,
        note: &SignedNote,
        tree: &Checkpoint,
        transport: &Transport,
    ) -> Result<(), HostError> {
        let known = (tree.size, tree.root);
        let Some(largest) = &seen.largest else {
            self.remember(note)?;
            seen.largest = Some(tree.clone());
            return Ok(());
        };
        if seen.others.contains(&known) {
            return Ok(());
        }
        let (old, new) = if tree.size < largest.size { (tree, largest) } else { (largest, tree) };
        let mut reader = TileReader::new(new.size, |tile| fetch(transport, tile));
        let path = consistency_proof(old.size, new.size, &mut |level, index| reader.node(level, index));
        let path = path.map_err(|error| error.0)?;
        let is_consistent = verify_consistency((old.size, &old.root), (new.size, &new.root), &path);
        is_consistent.map_err(|refusal| HostError::Log { subject: String::new(), refusal })?;
        if tree.size > largest.size {
            self.remember(note)?;
            seen.largest = Some(tree.clone());
        }
        seen.others.insert(known);
        Ok(())
    }

    fn remember(&self, note: &SignedNote) -> Result<(), HostError> {
        self.home.make_folder(&self.folder())?;
        self.home.write(&self.path(), note.to_text().as_bytes())
    }

    /// Removes the proofs of releases that the metadata does not name any more.
    pub(crate) fn sweep(&self, needed: &HashSet<Digest>) -> Result<(), HostError> {
        for name in self.home.names(&self.proofs())? {
            if !name.parse().is_ok_and(|digest: Digest| needed.contains(&digest)) {
                self.home.discard(&self.proofs().join(name))?;
            }
        }
        Ok(())
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder(&self) -> PathBuf {
        self.home.trust().join("log")
    }

    fn proofs(&self) -> PathBuf {
        self.home.trust().join("proofs")
    }

    /// One file for each log, by the digest of its name.
    fn path(&self) -> PathBuf {
        self.folder().join(Digest::of(self.policy.log().name().as_bytes()).to_string())
    }

    fn proof_path(&self, release: &Digest) -> PathBuf {
        self.proofs().join(release.to_string())
    }
}

/// An error of fetching a tile, or of what is in it.
struct TileError(HostError);

impl From<Refusal> for TileError {
    fn from(refusal: Refusal) -> Self {
        Self(HostError::Log { subject: String::new(), refusal })
    }
}

/// A tile, or the beginning of the full one that has taken its place.
fn fetch(transport: &Transport, tile: Tile) -> Result<Vec<u8>, TileError> {
    let get = |tile: &Tile| -> Result<Option<Vec<u8>>, HostError> {
        transport.fetch(&log_path(&tile.path())?, tile.bytes() as u64)
    };
    if let Some(bytes) = get(&tile).map_err(TileError)? {
        return Ok(bytes);
    }
    let full = get(&tile.full()).map_err(TileError)?;
    let absent = || TileError(HostError::Absent { url: format!("log/{}", tile.path()) });
    let mut bytes = full.ok_or_else(absent)?;
    bytes.truncate(tile.bytes());
    Ok(bytes)
}

fn log_path(path: &str) -> Result<StaticPath, HostError> {
    StaticPath::log(path).ok_or_else(|| HostError::Absent { url: format!("log/{path}") })
}

/// The same error, found in this file or app.
fn subject(error: HostError, named: &str) -> HostError {
    match error {
        HostError::Log { refusal, .. } => HostError::Log { subject: named.to_owned(), refusal },
        other => other,
    }
}
