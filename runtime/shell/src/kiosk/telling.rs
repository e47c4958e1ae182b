//! What the store is told of this terminal: what runs, how the parts are, what went wrong. Never who came, or for what.

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use guichet_host::{
    Clock, Host,
    fleet::{KeepTelling, News, PartHealth, PartReport, Terminal, Vitals},
    policy::PolicyFiles,
};
use guichet_services::{Device, Fitness, Health};

use super::{error::KioskError, supervisor::now_ms};

/// So many of the last errors are kept for whoever stands before the terminal.
const LATELY: usize = 10;

/// What the parts of this program put down for the next report.
#[derive(Clone, Debug, Default)]
pub(super) struct Pad(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    policy_sequence: u64,
    errors: BTreeMap<String, u32>,
    /// The last errors, the newest first, with their times in milliseconds since 1970.
    lately: VecDeque<(u64, String)>,
    /// Whether the store wants to see the home page.
    wants_picture: bool,
    /// The home page as it was seen while nobody was there.
    picture: Option<Vec<u8>>,
}

impl Pad {
    /// This policy is in force.
    pub(super) fn follows(&self, sequence: u64) {
        self.noted().policy_sequence = sequence;
    }

    /// Something of this class went wrong.
    pub(super) fn failed(&self, class: &str) {
        let mut noted = self.noted();
        let count = noted.errors.entry(class.to_owned()).or_default();
        *count = count.saturating_add(1);
        // What stays wrong is seen once, with when it was wrong last.
        noted.lately.retain(|(_, before)| before != class);
        noted.lately.push_front((now_ms(), class.to_owned()));
        noted.lately.truncate(LATELY);
    }

    /// The last errors, each once, the newest first, with when it happened last in milliseconds since 1970.
    pub(super) fn lately(&self) -> Vec<(u64, String)> {
        self.noted().lately.iter().cloned().collect()
    }

    /// Whether the home page is to be seen by whoever looks after the terminals.
    pub(super) fn wants_picture(&self) -> bool {
        self.noted().wants_picture
    }

    /// The home page as it was seen while nobody was there: whether somebody waits for it.
    pub(super) fn pictured(&self, png: Vec<u8>) -> bool {
        let mut noted = self.noted();
        // Nobody has asked, or another one was made.
        let is_wanted = std::mem::take(&mut noted.wants_picture);
        if is_wanted {
            noted.picture = Some(png);
        }
        is_wanted
    }

    /// The picture that was made; without one it is wanted, for when nobody is in a session.
    fn picture(&self) -> Option<Vec<u8>> {
        let mut noted = self.noted();
        noted.wants_picture = noted.picture.is_none();
        noted.picture.take()
    }

    /// The policy in force, and what went wrong since this was asked last.
    fn take(&self) -> (u64, BTreeMap<String, u32>) {
        let mut noted = self.noted();
        (noted.policy_sequence, std::mem::take(&mut noted.errors))
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the store now and again, if this terminal has enrolled at one.
pub(super) fn begin(
    home: &Path,
    files: PolicyFiles,
    host: Host,
    device: Arc<Device>,
    pad: Pad,
) -> Result<Option<KeepTelling>, KioskError> {
    let Some(terminal) = Terminal::open(home)? else { return Ok(None) };
    let since = Instant::now();
    let asked = pad.clone();
    let vitals = move || {
        let (policy_sequence, errors) = pad.take();
        let installed = |listing: guichet_host::Listing| Some((listing.app_id, listing.installed?.sequence));
        Vitals {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime: since.elapsed(),
            policy_sequence,
            apps: host.library().into_iter().filter_map(installed).collect(),
            parts: device.health().into_iter().map(report).collect(),
            errors,
        }
    };
    let heard = move |news: News, terminal: &mut Terminal| match news {
        News::Heard => tracing::debug!("the store has heard how this terminal is"),
        // Its file is looked at by the supervisor.
        News::Policy(policy) => tracing::info!(sequence = policy.policy().sequence, "a newer policy"),
        News::PictureWanted => match asked.picture().map(|png| terminal.send_picture(&png, now_ms())) {
            None => tracing::info!("a picture of the home page is wanted"),
            Some(Ok(())) => tracing::info!("the store has a picture of the home page"),
            Some(Err(error)) => tracing::warn!(class = error.class(), "{error}"),
        },
        News::Revoked { why } => tracing::error!("the store knows this terminal no more: {why}"),
        News::Failed(error) => tracing::warn!(class = error.class(), "{error}"),
    };
    Ok(Some(terminal.keep_telling(files, Clock::System, vitals, heard)?))
}

fn report(Health { part, name, fitness, needs }: Health) -> PartReport {
    let health = match fitness {
        Fitness::Ready => PartHealth::Ready,
        Fitness::Attention => PartHealth::Attention,
        Fitness::Down => PartHealth::Down,
    };
    PartReport { part: part.as_str().to_owned(), name, health, needs: needs.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_made_when_it_is_asked_for_and_sent_once() {
        let pad = Pad::default();
        assert!(!pad.pictured(vec![1]), "nobody has asked");
        assert_eq!(pad.picture(), None, "nobody had asked for that one");
        assert!(pad.wants_picture(), "it is wanted, and told when it is made");
        assert!(pad.pictured(vec![2]));
        assert!(!pad.wants_picture() && !pad.pictured(vec![3]), "one is enough");
        assert_eq!(pad.picture(), Some(vec![2]));
        assert!(!pad.wants_picture());
    }

    #[test]
    fn an_error_is_told_once_and_counted() {
        let pad = Pad::default();
        pad.follows(7);
        pad.failed("store/unreachable");
        pad.clone().failed("store/unreachable");
        assert_eq!(pad.take(), (7, BTreeMap::from([("store/unreachable".to_owned(), 2)])));
        assert_eq!(pad.take(), (7, BTreeMap::new()));
        pad.failed("kiosk/session-died");
        pad.failed("store/unreachable");
        let lately: Vec<String> = pad.lately().into_iter().map(|(_, class)| class).collect();
        assert_eq!(lately, ["store/unreachable", "kiosk/session-died"]);
    }
}
