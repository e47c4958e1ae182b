//! A submission's life as one table and one pure function. Nothing else in the store knows what may follow what.

use guichet_api::SubmissionState::{
    self, Approved, Archived, ChangesRequested, Draft, InReview, Paused, Quarantined, Recalled, Released, Scanning,
    Submitted, Superseded, Trial,
};

/// What can happen to a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its publisher lets listed testers try it.
    Try,
    /// Its publisher ends the trial.
    EndTrial,
    /// Its publisher hands it in, for the first time or again.
    Submit,
    /// The checks have begun.
    Scan,
    /// Every check is through, and none holds it.
    Clear,
    /// A check or a reviewer holds it aside.
    Quarantine,
    /// A reviewer lets it out of quarantine.
    Free,
    /// A reviewer has begun with it.
    Claim,
    /// A reviewer has signed and others must still sign.
    Signed,
    /// The last reviewer it needed has signed.
    Completed,
    /// The log shows it and nothing holds it: it is published.
    Listed,
    /// What had been signed no longer follows the newest documents.
    Lapsed,
    /// A reviewer wants something changed.
    RequestChanges,
    /// Its publisher took it back.
    Withdraw,
    /// Another version took its place.
    Supersede,
    /// The brake halts it.
    Pause,
    /// It goes on.
    Resume,
    /// A release says that it must not run any more.
    Recall,
    /// Its publisher puts it away.
    Archive,
}

impl Event {
    /// Every event, in the order of the list above.
    pub const ALL: [Self; 19] = [
        Self::Try,
        Self::EndTrial,
        Self::Submit,
        Self::Scan,
        Self::Clear,
        Self::Quarantine,
        Self::Free,
        Self::Claim,
        Self::Signed,
        Self::Completed,
        Self::Listed,
        Self::Lapsed,
        Self::RequestChanges,
        Self::Withdraw,
        Self::Supersede,
        Self::Pause,
        Self::Resume,
        Self::Recall,
        Self::Archive,
    ];
}

/// One row: an event, the states in which it can happen, and where it leads.
type Row = (Event, &'static [SubmissionState], SubmissionState);

/// Every transition there is. What has no row cannot happen.
const ROWS: [Row; 19] = [
    (Event::Try, &[Draft, Trial], Trial),
    (Event::EndTrial, &[Trial], Draft),
    (Event::Submit, &[Draft, Trial, ChangesRequested], Submitted),
    (Event::Scan, &[Submitted], Scanning),
    (Event::Clear, &[Scanning], InReview),
    (Event::Quarantine, &[Submitted, Scanning, InReview], Quarantined),
    (Event::Free, &[Quarantined], InReview),
    (Event::Claim, &[Submitted, InReview], InReview),
    (Event::Signed, &[Submitted, InReview], InReview),
    (Event::Completed, &[Submitted, InReview], Approved),
    (Event::Listed, &[Approved], Released),
    (Event::Lapsed, &[InReview], Submitted),
    (Event::RequestChanges, &[Submitted, Quarantined, InReview], ChangesRequested),
    (Event::Withdraw, &[Trial, Submitted, Scanning, Quarantined, InReview, ChangesRequested], Draft),
    (
        Event::Supersede,
        &[Draft, Trial, Submitted, Scanning, Quarantined, InReview, ChangesRequested, Released, Paused],
        Superseded,
    ),
    (Event::Pause, &[Released, Paused], Paused),
    (Event::Resume, &[Paused], Released),
    (Event::Recall, &[Released, Paused, Superseded], Recalled),
    (Event::Archive, &[Draft, Trial, ChangesRequested, Superseded, Recalled], Archived),
];

/// The submission is not in a state in which this can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLate(pub SubmissionState);

/// Where an event leads from here.
pub fn advance(state: SubmissionState, event: Event) -> Result<SubmissionState, TooLate> {
    let row = ROWS.iter().find(|(happens, from, _)| *happens == event && from.contains(&state));
    row.map(|(.., to)| *to).ok_or(TooLate(state))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_cell_of_the_table() {
        let mut table = String::new();
        for state in SubmissionState::ALL {
            write!(table, "{state:<17}").unwrap();
            for event in Event::ALL {
                if let Ok(next) = advance(state, event) {
                    write!(table, " {event:?}={next}").unwrap();
                }
            }
            writeln!(table).unwrap();
        }
        insta::assert_snapshot!(table, @r"
        draft             Try=trial Submit=submitted Supersede=superseded Archive=archived
        trial             Try=trial EndTrial=draft Submit=submitted Withdraw=draft Supersede=superseded Archive=archived
        submitted         Scan=scanning Quarantine=quarantined Claim=in_review Signed=in_review Completed=approved RequestChanges=changes_requested Withdraw=draft Supersede=superseded
        scanning          Clear=in_review Quarantine=quarantined Withdraw=draft Supersede=superseded
        quarantined       Free=in_review RequestChanges=changes_requested Withdraw=draft Supersede=superseded
        in_review         Quarantine=quarantined Claim=in_review Signed=in_review Completed=approved Lapsed=submitted RequestChanges=changes_requested Withdraw=draft Supersede=superseded
        changes_requested Submit=submitted Withdraw=draft Supersede=superseded Archive=archived
        approved          Listed=released
        released          Supersede=superseded Pause=paused Recall=recalled
        paused            Supersede=superseded Pause=paused Resume=released Recall=recalled
        superseded        Recall=recalled Archive=archived
        recalled          Archive=archived
        archived         
        ");
    }

    #[test]
    fn each_event_has_one_row_and_each_state_is_reached() {
        for event in Event::ALL {
            assert_eq!(ROWS.iter().filter(|row| row.0 == event).count(), 1, "{event:?}");
        }
        for state in SubmissionState::ALL {
            let is_reached = ROWS.iter().any(|(_, from, to)| *to == state && from.iter().any(|other| *other != state));
            assert!(is_reached, "{state}");
        }
    }

    #[test]
    fn what_was_approved_is_in_the_log_and_is_never_an_offer_again() {
        let mut seen = vec![Approved];
        while let Some(next) = Event::ALL
            .into_iter()
            .flat_map(|event| seen.iter().filter_map(move |state| advance(*state, event).ok()).collect::<Vec<_>>())
            .find(|state| !seen.contains(state))
        {
            seen.push(next);
        }
        assert!(!seen.iter().any(|state| state.is_reviewable() || state.is_with_publisher()), "{seen:?}");
    }
}
