//! Logic in processes of their own, and the compiler in another: the second wall.
//!
//! A process of ours is started by a host with a socket, a descriptor of code, and nothing else: no environment, nothing
//! of an app's on its command line. Before it meets what an app brings it gives up files, the network, other processes,
//! new code, and whatever else computing does not need (`walls`). What it says is read as what a stranger says (`wire`).
//! When it is silent, or dies, its own session ends and nothing else.

mod channel;
mod child;
#[cfg(feature = "host")]
mod code;
#[cfg(feature = "host")]
mod compiler;
#[cfg_attr(not(feature = "host"), allow(dead_code, reason = "a logic process is given descriptors and gives none"))]
mod handover;
#[cfg(feature = "host")]
mod keeper;
#[cfg(feature = "host")]
mod kept;
#[cfg(feature = "host")]
mod logic;
#[cfg(feature = "host")]
mod parent;
#[cfg(feature = "host")]
mod pool;
mod walls;
#[cfg_attr(not(feature = "host"), allow(dead_code, reason = "a logic process never says what a host says"))]
mod wire;

pub use child::{Stage, run_logic, run_logic_with};
#[cfg(feature = "host")]
pub(crate) use {
    code::Code,
    kept::Kept,
    logic::Logic,
    parent::{Apart, Loaded},
};
#[cfg(feature = "host")]
pub use {compiler::run_compiler, parent::Programs};
