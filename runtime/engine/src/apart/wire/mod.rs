//! The bytes between a host and a logic process: numbers in little endian, texts and lists after their length.
//!
//! Invariant: whatever bytes are read, reading ends, holds no more than its budget allows, nests no deeper than
//! [`DEEPEST`], and says what is wrong instead of panicking. The other side is not trusted.

mod reader;
mod writer;

use std::collections::BTreeMap;

use self::{reader::Reader, writer::Writer};
use crate::{Budget, Ended, Event, Output};

/// How deep values may nest; no type of the WIT is half as deep.
const DEEPEST: usize = 64;

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its process sent what is no message")]
pub(crate) struct Malformed;

/// What a host tells its logic process.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ToLogic {
    /// Always the first: makes the instance and loads the app's code. Answered by [`FromLogic::Booted`] or `Ended`.
    Start(Budget, BTreeMap<String, String>),
    /// Answered by [`FromLogic::Done`] or `Ended`.
    Event(u64, Event),
}

/// What a logic process tells its host; one answer to one message, after a `Ready` that nobody asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FromLogic {
    /// The code is loaded and the walls are up; the version of Landlock that holds, 0 for none.
    Ready(u8),
    /// `boot` is over; bytes of linear memory in use.
    Booted(u64),
    /// An event is over; bytes of linear memory in use, and what the logic did.
    Done(u64, Vec<Output>),
    /// The logic ended; what it wrote to its console in its last event.
    Ended(Ended, Vec<Output>),
}

impl ToLogic {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut to = Writer::default();
        match self {
            Self::Start(budget, sources) => {
                to.byte(0);
                to.budget(budget);
                to.count(sources.len());
                for (path, source) in sources {
                    to.text(path);
                    to.text(source);
                }
            }
            Self::Event(at_ms, event) => {
                to.byte(1);
                to.number(*at_ms);
                to.event(event);
            }
        }
        to.0
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Reader { bytes, budget: usize::MAX };
        let message = match from.byte()? {
            0 => {
                let budget = from.budget()?;
                let count = from.count()?;
                let sources = (0..count).map(|_| Ok((from.text()?, from.text()?))).collect::<Result<_, Malformed>>()?;
                Self::Start(budget, sources)
            }
            1 => Self::Event(from.number()?, from.event()?),
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
        }
        to.0
    }

    /// Reads a message that may hold so many bytes in memory.
    pub(crate) fn decode(bytes: &[u8], most_bytes: usize) -> Result<Self, Malformed> {
        let mut from = Reader { bytes, budget: most_bytes };
        let message = match from.byte()? {
            0 => Self::Ready(from.byte()?),
            1 => Self::Booted(from.number()?),
            2 => Self::Done(from.number()?, from.outputs()?),
            3 => Self::Ended(from.ended()?, from.outputs()?),
            _ => return Err(Malformed),
        };
        from.end(message)
    }
}

#[cfg(test)]
mod tests;
