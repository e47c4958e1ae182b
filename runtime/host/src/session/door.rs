//! The one door: every call of logic and pages passes here and nowhere else.

use std::sync::{Arc, PoisonError, RwLock};

use guichet_contract::{Ask, Failure, Grants, Services, SessionCall, Value};

/// What one app holds, shared with whoever may withdraw it.
pub(crate) type SharedGrants = Arc<RwLock<Grants>>;

/// Decides about a call and hands it to who performs it.
pub(crate) struct Door {
    grants: SharedGrants,
    services: Arc<dyn Services>,
}

/// What became of a call at the door.
pub(crate) enum Passed {
    /// A service has performed it.
    Answered(Value),
    /// The session has to perform it.
    Session(SessionCall),
}

impl Door {
    pub(crate) fn new(grants: SharedGrants, services: Arc<dyn Services>) -> Self {
        Self { grants, services }
    }

    /// Decodes the call, asks the grants, and performs it if it is a service's.
    pub(crate) fn ask(&self, interface: &str, function: &str, arguments: Vec<Value>) -> Result<Passed, Failure> {
        match Ask::decode(interface, function, arguments)? {
            Ask::Session(call) => Ok(Passed::Session(call)),
            Ask::Service(call) => {
                let grants = self.grants.read().unwrap_or_else(PoisonError::into_inner).clone();
                call.perform(&grants, &*self.services).map(Passed::Answered)
            }
        }
    }
}
