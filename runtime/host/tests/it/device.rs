//! A terminal: a host in a home of its own, a clock that is set, and a person who waits for what happens.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use guichet_contract::{AppId, Services};
use guichet_host::{
    Choice, Clock, Ending, Host, HostError, HostOptions, Installed, Session, SessionEvent, Sink, Start,
};
use guichet_package::TrustFile;
use guichet_services::Device as DeviceServices;
use serde_json::Value as Json;

use crate::{
    app::{App, PERMIT},
    store::{NOW, Store},
};

/// What the bridge says when somebody has just touched its page.
pub(crate) const TOUCHED: &str = r#"{"touched":0}"#;

/// How long a new release has to live before it is trusted.
pub(crate) const TRIAL_MS: u64 = 10_000;
/// How long something may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn id(app: &str) -> AppId {
    app.parse().unwrap()
}

/// One terminal.
pub(crate) struct Terminal {
    pub(crate) host: Host,
    pub(crate) clock: Arc<AtomicU64>,
    home: tempfile::TempDir,
    trust: TrustFile,
}

impl Terminal {
    /// A new terminal that knows a store but has never asked it anything.
    pub(crate) fn new(store: &Store) -> Self {
        Self::trusting(store.trust_file())
    }

    /// A new terminal that was given this trust file.
    pub(crate) fn trusting(trust: TrustFile) -> Self {
        let home = tempfile::tempdir().unwrap();
        warm(home.path());
        let clock = Arc::new(AtomicU64::new(NOW));
        let host = Host::open(options(home.path(), trust.clone(), &clock)).unwrap();
        Self { host, clock, home, trust }
    }

    /// A new terminal that updates from a folder somebody carries.
    pub(crate) fn from_folder(store: &Store, folder: &Path) -> Self {
        let terminal = Self::new(store);
        let mut trust = store.trust_file();
        trust.static_url = folder.display().to_string();
        let options = options(terminal.home(), trust, &terminal.clock);
        terminal.reopened(options)
    }

    /// A new terminal with an app on it.
    pub(crate) fn with(store: &Store, app: &str) -> Self {
        let terminal = Self::new(store);
        terminal.host.refresh().unwrap();
        terminal.install(app).unwrap();
        terminal
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn install(&self, app: &str) -> Result<Installed, HostError> {
        self.host.install(&id(app), &mut |_| {})
    }

    /// Switches the terminal off and on again.
    pub(crate) fn restart(self) -> Self {
        let options = options(self.home.path(), self.trust.clone(), &self.clock);
        self.reopened(options)
    }

    /// Switches the terminal off and, with other options, on again.
    pub(crate) fn reopened(mut self, options: HostOptions) -> Self {
        drop(self.host);
        self.host = open(&options);
        self
    }

    pub(crate) fn set_time(&self, now: u64) {
        self.clock.store(now, Ordering::SeqCst);
    }

    /// Lets time pass.
    pub(crate) fn live(&self, ms: u64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// The sequence of the installed release, if there is one.
    pub(crate) fn sequence(&self, app: &str) -> Option<u64> {
        self.host.listing(&id(app)).ok()?.installed.map(|installed| installed.sequence)
    }

    /// Where a blob lies in the cache.
    pub(crate) fn cached(&self, digest: &guichet_trust::digest::Digest) -> PathBuf {
        let hex = digest.to_string();
        self.home().join("blobs").join(&hex[..2]).join(hex)
    }

    /// Opens an app and waits until its first page may load.
    pub(crate) fn launch(&self, app: &str) -> Running {
        Running::start(&self.host, app)
    }

    /// What the first page says, read through a session.
    pub(crate) fn home_page(&self, app: &str) -> String {
        let running = self.launch(app);
        let text = String::from_utf8(running.session.serve("/pages/home").unwrap().bytes).unwrap();
        running.ready(running.loaded());
        self.live(TRIAL_MS);
        running.close();
        text
    }
}

/// Opens a home that was just closed. A child of another test that is between `fork` and `exec` may still hold its lock.
pub(crate) fn open(options: &HostOptions) -> Host {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Host::open(options.clone()) {
            Err(HostError::HomeInUse { .. }) if Instant::now() < deadline => thread::yield_now(),
            opened => return opened.unwrap(),
        }
    }
}

/// Gives a new home what another has compiled: it is the same for all, and takes seconds.
fn warm(home: &Path) {
    static COMPILED: OnceLock<tempfile::TempDir> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let mut store = Store::new();
        store.release(&App::new(PERMIT, 1).seal("residence"));
        let home = tempfile::tempdir().unwrap();
        let clock = Arc::new(AtomicU64::new(NOW));
        let host = Host::open(options(home.path(), store.trust_file(), &clock)).unwrap();
        host.refresh().unwrap();
        host.install(&id(PERMIT), &mut |_| {}).unwrap();
        let running = Running::start(&host, PERMIT);
        running.loaded();
        running.close();
        home
    });
    copy(&compiled.path().join("engine"), &home.join("engine"));
    fs::copy(compiled.path().join("engine-key"), home.join("engine-key")).unwrap();
}

