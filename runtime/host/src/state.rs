//! Which releases of one app are on a device, which data belong to them, and how a new release proves itself. Pure.
//!
//! A release that takes the place of another is *on trial*: it is launched from a copy of the data that stays aside, and
//! is confirmed once it has lived long enough without an error. Else the release before is the current one again, with
//! its data, and that sequence is not tried again.

use std::time::Duration;

use guichet_contract::Department;
use serde::{Deserialize, Serialize};

/// How long a new release has to live after it was first painted.
pub(crate) const TRIAL: Duration = Duration::from_secs(10);
/// How many launches of a release on trial may end without anybody having closed it: once may be a power cut.
pub(crate) const MOST_STARTS: u32 = 2;

/// The releases of one app that are on this device, and what is known of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    format: u32,
    /// Who publishes the app.
    pub(crate) department: Department,
    /// The release that is launched.
    pub(crate) current: u64,
    /// A newer release that becomes the current one at the next launch.
    pub(crate) staged: Option<u64>,
    /// The release before, kept until the one after the current one has been confirmed.
    pub(crate) previous: Option<u64>,
    /// Whether the current release has proved itself.
    #[serde(alias = "is_launched")]
    pub(crate) is_confirmed: bool,
    /// The highest sequence this device has accepted.
    pub(crate) accepted: u64,
    /// A release that failed its trial; only a newer one is taken.
    #[serde(default)]
    failed: Option<u64>,
    /// A release that a person did not want, because of the data; only a newer one is taken.
    #[serde(default)]
    declined: Option<u64>,
    /// `guichet.storage_version` of the current release.
    #[serde(default)]
    pub(crate) storage_version: u32,
    /// The data that are kept aside.
    #[serde(default)]
    pub(crate) kept_data: Option<KeptData>,
    /// The data that are kept aside, or none, have to take the place of the present ones before anything is launched.
    #[serde(default)]
    pub(crate) is_restoring: bool,
    /// Launches of the current release on trial of which no orderly end is known.
    #[serde(default)]
    starts: u32,
    /// How long the current release has lived on trial, in milliseconds.
    #[serde(default)]
    lived_ms: u64,
    /// The current or the staged release waits for a person to decide, because going back loses data.
    #[serde(default)]
    undecided: Option<u64>,
}

/// The data as a release left them when a newer one was launched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptData {
    /// The release.
    pub(crate) sequence: u64,
    /// Its `guichet.storage_version`.
    pub(crate) storage_version: u32,
    /// How often the data had been changed then.
    pub(crate) changes: u64,
}

impl State {
    /// Nothing but this release.
    pub(crate) fn first(department: Department, sequence: u64, storage_version: u32) -> Self {
        Self {
            format: 1,
            department,
            current: sequence,
            staged: None,
            previous: None,
            is_confirmed: false,
            accepted: sequence,
            failed: None,
            declined: None,
            storage_version,
            kept_data: None,
            is_restoring: false,
            starts: 0,
            lived_ms: 0,
            undecided: None,
        }
    }

    pub(crate) fn has_known_format(&self) -> bool {
        self.format == 1
    }

    /// Another release becomes the current one. The last one that proved itself is kept.
    #[must_use]
    pub(crate) fn switched(&self, sequence: u64, storage_version: u32) -> Self {
        let previous = if self.is_confirmed { Some(self.current) } else { self.previous };
        Self {
            current: sequence,
            staged: None,
            previous: previous.filter(|previous| *previous != sequence),
            is_confirmed: false,
            accepted: self.accepted.max(sequence),
            storage_version,
            starts: 0,
            lived_ms: 0,
            undecided: None,
            ..self.clone()
        }
    }

    /// Another release waits for the next launch.
    #[must_use]
    pub(crate) fn staging(&self, sequence: u64) -> Self {
        let undecided = self.undecided.filter(|undecided| *undecided == self.current);
        Self { staged: Some(sequence), accepted: self.accepted.max(sequence), undecided, ..self.clone() }
    }

    /// The current release is about to be launched on trial, from data that were kept aside.
    #[must_use]
    pub(crate) fn started(&self, kept_data: Option<KeptData>) -> Self {
        Self { kept_data, starts: self.starts.saturating_add(1), ..self.clone() }
    }

    /// The current release is launched once more while it runs: only the first launch counts.
    #[must_use]
    pub(crate) fn started_again(&self, kept_data: Option<KeptData>) -> Self {
        Self { kept_data, ..self.clone() }
    }

