//! What a shell decides once, when it opens a host.

use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use guichet_contract::{Channel, DevicePolicy, Services};
use guichet_engine::Walls;
use guichet_package::TrustFile;

use crate::journal::Recorder;

/// Everything a host is given from outside.
#[derive(Clone)]
pub struct HostOptions {
    /// The folder that is this host's alone (`$GUICHET_HOME`); made if it is not there.
    pub home: PathBuf,
    /// What this host trusts from the beginning.
    pub trust: TrustFile,
    /// The host APIs of this device.
    pub services: Arc<dyn Services>,
    /// What the owner of this device withholds from every app.
    pub policy: DevicePolicy,
    /// The line of releases this terminal follows.
    pub channel: Channel,
    /// The language of the person at the beginning, a BCP 47 tag.
    pub lang: String,
    /// `desktop`, `kiosk`, `phone` or `web`.
    pub terminal: String,
    /// The groups its owner put this terminal in, for rollouts.
    pub groups: Vec<String>,
    /// Where the time comes from.
    pub clock: Clock,
    /// Whether the store is told what became of its releases here: counts, and nothing about this device.
    pub beacons: bool,
    /// What stands between an app's logic and this host.
    pub walls: Walls,
    /// Where the journals of all sessions go; none: there are none.
    pub recorder: Option<Recorder>,
}

impl HostOptions {
    /// Options with no policy, the stable channel, English, a desktop, the system's clock, and logic in this process.
    pub fn new(home: PathBuf, trust: TrustFile, services: Arc<dyn Services>) -> Self {
        Self {
            home,
            trust,
            services,
            policy: DevicePolicy::default(),
            channel: Channel::stable(),
            lang: "en".to_owned(),
            terminal: "desktop".to_owned(),
            groups: Vec::new(),
            clock: Clock::System,
            beacons: true,
            walls: Walls::One,
            recorder: None,
        }
    }
}

impl fmt::Debug for HostOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostOptions").field("home", &self.home).field("lang", &self.lang).finish_non_exhaustive()
    }
}

/// Where a host reads the time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The clock of the system.
    System,
    /// A time that is set: milliseconds since 1970.
    Set(Arc<AtomicU64>),
}

impl Clock {
    /// How long this program has run: never goes back, whatever is done to the clock of the system.
    pub(crate) fn elapsed(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        match self {
            Self::System => START.get_or_init(Instant::now).elapsed(),
            Self::Set(time) => Duration::from_millis(time.load(Ordering::SeqCst)),
        }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Self::Set(time) => time.load(Ordering::SeqCst),
        }
    }
}
