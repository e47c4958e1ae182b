//! The terminal: it knocks at the address, pairs if a person types the code, and takes drafts as long as the preview lasts.

use std::time::{Duration, Instant};

use guichet_package::shown::shown_name;

use super::{
    Ending, LONGEST_PREVIEW_S, Paired, Pairings, PreviewAddress, PreviewConsole, PreviewError, PreviewProblem,
    address::encode,
    channel::{PATIENCE, TerminalEnd, Until as _, connect},
    wire::{Heard, Hello, Said, Typed, read, read_package, write},
};
use crate::Clock;

/// How long a package may take to come.
const COMING: Duration = Duration::from_secs(120);

/// What came of knocking.
pub enum Knocked {
    /// They are paired.
    Begun(Preview),
    /// A person has to type the code that the other side shows.
    Asks(Pairing),
}

/// A code is asked for.
pub struct Pairing {
    end: TerminalEnd,
    address: PreviewAddress,
    pairings: Pairings,
    clock: Clock,
    /// How often it can still be typed.
    pub tries: u32,
}

/// What came of a code.
pub enum Tried {
    /// It was right.
    Begun(Preview),
    /// It was wrong, and can be typed again.
    Wrong(Pairing),
}

/// A preview that goes on.
pub struct Preview {
    end: TerminalEnd,
    address: PreviewAddress,
    pairings: Pairings,
    /// What the developer's computer calls itself.
    pub name: String,
    /// How long it goes on, in seconds, as it was told at the beginning.
    pub seconds: u64,
    by: Instant,
    console: PreviewConsole,
}

/// What a preview brings.
#[derive(Debug, PartialEq, Eq)]
pub enum PreviewTold {
    /// A package, as it came: nothing about it has been checked but that it is what the other side has sent.
    Draft(Vec<u8>),
    /// Problems of the folder; none: they are gone.
    Problems(Vec<PreviewProblem>),
    /// There is no more.
    Ended(Ending),
}

/// Connects with the computer at an address.
pub fn knock(address: &PreviewAddress, pairings: Pairings, name: &str, clock: Clock) -> Result<Knocked, PreviewError> {
    let is_paired = pairings.has(address.key)?;
    let mut end = connect(&pairings.identity()?, address)?;
    let hello = Hello { preview: encode(&address.id.0), name: name.to_owned(), paired: is_paired };
    say(&mut end, &hello)?;
    match heard(&mut end)? {
        Said::Code { tries, .. } => {
            Ok(Knocked::Asks(Pairing { end, address: address.clone(), pairings, clock, tries }))
        }
        // Only a terminal that knows the computer takes anything from it.
        Said::Begins { name, seconds } if is_paired => {
            Ok(Knocked::Begun(Preview::of(end, address.clone(), pairings, &name, seconds)))
        }
        other => Err(unexpected(&other)),
    }
}

impl Pairing {
    /// The key of the computer, as it shows it itself.
    pub fn key(&self) -> super::PeerKey {
        self.address.key
    }

    /// Says what was typed. Only when it was right, the computer is kept as paired.
    pub fn try_code(self, code: &str) -> Result<Tried, PreviewError> {
        let Self { mut end, address, pairings, clock, .. } = self;
        end.within(PATIENCE);
        say(&mut end, &Typed { code: code.to_owned() })?;
        match heard(&mut end)? {
            Said::Code { tries, .. } => Ok(Tried::Wrong(Self { end, address, pairings, clock, tries })),
            Said::Paired {} => match heard(&mut end)? {
                Said::Begins { name, seconds } => {
                    let name = shown_name(&name);
                    pairings.add(Paired { key: address.key, name: name.clone(), since_ms: clock.now_ms() })?;
                    Ok(Tried::Begun(Preview::of(end, address, pairings, &name, seconds)))
                }
                other => Err(unexpected(&other)),
            },
            other => Err(unexpected(&other)),
        }
    }
}

impl Preview {
    fn of(end: TerminalEnd, address: PreviewAddress, pairings: Pairings, name: &str, seconds: u64) -> Self {
        let seconds = seconds.min(LONGEST_PREVIEW_S);
        let by = Instant::now() + Duration::from_secs(seconds);
        Self { end, address, pairings, name: shown_name(name), seconds, by, console: PreviewConsole::default() }
    }

    /// Where what the app says goes to be told to the developer's computer.
    pub fn console(&self) -> PreviewConsole {
        self.console.clone()
    }

    /// Waits for what comes next. After an ending or an error nothing comes.
    pub fn wait(&mut self) -> Result<PreviewTold, PreviewError> {
        loop {
            self.end.within(PATIENCE);
            let said = heard(&mut self.end)?;
            if Instant::now() >= self.by {
                return Ok(PreviewTold::Ended(Ending::Time));
            }
            if !self.pairings.has(self.address.key)? {
                return Ok(PreviewTold::Ended(Ending::Unpaired));
            }
            match said {
                Said::Draft(length) => {
                    self.end.within(COMING);
                    return Ok(PreviewTold::Draft(read_package(&mut self.end, length)?));
                }
                Said::Problems(problems) => return Ok(PreviewTold::Problems(problems)),
                Said::Ended(ending) => return Ok(PreviewTold::Ended(ending)),
                Said::Still {} => say(&mut self.end, &Heard { console: self.console.take() })?,
                other => return Err(unexpected(&other)),
            }
        }
    }
}

fn say(end: &mut TerminalEnd, line: &impl serde::Serialize) -> Result<(), PreviewError> {
    write(end.get_mut(), line).map_err(|error| PreviewError::broken(&error))
}

fn heard(end: &mut TerminalEnd) -> Result<Said, PreviewError> {
    match read(end)? {
        Said::Refused(class) => Err(PreviewError::told(&class)),
        said => Ok(said),
    }
}

fn unexpected(said: &Said) -> PreviewError {
    PreviewError::Protocol { what: format!("{said:?}").chars().take(80).collect() }
}
