//! One running app: its logic on a thread of its own, its pages by number, and the one door to the host APIs.
//!
//! The shell holds a [`Session`] and hears [`SessionEvent`]s; who a page is, it knows from the view a message came out
//! of, and says so by the page's number. Dropping the last handle closes the session.

mod door;
mod event;
mod inbox;
mod pages;
mod player;
pub(crate) mod rehearsal;
mod timers;
mod turns;
mod waiting;
mod worker;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use guichet_contract::{AppId, Consent, DevicePolicy, Permission, Services, app_info::Info};
use guichet_engine::{Engine, Program, Sources, THREAD_STACK_BYTES};
use guichet_package::{
    Manifest, PackagePath,
    address::MAX_QUERY_BYTES,
    manifest::{ColorScheme, Direction, LocalizationResource, resource_for},
};
use serde_json::{Value as Json, json};

pub(crate) use door::{Counts, SharedGrants};
pub use event::{Ending, LifecycleEvent, LogLine, SessionEvent, Sink};
use inbox::{Inbox, Work};
use player::Player;
pub use player::{PageDifference, Played};
use rehearsal::Rehearsal;
use turns::Turns;
use worker::Worker;

use crate::{
    bridge, broker,
    console::Console,
    error::HostError,
    files::Files,
    home::random,
    journal::{Begin, Recorder, Recording, Tape},
    launch::Start,
    lifecycle::Target,
    listing::Problem,
    logic_image::LogicImage,
    look::Look,
    options::Clock,
    serve::{Companions, NotServed, Resource, complete},
    trial::Trial,
};

/// What a session is made of: verified, and the same for its whole life.
pub(crate) struct Running {
    pub(crate) sequence: u64,
    /// Where the memory image of its logic is; none for what is only looked at.
    pub(crate) image: Option<LogicImage>,
    pub(crate) files: Files,
    pub(crate) manifest: Manifest,
    pub(crate) info: Info,
    /// `referrerInfo`: the address of the page that has opened the app; empty if it was the person.
    pub(crate) referrer: String,
    /// What review has approved.
    pub(crate) approved: Vec<Permission>,
    pub(crate) grants: SharedGrants,
    pub(crate) services: Arc<dyn Services>,
    /// Where what it counts is kept for the store; none for what is only looked at.
    pub(crate) counts: Option<Counts>,
    pub(crate) clock: Clock,
    pub(crate) recorder: Option<Recorder>,
    /// Where its console is kept; none for what is only looked at, and on a kiosk.
    pub(crate) console: Option<Console>,
    /// What a developer's window may change in it.
    pub(crate) rehearsal: Option<Rehearsal>,
}

impl Running {
    /// The files that views get.
    fn served(&self) -> Files {
        self.rehearsal.as_ref().map_or_else(|| self.files.clone(), Rehearsal::files)
    }

    pub(crate) fn dir(&self) -> &'static str {
        match self.manifest.dir {
            Direction::Ltr => "ltr",
            Direction::Rtl => "rtl",
            Direction::Auto => "auto",
        }
    }

    /// `InputObject` (MiniApp Lifecycle): what the app was launched with.
    fn input(&self, page_path: &str) -> Json {
        json!({ "pagePath": page_path, "referrerInfo": self.referrer, "lang": self.info.lang, "dir": self.dir() })
    }

    /// The session's part of the journal that is recorded, if one is.
    fn tape(&self, program: &Program, page: &str) -> Tape {
        let Some(recorder) = &self.recorder else { return Tape::none() };
        let begin = Begin {
            app_id: self.info.app_id.as_str(),
            version_code: self.info.version_code,
            version_name: &self.info.version_name,
            personal: &self.manifest.guichet.personal,
            package: self.files.container(),
            terminal: &self.info.terminal,
            lang: &self.info.lang,
            dir: self.dir(),
            referrer: &self.referrer,
            page,
        };
        recorder.begin(&begin, program)
    }

    /// `LifecycleError` (MiniApp Lifecycle).
    fn lifecycle_error(&self, description: &str) -> Json {
        json!({ "errorDescription": description, "lang": self.info.lang, "dir": self.dir() })
    }
}

