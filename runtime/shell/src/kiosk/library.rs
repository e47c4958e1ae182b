//! What is installed, kept up to date on the disk by one thread, and shown to sessions as a stock in memory.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use guichet_contract::AppId;
use guichet_host::{Host, Problem, policy::SignedPolicy};

use super::{error::KioskError, room, supervisor::Event, telling::Pad};

/// The thread that follows the store; it ends soon after this is dropped.
pub(super) struct Library {
    again: Sender<()>,
}

struct Keeping {
    host: Host,
    home: PathBuf,
    folder: PathBuf,
    policy: InForce,
    stocks: u64,
    /// What is installed now could not be shown to sessions, as where memory is full.
    owes: bool,
    tell: Sender<Event>,
    pad: Pad,
}

impl Library {
    /// Says at once what is there, then follows the store after every pause.
    pub(super) fn follow(
        host: Host,
        (home, folder): (PathBuf, PathBuf),
        policy: InForce,
        pause: Duration,
        (tell, pad): (Sender<Event>, Pad),
    ) -> Result<Self, KioskError> {
        let (again, asked) = mpsc::channel();
        let mut keeping = Keeping { host, home, folder, policy, stocks: 0, owes: false, tell, pad };
        let thread = thread::Builder::new().name("library".to_owned()).spawn(move || {
            if !keeping.told_how_fresh() || !keeping.stock() {
                return;
            }
            while keeping.round() && keeping.told_how_fresh() {
                match asked.recv_timeout(pause) {
                    Err(RecvTimeoutError::Timeout) => {}
                    // Another policy may offer other apps.
                    Ok(()) if keeping.stock() => {}
                    _ => return,
                }
            }
        });
        thread.map_err(|error| KioskError::Process("the thread that follows the store", error))?;
        Ok(Self { again })
    }

    /// Another policy is in force: what it offers is shown to the sessions that begin from now on.
    pub(super) fn look_again(&self) {
        // Its thread ends with this program, and no sooner.
        let _ = self.again.send(());
    }
}

impl Keeping {
    /// Follows the store once; whether somebody still listens.
    fn round(&mut self) -> bool {
        let news = self.host.refresh_and_stage(|_, _| {});
        let mut has_changed = news.changed;
        news.failed.iter().for_each(|problem| self.said(problem));
        for listing in self.host.library() {
            if !self.policy.now().policy().offers(&listing.app_id) {
                continue;
            }
            let app = &listing.app_id;
            let done = match (&listing.installed, listing.staged, &listing.available) {
                (Some(_), true, _) => self.host.activate(app).map(|_| ()),
                (None, _, Some(_)) => self.host.install(app, &mut |_| {}).map(|_| ()),
                _ => continue,
            };
            match done {
                Ok(()) => has_changed = true,
                Err(error) => self.said(&error.problem()),
            }
        }
        if has_changed || self.owes { self.stock() } else { true }
    }

    /// Shows what is installed now to the sessions that begin from now on; whether somebody listens.
    fn stock(&mut self) -> bool {
        self.stocks += 1;
        let to = self.folder.join(format!("stock-{}", self.stocks));
        let policy = self.policy.now();
        let offered = move |app: &AppId| policy.policy().offers(app);
        let stocked = room::stock(&self.home, &to, &offered).map(|()| to);
        self.owes = stocked.is_err();
        self.tell.send(Event::Stocked(stocked)).is_ok()
    }

    /// Says when the store was heard last; whether somebody listens.
    fn told_how_fresh(&self) -> bool {
        self.tell.send(Event::Fresh(self.host.freshness())).is_ok()
    }

    fn said(&self, problem: &Problem) {
        self.pad.failed(problem.class);
        tracing::warn!(class = problem.class, "{}", problem.what);
    }
}

/// The policy in force: another one takes its place while the terminal runs.
#[derive(Clone, Debug)]
pub(super) struct InForce(Arc<Mutex<Arc<SignedPolicy>>>);

impl InForce {
    /// This one, to begin with.
    pub(super) fn new(policy: SignedPolicy) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(policy))))
    }

    /// The present one.
    pub(super) fn now(&self) -> Arc<SignedPolicy> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on this one.
    pub(super) fn put(&self, policy: SignedPolicy) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }
}
