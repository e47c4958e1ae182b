//! Counts that wait until the host takes them and keeps them for the store.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use guichet_contract::{AppId, telemetry::Event};

use super::CounterPart;

/// Counts that the host takes after each call.
#[derive(Debug, Default)]
pub struct Waiting {
    apps: Mutex<HashMap<AppId, BTreeMap<Event, u32>>>,
}

impl CounterPart for Waiting {
    fn is_there(&self) -> bool {
        true
    }

    fn add(&self, app: &AppId, event: Event) {
        let mut apps = self.apps.lock().unwrap_or_else(PoisonError::into_inner);
        *apps.entry(app.clone()).or_default().entry(event).or_default() += 1;
    }

    fn take(&self, app: &AppId) -> BTreeMap<Event, u32> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner).remove(app).unwrap_or_default()
    }
}
