//! The machine room: every call to the host, off the thread that draws.
//!
//! Invariant: orders are carried out one after another; only fetching (refreshing, installing) runs beside them.

mod following;

use std::{
    collections::BTreeSet,
    io,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use guichet_contract::{AppId, Stop};
use guichet_host::{Host, HostError, Listing, Look, News, Problem, Progress, Session, Sink, Start};
use guichet_services::open_app::Trouble;

use self::following::Following;
use crate::{
    desk::{AtKiosk, Event, Failure, Order},
    dev::DevSignal,
    glass::Wanted,
    mailbox::Mailbox,
};

/// What reaches the thread that draws.
pub(crate) enum Signal {
    /// Time has passed.
    Beat,
    /// The desk takes it in.
    Desk(Event),
    /// A session has said something.
    Said(Arc<Mailbox>),
    /// If this run is still not to be seen, the person is told that it opens.
    StillOpening(u64),
    /// A session has begun, which speaks through this.
    Launched(AppId, Session, Arc<Mailbox>),
    /// The window is made ready for this run, whose session has begun.
    Dress(u64),
    /// A view of this run shows another document.
    Committed(u64),
    /// A page of this run has heard that it was closed.
    Shut(u64, u32),
    /// The pages of this run have heard that it ends.
    Parted(u64),
    /// The process that draws the host's own page is gone.
    HomeEnded(String),
    /// The host's own page has another title.
    Titled(String),
    /// The page on the glass has said what it shows, as JSON.
    Read(String),
    /// What is on the glass has been drawn.
    Drawn(String),
    /// Only a developer's window hears this.
    Dev(DevSignal),
    /// Something happened at a kiosk.
    Kiosk(AtKiosk),
    /// Whoever keeps the kiosk wants this window seen; whether the session before ended because its card was taken.
    Show { after_card: bool },
    /// Whoever keeps the kiosk wants a picture of the home page.
    Picture,
    /// At a kiosk: somebody wants to type beside the app, or in it again.
    Turned,
    /// The first app wants the second opened, and is told whether it is; what it is told is raised when the person is back.
    Lead(AppId, AppId, Sender<Result<Stop, Trouble>>),
    /// This app has answered whoever has opened it.
    LeadBack(AppId),
    /// An app wants a page of its own on paper.
    Paper(Wanted),
    /// A page of this run is on paper, or will not be.
    OnPaper(u64),
}

/// Sends a signal to the thread that draws; may be called from any thread.
pub(crate) type Post = Arc<dyn Fn(Signal) + Send + Sync>;

/// The threads that call the host.
pub(crate) struct Machine {
    orders: Sender<Order>,
    /// Who prepares when there is time; none where one package is looked at.
    idle: Option<Host>,
}

/// The machine room has no thread.
#[derive(Debug, thiserror::Error)]
#[error("no thread for the machine room")]
pub(crate) struct MachineError(#[source] io::Error);

impl Machine {
    /// Starts working: says what there is, then refreshes at once and after every pause. Where the app that is to be opened
    /// `first` is installed, the store is followed from [`Order::Follow`] on, for to look at it takes a processor.
    pub(crate) fn start(host: Host, pause: Duration, first: Option<AppId>, post: Post) -> Result<Self, MachineError> {
        let (orders, to_do) = channel();
        let idle = Some(host.clone());
        let room = Room { host, post };
        let working = thread::Builder::new().name("orders".to_owned()).spawn(move || {
            room.list();
            let mut following = Following::new(room.clone(), pause);
            if !first.is_some_and(|app_id| room.is_installed(&app_id)) {
                following.begin();
            }
            room.work(&to_do, Some(following));
        });
        working.map_err(MachineError)?;
        Ok(Self { orders, idle })
    }

    /// Starts working with what is installed: somebody else follows the store.
    pub(crate) fn kept(host: Host, post: Post) -> Result<Self, MachineError> {
        let (orders, to_do) = channel();
        let idle = Some(host.clone());
        let room = Room { host, post };
        let working = thread::Builder::new().name("orders".to_owned()).spawn(move || {
            room.list();
            room.work(&to_do, None);
        });
        working.map_err(MachineError)?;
        Ok(Self { orders, idle })
    }

    /// Starts working on one package that is looked at: there is nothing to refresh, to add or to remove.
    pub(crate) fn look(look: impl Fn() -> Look + Send + 'static, post: Post) -> Result<Self, MachineError> {
        let (orders, to_do) = channel();
        let working = thread::Builder::new().name("orders".to_owned()).spawn(move || {
            post(Signal::Desk(Event::Library(look().listing().into_iter().collect())));
            while let Ok(order) = to_do.recv() {
                if let Order::Launch { run, app_id, start } = order {
                    let launch = |sink| look().launch(&start, sink);
                    match begin(run, &app_id, &post, launch) {
                        Ok((session, mailbox)) => post(Signal::Launched(app_id, session, mailbox)),
                        Err(failure) => post(Signal::Desk(Event::Failed(*failure))),
                    }
                }
            }
        });
        working.map_err(MachineError)?;
        Ok(Self { orders, idle: None })
    }

    /// The machine has time: a logic process is begun for the next app, beside all else.
    pub(crate) fn prepare_logic(&self) {
        let Some(host) = self.idle.clone() else { return };
        let spawned = thread::Builder::new().name("prepare".to_owned()).spawn(move || host.prepare_logic());
        if let Err(error) = spawned {
            tracing::warn!(%error, "no thread to begin a logic process");
        }
    }

    /// Gives an order; what comes of it is posted.
    pub(crate) fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::error!("the machine room has stopped");
        }
    }
}

