//! The update protocol from outside: a store made by the editor, a device that follows it, and everything between them
//! that could be hostile.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod attacks;
mod bins;
mod ceremony;
mod delegations;
mod editor;
mod log;
mod matrix;
mod mutations;
mod peers;
mod program;
mod refresh_bytes;
mod restore;
mod roots;
mod search;
mod store;
mod vectors;
