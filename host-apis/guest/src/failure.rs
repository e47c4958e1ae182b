//! Why a host call brought nothing.

use std::{error::Error, fmt};

use crate::bindings::guichet::app::calls;

/// Why a host call brought nothing. Its text is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A permission is missing; the text names it and the manifest line that would ask for it.
    Denied(String),
    /// The device cannot do this now; the text says what to do.
    Unavailable(String),
    /// The arguments cannot be right; the text says which and why.
    Invalid(String),
}

impl Failure {
    /// Which of the failures of its interface it is, such as `print/unsupported`; the text begins with it.
    pub fn class(&self) -> Option<&str> {
        let (Self::Denied(text) | Self::Unavailable(text) | Self::Invalid(text)) = self;
        let (class, _) = text.split_once(": ")?;
        let (interface, word) = class.split_once('/')?;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        (is_word(interface) && is_word(word)).then_some(class)
    }
}

impl From<calls::Failure> for Failure {
    fn from(failure: calls::Failure) -> Self {
        match failure {
            calls::Failure::Denied(text) => Self::Denied(text),
            calls::Failure::Unavailable(text) => Self::Unavailable(text),
            calls::Failure::Invalid(text) => Self::Invalid(text),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Denied(text) | Self::Unavailable(text) | Self::Invalid(text)) = self;
        f.write_str(text)
    }
}

impl Error for Failure {}