#[derive(Clone)]
struct Room {
    host: Host,
    post: Post,
}

impl Room {
    fn work(&self, to_do: &Receiver<Order>, mut following: Option<Following>) {
        while let Ok(order) = to_do.recv() {
            match order {
                Order::Follow => following.iter_mut().for_each(Following::begin),
                Order::Refresh => following.iter_mut().for_each(Following::now),
                Order::SetLanguage(lang) => {
                    self.host.set_language(&lang);
                    self.list();
                    // Brings the texts of what is only offered, if they are not here in this language.
                    following.iter_mut().for_each(Following::now);
                }
                Order::Install(app_id, shown) => self.beside("install", move |room| room.install(app_id, shown)),
                Order::Remove(app_id) => {
                    let name = self.name(&app_id);
                    let done = self.host.remove(&app_id);
                    self.after("remove", app_id, done, |app_id, ()| Event::Removed { name, app_id });
                }
                Order::Erase(app_id) => {
                    let done = self.host.erase_data(&app_id);
                    self.after("erase", app_id, done, |app_id, ()| Event::Erased(app_id));
                }
                Order::Withdraw(app_id, permission) => {
                    let done = self.host.withdraw(&app_id, &permission);
                    self.after_quietly("permission", app_id, done);
                }
                Order::Allow(app_id, permission) => {
                    let done = self.host.restore(&app_id, &permission);
                    self.after_quietly("permission", app_id, done);
                }
                Order::Activate(app_id) => {
                    let done = self.host.activate(&app_id);
                    self.after("update", app_id, done, |app_id, _| Event::Activated(app_id));
                }
                Order::KeepRelease(app_id) => {
                    let done = self.host.keep_release(&app_id);
                    self.after_quietly("update", app_id, done);
                }
                Order::GoBack(app_id) => {
                    let done = self.host.go_back(&app_id);
                    self.after("update", app_id, done, |app_id, ()| Event::GoneBack(app_id));
                }
                Order::List => self.list(),
                Order::Launch { run, app_id, start } => self.launch(run, app_id, start),
            }
        }
    }

    /// Begins a session. A version that is only on offer is fetched first, beside all else (A8).
    fn launch(&self, run: u64, app_id: AppId, start: Start) {
        let mut is_on_offer = false;
        let launched = begin(run, &app_id, &self.post, |sink| {
            self.host.launch(&app_id, &start, sink).inspect_err(|error| {
                is_on_offer = matches!(error, HostError::NoSuchVersion { version, on_offer: Some(offer), .. }
                    if offer.eq_ignore_ascii_case(version));
            })
        });
        match launched {
            Ok((session, mailbox)) => (self.post)(Signal::Launched(app_id, session, mailbox)),
            Err(_) if is_on_offer => {
                self.beside("update", move |room| match room.host.install(&app_id, &mut room.progress(&app_id)) {
                    Ok(_) => room.launch(run, app_id, start),
                    Err(error) => room.failed("open", Some(app_id), &error),
                });
            }
            Err(failure) => {
                self.list();
                self.desk(Event::Failed(*failure));
            }
        }
    }

    fn install(&self, app_id: AppId, shown: Option<u64>) {
        let mut progress = self.progress(&app_id);
        let done = match shown {
            Some(shown) => self.host.install_shown(&app_id, shown, &mut progress),
            None => self.host.install(&app_id, &mut progress),
        };
        self.after("install", app_id, done, |app_id, _| Event::Installed(app_id));
    }

