//! How the host APIs are done: one module per interface, for this device and as a twin in memory.
//!
//! [`Device`] is what a shell wires into its host; [`Memory`] behaves the same and forgets everything, for tests and
//! for sessions that must leave nothing behind; [`Rehearsed`] is a developer's window. One set of tests holds all to the
//! same contract. Devices that not every terminal has are *parts*: simulated, real, or behind a vendor's [`driver`].

pub mod card;
pub mod clipboard;
mod code;
#[cfg(unix)]
pub mod driver;
pub mod files;
mod health;
pub mod network;
pub mod notify;
pub mod open_app;
mod parts;
pub mod print;
mod rehearsed;
pub mod scan;
mod simulation;
pub mod speech;
mod storage;
pub mod telemetry;
mod wait;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use guichet_contract::{
    AppId, Failure, Part, Services, card::Card, clipboard::Clipboard, code::Code, files::Files, network::Network,
    notify::Notify, open_app::OpenApp, print::Print, scan::Scan, speech::Speech, storage::Storage,
    telemetry::Telemetry,
};

pub use health::{Fitness, Health};
pub use parts::{InvalidParts, Parts};
pub use print::take_back_jobs;
pub use rehearsed::{Link, Rehearsed};
pub use simulation::{InvalidSimulation, Simulation};

/// What a simulated device is called.
const SIMULATED: &str = "Simulated";

/// The host APIs of this device.
#[derive(Debug)]
pub struct Device {
    storage: storage::Disk,
    network: network::Https,
    parts: Parts,
}

impl Device {
    /// Keeps each app's data below `<apps>/<app id>/data`; has no parts.
    pub fn new(apps: PathBuf) -> Self {
        Self { storage: storage::Disk::new(apps), network: network::Https::default(), parts: Parts::default() }
    }

    /// The same with these parts.
    pub fn with_parts(self, parts: Parts) -> Self {
        Self { parts, ..self }
    }

    /// Whether there is a card in a reader, readable or not; none if this terminal has no reader that answers.
    pub fn has_card(&self) -> Option<bool> {
        self.parts.card.has_card()
    }

    /// How its printers and readers are. Blocks until they have answered, or have not for long enough.
    pub fn health(&self) -> Vec<Health> {
        self.parts.print.health().into_iter().chain(self.parts.card.health()).collect()
    }
}

impl Services for Device {
    fn storage(&self) -> &dyn Storage {
        &self.storage
    }

    fn network(&self) -> &dyn Network {
        &self.network
    }

    fn print(&self) -> &dyn Print {
        &self.parts.print
    }

    fn card(&self) -> &dyn Card {
        &self.parts.card
    }

    fn code(&self) -> &dyn Code {
        &code::Codes
    }

    fn speech(&self) -> &dyn Speech {
        &self.parts.speech
    }

    fn clipboard(&self) -> &dyn Clipboard {
        &self.parts.clipboard
    }

    fn scan(&self) -> &dyn Scan {
        &self.parts.scan
    }

    fn notify(&self) -> &dyn Notify {
        &self.parts.notify
    }

    fn files(&self) -> &dyn Files {
        &self.parts.files
    }

    fn open_app(&self) -> &dyn OpenApp {
        &self.parts.apps
    }

    fn telemetry(&self) -> &dyn Telemetry {
        &self.parts.telemetry
    }

    fn over(&self, app: &AppId) {
        self.parts.over(app);
    }

    fn parts(&self) -> BTreeSet<Part> {
        self.parts.names()
    }

    fn changes(&self, app: &AppId) -> Result<u64, Failure> {
        self.storage.changes(app)
    }

    fn at_rest(&self, app: &AppId, work: &mut dyn FnMut()) {
        self.storage.at_rest(app, work);
    }
}

/// The same host APIs, kept in memory only; without parts, as long as it is given none.
#[derive(Debug, Default)]
pub struct Memory {
    storage: storage::InMemory,
    /// The hosts there are.
    pub network: network::InMemory,
    parts: Parts,
}

