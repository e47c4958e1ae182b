//! What is on the desk: every state the shell can be in, and all that may happen to it, without glass, clock or disk.
//!
//! Invariant: the state changes in [`Desk::on`] and nowhere else; what is to be done outside comes back as effects.

mod background;
mod bar;
mod open;
mod render;
mod seat;
#[cfg(test)]
mod tests;
mod visit;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use guichet_contract::AppId;
use guichet_host::{Freshness, Listing, Problem, Start, preview::PreviewAddress};
use guichet_package::Address;

pub(crate) use self::{
    background::Background,
    bar::Bar,
    open::{OpenApp, Status},
    seat::AtKiosk,
    visit::{Visit, problem as problem_of},
    words::{Effect, Event, Failure, Notice, On, Order},
};
use crate::{
    action::{Action, Contrast, Mode},
    settings::Settings,
};

/// The notice that the open app speaks another language than the terminal; there is one at most.
const LANGUAGE: &str = "language";

/// The state of the shell.
#[derive(Debug)]
pub(crate) struct Desk {
    settings: Settings,
    library: Option<Vec<Listing>>,
    freshness: Option<Freshness>,
    offline_since_ms: Option<u64>,
    adding: BTreeMap<AppId, u8>,
    staging: BTreeMap<AppId, u8>,
    notices: BTreeMap<u64, Notice>,
    later: BTreeSet<(AppId, u64)>,
    /// Apps that are being put back to an older version.
    reverting: BTreeSet<AppId>,
    dismissed_stale: Option<u64>,
    error: Option<(u64, Failure)>,
    open: Option<OpenApp>,
    /// Apps that were left for another, the last one last; Back returns to them.
    below: Vec<OpenApp>,
    /// Apps that were left for the home page, the last one last; whoever opens them finds them where they were.
    aside: Vec<OpenApp>,
    background: Background,
    bar_px: f64,
    foot_px: f64,
    /// The panel the shell itself has opened.
    panel: Option<&'static str>,
    wanted: Option<Visit>,
    /// When pages have opened other apps lately.
    called_ms: Vec<u64>,
    /// Hosts whose `https` addresses open apps here.
    hosts: Vec<String>,
    /// Whether a person may choose a picture of theirs.
    may_scan: bool,
    picture: bool,
    /// Nobody vouches for what is open, and when it is closed nothing is left to show.
    is_look: bool,
    said_ready: bool,
    /// At a kiosk: who is there.
    seat: Option<seat::Seated>,
    numbers: u64,
}

impl Desk {
    /// An empty desk; `wanted` is opened as soon as it can be, and with `picture` the program ends after that.
    pub(crate) fn new(settings: Settings, wanted: Option<Address>, picture: bool) -> Self {
        Self {
            settings,
            library: None,
            freshness: None,
            offline_since_ms: None,
            adding: BTreeMap::new(),
            staging: BTreeMap::new(),
            notices: BTreeMap::new(),
            later: BTreeSet::new(),
            reverting: BTreeSet::new(),
            dismissed_stale: None,
            error: None,
            open: None,
            below: Vec::new(),
            aside: Vec::new(),
            background: Background::default(),
            bar_px: 56.0,
            foot_px: 0.0,
            panel: None,
            wanted: wanted.map(Visit::by_the_person),
            called_ms: Vec::new(),
            hosts: Vec::new(),
            may_scan: true,
            picture,
            is_look: false,
            said_ready: false,
            seat: None,
            numbers: 0,
        }
    }

    /// The desk of a window that shows one package nobody vouches for.
    pub(crate) fn for_a_look(self) -> Self {
        let background = Background { takes_what_is_left: false, ..self.background };
        Self { is_look: true, background, ..self }
    }

    /// The same desk with other limits on what waits in the background.
    pub(crate) fn keeping(self, background: Background) -> Self {
        Self { background, ..self }
    }

    /// The same desk, where `https` addresses of these hosts open apps too, and a person may or may not choose a picture.
    pub(crate) fn opening(self, hosts: Vec<String>, may_scan: bool) -> Self {
        Self { hosts, may_scan, ..self }
    }

    /// The open app, if there is one.
    pub(crate) fn open(&self) -> Option<&OpenApp> {
        self.open.as_ref()
    }

    /// Whether the host's own page has been painted.
    pub(crate) fn is_painted(&self) -> bool {
        self.said_ready
    }

