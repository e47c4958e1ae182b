//! What is installed, kept up to date on the disk by one thread, and shown to sessions as a stock in memory.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use guichet_contract::AppId;
use guichet_host::{Host, Problem, policy::SignedPolicy};

use super::{error::KioskError, room, supervisor::Event};

/// The thread that follows the store; it ends soon after this is dropped.
pub(super) struct Library {
    _stop: Sender<()>,
}

struct Keeping {
    host: Host,
    home: PathBuf,
    folder: PathBuf,
    policy: Arc<SignedPolicy>,
    stocks: u64,
    tell: Sender<Event>,
}

impl Library {
    /// Says at once what is there, then follows the store after every pause.
    pub(super) fn follow(
        host: Host,
        (home, folder): (PathBuf, PathBuf),
        policy: Arc<SignedPolicy>,
        pause: Duration,
        tell: Sender<Event>,
    ) -> Result<Self, KioskError> {
        let (stop, stopped) = mpsc::channel();
        let mut keeping = Keeping { host, home, folder, policy, stocks: 0, tell };
        let thread = thread::Builder::new().name("library".to_owned()).spawn(move || {
            if !keeping.stock() {
                return;
            }
            while keeping.round() {
                match stopped.recv_timeout(pause) {
                    Err(RecvTimeoutError::Timeout) => {}
                    _ => return,
                }
            }
        });
        thread.map_err(|error| KioskError::Process("the thread that follows the store", error))?;
        Ok(Self { _stop: stop })
    }
}

impl Keeping {
    /// Follows the store once; whether somebody still listens.
    fn round(&mut self) -> bool {
        let news = self.host.refresh_and_stage(|_, _| {});
        let mut has_changed = news.changed;
        news.failed.iter().for_each(said);
        for listing in self.host.library() {
            if !self.policy.policy().offers(&listing.app_id) {
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
                Err(error) => said(&error.problem()),
            }
        }
        if has_changed { self.stock() } else { true }
    }

    /// Shows what is installed now to the sessions that begin from now on; whether somebody listens.
    fn stock(&mut self) -> bool {
        self.stocks += 1;
        let to = self.folder.join(format!("stock-{}", self.stocks));
        let policy = Arc::clone(&self.policy);
        let offered = move |app: &AppId| policy.policy().offers(app);
        let stocked = room::stock(&self.home, &to, &offered).map(|()| to);
        self.tell.send(Event::Stocked(stocked)).is_ok()
    }
}

fn said(problem: &Problem) {
    tracing::warn!(class = problem.class, "{}", problem.what);
}
