//! Starting a session of an installed app: the staged release first becomes the current one.

use std::sync::Arc;

use guichet_contract::{AppId, PLATFORM_CODE, app_info::Info};

use crate::{
    broker,
    error::HostError,
    host::{Host, Inner},
    session::{Running, Session, Sink, resolve},
    state::State,
    trial::{Outcome, Trial},
};

impl Host {
    /// Opens an installed app at a page, or at its first. Works without a network.
    ///
    /// `route` is `pages/x` with an optional `?query`; one that is no page of the app opens the first page, as MiniApp
    /// Packaging has it. The events of the session go to `sink`, on the session's own thread. A newer release begins its
    /// trial here; if that cannot even begin, or has gone wrong before, the one before is opened, and `sink` is told
    /// ([`crate::SessionEvent::WentBack`]).
    pub fn launch(&self, app: &AppId, route: Option<&str>, sink: Sink) -> Result<Session, HostError> {
        self.inner.await_closing(app);
        let (state, outcome) = self.inner.ready_to_launch(app)?;
        outcome.iter().for_each(|outcome| sink(outcome.event()));
        let trial = Trial::of(self, app, &state);
        let started = self.start(app, &state, route, Arc::clone(&sink), trial.clone());
        let is_own_fault = match &started {
            Err(HostError::Package { .. } | HostError::SlotDamaged { .. } | HostError::NoSuchPage { .. }) => true,
            Err(
                HostError::CacheAltered { .. }
                | HostError::Revoked { .. }
                | HostError::Recalled { .. }
                | HostError::BelowFloor { .. },
            ) => false,
            _ => return started,
        };
        let Some(outcome) = trial.and_then(|trial| trial.failed(is_own_fault)) else { return started };
        sink(outcome.event());
        match outcome {
            Outcome::WentBack { state, .. } => self.start(app, &state, route, sink, None),
            Outcome::Undecided(_) => started,
        }
    }

    fn start(
        &self,
        app: &AppId,
        state: &State,
        route: Option<&str>,
        sink: Sink,
        trial: Option<Trial>,
    ) -> Result<Session, HostError> {
        let inner = &self.inner;
        let known = inner.known();
        let slot = inner.slot(&known, app, state, state.current)?;
        inner.check_may_run(&known, app, state.current)?;
        let manifest = inner.manifest(&slot)?;
        let files = inner.files(&slot);
        let start = match route.filter(|route| resolve(&manifest, route).is_some()) {
            Some(route) => route.to_owned(),
            None => manifest.pages.first().map(|page| page.as_str().to_owned()).unwrap_or_default(),
        };
        // Where there is a release to go back to, a page that cannot be shown is better known now.
        if state.is_on_trial()
            && let Some((route, _)) = resolve(&manifest, &start)
        {
            files.require(&format!("{route}.html"))?;
        }
        let version = &slot.contents.statement().version;
        let info = Info {
            app_id: app.clone(),
            version_code: version.code,
            version_name: version.name.clone(),
            platform_code: u32::try_from(PLATFORM_CODE).unwrap_or(u32::MAX),
            lang: inner.lang(),
            terminal: inner.options.terminal.clone(),
        };
        let grants =
            broker::grants(&manifest, &slot.release.permissions, &inner.options.policy, &inner.slots.consent(app)?);
        let running = Running {
            sequence: state.current,
            files,
            approved: slot.release.permissions.clone(),
            manifest,
            info,
            grants: broker::shared(grants),
            services: Arc::clone(&inner.options.services),
            clock: inner.options.clock.clone(),
        };
        let session = Session::start(running, inner.engine()?, &start, sink, trial)?;
        inner.add_session(session.downgrade());
        Ok(session)
    }
}

impl Inner {
    /// The state of an installed app, after its staged release has become the current one if it can, and what became of
    /// a trial that had gone wrong.
    fn ready_to_launch(&self, app: &AppId) -> Result<(State, Option<Outcome>), HostError> {
        let change = self.change(app);
        let state = self.installed(app)?;
        // Somebody is installing right now: what has proved itself still runs.
        if change.is_err() {
            return match state.is_restoring {
                true => Err(HostError::Busy { app: app.clone() }),
                false => Ok((state.without_trial().filter(|_| state.is_on_trial()).unwrap_or(state), None)),
            };
        }
        let state = self.put_back_if_due(app, &state)?;
        let activated = self.activate(app, &state).unwrap_or_else(|error| {
            tracing::warn!(%app, class = error.class(), %error, "the newer release cannot be used");
            None
        });
        let state = activated.unwrap_or(state);
        if !state.is_on_trial() {
            return Ok((state, None));
        }
        let mut outcome = None;
        if state.has_used_up_its_starts() && state.undecided().is_none() {
            match self.give_up(app, &state, true, false)? {
                Some(Outcome::WentBack { state, version_name }) => {
                    return Ok((state.clone(), Some(Outcome::WentBack { state, version_name })));
                }
                undecided => outcome = undecided,
            }
        }
        match self.begin_trial(app, &state) {
            Ok(state) => Ok((state, outcome)),
            // A release that could not be given up must not be launched on data nobody has kept.
            Err(error) => match state.without_trial() {
                Some(before) if state.kept_data.as_ref().is_none_or(|kept| Some(kept.sequence) != state.previous) => {
                    tracing::warn!(%app, class = error.class(), %error, "a new release waits: its data cannot be kept aside");
                    Ok((before, outcome))
                }
                _ => Err(error),
            },
        }
    }
}
