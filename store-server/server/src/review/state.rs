//! A submission's life as one pure function.

use guichet_api::SubmissionState::{self, Approved, InReview, Refused, Released, Submitted, Superseded, Withdrawn};

/// What can happen to a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A reviewer has signed and others must still sign.
    Signed,
    /// The last reviewer it needed has signed.
    Completed,
    /// It is listed, logged and will be published.
    Listed,
    /// What had been signed no longer follows the role's newest document.
    Lapsed,
    /// A reviewer said no.
    Refuse,
    /// A higher version came in.
    Supersede,
    /// The publisher took it back.
    Withdraw,
}

impl Event {
    /// Every event, in the order of the list above.
    pub const ALL: [Self; 7] =
        [Self::Signed, Self::Completed, Self::Listed, Self::Lapsed, Self::Refuse, Self::Supersede, Self::Withdraw];
}

/// The submission is not in a state in which this can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLate(pub SubmissionState);

/// Where an event leads from here.
pub fn advance(state: SubmissionState, event: Event) -> Result<SubmissionState, TooLate> {
    match (state, event) {
        (Submitted | InReview, Event::Signed) => Ok(InReview),
        (Submitted | InReview, Event::Completed) => Ok(Approved),
        (Approved, Event::Listed) => Ok(Released),
        (InReview, Event::Lapsed) => Ok(Submitted),
        (Submitted | InReview, Event::Refuse) => Ok(Refused),
        (Submitted | InReview, Event::Supersede) => Ok(Superseded),
        (Submitted | InReview, Event::Withdraw) => Ok(Withdrawn),
        (Submitted | InReview, Event::Listed)
        | (Submitted, Event::Lapsed)
        | (Approved, _)
        | (Released | Refused | Superseded | Withdrawn, _) => Err(TooLate(state)),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_cell_of_the_machine() {
        let mut table = String::new();
        for state in SubmissionState::ALL {
            write!(table, "{state:<10}").unwrap();
            for event in Event::ALL {
                let next = advance(state, event).map_or("-", SubmissionState::as_str);
                write!(table, " {event:?}={next}").unwrap();
            }
            writeln!(table).unwrap();
        }
        insta::assert_snapshot!(table, @r"
        submitted  Signed=in_review Completed=approved Listed=- Lapsed=- Refuse=refused Supersede=superseded Withdraw=withdrawn
        in_review  Signed=in_review Completed=approved Listed=- Lapsed=submitted Refuse=refused Supersede=superseded Withdraw=withdrawn
        approved   Signed=- Completed=- Listed=released Lapsed=- Refuse=- Supersede=- Withdraw=-
        released   Signed=- Completed=- Listed=- Lapsed=- Refuse=- Supersede=- Withdraw=-
        refused    Signed=- Completed=- Listed=- Lapsed=- Refuse=- Supersede=- Withdraw=-
        superseded Signed=- Completed=- Listed=- Lapsed=- Refuse=- Supersede=- Withdraw=-
        withdrawn  Signed=- Completed=- Listed=- Lapsed=- Refuse=- Supersede=- Withdraw=-
        ");
    }
}
