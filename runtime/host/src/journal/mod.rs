//! A journal: everything the logic and the pages of a session were given and everything they put out, line by line, and
//! running it again.
//!
//! Logic is a function of its events (host-apis/wit/app.wit), so the place of a journal is where events go in and outputs
//! come back, whatever walls stand behind. The form is in docs/reference/formats.md.

mod dom;
mod lines;
mod pages;
mod read;
mod record;
mod recording;
mod redact;
mod replay;
mod scan;
mod steps;

pub(crate) use dom::difference;
pub(crate) use lines::{kind, output_text, text, weight};
pub(crate) use pages::WITNESSED;
pub use record::Recorder;
pub(crate) use record::{Begin, Tape};
pub use recording::{Recording, WithPages, sessions_with_pages};
pub use replay::{Difference, JournalRefusal, Outside, Replayed, Replayer};
pub(crate) use steps::{Said, Step, StepKind};

/// The form that is written; earlier ones, which had nothing of pages, are read as well.
const FORMAT: u64 = 2;
/// Most bytes of a journal; then it says that it is full.
const MAX_JOURNAL_BYTES: u64 = 256 << 20;
/// Most bytes of one line. An event or what it put out has at most 4 MiB, and JSON at most six times that.
const MAX_LINE_BYTES: usize = 64 << 20;
