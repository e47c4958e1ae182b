//! The transparency log: an append-only tree of releases that everybody sees alike, and the proofs that something is in it.
//!
//! The formats are those of C2SP and of Go's public log library: signed notes, checkpoints (`tlog-checkpoint`), tiles
//! (`tlog-tiles`), witness cosignatures (`tlog-cosignature`, type 0x04), and proofs (`tlog-proof@v1`). A [`Policy`] says
//! which checkpoints may be believed; a tree's size and its root are only ever taken from one of those, together.

mod checkpoint;
mod frontier;
mod key;
mod merkle;
mod note;
mod policy;
mod proof;
mod reason;
mod tile;
mod witness;

pub use checkpoint::Checkpoint;
pub use frontier::Frontier;
pub use key::{LogSigner, Role, VerifierKey, WitnessSigner};
pub use merkle::{
    consistency_proof, empty_root, inclusion_proof, leaf_hash, root, verify_consistency, verify_inclusion,
};
pub use note::{MAX_NOTE, NoteSignature, SignedNote};
pub use policy::{Policy, Quorum, Witnessed};
pub use proof::{LogProof, MAX_HASHES};
pub(crate) use reason::LogReason;
pub use tile::{Tile, TileReader, append_entry, entries, entries_path, tiles_of};
pub use witness::{AddCheckpoint, Answer, Seen};
