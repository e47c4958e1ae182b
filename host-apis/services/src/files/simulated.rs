//! A person who chooses at once, what lies in memory only.

use std::{
    io::Cursor,
    sync::{Mutex, MutexGuard, PoisonError},
};

use guichet_contract::{AppId, Stop};

use super::{ChooserPart, Picked, Trouble};

/// How it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// The person chooses what lies there, or a file named `sample`.
    #[default]
    Ready,
    /// The person chooses nothing.
    Nothing,
    /// No dialog opens.
    Offline,
    /// Files cannot be chosen.
    Missing,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Ready, Self::Nothing, Self::Offline, Self::Missing];

    /// Its word: `ready`, `nothing`, `offline` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Nothing => "nothing",
            Self::Offline => "offline",
            Self::Missing => "none",
        }
    }
}

/// Files in memory.
#[derive(Debug, Default)]
pub struct Simulated {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: State,
    next: Option<(String, Vec<u8>)>,
    saved: Vec<(String, Vec<u8>)>,
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

    /// What is chosen next.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.inner().next = Some((name.to_owned(), bytes));
    }

    /// What was kept last.
    pub fn saved(&self) -> Option<(String, Vec<u8>)> {
        self.inner().saved.last().cloned()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ChooserPart for Simulated {
    fn is_there(&self) -> bool {
        self.state() != State::Missing
    }

    fn pick(&self, _app: &AppId, endings: &[String], _stop: &Stop) -> Result<Option<Picked>, Trouble> {
        let inner = self.inner();
        match inner.state {
            State::Ready => {}
            State::Nothing => return Ok(None),
            State::Offline | State::Missing => return Err(Trouble::Unreachable),
        }
        let sample = || (format!("sample.{}", endings.first().map_or("txt", String::as_str)), b"a sample\n".to_vec());
        let (name, bytes) = inner.next.clone().unwrap_or_else(sample);
        Ok(Some(Picked { name, size: bytes.len() as u64, content: Box::new(Cursor::new(bytes)) }))
    }

    fn save(&self, _app: &AppId, name: &str, bytes: &[u8], _stop: &Stop) -> Result<bool, Trouble> {
        let mut inner = self.inner();
        match inner.state {
            State::Ready => inner.saved = vec![(name.to_owned(), bytes.to_vec())],
            State::Nothing => return Ok(false),
            State::Offline | State::Missing => return Err(Trouble::Unreachable),
        }
        Ok(true)
    }
}
