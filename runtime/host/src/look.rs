//! Running a package that is only looked at: no store, no home, nothing of it kept, and nobody who has vouched for it.
//!
//! A kiosk has no way here: among the terminals a look can stand for there is none, but in a developer's window, which only
//! says so to the app ([`Look::rehearse`]).

use std::{path::PathBuf, sync::Arc};

use guichet_contract::{
    AppId, Consent, Department, DevicePolicy, Grants, PLATFORM_CODE, Permission, Services, app_info::Info,
};
use guichet_engine::{Engine, EngineOptions, Walls};
use guichet_package::{Manifest, PackageFile, manifest::Direction, shown::shown_text};

use crate::{
    broker,
    error::HostError,
    files::Files,
    journal::{Recorder, Recording},
    launch::Start,
    library::name_of,
    listing::{Icon, InstalledRelease, Listing, PermissionLine},
    options::Clock,
    script_cache,
    serve::mime_of,
    session::{Running, Session, Sink, rehearsal::Rehearsal},
};

/// Stands in the place of a department's name, where nobody has sealed anything.
const NOBODY: &str = "unsealed";

/// A terminal on which somebody may look at what nobody has approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookTerminal {
    /// A window on a desk.
    Desktop,
    /// A window the size of a phone.
    Phone,
    /// A developer's window the size of a kiosk: the app is told so, and nothing else is as there.
    RehearsedKiosk,
}

impl LookTerminal {
    /// What `app-info` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Phone => "phone",
            Self::RehearsedKiosk => "kiosk",
        }
    }
}

/// What a look is given from outside.
#[derive(Clone)]
pub struct LookOptions {
    /// The host APIs; a twin in memory leaves nothing behind.
    pub services: Arc<dyn Services>,
    /// The language of the person, a BCP 47 tag.
    pub lang: String,
    /// What the app is told it runs on.
    pub terminal: LookTerminal,
    /// What stands between the app's logic and this process.
    pub walls: Walls,
    /// Where the script component is kept compiled, as [`crate::users_script_cache`] says; without it each look compiles it.
    pub script_cache: Option<PathBuf>,
    /// Where the journals of its sessions go.
    pub recorder: Option<Recorder>,
    /// The session whose pages are played; none if the app is run.
    pub plays: Option<Recording>,
}

/// One package that is looked at.
#[derive(Clone)]
pub struct Look {
    package: Arc<PackageFile>,
    manifest: Manifest,
    engine: Engine,
    options: LookOptions,
    /// The language of the app, of those it speaks.
    lang: String,
    is_rehearsal: bool,
}

impl Look {
    /// Prepares to run a package in the locale of a launch (P-A8); refused if it needs a newer platform (P-A6).
    pub fn open(package: PackageFile, options: LookOptions) -> Result<Self, HostError> {
        let cache = options.script_cache.as_deref().and_then(script_cache::open);
        let engine = Engine::new(EngineOptions { cache, walls: options.walls.clone() })
            .map_err(|error| HostError::Engine { why: error.to_string() })?;
        Self::with(Arc::new(package), engine, options, false)
    }

    /// Prepares to run another package on the engine of this one, behind the same walls: what it has compiled stays compiled.
    pub fn beside(&self, package: PackageFile, options: LookOptions) -> Result<Self, HostError> {
        Self::with(Arc::new(package), self.engine.clone(), options, false)
    }

    /// The same for a developer's window: the package can be replaced while its sessions run.
    pub fn rehearse(package: PackageFile, options: LookOptions) -> Result<Self, HostError> {
        Ok(Self { is_rehearsal: true, ..Self::open(package, options)? })
    }

    /// Another package in the place of this one, on the same engine and with the same services.
    pub fn with_package(&self, package: PackageFile) -> Result<Self, HostError> {
        Self::with(Arc::new(package), self.engine.clone(), self.options.clone(), self.is_rehearsal)
    }

    /// The same package for another person or terminal.
    pub fn on(&self, terminal: LookTerminal, lang: &str) -> Result<Self, HostError> {
        let options = LookOptions { terminal, lang: lang.to_owned(), ..self.options.clone() };
        Self::with(Arc::clone(&self.package), self.engine.clone(), options, self.is_rehearsal)
    }

