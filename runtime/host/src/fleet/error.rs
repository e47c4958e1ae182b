//! Why a terminal could not enrol or tell: class, what, where, hint.

use std::path::PathBuf;

use guichet_api::Problem as StoreProblem;

use crate::{error::HostError, policy::PolicyError};

/// What went wrong between a terminal and its store.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// No answer.
    #[error("the store could not be reached: {why}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// An answer that no store gives.
    #[error("this is not what a store answers")]
    BadAnswer {
        /// What was asked.
        url: String,
    },
    /// The store says no, and why.
    #[error("{}", .0.what)]
    Refused(Box<StoreProblem>),
    /// The home is enrolled.
    #[error("this terminal is enrolled already")]
    EnrolledAlready {
        /// The home.
        home: PathBuf,
    },
    /// The store obeys another operator than this terminal does.
    #[error("the store gives another operator's key than the one that lies here")]
    OtherOperator {
        /// The file with the key.
        path: PathBuf,
    },
    /// The terminal is enrolled, and its key is not there or is none.
    #[error("the key that this terminal enrolled with is not here")]
    KeyLost {
        /// Where it should be.
        path: PathBuf,
    },
    /// The policy that came is not acceptable, or cannot be kept.
    #[error("{0}")]
    Policy(Box<PolicyError>),
    /// The disk did not do what was asked.
    #[error("{0}")]
    Disk(HostError),
}

impl From<PolicyError> for FleetError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(Box::new(error))
    }
}

impl FleetError {
    /// A stable word for the kind of failure.
    pub fn class(&self) -> &str {
        match self {
            Self::Unreachable { .. } => "store/unreachable",
            Self::BadAnswer { .. } => "store/bad-answer",
            Self::Refused(problem) => &problem.class,
            Self::EnrolledAlready { .. } => "terminal/enrolled-already",
            Self::OtherOperator { .. } => "terminal/other-operator",
            Self::KeyLost { .. } => "terminal/key-lost",
            Self::Policy(error) => error.class(),
            Self::Disk(error) => error.class(),
        }
    }

    /// Where it was found.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::Unreachable { url, .. } | Self::BadAnswer { url } => Some(url.clone()),
            Self::Refused(problem) => problem.place.clone(),
            Self::EnrolledAlready { home: path } | Self::OtherOperator { path } | Self::KeyLost { path } => {
                Some(path.display().to_string())
            }
            Self::Policy(error) => error.place(),
            Self::Disk(error) => error.place(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreachable { .. } => "check the network and the store's address; the code stays good".to_owned(),
            Self::BadAnswer { .. } => "check that the address is the store's; the code stays good if it is another's".to_owned(),
            Self::Refused(problem) => problem.hint.clone(),
            Self::EnrolledAlready { .. } => {
                "it goes on as it is; to enrol it anew, revoke it at the store and give it an empty home".to_owned()
            }
            Self::OtherOperator { .. } => {
                "ask the operator which key is right; remove the file only if it is the one that lies here that is wrong".to_owned()
            }
            Self::KeyLost { .. } => "revoke the terminal at the store, give it an empty home, and enrol it again".to_owned(),
            Self::Policy(error) => error.hint(),
            Self::Disk(error) => error.hint(),
        }
    }

    /// Whether the store has said that this terminal is one of its no more.
    pub fn is_revoked(&self) -> bool {
        self.class() == "terminal/revoked"
    }
}
