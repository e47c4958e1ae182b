//! Starting a session of an installed app: the staged release first becomes the current one.

use std::sync::Arc;

use guichet_contract::{AppId, PLATFORM_CODE, app_info::Info};

use crate::{
    broker,
    debut::Debut,
    error::HostError,
    host::{Host, Inner},
    session::{Running, Session, Sink, resolve},
    slots::State,
};

impl Host {
    /// Opens an installed app at a page, or at its first. Works without a network.
    ///
    /// `route` is `pages/x` with an optional `?query`; one that is no page of the app opens the first page, as MiniApp
    /// Packaging has it. The events of the session go to `sink`, on the session's own thread. A newer release that cannot
    /// even begin is left for the one before, which `sink` is told ([`crate::SessionEvent::WentBack`]).
    pub fn launch(&self, app: &AppId, route: Option<&str>, sink: Sink) -> Result<Session, HostError> {
        let state = self.inner.up_to_date(app)?;
        let debut = Debut::of(self, app, &state);
        let started = self.start(app, &state, route, Arc::clone(&sink), debut.clone());
        let is_own_fault = match &started {
            Err(HostError::Package { .. } | HostError::SlotDamaged { .. } | HostError::NoSuchPage { .. }) => true,
            Err(HostError::CacheAltered { .. }) => false,
            _ => return started,
        };
        let Some(back) = debut.and_then(|debut| debut.failed(is_own_fault)) else { return started };
        sink(back.event());
        self.start(app, &back.state, route, sink, None)
    }

    fn start(
        &self,
        app: &AppId,
        state: &State,
        route: Option<&str>,
        sink: Sink,
        debut: Option<Debut>,
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
        if debut.is_some()
            && state.previous.is_some()
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
            files,
            approved: slot.release.permissions.clone(),
            manifest,
            info,
            grants: broker::shared(grants),
            services: Arc::clone(&inner.options.services),
            clock: inner.options.clock.clone(),
        };
        let session = Session::start(running, inner.engine()?, &start, sink, debut)?;
        inner.add_session(session.downgrade());
        Ok(session)
    }
}

impl Inner {
    /// The state of an installed app, after its staged release has become the current one if it can.
    fn up_to_date(&self, app: &AppId) -> Result<State, HostError> {
        let change = self.change(app);
        let state = self.installed(app)?;
        // Somebody is installing right now: what is current still runs.
        if change.is_err() {
            return Ok(state);
        }
        let activated = self.activate(app, &state).unwrap_or_else(|error| {
            tracing::warn!(%app, class = error.class(), %error, "the newer release cannot be used");
            None
        });
        Ok(activated.unwrap_or(state))
    }
}
