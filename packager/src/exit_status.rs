//! How a command ended, as other programs see it.

/// The exit codes that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// It is done.
    Done,
    /// It failed: a file, the network, a decision not taken.
    Failed,
    /// The package, release or metadata is not acceptable.
    Refused,
    /// It was not asked in a way that can be done.
    Usage,
}

impl ExitStatus {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Refused => 2,
            Self::Usage => 64,
        }
    }
}
