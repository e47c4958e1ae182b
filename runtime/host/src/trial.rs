//! The trial of a new release: launched from data that are kept aside, it is confirmed once it was painted and lived its
//! time without an error, and else the release before is in use again.
//!
//! Every step is written down before it is taken, so that a kill at any moment counts as a start that went wrong.

use std::time::{Duration, Instant};

use guichet_api::BeaconKind;
use guichet_contract::AppId;

use crate::{
    error::HostError,
    host::{Host, Inner},
    listing::Choice,
    session::SessionEvent,
    state::{KeptData, State, TRIAL},
};

/// How long the end of a trial waits for somebody who is changing the app.
const PATIENCE: Duration = Duration::from_secs(5);

/// A launch of a release that has not proved itself on this device.
#[derive(Clone)]
pub(crate) struct Trial {
    host: Host,
    app: AppId,
    sequence: u64,
    can_go_back: bool,
    lived: Duration,
    painted: Option<Duration>,
}

/// What became of a release that failed its trial.
pub(crate) enum Outcome {
    /// The release before is in use again.
    WentBack {
        /// The state of the app now.
        state: State,
        /// `version.name` of the release in use.
        version_name: String,
    },
    /// It stays, because a person has to decide.
    Undecided(Choice),
}

impl Trial {
    /// The launch of an app in this state; none if its release has proved itself.
    pub(crate) fn of(host: &Host, app: &AppId, state: &State) -> Option<Self> {
        if state.is_confirmed {
            return None;
        }
        host.inner.beacons.note(app, state.current, BeaconKind::Launched);
        Some(Self {
            host: host.clone(),
            app: app.clone(),
            sequence: state.current,
            can_go_back: state.previous.is_some(),
            lived: state.lived(),
            painted: None,
        })
    }

    /// Whether there is a release to go back to, so that an error is better acted upon than only told.
    pub(crate) fn can_go_back(&self) -> bool {
        self.can_go_back
    }

    /// A page was seen. Says whether that is enough.
    pub(crate) fn painted(&mut self) -> bool {
        if self.painted.is_none() {
            self.host.inner.beacons.note(&self.app, self.sequence, BeaconKind::Painted);
        }
        self.painted.get_or_insert(self.host.inner.options.clock.elapsed());
        !self.can_go_back
    }

    /// Whether the release has lived long enough.
    pub(crate) fn is_over(&self) -> bool {
        self.painted.is_some() && self.left().is_zero()
    }

    /// When it will have lived long enough, if nothing happens.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.painted.map(|_| Instant::now() + self.left())
    }

    fn left(&self) -> Duration {
        TRIAL.saturating_sub(self.lived + self.lived_here())
    }

    fn lived_here(&self) -> Duration {
        let now = self.host.inner.options.clock.elapsed();
        self.painted.map_or(Duration::ZERO, |painted| now.saturating_sub(painted))
    }

    /// The release is in use for good; what was kept in case it would not be can go at the next change.
    pub(crate) fn succeeded(self) {
        self.note(State::confirmed);
    }

    /// Somebody has closed the app: that decides nothing, but the time counts.
    pub(crate) fn closed(self) {
        let lived = self.lived_here();
        self.note(|state| state.closed(lived));
    }

    fn note(&self, change: impl FnOnce(&State) -> State) {
        let noted = self.host.inner.slots.edit(&self.app, |state| self.is_under_way(state).then(|| change(state)));
        if let Err(error) = noted {
            tracing::warn!(app = %self.app, class = error.class(), %error, "the end of a trial could not be noted");
        }
    }

    /// The release has failed: makes the one before the current one, if there is one that may run.
    ///
    /// It is not tried again if that was its own fault, and not this device's.
    pub(crate) fn failed(self, is_own_fault: bool) -> Option<Outcome> {
        let inner = &self.host.inner;
        inner.beacons.note(&self.app, self.sequence, BeaconKind::Error);
        let given_up = inner.change_in_time(&self.app, PATIENCE).and_then(|_change| {
            let state = inner.installed(&self.app)?;
            if self.is_under_way(&state) { inner.give_up(&self.app, &state, is_own_fault, false) } else { Ok(None) }
        });
        given_up.unwrap_or_else(|error| {
            let class = error.class();
            tracing::warn!(app = %self.app, class, %error, "a failed release could not be given up");
            None
        })
    }

    fn is_under_way(&self, state: &State) -> bool {
        state.current == self.sequence && !state.is_confirmed
    }
}

impl Outcome {
    /// What the shell is told.
    pub(crate) fn event(&self) -> SessionEvent {
        match self {
            Self::WentBack { state, version_name } => {
                SessionEvent::WentBack { sequence: state.current, version_name: version_name.clone() }
            }
            Self::Undecided(choice) => SessionEvent::Undecided(choice.clone()),
        }
    }
}

