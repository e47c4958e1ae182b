//! The developer's window: it shows the package that `guichet dev` writes into it, reloads when another comes, stands in for
//! terminals and people, and tells what happens.
//!
//! Invariant: only `--dev` on the command line leads here, and the address of a preview ([`crate::preview`]), whose window
//! shows the same without the panel, and lets nobody switch anything. Such a window has no store, no trust file and no home; host APIs
//! keep nothing. A window on a store has no [`Dev`], reads nothing from standard input, and its sessions have no room for
//! another package.

mod layout;
mod overlay;
mod panel;
mod recording;
mod tell;
mod wire;

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

use guichet_contract::Services;
use guichet_host::{Look, LookOptions, Profile, Walls, preview::PreviewError, users_script_cache};
use guichet_package::{Limits, PackageFile};
use guichet_services::{Link, Rehearsed, Simulation};
use serde_json::{Value as Json, json};

pub(crate) use self::{
    layout::Layout,
    overlay::Overlay,
    panel::{Asked, FILES_URL as PANEL_URL, Panel, SCHEME as PANEL_SCHEME, hear, serve},
    recording::Recording,
    tell::note,
    wire::{Problem, Set, Theme, Told},
};
use crate::{
    desk::Event,
    machine::{Post, Signal},
    preview::Previewing,
    start::StartError,
};

/// Entries that are kept for a panel that is not there yet.
const MOST_WAITING: usize = 2_000;

/// Keeps what a person has typed into a page.
pub(crate) const KEEP: &str = include_str!("keep.js");
/// Puts it back.
pub(crate) const RESTORE: &str = include_str!("restore.js");
/// Takes style sheets anew.
pub(crate) const RESTYLE: &str = include_str!("restyle.js");
/// Says what a reader would say.
pub(crate) const SPEAK: &str = include_str!("speak.js");

/// What reaches the window besides what every window hears.
pub(crate) enum DevSignal {
    /// Another package, checked.
    Package(Box<Look>),
    /// It was refused.
    Refused(Problem),
    /// Problems of the folder; none: they are gone.
    Problems(Vec<Problem>),
    /// Something is switched.
    Set(Set),
    /// The panel asks.
    Asked(Asked),
    /// What was typed into the page on the glass, as JSON.
    Kept(String),
    /// What a reader says of the page now.
    Spoken(String),
    /// The page has taken what it was told.
    Settled,
    /// A page of this run has told what was done with it, as JSON.
    Noted(u64, String),
    /// What was recorded is in this file; none: nothing was done.
    Written(Option<String>),
    /// Time has passed.
    Tick,
}

/// How the window is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) profile: Profile,
    pub(crate) theme: Theme,
    pub(crate) lang: String,
    pub(crate) link: Link,
    /// How the simulated devices are.
    pub(crate) devices: Vec<Simulation>,
    /// The language of the panel.
    pub(crate) words: String,
}

/// A reload that is on its way.
pub(crate) struct Turn {
    /// What it is: `reload`, `styles`, `swap` or `anew`.
    pub(crate) kind: &'static str,
    /// When its package came.
    pub(crate) since: Instant,
}

/// What a developer's window has besides what every window has.
pub(crate) struct Dev {
    /// What sessions are begun with: the last package that was good.
    pub(crate) current: Current,
    /// A package that the session of this run has been given and has not judged yet.
    pub(crate) pending: Option<(Box<Look>, Instant, u64)>,
    /// The newest package, which waits for that.
    pub(crate) next: Option<(Box<Look>, Instant)>,
    /// What can be seen and switched of the host APIs; none in a preview, which has those of the device.
    pub(crate) services: Option<Arc<Rehearsed>>,
    /// None in a developer's own window.
    pub(crate) preview: Option<Previewing>,
    pub(crate) setup: Setup,
    pub(crate) turn: Option<Turn>,
    /// What to do when it is known what was typed into the page, and since when it has been asked.
    pub(crate) after_kept: Option<(AfterKept, Instant)>,
    /// What was typed: the route of its page, and the fields.
    pub(crate) typed: Option<(String, String)>,
    /// What there is to say of the folder.
    pub(crate) problems: Vec<Problem>,
    /// Why the newest package was not taken.
    pub(crate) refused: Option<Problem>,
    /// What a reader has said last.
    pub(crate) spoken: String,
    /// The journey that is being recorded.
    pub(crate) recording: Option<Recording>,
    waiting: VecDeque<Json>,
    begun: Instant,
    /// What the system prefers.
    pub(crate) system_is_dark: bool,
    /// Once the window is there.
    pub(crate) furniture: Option<Furniture>,
    input: Option<Input>,
}

