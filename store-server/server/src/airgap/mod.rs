//! Carrying the static files over a gap: out of a store into a folder, and from a folder into a mirror behind the gap.
//!
//! The folder is nothing but the static files and the trust file, so a terminal can also update from it directly.
//! Files are copied before the metadata that names them and `timestamp.json` last, so a copy that is cut off is the
//! state before.

mod export;
mod files;
mod import;
mod log;

pub use export::{Exported, export};
pub use import::{Imported, import};
