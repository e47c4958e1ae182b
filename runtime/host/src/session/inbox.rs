//! What waits for a session's thread, with a limit on what a page may pile up there.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::event::Ending;
use crate::lifecycle::Target;

/// Longest message of a page, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 4 << 20;
/// Most messages of pages that may wait.
const MAX_WAITING: usize = 1024;
/// Most bytes of messages that may wait.
const MAX_WAITING_BYTES: usize = 16 << 20;

/// One thing for the session to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A page said something.
    Message { page: u32, text: String },
    /// A link or script of a page leads to another page of the app.
    Follow(Target),
    /// The shell goes back, as by a button of its own.
    Back,
    /// The view of a page is gone.
    Closed { page: u32 },
    /// The app comes to the front.
    Show,
    /// The app goes to the background.
    Hide,
    /// A call that waited for others has its answer.
    Answered,
    /// A page's question was begun on another thread, and what comes of it is this one's.
    Begun,
    /// The process of the logic has ended.
    LogicGone,
    /// A developer's window has another package for it.
    Renew,
    /// The session shall end: because somebody wants it, or because its view cannot go on.
    Close(Option<Ending>),
}

#[derive(Debug, Default)]
struct Waiting {
    work: VecDeque<Work>,
    messages: usize,
    bytes: usize,
    dropped: u64,
    closing: Option<Work>,
    /// Whether the session's thread has nothing to do and waits.
    is_awaited: bool,
}

/// The queue of one session.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

impl Waiting {
    fn take(&mut self) -> Option<Work> {
        if let Some(close) = &self.closing {
            return Some(close.clone());
        }
        let work = self.work.pop_front()?;
        if let Work::Message { text, .. } = &work {
            self.messages -= 1;
            self.bytes -= text.len();
        }
        Some(work)
    }
}

/// A message was not taken, because there were too many or it was too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dropped;

impl Inbox {
    /// Takes a message of a page, unless the page floods the session.
    pub(crate) fn message(&self, page: u32, text: &str) -> Result<(), Dropped> {
        let mut waiting = self.lock();
        let is_too_much = text.len() > MAX_MESSAGE_BYTES
            || waiting.messages >= MAX_WAITING
            || waiting.bytes + text.len() > MAX_WAITING_BYTES;
        if is_too_much {
            waiting.dropped += 1;
            return Err(Dropped);
        }
        waiting.messages += 1;
        waiting.bytes += text.len();
        waiting.work.push_back(Work::Message { page, text: text.to_owned() });
        self.arrived.notify_one();
        Ok(())
    }

    /// Takes what the shell says. [`Work::Close`] goes before everything else.
    pub(crate) fn push(&self, work: Work) {
        let mut waiting = self.lock();
        if matches!(work, Work::Close(_)) {
            waiting.closing.get_or_insert(work);
        } else {
            waiting.work.push_back(work);
        }
        self.arrived.notify_one();
    }

    /// Whether the session has been told to end.
    pub(crate) fn is_closing(&self) -> bool {
        self.lock().closing.is_some()
    }

    /// Whether the session's thread waits, and nothing waits for it.
    pub(crate) fn is_idle(&self) -> bool {
        let waiting = self.lock();
        waiting.is_awaited && waiting.work.is_empty() && waiting.closing.is_none()
    }

    /// The next thing to do, if it comes before the deadline. Without a deadline it waits as long as it takes.
    pub(crate) fn next(&self, deadline: Option<Instant>) -> Option<Work> {
        let mut waiting = self.lock();
        loop {
            let work = waiting.take();
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let is_over = work.is_some() || left.is_some_and(|left| left.is_zero());
            waiting.is_awaited = !is_over;
            if is_over {
                return work;
            }
            waiting = match left {
                None => self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner),
                Some(left) => self.arrived.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    /// How many messages were dropped since this was last asked.
    pub(crate) fn take_dropped(&self) -> u64 {
        std::mem::take(&mut self.lock().dropped)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_dropped_and_counted() {
        let inbox = Inbox::default();
        for _ in 0..MAX_WAITING {
            inbox.message(1, "x").unwrap();
        }
        assert_eq!(inbox.message(1, "x"), Err(Dropped));
        assert_eq!(inbox.take_dropped(), 1);
        assert!(inbox.next(None).is_some());
        inbox.message(1, "x").unwrap();
    }

    #[test]
    fn a_message_that_is_too_long_is_dropped() {
        let inbox = Inbox::default();
        assert_eq!(inbox.message(1, &"x".repeat(MAX_MESSAGE_BYTES + 1)), Err(Dropped));
        inbox.message(1, &"x".repeat(MAX_MESSAGE_BYTES)).unwrap();
    }

    #[test]
    fn closing_goes_before_what_waits() {
        let inbox = Inbox::default();
        inbox.message(1, "x").unwrap();
        inbox.push(Work::Close(None));
        assert_eq!(inbox.next(None), Some(Work::Close(None)));
    }

    #[test]
    fn nothing_comes_after_the_deadline() {
        let inbox = Inbox::default();
        assert_eq!(inbox.next(Some(Instant::now())), None);
    }
}
