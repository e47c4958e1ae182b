//! Bytes that nobody vouches for, into messages.

use guichet_contract::{Failure, Value};

use super::{DEEPEST, Malformed};
use crate::{
    Budget, Ended, Event, Output, PagePhase, Phase,
    convert::{RECORD_BYTES, VALUE_BYTES},
    state::OUTPUT_BYTES,
};

pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    /// How many bytes what is read may still hold.
    pub(super) budget: usize,
}

impl Reader<'_> {
    /// The message, if nothing follows it.
    pub(super) fn end<T>(&self, message: T) -> Result<T, Malformed> {
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

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    fn small(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    fn size(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.number()?).map_err(|_| Malformed)
    }

    /// How many items follow: never more than there are bytes.
    pub(super) fn count(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(self.small()?).map_err(|_| Malformed)?;
        if count <= self.bytes.len() { Ok(count) } else { Err(Malformed) }
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Malformed> {
        let count = self.count()?;
        self.spend(count)?;
        Ok(self.take(count)?.to_vec())
    }

    pub(super) fn text(&mut self) -> Result<String, Malformed> {
        String::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    pub(super) fn budget(&mut self) -> Result<Budget, Malformed> {
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

    pub(super) fn event(&mut self) -> Result<Event, Malformed> {
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

    pub(super) fn outputs(&mut self) -> Result<Vec<Output>, Malformed> {
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

    pub(super) fn ended(&mut self) -> Result<Ended, Malformed> {
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
            12 => Ended::CompileBudget(self.text()?),
            _ => return Err(Malformed),
        })
    }
}
