//! How long a terminal has been without its store, by a clock that its own papers keep from going back.

use guichet_package::Policy;

use crate::listing::Freshness;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Whether a terminal has heard from its store lately enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offline {
    /// What it knows of the store holds.
    No,
    /// What it knows is too old to install from; what is installed runs.
    Stale {
        /// When it last heard from the store, in milliseconds since 1970.
        since_ms: u64,
    },
    /// Longer than its policy allows: it says so and serves nobody.
    TooLong {
        /// When it last heard from the store, in milliseconds since 1970.
        since_ms: u64,
        /// What the policy allows, in days.
        most_days: u32,
    },
}

/// The time, never before what was signed or heard: a clock that was set back makes nothing young again.
pub fn time_floor(clock_ms: u64, policy: &Policy, freshness: &Freshness) -> u64 {
    clock_ms.max(policy.issued.as_millis()).max(freshness.last_refresh_ms.unwrap_or(0))
}

/// How long the store has not answered, by what the policy allows.
///
/// A terminal that has never heard from it counts from when its policy was issued. A clock more than a day behind what was
/// signed is no clock: how long it has been is not known, and the terminal is [`Offline::Stale`] until it hears again.
pub fn offline(clock_ms: u64, policy: &Policy, freshness: &Freshness) -> Offline {
    let now_ms = time_floor(clock_ms, policy, freshness);
    let since_ms = freshness.last_refresh_ms.unwrap_or(policy.issued.as_millis());
    let most_days = policy.network.max_offline_days;
    if now_ms - since_ms.min(now_ms) > u64::from(most_days) * DAY_MS {
        return Offline::TooLong { since_ms, most_days };
    }
    let is_behind = clock_ms.saturating_add(DAY_MS) < now_ms;
    if freshness.expired || is_behind { Offline::Stale { since_ms } } else { Offline::No }
}
