//! How the host APIs are done: one module per interface, for this device and as a twin in memory.
//!
//! [`Device`] is what a shell wires into its host; [`Memory`] behaves the same and forgets everything, for tests and
//! for sessions that must leave nothing behind. One set of tests holds both to the same contract.

mod storage;

use std::path::PathBuf;

use guichet_contract::{Services, storage::Storage};

/// The host APIs of this device.
#[derive(Debug)]
pub struct Device {
    storage: storage::Disk,
}

impl Device {
    /// Keeps each app's data below `<apps>/<app id>/data`.
    pub fn new(apps: PathBuf) -> Self {
        Self { storage: storage::Disk::new(apps) }
    }
}

impl Services for Device {
    fn storage(&self) -> &dyn Storage {
        &self.storage
    }
}

/// The same host APIs, kept in memory only.
#[derive(Debug, Default)]
pub struct Memory {
    storage: storage::InMemory,
}

impl Services for Memory {
    fn storage(&self) -> &dyn Storage {
        &self.storage
    }
}
