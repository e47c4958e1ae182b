//! What a session is told when it begins: how it starts, and how long it waits. Every session starts with the same.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use guichet_host::policy::{Contrast, Mode, Policy};
use serde::{Deserialize, Serialize};

use super::idle::Limits;

const FILE: &str = "seat.json";

/// The order to a window to make a picture of the home page, and what it says when that is done.
pub(crate) const PICTURE: &str = "picture";
/// See [`PICTURE`].
pub(crate) const PICTURED: &str = "pictured";

/// The order to a window that it is its turn.
pub(crate) const SHOW: &str = "show";
/// The same, after a session that ended because its card was taken.
pub(crate) const SHOW_AFTER_CARD: &str = "show after card";

/// How a session starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seat {
    /// The hall that the terminal stands in.
    pub(crate) hall: String,
    /// Its name there.
    pub(crate) name: String,
    /// `zh-Hans` or `en`.
    pub(crate) lang: String,
    /// Whether it starts larger and shorter.
    pub(crate) elder: bool,
    /// Whether it starts with high contrast.
    pub(crate) contrast: bool,
    /// Seconds until it is asked whether somebody is there.
    pub(crate) warn_seconds: u32,
    /// Seconds until it is over.
    pub(crate) reset_seconds: u32,
    /// Since when what is known of the store is too old to install from.
    #[serde(default)]
    pub(crate) stale_since_ms: Option<u64>,
    /// Whether there is a page for staff.
    #[serde(default)]
    pub(crate) has_staff: bool,
    /// What the terminal has, as in `devices.json`.
    pub(crate) devices: serde_json::Value,
    /// What the terminal trusts from the beginning: the text of its trust file.
    pub(crate) trust: String,
}

impl Seat {
    /// As the policy has it.
    pub(super) fn of(policy: &Policy, trust: String) -> Self {
        Self {
            hall: policy.terminal.hall.clone(),
            name: policy.terminal.name.clone(),
            lang: policy.start.locale.tag().to_owned(),
            elder: policy.start.mode == Mode::Elder,
            contrast: policy.start.contrast == Contrast::More,
            warn_seconds: policy.idle.warn_seconds,
            reset_seconds: policy.idle.ends_after(),
            stale_since_ms: None,
            has_staff: policy.staff.is_some(),
            devices: policy.devices.clone().unwrap_or_else(|| serde_json::json!({})),
            trust,
        }
    }

    /// How long nobody has to do anything.
    pub(crate) fn limits(&self) -> Limits {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        Limits { warn: seconds(self.warn_seconds), reset: seconds(self.reset_seconds) }
    }

    /// Where the picture of the home page is in a session's folder.
    pub(crate) fn picture(room: &Path) -> PathBuf {
        room.join("picture.png")
    }

    /// Puts it into a session's folder.
    pub(super) fn write(&self, room: &Path) -> io::Result<()> {
        fs::write(room.join(FILE), serde_json::to_vec(self)?)
    }

    /// Reads it there.
    pub(super) fn read(room: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(room.join(FILE))?)?)
    }

    #[cfg(test)]
    pub(crate) fn of_a_test() -> Self {
        Self {
            hall: "市民中心".to_owned(),
            name: "3".to_owned(),
            lang: "zh-Hans".to_owned(),
            elder: false,
            contrast: false,
            warn_seconds: 60,
            reset_seconds: 90,
            stale_since_ms: None,
            has_staff: true,
            devices: serde_json::json!({}),
            trust: "{}".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_told_what_the_policy_says_and_that_whoever_is_asked_has_20_seconds() {
        let policy: Policy = serde_json::from_value(serde_json::json!({
            "format": 1, "sequence": 1, "issued": "2026-01-01T00:00:00Z", "expires": "2027-01-01T00:00:00Z",
            "terminal": { "hall": "市民中心", "name": "3" },
            "start": { "locale": "en", "mode": "elder", "contrast": "more" },
            "idle": { "warn_seconds": 40, "reset_seconds": 45 },
        }))
        .unwrap();
        let seat = Seat::of(&policy, String::new());
        assert_eq!((seat.lang.as_str(), seat.elder, seat.contrast, seat.has_staff), ("en", true, true, false));
        let limits = seat.limits();
        assert_eq!((limits.warn, limits.reset), (Duration::from_secs(40), Duration::from_secs(60)));
    }
}