/// Copies a folder with all in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            fs::copy(entry.path(), place).unwrap();
        }
    }
}

pub(crate) fn options(home: &Path, trust: TrustFile, clock: &Arc<AtomicU64>) -> HostOptions {
    let services: Arc<dyn Services> = Arc::new(DeviceServices::new(home.join("apps")));
    HostOptions { clock: Clock::Set(Arc::clone(clock)), ..HostOptions::new(home.to_owned(), trust, services) }
}

#[derive(Default)]
struct Heard {
    events: Mutex<Vec<SessionEvent>>,
    more: Condvar,
}

/// A session and all it ever said.
pub(crate) struct Running {
    pub(crate) session: Session,
    heard: Arc<Heard>,
    next_id: AtomicU64,
}

impl Running {
    pub(crate) fn start(host: &Host, app: &str) -> Self {
        Self::try_start(host, app).unwrap()
    }

    pub(crate) fn try_start(host: &Host, app: &str) -> Result<Self, HostError> {
        Self::try_start_at(host, app, &Start::default())
    }

    pub(crate) fn try_start_at(host: &Host, app: &str, start: &Start) -> Result<Self, HostError> {
        Self::by(|sink| host.launch(&id(app), start, sink))
    }

    /// A session that is begun in any way.
    pub(crate) fn by(launch: impl FnOnce(Sink) -> Result<Session, HostError>) -> Result<Self, HostError> {
        let heard = Arc::new(Heard::default());
        let listening = Arc::clone(&heard);
        let sink = Arc::new(move |event| {
            listening.events.lock().unwrap().push(event);
            listening.more.notify_all();
        });
        let session = launch(sink)?;
        Ok(Self { session, heard, next_id: AtomicU64::new(0) })
    }

