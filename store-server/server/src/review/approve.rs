//! An approval: judged, kept until it is complete, and then made a release in one change.

use std::collections::BTreeSet;

use guichet_api::{Approval, Submission, SubmissionState};
use guichet_trust::{digest::Digest, editor::Pending, metadata::TargetFile};
use sqlx::SqliteConnection;

use super::{Event, Need, Needs, TooLate, advance, judge, reviewable, shown};
use crate::{
    database::{
        commit,
        documents::{self, TargetRecord},
        log::{self, LogEntry},
        people::Person,
        reviews::{self, PendingDocument},
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    problems, publish, repository,
    store::Store,
};

/// Takes in what a reviewer's machine has signed. The last signature needed makes the release and publishes it.
pub async fn approve(store: &Store, person: &Person, id: &str, approval: Approval) -> Result<Submission, NotDone> {
    let now_ms = store.clock.now_ms();
    let mut change = store.database.change().await?;
    let record = reviewable(&mut change, person, id).await?;
    if reviews::approvals(&mut change, id).await?.iter().any(|mark| mark.person == person.id) {
        return Err(problems::already_approved().into());
    }
    let needs = Needs::of(&mut change, &record).await?;
    needs.check_keys()?;
    let judged = judged(&needs, &record, &approval, now_ms)?;
    reviews::add_approval(&mut change, id, person, now_ms).await?;
    let complete = judged.iter().all(|(_, pending)| pending.is_complete());
    if complete {
        release(store, &mut change, person, &record, &needs, &judged, now_ms).await?;
    } else {
        keep(&mut change, person, &record, &judged, now_ms).await?;
    }
    commit(change).await?;
    if complete {
        tracing::info!(submission = id, app = %record.app_id, sequence = record.sequence, "released");
        // The release is a fact now. If the static files cannot follow at once, the next round makes up for it.
        publish::publish_or_lag(store).await;
    }
    shown(store, id).await
}

/// One judged document for every role: those posted, and those that were complete before.
fn judged<'a>(
    needs: &'a Needs,
    record: &SubmissionRecord,
    approval: &Approval,
    now_ms: u64,
) -> Result<Vec<(&'a Need, Pending)>, NotDone> {
    let posted: BTreeSet<&str> = approval.documents.iter().map(|document| document.role.as_str()).collect();
    let known: BTreeSet<&str> = needs.roles.iter().map(|need| need.role.as_str()).collect();
    if posted.len() != approval.documents.len() || !posted.is_subset(&known) {
        return Err(wrong_roles(needs));
    }
    let mut judged = Vec::new();
    for need in &needs.roles {
        let pending = match approval.documents.iter().find(|document| document.role == need.role) {
            Some(document) => judge(
                &needs.authority.targets,
                need,
                &needs.path,
                &record.release_document,
                document.document.as_bytes(),
                now_ms,
            )?,
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

async fn step(
    connection: &mut SqliteConnection,
    person: &Person,
    record: &SubmissionRecord,
    from: SubmissionState,
    event: Event,
    now_ms: u64,
) -> Result<SubmissionState, NotDone> {
    let state = advance(from, event).map_err(|TooLate(state)| problems::too_late(state))?;
    records::set_state(connection, &record.id, state, None).await?;
    records::add_history(connection, &record.id, person, state, None, now_ms).await?;
    Ok(state)
}

async fn keep(
    connection: &mut SqliteConnection,
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
    step(connection, person, record, record.state, Event::Signed, now_ms).await?;
    Ok(())
}

/// Lists, logs and signs; nothing of it is seen before the commit.
async fn release(
    store: &Store,
    connection: &mut SqliteConnection,
    person: &Person,
    record: &SubmissionRecord,
    needs: &Needs,
    judged: &[(&Need, Pending)],
    now_ms: u64,
) -> Result<(), NotDone> {
    let approved = step(connection, person, record, record.state, Event::Completed, now_ms).await?;
    for (need, pending) in judged {
        repository::insert(connection, &need.role, &pending.document).await?;
    }
    let target = TargetRecord {
        path: needs.path.clone(),
        sha256: Digest::of(&record.release_document),
        content: record.release_document.clone(),
    };
    documents::insert_target(connection, &target).await?;
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
    repository::sign_snapshot(connection, &store.online, now_ms).await?;
    let roles: Vec<&str> = judged.iter().map(|(need, _)| need.role.as_str()).collect();
    let seen = repository::follow(connection, &roles, now_ms).await?;
    if let Some(role) =
        roles.iter().find(|role| seen.target(role, &needs.path).and_then(TargetFile::sha256) != Some(target.sha256))
    {
        return Err(StoreError::Document {
            operation: "follow the new metadata as a device would",
            reason: format!("`{role}` does not list the release"),
        }
        .into());
    }
    step(connection, person, record, approved, Event::Listed, now_ms).await?;
    reviews::clear(connection, &record.id, false).await?;
    lapse(connection, person, record, &roles, now_ms).await
}

/// Sends other submissions back to the queue whose signatures no longer follow a role that has moved on.
async fn lapse(
    connection: &mut SqliteConnection,
    person: &Person,
    released: &SubmissionRecord,
    moved: &[&str],
    now_ms: u64,
) -> Result<(), NotDone> {
    for other in records::in_review(connection, &released.department).await? {
        let pending = reviews::pending(connection, &other.id).await?;
        // A role that one reviewer can complete costs the next reviewer nothing to sign again; what waited for a
        // second signature must begin anew.
        let wide = repository::wide_role(&other.department);
        let lapses = pending.iter().any(|pending| pending.role == wide) && moved.contains(&wide.as_str());
        if other.id != released.id && lapses {
            reviews::clear(connection, &other.id, true).await?;
            step(connection, person, &other, other.state, Event::Lapsed, now_ms).await?;
        }
    }
    Ok(())
}
