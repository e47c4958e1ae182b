//! The one place that reads the wall clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Milliseconds since 1970, from the machine or set by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that moves only when it is told to.
    Set(Arc<AtomicU64>),
}

impl Clock {
    /// A clock that stands still at this time.
    pub fn at(now_ms: u64) -> Self {
        Self::Set(Arc::new(AtomicU64::new(now_ms)))
    }

    /// Moves a set clock forward; the machine's goes by itself.
    pub fn advance(&self, by_ms: u64) {
        if let Self::Set(now) = self {
            now.fetch_add(by_ms, Ordering::Relaxed);
        }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
            Self::Set(now) => now.load(Ordering::Relaxed),
        }
    }
}
