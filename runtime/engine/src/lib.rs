//! Runs the logic of a MiniApp as a WebAssembly component, JavaScript included, and lets it out by one door.
//!
//! The engine knows no host API. It treats every import by its shape (host-apis/wit/app.wit): what returns `call` starts
//! something, what ends in `-result` takes what a completion brought, what returns nothing tells. So logic is a function
//! of its journal: [`Event`]s in, [`Output`]s back, and nothing else crosses.
//!
//! Invariant: whatever a guest does, [`Logic::handle`] returns within its [`Budget`], and the outputs of an event that
//! ended the logic are never given to anyone.

#[cfg(target_os = "linux")]
#[doc(hidden)]
pub mod apart;
#[cfg(feature = "host")]
mod believed;
mod budget;
#[cfg(feature = "host")]
mod cache;
mod clock;
mod convert;
mod ended;
mod engine;
mod event;
#[cfg_attr(
    not(feature = "host"),
    allow(dead_code, unreachable_pub, reason = "a logic process neither seals nor believes")
)]
mod image;
mod logic;
mod memory;
#[cfg(feature = "host")]
mod place;
#[cfg(feature = "host")]
mod program;
mod shapes;
mod state;

#[cfg(all(feature = "host", target_os = "linux"))]
pub use apart::Programs;
pub use budget::Budget;
pub use ended::Ended;
pub use engine::EngineError;
#[cfg(feature = "host")]
pub use engine::{CacheOptions, Engine, EngineOptions, Holds, Walls};
pub use event::{Event, Output, PagePhase, Phase};
#[cfg(feature = "host")]
pub use image::{Image, NoImage};
pub use logic::THREAD_STACK_BYTES;
#[cfg(feature = "host")]
pub use place::{Loaded, Logic};
#[cfg(feature = "host")]
pub use program::{Program, Wasm};
pub use state::Sources;
