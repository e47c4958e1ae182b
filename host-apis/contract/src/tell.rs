//! What logic tells without waiting for an answer.

use serde_json::Value as Json;

use crate::{InvalidArguments, Value};

/// How loud a line of the app's console is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For the developer only.
    Debug,
    /// Ordinary.
    Info,
    /// Something to look at.
    Warn,
    /// Something went wrong.
    Error,
}

/// An exception nobody caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was thrown.
    pub message: String,
    /// Where, in the app's own files.
    pub stack: String,
}

/// A told thing, decoded.
#[derive(Clone, Debug, PartialEq)]
pub enum Tell {
    /// `page.update`: a merge patch (RFC 7396) for the state that pages see.
    Update(Json),
    /// `page.answer`: the answer to a question, JSON or a sentence.
    Answer {
        /// The question's number.
        question: u32,
        /// JSON, or why there is none.
        answer: Result<Json, String>,
    },
    /// `log.write`.
    Log(Level, String),
    /// `log.report`.
    Report(Fault),
}

impl Tell {
    /// Decodes a told thing by its WIT name.
    pub fn decode(interface: &str, function: &str, arguments: Vec<Value>) -> Result<Self, InvalidArguments> {
        let wrong = || InvalidArguments(format!("{interface}.{function}: the arguments do not fit"));
        let json = |text: &str| {
            serde_json::from_str::<Json>(text)
                .map_err(|_| InvalidArguments(format!("{interface}.{function}: the text is not JSON")))
        };
        match (interface, function, arguments.as_slice()) {
            ("page", "update", [Value::Text(patch)]) => Ok(Self::Update(json(patch)?)),
            ("page", "answer", [Value::Integer(question), Value::Record(result)]) => {
                let answer = match (text_member(result, "ok"), text_member(result, "err")) {
                    (Some(text), None) => Ok(json(text)?),
                    (None, Some(text)) => Err(text.to_owned()),
                    _ => return Err(wrong()),
                };
                Ok(Self::Answer { question: u32::try_from(*question).map_err(|_| wrong())?, answer })
            }
            ("log", "write", [Value::Text(level), Value::Text(text)]) => {
                Ok(Self::Log(level.parse().map_err(|()| wrong())?, text.clone()))
            }
            ("log", "report", [Value::Record(fault)]) => {
                match (text_member(fault, "message"), text_member(fault, "stack")) {
                    (Some(message), Some(stack)) => {
                        Ok(Self::Report(Fault { message: message.to_owned(), stack: stack.to_owned() }))
                    }
                    _ => Err(wrong()),
                }
            }
            _ => Err(wrong()),
        }
    }
}

fn text_member<'a>(record: &'a std::collections::BTreeMap<String, Value>, name: &str) -> Option<&'a str> {
    match record.get(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

impl std::str::FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "debug" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warn" => Ok(Self::Warn),
            "error" => Ok(Self::Error),
            _ => Err(()),
        }
    }
}