/// What is done when it is known what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterKept {
    /// The page is loaded again.
    Reload,
    /// The session is begun anew.
    Anew,
}

/// What stands around the app.
pub(crate) struct Furniture {
    pub(crate) layout: Layout,
    pub(crate) panel: Panel,
    pub(crate) overlay: Overlay,
}

/// The look that sessions are begun with, shared with the machine room.
#[derive(Clone)]
pub(crate) struct Current(Arc<Mutex<Look>>);

type Input = Box<dyn FnMut() -> io::Result<Option<(Told, Vec<u8>)>> + Send>;

impl Current {
    /// What it is now.
    pub(crate) fn get(&self) -> Look {
        self.lock().clone()
    }

    /// From now on it is this.
    pub(crate) fn put(&self, look: Look) {
        *self.lock() = look;
    }

    fn lock(&self) -> MutexGuard<'_, Look> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads until there is a package to show.
pub(crate) fn open(walls: Walls, lang: String) -> Result<Dev, StartError> {
    let mut input = io::BufReader::new(io::stdin());
    open_from(Box::new(move || wire::next(&mut input)), walls, lang)
}

/// The same for a preview, whose drafts come from elsewhere, run on these services, and are shown as if on this terminal.
pub(crate) fn open_preview(
    input: impl FnMut() -> io::Result<Option<(Told, Vec<u8>)>> + Send + 'static,
    preview: Previewing,
    services: Arc<dyn Services>,
    profile: Profile,
    walls: Walls,
    lang: String,
) -> Result<Dev, StartError> {
    let (theme, link, devices) = (Theme::default(), Link::default(), Vec::new());
    let setup = Setup { profile, theme, words: lang.clone(), lang, link, devices };
    begin(Box::new(input), setup, walls, services, None, Some(preview))
}

fn open_from(input: Input, walls: Walls, lang: String) -> Result<Dev, StartError> {
    let services = Arc::new(Rehearsed::default());
    let profile = Profile::default();
    let devices = services.simulations();
    let setup = Setup { profile, theme: Theme::default(), words: lang.clone(), lang, link: Link::default(), devices };
    begin(input, setup, walls, Arc::clone(&services) as _, Some(services), None)
}

fn begin(
    mut input: Input,
    mut setup: Setup,
    walls: Walls,
    services: Arc<dyn Services>,
    rehearsed: Option<Arc<Rehearsed>>,
    preview: Option<Previewing>,
) -> Result<Dev, StartError> {
    let mut problems = Vec::new();
    let bytes = loop {
        match input().map_err(not_read)? {
            Some((Told::Package(_), bytes)) => break bytes,
            Some((Told::Set(set), _)) => setup.take(&set),
            Some((Told::Problems(told), _)) => problems = told,
            Some((Told::Record(_) | Told::Written(_), _)) => {}
            None if preview.is_some() => return Err(StartError::Preview(PreviewError::Over)),
            None => return Err(StartError::Input(io::ErrorKind::UnexpectedEof.into())),
        }
    };
    if let Some(rehearsed) = &rehearsed {
        rehearsed.set_link(setup.link);
    }
    let limits = Limits::default();
    let package = PackageFile::open(bytes, &limits).map_err(|refusal| StartError::Package {
        path: "-".into(),
        refusal,
        is_bendable: false,
    })?;
    let options = LookOptions {
        services,
        lang: setup.lang.clone(),
        terminal: setup.profile.terminal(),
        walls,
        script_cache: users_script_cache(),
        recorder: None,
        plays: None,
    };
    let look = Look::rehearse(package, options).map_err(StartError::Host)?;
    Ok(Dev {
        current: Current(Arc::new(Mutex::new(look))),
        pending: None,
        next: None,
        services: rehearsed,
        preview,
        setup,
        turn: None,
        after_kept: None,
        typed: None,
        problems,
        refused: None,
        spoken: String::new(),
        recording: None,
        waiting: VecDeque::new(),
        begun: Instant::now(),
        system_is_dark: false,
        furniture: None,
        input: Some(input),
    })
}

impl Dev {
    /// Goes on reading, on a thread of its own. When there is no more, whoever started the window is gone, and so is it.
    pub(crate) fn listen(&mut self, post: Post) -> io::Result<()> {
        let Some(mut input) = self.input.take() else { return Ok(()) };
        let current = self.current.clone();
        thread::Builder::new().name("drafts".to_owned()).spawn(move || {
            loop {
                let signal = match input() {
                    Ok(Some((Told::Package(_), bytes))) => checked(&current.get(), bytes),
                    Ok(Some((Told::Problems(problems), _))) => DevSignal::Problems(problems),
                    Ok(Some((Told::Set(set), _))) => DevSignal::Set(set),
                    Ok(Some((Told::Record(begins), _))) => {
                        DevSignal::Asked(if begins { Asked::Record } else { Asked::Stop })
                    }
                    Ok(Some((Told::Written(file), _))) => DevSignal::Written(file),
                    Ok(None) => return post(Signal::Desk(Event::CloseRequested)),
                    Err(error) => {
                        tracing::error!("no more drafts come: {error}");
                        return post(Signal::Desk(Event::CloseRequested));
                    }
                };
                post(Signal::Dev(signal));
            }
        })?;
        Ok(())
    }