    /// Waits for an event, among all that have been and will be.
    pub(crate) fn until<T>(&self, what: &str, wanted: impl Fn(&SessionEvent) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut events = self.heard.events.lock().unwrap();
        loop {
            if let Some(found) = events.iter().find_map(&wanted) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain for {what}; heard {events:#?}");
            events = self.heard.more.wait_timeout(events, left).unwrap().0;
        }
    }

    /// Waits until a page that matches has been opened.
    pub(crate) fn until_open(&self, wanted: &str) -> u32 {
        self.until(&format!("page {wanted}"), |event| match event {
            SessionEvent::Open { page, route, .. } | SessionEvent::Replace { page, route, .. } if route == wanted => {
                Some(*page)
            }
            _ => None,
        })
    }

    /// Waits for a message to a page.
    pub(crate) fn until_told(&self, page: u32, what: &str, wanted: impl Fn(&Json) -> bool) -> Json {
        self.until(what, |event| match event {
            SessionEvent::ToPage { page: to, json } if *to == page => {
                let json: Json = serde_json::from_str(json).unwrap();
                wanted(&json).then_some(json)
            }
            _ => None,
        })
    }

    /// The first page, whose scripts have run.
    pub(crate) fn loaded(&self) -> u32 {
        let page = self.until_open("pages/home");
        self.load(page);
        page
    }

    pub(crate) fn load(&self, page: u32) {
        self.session.page_message(page, r#"{"event":"loaded"}"#);
        self.until_told(page, "pageloaded", |json| json["lifecycle"]["phase"] == "loaded");
    }

    /// The page has been seen.
    pub(crate) fn ready(&self, page: u32) {
        self.session.page_message(page, r#"{"event":"ready"}"#);
        self.until_told(page, "pageready", |json| json["lifecycle"]["phase"] == "ready");
    }

    /// A person touches the page, as a shell tells of it.
    pub(crate) fn touch(&self, page: u32) {
        self.session.page_message(page, TOUCHED);
    }

    /// A host call of a page, and its answer.
    pub(crate) fn call(
        &self,
        page: u32,
        interface: &str,
        function: &str,
        arguments: Json,
    ) -> Result<Json, (String, String)> {
        let message = serde_json::json!({"interface": interface, "function": function, "arguments": arguments});
        self.send(page, message)
    }

    /// A question of a page to the logic, and its answer.
    pub(crate) fn ask(&self, page: u32, name: &str, input: Json) -> Result<Json, (String, String)> {
        self.send(page, serde_json::json!({"ask": name, "input": input}))
    }

    fn send(&self, page: u32, mut message: Json) -> Result<Json, (String, String)> {
        let id = self.next_id.fetch_add(1, Ordering::SeqCst) + 1;
        message["id"] = Json::from(id);
        self.session.page_message(page, &message.to_string());
        let mut answer = self.until_told(page, "an answer", |json| json["id"] == id);
        match answer.get("error") {
            Some(error) => {
                Err((error["name"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned()))
            }
            None => Ok(answer["ok"].take()),
        }
    }

    /// Waits until the release before is in use again.
    pub(crate) fn went_back(&self) -> (u64, String) {
        self.until("the release before", |event| match event {
            SessionEvent::WentBack { sequence, version_name } => Some((*sequence, version_name.clone())),
            _ => None,
        })
    }

    /// Waits until a person has to decide.
    pub(crate) fn undecided(&self) -> Choice {
        self.until("a choice", |event| match event {
            SessionEvent::Undecided(choice) => Some(choice.clone()),
            _ => None,
        })
    }

    /// Waits for the end.
    pub(crate) fn ending(&self) -> Ending {
        self.until("the end", |event| match event {
            SessionEvent::Ended(ending) => Some(ending.clone()),
            _ => None,
        })
    }

    /// Closes the session and waits for its end.
    pub(crate) fn close(&self) -> Ending {
        self.session.close();
        self.ending()
    }

    /// The lifecycle events a page was told that it was there for, in order: `global launched`, `page loaded a=1`.
    pub(crate) fn lifecycle_of(&self, page: u32) -> Vec<String> {
        let events = self.heard.events.lock().unwrap();
        let told = events.iter().filter_map(|event| match event {
            SessionEvent::ToPage { page: to, json } if *to == page => serde_json::from_str::<Json>(json).ok(),
            _ => None,
        });
        let lifecycle =
            told.map(|json| json["lifecycle"].clone()).filter(|told| told.is_object() && told["quiet"] != true);
        let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
        let words = lifecycle
            .map(|told| [text(&told["target"]), text(&told["phase"]), text(&told["query"]), text(&told["error"])]);
        words.map(|words| words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" ")).collect()
    }

    /// All that was heard, so far.
    pub(crate) fn events(&self) -> Vec<SessionEvent> {
        self.heard.events.lock().unwrap().clone()
    }

    /// What the app said on its console, so far.
    pub(crate) fn log(&self) -> Vec<String> {
        let events = self.heard.events.lock().unwrap();
        events
            .iter()
            .filter_map(|event| if let SessionEvent::Log(line) = event { Some(line.text.clone()) } else { None })
            .collect()
    }
}
