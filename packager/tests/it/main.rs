//! `guichet` as it is typed: every test runs the program and looks at what it prints, writes and returns.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod address;
mod approve;
mod author;
mod check;
mod diff;
mod doctor;
mod import;
mod inspect;
mod journeys;
mod keys;
mod policy;
#[path = "../../../samples/journeys/src/ports.rs"]
pub mod ports;
mod program;
mod refusals;
mod releases;
mod replay;
mod reproducible;
mod server;
mod store;
mod token;
mod town;
mod usage;
mod web;
mod written;
