//! A journal: everything the logic of a session was given and everything it put out, line by line, and running it again.
//!
//! Logic is a function of its events (host-apis/wit/app.wit), so the place of a journal is where events go in and outputs
//! come back, whatever walls stand behind. The form is in docs/reference/formats.md.

mod lines;
mod record;
mod redact;
mod replay;
mod scan;

pub use record::Recorder;
pub(crate) use record::{Begin, Tape};
pub use replay::{Difference, JournalRefusal, Outside, Replayed, Replayer};

/// The form that is written and read.
const FORMAT: u64 = 1;
/// Most bytes of a journal; then it says that it is full.
const MAX_JOURNAL_BYTES: u64 = 256 << 20;
/// Most bytes of one line. An event or what it put out has at most 4 MiB, and JSON at most six times that.
const MAX_LINE_BYTES: usize = 64 << 20;
