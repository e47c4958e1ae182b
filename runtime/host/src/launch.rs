//! Starting a session of an installed app: the staged release first becomes the current one, unless a version is named.

use std::sync::Arc;

use guichet_contract::{AppId, PLATFORM_CODE, app_info::Info};
use guichet_package::{Manifest, manifest::ManifestRefusal};

use crate::{
    broker,
    console::Console,
    error::HostError,
    host::{Host, Inner},
    session::{Counts, Running, Session, Sink, resolve},
    state::State,
    trial::{Outcome, Trial},
    versions::Asked,
};

/// How an app is opened; by default at the first page of its newest release, by the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// `pages/x` with an optional `?query` and `#fragment`, percent-encoded; none: the app's first page (A4, L13).
    ///
    /// One that begins with the question mark or number sign is for the first page.
    pub page: Option<String>,
    /// The `version.name` to run, compared without case; none: the newest on this device (A9).
    pub version: Option<String>,
    /// Pages that lie below it, the lowest first, written as `page` is: those of a session that was unloaded (L5). They are
    /// loaded when somebody goes back to them; what is no page of the release is left out.
    pub below: Vec<String>,
    /// Who opens it: `referrerInfo` of MiniApp Lifecycle (L10), the address of a page of another app; empty: the person.
    pub referrer: String,
}

impl Start {
    /// The page that opens, with query and fragment: the first one if the app has no such page, which is logged.
    pub(crate) fn page_of(&self, manifest: &Manifest) -> String {
        let first = manifest.start_page(None).map(|start| start.page.to_string()).unwrap_or_default();
        match self.page.as_deref() {
            None => first,
            Some(rest) if rest.starts_with(['?', '#']) => first + rest,
            Some(page) if resolve(manifest, page).is_some() => page.to_owned(),
            Some(page) => {
                tracing::info!(app = %manifest.app_id, page, "the app has no such page, so its first one opens");
                first
            }
        }
    }
}

impl Host {
    /// Opens an installed app at a page, or at its first. Works without a network (P-A9).
    ///
    /// A page that the app has not got opens the first page and is logged, as MiniApp Packaging has it. The events of the
    /// session go to `sink`, on the session's own thread. A newer release begins its trial here; if that cannot even
    /// begin, or has gone wrong before, the one before is opened, and `sink` is told
    /// ([`crate::SessionEvent::WentBack`]).
    pub fn launch(&self, app: &AppId, start: &Start, sink: Sink) -> Result<Session, HostError> {
        self.inner.await_closing(app);
        let asked = match &start.version {
            Some(version) => self.inner.version(app, version)?,
            None => Asked::Newest,
        };
        if let Asked::Before(state, sequence) = asked {
            return self.start(app, &state, sequence, start, sink, None);
        }
        let (state, outcome) = self.inner.ready_to_launch(app, matches!(asked, Asked::Newest))?;
        outcome.iter().for_each(|outcome| sink(outcome.event()));
        let trial = Trial::of(self, app, &state);
        let started = self.start(app, &state, state.current, start, Arc::clone(&sink), trial.clone());
        let is_own_fault = match &started {
            Err(HostError::Package { .. } | HostError::SlotDamaged { .. } | HostError::NoSuchPage { .. }) => true,
            Err(
                HostError::CacheAltered { .. }
                | HostError::Unlogged { .. }
                | HostError::Log { .. }
                | HostError::Revoked { .. }
                | HostError::Recalled { .. }
                | HostError::BelowFloor { .. },
            ) => false,
            _ => return started,
        };
        let Some(outcome) = trial.and_then(|trial| trial.failed(is_own_fault)) else { return started };
        sink(outcome.event());
        match outcome {
            Outcome::WentBack { state, .. } => self.start(app, &state, state.current, start, sink, None),
            Outcome::Undecided(_) => started,
        }
    }

    /// Sees to it that the next launch finds a logic process that waits. To be called on a thread that has time, when the
    /// machine has; what waits already stays.
    pub fn prepare_logic(&self) {
        match self.inner.engine() {
            Ok(engine) => engine.prepare(),
            Err(error) => tracing::warn!(class = error.class(), %error, "no logic process waits"),
        }
    }

    fn start(
        &self,
        app: &AppId,
        state: &State,
        sequence: u64,
        start: &Start,
        sink: Sink,
        trial: Option<Trial>,
    ) -> Result<Session, HostError> {
        let verifying = tracing::trace_span!(target: "opening", "verify", %app);
        let inner = &self.inner;
        let known = inner.known();
        let slot = inner.slot(&known, app, state, sequence)?;
        inner.check_may_run(&known, app, sequence)?;
        let manifest = inner.manifest(&slot)?;
        let refuse =
            |refusal: ManifestRefusal| HostError::Package { subject: app.to_string(), refusal: refusal.into() };
        manifest.check_platform(PLATFORM_CODE).map_err(refuse)?;
        let files = inner.files(&slot);
        let page = start.page_of(&manifest);
        // Where there is a release to go back to, a page that cannot be shown is better known now.
        if state.is_on_trial()
            && let Some(target) = resolve(&manifest, &page)
        {
            files.require(&format!("{}.html", target.route))?;
        }
        drop(verifying);
        let version = &slot.contents.statement().version;
        let info = Info {
            app_id: app.clone(),
            version_code: version.code,
            version_name: version.name.clone(),
            platform_code: u32::try_from(PLATFORM_CODE).unwrap_or(u32::MAX),
            lang: manifest.locale(&inner.lang(), files.statement().files.iter().map(|entry| &entry.path)),
            terminal: inner.options.terminal.clone(),
        };
        let grants =
            broker::grants(&manifest, &slot.release.permissions, &inner.options.policy, &inner.slots.consent(app)?);
        let running = Running {
            rehearsal: None,
            sequence,
            image: Some(inner.slots.image(app, &slot.release)),
            files,
            approved: slot.release.permissions.clone(),
            manifest,
            info,
            referrer: start.referrer.clone(),
            grants: broker::shared(grants),
            services: Arc::clone(&inner.options.services),
            counts: Some(Counts { beacons: inner.beacons.clone(), app: app.clone(), sequence }),
            clock: inner.options.clock.clone(),
            recorder: inner.options.recorder.clone(),
            // A kiosk keeps nothing of what people do there, and an app may say anything.
            console: (inner.options.terminal != "kiosk")
                .then(|| Console::new(inner.home.app(app), sequence, &slot.contents.statement().version.name)),
        };
        let session = Session::start(running, inner.engine()?, start, sink, trial)?;
        inner.add_session(session.downgrade());
        Ok(session)
    }
}

impl Inner {
    /// The state of an installed app, after its staged release has become the current one if it can and shall, and what became of
    /// a trial that had gone wrong.
    fn ready_to_launch(&self, app: &AppId, takes_newest: bool) -> Result<(State, Option<Outcome>), HostError> {
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
        let activated = if takes_newest { self.activate(app, &state) } else { Ok(None) };
        let activated = activated.unwrap_or_else(|error| {
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
