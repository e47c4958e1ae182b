//! The package crate from outside: what is refused, what is reproduced, and bytes that never change.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod address;
mod compat;
mod container;
#[path = "../corpus/mod.rs"]
mod corpus;
mod delta;
mod golden;
mod import;
mod manifest;
mod messages;
mod mutations;
mod publisher;
mod release;
mod reproducible;
mod statement;
mod support;
mod tampering;
