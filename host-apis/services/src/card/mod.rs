//! `card`: whose connection is whose, which applet it is with, and what becomes of a card that is taken; the readers
//! themselves are parts.
//!
//! Invariant: a connection exists only after the host has selected an applet that the permit allows, and a part never learns
//! which app it is.

mod doubt;
#[cfg(unix)]
mod driven;
mod program;
mod simulated;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use guichet_contract::{
    AppId, Failure, Part, Permit,
    card::{
        Answer, Card, Connect, Connection, Disconnect, Exchange, MAX_ANSWER_BYTES, MAX_CONNECTIONS, Reader, Readers,
        Slot, WaitFor,
    },
};

#[cfg(unix)]
pub use driven::Driven;
pub use program::Program;
pub use simulated::{Simulated, State};

use self::doubt::Doubt;
use crate::{
    health::{Fitness, Health},
    wait::wait,
};

/// How often it is looked whether somebody has put a card.
const LOOK: Duration = Duration::from_millis(200);
/// Status words (ISO 7816-4): done; so many bytes more; that many would be right.
const DONE: u16 = 0x9000;
const MORE: u8 = 0x61;
const WRONG_LENGTH: u8 = 0x6c;

/// The readers of a terminal that are reached in one way.
pub trait ReaderPart: Send + Sync + fmt::Debug {
    /// Whether this terminal has them at all.
    fn is_there(&self) -> bool {
        true
    }

    /// The readers, and what is in each.
    fn readers(&self) -> Result<Vec<Reader>, Trouble>;

    /// Takes the card in a reader for itself.
    fn connect(&self, reader: &str) -> Result<Box<dyn Link>, Trouble>;
}

/// A card that is taken; dropping it resets the card and gives it back.
pub trait Link: Send {
    /// Sends a command APDU; the response APDU.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Trouble>;
}

/// Why a reader or a card did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no card.
    NoCard,
    /// The card has been taken away.
    Removed,
    /// The card does not answer.
    Mute,
    /// Somebody else has it.
    InUse,
    /// The reader does not answer, or not as a reader does.
    Unreachable,
    /// It says no, and why.
    Refused(String),
}

/// A reader, and who answers for it.
type Found<'a> = (Reader, &'a Arc<dyn ReaderPart>);

/// All readers of a terminal, and the connections of its apps.
#[derive(Default)]
pub struct CardReaders {
    parts: Vec<Arc<dyn ReaderPart>>,
    connections: Mutex<HashMap<AppId, Connections>>,
    /// Whether an empty reader is believed when it is asked for [`Self::has_card`].
    doubt: Mutex<Doubt>,
}

#[derive(Default)]
struct Connections {
    last: u32,
    live: HashMap<u32, Live>,
}

struct Live {
    reader: String,
    link: Arc<Mutex<Box<dyn Link>>>,
}

impl fmt::Debug for CardReaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardReaders").field("parts", &self.parts).finish_non_exhaustive()
    }
}

impl CardReaders {
    /// These readers.
    pub fn new(parts: Vec<Arc<dyn ReaderPart>>) -> Self {
        Self { parts, ..Self::default() }
    }

    /// Whether there is a reader.
    pub fn has_any(&self) -> bool {
        self.parts.iter().any(|part| part.is_there())
    }

    /// Whether there is a card in a reader, readable or not; none if no reader answers, or if one does again and may not have
    /// found its card yet.
    pub fn has_card(&self) -> Option<bool> {
        let found = self.look().ok().filter(|found| !found.is_empty());
        let has_card = found.map(|found| found.iter().any(|(reader, _)| reader.slot != Slot::Empty));
        self.doubt().look(has_card, Instant::now())
    }

