//! The machine room of a terminal, without glass: it follows a store, keeps releases, and runs apps for a shell.
//!
//! ```text
//! Host::open ─► refresh ─► library ─► install / stage ─► launch ─► Session ─► SessionEvent ─► the shell's views
//! ```
//!
//! Invariants: no byte of an app is shown or run that was not checked against what its publisher sealed, each time it is
//! read; nothing is written before it is verified; a power cut at any moment leaves the old release or the new one; and
//! without a network everything that is installed runs.

mod beacons;
mod blobs;
mod bridge;
mod broker;
mod console;
mod data;
mod delta;
mod error;
mod fetch;
mod files;
pub mod fleet;
mod home;
mod host;
mod install;
mod journal;
mod launch;
mod library;
mod lifecycle;
mod listing;
mod logic_image;
mod look;
mod options;
pub mod policy;
pub mod preview;
mod profile;
mod refresh;
mod script_cache;
mod serve;
mod session;
mod slots;
mod state;
mod transport;
mod trial;
mod update;
mod versions;

pub use beacons::counted_in;
pub use console::console;
pub use error::HostError;
#[cfg(target_os = "linux")]
pub use guichet_engine::Programs;
pub use guichet_engine::{EngineError, Walls};
pub use host::Host;
pub use journal::{
    Difference, JournalRefusal, Outside, Recorder, Recording, Replayed, Replayer, WithPages, sessions_with_pages,
};
pub use launch::Start;
pub use listing::{
    AvailableRelease, Choice, Freshness, Icon, Installed, InstalledRelease, Listing, PermissionLine, Problem, Progress,
    Refreshed,
};
pub use look::{Look, LookOptions, LookTerminal};
pub use options::{Clock, HostOptions};
pub use profile::Profile;
pub use refresh::{KeepFresh, News};
pub use script_cache::users_script_cache;
pub use serve::{CONTENT_SECURITY_POLICY, NotServed, Resource};
pub use session::{
    Ending, LifecycleEvent, LogLine, PageDifference, Played, Session, SessionEvent, Sink, Watch,
    rehearsal::{Anew, Decision, HostCall, Outcome, Renewal, Renewed},
};
