//! What a release, a halt and a resume mean for the other submissions of the same app.

use guichet_api::SubmissionKind;
use guichet_package::{Blob, ReleaseDocument};
use sqlx::AnyConnection;

use super::{Event, advance, follow, must_follow, step};
use crate::{
    brake,
    database::{
        brakes::{self, BrakeEntry},
        log, reviews,
        submissions::{self as records, SubmissionRecord},
        witnesses,
    },
    error::{NotDone, StoreError},
    people::Actor,
    review,
};

/// Once a release is logged, the others that are on their way follow it: a higher version gets the next number, and whoever
/// had signed it signs again; everything else has lost its point.
pub(crate) async fn follow_release(
    connection: &mut AnyConnection,
    released: &SubmissionRecord,
    second_reviewer: bool,
    now_ms: u64,
) -> Result<(), StoreError> {
    for other in records::open(connection, &released.app_id, &released.channel).await? {
        if other.id == released.id {
            continue;
        }
        reviews::clear(connection, &other.id, true).await?;
        let is_newer = released.kind != SubmissionKind::Package || other.version.code > released.version.code;
        if other.kind == SubmissionKind::Package && is_newer {
            renumber(connection, &other, second_reviewer).await?;
            let note = format!("#{}", released.sequence);
            follow(connection, &other, Event::Lapsed, Some(&note), now_ms).await?;
        } else {
            follow(connection, &other, Event::Supersede, Some(&released.version.name), now_ms).await?;
        }
    }
    Ok(())
}

/// Makes a package's release document anew, so that it follows the newest release.
pub(super) async fn renumber(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
    second_reviewer: bool,
) -> Result<(), StoreError> {
    let mut release = ReleaseDocument::parse(&record.release_document)
        .map_err(StoreError::document("read a proposed release document"))?;
    follow_latest(connection, &mut release).await?;
    let allowed = review::widest(connection, &record.department, &record.app_id, &record.channel).await?;
    let widens = review::widens(&allowed, &release.permissions);
    let document = release.to_bytes().map_err(StoreError::document("write a release document"))?;
    let is_wide = second_reviewer && (release.sequence == 1 || record.is_new_key);
    records::renumber(connection, &record.id, release.sequence, &document, &widens, is_wide).await
}

/// Gives a release document the next sequence, the newest release as the one before it, and what that says for good: what
/// was recalled stays so, and what fell below the floor does not come back.
pub(crate) async fn follow_latest(
    connection: &mut AnyConnection,
    release: &mut ReleaseDocument,
) -> Result<(), StoreError> {
    release.sequence = log::last_sequence(connection, &release.app_id, &release.channel).await?.saturating_add(1);
    if let Some(latest) = log::latest(connection, &release.app_id, &release.channel).await? {
        let before = Blob::of(&latest.release_document);
        let latest = ReleaseDocument::parse(&latest.release_document);
        let latest = latest.map_err(StoreError::document("read a logged release document"))?;
        release.before = (!latest.is_recall()).then_some(before);
        (release.floor, release.revoked) = (latest.floor, latest.revoked);
    }
    Ok(())
}

/// Once a release is published, those before it are superseded, or recalled where it says so.
async fn replace_earlier(
    connection: &mut AnyConnection,
    released: &SubmissionRecord,
    now_ms: u64,
) -> Result<(), StoreError> {
    let document = ReleaseDocument::parse(&released.release_document)
        .map_err(StoreError::document("read a logged release document"))?;
    for earlier in records::released_before(connection, released).await? {
        let is_recalled = document.revoked.contains(&earlier.sequence);
        let event = if is_recalled { Event::Recall } else { Event::Supersede };
        let note = format!("#{}", released.sequence);
        follow(connection, &earlier, event, Some(&note), now_ms).await?;
    }
    Ok(())
}

/// The log shows a release, so it is published; held back it stays approved, and halted it is paused.
pub(crate) async fn go_on(connection: &mut AnyConnection, id: &str, now_ms: u64) -> Result<(), StoreError> {
    let operation = "list a release";
    let record = records::get(connection, id).await?;
    let mut record = record.ok_or_else(|| StoreError::Document { operation, reason: format!("no submission {id}") })?;
    let reached = brake::reached(connection, &record.app_id, &record.channel, record.sequence).await?;
    if reached.or(brake::beginning(&record, now_ms)) == Some(0) {
        return Ok(());
    }
    record.state = must_follow(connection, &record, Event::Listed, now_ms).await?;
    replace_earlier(connection, &record, now_ms).await?;
    let brakes = brakes::of_app(connection, &record.app_id, &record.channel).await?;
    let halt = brakes.iter().rev().find(|brake| brake.ceiling.is_none());
    if let Some(halt) = halt.filter(|halt| halt.halted && record.sequence <= halt.sequence) {
        follow(connection, &record, Event::Pause, Some(&halt.reason), now_ms).await?;
    }
    Ok(())
}

/// The brake was put on a release, taken off it, or moved.
pub(crate) async fn braked(connection: &mut AnyConnection, by: Actor<'_>, brake: &BrakeEntry) -> Result<(), NotDone> {
    let found = records::of_release(connection, &brake.app_id, &brake.channel, brake.sequence).await?;
    let Some((record, _)) = found else { return Ok(()) };
    let event = match (brake.halted, brake.ceiling) {
        (true, _) => Event::Pause,
        (false, None) => Event::Resume,
        // What was held is let out.
        (false, Some(1..)) if !witnesses::is_waiting(connection, &record.id).await? => Event::Listed,
        (false, Some(_)) => return Ok(()),
    };
    // One that waits for the log is halted all the same, and one that was replaced has nothing left to halt.
    if advance(record.state, event).is_err() {
        return Ok(());
    }
    let note = Some(brake.reason.as_str()).filter(|reason| !reason.is_empty());
    match by {
        Actor::Person(person) => {
            step(connection, person, &record, event, note, brake.at_ms).await?;
        }
        Actor::Machine => {
            follow(connection, &record, event, note, brake.at_ms).await?;
        }
    }
    if event == Event::Listed {
        replace_earlier(connection, &record, brake.at_ms).await?;
    }
    Ok(())
}