    /// Tells the panel something, now or when it is there.
    pub(crate) fn push(&mut self, entry: Json) {
        if self.waiting.len() >= MOST_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(entry);
    }

    /// Writes a line for `guichet dev`, or tells the computer that a preview comes from.
    pub(crate) fn say(&self, line: &Json) {
        match &self.preview {
            Some(preview) => preview.say(line),
            None => tell::say(line),
        }
    }

    /// Hands over what waits for the panel.
    pub(crate) fn flush(&mut self) {
        let Some(panel) = self.furniture.as_ref().map(|all| &all.panel).filter(|panel| panel.is_ready()) else {
            return;
        };
        if !self.waiting.is_empty() {
            panel.receive(&Json::Array(self.waiting.drain(..).collect()));
        }
    }

    /// Milliseconds since the window was begun.
    pub(crate) fn at(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// All that there is to say of what was saved last.
    pub(crate) fn all_problems(&self) -> impl Iterator<Item = &Problem> {
        self.refused.iter().chain(&self.problems)
    }

    /// The whole setup, as panel and developer read it.
    pub(crate) fn state(&self) -> Json {
        let Setup { profile, theme, lang, link, devices, words } = &self.setup;
        let devices: serde_json::Map<_, _> =
            devices.iter().map(|one| (one.device().to_owned(), one.state().into())).collect();
        let (width, height) = profile.size();
        let app_id = self.current.get().app_id().to_string();
        json!({
            "is": "setup", "profile": profile, "theme": theme, "lang": lang, "network": link.name(), "words": words,
            "devices": devices,
            "app_id": app_id, "width": width, "height": height, "recording": self.recording.is_some(),
        })
    }
}

impl Setup {
    /// Takes what is switched; what is no network stays as it is.
    pub(crate) fn take(&mut self, set: &Set) {
        let Set { profile, theme, lang, network, devices, words } = set;
        self.profile = profile.unwrap_or(self.profile);
        self.theme = theme.unwrap_or(self.theme);
        if let Some(lang) = lang {
            self.lang.clone_from(lang);
        }
        if let Some(words) = words {
            self.words.clone_from(words);
        }
        let link = network.as_ref().and_then(|network| Link::ALL.into_iter().find(|link| link.name() == network));
        self.link = link.unwrap_or(self.link);
        let said = |one: &Simulation| devices.get(one.device()).is_some_and(|state| state == one.state());
        for one in Simulation::all().filter(said) {
            if let Some(now) = self.devices.iter_mut().find(|now| now.device() == one.device()) {
                *now = one;
            }
        }
    }
}

/// Why there is nothing to show.
fn not_read(error: io::Error) -> StartError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<PreviewError>()) {
        Some(refused) => StartError::Preview(refused.clone()),
        None => StartError::Input(error),
    }
}

