//! Release documents that hand in nothing new: going back to an earlier release, and taking the newest one back.
//!
//! The store prepares them; reviewers sign them like any other release. The contents keep their seals.

use std::collections::BTreeSet;

use guichet_api::{Submission, SubmissionKind, SubmissionState};
use guichet_contract::{AppId, Channel};
use guichet_package::{
    ReleaseDocument,
    release::{MOST_REASON, Rollout, is_plain_reason},
};
use sqlx::AnyConnection;
use uuid::Uuid;

use crate::{
    access::{self, Action},
    database::{
        commit, log,
        people::Person,
        reviews,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    lifecycle::{self, Event},
    problems, review,
    store::Store,
    submissions,
};

/// A reason as it is kept and signed: one plain paragraph, which people read in the history and at the devices.
pub(crate) fn plain(reason: &str) -> Option<String> {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    is_plain_reason(&reason).then_some(reason)
}

/// Proposes the contents of an earlier release again, under the next sequence and for everyone.
pub async fn revert(
    store: &Store,
    person: &Person,
    app_id: &AppId,
    channel: &Channel,
    to: u64,
    reason: &str,
) -> Result<Submission, NotDone> {
    let mut change = store.database.change().await?;
    let all = documents(&mut change, app_id, channel).await?;
    let latest = all.last().ok_or_else(|| problems::never_released(app_id, channel))?;
    let earlier = all.iter().find(|release| release.sequence == to);
    let earlier = earlier.ok_or_else(|| problems::no_such_release(app_id, channel, to))?;
    if !latest.allows(to) {
        return Err(problems::not_allowed_any_more(app_id, to).into());
    }
    if earlier.container == latest.container && !latest.is_recall() {
        return Err(problems::already_current(app_id, to).into());
    }
    let release = ReleaseDocument {
        sequence: latest.sequence.saturating_add(1),
        floor: latest.floor,
        revoked: latest.revoked.clone(),
        rollout: Rollout::default(),
        // What it goes back from is nobody's second choice.
        before: None,
        reason: None,
        ..earlier.clone()
    };
    let id = propose(store, &mut change, person, SubmissionKind::Revert, to, &release, reason).await?;
    commit(change).await?;
    shown(store, &id).await
}

/// Proposes to take the newest release back, and with it all of the same contents: nothing of the app runs until there is
/// another release.
pub async fn recall(
    store: &Store,
    person: &Person,
    app_id: &AppId,
    channel: &Channel,
    reason: &str,
) -> Result<Submission, NotDone> {
    let mut change = store.database.change().await?;
    let all = documents(&mut change, app_id, channel).await?;
    let latest = all.last().ok_or_else(|| problems::never_released(app_id, channel))?;
    if latest.is_recall() {
        return Err(problems::already_recalled(app_id).into());
    }
    let sequence = latest.sequence.saturating_add(1);
    let same = all.iter().filter(|release| release.container == latest.container).map(|release| release.sequence);
    let revoked: BTreeSet<u64> = latest.revoked.iter().copied().chain(same).chain([sequence]).collect();
    let said = Some(plain(reason).ok_or_else(|| problems::no_stop_reason(MOST_REASON))?);
    let rollout = Rollout::default();
    let release = ReleaseDocument { sequence, revoked, rollout, before: None, reason: said, ..latest.clone() };
    let id = propose(store, &mut change, person, SubmissionKind::Recall, latest.sequence, &release, reason).await?;
    commit(change).await?;
    shown(store, &id).await
}

async fn propose(
    store: &Store,
    connection: &mut AnyConnection,
    person: &Person,
    kind: SubmissionKind,
    contents_of: u64,
    release: &ReleaseDocument,
    reason: &str,
) -> Result<String, NotDone> {
    let (app_id, channel, now_ms) = (&release.app_id, &release.channel, store.clock.now_ms());
    let found = records::of_release(connection, app_id, channel, contents_of).await?;
    let (earlier, blobs) = found.ok_or_else(|| problems::no_such_release(app_id, channel, contents_of))?;
    access::check(person, Action::Stop, Some(&earlier.department))?;
    let reason = plain(reason).ok_or_else(|| problems::no_stop_reason(MOST_REASON))?;
    // Packages that wait for reviewers go on; another wish of an operator's has lost its point.
    for open in records::open(connection, app_id, channel).await? {
        if open.kind != SubmissionKind::Package {
            lifecycle::step(connection, person, &open, Event::Supersede, Some(kind.as_str()), now_ms).await?;
            reviews::clear(connection, &open.id, true).await?;
        }
    }
    let record = SubmissionRecord {
        id: Uuid::now_v7().to_string(),
        kind,
        sequence: release.sequence,
        state: SubmissionState::Submitted,
        release_document: release.to_bytes().map_err(StoreError::document("write a release document"))?,
        widens: Vec::new(),
        refusal_reason: None,
        submitted_by: person.id.clone(),
        submitter: person.name.clone(),
        submitted_at_ms: now_ms,
        handed_in_by: None,
        released_at_ms: None,
        is_new_key: false,
        is_wide: false,
        ceiling: None,
        not_before_ms: None,
        ..earlier
    };
    records::insert(connection, &record, &blobs).await?;
    records::add_history(connection, &record.id, person, record.state, Some(&reason), now_ms).await?;
    let deed = match kind {
        SubmissionKind::Recall => "release.recall",
        SubmissionKind::Package | SubmissionKind::Revert | SubmissionKind::Unknown => "release.revert",
    };
    review::noted(connection, person, &record, deed, Some(&reason), now_ms).await?;
    tracing::info!(submission = %record.id, app = %app_id, kind = kind.as_str(), "proposed");
    Ok(record.id)
}

async fn documents(
    connection: &mut AnyConnection,
    app_id: &AppId,
    channel: &Channel,
) -> Result<Vec<ReleaseDocument>, StoreError> {
    let all = log::of_app(connection, app_id, channel).await?;
    let parsed = all.iter().map(|bytes| ReleaseDocument::parse(bytes)).collect::<Result<_, _>>();
    parsed.map_err(StoreError::document("read a logged release document"))
}

async fn shown(store: &Store, id: &str) -> Result<Submission, NotDone> {
    let mut connection = store.database.read().await?;
    let record = records::get(&mut connection, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    submissions::view(&mut connection, record).await
}
