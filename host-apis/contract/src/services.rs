//! Everything a device provides, wired once by the shell.

use std::collections::BTreeSet;

use crate::{
    AppId, Failure, Part, card::Card, clipboard::Clipboard, code::Code, files::Files, network::Network, notify::Notify,
    open_app::OpenApp, print::Print, scan::Scan, speech::Speech, storage::Storage, telemetry::Telemetry,
};

/// The host APIs of one device. Each method but the last four is one WIT interface that needs a permission.
pub trait Services: Send + Sync {
    /// The `storage` interface.
    fn storage(&self) -> &dyn Storage;

    /// The `network` interface.
    fn network(&self) -> &dyn Network;

    /// The `print` interface.
    fn print(&self) -> &dyn Print;

    /// The `card` interface.
    fn card(&self) -> &dyn Card;

    /// The `code` interface, which needs no permission.
    fn code(&self) -> &dyn Code;

    /// The `speech` interface.
    fn speech(&self) -> &dyn Speech;

    /// The `clipboard` interface.
    fn clipboard(&self) -> &dyn Clipboard;

    /// The `scan` interface.
    fn scan(&self) -> &dyn Scan;

    /// The `notify` interface.
    fn notify(&self) -> &dyn Notify;

    /// The `files` interface.
    fn files(&self) -> &dyn Files;

    /// The `open-app` interface.
    fn open_app(&self) -> &dyn OpenApp;

    /// The `telemetry` interface.
    fn telemetry(&self) -> &dyn Telemetry;

    /// A session of an app is over: what it has taken for itself is free again.
    fn over(&self, app: &AppId);

    /// The parts this terminal has: an app that requires another is not offered here.
    fn parts(&self) -> BTreeSet<Part>;

    /// How often what an app keeps has been changed: grows with every change, 0 where nothing was ever kept.
    ///
    /// The number is kept with the data, so that a copy of the data has the number of its moment.
    fn changes(&self, app: &AppId) -> Result<u64, Failure>;

    /// Runs `work` once, while no file in which this app keeps something is open; calls of the app wait meanwhile.
    fn at_rest(&self, app: &AppId, work: &mut dyn FnMut());
}
