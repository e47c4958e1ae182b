//! The first launch of a release: it is in use for good once a page of it has been seen, and else the one before is again.

use guichet_contract::AppId;

use crate::{
    error::HostError,
    host::{Host, Inner},
    session::SessionEvent,
    slots::State,
};

/// A release that is launched and has never shown a page on this device.
#[derive(Clone)]
pub(crate) struct Debut {
    host: Host,
    app: AppId,
    sequence: u64,
}

/// The release before is in use again.
pub(crate) struct WentBack {
    pub(crate) state: State,
    version_name: String,
}

impl Debut {
    /// The launch of an app in this state; none if its release has been seen before.
    pub(crate) fn of(host: &Host, app: &AppId, state: &State) -> Option<Self> {
        (!state.is_launched).then(|| Self { host: host.clone(), app: app.clone(), sequence: state.current })
    }

    /// A page was seen: what was kept in case there would be none can go at the next change.
    pub(crate) fn succeeded(self) {
        let inner = &self.host.inner;
        let Ok(_change) = inner.change(&self.app) else { return };
        let noted = inner.installed(&self.app).and_then(|state| match self.is_under_way(&state) {
            true => inner.slots.set(&self.app, &state.launched()),
            false => Ok(()),
        });
        if let Err(error) = noted {
            tracing::warn!(app = %self.app, class = error.class(), %error, "the launch could not be noted");
        }
    }

    /// No page will be seen: makes the release before the current one, if there is one that may run.
    ///
    /// A release is not tried again if that was its own fault, and not this device's.
    pub(crate) fn failed(self, is_own_fault: bool) -> Option<WentBack> {
        match self.go_back(&self.host.inner, is_own_fault) {
            Ok(went_back) => went_back,
            Err(error) => {
                let class = error.class();
                tracing::warn!(app = %self.app, class, %error, "the release before cannot be used either");
                None
            }
        }
    }

    fn go_back(&self, inner: &Inner, is_own_fault: bool) -> Result<Option<WentBack>, HostError> {
        let _change = inner.change(&self.app)?;
        let state = inner.installed(&self.app)?;
        let Some(previous) = state.previous.filter(|_| self.is_under_way(&state)) else { return Ok(None) };
        let known = inner.known();
        inner.check_may_run(&known, &self.app, previous)?;
        let slot = inner.slot(&known, &self.app, &state, previous)?;
        let state = state.back_to(previous, is_own_fault);
        inner.slots.set(&self.app, &state)?;
        tracing::warn!(app = %self.app, failed = self.sequence, previous, "a release did not open; the one before is used");
        Ok(Some(WentBack { state, version_name: slot.contents.statement().version.name.clone() }))
    }

    fn is_under_way(&self, state: &State) -> bool {
        state.current == self.sequence && !state.is_launched
    }
}

impl WentBack {
    /// What the shell is told.
    pub(crate) fn event(&self) -> SessionEvent {
        SessionEvent::WentBack { sequence: self.state.current, version_name: self.version_name.clone() }
    }
}