    /// Somebody has closed the current release on trial, after it lived this long.
    #[must_use]
    pub(crate) fn closed(&self, lived: Duration) -> Self {
        let lived = self.lived() + lived;
        if lived >= TRIAL {
            return self.confirmed();
        }
        Self { starts: 0, lived_ms: u64::try_from(lived.as_millis()).unwrap_or(u64::MAX), ..self.clone() }
    }

    /// The current release has proved itself.
    #[must_use]
    pub(crate) fn confirmed(&self) -> Self {
        let undecided = self.undecided.filter(|undecided| *undecided != self.current);
        Self { is_confirmed: true, starts: 0, lived_ms: 0, undecided, ..self.clone() }
    }

    /// The release before is the current one again, with its data if the newer one was ever launched. The newer one is
    /// not taken again if the failure was its own fault.
    #[must_use]
    pub(crate) fn back_to(&self, previous: u64, is_fault: bool) -> Self {
        let kept_data = self.kept_data.clone().filter(|kept| kept.sequence == previous);
        Self {
            current: previous,
            staged: None,
            previous: None,
            is_confirmed: true,
            failed: if is_fault { Some(self.current) } else { self.failed },
            storage_version: kept_data.as_ref().map_or(self.storage_version, |kept| kept.storage_version),
            is_restoring: kept_data.is_some(),
            kept_data,
            starts: 0,
            lived_ms: 0,
            undecided: None,
            ..self.clone()
        }
    }

    /// What runs while the current release cannot be launched on trial, for want of room for the data.
    pub(crate) fn without_trial(&self) -> Option<Self> {
        let previous = self.previous?;
        Some(Self { current: previous, previous: None, is_confirmed: true, ..self.clone() })
    }

    /// The staged release takes over with data that its form knows: those kept aside, or none.
    #[must_use]
    pub(crate) fn switched_back(&self, sequence: u64, storage_version: u32) -> Self {
        let kept_data = self.kept_data.clone().filter(|kept| kept.storage_version <= storage_version);
        Self { kept_data, is_restoring: true, previous: None, ..self.switched(sequence, storage_version) }
    }

    /// The data that were kept aside are in their place.
    #[must_use]
    pub(crate) fn restored(&self) -> Self {
        Self { is_restoring: false, kept_data: None, ..self.clone() }
    }

    /// A person has erased what the app keeps, and what was kept aside with it.
    #[must_use]
    pub(crate) fn keeping_nothing(&self) -> Self {
        Self { kept_data: None, ..self.clone() }
    }

    /// Going on with this release loses data: a person has to decide.
    #[must_use]
    pub(crate) fn waiting_for_a_person(&self, undecided: u64) -> Self {
        Self { undecided: Some(undecided), starts: 0, ..self.clone() }
    }

    /// A person keeps what is in use.
    #[must_use]
    pub(crate) fn kept_by_a_person(&self) -> Self {
        match self.undecided {
            Some(undecided) if undecided == self.current => self.confirmed(),
            Some(undecided) => Self { staged: None, declined: Some(undecided), undecided: None, ..self.clone() },
            None => self.clone(),
        }
    }

    /// Whether this release is newer than the current one, not known to fail, and wanted.
    pub(crate) fn may_take(&self, sequence: u64) -> bool {
        sequence > self.current
            && sequence >= self.accepted
            && !self.has_failed(sequence)
            && !self.is_declined(sequence)
    }

    /// Whether this release failed its trial here.
    pub(crate) fn has_failed(&self, sequence: u64) -> bool {
        self.failed == Some(sequence)
    }

    /// Whether a person did not want this release.
    pub(crate) fn is_declined(&self, sequence: u64) -> bool {
        self.declined == Some(sequence)
    }

    /// Whether the current release has to prove itself and there is one to go back to.
    pub(crate) fn is_on_trial(&self) -> bool {
        !self.is_confirmed && self.previous.is_some()
    }

    /// Whether the current release has been launched often enough without an orderly end.
    pub(crate) fn has_used_up_its_starts(&self) -> bool {
        self.starts >= MOST_STARTS
    }

    /// How long the current release has lived on trial.
    pub(crate) fn lived(&self) -> Duration {
        Duration::from_millis(self.lived_ms)
    }

    /// The release a person has to decide about.
    pub(crate) fn undecided(&self) -> Option<u64> {
        self.undecided
    }

    /// Whether the data have been changed into a form that the release before does not know; `changes` counts now.
    pub(crate) fn would_lose_data(&self, changes: u64) -> bool {
        let kept = self.kept_data.as_ref().filter(|kept| Some(kept.sequence) == self.previous);
        kept.is_some_and(|kept| kept.storage_version < self.storage_version && kept.changes != changes)
    }

