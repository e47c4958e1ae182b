//! A session in a developer's window: its package may be replaced while it runs, and what passes its door is told.
//!
//! Invariant: only a look that was opened to rehearse makes one. A session of what a store has released has none, so there
//! is nothing in it that another package could get into.

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use guichet_engine::{Event, Output, Program, Sources};
use guichet_package::{Manifest, Statement};

use super::program;
use crate::{HostError, Look, Problem, files::Files};

/// Most events that are kept to be given to new logic.
const MOST_EVENTS: usize = 20_000;
/// Most bytes of them.
const MOST_BYTES: usize = 64 << 20;

/// What became of a session whose package was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewal {
    /// Files of the package that are others now, or gone, or new.
    pub changed: Vec<String>,
    /// Those of them that pages have asked for.
    pub seen: Vec<String>,
    /// What became of its logic.
    pub logic: Renewed,
}

/// What became of the logic of a session whose package was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewed {
    /// It is made of the same files, and goes on.
    Same,
    /// New logic was given every event so far, asked the same of the host, and goes on in its place.
    Replayed {
        /// How many events.
        events: usize,
    },
    /// New logic does not even load; the session goes on with the package before.
    Refused(Problem),
    /// The session cannot go on with the new package, and goes on with the one before until it is begun anew.
    Anew(Anew),
}

/// Why a session cannot go on with a new package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anew {
    /// The manifest is another: what the app is and may do was decided when it was launched.
    Manifest,
    /// It has had more events than are kept.
    TooLong,
    /// New logic asks something else of the host than what the journal has answers to.
    Differs {
        /// The event, 1, 2, 3… in the session.
        event: usize,
        /// What the event was, as in a journal.
        input: String,
        /// What logic had asked; none if nothing more.
        expected: Option<String>,
        /// What new logic asks; none if nothing more.
        got: Option<String>,
    },
    /// New logic ends in an event that the one before has come through.
    Ended {
        /// The event, 1, 2, 3… in the session.
        event: usize,
        /// What the event was, as in a journal.
        input: String,
        /// How it ended.
        problem: Problem,
    },
}

/// One call of a host API, as a developer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostCall {
    /// 1, 2, 3… per session. A call that waits for others is told twice.
    pub number: u64,
    /// The page that asks; none for the logic.
    pub page: Option<u32>,
    /// Such as `storage.get`.
    pub function: String,
    /// JSON, shortened.
    pub arguments: String,
    /// What was decided.
    pub decision: Decision,
    /// The permission in question; none if the call needs none.
    pub permission: Option<String>,
    /// The reason that the manifest gives for it.
    pub reason: Option<String>,
    /// What came of it; none while it waits.
    pub outcome: Option<Outcome>,
}

/// What was decided about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It needs no permission.
    Free,
    /// The app holds what it needs.
    Granted,
    /// It does not; the outcome says what is missing.
    Denied,
    /// There is no such function, or its arguments are wrong: nothing was decided.
    Invalid,
    /// It waits for others, and the grants are asked when its turn comes.
    Waits,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// JSON, shortened, or the failure.
    pub result: Result<String, String>,
    /// From the call to that.
    pub took: Duration,
}

/// What a developer's window may change in a session.
pub(crate) struct Rehearsal {
    files: RwLock<Files>,
    next: Mutex<Option<Box<Look>>>,
    modules: Mutex<Modules>,
    /// Files that pages have asked for, whether they were there or not.
    seen: Mutex<BTreeSet<String>>,
}

impl Rehearsal {
    pub(crate) fn new(files: Files) -> Self {
        Self { files: RwLock::new(files), next: Mutex::default(), modules: Mutex::default(), seen: Mutex::default() }
    }

    /// The files that views get now.
    pub(crate) fn files(&self) -> Files {
        self.files.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A page has asked for this file.
    pub(super) fn saw(&self, path: String) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(path);
    }