/// A package, checked as every package is.
fn checked(current: &Look, bytes: Vec<u8>) -> DevSignal {
    let package = match PackageFile::open(bytes, &Limits::default()) {
        Ok(package) => package,
        Err(refusal) => {
            let place = refusal.place().unwrap_or_default();
            return DevSignal::Refused(Problem::error(refusal.class(), place, refusal.what(), refusal.hint()));
        }
    };
    match current.with_package(package) {
        Ok(look) => DevSignal::Package(Box::new(look)),
        Err(error) => {
            let place = error.place().unwrap_or_default();
            DevSignal::Refused(Problem::error(error.class(), place, error.to_string(), error.hint()))
        }
    }
}

impl Problem {
    /// Whether a package is kept away by it.
    pub(crate) fn is_error(&self) -> bool {
        self.severity == "error"
    }

    /// Something that keeps a package from being shown.
    pub(crate) fn error(class: &str, place: String, what: String, hint: String) -> Self {
        Self { class: class.to_owned(), severity: "error".to_owned(), place, what, hint }
    }
}

#[cfg(test)]
mod tests {
    use guichet_services::{card::State, print::Fault};

    use super::*;

    #[test]
    fn what_is_left_out_of_a_switch_stays() {
        let mut setup = Setup {
            profile: Profile::Phone,
            theme: Theme::Dark,
            lang: "en".to_owned(),
            link: Link::Slow,
            devices: Rehearsed::default().simulations(),
            words: "en".to_owned(),
        };
        let before = setup.clone();
        setup.take(&Set::default());
        setup.take(&Set { network: Some("by pigeon".to_owned()), ..Set::default() });
        let devices = |printer: &str| [("printer".to_owned(), printer.to_owned())].into();
        setup.take(&Set { devices: devices("melted"), ..Set::default() });
        assert_eq!(setup, before);
        setup.take(&Set { devices: devices("jam"), ..Set::default() });
        assert!(setup.devices.starts_with(&[Simulation::Printer(Fault::Jam), Simulation::Card(State::Present)]));
        setup.take(&Set { network: Some("offline".to_owned()), lang: Some("zh-Hans".to_owned()), ..Set::default() });
        assert_eq!((setup.link, setup.lang.as_str(), setup.profile), (Link::Offline, "zh-Hans", Profile::Phone));
    }

    #[test]
    fn without_a_package_there_is_no_window() {
        for text in [&b""[..], b"{\"set\":{}}\n", b"{\"package\":4}\nPK\x03\x04", b"PK"] {
            let mut input = io::Cursor::new(text.to_vec());
            let opened = open_from(Box::new(move || wire::next(&mut input)), Walls::One, "en".to_owned());
            let Err(error) = opened else { panic!("a window for {text:?}") };
            assert!(matches!(error, StartError::Input(_) | StartError::Package { .. }), "{error}");
        }
    }
}
