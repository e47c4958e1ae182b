//! The parts of a terminal: devices that not every terminal has.

use crate::{Value, words::words};

words! {
    /// A device that a terminal may have or not; its word is that of the interface which needs it.
    Part {
        /// A printer.
        Print = "print",
        /// A card reader.
        Card = "card",
        /// A voice.
        Speech = "speech",
        /// A clipboard.
        Clipboard = "clipboard",
        /// A scanner.
        Scan = "scan",
        /// Somebody who shows notices.
        Notify = "notify",
        /// Files that a person may choose.
        Files = "files",
        /// A desk on which apps open others.
        OpenApp = "open-app",
        /// Somebody who counts events.
        Telemetry = "telemetry",
    }
}

impl Part {
    /// What it is, for people.
    pub fn thing(self) -> &'static str {
        match self {
            Self::Print => "a printer",
            Self::Card => "a card reader",
            Self::Speech => "a voice",
            Self::Clipboard => "a clipboard",
            Self::Scan => "a scanner",
            Self::OpenApp => "a desk on which apps open others",
            Self::Telemetry => "a store that it counts events for",
            Self::Files => "a way to choose files",
            Self::Notify => "a desktop that shows notices",
        }
    }

    /// The part of this word, as a manifest requires it.
    pub fn named(word: &str) -> Option<Self> {
        Self::of(&Value::Text(word.to_owned()))
    }
}
