//! The bytes between a host and a logic process: numbers in little endian, texts and lists after their length.
//!
//! Invariant: whatever bytes are read, reading ends, holds no more than its budget allows, nests no deeper than
//! [`DEEPEST`], and says what is wrong instead of panicking. The other side is not trusted.

mod reader;
mod writer;

use self::{reader::Reader, writer::Writer};
use crate::{Budget, Ended, Event, Output};

/// How [`FromLogic::Wants`] begins.
const WANTS: u8 = 4;
/// How deep values may nest; no type of the WIT is half as deep.
const DEEPEST: usize = 64;

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its process sent what is no message")]
pub(crate) struct Malformed;

/// What a host tells its logic process.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ToLogic {
    /// Binds a process to a component: its code comes with this. Not answered.
    Load,
    /// Makes the instance and loads the app's code, or begins from the image that comes with this. Answered by
    /// [`FromLogic::Booted`] or `Ended`.
    Start(Budget),
    /// What was wanted, if there is such a thing.
    Source(Option<String>),
    /// Answered by [`FromLogic::Done`] or `Ended`.
    Event(u64, Event),
}

/// What a logic process tells its host; one answer to one message, after a `Ready` that nobody asked for; and
/// questions before that answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FromLogic {
    /// It waits for an app. For a script its code is loaded and all walls are up; for a component the filter of system
    /// calls is not, which comes between the component's code and the component. The version of Landlock that holds, 0 for
    /// none.
    Ready(u8),
    /// `boot` is over; bytes of linear memory in use.
    Booted(u64),
    /// An event is over; bytes of linear memory in use, and what the logic did.
    Done(u64, Vec<Output>),
    /// The logic ended; what it wrote to its console in its last event.
    Ended(Ended, Vec<Output>),
    /// The guest asks for the source at a path. Answered by [`ToLogic::Source`].
    Wants(String),
}

impl ToLogic {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut to = Writer::default();
        match self {
            Self::Start(budget) => {
                to.byte(0);
                to.budget(budget);
            }
            Self::Event(at_ms, event) => {
                to.byte(1);
                to.number(*at_ms);
                to.event(event);
            }
            Self::Load => to.byte(2),
            Self::Source(None) => to.byte(3),
            Self::Source(Some(source)) => {
                to.byte(4);
                to.text(source);
            }
        }
        to.0
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Reader { bytes, budget: usize::MAX };
        let message = match from.byte()? {
            0 => Self::Start(from.budget()?),
            1 => Self::Event(from.number()?, from.event()?),
            2 => Self::Load,
            3 => Self::Source(None),
            4 => Self::Source(Some(from.text()?)),
            _ => return Err(Malformed),
        };
        from.end(message)
    }
}

impl FromLogic {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut to = Writer::default();
        match self {
            Self::Ready(landlock) => {
                to.byte(0);
                to.byte(*landlock);
            }
            Self::Booted(memory_bytes) => {
                to.byte(1);
                to.number(*memory_bytes);
            }
            Self::Done(memory_bytes, outputs) => {
                to.byte(2);
                to.number(*memory_bytes);
                to.outputs(outputs);
            }
            Self::Ended(ended, outputs) => {
                to.byte(3);
                to.ended(ended);
                to.outputs(outputs);
            }
            Self::Wants(path) => {
                to.byte(WANTS);
                to.text(path);
            }
        }
        to.0
    }

    /// Reads a message that may hold so many bytes in memory.
    /// Whether this is somebody who wants something before it goes on.
    pub(crate) fn wants(bytes: &[u8]) -> bool {
        bytes.first() == Some(&WANTS)
    }

    pub(crate) fn decode(bytes: &[u8], most_bytes: usize) -> Result<Self, Malformed> {
        let mut from = Reader { bytes, budget: most_bytes };
        let message = match from.byte()? {
            0 => Self::Ready(from.byte()?),
            1 => Self::Booted(from.number()?),
            2 => Self::Done(from.number()?, from.outputs()?),
            3 => Self::Ended(from.ended()?, from.outputs()?),
            WANTS => Self::Wants(from.text()?),
            _ => return Err(Malformed),
        };
        from.end(message)
    }
}

#[cfg(test)]
mod tests;
