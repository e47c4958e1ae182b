//! Keys on a token, against SoftHSM 2.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod keys;
mod office;
