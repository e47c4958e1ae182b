//! How much a session has said that has not reached its view yet.
//!
//! A session answers faster than a view takes what it is told, and what lies between them is memory of the host. So a session
//! waits with what is large until less is under way; whoever asked for it waits with it, and nobody else.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What is shorter is not counted, in bytes.
const SMALL: usize = 4 << 10;
/// Most bytes under way; one that is longer goes alone.
const MOST: usize = 4 << 20;
/// Nobody waits longer than this: the thread that draws may have ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is under way from one session.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    bytes: Mutex<usize>,
    less: Condvar,
}

impl Gauge {
    /// Waits until so many bytes may go; says whether they have to be [given back](Self::give_back).
    pub(crate) fn take(&self, bytes: usize) -> bool {
        if bytes <= SMALL {
            return false;
        }
        let end = Instant::now() + PATIENCE;
        let mut held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        while *held > 0 && held.saturating_add(bytes) > MOST {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            held = self.less.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *held = held.saturating_add(bytes);
        true
    }

    /// So many bytes have arrived.
    pub(crate) fn give_back(&self, bytes: usize) {
        let mut held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_sub(bytes);
        self.less.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, sync::mpsc::channel, thread};

    use super::*;

    #[test]
    fn what_is_large_waits_until_less_is_under_way() {
        let gauge = Arc::new(Gauge::default());
        assert!(!gauge.take(SMALL), "what is small never waits");
        assert!(gauge.take(MOST * 2), "one goes alone, however long it is");
        let (taken, waited) = channel();
        let other = Arc::clone(&gauge);
        let waiting = thread::spawn(move || {
            other.take(MOST);
            taken.send(()).unwrap();
        });
        assert!(!gauge.take(SMALL));
        assert!(waited.try_recv().is_err(), "it waits");
        gauge.give_back(MOST * 2);
        waiting.join().unwrap();
        waited.recv().unwrap();
    }
}