    /// What a round of refreshing and staging has brought; the same failure is reported once.
    fn news(&self, news: News, failed: &mut BTreeSet<(&'static str, String)>) {
        self.list();
        let freshness = self.host.freshness();
        let is_told =
            |problem: &Problem| freshness.last_error.as_ref() == Some(problem) || problem.class.starts_with("store/");
        for problem in news.failed.into_iter().filter(|problem| !is_told(problem)) {
            if failed.insert((problem.class, problem.what.clone())) {
                tracing::warn!(class = problem.class, "{}", problem.what);
                self.desk(Event::Failed(Failure { action: "update", app_id: None, problem }));
            }
        }
        self.desk(Event::Refreshed(freshness));
    }

    fn after<T>(
        &self,
        action: &'static str,
        app_id: AppId,
        done: Result<T, HostError>,
        event: impl FnOnce(AppId, T) -> Event,
    ) {
        match done {
            Ok(value) => {
                self.list();
                self.desk(event(app_id, value));
            }
            Err(error) => self.failed(action, Some(app_id), &error),
        }
    }

    fn after_quietly(&self, action: &'static str, app_id: AppId, done: Result<(), HostError>) {
        match done {
            Ok(()) => self.list(),
            Err(error) => self.failed(action, Some(app_id), &error),
        }
    }

    fn failed(&self, action: &'static str, app_id: Option<AppId>, error: &HostError) {
        tracing::warn!(action, class = error.class(), "{error}");
        self.list();
        self.desk(Event::Failed(Failure { action, app_id, problem: error.problem() }));
    }

    fn progress(&self, app_id: &AppId) -> impl FnMut(Progress) + use<> {
        let (post, app_id) = (Arc::clone(&self.post), app_id.clone());
        let mut shown = None;
        move |progress| {
            let now = percent(progress);
            if now.is_some() && now != shown {
                shown = now;
                post(Signal::Desk(Event::Progress(app_id.clone(), now.unwrap_or_default())));
            }
        }
    }

    fn beside(&self, name: &str, work: impl FnOnce(&Self) + Send + 'static) {
        let room = self.clone();
        if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(move || work(&room)) {
            tracing::error!("no thread for {name}: {error}");
        }
    }

    fn listing(&self, app_id: &AppId) -> Option<Listing> {
        self.host.library().into_iter().find(|listing| listing.app_id == *app_id)
    }

    fn is_installed(&self, app_id: &AppId) -> bool {
        self.listing(app_id).is_some_and(|listing| listing.installed.is_some())
    }

    fn name(&self, app_id: &AppId) -> String {
        self.listing(app_id).map_or_else(|| app_id.to_string(), |listing| listing.name)
    }

    fn list(&self) {
        self.desk(Event::Library(self.host.library()));
    }

    fn desk(&self, event: Event) {
        (self.post)(Signal::Desk(event));
    }
}

/// Begins the session of a run, and what it speaks through.
fn begin(
    run: u64,
    app_id: &AppId,
    post: &Post,
    launch: impl FnOnce(Sink) -> Result<Session, HostError>,
) -> Result<(Session, Arc<Mailbox>), Box<Failure>> {
    let mailbox = Mailbox::new(run, Arc::clone(post));
    let telling = Arc::clone(&mailbox);
    let sink: Sink = Arc::new(move |event| telling.put(event));
    launch(sink).map(|session| (session, mailbox)).map_err(|error| {
        tracing::warn!(action = "open", class = error.class(), "{error}");
        Box::new(Failure { action: "open", app_id: Some(app_id.clone()), problem: error.problem() })
    })
}

fn percent(progress: Progress) -> Option<u8> {
    match progress {
        Progress::Started { .. } => Some(0),
        Progress::Fetched { bytes, of } => {
            u8::try_from(bytes.saturating_mul(100).checked_div(of).unwrap_or(100).min(99)).ok()
        }
        Progress::Verified => Some(99),
        Progress::Placed => Some(100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_release_in_its_place_is_all_there() {
        assert_eq!(percent(Progress::Started { files: 3, bytes: 9 }), Some(0));
        assert_eq!(percent(Progress::Fetched { bytes: 1, of: 2 }), Some(50));
        assert_eq!(percent(Progress::Fetched { bytes: 2, of: 2 }), Some(99));
        assert_eq!(percent(Progress::Fetched { bytes: 0, of: 0 }), Some(99));
        assert_eq!(percent(Progress::Placed), Some(100));
    }
}
