//! A scanner that exists in memory only: a page always lies on it, unless it is said that none does.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use guichet_contract::{Stop, scan::Order};

use super::{ScannerPart, Trouble};
use crate::wait::{STEP, wait};

/// A page as a scanner brings it: a form with a line of writing, in grey, 150 dots per inch.
const PAGE: &[u8] = include_bytes!("page.jpg");

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// A page lies on it.
    #[default]
    Ready,
    /// It scans and comes to no end.
    Slow,
    /// Somebody else scans.
    Busy,
    /// No paper lies in it.
    Empty,
    /// Paper is stuck.
    Jam,
    /// Its cover is open.
    Open,
    /// It is not connected.
    Offline,
    /// The terminal has no scanner.
    Missing,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 8] =
        [Self::Ready, Self::Slow, Self::Busy, Self::Empty, Self::Jam, Self::Open, Self::Offline, Self::Missing];

    /// Its word: `ready`, `slow`, `busy`, `empty`, `jam`, `open`, `offline` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Slow => "slow",
            Self::Busy => "busy",
            Self::Empty => "empty",
            Self::Jam => "jam",
            Self::Open => "open",
            Self::Offline => "offline",
            Self::Missing => "none",
        }
    }
}

/// A scanner in memory.
#[derive(Debug)]
pub struct Simulated {
    name: String,
    state: Mutex<State>,
}

impl Simulated {
    /// A scanner of this name, with a page on it.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), state: Mutex::default() }
    }

    /// From now on it is like this.
    pub fn set(&self, state: State) {
        *self.inner() = state;
    }

    /// How it is.
    pub fn state(&self) -> State {
        *self.inner()
    }

    fn inner(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScannerPart for Simulated {
    fn is_there(&self) -> bool {
        self.state() != State::Missing
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn page(&self, _order: &Order, stop: &Stop) -> Result<Vec<u8>, Trouble> {
        while self.state() == State::Slow && !stop.is_stopped() {
            wait(Instant::now() + STEP, stop);
        }
        match self.state() {
            _ if stop.is_stopped() => Err(Trouble::GivenUp),
            State::Ready | State::Slow => Ok(PAGE.to_vec()),
            State::Busy => Err(Trouble::Busy),
            State::Empty => Err(Trouble::NoPaper),
            State::Jam => Err(Trouble::Jammed),
            State::Open => Err(Trouble::CoverOpen),
            State::Offline | State::Missing => Err(Trouble::Unreachable),
        }
    }
}
