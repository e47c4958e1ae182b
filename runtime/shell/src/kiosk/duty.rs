//! Whether a terminal serves now, by its policy, its clock and what it has heard of its store. Pure: time is an argument.

use gtk::glib::DateTime;
use guichet_host::{
    Freshness,
    policy::{Day, Offline, Policy, offline},
};

/// What the last try to hear the store failed with: nobody answered, or there was no room for the answer.
const UNREACHABLE: &str = "store/unreachable";
pub(super) const NO_ROOM: &str = "disk/full";

/// Whether a terminal serves, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// It does.
    Serves {
        /// Since when what it knows of its store is too old to install from; none: it is not.
        stale_since_ms: Option<u64>,
    },
    /// It is not the hour.
    Closed,
    /// It has not heard from its store for longer than its policy allows.
    Offline,
    /// For as long its disk has had no room for what its store says, which answers.
    Full,
    /// For as long it has not taken in what its store says, and why is not known yet or is for whoever keeps it.
    Behind,
    /// Its policy has ended, and there is none after it.
    Ended,
}

impl Duty {
    /// At this time, which is a day and a minute of it where the terminal stands.
    pub(super) fn at(policy: &Policy, freshness: &Freshness, clock_ms: u64, (day, minute): (Day, u16)) -> Self {
        let offline = offline(clock_ms, policy, freshness);
        if policy.check_current(clock_ms).is_err() {
            return Self::Ended;
        }
        if matches!(offline, Offline::TooLong { .. }) {
            return match freshness.last_error.as_ref().map(|problem| problem.class) {
                Some(UNREACHABLE) => Self::Offline,
                Some(NO_ROOM) => Self::Full,
                _ => Self::Behind,
            };
        }
        if !policy.is_open(day, minute) {
            return Self::Closed;
        }
        let Offline::Stale { since_ms } = offline else { return Self::Serves { stale_since_ms: None } };
        Self::Serves { stale_since_ms: Some(since_ms) }
    }

    /// Why it does not serve, in a word; none: it does.
    pub(super) fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Serves { .. } => None,
            Self::Closed => Some("closed"),
            Self::Offline => Some("offline"),
            Self::Full => Some("full"),
            Self::Behind => Some("behind"),
            Self::Ended => Some("ended"),
        }
    }
}

/// Day and minute where this terminal stands; Monday's first if the system does not know.
pub(super) fn here() -> (Day, u16) {
    DateTime::now_local().map_or((Day::Mon, 0), |now| moment(&now))
}

fn moment(now: &DateTime) -> (Day, u16) {
    let day = usize::try_from(now.day_of_week() - 1).ok().and_then(|day| Day::ALL.get(day).copied());
    let minute = u16::try_from(now.hour() * 60 + now.minute()).unwrap_or(0);
    (day.unwrap_or(Day::Mon), minute)
}

#[cfg(test)]
mod tests {
    use guichet_host::Problem;

    use super::*;

    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    /// 2026-01-01.
    const ISSUED_MS: u64 = 1_767_225_600_000;

    fn policy() -> Policy {
        let text = serde_json::json!({
            "format": 1, "sequence": 1, "issued": "2026-01-01T00:00:00Z", "expires": "2027-01-01T00:00:00Z",
            "terminal": { "hall": "市民中心", "name": "3" },
            "hours": [{ "days": ["mon", "tue"], "from": "08:30", "to": "17:00" }],
        });
        serde_json::from_value(text).unwrap()
    }

    fn heard(days: u64) -> Freshness {
        Freshness {
            last_refresh_ms: Some(ISSUED_MS + days * DAY_MS),
            expired_since_ms: None,
            expired: false,
            last_error: failed_with("store/unreachable"),
        }
    }

    fn failed_with(class: &'static str) -> Option<Problem> {
        Some(Problem { class, what: String::new(), place: None, hint: String::new() })
    }

    #[test]
    fn a_terminal_serves_in_its_hours_and_as_long_as_it_hears_from_its_store() {
        let policy = policy();
        let at = |days: u64, heard_on: u64, day, minute| {
            Duty::at(&policy, &heard(heard_on), ISSUED_MS + days * DAY_MS, (day, minute))
        };
        assert_eq!(at(10, 10, Day::Mon, 510), Duty::Serves { stale_since_ms: None });
        assert_eq!(at(10, 10, Day::Mon, 509), Duty::Closed);
        assert_eq!(at(10, 10, Day::Tue, 1020), Duty::Closed, "the minute after the last");
        assert_eq!(at(10, 10, Day::Sun, 600), Duty::Closed);
        assert_eq!(
            at(17, 10, Day::Mon, 600),
            Duty::Serves { stale_since_ms: None },
            "seven days, if nothing else is said"
        );
        assert_eq!(at(18, 10, Day::Mon, 600), Duty::Offline);
        assert_eq!(at(18, 10, Day::Sun, 600), Duty::Offline, "which somebody has to see to, at whatever hour");
        assert_eq!(at(366, 366, Day::Mon, 600), Duty::Ended);
    }

    #[test]
    fn a_time_is_a_day_and_a_minute_of_it() {
        let of = |day, hour, minute| moment(&DateTime::from_utc(2026, 11, day, hour, minute, 59.0).unwrap());
        assert_eq!(of(29, 23, 59), (Day::Sun, 1439));
        assert_eq!(of(30, 0, 0), (Day::Mon, 0));
        assert_eq!(of(28, 8, 30), (Day::Sat, 510));
    }

    #[test]
    fn who_has_not_kept_what_the_store_says_is_not_called_offline() {
        let after = |days: u64, last_error| {
            let freshness = Freshness { last_error, ..heard(10) };
            Duty::at(&policy(), &freshness, ISSUED_MS + (10 + days) * DAY_MS, (Day::Mon, 600)).why_not()
        };
        assert_eq!(after(7, failed_with("disk/full")), None, "as long as one that is offline");
        assert_eq!(after(8, failed_with("disk/full")), Some("full"));
        assert_eq!(after(8, failed_with("store/unreachable")), Some("offline"));
        for answered in ["metadata/expired", "store/bad-answer", "disk/failed"] {
            assert_eq!(after(8, failed_with(answered)), Some("behind"), "{answered}");
        }
        assert_eq!(after(8, None), Some("behind"), "nobody has tried yet");
    }

    #[test]
    fn what_is_too_old_to_install_from_is_said_with_its_age() {
        let stale = Freshness { expired: true, ..heard(3) };
        let duty = Duty::at(&policy(), &stale, ISSUED_MS + 5 * DAY_MS, (Day::Mon, 600));
        assert_eq!(duty, Duty::Serves { stale_since_ms: Some(ISSUED_MS + 3 * DAY_MS) });
        assert_eq!(duty.why_not(), None);
    }
}
