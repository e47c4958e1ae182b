//! The machine room of one terminal: opened once, shared by everyone in the program.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak},
    time::{Duration, Instant},
};

use guichet_api::EventCount;
use guichet_contract::AppId;
use guichet_engine::{CacheOptions, Engine, EngineOptions, Holds};
use guichet_package::{PublisherKeys, release::Device};
use guichet_trust::client::TrustedMetadata;

use crate::{
    beacons::Beacons,
    blobs::Blobs,
    error::HostError,
    files::Files,
    home::Home,
    listing::{Freshness, Problem},
    options::HostOptions,
    session::Shared,
    slots::{Slot, Slots},
    state::State,
    transport::Transport,
    update::{Catalogue, Documents, Kept, LogRecord, Source, expired},
};

/// A host. Clones share everything; the home is free again when the last one and the last session are gone.
#[derive(Clone)]
pub struct Host {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) home: Arc<Home>,
    pub(crate) options: HostOptions,
    lang: RwLock<String>,
    pub(crate) transport: Transport,
    pub(crate) blobs: Blobs,
    pub(crate) documents: Documents,
    pub(crate) slots: Slots,
    pub(crate) beacons: Beacons,
    /// The log every release must be in; none if the trust file names none.
    pub(crate) log: Option<LogRecord>,
    pub(crate) device_id: String,
    engine: OnceLock<Engine>,
    known: RwLock<Arc<Known>>,
    /// One refresh at a time.
    pub(crate) refreshing: Mutex<()>,
    last_error: Mutex<Option<Problem>>,
    /// Apps that are being installed or removed.
    busy: Mutex<HashSet<AppId>>,
    /// One of them is not any more.
    is_free: Condvar,
    /// Held for reading while blobs are added that no slot names yet, for writing while unneeded ones are swept.
    pub(crate) adding_blobs: RwLock<()>,
    sessions: Mutex<Vec<Weak<Shared>>>,
}

/// What the host knows of the store: replaced as a whole.
pub(crate) struct Known {
    pub(crate) trusted: TrustedMetadata,
    pub(crate) catalogue: Catalogue,
    pub(crate) refreshed_ms: Option<u64>,
}

