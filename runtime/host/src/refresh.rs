//! Learning what the store offers now, once or again and again in the background.

use std::{
    sync::{
        PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use guichet_contract::{AppId, Department};
use guichet_package::ReleaseDocument;

use crate::{
    error::HostError,
    host::{Host, Inner, Known},
    listing::{Problem, Progress, Refreshed},
    update::{Kept, LogRecord, follow},
};

impl Host {
    /// Follows the store's metadata and reads what it offers. Blocks on the network; on failure the host keeps what it has.
    pub fn refresh(&self) -> Result<Refreshed, HostError> {
        let _one_at_a_time = self.inner.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let _refreshing = tracing::trace_span!(target: "opening", "refresh");
        let refreshed = self.inner.refresh();
        self.inner.set_last_error(refreshed.as_ref().err().map(HostError::problem));
        refreshed
    }

    /// Refreshes now and after every `pause`, and stages newer releases of installed apps, on a thread of its own.
    ///
    /// On that thread `on_progress` is called while a release is fetched, and `on_news` after each round. The thread ends
    /// soon after the value is dropped.
    pub fn keep_fresh(
        &self,
        pause: Duration,
        on_progress: impl Fn(&AppId, Progress) + Send + 'static,
        on_news: impl Fn(News) + Send + 'static,
    ) -> Result<KeepFresh, HostError> {
        let host = self.clone();
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("refresh".to_owned()).spawn(move || {
            loop {
                on_news(host.refresh_and_stage(&on_progress));
                match stopped.recv_timeout(pause) {
                    Ok(Nudge::Now) | Err(RecvTimeoutError::Timeout) => {}
                    Ok(Nudge::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        });
        let thread = thread.map_err(|error| HostError::Engine { why: error.to_string() })?;
        Ok(KeepFresh { stop, thread: Some(thread) })
    }

    /// Refreshes, then fetches newer releases of installed apps beside the present ones.
    pub fn refresh_and_stage(&self, on_progress: impl Fn(&AppId, Progress)) -> News {
        let mut news = News::default();
        match self.refresh() {
            Ok(refreshed) => news.changed = refreshed.changed,
            Err(error) => news.failed.push(error.problem()),
        }
        self.inner.beacons.send_if_due();
        for listing in self.library() {
            let (Some(_), Some(available)) = (listing.installed, listing.available) else { continue };
            let staged = self.inner.slots.state(&listing.app_id).ok().flatten().and_then(|state| state.staged);
            if staged == Some(available.sequence) {
                continue;
            }
            match self.stage(&listing.app_id, &mut |progress| on_progress(&listing.app_id, progress)) {
                Ok(staged) => news.staged.push(staged.app_id),
                Err(error) => news.failed.push(error.problem()),
            }
        }
        news
    }
}

impl Inner {
    fn refresh(&self) -> Result<Refreshed, HostError> {
        let now_ms = self.options.clock.now_ms();
        let known = self.known();
        let followed = follow(&known.trusted, &self.transport, now_ms);
        if let Some(error) = followed.failed {
            return Err(error);
        }
        let adding = self.adding_blobs.read().unwrap_or_else(PoisonError::into_inner);
        let log_refused = self.log.as_ref().map(|log| log.follow(&self.transport)).transpose()?.flatten();
        // The state is taken only when all it says about what is installed is here too.
        let mut catalogue = self.source(&followed.trusted, Some(&self.transport)).read()?;
        catalogue.refused.extend(followed.refused);
        catalogue.refused.extend(log_refused);
        self.home.settle()?;
        Kept::keep(&self.home, &followed.trusted, Some(now_ms))?;
        self.documents.sweep(catalogue.needed_documents())?;
        self.log.iter().try_for_each(|log| log.sweep(catalogue.needed_documents()))?;
        let refused = catalogue.refused.clone();
        let changed = !catalogue.offers_the_same_as(&known.catalogue);
        let fresh = Known { trusted: followed.trusted, catalogue, refreshed_ms: Some(now_ms) };
        self.set_known(fresh);
        self.prove_what_is_installed()?;
        drop(adding);
        self.end_what_must_not_run();
        Ok(Refreshed { changed, refused })
    }

    /// Fetches the proofs of releases that came before the trust file named this log or these witnesses. What cannot be
    /// proved stays where it is, and is not launched.
    fn prove_what_is_installed(&self) -> Result<(), HostError> {
        let Some(log) = &self.log else { return Ok(()) };
        for app in self.slots.apps()? {
            let Ok(Some(state)) = self.slots.state(&app) else { continue };
            for sequence in state.slots() {
                match self.prove_slot(log, &app, &state.department, sequence) {
                    Err(error @ (HostError::Disk { .. } | HostError::Unreachable { .. })) => return Err(error),
                    Err(error) => tracing::warn!(%app, sequence, class = error.class(), %error, "it is not proved"),
                    Ok(()) => {}
                }
            }
        }
        Ok(())
    }

    fn prove_slot(
        &self,
        log: &LogRecord,
        app: &AppId,
        department: &Department,
        sequence: u64,
    ) -> Result<(), HostError> {
        let Some(bytes) = self.slots.document(app, sequence)? else { return Ok(()) };
        let subject = || app.to_string();
        let release =
            ReleaseDocument::parse(&bytes).map_err(|refusal| HostError::Package { subject: subject(), refusal })?;
        if let Ok((_, proof)) = self.slots.proof(app, sequence)
            && log.check(department, &release, &bytes, &proof).is_ok()
        {
            return Ok(());
        }
        // Whoever changes the app now brings the proof along, or leaves it to the next refresh.
        let Ok(_change) = self.change(app) else { return Ok(()) };
        let proof = log.prove(department, &release, &bytes, Some(&self.transport))?;
        match self.slots.document(app, sequence)? {
            Some(present) if present == bytes => self.slots.keep_proof(app, sequence, &proof),
            _ => Ok(()),
        }
    }
}

/// What a round of [`Host::keep_fresh`] brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Whether what the store offers has changed.
    pub changed: bool,
    /// Apps of which a newer release is ready now.
    pub staged: Vec<AppId>,
    /// What went wrong.
    pub failed: Vec<Problem>,
}

enum Nudge {
    Now,
    Stop,
}

/// Keeps a host fresh as long as it lives.
#[derive(Debug)]
pub struct KeepFresh {
    stop: Sender<Nudge>,
    thread: Option<JoinHandle<()>>,
}

impl KeepFresh {
    /// Begins the next round at once.
    pub fn now(&self) {
        if self.stop.send(Nudge::Now).is_err() {
            tracing::error!("the refresh thread has ended");
        }
    }

    /// Ends the thread and waits for it; a transfer that is under way is waited for.
    pub fn stop(mut self) {
        self.tell_to_stop();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the refresh thread panicked");
        }
    }

    fn tell_to_stop(&self) {
        let _it_may_have_ended = self.stop.send(Nudge::Stop);
    }
}

impl Drop for KeepFresh {
    fn drop(&mut self) {
        self.tell_to_stop();
    }
}
