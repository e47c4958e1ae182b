//! The update protocol from outside: a store made by the editor, a device that follows it, and everything between them
//! that could be hostile.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod attacks;
mod delegations;
mod editor;
mod log;
mod mutations;
mod python;
mod restore;
mod roots;
mod store;
mod vectors;
