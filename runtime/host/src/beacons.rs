//! Telling the store what became of releases here: small, in bunches, late, and lost without regret.
//!
//! Invariants: nothing waits for it, nothing depends on it, and nothing that is sent says which device it was. The queue
//! survives a restart and never holds more than one envelope.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use guichet_api::{Beacon, BeaconEnvelope, BeaconKind, MOST_BEACONS, paths};
use guichet_contract::{AppId, Channel};
use serde::{Deserialize, Serialize};

use crate::{
    home::{Home, random},
    options::Clock,
};

/// Longest time a beacon waits for others, in milliseconds; how long exactly is left to chance.
const LONGEST_DELAY_MS: u64 = 60 * 60 * 1000;
/// Longest time that sending may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What waits to be told, and when it is told.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Queue {
    format: u32,
    due_ms: u64,
    beacons: BTreeSet<Beacon>,
}

/// The beacons of one home.
#[derive(Clone, Debug)]
pub(crate) struct Beacons {
    home: Arc<Home>,
    channel: Channel,
    clock: Clock,
    /// Where the store's API is; none if nothing is to be told.
    store: Option<String>,
    /// Held while the queue is read, changed and written.
    changing: Arc<Mutex<()>>,
    /// Held by the one thread that sends.
    sending: Arc<Mutex<()>>,
}

impl Beacons {
    /// `api_url` is the store's API with or without its prefix; without one, or if it is not `wanted`, nothing is kept.
    pub(crate) fn new(home: Arc<Home>, channel: Channel, clock: Clock, api_url: &str, wanted: bool) -> Self {
        let store = api_url.trim_end_matches('/').trim_end_matches(paths::PREFIX).to_owned();
        let store = (wanted && !store.is_empty()).then_some(store);
        Self { home, channel, clock, store, changing: Arc::default(), sending: Arc::default() }
    }

    /// Notes what became of a release. Of more than fit into one envelope, the rest is dropped.
    pub(crate) fn note(&self, app_id: &AppId, sequence: u64, kind: BeaconKind) {
        if self.store.is_none() {
            return;
        }
        let beacon = Beacon { app_id: app_id.clone(), channel: self.channel.clone(), sequence, kind };
        self.change(|queue, now_ms| {
            if queue.beacons.is_empty() {
                queue.due_ms = now_ms.saturating_add(delay_ms());
            }
            if queue.beacons.len() < MOST_BEACONS {
                queue.beacons.insert(beacon);
            }
        });
    }

    /// Sends what is due, on a thread of its own. Does nothing while one is sending.
    pub(crate) fn send_if_due(&self) {
        let Some(store) = self.store.clone() else { return };
        let queue = self.read();
        if queue.beacons.is_empty() || self.clock.now_ms() < queue.due_ms {
            return;
        }
        let beacons = self.clone();
        let spawned = thread::Builder::new().name("beacons".to_owned()).spawn(move || {
            let Ok(_alone) = beacons.sending.try_lock() else { return };
            beacons.send(&store, queue);
        });
        if let Err(error) = spawned {
            tracing::debug!(%error, "no thread for beacons");
        }
    }

    /// Sends an envelope; what the store has taken, or never will, is forgotten, and else it is tried much later.
    fn send(&self, store: &str, queue: Queue) {
        let envelope = BeaconEnvelope { format: 1, beacons: queue.beacons.iter().cloned().collect() };
        let body = serde_json::to_vec(&envelope).unwrap_or_default();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build()
            .new_agent();
        let url = paths::url(store, paths::BEACONS);
        let answer = agent.post(&url).header("content-type", "application/json").send(&body[..]);
        let is_over = answer.is_ok_and(|answer| answer.status().as_u16() < 500);
        self.change(|kept, now_ms| {
            if is_over {
                kept.beacons.retain(|beacon| !queue.beacons.contains(beacon));
            }
            kept.due_ms = now_ms.saturating_add(LONGEST_DELAY_MS).saturating_add(delay_ms());
        });
    }

    fn change(&self, change: impl FnOnce(&mut Queue, u64)) {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut queue = self.read();
        change(&mut queue, self.clock.now_ms());
        queue.format = 1;
        if let Err(error) = self.home.write(&self.path(), &serde_json::to_vec(&queue).unwrap_or_default()) {
            tracing::debug!(class = error.class(), %error, "a beacon is lost");
        }
    }

    fn read(&self) -> Queue {
        let kept = self.home.read(&self.path()).ok().flatten();
        let kept = kept.and_then(|bytes| serde_json::from_slice::<Queue>(&bytes).ok());
        kept.filter(|queue| queue.format == 1 && queue.beacons.len() <= MOST_BEACONS).unwrap_or_default()
    }

    fn path(&self) -> PathBuf {
        self.home.beacons()
    }
}

/// A part of the longest delay, by chance: devices that were updated together do not tell it together.
fn delay_ms() -> u64 {
    let [a, b, c, d, ..] = random().unwrap_or_default();
    u64::from(u32::from_le_bytes([a, b, c, d])) * LONGEST_DELAY_MS / u64::from(u32::MAX)
}
