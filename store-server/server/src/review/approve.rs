//! An approval: judged, kept until it is complete, and then made a release in one change.

use std::collections::BTreeSet;

use guichet_api::{Approval, Submission};
use guichet_package::{LogLeaf, Seals};
use guichet_trust::{digest::Digest, editor::Pending, metadata::TargetFile};
use sqlx::{AnyConnection, Connection as _};

use super::{Need, Needs, judge, lapse::lapse_overtaken, noted, reviewable, shown};
use crate::{
    database::{
        commit,
        documents::{self, TargetRecord},
        log::{self, LogEntry},
        people::Person,
        reviews::{self, PendingDocument},
        submissions::SubmissionRecord,
        witnesses,
    },
    error::{NotDone, StoreError},
    lifecycle::{self, Event, step},
    passkeys, problems, publish, repository,
    store::Store,
    submissions, transparency,
};

/// Takes in what a reviewer's machine has signed. The last signature needed makes the release and publishes it.
pub async fn approve(store: &Store, person: &Person, id: &str, approval: Approval) -> Result<Submission, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = reviewable(&mut change, person, id).await?;
    if reviews::approvals(&mut change, id).await?.iter().any(|mark| mark.person == person.id) {
        return Err(problems::already_approved().into());
    }
    passkeys::decided(store, &mut change, person, id, &record.release_document).await?;
    let needs = Needs::of(&mut change, &record).await?;
    needs.check_keys()?;
    let judged = judged(&needs, &approval, now_ms)?;
    reviews::add_approval(&mut change, id, person, now_ms).await?;
    noted(&mut change, person, &record, "submission.sign", None, now_ms).await?;
    let complete = judged.iter().all(|(_, pending)| pending.is_complete());
    if complete {
        release(store, &mut change, person, &record, &needs, &judged, now_ms).await?;
        noted(&mut change, person, &record, "submission.release", None, now_ms).await?;
        store.commit(change).await?;
        tracing::info!(submission = id, app = %record.app_id, sequence = record.sequence, "approved and logged");
        // The release is a fact now. If the witnesses or the static files cannot follow at once, the next round makes up
        // for it, and until then the submission stays approved.
        publish::publish_or_lag(store).await;
    } else {
        keep(&mut change, person, &record, &judged, now_ms).await?;
        commit(change).await?;
    }
    shown(store, id).await
}

/// One judged document for every role: those posted, and those that were complete before.
fn judged<'a>(needs: &'a Needs, approval: &Approval, now_ms: u64) -> Result<Vec<(&'a Need, Pending)>, NotDone> {
    let posted: BTreeSet<&str> = approval.documents.iter().map(|document| document.role.as_str()).collect();
    let known: BTreeSet<&str> = needs.roles.iter().map(|need| need.role.as_str()).collect();
    if posted.len() != approval.documents.len() || !posted.is_subset(&known) {
        return Err(wrong_roles(needs));
    }
    let mut judged = Vec::new();
    for need in &needs.roles {
        let pending = match approval.documents.iter().find(|document| document.role == need.role) {
            Some(document) => judge(need, &needs.path, document.document.as_bytes(), now_ms)?,
            None => need.pending.clone().filter(|_| need.is_complete()).ok_or_else(|| wrong_roles(needs))?,
        };
        judged.push((need, pending));
    }
    Ok(judged)
}

fn wrong_roles(needs: &Needs) -> NotDone {
    let wanted: Vec<&str> =
        needs.roles.iter().filter(|need| !need.is_complete()).map(|need| need.role.as_str()).collect();
    problems::wrong_roles(&wanted).into()
}

async fn keep(
    connection: &mut AnyConnection,
    person: &Person,
    record: &SubmissionRecord,
    judged: &[(&Need, Pending)],
    now_ms: u64,
) -> Result<(), NotDone> {
    for (need, pending) in judged {
        let pending = PendingDocument {
            role: need.role.clone(),
            version: pending.document.version(),
            document: pending.document.bytes().to_vec(),
        };
        reviews::put_pending(connection, &record.id, &pending).await?;
    }
    step(connection, person, record, Event::Signed, None, now_ms).await?;
    Ok(())
}

