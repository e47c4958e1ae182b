//! `open-app`: who has opened whom, and whose answer is whose; the apps are opened and left by a part.
//!
//! Invariant: an app is told of its own visit only, and its answer reaches whoever has opened it and nobody else.

mod simulated;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use guichet_contract::{
    AppId, Failure, Permit, Stop,
    open_app::{Open, OpenApp, Visit},
};

pub use simulated::{Simulated, State};

use crate::wait::STEP;

/// Who opens apps on a terminal, and leads back.
pub trait AppsPart: Send + Sync + fmt::Debug {
    /// Whether apps open others here.
    fn is_there(&self) -> bool {
        true
    }

    /// Opens an app above the one that asks.
    fn open(&self, caller: &AppId, app: &AppId, data: &str) -> Result<Opened, Trouble>;

    /// The app has answered: leads back to whoever has opened it.
    fn back(&self, app: &AppId);
}

/// What became of an app that is opened.
#[derive(Clone, Debug)]
pub enum Opened {
    /// It answers later, or the person is back without an answer: then this is raised.
    Waits(Stop),
    /// It is over already, with this answer.
    Over(Option<String>),
}

/// Why an app is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is not on this terminal.
    NotHere,
    /// The app that asks is not the one that is seen.
    NotSeen,
}

/// The apps that others have opened.
#[derive(Debug, Default)]
pub struct Visits {
    part: Option<Arc<dyn AppsPart>>,
    /// By the app that was opened.
    under_way: Mutex<HashMap<AppId, UnderWay>>,
    /// One of them is over.
    changed: Condvar,
}

#[derive(Debug)]
struct UnderWay {
    visit: Visit,
    /// What came of it; none: nothing yet.
    over: Option<Option<String>>,
}

impl Visits {
    /// Opened by this part.
    pub fn new(part: Arc<dyn AppsPart>) -> Self {
        Self { part: Some(part), ..Self::default() }
    }

    /// Whether apps open others.
    pub fn has_any(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.is_there())
    }

    /// The session of an app is over: whoever has opened it gets no answer, and whom it has opened need give none.
    pub fn over(&self, app: &AppId) {
        let mut under_way = self.under_way();
        under_way.retain(|_, one| one.visit.app != *app);
        if let Some(one) = under_way.get_mut(app) {
            one.over.get_or_insert(None);
        }
        self.changed.notify_all();
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<AppId, UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn part(&self) -> Result<&dyn AppsPart, Failure> {
        self.part.as_deref().filter(|part| part.is_there()).ok_or_else(|| {
            let hint =
                "say where the other service is; an app that is nothing without it says \"requires\": [\"open-app\"]";
            failure("open-app/unsupported", "apps open no others here", hint)
        })
    }
}

impl OpenApp for Visits {
    fn open(&self, permit: Permit<Open>) -> Result<Option<String>, Failure> {
        let (caller, Open { app, data, stop }) = permit.redeem();
        let part = self.part()?;
        {
            let mut under_way = self.under_way();
            if caller == app || under_way.get(&app).is_some_and(|one| one.over.is_none()) {
                let hint = "ask the person to finish there first";
                return Err(failure("open-app/busy", "that app is doing something for an app already", hint));
            }
            let visit = Visit { app: caller.clone(), data: data.clone() };
            under_way.insert(app.clone(), UnderWay { visit, over: None });
        }
        let left = match part.open(&caller, &app, &data) {
            Ok(Opened::Waits(left)) => left,
            done => {
                self.under_way().remove(&app);
                return match done {
                    Ok(Opened::Over(answer)) => Ok(answer),
                    Err(Trouble::NotSeen) => {
                        let hint = "call it when a button of the app is pressed";
                        Err(failure("open-app/not-seen", "another app is seen", hint))
                    }
                    _ => {
                        let hint = "say where the other service is; the person can add it on the home page";
                        Err(failure("open-app/not-here", "that app is not on this terminal", hint))
                    }
                };
            }
        };
        let mut under_way = self.under_way();
        loop {
            match under_way.get(&app).map(|one| (one.visit.app == caller, one.over.is_some())) {
                Some((true, true)) => return Ok(under_way.remove(&app).and_then(|one| one.over.flatten())),
                Some((true, false)) if stop.is_stopped() || left.is_stopped() => {
                    under_way.remove(&app);
                    return Ok(None);
                }
                Some((true, false)) => {
                    under_way = self.changed.wait_timeout(under_way, STEP).unwrap_or_else(PoisonError::into_inner).0;
                }
                _ => return Ok(None),
            }
        }
    }

    fn given(&self, app: &AppId) -> Result<Option<Visit>, Failure> {
        self.part()?;
        Ok(self.under_way().get(app).filter(|one| one.over.is_none()).map(|one| one.visit.clone()))
    }

    fn answer(&self, app: &AppId, data: String) -> Result<(), Failure> {
        let part = self.part()?;
        match self.under_way().get_mut(app) {
            Some(one) if one.over.is_none() => one.over = Some(Some(data)),
            _ => {
                let hint = "ask `given` first; a person can open the app without any other";
                return Err(failure("open-app/not-asked", "nobody waits for an answer of the app", hint));
            }
        }
        self.changed.notify_all();
        part.back(app);
        Ok(())
    }
}

fn failure(class: &str, what: &str, hint: &str) -> Failure {
    Failure::Unavailable(format!("{class}: {what}; hint: {hint}"))
}