    fn with(
        package: Arc<PackageFile>,
        engine: Engine,
        options: LookOptions,
        is_rehearsal: bool,
    ) -> Result<Self, HostError> {
        let lang = package.manifest().locale(&options.lang, package.files().map(|(path, _)| path));
        let mut manifest = package.localized_manifest(&lang);
        let wanted = u64::from(manifest.platform_version.min_code);
        if wanted > PLATFORM_CODE {
            return Err(HostError::Platform { app: manifest.app_id, wanted, have: PLATFORM_CODE });
        }
        if let Some(start) = manifest.start_page(None) {
            manifest.window = manifest.window_of(&start.page);
        }
        Ok(Self { package, manifest, engine, options, lang, is_rehearsal })
    }

    /// The files of the package.
    pub(crate) fn files(&self) -> Files {
        Files::of_package(Arc::clone(&self.package))
    }

    /// The language of the app.
    pub(crate) fn lang(&self) -> &str {
        &self.lang
    }

    /// The app.
    pub fn app_id(&self) -> &AppId {
        &self.manifest.app_id
    }

    /// The manifest in the language of the person.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Opens the package at a page, or at its first, as [`crate::Host::launch`] does. It holds what it asks for.
    ///
    /// Of a recording its pages are played, with the language and the direction they had.
    pub fn launch(&self, start: &Start, sink: Sink) -> Result<Session, HostError> {
        let mut manifest = self.manifest.clone();
        let info = Info {
            app_id: manifest.app_id.clone(),
            version_code: manifest.version.code,
            version_name: manifest.version.name.clone(),
            platform_code: u32::try_from(PLATFORM_CODE).unwrap_or(u32::MAX),
            lang: self.options.plays.as_ref().map_or(&self.lang, |recording| &recording.lang).clone(),
            terminal: self.options.terminal.name().to_owned(),
        };
        let approved = manifest.permissions();
        if let Some(recording) = &self.options.plays {
            manifest.dir = match recording.dir.as_str() {
                "ltr" => Direction::Ltr,
                "rtl" => Direction::Rtl,
                _ => Direction::Auto,
            };
        }
        let running = Running {
            sequence: 0,
            image: None,
            rehearsal: self.is_rehearsal.then(|| Rehearsal::new(self.files())),
            files: self.files(),
            grants: broker::shared(grants(&manifest, &approved)),
            approved,
            manifest,
            info,
            referrer: self.options.plays.as_ref().map_or(&start.referrer, |recording| &recording.referrer).clone(),
            services: Arc::clone(&self.options.services),
            counts: None,
            clock: Clock::System,
            recorder: self.options.recorder.clone(),
            console: None,
        };
        match &self.options.plays {
            Some(recording) => Session::play(running, recording.clone(), sink),
            None => Session::start(running, self.engine.clone(), start, sink, None),
        }
    }

    /// The package as the home page shows it.
    pub fn listing(&self) -> Option<Listing> {
        let manifest = &self.manifest;
        let icon = manifest.icons.first().and_then(|icon| {
            let bytes = self.package.file(icon.src.as_str()).filter(|bytes| !bytes.is_empty())?;
            Some(Icon { mime: mime_of(icon.src.as_str()), bytes: bytes.to_vec() })
        });
        let permissions = manifest.req_permissions.iter().map(|request| PermissionLine {
            name: request.permission.name.clone(),
            scope: request.permission.scope.clone(),
            reason: shown_text(request.reason.as_deref().unwrap_or_default()),
            granted: true,
        });
        Some(Listing {
            app_id: manifest.app_id.clone(),
            department: NOBODY.parse::<Department>().ok()?,
            department_name: NOBODY.to_owned(),
            name: name_of(manifest),
            description: shown_text(manifest.description.as_deref().unwrap_or_default()),
            glaze: Some(manifest.guichet.glaze.as_str().to_owned()),
            icon,
            installed: Some(InstalledRelease {
                sequence: 0,
                version_name: manifest.version.name.clone(),
                version_code: u64::from(manifest.version.code),
                size: self.package.statement().total_bytes(),
                bytes_downloaded: 0,
            }),
            available: None,
            permissions: permissions.collect(),
            staged: false,
            recalled: false,
            recall_reason: None,
            halted: None,
            choice: None,
        })
    }
}

/// Nobody has approved anything, and the services are those of a look: the app holds what it asks for.
fn grants(manifest: &Manifest, approved: &[Permission]) -> Grants {
    broker::grants(manifest, approved, &DevicePolicy::default(), &Consent::default())
}
