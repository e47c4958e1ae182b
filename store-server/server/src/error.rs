//! What can fail inside the store: one variant for each operation. None of these is the asker's fault.

use std::{io, path::PathBuf};

use guichet_api::Problem;

use crate::{
    blobs::{self, Failure},
    http::problems,
};

/// The store could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not do as asked.
    #[error("the database could not {operation}")]
    Database {
        /// What was asked of it.
        operation: &'static str,
        /// Why not.
        #[source]
        source: sqlx::Error,
    },
    /// The database could not be brought to this version's tables.
    #[error("the database at `{location}` could not be brought up to date")]
    Migrate {
        /// Its file, or its address without the password.
        location: String,
        /// Why not.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// A row holds what this version never writes.
    #[error("the database holds `{value}` where {wanted} belongs")]
    Row {
        /// What should be there.
        wanted: &'static str,
        /// What is there.
        value: String,
    },
    /// A file of the store could not be read or written.
    #[error("could not {operation} `{path}`")]
    File {
        /// What was being done.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// The bucket did not do as asked.
    #[error("the bucket could not {operation} `{place}`")]
    Bucket {
        /// What was asked of it.
        operation: &'static str,
        /// Which object.
        place: String,
        /// Why not.
        #[source]
        source: Failure,
    },
    /// A package cannot be had where it is kept: it is gone, altered, or out of reach.
    #[error("the package cannot be had now: {place}")]
    Package {
        /// Which file or object; for whoever runs the store, and nobody else.
        place: String,
        /// Why not.
        #[source]
        source: Failure,
    },
    /// The same of the release before, with which a submission is compared.
    #[error("the package of the release before cannot be had now: {place}")]
    PackageBefore {
        /// Which file or object; for whoever runs the store, and nobody else.
        place: String,
        /// Why not.
        #[source]
        source: Failure,
    },
    /// A document of the store's own is not what it should be.
    #[error("could not {operation}: {reason}")]
    Document {
        /// What was being done.
        operation: &'static str,
        /// Why it failed.
        reason: String,
    },
    /// Too few witnesses have signed the log.
    #[error("too few witnesses have signed the log, so nothing new is listed: {reason}")]
    Witnesses {
        /// How many, and what the others said.
        reason: String,
    },
    /// What a change was to be made to is not as the asker saw it.
    #[error("somebody else was quicker")]
    Overtaken,
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness: {0}")]
    Randomness(String),
    /// A task of the store ended before its time.
    #[error("could not {operation}: the task ended early")]
    Task {
        /// What the task was doing.
        operation: &'static str,
        /// Why it ended.
        #[source]
        source: tokio::task::JoinError,
    },
}

impl StoreError {
    /// Names the operation that a database error interrupted.
    pub(crate) fn database(operation: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { operation, source }
    }

    /// Names the file that an I/O error is about.
    pub(crate) fn file(operation: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { operation, path, source }
    }

    /// What whoever started this is told: a bucket that cannot be used is theirs to mend.
    pub(crate) fn for_operator(self) -> NotDone {
        match self {
            Self::Bucket { place, source, .. } => blobs::problems::failed(&place, &source).into(),
            error => error.into(),
        }
    }

    /// The same of the bytes of a package, wherever packages are kept.
    pub(crate) fn of_package(self) -> Self {
        match self {
            Self::Bucket { place, source, .. } => Self::Package { place, source },
            Self::File { path, source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Self::Package { place: path.display().to_string(), source: Failure::Lost }
            }
            error => error,
        }
    }

    /// Whether what was kept is gone or altered, so that nobody waits for it.
    pub(crate) fn is_lost(&self) -> bool {
        match self {
            Self::Bucket { source, .. } | Self::Package { source, .. } | Self::PackageBefore { source, .. } => {
                matches!(source, Failure::Lost | Failure::Altered)
            }
            Self::File { source, .. } => source.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// The same of a package with which another is compared.
    pub(crate) fn of_the_one_before(self) -> Self {
        match self {
            Self::Package { place, source } => Self::PackageBefore { place, source },
            error => error,
        }
    }

    /// Names the document that could not be made or read.
    pub(crate) fn document<E: ToString>(operation: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Document { operation, reason: error.to_string() }
    }
}

/// Why the store did not do what somebody asked.
#[derive(Debug)]
pub enum NotDone {
    /// The asker is told what is wrong and what to do.
    Refused(Box<Problem>),
    /// The store broke; the operator is told, the asker only that it happened.
    Failed(StoreError),
}

impl From<Problem> for NotDone {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<Box<Problem>> for NotDone {
    fn from(problem: Box<Problem>) -> Self {
        Self::Refused(problem)
    }
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overtaken => problems::overtaken().into(),
            error => Self::Failed(error),
        }
    }
}
