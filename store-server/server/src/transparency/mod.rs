//! The transparency log beside the store: no release is listed before everybody can see it.
//!
//! The order of a publication is approval, leaf, cosigned checkpoint, metadata. [`advance`] does the middle: it writes the
//! tree as static files, signs it, asks the witnesses, and only then lets go of the role documents that wait. Whatever
//! stops it leaves the releases approved and unlisted, and the next round goes on.

mod cosign;
mod files;
mod policy;

use std::{collections::BTreeMap, fs, path::Path};

use guichet_api::SubmissionState;
use guichet_package::LogLeaf;
use guichet_trust::{
    Refusal,
    digest::Digest,
    log::{
        Checkpoint, LogSigner, Policy, SignedNote, Tile, TileReader, VerifierKey, consistency_proof, root,
        verify_consistency,
    },
};
use sqlx::AnyConnection;

pub use policy::{add_witness, policy, remove_witness, set_quorum, write_trust_file};

use crate::{
    brake,
    database::{
        commit, log, submissions as records,
        tree::{self, WitnessedRow},
        witnesses::{self, WitnessRecord},
    },
    error::StoreError,
    folder::{Settings, StoreFolder},
    keys::log_key,
    lifecycle, repository,
    store::{Store, blocking, lock},
};

/// Makes or reads the key that signs trees: a key of its own, which no other role has.
pub fn signer(folder: &StoreFolder, settings: &Settings) -> Result<LogSigner, StoreError> {
    let secret = log_key(&folder.online())?;
    LogSigner::new(&settings.log_origin(), secret).map_err(StoreError::document("name the log"))
}

/// Adds a release to the log. It is shown to nobody before [`advance`].
pub async fn append(connection: &mut AnyConnection, leaf: &LogLeaf) -> Result<u64, StoreError> {
    let position = tree::size(connection).await?;
    let bytes = leaf.to_bytes().map_err(StoreError::document("log a release"))?;
    tree::append(connection, &bytes).await?;
    Ok(position)
}

/// Adds what was released before there was a log, so that its positions are those of the releases.
pub async fn catch_up(store: &Store) -> Result<(), StoreError> {
    let mut change = store.database.change().await?;
    let position = tree::size(&mut change).await?;
    for (department, document) in log::after(&mut change, position).await? {
        let leaf = LogLeaf::of(&department, &document).map_err(StoreError::document("log an earlier release"))?;
        append(&mut change, &leaf).await?;
    }
    commit(change).await
}

/// What the log is and what it waits for.
#[derive(Debug)]
pub struct Standing {
    /// How many releases it has.
    pub size: u64,
    /// The last checkpoint that enough witnesses signed.
    pub witnessed: Option<WitnessedRow>,
    /// Who must sign.
    pub policy: Policy,
    /// Where they answer.
    pub witnesses: Vec<WitnessRecord>,
    /// Whether the policy changed since the proofs were last made.
    pub changed: bool,
}

impl Standing {
    /// Reads it.
    pub async fn of(store: &Store) -> Result<Self, StoreError> {
        let mut connection = store.database.read().await?;
        Ok(Self {
            size: tree::size(&mut connection).await?,
            witnessed: tree::witnessed(&mut connection).await?,
            policy: policy(&mut connection, &store.log).await?,
            witnesses: witnesses::all(&mut connection).await?,
            changed: witnesses::quorum(&mut connection).await?.1,
        })
    }

    /// How many releases everybody can see.
    pub fn shown(&self) -> u64 {
        self.witnessed.as_ref().map_or(0, WitnessedRow::size)
    }

    /// Whether nothing is to be done.
    pub fn is_settled(&self) -> bool {
        !self.changed && self.witnessed.as_ref().is_some_and(|row| row.size() == self.size)
    }
}

/// Brings the log's static files, its checkpoint and what waits for it up to date. Waits for the witnesses, for a few
/// seconds at most.
pub async fn advance(store: &Store) -> Result<(), StoreError> {
    let _one_at_a_time = lock(store.folder.log_lock()).await?;
    let standing = Standing::of(store).await?;
    if standing.is_settled() {
        return Ok(());
    }
    let (size, known) = (standing.size, standing.shown());
    files::write_tree(store, known, size).await?;
    let signed = sign(store, size, known).await?;
    let asked = cosign::ask(store, &standing, signed).await?;
    let note = asked.enough(&standing.policy)?;
    let first = if standing.changed { 0 } else { known };
    files::write_proofs(store, first, size, &note, &standing.policy).await?;
    files::write_checkpoint(store, &note).await?;
    settle(store, &standing, &note, &asked.sizes).await
}

/// Writes what is missing of the files that everybody has been promised.
pub async fn restore(store: &Store) -> Result<(), StoreError> {
    let _one_at_a_time = lock(store.folder.log_lock()).await?;
    let (rows, sizes) = {
        let mut connection = store.database.read().await?;
        (tree::all_witnessed(&mut connection).await?, tree::sizes(&mut connection).await?)
    };
    let mut known = 0;
    for size in sizes {
        files::write_tree(store, known, size).await?;
        known = size;
    }
    // Each proof leads to the checkpoint with which it was first shown, or made anew.
    let from = rows.iter().rposition(WitnessedRow::is_anew).unwrap_or(0);
    let mut first = 0;
    let mut last = None;
    for row in rows.iter().skip(from) {
        let note = SignedNote::parse(row.note().as_bytes()).map_err(StoreError::document("read a checkpoint"))?;
        files::write_missing_proofs(store, first, row.size(), &note).await?;
        first = row.size();
        last = Some(note);
    }
    match last {
        Some(note) => files::write_checkpoint(store, &note).await,
        None => Ok(()),
    }
}

