//! The thread that makes deadlines pass. It rests while no guest runs.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// How often deadlines are looked at.
const TICK: Duration = Duration::from_millis(10);

/// Advances the epoch of one engine while guests run.
pub(crate) struct Clock {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<Ticking>,
    changed: Condvar,
}

#[derive(Default)]
struct Ticking {
    is_there: bool,
    /// Whether the thread waits for a guest, and not for the next tick.
    rests: bool,
    running: usize,
    closed: bool,
}

/// While it lives, the clock ticks.
pub(crate) struct Running<'a>(&'a Shared);

impl Clock {
    /// Starts the thread, and waits until it is there: what a thread needs at its beginning may be forbidden later.
    pub(crate) fn start(engine: wasmtime::Engine) -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
        let clock = shared.clone();
        thread::Builder::new().name("guichet-epoch".to_owned()).spawn(move || clock.tick(&engine))?;
        let begun = shared.changed.wait_while(shared.lock(), |state| !state.is_there);
        drop(begun);
        Ok(Self { shared })
    }

    pub(crate) fn run(&self) -> Running<'_> {
        let mut state = self.shared.lock();
        state.running += 1;
        // Guests that run one after the other wake nobody: the thread looks again at the end of its tick.
        if state.rests {
            self.shared.changed.notify_all();
        }
        drop(state);
        Running(&self.shared)
    }

    /// How many ticks a deadline is; one more, because the first may come at once.
    pub(crate) fn ticks(ms: u64) -> u64 {
        ms.div_ceil(TICK.as_millis() as u64) + 1
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Ticking> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self, engine: &wasmtime::Engine) {
        let mut state = self.lock();
        state.is_there = true;
        self.changed.notify_all();
        loop {
            state.rests = true;
            state = self
                .changed
                .wait_while(state, |state| state.running == 0 && !state.closed)
                .unwrap_or_else(PoisonError::into_inner);
            state.rests = false;
            state = self
                .changed
                .wait_timeout_while(state, TICK, |state| !state.closed)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            if state.closed {
                return;
            }
            engine.increment_epoch();
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}