/// One running app.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    running: Arc<Running>,
    inbox: Arc<Inbox>,
    turns: Arc<Turns>,
    has_ended: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
    start_route: String,
    /// The time that its pages see, if they are played; in milliseconds since 1970.
    played_ms: Option<Arc<AtomicU64>>,
}

/// What a shell does with the pages of a session besides showing them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Nothing.
    Nothing,
    /// It tells what people do with them, and what they show at rest: a journal is written.
    Records,
    /// It also does what people did: a journal is played. Their clock shows this time, in milliseconds since 1970.
    Plays(u64),
}

impl Session {
    /// Starts the session's thread. The first page opens at once; the logic is loaded meanwhile.
    pub(crate) fn start(
        running: Running,
        engine: Engine,
        start: &Start,
        sink: Sink,
        trial: Option<Trial>,
    ) -> Result<Self, HostError> {
        let route = start.page_of(&running.manifest);
        let target = resolve(&running.manifest, &route)
            .ok_or_else(|| HostError::NoSuchPage { app: running.info.app_id.clone(), route })?;
        // What this release has no more is left out.
        let below = start.below.iter().filter_map(|text| resolve(&running.manifest, text)).collect();
        let image = running.image.as_ref().and_then(|image| image.open(&engine));
        // Who begins from an image has been loaded already; a journal holds what was loaded.
        let program = match (&image, &running.rehearsal) {
            (_, Some(rehearsal)) => rehearsal.program(running.files.clone(), &running.manifest)?,
            (Some(_), None) if running.recorder.is_none() => Program::ScriptIn(sources(running.files.clone())),
            _ => program(&running.files, &running.manifest)?,
        };
        let seed = seed()?;
        let running = Arc::new(running);
        let inbox = Arc::new(Inbox::default());
        let has_ended = Arc::new(AtomicBool::new(false));
        let thread =
            thread::Builder::new().name(format!("session {}", running.info.app_id)).stack_size(THREAD_STACK_BYTES);
        let start_route = target.route.clone();
        let turns = Arc::new(Turns::default());
        let (of, heard, turn, ended) =
            (Arc::clone(&running), Arc::clone(&inbox), Arc::clone(&turns), Arc::clone(&has_ended));
        let spawned = thread.spawn(move || {
            let told = Arc::clone(&sink);
            let kept = trial.clone();
            let run = std::panic::AssertUnwindSafe(|| {
                let begin = (&program, image.as_ref());
                match Worker::begin(of, &heard, sink, &engine, begin, below, target, seed, trial) {
                    Ok((worker, first)) => turn.live(Box::new(worker), &heard, first),
                    Err(over) => *over,
                }
            });
            let (ending, trial) = std::panic::catch_unwind(run).unwrap_or_else(|_| (Ending::host_fault(), kept));
            if ending.is_closed() {
                trial.into_iter().for_each(Trial::closed);
            } else if let Some(outcome) = trial.and_then(|trial| trial.failed(true)) {
                told(outcome.event());
            }
            ended.store(true, Ordering::SeqCst);
            told(SessionEvent::Ended(ending));
        });
        let thread = spawned.map_err(|error| HostError::Engine { why: error.to_string() })?;
        let thread = Mutex::new(Some(thread));
        let shared = Shared { running, inbox, turns, has_ended, thread, start_route, played_ms: None };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Plays the pages of a session that was recorded: no logic runs, and its thread says what the journal has.
    pub(crate) fn play(running: Running, recording: Recording, sink: Sink) -> Result<Self, HostError> {
        let running = Arc::new(running);
        let inbox = Arc::new(Inbox::default());
        let has_ended = Arc::new(AtomicBool::new(false));
        let start_route = recording.page.clone();
        let begun_ms = recording.steps.first().map(|(_, step)| step.at_ms).unwrap_or_default();
        let played_ms = Arc::new(AtomicU64::new(begun_ms));
        let (of, heard, ended) = (Arc::clone(&running), Arc::clone(&inbox), Arc::clone(&has_ended));
        let clock = Arc::clone(&played_ms);
        let thread = thread::Builder::new().name(format!("play {}", running.info.app_id));
        let spawned = thread.spawn(move || {
            let ending = Player::new(&of.manifest, &heard, &sink, &clock).play(&recording);
            ended.store(true, Ordering::SeqCst);
            sink(SessionEvent::Ended(ending));
        });
        let thread = spawned.map_err(|error| HostError::Engine { why: error.to_string() })?;
        let thread = Mutex::new(Some(thread));
        let (turns, played_ms) = (Arc::default(), Some(played_ms));
        let shared = Shared { running, inbox, turns, has_ended, thread, start_route, played_ms };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// What the shell does with this session's pages besides showing them.
    pub fn watch(&self) -> Watch {
        match &self.shared.played_ms {
            Some(played) => Watch::Plays(played.load(Ordering::SeqCst)),
            None if self.shared.running.recorder.is_some() => Watch::Records,
            None => Watch::Nothing,
        }
    }

    /// The app.
    pub fn app_id(&self) -> &AppId {
        &self.shared.running.info.app_id
    }

    /// The manifest of the release that runs.
    pub fn manifest(&self) -> &Manifest {
        &self.shared.running.manifest
    }

    /// The same in this language, a BCP 47 tag, as far as the release says it there. The store is not asked for what the cache
    /// has lost.
    pub fn manifest_in(&self, lang: &str) -> Manifest {
        let (manifest, files) = (self.manifest(), self.shared.running.served());
        let resource = resource_for(lang, files.statement().files.iter().map(|entry| &entry.path));
        let bytes = resource.and_then(|path| files.cached(path.as_str()));
        let resource = bytes.and_then(|bytes| LocalizationResource::parse(&bytes).ok());
        resource.map_or_else(|| manifest.clone(), |resource| manifest.localized(&resource))
    }

    /// The language that this session speaks from its beginning to its end, a BCP 47 tag.
    pub fn lang(&self) -> &str {
        &self.shared.running.info.lang
    }

    /// The language that it would speak if it began where this one is spoken (P-A8).
    pub fn lang_where(&self, spoken: &str) -> String {
        let files = self.shared.running.served();
        self.manifest().locale(spoken, files.statement().files.iter().map(|entry| &entry.path))
    }

    /// The route of the first page.
    pub fn start_route(&self) -> &str {
        &self.shared.start_route
    }

    /// Whether the session is over.
    pub fn has_ended(&self) -> bool {
        self.shared.has_ended.load(Ordering::SeqCst)
    }

    /// The script to put into every page of this session before the page's own.
    pub fn bridge_script(&self) -> String {
        let running = &self.shared.running;
        bridge::script(&bridge::Launch {
            page_path: &self.shared.start_route,
            referrer_info: &running.referrer,
            lang: &running.info.lang,
            dir: running.dir(),
        })
    }

    /// The file of this app at the path of a URL, such as `/pages/home.html?x=1`; checked again against what was signed.
    /// A page comes with `app.css` and its own style sheet and script (P-L8); of the package, only what is asked for by
    /// name is ever read (P-L7, D19).
    ///
    /// `/pages/home` is `/pages/home.html`. May wait for the store if the cache has lost the file. Any thread may call it.
    pub fn serve(&self, url_path: &str) -> Result<Resource, NotServed> {
        let files = self.shared.running.served();
        let path = package_path(url_path)?;
        let path = if files.has(&path) { path } else { format!("{path}.html") };
        self.note_seen(&path);
        let bytes = match files.read(&path) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                let reason = format!("{} has no file `{}`", self.app_id(), path.trim_end_matches(".html"));
                return Err(NotServed { status: 404, class: "page/not-in-package", reason });
            }
            Err(error) => return Err(NotServed { status: 502, class: error.class(), reason: error.to_string() }),
        };
        let page = self.shared.running.manifest.page(&path).filter(|page| page.html() == path);
        let bytes = match (page, std::str::from_utf8(&bytes)) {
            (Some(page), Ok(html)) => {
                let styles = ["app.css".to_owned(), page.css()].into_iter().filter(|path| files.has(path)).collect();
                let script = Some(page.js()).filter(|path| files.has(path));
                let color_scheme = self.manifest().color_scheme.map(|scheme| match scheme {
                    ColorScheme::Auto => "light dark",
                    ColorScheme::Light => "light",
                    ColorScheme::Dark => "dark",
                });
                complete(html, &path, &Companions { styles, script, color_scheme }).into_bytes()
            }
            _ => bytes,
        };
        Ok(Resource::new(&path, bytes))
    }

