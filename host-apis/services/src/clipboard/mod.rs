//! `clipboard`: how long a text may be, and the words of failures; the clipboard itself is a part.

mod simulated;

use std::{fmt, sync::Arc};

use guichet_contract::{
    Failure, Permit,
    clipboard::{Clipboard, MAX_TEXT_BYTES, Read},
};

pub use simulated::{Simulated, State};

/// The clipboard of a terminal, however it is reached.
pub trait ClipboardPart: Send + Sync + fmt::Debug {
    /// Whether this terminal has it at all.
    fn is_there(&self) -> bool {
        true
    }

    /// Copies a text.
    fn write(&self, text: &str) -> Result<(), Unreachable>;

    /// The text that was copied last; none if it is no text, or empty.
    fn read(&self) -> Result<Option<String>, Unreachable>;
}

/// The clipboard does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;

/// The clipboard of a terminal, as its apps reach it.
#[derive(Debug, Default)]
pub struct Copying {
    part: Option<Arc<dyn ClipboardPart>>,
}

impl Copying {
    /// This one.
    pub fn new(part: Arc<dyn ClipboardPart>) -> Self {
        Self { part: Some(part) }
    }

    /// Whether there is one.
    pub fn has_any(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.is_there())
    }

    fn part(&self) -> Result<&dyn ClipboardPart, Failure> {
        self.part.as_deref().filter(|part| part.is_there()).ok_or_else(|| {
            let hint =
                "show what can be written down; an app that is nothing without one says \"requires\": [\"clipboard\"]";
            failure("clipboard/unsupported", "this terminal has no clipboard", hint)
        })
    }
}

impl Clipboard for Copying {
    fn write(&self, text: &str) -> Result<(), Failure> {
        self.part()?.write(text).map_err(unreachable)
    }

    fn read(&self, permit: Permit<Read>) -> Result<Option<String>, Failure> {
        drop(permit);
        let text = self.part()?.read().map_err(unreachable)?;
        if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT_BYTES) {
            let what = format!("what was copied is longer than {MAX_TEXT_BYTES} bytes");
            return Err(failure("clipboard/too-long", &what, "ask for a shorter part of it"));
        }
        Ok(text)
    }
}

fn unreachable(_: Unreachable) -> Failure {
    let hint = "show the text as well, so that it can be written down or typed";
    failure("clipboard/unreachable", "the clipboard does not answer", hint)
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_says_what_to_do() {
        let words =
            [Copying::default().part().unwrap_err(), unreachable(Unreachable)].map(|failure| failure.to_string());
        insta::assert_snapshot!(words.join("\n"), @r#"
        clipboard/unsupported: this terminal has no clipboard; hint: show what can be written down; an app that is nothing without one says "requires": ["clipboard"]
        clipboard/unreachable: the clipboard does not answer; hint: show the text as well, so that it can be written down or typed
        "#);
    }
}
