//! Apps that are not there, and answer at once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use guichet_contract::{AppId, Stop};

use super::{AppsPart, Opened, Trouble};

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Whatever is opened answers with what it was given.
    #[default]
    Answers,
    /// Whatever is opened is closed at once.
    Closes,
    /// Whatever is opened answers later.
    Waits,
    /// No app is here.
    Absent,
    /// Apps open no others.
    Missing,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 5] = [Self::Answers, Self::Closes, Self::Waits, Self::Absent, Self::Missing];

    /// Its word: `answers`, `closes`, `waits`, `absent` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Closes => "closes",
            Self::Waits => "waits",
            Self::Absent => "absent",
            Self::Missing => "none",
        }
    }
}

/// Apps in memory.
#[derive(Debug, Default)]
pub struct Simulated {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: State,
    opened: Vec<AppId>,
    left: Vec<AppId>,
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

    /// What was opened, and what was left after its answer.
    pub fn seen(&self) -> (Vec<AppId>, Vec<AppId>) {
        let inner = self.inner();
        (inner.opened.clone(), inner.left.clone())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AppsPart for Simulated {
    fn is_there(&self) -> bool {
        self.state() != State::Missing
    }

    fn open(&self, _caller: &AppId, app: &AppId, data: &str) -> Result<Opened, Trouble> {
        let mut inner = self.inner();
        let opened = match inner.state {
            State::Answers => Opened::Over(Some(data.to_owned())),
            State::Closes => Opened::Over(None),
            State::Waits => Opened::Waits(Stop::default()),
            State::Absent | State::Missing => return Err(Trouble::NotHere),
        };
        inner.opened.push(app.clone());
        Ok(opened)
    }

    fn back(&self, app: &AppId) {
        self.inner().left.push(app.clone());
    }
}