    /// In a developer's window: what a page is made of, so that it is known which change it has to see.
    fn note_seen(&self, path: &str) {
        let Some(rehearsal) = &self.shared.running.rehearsal else { return };
        rehearsal.saw(path.to_owned());
        if let Some(page) = self.manifest().page(path).filter(|page| page.html() == path) {
            ["app.css".to_owned(), page.css(), page.js()].into_iter().for_each(|path| rehearsal.saw(path));
        }
    }

    /// A message of a page, as its view posted it. A flood is dropped.
    ///
    /// A question is passed on at once while the session has nothing else to do, and if its answer comes within moments, the
    /// sink is told before this returns; it waits for nothing longer.
    pub fn page_message(&self, page: u32, text: &str) {
        let Shared { turns, inbox, .. } = &*self.shared;
        if turns.ask_at_once(inbox, page, text) {
            return;
        }
        if self.shared.inbox.message(page, text).is_err() {
            tracing::debug!(app = %self.app_id(), page, "a message of a page was dropped");
        }
    }

    /// A link or script of a page wants to go to a URL of this app, such as `/pages/b.html?x=1`: opens it as a new page.
    ///
    /// False if that is no page of the app; then nothing happens.
    pub fn follow(&self, url_path: &str) -> bool {
        let Some(target) = resolve(self.manifest(), url_path) else { return false };
        self.shared.inbox.push(Work::Follow(target));
        true
    }

