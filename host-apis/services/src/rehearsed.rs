//! The host APIs of a developer's window: storage in memory, whose entries can be seen; the device's network, as slow or
//! as absent as the developer wants it; and parts that are simulated, with whatever is wrong with them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use guichet_contract::{
    AppId, Failure, Part, Permit, Services,
    card::Card,
    clipboard::Clipboard,
    code::Code,
    files::Files,
    network::{Answer, Exchange, Network},
    notify::Notify,
    open_app::OpenApp,
    print::Print,
    scan::Scan,
    speech::Speech,
    storage::{Storage, Stored},
    telemetry::Telemetry,
};

use crate::{
    Parts, SIMULATED, Simulation, card, clipboard,
    code::Codes,
    files,
    network::{self, Https},
    notify, open_app,
    print::{Simulated, SimulatedPages},
    scan, speech,
    storage::InMemory,
    telemetry,
    wait::wait,
};

/// How long a slow network takes before the first byte.
const LATENCY: Duration = Duration::from_millis(400);
/// What a slow network carries, in bytes a second.
const SLOW_BYTES: u64 = 50_000;

/// How an app reaches the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// As this device does.
    #[default]
    Full,
    /// 400 ms before anything comes, then 50 kB a second.
    Slow,
    /// Not at all.
    Offline,
}

impl Link {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Full, Self::Slow, Self::Offline];

    /// Its name: `online`, `slow` or `offline`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "online",
            Self::Slow => "slow",
            Self::Offline => "offline",
        }
    }
}

/// The host APIs of a developer's window.
#[derive(Debug)]
pub struct Rehearsed {
    storage: InMemory,
    network: Wire,
    /// The printer there, and what is wrong with it.
    pub printer: Arc<Simulated>,
    /// The card reader there, and what is in it.
    pub reader: Arc<card::Simulated>,
    /// The voice there, and what it has said.
    pub voice: Arc<speech::Simulated>,
    /// The clipboard there, apart from the developer's own.
    pub board: Arc<clipboard::Simulated>,
    /// The scanner there, and what lies on it.
    pub scanner: Arc<scan::Simulated>,
    /// The notices that would be shown there.
    pub notices: Arc<notify::Simulated>,
    /// The files that are chosen and kept there.
    pub files: Arc<files::Simulated>,
    /// The apps that are opened there.
    pub apps: Arc<open_app::Simulated>,
    /// What is counted there.
    pub counter: Arc<telemetry::Simulated>,
    parts: Parts,
}

impl Default for Rehearsed {
    fn default() -> Self {
        let (printer, reader) = (Arc::new(Simulated::new(SIMULATED)), Arc::new(card::Simulated::new(SIMULATED)));
        let (voice, board) = (Arc::<speech::Simulated>::default(), Arc::<clipboard::Simulated>::default());
        let parts = Parts::of_printers(vec![Arc::clone(&printer) as _]).with_pages(Arc::new(SimulatedPages));
        let parts = parts.with_readers(vec![Arc::clone(&reader) as _]);
        let parts = parts.with_voice(Arc::clone(&voice) as _).with_clipboard(Arc::clone(&board) as _);
        let (scanner, notices) = (Arc::new(scan::Simulated::new(SIMULATED)), Arc::<notify::Simulated>::default());
        let parts = parts.with_scanners(vec![Arc::clone(&scanner) as _]).with_notices(Arc::clone(&notices) as _);
        let files = Arc::<files::Simulated>::default();
        let apps = Arc::<open_app::Simulated>::default();
        let parts = parts.with_chooser(Arc::clone(&files) as _).with_apps(Arc::clone(&apps) as _);
        let counter = Arc::<telemetry::Simulated>::default();
        let parts = parts.with_counter(Arc::clone(&counter) as _);
        let (storage, network) = (InMemory::default(), Wire::default());
        Self { storage, network, printer, reader, voice, board, scanner, notices, files, apps, counter, parts }
    }
}

#[derive(Debug, Default)]
struct Wire {
    https: Https,
    link: AtomicU8,
    /// One answer at a time takes the whole of a slow network.
    busy_until: Mutex<Option<Instant>>,
}