impl Memory {
    /// With all the parts that can be simulated, each as it is said, or with nothing wrong.
    pub fn simulated(simulations: &[Simulation]) -> Self {
        let (printer, reader) = (print::Simulated::new(SIMULATED), card::Simulated::new(SIMULATED));
        let (voice, board) = (speech::Simulated::default(), clipboard::Simulated::default());
        let (scanner, notices) = (scan::Simulated::new(SIMULATED), notify::Simulated::default());
        let (files, apps) = (files::Simulated::default(), open_app::Simulated::default());
        let counter = telemetry::Simulated::default();
        for simulation in simulations {
            match simulation {
                Simulation::Printer(fault) => printer.set(*fault),
                Simulation::Card(state) => reader.set(*state),
                Simulation::Speech(state) => voice.set(*state),
                Simulation::Clipboard(state) => board.set(*state),
                Simulation::Scan(state) => scanner.set(*state),
                Simulation::Notify(state) => notices.set(*state),
                Simulation::Files(state) => files.set(*state),
                Simulation::OpenApp(state) => apps.set(*state),
                Simulation::Telemetry(state) => counter.set(*state),
            }
        }
        let memory = Self::default().with_printer(Arc::new(printer)).with_reader(Arc::new(reader));
        memory.with_parts(|parts| {
            let parts = parts.with_voice(Arc::new(voice)).with_clipboard(Arc::new(board));
            parts
                .with_pages(Arc::new(print::SimulatedPages))
                .with_scanners(vec![Arc::new(scanner)])
                .with_notices(Arc::new(notices))
                .with_chooser(Arc::new(files))
                .with_apps(Arc::new(apps))
                .with_counter(Arc::new(counter))
        })
    }

    /// The same with a card reader.
    pub fn with_reader(self, reader: Arc<card::Simulated>) -> Self {
        self.with_parts(|parts| Parts { card: card::CardReaders::new(vec![reader]), ..parts })
    }

    /// The same with a printer.
    pub fn with_printer(self, printer: Arc<print::Simulated>) -> Self {
        self.with_parts(|parts| Parts { print: parts.print.with_printers(vec![printer]), ..parts })
    }

    /// The same with other parts.
    pub fn with_parts(self, change: impl FnOnce(Parts) -> Parts) -> Self {
        Self { parts: change(self.parts), ..self }
    }
}

impl Services for Memory {
    fn storage(&self) -> &dyn Storage {
        &self.storage
    }

    fn network(&self) -> &dyn Network {
        &self.network
    }

    fn print(&self) -> &dyn Print {
        &self.parts.print
    }

    fn card(&self) -> &dyn Card {
        &self.parts.card
    }

    fn code(&self) -> &dyn Code {
        &code::Codes
    }

    fn speech(&self) -> &dyn Speech {
        &self.parts.speech
    }

    fn clipboard(&self) -> &dyn Clipboard {
        &self.parts.clipboard
    }

    fn scan(&self) -> &dyn Scan {
        &self.parts.scan
    }

    fn notify(&self) -> &dyn Notify {
        &self.parts.notify
    }

    fn files(&self) -> &dyn Files {
        &self.parts.files
    }

    fn open_app(&self) -> &dyn OpenApp {
        &self.parts.apps
    }

    fn telemetry(&self) -> &dyn Telemetry {
        &self.parts.telemetry
    }

    fn over(&self, app: &AppId) {
        self.parts.over(app);
    }

    fn parts(&self) -> BTreeSet<Part> {
        self.parts.names()
    }

    fn changes(&self, app: &AppId) -> Result<u64, Failure> {
        Ok(self.storage.changes(app))
    }

    /// Nothing is on a disk, so nothing has to be closed.
    fn at_rest(&self, _app: &AppId, work: &mut dyn FnMut()) {
        work();
    }
}
