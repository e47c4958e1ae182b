//! Previews: an unsealed package on a paired terminal of the same person (the *trial channel*, decision 0040).
//!
//! ```text
//! guichet preview ──TLS 1.3, both sides by raw public key (RFC 7250)──► guichet-desktop --open guichet://preview/…
//!    PreviewServer ◄── hello, code ─────────────────────────────────────── knock
//!                  ── code? paired, begins, draft, problems, still, ended ─►
//!                  ◄── console ───────────────────────────────────────────
//! ```
//!
//! Invariants: a terminal takes drafts of nobody but the key in the address, and only after a person has typed at it the code
//! that this key's owner was shown; a developer's computer gives drafts to nobody but keys it is paired with; either side ends
//! the pairing alone. What arrives is opened by the one verifier and run as a [`crate::Look`]: no way leads from here into the
//! releases of a host.

mod address;
mod channel;
mod console;
mod error;
mod pairings;
mod server;
mod terminal;
mod wire;

pub use address::{PreviewAddress, PreviewId};
pub use channel::{Identity, PeerKey};
pub use console::{PreviewConsole, PreviewLine};
pub use error::PreviewError;
pub use pairings::{Paired, Pairings};
pub use server::{PreviewNews, PreviewOptions, PreviewServer};
pub use terminal::{Knocked, Pairing, Preview, PreviewTold, Tried, knock};
pub use wire::{Ending, PreviewProblem};

/// Longest time a preview may last, in seconds: a working day. A terminal holds to it whatever it is told.
pub const LONGEST_PREVIEW_S: u64 = 8 * 60 * 60;

/// How long a code can be typed, in seconds.
pub const CODE_LASTS_S: u64 = 120;
