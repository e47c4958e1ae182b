//! Whose turn it is in a session: that of its own thread, or of whoever brings a page's question while that thread has nothing
//! to do.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    event::Ending,
    inbox::Inbox,
    worker::{First, Over, Step, Worker},
};

/// The session, while its thread waits.
#[derive(Default)]
pub(super) struct Turns(Mutex<Option<Box<Worker>>>);

impl Turns {
    /// Goes through a session to its end, on its own thread.
    pub(super) fn live(&self, mut worker: Box<Worker>, inbox: &Inbox, first: First) -> Over {
        let mut step = worker.launch(first).and_then(|()| worker.step(None));
        loop {
            let deadline = match step {
                Ok(Step::Wait(deadline)) => deadline,
                Ok(Step::Over(ending)) => return worker.end(Ok(ending)),
                Err(ended) => return worker.end(Err(ended)),
            };
            *self.lock() = Some(worker);
            let work = inbox.next(deadline);
            // Nobody else ever takes it.
            let Some(taken) = self.lock().take() else { return (Ending::host_fault(), None) };
            worker = taken;
            step = worker.step(work);
        }
    }

    /// Takes a question of a page, if it is the next thing to do; false if it has to wait for the session's thread.
    pub(super) fn ask_at_once(&self, inbox: &Inbox, page: u32, text: &str) -> bool {
        let Ok(mut turn) = self.0.try_lock() else { return false };
        // A thread that waits no more has something that comes first.
        turn.as_mut().filter(|_| inbox.is_idle()).is_some_and(|worker| worker.ask_at_once(page, text))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<Worker>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