    /// How the readers are that are reached in each way.
    pub(crate) fn health(&self) -> Vec<Health> {
        let health = |name: &str, fitness, needs| Health { part: Part::Card, name: name.to_owned(), fitness, needs };
        let of = |part: &Arc<dyn ReaderPart>| match part.readers() {
            Ok(readers) if readers.is_empty() => vec![health("", Fitness::Down, "no-reader")],
            Ok(readers) => readers.iter().map(|reader| health(&reader.name, Fitness::Ready, "")).collect(),
            Err(_) => vec![health("", Fitness::Down, "unreachable")],
        };
        self.parts.iter().filter(|part| part.is_there()).flat_map(of).collect()
    }

    /// Gives back all cards that an app has taken.
    pub fn over(&self, app: &AppId) {
        let gone = self.connections().remove(app);
        drop(gone);
    }

    fn doubt(&self) -> MutexGuard<'_, Doubt> {
        self.doubt.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The words for a trouble. A daemon that is begun again tells the first who asks that it was gone, and nobody else.
    fn troubled(&self, trouble: &Trouble) -> Failure {
        if *trouble == Trouble::Unreachable {
            self.doubt().silent();
        }
        in_words(trouble)
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<AppId, Connections>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is in the readers that answer; with who answers for each.
    fn look(&self) -> Result<Vec<Found<'_>>, Failure> {
        if !self.has_any() {
            return Err(unsupported());
        }
        let mut found = Vec::new();
        let mut trouble = None;
        for part in self.parts.iter().filter(|part| part.is_there()) {
            match part.readers() {
                Ok(readers) => found.extend(readers.into_iter().map(|reader| (reader, part))),
                Err(error) => trouble = Some(error),
            }
        }
        match trouble {
            Some(trouble) if found.is_empty() => Err(self.troubled(&trouble)),
            _ => Ok(found),
        }
    }

    fn choose(&self, wanted: Option<&str>) -> Result<Found<'_>, Failure> {
        let mut readers = self.look()?;
        if let Some(name) = wanted {
            readers.retain(|(reader, _)| reader.name == name);
            if readers.is_empty() {
                return Err(failure("card/no-such-reader", "there is no reader of this name", "ask `readers`"));
            }
        }
        let at = readers.iter().position(|(reader, _)| reader.slot == Slot::Present);
        let is_mute = readers.iter().any(|(reader, _)| reader.slot == Slot::Mute);
        match at {
            Some(at) => Ok(readers.swap_remove(at)),
            None if is_mute => Err(in_words(&Trouble::Mute)),
            None => Err(in_words(&Trouble::NoCard)),
        }
    }

    /// Forgets a connection whose card is gone.
    fn forget(&self, app: &AppId, number: u32) {
        let gone = self.connections().get_mut(app).and_then(|all| all.live.remove(&number));
        drop(gone);
    }
}

impl Card for CardReaders {
    fn readers(&self, _: Permit<Readers>) -> Result<Vec<Reader>, Failure> {
        if !self.has_any() {
            return Ok(Vec::new());
        }
        Ok(self.look()?.into_iter().map(|(reader, _)| reader).collect())
    }

    fn wait_for(&self, permit: Permit<WaitFor>) -> Result<Reader, Failure> {
        let (_, WaitFor { slot, patience, stop }) = permit.redeem();
        let deadline = Instant::now() + patience;
        loop {
            let found = self.look()?.into_iter().find(|(reader, _)| reader.slot == slot);
            if let Some((reader, _)) = found {
                return Ok(reader);
            }
            if stop.is_stopped() || Instant::now() >= deadline {
                let what = format!("no reader was {slot} within {} seconds", patience.as_secs());
                return Err(failure("card/timeout", &what, "ask the person, and wait again"));
            }
            wait((Instant::now() + LOOK).min(deadline), &stop);
        }
    }

