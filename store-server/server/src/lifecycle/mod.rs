//! Where a submission stands: the one place that decides it, writes it, and keeps its history.

mod follow;
mod publisher;
mod table;

use guichet_api::SubmissionState;
use sqlx::AnyConnection;

pub(crate) use follow::{braked, follow_latest, follow_release, go_on};
pub(crate) use publisher::replace;
pub use publisher::{archive, hand_in, try_out, withdraw};
pub use table::{Event, TooLate, advance};

use crate::{
    database::{
        people::Person,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    problems,
};

/// Moves a submission by what a person does, and writes it into its history.
pub(crate) async fn step(
    connection: &mut AnyConnection,
    person: &Person,
    record: &SubmissionRecord,
    event: Event,
    note: Option<&str>,
    now_ms: u64,
) -> Result<SubmissionState, NotDone> {
    let state = advance(record.state, event).map_err(|TooLate(state)| problems::too_late(state))?;
    let reason = note.filter(|_| event == Event::RequestChanges);
    records::set_state(connection, &record.id, state, reason).await?;
    records::add_history(connection, &record.id, person, state, note, now_ms).await?;
    Ok(state)
}

/// Moves a submission by what follows by itself from what was done last, if it can happen at all. Says where to.
pub(crate) async fn follow(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
    event: Event,
    note: Option<&str>,
    now_ms: u64,
) -> Result<Option<SubmissionState>, StoreError> {
    let Ok(state) = advance(record.state, event) else { return Ok(None) };
    if state != record.state {
        records::set_state(connection, &record.id, state, None).await?;
        records::add_consequence(connection, &record.id, state, note, now_ms).await?;
    }
    Ok(Some(state))
}

/// The same where it must be possible: anything else is a fault of the store's own.
pub(crate) async fn must_follow(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
    event: Event,
    now_ms: u64,
) -> Result<SubmissionState, StoreError> {
    let followed = follow(connection, record, event, None, now_ms).await?;
    followed.ok_or_else(|| StoreError::Document {
        operation: "move a submission",
        reason: format!("the submission {} is {}, and {event:?} cannot happen to it", record.id, record.state),
    })
}
