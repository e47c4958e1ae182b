//! How the host APIs are done: one module per interface, for this device and as a twin in memory.
//!
//! [`Device`] is what a shell wires into its host; [`Memory`] behaves the same and forgets everything, for tests and
//! for sessions that must leave nothing behind; [`Rehearsed`] is a developer's window. One set of tests holds both to the same contract.

pub mod network;
mod rehearsed;
mod storage;

use std::path::PathBuf;

use guichet_contract::{AppId, Failure, Services, network::Network, storage::Storage};

pub use rehearsed::{Link, Rehearsed};

/// The host APIs of this device.
#[derive(Debug)]
pub struct Device {
    storage: storage::Disk,
    network: network::Https,
}

impl Device {
    /// Keeps each app's data below `<apps>/<app id>/data`.
    pub fn new(apps: PathBuf) -> Self {
        Self { storage: storage::Disk::new(apps), network: network::Https::default() }
    }
}

impl Services for Device {
    fn storage(&self) -> &dyn Storage {
        &self.storage
    }

    fn network(&self) -> &dyn Network {
        &self.network
    }

    fn changes(&self, app: &AppId) -> Result<u64, Failure> {
        self.storage.changes(app)
    }

    fn at_rest(&self, app: &AppId, work: &mut dyn FnMut()) {
        self.storage.at_rest(app, work);
    }
}

/// The same host APIs, kept in memory only.
#[derive(Debug, Default)]
pub struct Memory {
    storage: storage::InMemory,
    /// The hosts there are.
    pub network: network::InMemory,
}

impl Services for Memory {
    fn storage(&self) -> &dyn Storage {
        &self.storage
    }

    fn network(&self) -> &dyn Network {
        &self.network
    }

    fn changes(&self, app: &AppId) -> Result<u64, Failure> {
        Ok(self.storage.changes(app))
    }

    /// Nothing is on a disk, so nothing has to be closed.
    fn at_rest(&self, _app: &AppId, work: &mut dyn FnMut()) {
        work();
    }
}