impl Host {
    /// Opens the home and reads what is known, without any network.
    pub fn open(options: HostOptions) -> Result<Self, HostError> {
        let _reading = tracing::trace_span!(target: "opening", "metadata").entered();
        let home = Arc::new(Home::open(&options.home)?);
        let subject = || guichet_package::trust_file::TRUST_FILE_NAME.to_owned();
        let policy = options.trust.policy().map_err(|refusal| HostError::Package { subject: subject(), refusal })?;
        let (trusted, refreshed_ms) = Kept::restore(&home, options.trust.root_bytes())?;
        let inner = Inner {
            transport: Transport::new(&options.trust.static_url),
            blobs: Blobs::new(Arc::clone(&home)),
            documents: Documents::new(Arc::clone(&home)),
            slots: Slots::new(Arc::clone(&home)),
            beacons: Beacons::new(
                Arc::clone(&home),
                options.channel.clone(),
                options.clock.clone(),
                &options.trust.api_url,
                options.beacons,
            ),
            log: policy.map(|policy| LogRecord::open(Arc::clone(&home), policy)).transpose()?,
            device_id: crate::home::hex_of(&home.secret("device")?),
            engine: OnceLock::new(),
            known: RwLock::new(Arc::new(Known { trusted, catalogue: Catalogue::default(), refreshed_ms })),
            refreshing: Mutex::default(),
            last_error: Mutex::default(),
            busy: Mutex::default(),
            is_free: Condvar::new(),
            adding_blobs: RwLock::default(),
            sessions: Mutex::default(),
            lang: RwLock::new(options.lang.clone()),
            home,
            options,
        };
        let known = inner.known();
        let catalogue = inner.source(&known.trusted, None).read()?;
        inner.set_known(Known { trusted: known.trusted.clone(), catalogue, refreshed_ms });
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Takes over what was counted in a home that is given up, as [`counted_in`] has found it. Anything else is left out.
    ///
    /// [`counted_in`]: crate::counted_in
    pub fn gather(&self, counted: &str) {
        let counts: Vec<EventCount> = serde_json::from_str(counted).unwrap_or_default();
        self.inner.beacons.add(counts);
    }

    /// How recent the host's knowledge of the store is.
    pub fn freshness(&self) -> Freshness {
        let known = self.inner.known();
        let ended = expired(&known.trusted, None, self.inner.options.clock.now_ms());
        Freshness {
            last_refresh_ms: known.refreshed_ms,
            expired: ended.is_some(),
            expired_since_ms: ended.map(|(_, since)| since),
            last_error: lock(&self.inner.last_error).clone(),
        }
    }

    /// The language texts are shown in, a BCP 47 tag.
    pub fn lang(&self) -> String {
        self.inner.lang()
    }

    /// Changes the language of the library, and of the sessions that are launched from now on.
    ///
    /// Apps that are not installed may need a refresh before their texts in this language are here.
    pub fn set_language(&self, lang: &str) {
        lang.clone_into(&mut self.inner.lang.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Documents of the store that were refused at the last refresh, each with its path.
    pub fn refused(&self) -> Vec<(String, Problem)> {
        self.inner.known().catalogue.refused.clone()
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("home", &self.inner.options.home).finish_non_exhaustive()
    }
}

impl Inner {
    pub(crate) fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_known(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }

    pub(crate) fn set_last_error(&self, problem: Option<Problem>) {
        *lock(&self.last_error) = problem;
    }

    pub(crate) fn lang(&self) -> String {
        self.lang.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where a catalogue is read from; without a transport only from this device.
    pub(crate) fn source<'a>(&'a self, trusted: &'a TrustedMetadata, transport: Option<&'a Transport>) -> Source<'a> {
        Source {
            trusted,
            documents: &self.documents,
            blobs: &self.blobs,
            transport,
            log: self.log.as_ref(),
            channel: &self.options.channel,
            lang: self.lang(),
            device: self.device(),
        }
    }

    /// What this terminal is to a rollout.
    pub(crate) fn device(&self) -> Device<'_> {
        Device {
            id: Some(&self.device_id),
            terminal: &self.options.terminal,
            groups: &self.options.groups,
            now_ms: self.options.clock.now_ms(),
        }
    }

    /// The engine, made when the first app is launched.
    pub(crate) fn engine(&self) -> Result<Engine, HostError> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine.clone());
        }
        self.home.make_folder(&self.home.engine())?;
        let (folder, key) = (self.home.engine(), self.home.secret("engine-key")?);
        let cache = CacheOptions { folder, key, holds: Holds::Everything };
        let engine = Engine::new(EngineOptions { cache: Some(cache), walls: self.options.walls.clone() })
            .map_err(|error| HostError::Engine { why: error.to_string() })?;
        Ok(self.engine.get_or_init(|| engine).clone())
    }

    /// The state of an installed app.
    pub(crate) fn installed(&self, app: &AppId) -> Result<State, HostError> {
        self.slots.state(app)?.ok_or_else(|| HostError::NotInstalled { app: app.clone() })
    }

    /// The publisher's keys, as the security office vouches for them now.
    pub(crate) fn keys<'a>(
        &self,
        known: &'a Known,
        app: &AppId,
        state: &State,
    ) -> Result<&'a PublisherKeys, HostError> {
        let keys = known.catalogue.departments.get(&state.department);
        keys.ok_or_else(|| HostError::NoKeys { app: app.clone(), department: state.department.clone() })
    }

    /// A release on this device, verified again.
    pub(crate) fn slot(&self, known: &Known, app: &AppId, state: &State, sequence: u64) -> Result<Slot, HostError> {
        let slot = self.slots.open(app, sequence, self.keys(known, app, state)?)?;
        if let Some(log) = &self.log {
            let (release, proof) = self.slots.proof(app, sequence)?;
            log.check(&state.department, &slot.release, &release, &proof)?;
        }
        Ok(slot)
    }

    /// The files of a release on this device.
    pub(crate) fn files(&self, slot: &Slot) -> Files {
        Files::new(&slot.contents, self.blobs.clone(), self.transport.clone())
    }

    /// Keeps others from changing an app until the guard is dropped.
    pub(crate) fn change(&self, app: &AppId) -> Result<Change<'_>, HostError> {
        if lock(&self.busy).insert(app.clone()) {
            Ok(Change { inner: self, app: app.clone() })
        } else {
            Err(HostError::Busy { app: app.clone() })
        }
    }

    /// The same, after waiting a while for whoever changes it now.
    pub(crate) fn change_in_time(&self, app: &AppId, patience: Duration) -> Result<Change<'_>, HostError> {
        let deadline = Instant::now() + patience;
        let mut busy = lock(&self.busy);
        while !busy.insert(app.clone()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(HostError::Busy { app: app.clone() });
            }
            busy = self.is_free.wait_timeout(busy, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(Change { inner: self, app: app.clone() })
    }

    pub(crate) fn add_session(&self, session: Weak<Shared>) {
        let mut sessions = lock(&self.sessions);
        sessions.retain(|session| session.strong_count() > 0);
        sessions.push(session);
    }

    pub(crate) fn sessions(&self) -> Vec<Arc<Shared>> {
        lock(&self.sessions).iter().filter_map(Weak::upgrade).collect()
    }

    /// Ends the sessions of an app whose release is meant, and waits for their last words.
    pub(crate) fn end_sessions(&self, app: &AppId, is_meant: impl Fn(u64) -> bool) {
        for session in self.sessions() {
            if session.app_id() == app && is_meant(session.sequence()) {
                session.close_and_wait();
            }
        }
    }

    /// Ends the sessions of releases that were taken back or fell below the floor; each is told why.
    pub(crate) fn end_what_must_not_run(&self) {
        let known = self.known();
        for session in self.sessions() {
            if let Err(error) = self.check_may_run(&known, session.app_id(), session.sequence()) {
                session.fail(&error);
            }
        }
    }

    /// Waits for the sessions of an app that somebody has closed already.
    pub(crate) fn await_closing(&self, app: &AppId) {
        for session in self.sessions() {
            if session.app_id() == app && session.is_closing() {
                session.close_and_wait();
            }
        }
    }

    /// Removes blobs nobody needs. What cannot be removed now is removed another time.
    pub(crate) fn sweep_if_possible(&self) {
        if let Err(error) = self.sweep() {
            tracing::warn!(class = error.class(), %error, "what is no longer needed could not be cleared away");
        }
    }

    /// Does nothing while somebody is adding blobs that no slot names yet.
    fn sweep(&self) -> Result<(), HostError> {
        let Ok(_nobody_adds) = self.adding_blobs.try_write() else { return Ok(()) };
        let mut needed = self.slots.needed_blobs()?;
        needed.extend(self.known().catalogue.needed_blobs());
        for session in self.sessions() {
            needed.extend(session.files().statement().files.iter().map(|entry| entry.sha256));
        }
        self.blobs.sweep(&needed)
    }
}

/// An app is being changed as long as this lives.
pub(crate) struct Change<'a> {
    inner: &'a Inner,
    app: AppId,
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        lock(&self.inner.busy).remove(&self.app);
        self.inner.is_free.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