/// Logs a release and lets its documents wait for the log; nothing of it is seen before the commit.
async fn release(
    store: &Store,
    connection: &mut AnyConnection,
    person: &Person,
    record: &SubmissionRecord,
    needs: &Needs,
    judged: &[(&Need, Pending)],
    now_ms: u64,
) -> Result<(), NotDone> {
    step(connection, person, record, Event::Completed, None, now_ms).await?;
    for (need, pending) in judged {
        repository::insert(connection, &need.role, &pending.document).await?;
    }
    let target = TargetRecord {
        path: needs.path.clone(),
        sha256: Digest::of(&record.release_document),
        content: record.release_document.clone(),
    };
    documents::insert_target(connection, &target).await?;
    let roles: Vec<&str> = judged.iter().map(|(need, _)| need.role.as_str()).collect();
    believe(store, connection, &needs.families, &roles, &target, now_ms).await?;
    let entry = LogEntry {
        position: log::length(connection).await?,
        submission: record.id.clone(),
        app_id: record.app_id.clone(),
        channel: record.channel.clone(),
        sequence: record.sequence,
        release_document: record.release_document.clone(),
        at_ms: now_ms,
    };
    log::append(connection, &entry).await?;
    let leaf = leaf(store, record, judged).await?;
    let position = transparency::append(connection, &leaf).await?;
    if position != entry.position {
        let reason = format!("the log has {position} leaves for {} releases", entry.position);
        return Err(StoreError::Document { operation: "log a release", reason }.into());
    }
    for (need, pending) in judged {
        witnesses::wait(connection, &need.role, pending.document.version(), position).await?;
    }
    reviews::clear(connection, &record.id, false).await?;
    lifecycle::follow_release(connection, record, store.settings.second_reviewer, now_ms).await?;
    lapse_overtaken(connection, person, record, &roles, now_ms).await
}

/// Follows the documents as a device would that already saw them, and takes the trial back: what no device would believe
/// is never logged.
async fn believe(
    store: &Store,
    connection: &mut AnyConnection,
    families: &[String],
    moved: &[&str],
    target: &TargetRecord,
    now_ms: u64,
) -> Result<(), StoreError> {
    let operation = "follow the new metadata as a device would";
    let mut trial = connection.begin().await.map_err(StoreError::database(operation))?;
    repository::sign_snapshot(&mut trial, &store.online, now_ms).await?;
    let roles: Vec<&str> = families.iter().map(String::as_str).chain(moved.iter().copied()).collect();
    let seen = repository::follow(&mut trial, &roles, now_ms).await?;
    trial.rollback().await.map_err(StoreError::database(operation))?;
    match families
        .iter()
        .find(|role| seen.target(role, &target.path).and_then(TargetFile::sha256) != Some(target.sha256))
    {
        Some(role) => Err(StoreError::Document { operation, reason: format!("`{role}` does not list the release") }),
        None => Ok(()),
    }
}

/// What the log says of the release.
async fn leaf(store: &Store, record: &SubmissionRecord, judged: &[(&Need, Pending)]) -> Result<LogLeaf, NotDone> {
    let operation = "log a release";
    let package = submissions::open(store, record).await?;
    let seals = Seals::parse(package.seals_bytes().unwrap_or_default(), &store.limits);
    let seals = seals.map_err(StoreError::document(operation))?;
    let mut leaf =
        LogLeaf::of(&record.department, &record.release_document).map_err(StoreError::document(operation))?;
    leaf.publishers = seals.seals.iter().map(|seal| seal.key).collect();
    for (need, pending) in judged {
        leaf.approvals.extend(&pending.signed_by);
        leaf.roles.insert(need.role.clone(), pending.document.version());
    }
    Ok(leaf)
}
