//! Messages into bytes.

use guichet_contract::{Failure, Value};

use crate::{Budget, Ended, Event, Output, PagePhase, Phase};

/// Longest sentence of an [`Ended`] that is passed on, in bytes.
pub(super) const SENTENCE_BYTES: usize = 4 << 10;

#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    pub(super) fn small(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    /// What is too long to be counted is longer than any frame, and is refused there.
    pub(super) fn count(&mut self, count: usize) {
        self.small(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn budget(&mut self, budget: &Budget) {
        let Budget { memory_bytes, event_ms, boot_ms, pending_calls, output_bytes } = *budget;
        for number in [memory_bytes as u64, event_ms, boot_ms, pending_calls as u64, output_bytes as u64] {
            self.number(number);
        }
    }

    pub(super) fn value(&mut self, value: &Value) {
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

    pub(super) fn event(&mut self, event: &Event) {
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

    pub(super) fn outputs(&mut self, outputs: &[Output]) {
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

    pub(super) fn ended(&mut self, ended: &Ended) {
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
            Ended::CompileBudget(why) => text(12, why),
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
