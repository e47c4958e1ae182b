//! One session's logic, seen from the host: a process that is asked, and believed in nothing.

use std::{
    collections::BTreeSet,
    fmt,
    fs::File,
    mem,
    os::fd::AsFd as _,
    time::{Duration, Instant},
};

use super::{
    channel::{Broken, Channel},
    keeper::{Fate, Process, described},
    parent::Loaded,
    pool::Unbound,
    wire::{FromLogic, ToLogic},
};
use crate::{Budget, Ended, Event, NoImage, Output};

/// The deadlines inside come first; who is this late has lost them.
const PATIENCE: u32 = 2;
/// How long an answer is looked for before the thread is put to sleep.
const SOON: Duration = Duration::from_micros(100);
/// How long a process whose socket is closed may take to end.
const END: Duration = Duration::from_secs(1);
/// Room in a message besides outputs, in bytes: numbers and one sentence.
pub(crate) const BESIDES_BYTES: usize = 16 << 10;

/// One session's logic in a process.
///
/// Invariant: after it has ended, its process is gone or about to be.
pub(crate) struct Logic {
    channel: Channel,
    process: Process,
    /// What it was started from; keeps the keeper, without which no process lives.
    loaded: Loaded,
    /// Whether an event was delivered.
    begun: bool,
    /// An event is being handled: until then, if it could be said.
    asked: Option<(Instant, Result<(), Broken>)>,
    budget: Budget,
    calls: Calls,
    memory_bytes: usize,
    last_words: Vec<Output>,
    ended: Option<Ended>,
}

/// What a process is given when it is bound.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Handed<'a> {
    /// A component's code, sealed.
    pub(crate) code: Option<&'a File>,
    /// An image to begin from.
    pub(crate) image: Option<&'a File>,
}

/// The numbers of calls, checked again: an honest process cannot get them wrong.
#[derive(Default)]
struct Calls {
    last: u32,
    pending: BTreeSet<u32>,
}

impl Logic {
    /// Binds a process: from now on it is this session's and nobody else's.
    pub(crate) fn start(unbound: Unbound, loaded: Loaded, handed: &Handed<'_>, budget: Budget) -> Result<Self, Ended> {
        let Unbound { channel, process } = unbound;
        let mut logic = Self {
            channel,
            process,
            loaded,
            begun: false,
            asked: None,
            budget,
            calls: Calls::default(),
            memory_bytes: 0,
            last_words: Vec::new(),
            ended: None,
        };
        let deadline = Instant::now() + PATIENCE * Duration::from_millis(budget.boot_ms);
        let late = || Ended::BootDeadline(budget.boot_ms);
        // Who has died already says more by its last message than by not reading these.
        if let Some(code) = handed.code {
            let _ = logic.give(&ToLogic::Load, code, deadline);
        }
        let _ = match handed.image {
            Some(image) => logic.give(&ToLogic::Start(budget), image, deadline),
            None => logic.channel.send(&[&ToLogic::Start(budget).encode()], Some(deadline)),
        };
        match logic.answer(deadline, late)? {
            FromLogic::Booted(memory_bytes) => {
                logic.process.fate().rest();
                logic.use_memory(memory_bytes);
                logic.channel.look(Some(SOON));
            }
            FromLogic::Ended(ended, _) => return Err(ended),
            FromLogic::Ready(_) | FromLogic::Done(..) | FromLogic::Wants(_) => return Err(out_of_turn()),
        }
        Ok(logic)
    }

    fn give(&mut self, message: &ToLogic, file: &File, deadline: Instant) -> Result<(), Broken> {
        self.channel.give(&message.encode(), file.as_fd(), Some(deadline))
    }

    /// As [`crate::Logic::begin`].
    pub(crate) fn begin(&mut self, at_ms: u64, event: Event) {
        if self.ended.is_some() {
            return;
        }
        self.begun = true;
        if let Event::Completed { call, .. } = &event
            && !self.calls.pending.remove(call)
        {
            return;
        }
        if !self.process.fate().wake() {
            return self.end(restless());
        }
        let deadline = Instant::now() + PATIENCE * Duration::from_millis(self.budget.event_ms);
        let said = self.channel.send(&[&ToLogic::Event(at_ms, event).encode()], Some(deadline));
        self.asked = Some((deadline, said));
    }

    /// As [`crate::Logic::takes_at_once`].
    pub(crate) fn takes_at_once(&self) -> bool {
        self.channel.has_room()
    }

    /// As [`crate::Logic::is_done`].
    pub(crate) fn is_done(&mut self, within: Duration) -> bool {
        match self.asked {
            None => true,
            // Why will be known when it has ended, and that is waited for.
            Some((_, Err(_))) => false,
            Some((_, Ok(()))) => self.channel.next_within(within).is_some_and(|said| !FromLogic::wants(said)),
        }
    }

    /// As [`crate::Logic::finish`].
    pub(crate) fn finish(&mut self) -> Result<Vec<Output>, Ended> {
        if let Some((deadline, said)) = self.asked.take() {
            let said = said.map_err(|broken| self.broken(&broken, self.late()));
            match said.and_then(|()| self.done(deadline)) {
                Ok(outputs) => {
                    self.process.fate().rest();
                    return Ok(outputs);
                }
                Err(ended) => self.end(ended),
            }
        }
        self.ended.clone().map_or(Ok(Vec::new()), Err)
    }