impl Rehearsed {
    /// From the next request on the network is like this.
    pub fn set_link(&self, link: Link) {
        let number = Link::ALL.iter().position(|known| *known == link).unwrap_or_default();
        self.network.link.store(u8::try_from(number).unwrap_or_default(), Ordering::SeqCst);
    }

    /// From now on a simulated part is like this.
    pub fn simulate(&self, simulation: Simulation) {
        match simulation {
            Simulation::Printer(fault) => self.printer.set(fault),
            Simulation::Card(state) => self.reader.set(state),
            Simulation::Speech(state) => self.voice.set(state),
            Simulation::Clipboard(state) => self.board.set(state),
            Simulation::Scan(state) => self.scanner.set(state),
            Simulation::Notify(state) => self.notices.set(state),
            Simulation::Files(state) => self.files.set(state),
            Simulation::OpenApp(state) => self.apps.set(state),
            Simulation::Telemetry(state) => self.counter.set(state),
        }
    }

    /// How the simulated parts are.
    pub fn simulations(&self) -> Vec<Simulation> {
        vec![
            Simulation::Printer(self.printer.fault()),
            Simulation::Card(self.reader.state()),
            Simulation::Speech(self.voice.state()),
            Simulation::Clipboard(self.board.state()),
            Simulation::Scan(self.scanner.state()),
            Simulation::Notify(self.notices.state()),
            Simulation::Files(self.files.state()),
            Simulation::OpenApp(self.apps.state()),
            Simulation::Telemetry(self.counter.state()),
        ]
    }

    /// What an app keeps, by key.
    pub fn kept(&self, app: &AppId) -> Vec<(String, Stored)> {
        self.storage.kept(app)
    }

    /// Erases what an app keeps.
    pub fn erase(&self, app: &AppId) {
        self.storage.erase(app);
    }
}

impl Services for Rehearsed {
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
        &Codes
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

    fn at_rest(&self, _app: &AppId, work: &mut dyn FnMut()) {
        work();
    }
}

impl Wire {
    fn link(&self) -> Link {
        Link::ALL.get(usize::from(self.link.load(Ordering::SeqCst))).copied().unwrap_or_default()
    }

    /// When so many bytes have come through after all that are on their way.
    fn arrival(&self, bytes: usize, now: Instant) -> Instant {
        let mut busy = self.busy_until.lock().unwrap_or_else(PoisonError::into_inner);
        let takes = Duration::from_millis(bytes as u64 * 1000 / SLOW_BYTES);
        let done = busy.unwrap_or(now).max(now) + takes;
        *busy = Some(done);
        done
    }
}

impl Network for Wire {
    fn exchange(&self, permit: Permit<Exchange>) -> Result<Answer, Failure> {
        match self.link() {
            Link::Full => self.https.exchange(permit),
            Link::Offline => {
                let (_, Exchange { request, .. }) = permit.redeem();
                Err(network::offline(request.url.domain(), "is out of reach: this window is offline"))
            }
            Link::Slow => {
                let (begun, stop) = (Instant::now(), permit.call().stop.clone());
                wait(begun + LATENCY, &stop);
                let answer = self.https.exchange(permit)?;
                let arrival = self.arrival(answer.response.body.as_bytes().len(), Instant::now());
                wait(arrival, &stop);
                Ok(Answer { took: begun.elapsed(), ..answer })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_network_carries_one_thing_after_another() {
        let wire = Wire::default();
        let now = Instant::now();
        assert_eq!(wire.arrival(50_000, now), now + Duration::from_secs(1));
        assert_eq!(wire.arrival(25_000, now), now + Duration::from_millis(1500));
        let later = now + Duration::from_secs(60);
        assert_eq!(wire.arrival(0, later), later);
    }

    #[test]
    fn every_link_has_a_name_and_is_kept() {
        let services = Rehearsed::default();
        for link in Link::ALL {
            services.set_link(link);
            assert_eq!(services.network.link(), link);
        }
        assert_eq!(Link::ALL.map(Link::name), ["online", "slow", "offline"]);
    }
}
