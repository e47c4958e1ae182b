//! The driver for card readers that PC/SC knows: `pcscd` on Linux.
//!
//! It is a driver and not a part of the host, so that the host links no library of the system for it, and so that a reader
//! that hangs keeps nobody else waiting. docs/reference/drivers.md tells how it is set up.

use std::{collections::BTreeMap, env, ffi::CString, process::ExitCode, time::Duration};

use guichet_contract::{
    Value,
    card::{MAX_ANSWER_BYTES, Reader, Slot},
};
use guichet_services::driver::{Performs, Refusal, serve};
use pcsc::{Card, Context, Disposition, Error, Protocols, ReaderState, Scope, ShareMode, State};

struct Readers {
    context: Option<Context>,
    last: i64,
    cards: BTreeMap<i64, Card>,
}

fn main() -> ExitCode {
    if env::args().len() > 1 {
        eprintln!("usage: guichet-driver-pcsc");
        return ExitCode::from(2);
    }
    let mut readers = Readers { context: None, last: 0, cards: BTreeMap::new() };
    match serve("pcsc", &["card"], &mut readers) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Readers {
    /// The way to the daemon.
    fn context(&mut self) -> Result<&Context, Error> {
        match &mut self.context {
            Some(context) => Ok(context),
            none => Ok(none.insert(Context::establish(Scope::System)?)),
        }
    }

    fn readers(&mut self) -> Result<Vec<Reader>, Error> {
        let context = self.context()?;
        let names = match context.list_readers_owned() {
            Ok(names) => names,
            Err(Error::NoReadersAvailable) => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut states: Vec<_> = names.into_iter().map(|name| ReaderState::new(name, State::UNAWARE)).collect();
        if states.is_empty() {
            return Ok(Vec::new());
        }
        match context.get_status_change(Duration::ZERO, &mut states) {
            Ok(()) | Err(Error::Timeout) => {}
            Err(error) => return Err(error),
        }
        let slot = |state: State| {
            if state.contains(State::MUTE) {
                Slot::Mute
            } else if state.contains(State::PRESENT) {
                Slot::Present
            } else {
                Slot::Empty
            }
        };
        let reader = |state: &ReaderState| Reader {
            name: state.name().to_string_lossy().into_owned(),
            slot: slot(state.event_state()),
        };
        Ok(states.iter().map(reader).collect())
    }

    fn connect(&mut self, reader: &str) -> Result<i64, Error> {
        let name = CString::new(reader).map_err(|_| Error::UnknownReader)?;
        let card = self.context()?.connect(&name, ShareMode::Exclusive, Protocols::ANY)?;
        self.last += 1;
        self.cards.insert(self.last, card);
        Ok(self.last)
    }

    fn transmit(&mut self, number: i64, command: &[u8]) -> Result<Vec<u8>, Error> {
        let card = self.cards.get(&number).ok_or(Error::RemovedCard)?;
        let mut buffer = vec![0; MAX_ANSWER_BYTES];
        let answer = card.transmit(command, &mut buffer).map(<[u8]>::to_vec);
        if answer.is_err() {
            self.disconnect(number);
        }
        answer
    }

    /// Whoever has the card next begins anew.
    fn disconnect(&mut self, number: i64) {
        if let Some(card) = self.cards.remove(&number)
            && let Err((_, error)) = card.disconnect(Disposition::ResetCard)
        {
            eprintln!("the card was not reset: {error}");
        }
    }
}

fn is_of_the_daemon(error: Error) -> bool {
    matches!(
        error,
        Error::NoService | Error::ServiceStopped | Error::CommError | Error::InternalError | Error::InvalidHandle
    )
}

impl Performs for Readers {
    fn perform(&mut self, call: &str, arguments: Vec<Value>) -> Result<Value, Refusal> {
        let done = match (call, arguments.as_slice()) {
            ("card.readers", []) => {
                self.readers().map(|readers| Value::List(readers.into_iter().map(Value::from).collect()))
            }
            ("card.connect", [Value::Text(reader)]) => self.connect(reader).map(Value::Integer),
            ("card.transmit", [Value::Integer(number), Value::Bytes(command)]) => {
                self.transmit(*number, command).map(Value::Bytes)
            }
            ("card.disconnect", [Value::Integer(number)]) => {
                self.disconnect(*number);
                Ok(Value::Null)
            }
            _ => return Err(Refusal::new("refused", "this driver reaches cards, and nothing else")),
        };
        done.map_err(|error| {
            if is_of_the_daemon(error) {
                // The library goes on believing in a daemon that has gone.
                (self.context, self.cards) = (None, BTreeMap::new());
            }
            let class = match error {
                Error::NoSmartcard | Error::UnknownReader => "no-card",
                Error::RemovedCard | Error::ResetCard => "removed",
                Error::UnresponsiveCard | Error::UnpoweredCard | Error::ProtoMismatch => "mute",
                Error::SharingViolation => "in-use",
                error if is_of_the_daemon(error) || error == Error::ReaderUnavailable => "unreachable",
                _ => "refused",
            };
            Refusal::new(class, &error.to_string())
        })
    }
}
