//! `timer`: being called again later. The session performs it; no permission is needed.

use crate::{Arguments, InvalidArguments};

/// Longest wait, in milliseconds: a day.
pub const MAX_MS: i64 = 86_400_000;

/// Asks to be called again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// How long to wait, in milliseconds.
    pub ms: u64,
}

impl After {
    pub(crate) fn decode(mut arguments: Arguments) -> Result<Self, InvalidArguments> {
        let ms = arguments.integer("ms", MAX_MS)?;
        arguments.end().map(|()| Self { ms: ms.unsigned_abs() })
    }
}
