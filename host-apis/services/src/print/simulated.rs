//! A printer that exists in memory only, with everything that can be wrong with one.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use guichet_contract::print::{Condition, Document, Form, Job, Printer, Progress};

use super::{PrinterPart, Trouble};

/// Most documents whose paper is kept.
const MOST_PRINTED: usize = 32;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    Ready,
    /// It takes no job.
    Busy,
    /// It has no paper.
    PaperOut,
    /// Paper is stuck.
    Jam,
    /// It is not connected.
    Offline,
    /// The terminal has no printer.
    Missing,
}

impl Fault {
    /// All there are.
    pub const ALL: [Self; 6] = [Self::Ready, Self::Busy, Self::PaperOut, Self::Jam, Self::Offline, Self::Missing];

    /// Its word: `ready`, `busy`, `paper-out`, `jam`, `offline` or `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Busy => "busy",
            Self::PaperOut => "paper-out",
            Self::Jam => "jam",
            Self::Offline => "offline",
            Self::Missing => "none",
        }
    }
}

/// What lies in its tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The document.
    pub document: Document,
    /// How often.
    pub copies: u32,
}

/// A printer in memory. A job is on its way when it is first asked about, and done when it is asked about again.
#[derive(Debug)]
pub struct Simulated {
    name: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    fault: Fault,
    last: u32,
    jobs: BTreeMap<u32, (Progress, Option<Printed>)>,
    printed: Vec<Printed>,
}

impl Simulated {
    /// A printer of this name, with nothing wrong.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), state: Mutex::default() }
    }

    /// From now on this is wrong with it.
    pub fn set(&self, fault: Fault) {
        self.state().fault = fault;
    }

    /// What is wrong with it.
    pub fn fault(&self) -> Fault {
        self.state().fault
    }

    /// What it has printed, the oldest first; the last 32.
    pub fn printed(&self) -> Vec<Printed> {
        self.state().printed.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn condition(&self) -> Condition {
        match self.fault {
            Fault::Ready => Condition::Ready,
            Fault::Busy => Condition::Busy,
            Fault::PaperOut => Condition::PaperOut,
            Fault::Jam => Condition::Jammed,
            Fault::Offline | Fault::Missing => Condition::Unreachable,
        }
    }

    fn is_reached(&self) -> Result<(), Trouble> {
        match self.condition() {
            Condition::Unreachable => Err(Trouble::Unreachable),
            _ => Ok(()),
        }
    }
}

impl PrinterPart for Simulated {
    fn is_there(&self) -> bool {
        self.state().fault != Fault::Missing
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn look(&self) -> Printer {
        Printer { name: self.name.clone(), condition: self.state().condition(), takes: Form::ALL.to_vec() }
    }

    fn submit(&self, document: &Document, copies: u32) -> Result<u32, Trouble> {
        let mut state = self.state();
        state.is_reached()?;
        if state.fault == Fault::Busy {
            return Err(Trouble::Busy);
        }
        state.last += 1;
        let (number, paper) = (state.last, Printed { document: document.clone(), copies });
        state.jobs.insert(number, (Progress::Waiting, Some(paper)));
        Ok(number)
    }

    fn status(&self, job: u32) -> Result<Job, Trouble> {
        let mut state = self.state();
        state.is_reached()?;
        let condition = state.condition();
        let (progress, paper) = state.jobs.get_mut(&job).ok_or(Trouble::UnknownJob)?;
        *progress = match *progress {
            over if over.is_over() => over,
            _ if condition.needs_a_person() => Progress::Stopped,
            Progress::Waiting | Progress::Stopped => Progress::Printing,
            _ => Progress::Done,
        };
        let progress = *progress;
        let paper = if progress == Progress::Done { paper.take() } else { None };
        if let Some(paper) = paper {
            if state.printed.len() == MOST_PRINTED {
                state.printed.remove(0);
            }
            state.printed.push(paper);
        }
        Ok(Job { progress, condition })
    }

    fn cancel(&self, job: u32) -> Result<(), Trouble> {
        let mut state = self.state();
        state.is_reached()?;
        let (progress, paper) = state.jobs.get_mut(&job).ok_or(Trouble::UnknownJob)?;
        if !progress.is_over() {
            (*progress, *paper) = (Progress::Cancelled, None);
        }
        Ok(())
    }
}