    fn end(&mut self, ended: Ended) {
        self.process.fate().rest();
        tracing::info!(class = ended.class(), "logic ended");
        self.ended = Some(ended);
        self.process.fate().kill();
    }

    fn late(&self) -> impl Fn() -> Ended + Copy + use<> {
        let event_ms = self.budget.event_ms;
        move || Ended::Deadline(event_ms)
    }

    fn done(&mut self, deadline: Instant) -> Result<Vec<Output>, Ended> {
        let late = self.late();
        match self.answer(deadline, late)? {
            FromLogic::Done(memory_bytes, outputs) => {
                self.use_memory(memory_bytes);
                self.calls.check(&outputs, self.budget.pending_calls)?;
                Ok(outputs)
            }
            FromLogic::Ended(ended, mut outputs) => {
                outputs.retain(|output| matches!(output, Output::Tell { interface, .. } if interface == "log"));
                self.last_words = outputs;
                Err(ended)
            }
            FromLogic::Ready(_) | FromLogic::Booted(_) | FromLogic::Wants(_) => Err(out_of_turn()),
        }
    }

    /// As [`crate::Logic::write_image`]: this process cannot write, so another one loads the code again.
    pub(crate) fn write_image(&self, file: &File) -> Result<(), NoImage> {
        if self.begun { Err(NoImage::Begun) } else { self.loaded.write_image(file, self.budget) }
    }

    /// As [`crate::Logic::last_words`].
    pub(crate) fn last_words(&mut self) -> Vec<Output> {
        mem::take(&mut self.last_words)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// As [`crate::Logic::at_end`].
    pub(crate) fn at_end(&self, run: Box<dyn FnOnce() + Send>) {
        self.process.fate().at_end(run);
    }

    /// As [`crate::Logic::check`].
    pub(crate) fn check(&mut self) -> Result<(), Ended> {
        if self.ended.is_none() && self.process.fate().wait(Instant::now()).is_some() {
            self.ended = Some(died(&self.process.fate()));
        }
        self.ended.clone().map_or(Ok(()), Err)
    }

    fn use_memory(&mut self, bytes: u64) {
        self.memory_bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    }

    /// What it says after it has been given every source it wanted.
    fn answer(&mut self, deadline: Instant, late: impl Fn() -> Ended + Copy) -> Result<FromLogic, Ended> {
        loop {
            match self.hear(deadline, late)? {
                FromLogic::Wants(path) => self.say(&ToLogic::Source(self.loaded.source(&path)), deadline, late)?,
                said => return Ok(said),
            }
        }
    }

    fn say(&mut self, message: &ToLogic, deadline: Instant, late: impl Fn() -> Ended) -> Result<(), Ended> {
        self.channel.send(&[&message.encode()], Some(deadline)).map_err(|broken| self.broken(&broken, late))
    }

    fn hear(&mut self, deadline: Instant, late: impl Fn() -> Ended) -> Result<FromLogic, Ended> {
        let most_bytes = self.budget.output_bytes.saturating_add(BESIDES_BYTES);
        let message = self.channel.receive(most_bytes, Some(deadline)).map_err(|broken| self.broken(&broken, late))?;
        FromLogic::decode(&message, most_bytes).map_err(|malformed| Ended::Contract(malformed.to_string()))
    }

    fn broken(&self, broken: &Broken, late: impl Fn() -> Ended) -> Ended {
        match broken {
            Broken::Late => late(),
            Broken::Gone => died(&self.process.fate()),
            Broken::TooMuch => Ended::Contract("its process sent more than an event may put out".to_owned()),
        }
    }
}

impl Calls {
    fn check(&mut self, outputs: &[Output], most_pending: usize) -> Result<(), Ended> {
        let wrong = || Ended::Contract("its process numbers its calls wrongly".to_owned());
        for output in outputs {
            match output {
                Output::Start { call, .. } => {
                    if Some(*call) != self.last.checked_add(1) || self.pending.len() >= most_pending {
                        return Err(wrong());
                    }
                    self.last = *call;
                    self.pending.insert(*call);
                }
                Output::Forget { call } => {
                    if !self.pending.remove(call) {
                        return Err(wrong());
                    }
                }
                Output::Tell { .. } => {}
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Logic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logic").field("process", &self.process).field("ended", &self.ended).finish_non_exhaustive()
    }
}

pub(crate) fn out_of_turn() -> Ended {
    Ended::Contract("its process spoke out of turn".to_owned())
}

fn restless() -> Ended {
    Ended::Trap("its process went on computing while it was asked nothing".to_owned())
}

pub(crate) fn died(fate: &Fate) -> Ended {
    if fate.is_restless() {
        return restless();
    }
    match fate.wait(Instant::now() + END) {
        Some(status) => Ended::Trap(described(status)),
        None => Ended::Trap("its process closed its door".to_owned()),
    }
}
