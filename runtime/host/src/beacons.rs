//! Telling the store what became of releases here, and what apps have counted: small, in bunches, late, and lost without regret.
//!
//! Invariants: nothing waits for it, nothing depends on it, and nothing that is sent says which device it was. The queue
//! survives a restart, holds no more beacons than one envelope, and no more than [`MOST_KEPT`] counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use guichet_api::{Beacon, BeaconEnvelope, BeaconKind, EventCount, MOST_BEACONS, MOST_COUNTS, MOST_IN_A_COUNT, paths};
use guichet_contract::{AppId, Channel, telemetry::Event};
use serde::{Deserialize, Serialize};

use crate::{
    home::{Home, random},
    options::Clock,
};

/// Longest time a beacon waits for others, in milliseconds; how long exactly is left to chance.
const LONGEST_DELAY_MS: u64 = 60 * 60 * 1000;
/// Longest time that sending may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most different events of releases that wait to be told.
const MOST_KEPT: usize = 512;

/// What the queue is called in a home.
pub(crate) const QUEUE: &str = "beacons.json";

/// What apps have counted in another home that nobody has open any more, as one line for [`Host::gather`]; none if nothing.
///
/// [`Host::gather`]: crate::Host::gather
pub fn counted_in(home: &Path) -> Option<String> {
    let queue = Queue::parse(&fs::read(home.join(QUEUE)).ok()?)?;
    (!queue.counts.is_empty()).then(|| serde_json::to_string(&queue.counts).ok())?
}

/// What waits to be told, and when it is told.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Queue {
    format: u32,
    due_ms: u64,
    beacons: BTreeSet<Beacon>,
    #[serde(default)]
    counts: Vec<EventCount>,
}

impl Queue {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let queue = serde_json::from_slice::<Self>(bytes).ok()?;
        let fits = queue.beacons.len() <= MOST_BEACONS && queue.counts.len() <= MOST_KEPT;
        (queue.format == 1 && fits).then_some(queue)
    }

    fn is_empty(&self) -> bool {
        self.beacons.is_empty() && self.counts.is_empty()
    }

    /// Adds what was counted to what waits; of what has no room, nothing is kept.
    fn add(&mut self, count: EventCount) {
        if let Some(known) = self.counts.iter_mut().find(|known| is_same(known, &count)) {
            known.count = known.count.saturating_add(count.count).min(MOST_IN_A_COUNT);
        } else if self.counts.len() < MOST_KEPT && count.count > 0 {
            self.counts.push(EventCount { count: count.count.min(MOST_IN_A_COUNT), ..count });
        }
    }

    /// Forgets what was told; what was counted meanwhile stays.
    fn told(&mut self, envelope: &BeaconEnvelope) {
        self.beacons.retain(|beacon| !envelope.beacons.contains(beacon));
        for told in &envelope.counts {
            if let Some(known) = self.counts.iter_mut().find(|known| is_same(known, told)) {
                known.count = known.count.saturating_sub(told.count);
            }
        }
        self.counts.retain(|count| count.count > 0);
    }
}

/// Whether both are of the same event of the same release.
fn is_same(one: &EventCount, other: &EventCount) -> bool {
    (&one.app_id, &one.channel, one.sequence, &one.event)
        == (&other.app_id, &other.channel, other.sequence, &other.event)
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
            if queue.is_empty() {
                queue.due_ms = now_ms.saturating_add(delay_ms());
            }
            if queue.beacons.len() < MOST_BEACONS {
                queue.beacons.insert(beacon);
            }
        });
    }

    /// Notes what an app has counted. It is kept whoever sends it: a session of a kiosk leaves it to its supervisor.
    pub(crate) fn count(&self, app_id: &AppId, sequence: u64, counted: BTreeMap<Event, u32>) {
        let channel = &self.channel;
        let counts = counted.into_iter().map(|(event, count)| EventCount {
            app_id: app_id.clone(),
            channel: channel.clone(),
            sequence,
            event,
            count,
        });
        self.add(counts.collect());
    }

    /// Takes counts into the queue; of what has no room, nothing is kept.
    pub(crate) fn add(&self, counts: Vec<EventCount>) {
        if counts.is_empty() {
            return;
        }
        self.change(|queue, now_ms| {
            if queue.is_empty() {
                queue.due_ms = now_ms.saturating_add(delay_ms());
            }
            counts.into_iter().for_each(|count| queue.add(count));
        });
    }

    /// Sends what is due, on a thread of its own. Does nothing while one is sending.
    pub(crate) fn send_if_due(&self) {
        let Some(store) = self.store.clone() else { return };
        let queue = self.read();
        if queue.is_empty() || self.clock.now_ms() < queue.due_ms {
            return;
        }
        let beacons = self.clone();
        let spawned = thread::Builder::new().name("beacons".to_owned()).spawn(move || {
            let Ok(_alone) = beacons.sending.try_lock() else { return };
            beacons.send(&store, &queue);
        });
        if let Err(error) = spawned {
            tracing::debug!(%error, "no thread for beacons");
        }
    }

    /// Sends an envelope; what the store has taken, or never will, is forgotten, and else it is tried much later.
    fn send(&self, store: &str, queue: &Queue) {
        let counts = queue.counts.iter().take(MOST_COUNTS).cloned().collect();
        let envelope = BeaconEnvelope { format: 1, beacons: queue.beacons.iter().cloned().collect(), counts };
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
                kept.told(&envelope);
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
        kept.and_then(|bytes| Queue::parse(&bytes)).unwrap_or_default()
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
