//! `telemetry`: how much an app may count in a session; who takes the counts is a part.

mod simulated;
mod waiting;

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use guichet_contract::{
    AppId, Failure, Permit,
    telemetry::{Count, Event, MAX_IN_ALL, Telemetry},
};

pub use simulated::{Simulated, State};
pub use waiting::Waiting;

/// Who takes counts on a terminal.
pub trait CounterPart: Send + Sync + fmt::Debug {
    /// Whether anybody does.
    fn is_there(&self) -> bool;

    /// An app has counted an event once.
    fn add(&self, app: &AppId, event: Event);

    /// What an app has counted and nobody has taken yet.
    fn take(&self, app: &AppId) -> BTreeMap<Event, u32>;
}

/// What a terminal's apps count.
#[derive(Debug, Default)]
pub struct Counting {
    part: Option<Arc<dyn CounterPart>>,
    /// How often each app has counted in this session.
    sessions: Mutex<HashMap<AppId, u32>>,
}

impl Counting {
    /// Taken by this part.
    pub fn new(part: Arc<dyn CounterPart>) -> Self {
        Self { part: Some(part), sessions: Mutex::default() }
    }

    /// Whether anybody takes them.
    pub fn has_any(&self) -> bool {
        self.part().is_some()
    }

    /// The session of an app is over; what it has counted stays.
    pub fn over(&self, app: &AppId) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(app);
    }

    fn part(&self) -> Option<&dyn CounterPart> {
        self.part.as_deref().filter(|part| part.is_there())
    }
}

impl Telemetry for Counting {
    fn count(&self, permit: Permit<Count>) -> Result<(), Failure> {
        let (app, Count { event, .. }) = permit.redeem();
        let part = self.part().ok_or_else(unsupported)?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let so_far = sessions.entry(app.clone()).or_default();
        if *so_far >= MAX_IN_ALL {
            let what = format!("the app has counted {MAX_IN_ALL} events since it was opened");
            return Err(failure(
                "telemetry/too-many",
                &what,
                "count what an app is judged by, and not every step of it",
            ));
        }
        *so_far += 1;
        part.add(&app, event);
        Ok(())
    }

    fn take(&self, app: &AppId) -> BTreeMap<Event, u32> {
        self.part().map(|part| part.take(app)).unwrap_or_default()
    }
}

fn unsupported() -> Failure {
    failure("telemetry/unsupported", "nothing is counted on this terminal", "go on without; nobody else misses it")
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}
