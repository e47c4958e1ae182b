//! A voice that exists in memory only: it keeps what it would have said.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use guichet_contract::{Stop, speech::Utterance};

use super::{Mute, VoicePart};
use crate::wait::{STEP, wait};

/// Most texts that are kept.
const MOST_SAID: usize = 32;

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It speaks, and takes no time for it.
    #[default]
    Ready,
    /// It speaks and comes to no end.
    Slow,
    /// It does not speak.
    Mute,
    /// The terminal has none.
    Missing,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Slow, Self::Mute, Self::Missing];

    /// Its word: `ready`, `slow`, `mute` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Slow => "slow",
            Self::Mute => "mute",
            Self::Missing => "none",
        }
    }
}

/// A voice in memory.
#[derive(Debug, Default)]
pub struct Simulated {
    inner: Mutex<(State, Vec<Utterance>)>,
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

    /// What it has said, the oldest first; the last 32.
    pub fn said(&self) -> Vec<Utterance> {
        self.inner().1.clone()
    }

    fn inner(&self) -> MutexGuard<'_, (State, Vec<Utterance>)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VoicePart for Simulated {
    fn is_there(&self) -> bool {
        self.state() != State::Missing
    }

    fn languages(&self) -> Result<Vec<String>, Mute> {
        match self.state() {
            State::Ready | State::Slow => Ok(vec!["en".to_owned(), "zh".to_owned()]),
            State::Mute | State::Missing => Err(Mute),
        }
    }

    fn speak(&self, utterance: &Utterance, stop: &Stop) -> Result<(), Mute> {
        while self.state() == State::Slow && !stop.is_stopped() {
            wait(Instant::now() + STEP, stop);
        }
        let mut inner = self.inner();
        if !matches!(inner.0, State::Ready | State::Slow) {
            return Err(Mute);
        }
        if !stop.is_stopped() {
            if inner.1.len() == MOST_SAID {
                inner.1.remove(0);
            }
            inner.1.push(utterance.clone());
        }
        Ok(())
    }
}
