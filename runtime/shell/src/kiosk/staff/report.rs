//! What the page for staff shows of a terminal: nothing in it is about a citizen.

use std::path::Path;

use guichet_host::{
    Freshness, Listing,
    policy::{Offline, Policy, offline},
};
use guichet_services::{Fitness, Health};
use rustix::fs::statvfs;
use serde::{Deserialize, Serialize};

use super::{About, now_ms};

/// All of the page, in lines that the window puts into words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) hall: String,
    pub(super) name: String,
    pub(super) version: String,
    /// The clock of this machine, in milliseconds since 1970.
    pub(super) now_ms: u64,
    pub(super) parts: Vec<PartLine>,
    /// When the store was heard last, in milliseconds since 1970.
    pub(super) heard_ms: Option<u64>,
    /// What the last try to hear it failed with, as a class.
    pub(super) network_error: Option<String>,
    /// Whether it was heard too long ago to install from, or to serve.
    pub(super) is_stale: bool,
    /// Whether that is longer ago than the policy allows, so that nobody is served.
    #[serde(default)]
    pub(super) is_out: bool,
    /// Free and all bytes of the disk and of the memory for sessions; none: it cannot be said.
    pub(super) disk: Option<(u64, u64)>,
    pub(super) memory: Option<(u64, u64)>,
    /// The policy's number and when it ends, as the policy has it.
    pub(super) policy: u64,
    pub(super) policy_expires: String,
    /// The operator's public key.
    pub(super) operator: String,
    pub(super) apps: Vec<AppLine>,
    /// Classes of what went wrong last, the newest first, with when in milliseconds since 1970.
    pub(super) errors: Vec<(u64, String)>,
}

/// One part of the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartLine {
    /// `print`, `card` …
    pub(super) part: String,
    pub(super) name: String,
    /// `ready`, `attention` or `down`.
    pub(super) health: String,
    /// What it needs, as a stable word; empty if nothing.
    pub(super) needs: String,
}

/// One app that is offered here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AppLine {
    pub(super) name: String,
    /// The version in use; empty: it is not installed yet.
    pub(super) version: String,
    /// A newer release is there and not in use yet.
    pub(super) is_behind: bool,
    /// It was taken back.
    pub(super) is_recalled: bool,
}

/// Asks everything; printers and readers may take a while to answer.
pub(super) fn of(about: &About) -> Report {
    let policy = about.policy.policy();
    let freshness = about.freshness.clone();
    let (is_stale, is_out) = age(policy, freshness.as_ref(), now_ms());
    let [home, memory] = &about.folders;
    Report {
        hall: policy.terminal.hall.clone(),
        name: policy.terminal.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now_ms: now_ms(),
        parts: about.device.health().into_iter().map(part).collect(),
        heard_ms: freshness.as_ref().and_then(|freshness| freshness.last_refresh_ms),
        network_error: freshness.and_then(|freshness| Some(freshness.last_error?.class.to_owned())),
        is_stale,
        is_out,
        disk: room(home),
        memory: room(memory),
        policy: policy.sequence,
        policy_expires: policy.expires.to_string(),
        operator: about.operator.clone(),
        apps: about.host.library().into_iter().filter(|app| policy.offers(&app.app_id)).map(app).collect(),
        errors: about.pad.lately(),
    }
}

/// Whether what is known of the store is too old to install from, and whether it is too old to serve.
fn age(policy: &Policy, freshness: Option<&Freshness>, now_ms: u64) -> (bool, bool) {
    let Some(freshness) = freshness else { return (true, false) };
    match offline(now_ms, policy, freshness) {
        Offline::No => (freshness.expired, false),
        Offline::Stale { .. } => (true, false),
        Offline::TooLong { .. } => (true, true),
    }
}

fn part(Health { part, name, fitness, needs }: Health) -> PartLine {
    let health = match fitness {
        Fitness::Ready => "ready",
        Fitness::Attention => "attention",
        Fitness::Down => "down",
    };
    PartLine { part: part.as_str().to_owned(), name, health: health.to_owned(), needs: needs.to_owned() }
}

fn app(listing: Listing) -> AppLine {
    AppLine {
        name: listing.name,
        version: listing.installed.map(|installed| installed.version_name).unwrap_or_default(),
        is_behind: listing.staged || listing.available.is_some(),
        is_recalled: listing.recalled,
    }
}

/// Free and all bytes where a folder lies.
fn room(folder: &Path) -> Option<(u64, u64)> {
    let found = statvfs(folder).ok()?;
    Some((found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 24 * 60 * 60 * 1000;

    #[test]
    fn what_is_known_grows_old_and_then_too_old() {
        let policy: Policy = serde_json::from_value(serde_json::json!({
            "format": 1, "sequence": 1, "issued": "2026-01-01T00:00:00Z", "expires": "2027-01-01T00:00:00Z",
            "terminal": { "hall": "市民中心", "name": "3" },
        }))
        .unwrap();
        let heard = policy.issued.as_millis();
        let after = |days, expired| {
            let freshness =
                Freshness { last_refresh_ms: Some(heard), expired_since_ms: None, expired, last_error: None };
            age(&policy, Some(&freshness), heard + days * DAY_MS)
        };
        assert_eq!(after(1, false), (false, false));
        assert_eq!(after(3, true), (true, false));
        assert_eq!(after(7, true), (true, false));
        assert_eq!(after(8, false), (true, true));
        assert_eq!(age(&policy, None, heard), (true, false), "nobody has looked yet");
    }
}