    /// Whether the app that the command line wants is here and will be seen next: the host's own page can wait for it.
    pub(crate) fn is_first_coming(&self) -> bool {
        match &self.open {
            Some(open) => {
                let is_coming = !open.has_opened && matches!(open.status, Status::Opening | Status::Running);
                // Where there is no bar, only the host's own page says where the app begins.
                is_coming && self.error.is_none() && !open.bar.is_hidden
            }
            None => self.wanted.is_some() && self.library.is_none(),
        }
    }

    /// `light` or `dark`, if the person has chosen one.
    pub(crate) fn theme(&self) -> Option<&str> {
        self.settings.theme.as_deref()
    }

    /// The language of what the terminal itself says.
    pub(crate) fn lang(&self) -> &str {
        &self.settings.lang
    }

    fn is_opening(&self, app_id: &AppId) -> bool {
        self.open.as_ref().is_some_and(|open| open.app_id == *app_id && open.status == Status::Opening)
    }

    /// Whether the open app's bar is hidden now, so that only the capsule leads out.
    pub(crate) fn is_bar_hidden(&self) -> bool {
        let is_hidden = |open: &OpenApp| open.bar.is_hidden && open.status == Status::Running;
        self.open.as_ref().is_some_and(is_hidden) && self.bar_px == 0.0
    }

    /// Where the app's view begins, in CSS pixels from the top.
    pub(crate) fn bar_px(&self) -> f64 {
        self.bar_px
    }

    /// What lies below the app's view, in CSS pixels.
    pub(crate) fn foot_px(&self) -> f64 {
        self.foot_px
    }

    /// What the command line asked for and could not be done, or what stopped the open app.
    pub(crate) fn trouble(&self) -> Option<&Problem> {
        let stopped = self.open.as_ref().and_then(|open| match &open.status {
            Status::Stopped { problem, .. } => Some(problem),
            _ => None,
        });
        stopped.or_else(|| self.error.as_ref().map(|(_, failure)| &failure.problem))
    }

