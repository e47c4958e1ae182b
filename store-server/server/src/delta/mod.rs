//! Deltas between releases: the best ones made ahead, quick ones when somebody asks.

mod ahead;
mod request;

pub use ahead::{make_ahead, watch};
pub use request::OnRequest;
pub(crate) use request::delta;
