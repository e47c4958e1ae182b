//! A reader that exists in memory only, with everything that can be wrong with a card.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use guichet_contract::card::{Reader, Slot};

use super::{Link, Program, ReaderPart, Trouble};

/// Whose card it is.
const HOLDER: &str = "王小明";
/// The example of GB 11643.
const NUMBER: &str = "11010519491231002X";
const VALID: &str = "2099-12-31";
const PAST: &str = "2020-01-31";

/// What is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// A card.
    #[default]
    Present,
    /// No card.
    Empty,
    /// A card that was good until 2020.
    Expired,
    /// A card that does not answer.
    Mute,
    /// The reader is not connected.
    Offline,
    /// The terminal has no reader.
    Missing,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 6] = [Self::Present, Self::Empty, Self::Expired, Self::Mute, Self::Offline, Self::Missing];

    /// Its word: `present`, `empty`, `expired`, `mute`, `offline` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Empty => "empty",
            Self::Expired => "expired",
            Self::Mute => "mute",
            Self::Offline => "offline",
            Self::Missing => "none",
        }
    }

    fn has_card(self) -> bool {
        matches!(self, Self::Present | Self::Expired)
    }
}

/// A reader in memory, with the card of our [`Program`].
#[derive(Debug)]
pub struct Simulated {
    name: String,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Debug, Default)]
struct Inside {
    state: State,
    /// Counts the cards: one that was taken and put back is another.
    card: u64,
    is_taken: bool,
}

impl Simulated {
    /// A reader of this name with a card in it.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), inside: Arc::default() }
    }

    /// From now on this is in it.
    pub fn set(&self, state: State) {
        let mut inside = lock(&self.inside);
        if inside.state != state {
            inside.state = state;
            inside.card += 1;
        }
    }

    /// What is in it.
    pub fn state(&self) -> State {
        lock(&self.inside).state
    }
}

fn lock(inside: &Mutex<Inside>) -> MutexGuard<'_, Inside> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ReaderPart for Simulated {
    fn is_there(&self) -> bool {
        self.state() != State::Missing
    }

    fn readers(&self) -> Result<Vec<Reader>, Trouble> {
        let slot = match self.state() {
            State::Present | State::Expired => Slot::Present,
            State::Empty => Slot::Empty,
            State::Mute => Slot::Mute,
            State::Offline | State::Missing => return Err(Trouble::Unreachable),
        };
        Ok(vec![Reader { name: self.name.clone(), slot }])
    }

    fn connect(&self, _: &str) -> Result<Box<dyn Link>, Trouble> {
        let mut inside = lock(&self.inside);
        match inside.state {
            State::Present | State::Expired if inside.is_taken => Err(Trouble::InUse),
            state @ (State::Present | State::Expired) => {
                inside.is_taken = true;
                let expiry = if state == State::Expired { PAST } else { VALID };
                let program = Program::new(HOLDER, NUMBER, expiry);
                Ok(Box::new(Taken { inside: Arc::clone(&self.inside), card: inside.card, program }))
            }
            State::Empty => Err(Trouble::NoCard),
            State::Mute => Err(Trouble::Mute),
            State::Offline | State::Missing => Err(Trouble::Unreachable),
        }
    }
}

struct Taken {
    inside: Arc<Mutex<Inside>>,
    card: u64,
    program: Program,
}

impl Link for Taken {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Trouble> {
        let inside = lock(&self.inside);
        match inside.state {
            State::Offline | State::Missing => Err(Trouble::Unreachable),
            state if inside.card == self.card && state.has_card() => Ok(self.program.perform(command)),
            _ => Err(Trouble::Removed),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        lock(&self.inside).is_taken = false;
    }
}
