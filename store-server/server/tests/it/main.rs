//! The store from outside: one router, one real database, in one test binary.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
