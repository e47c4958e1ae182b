//! A clipboard that exists in memory only.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{ClipboardPart, Unreachable};

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It takes and gives what is copied.
    #[default]
    Ready,
    /// It does not answer.
    Offline,
    /// The terminal has none.
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

/// A clipboard in memory.
#[derive(Debug, Default)]
pub struct Simulated {
    inner: Mutex<(State, Option<String>)>,
}

impl Simulated {
    /// From now on it is like this.
    pub fn set(&self, state: State) {
        self.inner().0 = state;
    }

    /// How it is.
    pub fn state(&self) -> State {
        self.inner().0
    }

    /// What lies in it, as if somebody had copied it elsewhere.
    pub fn put(&self, text: Option<String>) {
        self.inner().1 = text;
    }

    fn inner(&self) -> MutexGuard<'_, (State, Option<String>)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reached(&self) -> Result<MutexGuard<'_, (State, Option<String>)>, Unreachable> {
        Some(self.inner()).filter(|inner| inner.0 == State::Ready).ok_or(Unreachable)
    }
}

impl ClipboardPart for Simulated {
    fn is_there(&self) -> bool {
        self.state() != State::Missing
    }

    fn write(&self, text: &str) -> Result<(), Unreachable> {
        self.reached()?.1 = Some(text.to_owned());
        Ok(())
    }

    fn read(&self) -> Result<Option<String>, Unreachable> {
        Ok(self.reached()?.1.clone().filter(|text| !text.is_empty()))
    }
}
