//! Questions of pages that are answered on the thread they come on.
//!
//! To wake a thread takes longer than most logic takes to answer. So whoever brings a question passes it on to the process of
//! the logic and looks for the answer, for a moment that nobody sees; what takes longer, or is more than an answer, is left to
//! the session's own thread.

use std::time::{Duration, Instant};

use guichet_contract::{Tell, Value};
use guichet_engine::{Ended, Event, Output};

use super::{Work, Worker};
use crate::bridge::FromPage;

/// How long an answer is looked for.
const LOOK: Duration = Duration::from_micros(150);
/// Most time in one second that is spent with looking: whoever brings questions draws as well.
const MOST_LOOKING: Duration = Duration::from_millis(120);
/// Longest question, in bytes.
const MOST_QUESTION: usize = 4 << 10;
/// Most text of an answer, in bytes. With the state it makes messages which no sink waits with.
const MOST_ANSWER: usize = 512;
/// Most of the state that pages see, in bytes.
const MOST_STATE: usize = 2 << 10;
/// The member that makes a message a question.
const ASK: &str = "\"ask\":";

/// What is left to the session's thread, and how much was looked.
#[derive(Debug, Default)]
pub(super) struct AtOnce {
    /// What came of a question that was begun; a logic that ended says so once more.
    owed: Option<Owed>,
    second: Option<Instant>,
    looked: Duration,
}

#[derive(Debug)]
enum Owed {
    /// All of it.
    Event,
    /// What is to be done for it.
    Outputs(Vec<Output>),
}

impl AtOnce {
    fn may_look(&mut self, now: Instant) -> bool {
        if self.second.is_none_or(|second| now.saturating_duration_since(second) >= Duration::from_secs(1)) {
            (self.second, self.looked) = (Some(now), Duration::ZERO);
        }
        self.looked < MOST_LOOKING
    }
}

impl Worker {
    /// Takes a question of a page while nobody else has a turn; false if it has to wait for the session's thread.
    pub(in super::super) fn ask_at_once(&mut self, page: u32, text: &str) -> bool {
        let is_plain = self.history.is_none() && self.running.recorder.is_none();
        let begun = Instant::now();
        if !is_plain || text.len() > MOST_QUESTION || !text.contains(ASK) || !self.at_once.may_look(begun) {
            return false;
        }
        // A process that does not read must keep nobody waiting but its own session.
        if !self.logic.takes_at_once() {
            return false;
        }
        let Ok(FromPage::Ask { id, name, input }) = FromPage::parse(text) else { return false };
        if self.lifecycle.page(page).is_none() {
            return false;
        }
        let Ok(question) = self.pages.ask(page, id) else { return false };
        let event = Event::Asked { id: question, page, name, input: input.to_string() };
        self.logic.begin(self.running.clock.now_ms(), event);
        let is_done = self.logic.is_done(LOOK);
        self.at_once.looked += begun.elapsed();
        self.at_once.owed = match is_done.then(|| self.logic.finish()) {
            Some(Ok(outputs)) if self.are_short(&outputs) => {
                outputs.into_iter().for_each(|output| self.output(output));
                None
            }
            Some(Ok(outputs)) => Some(Owed::Outputs(outputs)),
            Some(Err(_)) | None => Some(Owed::Event),
        };
        if self.at_once.owed.is_some() {
            self.inbox.push(Work::Begun);
        }
        true
    }

    /// Ends what was begun, before anything else is.
    pub(super) fn settle(&mut self) -> Result<(), Ended> {
        let outputs = match self.at_once.owed.take() {
            None => return Ok(()),
            Some(Owed::Event) => self.logic.finish()?,
            Some(Owed::Outputs(outputs)) => outputs,
        };
        outputs.into_iter().for_each(|output| self.output(output));
        Ok(())
    }

    /// Whether all of it is for pages, and little.
    fn are_short(&self, outputs: &[Output]) -> bool {
        let bytes = outputs.iter().map(told_bytes).try_fold(0, |all, bytes| Some(bytes? + all));
        bytes.is_some_and(|bytes: usize| bytes <= MOST_ANSWER) && self.pages.state_bytes() <= MOST_STATE
    }
}

/// How much text pages are told by this, in bytes; none if it is something else.
fn told_bytes(output: &Output) -> Option<usize> {
    let Output::Tell { interface, function, arguments } = output else { return None };
    let text = |value: &Value| if let Value::Text(text) = value { text.len() } else { 0 };
    let bytes: usize = arguments
        .iter()
        .map(|argument| match argument {
            Value::Record(members) => members.values().map(text).sum(),
            argument => text(argument),
        })
        .sum();
    let is_for_pages = bytes <= MOST_ANSWER
        && matches!(Tell::decode(interface, function, arguments.clone()), Ok(Tell::Update(_) | Tell::Answer { .. }));
    is_for_pages.then_some(bytes)
}
