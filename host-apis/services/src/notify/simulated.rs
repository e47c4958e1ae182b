//! Notices that are shown nowhere, and kept to be looked at.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use guichet_contract::{AppId, notify::Notice};

use super::{NoticePart, Unreachable};

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Notices are shown.
    #[default]
    Ready,
    /// Whoever shows them does not answer.
    Offline,
    /// Nobody shows any.
    Missing,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Ready, Self::Offline, Self::Missing];

    /// Its word: `ready`, `offline` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Offline => "offline",
            Self::Missing => "none",
        }
    }
}

/// Notices in memory.
#[derive(Debug, Default)]
pub struct Simulated {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: State,
    last: u32,
    shown: BTreeMap<u32, (AppId, Notice)>,
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

    /// What can be seen, the oldest first.
    pub fn shown(&self) -> Vec<(AppId, Notice)> {
        self.inner().shown.values().cloned().collect()
    }

    /// A person has put all of them away.
    pub fn clear(&self) {
        self.inner().shown.clear();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NoticePart for Simulated {
    fn is_there(&self) -> bool {
        self.state() != State::Missing
    }

    fn show(&self, app: &AppId, notice: &Notice) -> Result<u32, Unreachable> {
        let mut inner = self.inner();
        if inner.state != State::Ready {
            return Err(Unreachable);
        }
        inner.last += 1;
        let number = inner.last;
        inner.shown.insert(number, (app.clone(), notice.clone()));
        Ok(number)
    }

    fn withdraw(&self, shown: u32) -> Result<(), Unreachable> {
        let mut inner = self.inner();
        if inner.state != State::Ready {
            return Err(Unreachable);
        }
        inner.shown.remove(&shown);
        Ok(())
    }
}