/// Signs the tree of this size, which must begin with the one that was shown last. The signature is kept before anybody
/// sees it.
async fn sign(store: &Store, size: u64, known: u64) -> Result<SignedNote, StoreError> {
    let operation = "sign a checkpoint";
    let mut change = store.database.change().await?;
    let tree_root = root_from(&mut change, size).await?;
    let last = tree::witnessed(&mut change).await?;
    let signed = tree::sign(&mut change, size, || Ok(store.log.sign(size, tree_root).to_text())).await?;
    let note = SignedNote::parse(signed.as_bytes()).map_err(StoreError::document(operation))?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(StoreError::document(operation))?;
    if checkpoint.root != tree_root {
        let reason = "another tree of this size was signed before: the database was changed or taken back".to_owned();
        return Err(StoreError::Document { operation, reason });
    }
    if let Some(last) = last.filter(|last| last.size() == known) {
        let last = SignedNote::parse(last.note().as_bytes()).and_then(|note| Checkpoint::parse(note.text()));
        let last = last.map_err(StoreError::document(operation))?;
        let folder = store.folder.log();
        blocking(operation, move || check_growth(&folder, &last, &checkpoint)).await??;
    }
    commit(change).await?;
    Ok(note)
}

fn check_growth(folder: &Path, last: &Checkpoint, next: &Checkpoint) -> Result<(), StoreError> {
    let mut reader = reader(folder, next.size);
    let path = consistency_proof(last.size, next.size, &mut |level, index| reader.node(level, index));
    let path = path.map_err(|error| error.0)?;
    verify_consistency((last.size, &last.root), (next.size, &next.root), &path)
        .map_err(StoreError::document("sign a checkpoint"))
}

/// An error of reading a tile, or of what is in it.
struct TileError(StoreError);

impl From<Refusal> for TileError {
    fn from(refusal: Refusal) -> Self {
        Self(StoreError::document("read the tree")(refusal))
    }
}

/// Reads the tree back from its static files.
fn reader(folder: &Path, size: u64) -> TileReader<impl FnMut(Tile) -> Result<Vec<u8>, TileError>> {
    let folder = folder.to_owned();
    TileReader::new(size, move |tile: Tile| {
        let path = folder.join(tile.path());
        fs::read(&path).map_err(|error| TileError(StoreError::file("read", path)(error)))
    })
}

/// The checkpoint is a fact: what waited for it is listed.
async fn settle(
    store: &Store,
    standing: &Standing,
    note: &SignedNote,
    signers: &[VerifierKey],
) -> Result<(), StoreError> {
    let (now_ms, size) = (store.clock.now_ms(), standing.size);
    let mut change = store.database.change().await?;
    tree::set_witnessed(&mut change, size, &note.to_text(), standing.changed).await?;
    for key in signers {
        witnesses::set_size(&mut change, key, size).await?;
    }
    let (roles, submissions) = witnesses::let_go(&mut change, size).await?;
    for submission in &submissions {
        if let Some(record) = records::get(&mut change, submission).await? {
            brake::begin(store, &mut change, &record, now_ms).await?;
        }
        lifecycle::go_on(&mut change, submission, now_ms).await?;
    }
    if !roles.is_empty() {
        repository::sign_snapshot(&mut change, &store.online, now_ms).await?;
        // Each role was believed when it was approved. If its keys changed while it waited, that costs it alone: devices
        // keep what it listed before until it is signed again, and nobody else's releases wait for that.
        repository::follow(&mut change, &[], now_ms).await?;
    }
    // Whoever changed it again meanwhile finds it changed still.
    if standing.changed && policy(&mut change, &store.log).await? == standing.policy {
        witnesses::settle(&mut change).await?;
    }
    commit(change).await?;
    for submission in submissions {
        tracing::info!(submission, state = %SubmissionState::Released, "the log shows it, and it is listed");
    }
    Ok(())
}

/// The root of the first `size` leaves, from the database and not from what lies in the folder.
async fn root_from(connection: &mut AnyConnection, size: u64) -> Result<Digest, StoreError> {
    let mut tiles = BTreeMap::new();
    for level in 0..8_u8 {
        let hashes = size >> (8 * level);
        if !hashes.is_multiple_of(256) {
            tiles.insert((level, hashes / 256), tree::tile(connection, level, hashes / 256).await?);
        }
    }
    let mut reader = TileReader::new(size, |tile: Tile| {
        let hashes = tiles.get(&(tile.level, tile.index)).and_then(|hashes| hashes.get(..tile.bytes()));
        hashes.map(<[u8]>::to_vec).ok_or_else(|| {
            TileError(StoreError::Document {
                operation: "read the tree",
                reason: format!("{} is not there", tile.path()),
            })
        })
    });
    root(size, &mut |level, index| reader.node(level, index)).map_err(|error| error.0)
}
