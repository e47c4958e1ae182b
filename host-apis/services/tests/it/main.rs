//! The same contract for every implementation.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod network;
mod storage;
mod storage_attacks;