    /// Those of these files that pages have asked for.
    pub(super) fn seen(&self, paths: &[String]) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        paths.iter().filter(|path| seen.contains(*path)).cloned().collect()
    }

    /// Keeps a package until the session's thread takes it; only the newest counts.
    pub(crate) fn give(&self, look: Look) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(look));
    }

    pub(super) fn take(&self) -> Option<Box<Look>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// From now on these are the files, and the logic is made of these modules; none: it is what it was.
    pub(super) fn put(&self, files: Files, modules: Option<Modules>) {
        *self.files.write().unwrap_or_else(PoisonError::into_inner) = files;
        if let Some(modules) = modules {
            *self.lock() = modules;
        }
    }

    /// The program of a package, which remembers what it is made of.
    pub(super) fn program(&self, files: Files, manifest: &Manifest) -> Result<Program, HostError> {
        let (program, modules) = Modules::of(files, manifest)?;
        *self.lock() = modules;
        Ok(program)
    }

    /// Whether the logic is made of files that are others in `after`.
    pub(super) fn concerns_logic(&self, before: &Statement, after: &Statement) -> bool {
        self.lock().differ(before, after)
    }

    fn lock(&self) -> MutexGuard<'_, Modules> {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The files that logic is made of: those it was asked for when it was loaded, whether they are there or not.
#[derive(Clone, Default)]
pub(super) struct Modules(Arc<Mutex<BTreeSet<String>>>);

impl Modules {
    pub(super) fn of(files: Files, manifest: &Manifest) -> Result<(Program, Self), HostError> {
        let modules = Self::default();
        if let Some(logic) = &manifest.guichet.logic {
            modules.add(logic.as_str());
            return Ok((program(&files, manifest)?, modules));
        }
        let (read, known) = (super::sources(files), modules.clone());
        let sources: Sources = Arc::new(move |path| {
            known.add(path);
            read(path)
        });
        Ok((Program::ScriptIn(sources), modules))
    }

    fn add(&self, path: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
    }

    fn differ(&self, before: &Statement, after: &Statement) -> bool {
        let digest = |statement: &Statement, path: &str| statement.file(path).map(|entry| entry.sha256);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().any(|path| digest(before, path) != digest(after, path))
    }
}

/// Files that are others in `after`, or gone, or new.
pub(super) fn changed(before: &Statement, after: &Statement) -> Vec<String> {
    let of = |statement: &Statement| -> BTreeSet<_> {
        statement.files.iter().map(|entry| (entry.path.as_str().to_owned(), entry.sha256)).collect()
    };
    let paths: BTreeSet<String> = of(before).symmetric_difference(&of(after)).map(|(path, _)| path.clone()).collect();
    paths.into_iter().collect()
}

/// One event of the past, and what the logic asked of the host in it.
pub(super) struct Past {
    pub(super) at_ms: u64,
    pub(super) event: Event,
    pub(super) asked: Vec<Output>,
}

/// All events of a session so far.
#[derive(Default)]
pub(super) struct History {
    events: Vec<Past>,
    bytes: usize,
    is_too_long: bool,
}

impl History {
    /// An event was delivered, and this is what came of it.
    pub(super) fn add(&mut self, at_ms: u64, event: Event, outputs: &[Output]) {
        if self.is_too_long {
            return;
        }
        let past = Past { at_ms, event, asked: asked(outputs) };
        self.bytes += crate::journal::weight(&past.event);
        if self.events.len() >= MOST_EVENTS || self.bytes > MOST_BYTES {
            self.is_too_long = true;
            drop(mem::take(&mut self.events));
            return;
        }
        self.events.push(past);
    }

    /// The events; none if there were too many to be kept.
    pub(super) fn events(&self) -> Option<&[Past]> {
        (!self.is_too_long).then_some(&self.events)
    }
}

/// What was asked of the host: its answers are in the journal, so this has to come again. What logic only tells may be
/// another thing now, and is what an edit is for.
pub(super) fn asked(outputs: &[Output]) -> Vec<Output> {
    outputs.iter().filter(|output| !matches!(output, Output::Tell { .. })).cloned().collect()
}