    /// Takes in what happened at `now_ms` and says what has to be done.
    pub(crate) fn on(&mut self, event: Event, now_ms: u64) -> Vec<Effect> {
        match event {
            Event::Asked(action) => self.asked(action, now_ms),
            Event::Library(mut library) => {
                if self.seat.is_some() {
                    library.retain(|listing| listing.installed.is_some());
                }
                self.library = Some(library);
                let added = std::mem::take(&mut self.adding);
                self.adding = added.into_iter().filter(|(app_id, _)| !self.is_installed(app_id)).collect();
                self.seek(now_ms)
            }
            Event::Refreshed(freshness) => self.refreshed(freshness, now_ms),
            Event::Progress(app_id, percent) => {
                // What is in its place already is only being made ready.
                if !self.is_installed(&app_id) {
                    self.adding.insert(app_id, percent);
                }
                vec![]
            }
            Event::Staging(app_id, percent) => {
                self.staging.insert(app_id, percent);
                vec![]
            }
            Event::Installed(app_id) => {
                self.adding.remove(&app_id);
                if self.open.as_ref().is_none_or(|open| open.app_id != app_id) {
                    self.notice(Notice::Added(app_id));
                }
                vec![]
            }
            Event::Removed { name, app_id } => {
                self.notices.retain(|_, notice| !notice.is_about(&app_id));
                let mut effects = self.forget_aside(&app_id);
                if self.settings.last.as_ref().is_some_and(|last| last.app_id == app_id) {
                    self.settings.last = None;
                }
                self.notice(Notice::Removed(name));
                effects.push(Effect::Keep(self.settings.clone()));
                effects
            }
            Event::Erased(app_id) => {
                // Nothing is left of what it was in the middle of, so nobody is told that this is lost.
                self.notices.retain(|_, notice| *notice != Notice::Unloaded(app_id.clone()));
                let effects = self.forget_aside(&app_id);
                self.notice(Notice::Erased(app_id));
                effects
            }
            Event::Activated(app_id) => {
                let version = self.version(&app_id);
                self.updated(app_id, version);
                vec![]
            }
            Event::GoneBack(app_id) => {
                let version = self.version(&app_id);
                self.notice(Notice::GoneBack(app_id, version));
                vec![]
            }
            Event::Failed(failure) => self.failed(failure, now_ms),
            Event::Launched(run, version_name) => self.with_open(run, |open, desk| {
                // Another release than the list knows: nobody is told of it twice.
                let is_listed = desk.version(&open.app_id) == version_name;
                open.version_name = version_name;
                if is_listed { vec![] } else { vec![Effect::Order(Order::List)] }
            }),
            Event::Framed(run, bar) => self.with_open(run, |open, _| {
                open.bar = bar;
                vec![]
            }),
            Event::Speaks(run, foreign) => self.with_open(run, |open, _| {
                open.foreign = foreign;
                vec![]
            }),
            Event::MenuAsked => {
                self.panel = Some("menu");
                vec![]
            }
            Event::Session(run, event) => self.with_open(run, |open, desk| desk.session(open, event, now_ms)),
            Event::Loaded(run, page) => self.with_open(run, |open, desk| desk.loaded(open, page)),
            Event::Ready(run, page) => self.with_open(run, |open, desk| desk.ready(open, page)),
            Event::Linked(run, path) => self.with_open(run, |_, _| vec![Effect::OpenPage(run, path)]),
            Event::Broke(run, _) if self.open.as_ref().is_none_or(|open| open.run != run) => {
                self.broke_unseen(run).into_iter().collect()
            }
            Event::Broke(run, problem) => self.with_open(run, |open, desk| desk.broke(open, problem, now_ms)),
            Event::Visit(address) => self.visit(Visit::by_the_person(address), now_ms),
            Event::Front => vec![Effect::Raise],
            Event::Called(run, address) => self.called(run, address, now_ms),
            Event::Misread(problem) => self.refuse(None, problem),
            Event::Covered(is_covered) => self.covered(is_covered),
            Event::Closed(run) if self.open.as_ref().is_some_and(|open| open.run == run) => {
                let mut effects = self.close(now_ms);
                effects.extend(self.is_look.then_some(Effect::Exit));
                effects
            }
            Event::Closed(_) => vec![],
            Event::NoPage(run) => self.with_open(run, |open, desk| {
                desk.notice(Notice::NoPage(open.app_id.clone()));
                vec![]
            }),
            Event::Anew(app_id, on) => self.begin_anew(app_id, on, now_ms),
            Event::Themed(theme) => {
                self.settings.theme = theme;
                vec![]
            }
            Event::Beat { is_memory_short } => self.unload(now_ms, is_memory_short),
            Event::Kiosk(event, now) => self.kiosk(event, now),
            // A terminal of a hall is ended by whoever keeps it.
            Event::CloseRequested if self.seat.is_some() => vec![],
            Event::CloseRequested => {
                let open = self.open.take().into_iter().chain(std::mem::take(&mut self.below).into_iter().rev());
                let all = open.chain(std::mem::take(&mut self.aside).into_iter().rev());
                let loaded = all.filter(|open| open.status != Status::Unloaded);
                let mut effects: Vec<_> = loaded.map(|open| Effect::End(open.run)).collect();
                effects.push(Effect::Exit);
                effects
            }
        }
    }

