//! Why there is no preview, or none any more.

use std::{fmt, net::SocketAddr};

use crate::Problem;

/// A preview could not begin or go on. Display is what; [`PreviewError::class`] and [`PreviewError::hint`] are the rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// It is no address of a preview.
    #[error("this is no address that guichet preview has shown")]
    Address,
    /// Nobody answers.
    #[error("no computer answers at {at}: {why}")]
    Unreachable {
        /// Where.
        at: SocketAddr,
        /// What the system says.
        why: String,
    },
    /// Somebody else answers.
    #[error("another computer answers there: its key is not the one in the address")]
    OtherKey,
    /// The address is of an earlier preview, or its time is over.
    #[error("this preview is over")]
    Over,
    /// Another terminal is being paired.
    #[error("another terminal is being paired with this computer")]
    Busy,
    /// The code was wrong too often.
    #[error("the code was wrong three times, and nothing was paired")]
    WrongCode,
    /// The code was too old.
    #[error("the code was typed too late, and nothing was paired")]
    CodeExpired,
    /// Nobody is paired in this preview any more.
    #[error("too many wrong codes were typed, so this preview pairs no more terminals")]
    TooManyCodes,
    /// The channel broke, or somebody has changed what went through it.
    #[error("the connection broke, or what it carried was changed: {why}")]
    Channel {
        /// What was seen.
        why: String,
    },
    /// The other side says what it should not.
    #[error("the other side speaks another protocol: {what}")]
    Protocol {
        /// What was said.
        what: String,
    },
    /// The pairing was ended, here or there.
    #[error("this terminal and this computer are not paired any more")]
    Unpaired,
    /// The key or the list of pairings cannot be used.
    #[error("the pairings cannot be used: {why}")]
    Pairings {
        /// Why.
        why: String,
    },
    /// Nobody can connect.
    #[error("this computer cannot be reached at {at}: {why}")]
    Listen {
        /// Where it should have listened.
        at: SocketAddr,
        /// What the system says.
        why: String,
    },
}

impl PreviewError {
    /// Those a terminal is told of, by their class.
    pub(super) const TOLD: [Self; 6] =
        [Self::Over, Self::Busy, Self::WrongCode, Self::CodeExpired, Self::TooManyCodes, Self::Unpaired];

    /// The stable word (docs/reference/refusals.md).
    pub fn class(&self) -> &'static str {
        match self {
            Self::Address => "preview/address",
            Self::Unreachable { .. } => "preview/unreachable",
            Self::OtherKey => "preview/other-key",
            Self::Over => "preview/over",
            Self::Busy => "preview/busy",
            Self::WrongCode => "preview/wrong-code",
            Self::CodeExpired => "preview/code-expired",
            Self::TooManyCodes => "preview/too-many-codes",
            Self::Channel { .. } => "preview/channel",
            Self::Protocol { .. } => "preview/protocol",
            Self::Unpaired => "preview/unpaired",
            Self::Pairings { .. } => "preview/pairings",
            Self::Listen { .. } => "preview/listen",
        }
    }

    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Address => "scan the code, or copy the whole line that begins with guichet://preview/",
            Self::Unreachable { .. } => {
                "both have to be in one network, and guichet preview has to run; --listen names another address of the computer"
            }
            Self::OtherKey => "do not go on; read the address anew from the screen of the computer itself",
            Self::Over => "run guichet preview again, and use the address it shows now",
            Self::Busy => "wait until the other one is done, two minutes at most, then open the address again",
            Self::WrongCode | Self::CodeExpired => "open the address again, and type the code that is shown then",
            Self::TooManyCodes => {
                "somebody else may be trying: run guichet preview again, where nobody else sees the screen"
            }
            Self::Channel { .. } => "open the address again; if it happens again, use another network",
            Self::Protocol { .. } => "use guichet and guichet-desktop of the same version",
            Self::Unpaired => "open the address again to pair them anew",
            Self::Pairings { .. } => {
                "the folder has to be its owner's alone and its files as they were written; without them every pairing is made anew"
            }
            Self::Listen { .. } => "name an address of this computer with --listen, such as 127.0.0.1:0",
        }
    }

    /// As a shell shows it.
    pub fn problem(&self) -> Problem {
        Problem { class: self.class(), what: self.to_string(), place: None, hint: self.hint().to_owned() }
    }

    pub(super) fn broken(error: &impl fmt::Display) -> Self {
        Self::Channel { why: error.to_string() }
    }

    /// What a class stands for that the other side has sent.
    pub(super) fn told(class: &str) -> Self {
        let known = Self::TOLD.into_iter().find(|known| known.class() == class);
        known.unwrap_or_else(|| Self::Protocol { what: format!("{class:?}") })
    }
}
