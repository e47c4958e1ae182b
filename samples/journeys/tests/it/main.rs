//! Journeys through real programs, one module each.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod main_job;
mod unmodified;
