//! Tasks and the completions they await: an executor that runs until nothing moves, once for each event.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
};

use crate::bindings::guichet::app::calls;

type Task = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static TASKS: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
    static DONE: RefCell<BTreeSet<u32>> = const { RefCell::new(BTreeSet::new()) };
}

/// Starts a task; it first runs when the present one waits.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    TASKS.with_borrow_mut(|tasks| tasks.push(Box::pin(task)));
}

/// Marks a call as completed, for the task that awaits it.
pub(crate) fn complete(call: u32) {
    DONE.with_borrow_mut(|done| done.insert(call));
}

/// Polls every task until none has anything left to do.
pub(crate) fn run() {
    let again = Arc::new(Again(AtomicBool::new(true)));
    let waker = Waker::from(again.clone());
    let mut waiting = Vec::new();
    while again.0.swap(false, Relaxed) {
        let mut tasks = std::mem::take(&mut waiting);
        tasks.append(&mut TASKS.take());
        tasks.retain_mut(|task| task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        waiting = tasks;
        if TASKS.with_borrow(|spawned| !spawned.is_empty()) {
            again.0.store(true, Relaxed);
        }
    }
    TASKS.set(waiting);
    // A completion that no task took belongs to a future that is gone.
    DONE.take();
}

struct Again(AtomicBool);

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// Awaits the completion of a call. Dropped before that, it forgets the call.
pub(crate) struct Completion {
    call: u32,
    done: bool,
}

impl Completion {
    pub(crate) fn of(call: u32) -> Self {
        Self { call, done: false }
    }
}

impl Future for Completion {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u32> {
        self.done = DONE.with_borrow_mut(|done| done.remove(&self.call));
        if self.done { Poll::Ready(self.call) } else { Poll::Pending }
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        if !self.done {
            calls::forget(self.call);
        }
    }
}
