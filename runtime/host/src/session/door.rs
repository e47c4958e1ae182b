//! The one door: every call of logic and pages passes here and nowhere else.

use std::sync::{Arc, PoisonError, RwLock};

use guichet_contract::{AppId, Ask, Failure, Grants, Services, SessionCall, Value};

use super::waiting::Slow;
use crate::beacons::Beacons;

/// What one app holds, shared with whoever may withdraw it.
pub(crate) type SharedGrants = Arc<RwLock<Grants>>;

/// Where what an app counts is kept for the store.
#[derive(Clone)]
pub(crate) struct Counts {
    /// The queue.
    pub(crate) beacons: Beacons,
    /// The app.
    pub(crate) app: AppId,
    /// Its release.
    pub(crate) sequence: u64,
}

/// Decides about a call and hands it to who performs it.
pub(crate) struct Door {
    grants: SharedGrants,
    services: Arc<dyn Services>,
    counts: Option<Counts>,
}

/// What became of a call at the door.
pub(crate) enum Passed {
    /// A service has performed it.
    Answered(Value),
    /// A service performs it, on a thread of its own: it waits for others.
    Waits(Slow),
    /// The session has to perform it.
    Session(SessionCall),
}

impl Door {
    /// Without `counts`, what is counted stays with the services.
    pub(crate) fn new(grants: SharedGrants, services: Arc<dyn Services>, counts: Option<Counts>) -> Self {
        Self { grants, services, counts }
    }

    /// Decodes the call, asks the grants, and performs it if it is a service's.
    ///
    /// `page`: the page that asks; none: the logic. `is_touched`: a person has touched the app just now, which some calls need.
    pub(crate) fn ask(
        &self,
        interface: &str,
        function: &str,
        arguments: Vec<Value>,
        page: Option<u32>,
        is_touched: bool,
    ) -> Result<Passed, Failure> {
        match Ask::decode(interface, function, arguments)? {
            Ask::Session(call) => Ok(Passed::Session(call)),
            Ask::Service(mut call) => {
                if let Some(page) = page {
                    call.asked_by(page);
                }
                if let Some(untouched) = call.untouched().filter(|_| !is_touched) {
                    return Err(untouched);
                }
                let Some(stop) = call.stop() else {
                    return call.perform(&held(&self.grants), &*self.services).map(Passed::Answered);
                };
                let (grants, services) = (Arc::clone(&self.grants), Arc::clone(&self.services));
                let counts = self.counts.clone().filter(|_| interface == "telemetry");
                let perform = Box::new(move || {
                    let result = call.perform(&held(&grants), &*services);
                    if let Some(Counts { beacons, app, sequence }) = counts {
                        beacons.count(&app, sequence, services.telemetry().take(&app));
                    }
                    result
                });
                Ok(Passed::Waits(Slow { interface: interface.to_owned(), stop, perform }))
            }
        }
    }
}

/// What is held now.
fn held(grants: &SharedGrants) -> Grants {
    grants.read().unwrap_or_else(PoisonError::into_inner).clone()
}