    fn asked(&mut self, action: Action, now_ms: u64) -> Vec<Effect> {
        if let Some(effects) = self.asked_at_kiosk(&action) {
            return effects;
        }
        match action {
            // A window that waits unseen paints nothing.
            Action::Ready if self.seat.is_some() => vec![Effect::AwaitPaint, Effect::Say("ready".to_owned())],
            Action::Ready => vec![Effect::AwaitPaint],
            Action::Painted => {
                if std::mem::replace(&mut self.said_ready, true) {
                    return vec![];
                }
                if self.seat.is_some() {
                    return vec![];
                }
                let mut effects = vec![Effect::Say("guichet-desktop ready".to_owned())];
                if self.picture && self.wanted.is_none() && self.open.is_none() {
                    effects.push(Effect::Finish);
                }
                effects
            }
            Action::Refresh => vec![Effect::Order(Order::Refresh)],
            Action::Install { app_id, sequence } => self.install(app_id, sequence),
            // Twice in one breath is once.
            Action::Open { app_id } if self.is_opening(&app_id) => vec![],
            Action::Open { app_id } => {
                let mut effects = self.put_all_aside(now_ms);
                effects.extend(self.open_or_return(app_id, Start::default(), now_ms));
                effects
            }
            Action::Visit { text } if PreviewAddress::is_meant(&text) => self.preview(text),
            Action::Visit { text } => match Address::given(&text) {
                Ok(address) => self.visit(Visit::by_the_person(address), now_ms),
                Err(refusal) => self.refuse(None, problem_of(&refusal)),
            },
            Action::Scan(picture) => vec![Effect::Scan(picture)],
            Action::Remove { app_id } => vec![Effect::Order(Order::Remove(app_id))],
            Action::Erase { app_id } => vec![Effect::Order(Order::Erase(app_id))],
            Action::Withdraw { app_id, permission } => vec![Effect::Order(Order::Withdraw(app_id, permission))],
            Action::Allow { app_id, permission } => vec![Effect::Order(Order::Allow(app_id, permission))],
            Action::UpdateNow { app_id } => self.update_now(app_id, now_ms),
            Action::UpdateLater { app_id } => {
                if let Some(sequence) =
                    self.listing(&app_id).and_then(|listing| Some(listing.available.as_ref()?.sequence))
                {
                    self.later.insert((app_id, sequence));
                }
                vec![]
            }
            Action::KeepVersion { app_id } => vec![Effect::Order(Order::KeepRelease(app_id))],
            Action::GoBackVersion { app_id } => {
                let is_open = self.open.as_ref().is_some_and(|open| open.app_id == app_id);
                let mut effects = if is_open { self.close(now_ms) } else { vec![] };
                effects.push(Effect::Order(Order::GoBack(app_id)));
                effects
            }
            Action::Dismiss { id } => {
                self.dismiss(&id);
                vec![]
            }
            Action::Reopen { app_id } => self.launch(app_id, Start::default(), now_ms),
            Action::ReopenHere { app_id } => self.begin_anew(app_id, On::ItsPages, now_ms),
            Action::CloseApp => self.leave(now_ms),
            Action::Back => match &self.open {
                Some(open) if open.can_go_back() => vec![Effect::GoBack(open.run)],
                _ => self.leave(now_ms),
            },
            Action::Tab { page } => {
                let open = self.open.as_ref().filter(|open| open.tabs().any(|(tab, _)| tab.route == page));
                open.map(|open| Effect::OpenPage(open.run, page)).into_iter().collect()
            }
            Action::Panel { name, chrome_px, height_px, foot_px } => {
                if name.is_none() {
                    self.panel = None;
                }
                let bar_px = chrome_px + height_px;
                if bar_px.is_finite() && bar_px >= 0.0 {
                    self.bar_px = bar_px;
                }
                if foot_px.is_finite() && foot_px >= 0.0 {
                    self.foot_px = foot_px;
                }
                vec![]
            }
            Action::SetLanguage { lang } => {
                self.settings.lang.clone_from(&lang);
                let mut effects = self.unload_what_has_nothing_to_lose();
                effects.extend([
                    Effect::Keep(self.settings.clone()),
                    Effect::Speak,
                    Effect::Order(Order::SetLanguage(lang)),
                ]);
                effects
            }
            Action::SetMode { mode } => {
                self.settings.elder = mode == Mode::Elder;
                vec![Effect::Keep(self.settings.clone())]
            }
            Action::SetContrast { contrast } => {
                self.settings.contrast = contrast == Contrast::More;
                vec![Effect::Keep(self.settings.clone())]
            }
            Action::SetReach { .. } | Action::End | Action::Stay | Action::Staff | Action::Shown => vec![],
        }
    }

    fn install(&mut self, app_id: AppId, shown: Option<u64>) -> Vec<Effect> {
        if self.adding.contains_key(&app_id) {
            return vec![];
        }
        self.error = None;
        self.adding.insert(app_id.clone(), 0);
        vec![Effect::Order(Order::Install(app_id, shown))]
    }

    fn refreshed(&mut self, freshness: Freshness, now_ms: u64) -> Vec<Effect> {
        let is_offline = freshness.last_error.as_ref().is_some_and(|problem| problem.class.starts_with("store/"));
        self.offline_since_ms = match self.offline_since_ms {
            _ if !is_offline => None,
            Some(since_ms) => Some(since_ms),
            None => Some(freshness.last_refresh_ms.unwrap_or(now_ms)),
        };
        let before = self.freshness.as_ref().and_then(|before| before.last_error.as_ref());
        if let Some(problem) = &freshness.last_error
            && !is_offline
            && before != Some(problem)
        {
            let failure = Failure { action: "refresh", app_id: None, problem: problem.clone() };
            let number = self.number();
            self.error = Some((number, failure));
        }
        self.freshness = Some(freshness);
        self.staging.clear();
        self.seek(now_ms)
    }

