//! How a call that waits for others is given up.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A sign that a call that waits is no longer wanted.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Nobody wants the answer any more.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether nobody wants the answer any more.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
