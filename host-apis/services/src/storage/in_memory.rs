//! The twin of `storage` that forgets everything.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use guichet_contract::{
    AppId, Failure, Permit,
    storage::{Get, Keys, Remove, Set, Storage, Stored},
};

#[derive(Debug, Default)]
struct Entries {
    by_key: BTreeMap<String, Stored>,
    /// What all entries together weigh.
    weight: u64,
    changes: u64,
}

/// Each app's entries, in memory.
#[derive(Debug, Default)]
pub(crate) struct InMemory {
    apps: Mutex<HashMap<AppId, Entries>>,
}

impl InMemory {
    fn apps(&self) -> MutexGuard<'_, HashMap<AppId, Entries>> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An app's entries, by key.
    pub(crate) fn kept(&self, app: &AppId) -> Vec<(String, Stored)> {
        let apps = self.apps();
        let entries = apps.get(app).into_iter().flat_map(|entries| &entries.by_key);
        entries.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Forgets an app's entries.
    pub(crate) fn erase(&self, app: &AppId) {
        if let Some(entries) = self.apps().get_mut(app) {
            *entries = Entries { changes: entries.changes + 1, ..Entries::default() };
        }
    }

    /// How often an app's entries were changed.
    pub(crate) fn changes(&self, app: &AppId) -> u64 {
        self.apps().get(app).map_or(0, |entries| entries.changes)
    }
}

impl Storage for InMemory {
    fn get(&self, permit: Permit<Get>) -> Result<Option<Stored>, Failure> {
        let (app, Get { key }) = permit.redeem();
        Ok(self.apps().get(&app).and_then(|entries| entries.by_key.get(&key)).cloned())
    }

    fn set(&self, permit: Permit<Set>) -> Result<(), Failure> {
        let (app, Set { key, value }) = permit.redeem();
        let mut apps = self.apps();
        let entries = apps.entry(app).or_default();
        let freed = entries.by_key.get(&key).map_or(0, |old| super::weight(&key, old));
        let weight = entries.weight.saturating_sub(freed) + super::weight(&key, &value);
        let is_new = !entries.by_key.contains_key(&key);
        super::within_quota(weight, entries.by_key.len() as u64 + u64::from(is_new))?;
        entries.by_key.insert(key, value);
        entries.weight = weight;
        entries.changes += 1;
        Ok(())
    }

    fn remove(&self, permit: Permit<Remove>) -> Result<(), Failure> {
        let (app, Remove { key }) = permit.redeem();
        if let Some(entries) = self.apps().get_mut(&app)
            && let Some(old) = entries.by_key.remove(&key)
        {
            entries.weight = entries.weight.saturating_sub(super::weight(&key, &old));
            entries.changes += 1;
        }
        Ok(())
    }

    fn keys(&self, permit: Permit<Keys>) -> Result<Vec<String>, Failure> {
        let (app, Keys { prefix }) = permit.redeem();
        let apps = self.apps();
        let Some(entries) = apps.get(&app) else { return Ok(Vec::new()) };
        Ok(entries
            .by_key
            .range(prefix.clone()..)
            .map(|(key, _)| key)
            .take_while(|key| key.starts_with(&prefix))
            .cloned()
            .collect())
    }
}
