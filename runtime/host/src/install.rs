//! Bringing a release onto this device: only what is missing, verified as a whole, and in its place at once.

use std::sync::PoisonError;

use guichet_api::BeaconKind;
use guichet_contract::{AppId, Part};
use guichet_engine::Program;
use guichet_package::release::rollout::takes_part;

use crate::{
    error::HostError,
    files::Files,
    host::{Host, Inner, Known},
    listing::{Installed, Progress},
    session::program,
    state::State,
    update::{Offer, expired},
};

/// Whether a release becomes the current one at once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Switch,
    Stage,
}

impl Host {
    /// Installs an app, or brings an installed one to the newest release at once.
    pub fn install(&self, app: &AppId, progress: &mut dyn FnMut(Progress)) -> Result<Installed, HostError> {
        self.inner.bring(app, Then::Switch, None, progress)
    }

    /// The same, if the release on offer is still the one that a person was `shown`: what it asks for is what they have read.
    pub fn install_shown(
        &self,
        app: &AppId,
        shown: u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Installed, HostError> {
        self.inner.bring(app, Then::Switch, Some(shown), progress)
    }

    /// Fetches the newest release of an installed app beside the present one; it is used from the next launch on.
    pub fn stage(&self, app: &AppId, progress: &mut dyn FnMut(Progress)) -> Result<Installed, HostError> {
        self.inner.installed(app)?;
        self.inner.bring(app, Then::Stage, None, progress)
    }

    /// Makes the staged release the current one. Sessions that run go on with the release they began with.
    pub fn activate(&self, app: &AppId) -> Result<(), HostError> {
        let _change = self.inner.change(app)?;
        let state = self.inner.installed(app)?;
        self.inner.activate(app, &state)?.map(drop).ok_or_else(|| HostError::NothingStaged { app: app.clone() })
    }

    /// Removes an app with its data (P-A12). Its sessions end first.
    pub fn remove(&self, app: &AppId) -> Result<(), HostError> {
        let _change = self.inner.change(app)?;
        self.inner.installed(app)?;
        for session in self.inner.sessions().into_iter().filter(|session| session.app_id() == app) {
            session.close_and_wait();
        }
        let mut removed = Ok(());
        self.inner.options.services.at_rest(app, &mut || removed = self.inner.slots.remove(app));
        removed?;
        self.inner.sweep_if_possible();
        Ok(())
    }
}

impl Host {
    /// Erases what an app has stored (P-A11), and what was kept of it in case a new release fails; the app stays. Its
    /// sessions end first.
    pub fn erase_data(&self, app: &AppId) -> Result<(), HostError> {
        let _change = self.inner.change(app)?;
        let state = self.inner.installed(app)?;
        for session in self.inner.sessions().into_iter().filter(|session| session.app_id() == app) {
            session.close_and_wait();
        }
        self.inner.erase_data(app, &state)
    }
}

impl Inner {
    /// Switches to the staged release, if there is one, it may run, and no data are lost by it.
    pub(crate) fn activate(&self, app: &AppId, state: &State) -> Result<Option<State>, HostError> {
        let Some(staged) = state.staged else { return Ok(None) };
        let known = self.known();
        self.slot(&known, app, state, staged)?;
        self.check_may_run(&known, app, staged)?;
        if let Some(offer) = known.catalogue.offers.get(app) {
            offer.check_not_halted(staged)?;
        }
        let (storage_version, _) = self.form_of(app, state, staged)?;
        self.check_loses_nothing(app, state, staged, storage_version)?;
        let switched = state.switched(staged, storage_version);
        self.slots.set(app, &switched)?;
        Ok(Some(switched))
    }

    /// Leaves it to a person whether a release that knows only an older form of the data takes over.
    fn check_loses_nothing(
        &self,
        app: &AppId,
        state: &State,
        sequence: u64,
        storage_version: u32,
    ) -> Result<(), HostError> {
        if storage_version >= state.storage_version || self.data_changes(app) == 0 {
            return Ok(());
        }
        self.slots.set(app, &state.staging(sequence).waiting_for_a_person(sequence))?;
        Err(HostError::WouldLoseData { app: app.clone(), sequence })
    }