impl Host {
    /// A person keeps the release in use, although it failed or the store offers an older form of its data.
    pub fn keep_release(&self, app: &AppId) -> Result<(), HostError> {
        let _change = self.inner.change(app)?;
        let kept = self.inner.slots.edit(app, |state| state.undecided().map(|_| state.kept_by_a_person()))?;
        kept.map(drop).ok_or_else(|| HostError::NoChoice { app: app.clone() })
    }

    /// A person goes back, and loses what was entered since. Sessions of the app end first.
    pub fn go_back(&self, app: &AppId) -> Result<(), HostError> {
        self.inner.end_sessions(app, |_| true);
        let _change = self.inner.change_in_time(app, PATIENCE)?;
        let state = self.inner.installed(app)?;
        let no_choice = || HostError::NoChoice { app: app.clone() };
        let undecided = state.undecided().ok_or_else(no_choice)?;
        if undecided == state.current {
            return self.inner.give_up(app, &state, true, true)?.map(drop).ok_or_else(no_choice);
        }
        let (storage_version, _) = self.inner.form_of(app, &state, undecided)?;
        let switched = state.switched_back(undecided, storage_version);
        self.inner.slots.set(app, &switched)?;
        self.inner.put_back_if_due(app, &switched).map(drop)
    }
}

impl Inner {
    /// Begins the trial of the current release: keeps the data aside and counts the start. Whoever calls holds the change.
    pub(crate) fn begin_trial(&self, app: &AppId, state: &State) -> Result<State, HostError> {
        // What the release before still writes would be neither in the copy nor in the data of the new one.
        self.end_sessions(app, |sequence| sequence != state.current);
        let previous = state.previous.unwrap_or_default();
        let kept = match state.kept_data.clone().filter(|kept| kept.sequence == previous) {
            Some(kept) => kept,
            None => {
                let changes = self.data_changes(app);
                self.copy_data(app, previous)?;
                let storage_version = self.form_of(app, state, previous).map_or(0, |(version, _)| version);
                KeptData { sequence: previous, storage_version, changes }
            }
        };
        let is_running = self.sessions().iter().any(|session| session.app_id() == app && !session.has_ended());
        let started = if is_running { state.started_again(Some(kept)) } else { state.started(Some(kept)) };
        self.slots.set(app, &started)?;
        Ok(started)
    }

    /// Gives the current release up for the one before; without consent only if nothing is lost by it.
    pub(crate) fn give_up(
        &self,
        app: &AppId,
        state: &State,
        is_own_fault: bool,
        has_consent: bool,
    ) -> Result<Option<Outcome>, HostError> {
        let Some(previous) = state.previous else { return Ok(None) };
        let usable = self.check_may_run(&self.known(), app, previous).and_then(|()| self.form_of(app, state, previous));
        let version_name = match usable {
            Ok((_, version_name)) => version_name,
            Err(error) => {
                tracing::warn!(%app, class = error.class(), %error, "the release before cannot be used either");
                return Ok(None);
            }
        };
        if !has_consent && state.would_lose_data(self.data_changes(app)) {
            self.slots.set(app, &state.waiting_for_a_person(state.current))?;
            return Ok(Some(Outcome::Undecided(Choice { back_to: version_name, has_failed: true })));
        }
        let back = state.back_to(previous, is_own_fault);
        self.slots.set(app, &back)?;
        self.beacons.note(app, state.current, BeaconKind::Reverted);
        tracing::warn!(%app, failed = state.current, previous, "a release failed its trial; the one before is used");
        let state = self.put_back_if_due(app, &back)?;
        Ok(Some(Outcome::WentBack { state, version_name }))
    }

    /// The form of the data that a release on this device knows, and its `version.name`.
    pub(crate) fn form_of(&self, app: &AppId, state: &State, sequence: u64) -> Result<(u32, String), HostError> {
        let slot = self.slot(&self.known(), app, state, sequence)?;
        let storage_version = self.manifest(&slot).map_or(0, |manifest| manifest.guichet.storage_version);
        Ok((storage_version, slot.contents.statement().version.name.clone()))
    }

    /// What a person has to decide about an app, if anything.
    pub(crate) fn choice(&self, app: &AppId, state: &State) -> Option<Choice> {
        let undecided = state.undecided()?;
        let has_failed = undecided == state.current;
        let target = if has_failed { state.previous? } else { undecided };
        let (_, back_to) = self.form_of(app, state, target).ok()?;
        Some(Choice { back_to, has_failed })
    }
}
