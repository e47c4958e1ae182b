//! The bytes between a host and a logic process: numbers in little endian, texts and lists after their length.
//!
//! Invariant: whatever bytes are read, reading ends, holds no more than its budget allows, nests no deeper than
//! [`DEEPEST`], and says what is wrong instead of panicking. The other side is not trusted.

use std::collections::BTreeMap;

use guichet_contract::{Failure, Value};

use crate::{
    Budget, Ended, Event, Output, PagePhase, Phase,
    convert::{RECORD_BYTES, VALUE_BYTES},
    state::OUTPUT_BYTES,
};

/// How deep values may nest; no type of the WIT is half as deep.
const DEEPEST: usize = 64;
/// Longest sentence of an [`Ended`] that is passed on, in bytes.
const SENTENCE_BYTES: usize = 4 << 10;

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

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn small(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    /// What is too long to be counted is longer than any frame, and is refused there.
    fn count(&mut self, count: usize) {
        self.small(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn budget(&mut self, budget: &Budget) {
        let Budget { memory_bytes, event_ms, boot_ms, pending_calls, output_bytes } = *budget;
        for number in [memory_bytes as u64, event_ms, boot_ms, pending_calls as u64, output_bytes as u64] {
            self.number(number);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.byte(0),
            Value::Bool(value) => self.byte(if *value { 2 } else { 1 }),
            Value::Integer(value) => {
                self.byte(3);
                self.number(value.cast_unsigned());
            }
            Value::Float(value) => {
                self.byte(4);
                self.number(value.to_bits());
            }
            Value::Text(value) => {
                self.byte(5);
                self.text(value);
            }
            Value::Bytes(value) => {
                self.byte(6);
                self.bytes(value);
            }
            Value::List(items) => {
                self.byte(7);
                self.values(items);
            }
            Value::Record(members) => {
                self.byte(8);
                self.count(members.len());
                for (name, value) in members {
                    self.text(name);
                    self.value(value);
                }
            }
        }
    }

    fn values(&mut self, values: &[Value]) {
        self.count(values.len());
        values.iter().for_each(|value| self.value(value));
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Launched { route, query, lang, dir, referrer, seed } => {
                self.byte(0);
                [route, query, lang, dir, referrer].into_iter().for_each(|text| self.text(text));
                self.number(seed.0);
                self.number(seed.1);
            }
            Event::Phase(phase) => {
                self.byte(1);
                self.byte(match phase {
                    Phase::Shown => 0,
                    Phase::Hidden => 1,
                    Phase::Unloaded => 2,
                });
            }
            Event::Page { page, route, query, phase } => {
                self.byte(2);
                self.small(*page);
                self.text(route);
                self.text(query);
                self.byte(match phase {
                    PagePhase::Loaded => 0,
                    PagePhase::Ready => 1,
                    PagePhase::Shown => 2,
                    PagePhase::Hidden => 3,
                    PagePhase::Unloaded => 4,
                });
            }
            Event::Asked { id, page, name, input } => {
                self.byte(3);
                self.small(*id);
                self.small(*page);
                self.text(name);
                self.text(input);
            }
            Event::Completed { call, result } => {
                self.byte(4);
                self.small(*call);
                match result {
                    Ok(value) => {
                        self.byte(0);
                        self.value(value);
                    }
                    Err(failure) => {
                        let (case, text) = match failure {
                            Failure::Denied(text) => (1, text),
                            Failure::Invalid(text) => (2, text),
                            Failure::Unavailable(text) => (3, text),
                        };
                        self.byte(case);
                        self.text(text);
                    }
                }
            }
        }
    }

    fn outputs(&mut self, outputs: &[Output]) {
        self.count(outputs.len());
        for output in outputs {
            match output {
                Output::Start { call, interface, function, arguments } => {
                    self.byte(0);
                    self.small(*call);
                    self.text(interface);
                    self.text(function);
                    self.values(arguments);
                }
                Output::Forget { call } => {
                    self.byte(1);
                    self.small(*call);
                }
                Output::Tell { interface, function, arguments } => {
                    self.byte(2);
                    self.text(interface);
                    self.text(function);
                    self.values(arguments);
                }
            }
        }
    }

    fn ended(&mut self, ended: &Ended) {
        let mut text = |case, text: &str| {
            self.byte(case);
            self.text(text.get(..text.floor_char_boundary(SENTENCE_BYTES)).unwrap_or_default());
        };
        match ended {
            Ended::Compile(why) => text(0, why),
            Ended::Boot(why) => text(1, why),
            Ended::Panic(why) => text(2, why),
            Ended::Trap(why) => text(3, why),
            Ended::Contract(why) => text(4, why),
            Ended::NoProcess(why) => text(5, why),
            Ended::Stack => self.byte(6),
            Ended::BootDeadline(ms) => {
                self.byte(7);
                self.number(*ms);
            }
            Ended::Deadline(ms) => {
                self.byte(8);
                self.number(*ms);
            }
            Ended::Memory(bytes) => {
                self.byte(9);
                self.number(*bytes as u64);
            }
            Ended::TooManyCalls(calls) => {
                self.byte(10);
                self.number(*calls as u64);
            }
            Ended::TooMuchOutput(bytes) => {
                self.byte(11);
                self.number(*bytes as u64);
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// How many bytes what is read may still hold.
    budget: usize,
}

impl Reader<'_> {
    /// The message, if nothing follows it.
    fn end<T>(&self, message: T) -> Result<T, Malformed> {
        if self.bytes.is_empty() { Ok(message) } else { Err(Malformed) }
    }

    fn take(&mut self, count: usize) -> Result<&[u8], Malformed> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(Malformed)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Malformed> {
        self.budget = self.budget.checked_sub(bytes).ok_or(Malformed)?;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.bytes.split_first_chunk().ok_or(Malformed)?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        self.array().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    fn small(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    fn size(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.number()?).map_err(|_| Malformed)
    }

    /// How many items follow: never more than there are bytes.
    fn count(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(self.small()?).map_err(|_| Malformed)?;
        if count <= self.bytes.len() { Ok(count) } else { Err(Malformed) }
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Malformed> {
        let count = self.count()?;
        self.spend(count)?;
        Ok(self.take(count)?.to_vec())
    }

    fn text(&mut self) -> Result<String, Malformed> {
        String::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    fn budget(&mut self) -> Result<Budget, Malformed> {
        Ok(Budget {
            memory_bytes: self.size()?,
            event_ms: self.number()?,
            boot_ms: self.number()?,
            pending_calls: self.size()?,
            output_bytes: self.size()?,
        })
    }

    fn value(&mut self, depth: usize) -> Result<Value, Malformed> {
        if depth > DEEPEST {
            return Err(Malformed);
        }
        self.spend(VALUE_BYTES)?;
        Ok(match self.byte()? {
            0 => Value::Null,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Integer(self.number()?.cast_signed()),
            4 => Value::Float(f64::from_bits(self.number()?)),
            5 => Value::Text(self.text()?),
            6 => Value::Bytes(self.bytes()?),
            7 => Value::List(self.values(depth + 1)?),
            8 => {
                let count = self.count()?;
                self.spend(RECORD_BYTES)?;
                let members = (0..count).map(|_| Ok((self.text()?, self.value(depth + 1)?)));
                Value::Record(members.collect::<Result<_, Malformed>>()?)
            }
            _ => return Err(Malformed),
        })
    }

    fn values(&mut self, depth: usize) -> Result<Vec<Value>, Malformed> {
        let count = self.count()?;
        (0..count).map(|_| self.value(depth)).collect()
    }

    fn event(&mut self) -> Result<Event, Malformed> {
        Ok(match self.byte()? {
            0 => Event::Launched {
                route: self.text()?,
                query: self.text()?,
                lang: self.text()?,
                dir: self.text()?,
                referrer: self.text()?,
                seed: (self.number()?, self.number()?),
            },
            1 => Event::Phase(match self.byte()? {
                0 => Phase::Shown,
                1 => Phase::Hidden,
                2 => Phase::Unloaded,
                _ => return Err(Malformed),
            }),
            2 => Event::Page {
                page: self.small()?,
                route: self.text()?,
                query: self.text()?,
                phase: match self.byte()? {
                    0 => PagePhase::Loaded,
                    1 => PagePhase::Ready,
                    2 => PagePhase::Shown,
                    3 => PagePhase::Hidden,
                    4 => PagePhase::Unloaded,
                    _ => return Err(Malformed),
                },
            },
            3 => Event::Asked { id: self.small()?, page: self.small()?, name: self.text()?, input: self.text()? },
            4 => Event::Completed {
                call: self.small()?,
                result: match self.byte()? {
                    0 => Ok(self.value(0)?),
                    1 => Err(Failure::Denied(self.text()?)),
                    2 => Err(Failure::Invalid(self.text()?)),
                    3 => Err(Failure::Unavailable(self.text()?)),
                    _ => return Err(Malformed),
                },
            },
            _ => return Err(Malformed),
        })
    }

    fn outputs(&mut self) -> Result<Vec<Output>, Malformed> {
        let count = self.count()?;
        (0..count).map(|_| self.output()).collect()
    }

    fn output(&mut self) -> Result<Output, Malformed> {
        self.spend(OUTPUT_BYTES)?;
        Ok(match self.byte()? {
            0 => Output::Start {
                call: self.small()?,
                interface: self.text()?,
                function: self.text()?,
                arguments: self.values(0)?,
            },
            1 => Output::Forget { call: self.small()? },
            2 => Output::Tell { interface: self.text()?, function: self.text()?, arguments: self.values(0)? },
            _ => return Err(Malformed),
        })
    }

    fn ended(&mut self) -> Result<Ended, Malformed> {
        Ok(match self.byte()? {
            0 => Ended::Compile(self.text()?),
            1 => Ended::Boot(self.text()?),
            2 => Ended::Panic(self.text()?),
            3 => Ended::Trap(self.text()?),
            4 => Ended::Contract(self.text()?),
            5 => Ended::NoProcess(self.text()?),
            6 => Ended::Stack,
            7 => Ended::BootDeadline(self.number()?),
            8 => Ended::Deadline(self.number()?),
            9 => Ended::Memory(self.size()?),
            10 => Ended::TooManyCalls(self.size()?),
            11 => Ended::TooMuchOutput(self.size()?),
            _ => return Err(Malformed),
        })
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