    /// Refuses a release that its department has recalled.
    pub(crate) fn check_may_run(&self, known: &Known, app: &AppId, sequence: u64) -> Result<(), HostError> {
        let Some(offer) = known.catalogue.offers.get(app) else { return Ok(()) };
        let app = app.clone();
        if offer.release.revoked.contains(&sequence) {
            return Err(match offer.release.is_recall() {
                true => HostError::Recalled { app, reason: offer.release.reason.clone() },
                false => HostError::Revoked { app, sequence },
            });
        }
        let floor = offer.release.floor;
        if sequence < floor {
            return Err(HostError::BelowFloor { app, sequence, floor });
        }
        Ok(())
    }

    fn bring(
        &self,
        app: &AppId,
        then: Then,
        shown: Option<u64>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Installed, HostError> {
        let _change = self.change(app)?;
        let known = self.known();
        let state = self.slots.state(app)?;
        let offer = self.acceptable(&known, app, state.as_ref())?;
        let sequence = offer.release.sequence;
        if let Some(shown) = shown.filter(|shown| *shown != sequence) {
            return Err(HostError::NotAsShown { app: app.clone(), shown, sequence });
        }
        self.check_not_older(app, &offer, state.as_ref())?;
        let keys = known.catalogue.departments.get(&offer.department);
        let keys = keys.ok_or_else(|| HostError::NoKeys { app: app.clone(), department: offer.department.clone() })?;

        let adding = self.adding_blobs.read().unwrap_or_else(PoisonError::into_inner);
        let fetched = self.fetch(&offer, state.as_ref(), keys, progress)?;
        progress(Progress::Verified);
        let is_there =
            |state: &State| state.current == sequence || (then == Then::Stage && state.staged == Some(sequence));
        if !state.as_ref().is_some_and(is_there) {
            self.slots.place(app, &offer, fetched.wire_bytes)?;
            self.home.settle()?;
            self.beacons.note(app, sequence, BeaconKind::Installed);
            let form = offer.manifest.guichet.storage_version;
            match then {
                _ if state.is_none() => {
                    self.slots.set(app, &State::first(offer.department.clone(), sequence, form))?;
                }
                Then::Stage => drop(self.slots.edit(app, |state| Some(state.staging(sequence)))?),
                Then::Switch => {
                    self.check_loses_nothing(app, &self.installed(app)?, sequence, form)?;
                    self.slots.edit(app, |state| Some(state.switched(sequence, form)))?;
                }
            }
        } else if let Some(proof) = &offer.proof {
            self.slots.keep_proof(app, sequence, proof)?;
        }
        drop(adding);
        progress(Progress::Placed);
        self.sweep_if_possible();
        self.prepare(app, &offer);
        let version_name = offer.release.version.name.clone();
        let (bytes_downloaded, files_downloaded) = (fetched.wire_bytes, fetched.files);
        Ok(Installed { app_id: app.clone(), sequence, version_name, bytes_downloaded, files_downloaded })
    }

    /// Compiles the logic and makes its memory image now, so that the first launch does not wait for it. What cannot be
    /// compiled or started says so when it is launched.
    fn prepare(&self, app: &AppId, offer: &Offer) {
        let files = Files::new(&offer.contents, self.blobs.clone(), self.transport.clone());
        let prepared = program(&files, &offer.manifest).and_then(|program| Ok((program, self.engine()?)));
        match prepared {
            Ok((program @ Program::Script(_), engine)) => {
                self.slots.image(app, &offer.release).prepare(&engine, &program);
            }
            Ok((program, engine)) => {
                if let Err(ended) = engine.load(&program) {
                    tracing::warn!(%app, class = ended.class(), %ended, "the logic cannot be compiled");
                }
            }
            Err(error) => tracing::warn!(%app, class = error.class(), %error, "the logic was not compiled yet"),
        }
    }

    /// The release this device may take now.
    fn acceptable(&self, known: &Known, app: &AppId, state: Option<&State>) -> Result<Offer, HostError> {
        let now_ms = self.options.clock.now_ms();
        let offer = match known.catalogue.offers.get(app) {
            Some(offer) => offer.clone(),
            None => self.ask_again(known, app)?,
        };
        if let Some((role, since)) = expired(&known.trusted, Some(offer.department.as_str()), now_ms) {
            return Err(HostError::Expired { role, since });
        }
        if offer.release.is_recall() {
            return Err(HostError::Recalled { app: app.clone(), reason: offer.release.reason });
        }
        let offer = self.meant(&offer, state).clone();
        let sequence = offer.release.sequence;
        offer.check_not_halted(sequence)?;
        if let Some(part) = self.missing_part(&offer) {
            return Err(HostError::NoPart { app: app.clone(), part });
        }
        if self.takes_part(&offer) { Ok(offer) } else { Err(HostError::NotYet { app: app.clone(), sequence }) }
    }

    /// A part that a release requires and this terminal has not got.
    pub(crate) fn missing_part(&self, offer: &Offer) -> Option<Part> {
        let requires = &offer.manifest.guichet.requires;
        // Most releases require nothing, and looking may ask the devices.
        let parts = if requires.is_empty() { return None } else { self.options.services.parts() };
        requires.iter().copied().find(|part| !parts.contains(part))
    }

    /// Whether this terminal takes part in the rollout of a release.
    pub(crate) fn takes_part(&self, offer: &Offer) -> bool {
        takes_part(&offer.release, offer.brake.as_ref(), &self.device())
    }

    /// What is meant by an offer here: the newest release, or the one before it while the newest is not for this terminal
    /// yet. Whoever has the one before already, or had a newer one, is not led back.
    pub(crate) fn meant<'a>(&self, offer: &'a Offer, state: Option<&State>) -> &'a Offer {
        let is_news = |before: &&Offer| state.is_none_or(|state| state.may_take(before.release.sequence));
        match offer.before.as_deref().filter(is_news) {
            Some(before) if !self.takes_part(offer) => before,
            _ => offer,
        }
    }

