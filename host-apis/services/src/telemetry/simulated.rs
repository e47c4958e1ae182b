//! Counts that go nowhere, and are kept to be looked at.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use guichet_contract::{AppId, telemetry::Event};

use super::CounterPart;

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Events are counted.
    #[default]
    Ready,
    /// Nobody counts.
    Missing,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Ready, Self::Missing];

    /// Its word: `ready` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Missing => "none",
        }
    }
}

/// Counts in memory.
#[derive(Debug, Default)]
pub struct Simulated {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: State,
    counts: BTreeMap<(AppId, Event), u32>,
}

impl Simulated {
    /// From now on it is like this.
    pub fn set(&self, state: State) {
        self.inner().state = state;
    }

    /// How it is.
    pub fn state(&self) -> State {
        self.inner().state
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CounterPart for Simulated {
    fn is_there(&self) -> bool {
        self.state() != State::Missing
    }

    fn add(&self, app: &AppId, event: Event) {
        *self.inner().counts.entry((app.clone(), event)).or_default() += 1;
    }

    fn take(&self, app: &AppId) -> BTreeMap<Event, u32> {
        let mut inner = self.inner();
        let (taken, kept) = std::mem::take(&mut inner.counts).into_iter().partition(|((whose, _), _)| whose == app);
        inner.counts = kept;
        let taken: BTreeMap<(AppId, Event), u32> = taken;
        taken.into_iter().map(|((_, event), count)| (event, count)).collect()
    }
}