    /// The slots that have to stay.
    pub(crate) fn slots(&self) -> impl Iterator<Item = u64> {
        [Some(self.current), self.staged, self.previous].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(current: u64, previous: Option<u64>, is_confirmed: bool) -> State {
        State { previous, is_confirmed, ..State::first("residence".parse().unwrap(), current, 0) }
    }

    fn kept(sequence: u64, storage_version: u32) -> Option<KeptData> {
        Some(KeptData { sequence, storage_version, changes: 7 })
    }

    #[test]
    fn the_release_before_is_kept_until_the_one_after_was_confirmed() {
        let first = state(1, None, false).confirmed();
        let second = first.switched(2, 0);
        assert_eq!((second.current, second.previous), (2, Some(1)));
        let third_before_the_second_ran = second.switched(3, 0);
        assert_eq!(third_before_the_second_ran.previous, Some(1), "1 is the last that is known to run");
        let third_after_the_second_ran = second.confirmed().switched(3, 0);
        assert_eq!(third_after_the_second_ran.previous, Some(2));
    }

    #[test]
    fn what_failed_its_trial_is_not_taken_again() {
        let second = state(1, None, true).switched(2, 0);
        let back = second.back_to(1, true);
        assert_eq!((back.current, back.previous, back.is_confirmed, back.accepted), (1, None, true, 2));
        assert!(!back.may_take(2) && back.may_take(3));
        assert!(back.switched(3, 0).has_failed(2), "an older store cannot bring it back either");
        assert!(second.back_to(1, false).may_take(2), "unless it was this device's fault");
    }

    #[test]
    fn data_are_put_back_only_if_the_newer_release_was_launched() {
        let second = state(1, None, true).switched(2, 0);
        assert!(!second.back_to(1, true).is_restoring);
        let back = second.started(kept(1, 0)).back_to(1, true);
        assert!(back.is_restoring && back.kept_data == kept(1, 0));
        let older = State { kept_data: kept(7, 0), ..second };
        assert!(!older.back_to(1, true).is_restoring, "data of another release are no data of this one");
    }

    #[test]
    fn a_release_has_to_live_its_time_and_may_do_so_in_parts() {
        let second = state(1, None, true).switched(2, 0).started(kept(1, 0));
        let part = second.closed(Duration::from_secs(4));
        assert!(!part.is_confirmed && !part.has_used_up_its_starts());
        assert!(!part.started(kept(1, 0)).closed(Duration::from_millis(5999)).is_confirmed);
        assert!(part.started(kept(1, 0)).closed(Duration::from_secs(6)).is_confirmed);
    }

    #[test]
    fn two_starts_without_an_end_are_enough() {
        let once = state(1, None, true).switched(2, 0).started(kept(1, 0));
        assert!(!once.has_used_up_its_starts());
        assert!(once.started(kept(1, 0)).has_used_up_its_starts());
    }

    #[test]
    fn a_newer_form_of_changed_data_is_not_given_up_silently() {
        let second = state(1, None, true).switched(2, 1).started(kept(1, 0));
        assert!(second.would_lose_data(8));
        assert!(!second.would_lose_data(7), "nothing was entered since");
        assert!(!State { storage_version: 0, ..second.clone() }.would_lose_data(8), "the same form");
        let waiting = second.waiting_for_a_person(2);
        assert!(waiting.kept_by_a_person().is_confirmed);
        assert_eq!(waiting.kept_by_a_person().undecided(), None);
    }

    #[test]
    fn a_release_that_a_person_declined_is_not_offered_again() {
        let waiting = state(2, None, true).staging(3).waiting_for_a_person(3);
        let kept = waiting.kept_by_a_person();
        assert_eq!((kept.current, kept.staged, kept.undecided()), (2, None, None));
        assert!(!kept.may_take(3) && kept.may_take(4));
    }

    #[test]
    fn what_was_accepted_only_grows() {
        let staged = state(2, None, true).staging(5);
        assert_eq!((staged.current, staged.staged, staged.accepted), (2, Some(5), 5));
        assert_eq!(staged.switched(5, 0).staged, None);
        assert_eq!(staged.switched(3, 0).accepted, 5);
    }

    #[test]
    fn a_state_of_before_there_were_trials_is_read() {
        let old = r#"{"format":1,"department":"residence","current":2,"staged":null,"previous":1,"is_launched":true,"accepted":2}"#;
        let state: State = serde_json::from_str(old).unwrap();
        assert!(state.is_confirmed && !state.is_restoring && state.kept_data.is_none());
    }
}
