//! Which bytes may be believed: digests, signatures, update metadata; it verifies and signs, and performs no I/O.
//!
//! Time, randomness and bytes are arguments. A device follows [`client`] (a TUF 1.0.34 client that says what to fetch
//! and judges what came); the store and the reviewers make documents with [`editor`]; both read [`metadata`]. That
//! everybody is shown the same releases is proved by the transparency [`log`].

pub mod canonical;
pub mod client;
pub mod digest;
pub mod editor;
pub mod log;
pub mod metadata;
pub mod passkey;
mod refusal;
pub mod sign;

pub use refusal::Refusal;