    /// Goes back one page, as by a button of the shell. Nothing happens on the first page.
    pub fn back(&self) {
        self.shared.inbox.push(Work::Back);
    }

    /// The view of a page is gone.
    pub fn page_closed(&self, page: u32) {
        self.shared.inbox.push(Work::Closed { page });
    }

    /// Another package of the same app, in a developer's window: what becomes of it is told by [`SessionEvent::Renewed`]. A
    /// session that was not begun to rehearse has no room for it, and nothing happens.
    pub fn renew(&self, look: &Look) {
        if let Some(rehearsal) = &self.shared.running.rehearsal {
            rehearsal.give(look.clone());
            self.shared.inbox.push(Work::Renew);
        }
    }

    /// The app has come to the front.
    pub fn shown(&self) {
        self.shared.inbox.push(Work::Show);
    }

    /// The app has gone to the background.
    pub fn hidden(&self) {
        self.shared.inbox.push(Work::Hide);
    }

    /// Ends the session: the logic hears `unloaded`, and [`SessionEvent::Ended`] follows.
    pub fn close(&self) {
        self.shared.inbox.push(Work::Close(None));
    }

    /// Ends the session because its view cannot go on: [`SessionEvent::Ended`] follows, with what is wrong.
    pub fn fail(&self, problem: &Problem) {
        let Problem { class, what, hint, .. } = problem.clone();
        self.shared.inbox.push(Work::Close(Some(Ending { class, reason: what, hint })));
    }