    /// Judges an app again that is not in the catalogue, to say why it is not.
    fn ask_again(&self, known: &Known, app: &AppId) -> Result<Offer, HostError> {
        let source = self.source(&known.trusted, Some(&self.transport));
        for (department, keys) in &known.catalogue.departments {
            let path = guichet_package::release::release_path(department, app, &self.options.channel);
            if known.trusted.target(department.as_str(), &path).is_some() {
                return source.offer(department, keys, app);
            }
        }
        Err(HostError::UnknownApp { app: app.clone() })
    }

    fn check_not_older(&self, app: &AppId, offer: &Offer, state: Option<&State>) -> Result<(), HostError> {
        let Some(state) = state else { return Ok(()) };
        let app = || app.clone();
        let offered = offer.release.sequence;
        if offer.department != state.department {
            let found = format!("{}, and the installed app is of {}", offer.department, state.department);
            return Err(HostError::Misplaced { app: app().to_string(), found });
        }
        if offered < state.accepted {
            return Err(HostError::Rollback { app: app(), offered, accepted: state.accepted });
        }
        if state.has_failed(offered) {
            return Err(HostError::DidNotOpen { app: app(), sequence: offered });
        }
        if state.is_declined(offered) {
            return Err(HostError::WouldLoseData { app: app(), sequence: offered });
        }
        if let Ok(Some(installed)) = self.slots.statement_digest(&app(), offered)
            && installed != offer.release.statement.sha256
        {
            return Err(HostError::TwoReleases { app: app(), sequence: offered });
        }
        Ok(())
    }
}
