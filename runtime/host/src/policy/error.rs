//! Why a terminal has no policy: class, what, where, hint.

use std::{io, path::PathBuf};

use crate::{error::HostError, listing::Problem};

/// A policy cannot be followed, or not be kept.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// One of the files is not there, or not to be read.
    #[error("the file cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The new policy cannot be put in its place.
    #[error("the policy cannot be written: {why}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The operator's key is none.
    #[error("{}", refusal.what())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: guichet_trust::Refusal,
    },
    /// The policy is not acceptable.
    #[error("{}", refusal.what())]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        refusal: guichet_package::Refusal,
    },
    /// The home does not do what is asked.
    #[error("{0}")]
    Home(HostError),
}

impl PolicyError {
    /// A stable word for the kind of failure.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "policy/unreadable",
            Self::Unwritable { .. } => "policy/unwritable",
            Self::Key { refusal, .. } => refusal.class(),
            Self::Refused { refusal, .. } => refusal.class(),
            Self::Home(error) => error.class(),
        }
    }

    /// The file it was found in.
    pub fn place(&self) -> Option<String> {
        let (path, within) = match self {
            Self::Unreadable { path, .. } | Self::Unwritable { path, .. } => (path, None),
            Self::Key { path, refusal } => (path, refusal.place()),
            Self::Refused { path, refusal } => (path, refusal.place()),
            Self::Home(error) => return error.place(),
        };
        Some(within.map_or_else(|| path.display().to_string(), |within| format!("{}: {within}", path.display())))
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreadable { .. } => {
                "enrol this terminal with guichet-kiosk --enrol CODE --store URL, or put policy, operator.pub and guichet.trust.json there"
                    .to_owned()
            }
            Self::Unwritable { .. } => {
                "see that the folder belongs to the user that runs this program, and that the disk is not full"
                    .to_owned()
            }
            Self::Key { .. } => "write the line that guichet key show prints for the operator's key".to_owned(),
            Self::Refused { refusal, .. } => refusal.hint(),
            Self::Home(error) => error.hint(),
        }
    }

    /// The error as it is shown to a person.
    pub fn problem(&self) -> Problem {
        Problem { class: self.class(), what: self.to_string(), place: self.place(), hint: self.hint() }
    }
}
