//! The same contract for every implementation.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[cfg(target_os = "linux")]
mod card;
mod clipboard;
mod code;
#[cfg(target_os = "linux")]
mod drivers;
mod files;
mod network;
mod notify;
mod open_app;
#[cfg(target_os = "linux")]
#[path = "../../../../samples/journeys/src/ports.rs"]
pub mod ports;
#[cfg(target_os = "linux")]
mod print;
#[cfg(target_os = "linux")]
mod scan;
#[cfg(target_os = "linux")]
mod speech;
mod storage;
mod storage_attacks;
mod telemetry;
