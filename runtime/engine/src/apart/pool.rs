//! Logic processes, fresh or waiting: begun before there is an app for them, bound to one, and never used again.
//!
//! A process that waits knows of no app: it has a socket, and the script component's code, to run scripts or to have loaded
//! something before. What it is bound to comes by that socket, as to a fresh one, so both are bound in the same way and have
//! the same limits.

use std::{
    fs::File,
    io,
    os::unix::net::UnixStream,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    channel::{Broken, Channel},
    child::Role,
    code::Code,
    keeper::{Keeper, Process, Program},
    logic::{BESIDES_BYTES, died, out_of_turn},
    wire::FromLogic,
};
use crate::Ended;

/// How long a process may take to begin.
const BEGIN: Duration = Duration::from_secs(10);

/// What a process can be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Script,
    Component,
}

/// A process that nothing has been bound to. Invariant: it is used up by binding it.
pub(crate) struct Unbound {
    pub(crate) channel: Channel,
    pub(crate) process: Process,
}

/// Starts processes, and keeps at most one of each kind waiting.
pub(crate) struct Pool {
    waiting: Mutex<[Option<Unbound>; 2]>,
    /// One fills it at a time.
    filling: Mutex<()>,
    program: PathBuf,
    keeper: Keeper,
}

impl Pool {
    pub(crate) fn new(program: PathBuf, keeper: Keeper) -> Self {
        Self { waiting: Mutex::default(), filling: Mutex::default(), program, keeper }
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// A process to be bound: one that waits, or a fresh one. Scripts need the script component's code.
    pub(crate) fn take(&self, kind: Kind, code: Option<&Code>) -> Result<Unbound, Ended> {
        let waiting = lock(&self.waiting)[kind as usize].take();
        match waiting.filter(Unbound::lives) {
            Some(waiting) => Ok(waiting),
            None => self.fresh(kind.at_once(), code, None),
        }
    }

    /// A process that loads a script and writes to a file.
    pub(crate) fn to_image(&self, code: &Code, file: &File) -> Result<Unbound, Ended> {
        self.fresh(Role::ToImage, Some(code), Some(file))
    }

    /// Sees to it that a process of a kind waits; the code is the script component's.
    pub(crate) fn fill(&self, kind: Kind, code: &Code) -> Result<(), Ended> {
        let _one = lock(&self.filling);
        let waits =
            lock(&self.waiting)[kind as usize].as_ref().is_some_and(|waiting| !waiting.process.fate().has_ended());
        if !waits {
            let fresh = self.fresh(kind.later(), Some(code), None)?;
            // It has nothing to compute until it is bound.
            fresh.process.fate().rest();
            lock(&self.waiting)[kind as usize] = Some(fresh);
        }
        Ok(())
    }

    pub(crate) fn waiting(&self) -> Vec<u32> {
        lock(&self.waiting).iter().flatten().map(|waiting| waiting.process.id()).collect()
    }

    fn fresh(&self, role: Role, code: Option<&Code>, image: Option<&File>) -> Result<Unbound, Ended> {
        let start = || {
            let code = code.map(Code::descriptor).transpose()?;
            let image = image.map(|image| image.try_clone().map(Into::into)).transpose()?;
            let process =
                self.keeper.run(Program { path: self.program.clone(), argument: role.word(), code, image })?;
            io::Result::Ok((process.socket.try_clone()?, process))
        };
        let started: io::Result<(UnixStream, Process)> = start();
        let (socket, process) =
            started.map_err(|error| Ended::NoProcess(format!("{}: {error}", self.program.display())))?;
        let mut channel = Channel::new(socket);
        let heard = channel.receive(BESIDES_BYTES, Some(Instant::now() + BEGIN)).map_err(|broken| match broken {
            Broken::Late => Ended::NoProcess(format!("it did not begin within {} s", BEGIN.as_secs())),
            Broken::Gone => died(&process.fate()),
            Broken::TooMuch => out_of_turn(),
        })?;
        match FromLogic::decode(&heard, BESIDES_BYTES).map_err(|malformed| Ended::Contract(malformed.to_string()))? {
            FromLogic::Ready(landlock) => note(landlock),
            FromLogic::Ended(ended, _) => return Err(ended),
            FromLogic::Booted(_) | FromLogic::Done(..) | FromLogic::Wants(_) => return Err(out_of_turn()),
        }
        Ok(Unbound { channel, process })
    }
}

impl Kind {
    fn at_once(self) -> Role {
        match self {
            Self::Script => Role::Script,
            Self::Component => Role::App,
        }
    }

    fn later(self) -> Role {
        match self {
            Self::Script => Role::Script,
            Self::Component => Role::Waiting,
        }
    }
}

impl Unbound {
    /// Whether it can still be bound: it has not ended, and has not computed while it waited.
    fn lives(&self) -> bool {
        let fate = self.process.fate();
        let lives = fate.wake() && !fate.has_ended();
        if !lives {
            tracing::info!("a logic process that waited is gone, and a fresh one is taken");
        }
        lives
    }
}

/// Says once which wall is lower than it could be.
fn note(landlock: u8) {
    static SAID: std::sync::Once = std::sync::Once::new();
    /// From this version on Landlock holds files, TCP, abstract sockets and signals.
    const WHOLE: u8 = 6;
    if landlock < WHOLE {
        SAID.call_once(|| {
            tracing::warn!(
                landlock,
                "this kernel knows less of Landlock than {WHOLE}; the filter of system calls holds alone what it does not"
            );
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
