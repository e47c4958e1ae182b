//! Why a delta is of no use; the device then takes the files it lacks.

use super::Coding;
use crate::refusal::Words;

/// A delta cannot be applied here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().what)]
pub enum DeltaRefusal {
    /// It does not begin like a delta of its coding, or this program does not know the coding.
    NotADelta {
        /// What it should be.
        coding: Coding,
    },
    /// It was made for a device that holds another release.
    OtherDictionary,
    /// Its bytes mean nothing, or something outside the dictionary.
    Undecodable {
        /// What does not fit.
        why: String,
    },
    /// It decodes to more than was announced.
    TooLarge {
        /// The most bytes it may decode to.
        most: u64,
    },
    /// It decodes to another number of bytes than was announced.
    OtherLength {
        /// The announced length.
        expected: u64,
        /// What came.
        found: u64,
    },
}

impl DeltaRefusal {
    pub(crate) fn words(&self) -> Words {
        const HINT: &str = "nothing is to be done: the files themselves are fetched instead";
        let (class, what) = match self {
            Self::NotADelta { coding } => ("delta/not-a-delta", format!("this is no delta of the form {coding}")),
            Self::OtherDictionary => {
                ("delta/other-dictionary", "the delta was made from another release than the one here".to_owned())
            }
            Self::Undecodable { why } => ("delta/undecodable", format!("the delta cannot be decoded: {why}")),
            Self::TooLarge { most } => ("delta/too-large", format!("the delta decodes to more than {most} bytes")),
            Self::OtherLength { expected, found } => {
                ("delta/other-length", format!("the delta decodes to {found} bytes and not to {expected}"))
            }
        };
        Words::new(class, what, HINT)
    }
}
