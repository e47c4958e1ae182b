//! Real guests, JavaScript and Rust, through the public door of the engine.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod at_rest;
mod bounds;
mod bytes;
mod ended;
mod image;
mod replay;
mod rust;
mod samples;
mod script;
mod session;

/// WebAssembly alone.
fn walls() -> guichet_engine::Walls {
    guichet_engine::Walls::One
}
