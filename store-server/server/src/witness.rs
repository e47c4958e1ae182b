//! A witness: signs other people's trees, each only if it begins with the one it signed before.
//!
//! Invariant: what is answered was kept first. The folder holds its key, the logs it knows, and for each log the last
//! checkpoint with its own cosignature; a file that was changed by somebody else ends its signing for that log.

mod folder;
mod http;

pub use folder::WitnessFolder;
pub use http::{MOST_BYTES, router};