    pub(crate) fn downgrade(&self) -> std::sync::Weak<Shared> {
        Arc::downgrade(&self.shared)
    }
}

impl Shared {
    pub(crate) fn app_id(&self) -> &AppId {
        &self.running.info.app_id
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.running.sequence
    }

    /// Ends the session for a reason of the host's.
    pub(crate) fn fail(&self, error: &HostError) {
        let ending = Ending { class: error.class(), reason: error.to_string(), hint: error.hint() };
        self.inbox.push(Work::Close(Some(ending)));
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.inbox.is_closing()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::SeqCst)
    }

    pub(crate) fn files(&self) -> &Files {
        &self.running.files
    }

    /// The person has withdrawn or restored a permission.
    pub(crate) fn consent(&self, policy: &DevicePolicy, consent: &Consent) {
        let running = &self.running;
        broker::replace(&running.grants, broker::grants(&running.manifest, &running.approved, policy, consent));
    }

    /// Ends the session and waits until its thread does nothing more.
    pub(crate) fn close_and_wait(&self) {
        self.inbox.push(Work::Close(None));
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.thread().id() != thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("a session's thread panicked");
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.inbox.push(Work::Close(None));
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("app", self.app_id())
            .field("has_ended", &self.has_ended())
            .finish_non_exhaustive()
    }
}

/// A page of the app with its query and fragment; none if the text names no page.
pub(crate) fn resolve(manifest: &Manifest, text: &str) -> Option<Target> {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (route, query) = text.split_once('?').unwrap_or((text, ""));
    let route = percent_encoding::percent_decode_str(route).decode_utf8().ok()?;
    let page = manifest.page(&route)?;
    let target = || Target { route: page.as_str().to_owned(), query: query.to_owned(), fragment: fragment.to_owned() };
    (query.len() <= MAX_QUERY_BYTES && fragment.len() <= MAX_QUERY_BYTES).then(target)
}

/// The package path that the path of a URL names. What is not a plain name is only a name that no file has.
fn package_path(url_path: &str) -> Result<String, NotServed> {
    let path = url_path.split(['?', '#']).next().unwrap_or_default();
    match percent_encoding::percent_decode_str(path).decode_utf8() {
        Ok(path) => Ok(path.strip_prefix('/').unwrap_or(&path).to_owned()),
        Err(_) => Err(NotServed { status: 400, class: "page/bad-path", reason: "the path is not UTF-8".to_owned() }),
    }
}

/// The logic of the release: a component if the manifest names one, else all its modules.
pub(crate) fn program(files: &Files, manifest: &Manifest) -> Result<Program, HostError> {
    if let Some(logic) = &manifest.guichet.logic {
        return Ok(Program::Component(files.component(logic.as_str())?));
    }
    let mut modules = BTreeMap::new();
    for entry in &files.statement().files {
        let path = entry.path.as_str();
        if is_module(&entry.path) {
            modules.insert(path.to_owned(), String::from_utf8_lossy(&files.require(path)?).into_owned());
        }
    }
    Ok(Program::Script(modules))
}

/// The modules of the release, each read when it is asked for.
fn sources(files: Files) -> Sources {
    Arc::new(move |path| {
        let module = files.statement().file(path).filter(|entry| is_module(&entry.path))?;
        match files.require(module.path.as_str()) {
            Ok(source) => Some(String::from_utf8_lossy(&source).into_owned()),
            Err(error) => {
                tracing::warn!(app = %files.app(), path, class = error.class(), %error, "a module cannot be read");
                None
            }
        }
    })
}

fn is_module(path: &PackagePath) -> bool {
    matches!(path.extension(), Some("js" | "mjs"))
}

fn seed() -> Result<(u64, u64), HostError> {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = random()?;
    Ok((u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes([i, j, k, l, m, n, o, p])))
}