    fn is_installed(&self, app_id: &AppId) -> bool {
        self.listing(app_id).is_some_and(|listing| listing.installed.is_some())
    }

    /// Moves on with what the command line wants opened.
    fn seek(&mut self, now_ms: u64) -> Vec<Effect> {
        let Some(wanted) = &self.wanted else { return vec![] };
        let app_id = wanted.address.app_id.clone();
        if !wanted.address.is_known_to(&self.hosts) {
            let problem = visit::foreign_host(&wanted.address);
            self.wanted = None;
            return self.refuse(Some(app_id), problem);
        }
        if self.is_installed(&app_id) {
            let start = wanted.start();
            self.wanted = None;
            return self.launch_above(app_id, start, now_ms);
        }
        if self.listing(&app_id).is_some_and(|listing| listing.available.is_some()) {
            return self.install(app_id, None);
        }
        match (&self.freshness, &self.library) {
            (Some(Freshness { last_error: Some(problem), .. }), Some(_)) => {
                let problem = problem.clone();
                self.failed(Failure { action: "open", app_id: Some(app_id), problem }, now_ms)
            }
            // Trying says why not: there is no such app, it is halted, or it is not its turn yet.
            (Some(_), Some(_)) => self.install(app_id, None),
            _ => vec![],
        }
    }

    fn failed(&mut self, failure: Failure, now_ms: u64) -> Vec<Effect> {
        if let Some(app_id) = &failure.app_id {
            self.adding.remove(app_id);
        }
        let opening =
            self.open.as_ref().filter(|open| failure.action == "open" && Some(&open.app_id) == failure.app_id.as_ref());
        let run = opening.map(|open| open.run);
        if let Some(run) = run
            && ["session/", "logic/"].iter().any(|kind| failure.problem.class.starts_with(kind))
        {
            return self.with_open(run, |open, desk| desk.stop(open, failure.problem, now_ms));
        }
        let mut effects = if run.is_some() { self.close(now_ms) } else { vec![] };
        let concerns = |wanted: &mut Visit| failure.app_id.as_ref() == Some(&wanted.address.app_id);
        let concerns_wanted = self.wanted.take_if(concerns).is_some();
        if concerns_wanted && self.open.is_none() {
            effects.extend(self.uncover(now_ms));
        }
        if self.picture && (concerns_wanted || failure.action == "open") {
            effects.push(Effect::Finish);
        }
        let number = self.number();
        self.error = Some((number, failure));
        effects
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.retain(|_, old| *old != notice);
        let number = self.number();
        self.notices.insert(number, notice);
    }

    fn dismiss(&mut self, id: &str) {
        let number = |prefix: &str| id.strip_prefix(prefix).and_then(|number| number.parse::<u64>().ok());
        if let Some(number) = number("n") {
            self.notices.remove(&number);
        }
        if self.error.as_ref().is_some_and(|(error, _)| number("e") == Some(*error)) {
            self.error = None;
        }
        if id == LANGUAGE
            && let Some(open) = &mut self.open
        {
            open.foreign = None;
        }
        if id == "stale" {
            self.dismissed_stale = self.freshness.as_ref().and_then(|freshness| freshness.expired_since_ms);
        }
    }

    fn listing(&self, app_id: &AppId) -> Option<&Listing> {
        self.library.as_ref()?.iter().find(|listing| listing.app_id == *app_id)
    }

    /// Whether a newer release waits here and is used when the app is opened next.
    fn is_staged(&self, app_id: &AppId) -> bool {
        self.listing(app_id).is_some_and(|listing| listing.staged)
    }

    /// Tells that another version is in use, and whether it is an older one.
    fn updated(&mut self, app_id: AppId, version: String) {
        let is_back = self.reverting.remove(&app_id);
        self.notice(if is_back { Notice::Reverted(app_id, version) } else { Notice::Updated(app_id, version) });
    }

    /// Remembers whether the version that is about to be used is older than the present one.
    fn note_reverting(&mut self, app_id: &AppId) {
        let is_back = self.listing(app_id).is_some_and(|listing| match (&listing.installed, &listing.available) {
            (Some(now), Some(next)) => next.version_code < now.version_code,
            _ => false,
        });
        if is_back {
            self.reverting.insert(app_id.clone());
        }
    }

    fn version(&self, app_id: &AppId) -> String {
        let installed = self.listing(app_id).and_then(|listing| listing.installed.as_ref());
        installed.map(|installed| installed.version_name.clone()).unwrap_or_default()
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }
}