    fn connect(&self, permit: Permit<Connect>) -> Result<Connection, Failure> {
        let (app, Connect { applet, reader, .. }) = permit.redeem();
        let (reader, part) = self.choose(reader.as_deref())?;
        {
            let all = self.connections();
            if all.get(&app).is_some_and(|all| all.live.len() >= MAX_CONNECTIONS) {
                let what = format!("the app has {MAX_CONNECTIONS} connections already");
                return Err(failure("card/too-many", &what, "disconnect one that is not needed"));
            }
            if all.values().flat_map(|all| all.live.values()).any(|live| live.reader == reader.name) {
                return Err(in_words(&Trouble::InUse));
            }
        }
        let mut link = part.connect(&reader.name).map_err(|trouble| self.troubled(&trouble))?;
        let said = send(&mut *link, &applet.select()).map_err(|trouble| self.troubled(&trouble))?;
        if said.status != DONE {
            let what = format!("the card in \"{}\" has no applet {applet}", reader.name);
            return Err(failure("card/no-applet", &what, "ask for another card"));
        }
        let mut all = self.connections();
        let connections = all.entry(app).or_default();
        connections.last = connections.last.wrapping_add(1);
        let number = connections.last;
        let live = Live { reader: reader.name.clone(), link: Arc::new(Mutex::new(link)) };
        connections.live.insert(number, live);
        Ok(Connection { number, reader: reader.name, selected: said.data })
    }

    fn exchange(&self, permit: Permit<Exchange>) -> Result<Answer, Failure> {
        let (app, Exchange { connection, command, .. }) = permit.redeem();
        let link = self.connections().get(&app).and_then(|all| Some(Arc::clone(&all.live.get(&connection)?.link)));
        let link = link.ok_or_else(|| {
            failure("card/not-connected", "the app has no such connection", "connect, and keep the number it brings")
        })?;
        let sent = send(&mut **link.lock().unwrap_or_else(PoisonError::into_inner), command.as_bytes());
        sent.map_err(|trouble| {
            if trouble != Trouble::InUse {
                self.forget(&app, connection);
            }
            self.troubled(&trouble)
        })
    }

    fn disconnect(&self, permit: Permit<Disconnect>) -> Result<(), Failure> {
        let (app, Disconnect { connection, .. }) = permit.redeem();
        self.forget(&app, connection);
        Ok(())
    }
}

/// A command and its whole answer: what T=0 brings in pieces is put together (ISO 7816-4, 5.1).
fn send(link: &mut dyn Link, command: &[u8]) -> Result<Answer, Trouble> {
    let mut command = command.to_vec();
    let mut data = Vec::new();
    loop {
        let answer = Answer::of(link.transmit(&command)?).ok_or(Trouble::Mute)?;
        data.extend_from_slice(&answer.data);
        if data.len() > MAX_ANSWER_BYTES {
            return Err(Trouble::Refused("its answer has no end".to_owned()));
        }
        let [word, length] = answer.status.to_be_bytes();
        match word {
            MORE => command = vec![command.first().copied().unwrap_or_default() & 0x0c, 0xc0, 0, 0, length],
            // Asked once more with the right length; data beside it would be none.
            WRONG_LENGTH if command.len() == 5 && command.last() != Some(&length) => {
                command.pop();
                command.push(length);
            }
            _ => return Ok(Answer { data, status: answer.status }),
        }
    }
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}

fn unsupported() -> Failure {
    let hint = "offer another way; an app that is nothing without a card reader says \"requires\": [\"card\"]";
    failure("card/unsupported", "this terminal has no card reader", hint)
}

fn in_words(trouble: &Trouble) -> Failure {
    match trouble {
        Trouble::NoCard => failure("card/no-card", "there is no card", "ask for it, and use `waitFor`"),
        Trouble::Removed => failure(
            "card/removed",
            "the card has been taken away",
            "ask for it, and connect again; what it was told is forgotten",
        ),
        Trouble::Mute => failure("card/mute", "the card does not answer", "ask to turn it over, or for another one"),
        Trouble::InUse => {
            failure("card/in-use", "the card is in use", "disconnect first, or try again when it is free")
        }
        Trouble::Unreachable => {
            let hint = "keep what was entered; somebody has to look whether it is connected";
            failure("card/unreachable", "the card reader does not answer", hint)
        }
        Trouble::Refused(why) => {
            failure("card/refused", &format!("the card reader refuses: {why}"), "somebody has to look at it")
        }
    }
}
