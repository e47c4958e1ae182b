//! Starting a session of an installed app: the staged release first becomes the current one.

use std::sync::Arc;

use guichet_contract::{AppId, PLATFORM_CODE, app_info::Info};

use crate::{
    broker,
    error::HostError,
    host::Host,
    session::{Running, Session, Sink},
};

impl Host {
    /// Opens an installed app at a page, or at its first. Works without a network.
    ///
    /// `route` is `pages/x` with an optional `?query`; one that is no page of the app opens the first page, as MiniApp
    /// Packaging has it. The events of the session go to `sink`, on the session's own thread.
    pub fn launch(&self, app: &AppId, route: Option<&str>, sink: Sink) -> Result<Session, HostError> {
        let inner = &self.inner;
        let known = inner.known();
        let (state, slot) = {
            let change = inner.change(app);
            let state = inner.installed(app)?;
            // Somebody is installing right now: what is current still runs.
            let switched = match change {
                Ok(_change) => match inner.activate(app, &state) {
                    Ok(switched) => switched,
                    Err(error) => {
                        tracing::warn!(%app, class = error.class(), %error, "the newer release cannot be used");
                        None
                    }
                },
                Err(_) => None,
            };
            let state = switched.unwrap_or(state);
            let slot = inner.slot(&known, app, &state, state.current)?;
            (state, slot)
        };
        inner.check_may_run(&known, app, state.current)?;
        let manifest = inner.manifest(&slot)?;
        let version = &slot.contents.statement().version;
        let info = Info {
            app_id: app.clone(),
            version_code: version.code,
            version_name: version.name.clone(),
            platform_code: u32::try_from(PLATFORM_CODE).unwrap_or(u32::MAX),
            lang: inner.options.lang.clone(),
            terminal: inner.options.terminal.clone(),
        };
        let grants = broker::grants(&slot, &manifest, &inner.options.policy, &inner.slots.consent(app)?);
        let start = match route.filter(|route| crate::session::resolve(&manifest, route).is_some()) {
            Some(route) => route.to_owned(),
            None => manifest.pages.first().map(|page| page.as_str().to_owned()).unwrap_or_default(),
        };
        let running = Running {
            files: inner.files(&slot),
            approved: slot.release.permissions.clone(),
            manifest,
            info,
            grants: broker::shared(grants),
            services: Arc::clone(&inner.options.services),
            clock: inner.options.clock.clone(),
        };
        let host = self.clone();
        let (launched, sequence) = (app.clone(), state.current);
        let session =
            Session::start(running, inner.engine()?, &start, sink, move || host.has_launched(&launched, sequence))?;
        inner.add_session(session.downgrade());
        Ok(session)
    }

    /// The release has started: what was kept in case it would not can go at the next change.
    fn has_launched(&self, app: &AppId, sequence: u64) {
        let Ok(_change) = self.inner.change(app) else { return };
        let noted = self.inner.installed(app).and_then(|state| {
            let is_news = state.current == sequence && !state.is_launched;
            if is_news { self.inner.slots.set(app, &state.launched()) } else { Ok(()) }
        });
        if let Err(error) = noted {
            tracing::warn!(%app, class = error.class(), %error, "the launch could not be noted");
        }
    }
}
