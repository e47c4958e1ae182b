//! The timers a session's logic waits for.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet},
    time::{Duration, Instant},
};

/// Calls of the logic that complete when their time has come.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, u32)>>,
    forgotten: HashSet<u32>,
}

impl Timers {
    /// Completes `call` after this many milliseconds.
    pub(crate) fn start(&mut self, call: u32, ms: u64, now: Instant) {
        self.heap.push(Reverse((now + Duration::from_millis(ms), call)));
    }

    /// Completes nothing for this call, if it is a timer.
    pub(crate) fn forget(&mut self, call: u32) {
        if self.heap.iter().any(|Reverse((_, waiting))| *waiting == call) {
            self.forgotten.insert(call);
        }
    }

    /// When the next one is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((due, _))| *due)
    }

    /// A call whose time has come.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<u32> {
        while self.next_due().is_some_and(|due| due <= now) {
            let Reverse((_, call)) = self.heap.pop()?;
            if !self.forgotten.remove(&call) {
                return Some(call);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_in_the_order_of_their_time() {
        let mut timers = Timers::default();
        let now = Instant::now();
        timers.start(1, 20, now);
        timers.start(2, 10, now);
        timers.start(3, 15, now);
        timers.forget(3);
        assert_eq!(timers.take_due(now), None);
        let later = now + Duration::from_millis(30);
        assert_eq!((timers.take_due(later), timers.take_due(later), timers.take_due(later)), (Some(2), Some(1), None));
        assert_eq!(timers.next_due(), None);
    }
}
