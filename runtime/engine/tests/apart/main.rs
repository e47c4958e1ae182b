//! The same guests as in `it`, behind two walls, and what happens when somebody leans against the second.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod bombs;
#[path = "../it/bounds.rs"]
mod bounds;
#[path = "../it/bytes.rs"]
mod bytes;
#[path = "../it/ended.rs"]
mod ended;
mod hostile;
#[path = "../it/image.rs"]
mod image;
mod pool;
#[path = "../it/replay.rs"]
mod replay;
#[path = "../it/rust.rs"]
mod rust;
#[path = "../it/samples.rs"]
mod samples;
#[path = "../it/script.rs"]
mod script;
mod script_cache;
#[path = "../it/session.rs"]
mod session;

use std::path::Path;

use guichet_engine::{Programs, Walls};

/// The programs as they are built.
fn walls() -> Walls {
    Walls::Two(Programs::in_folder(Path::new(env!("CARGO_BIN_EXE_guichet-logic")).parent().unwrap()).unwrap())
}
