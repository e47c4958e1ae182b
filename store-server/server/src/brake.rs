//! The brake: halting the releases of an app's channel, and letting them go on, with the online key that can do no more.

use std::collections::BTreeMap;

use guichet_contract::{AppId, Channel, Department};
use guichet_package::{
    Brake, ReleaseDocument,
    release::{EVERYONE, MOST_BEFORE, Rollout, brake_path},
};
use guichet_trust::{
    digest::Digest,
    editor::Draft,
    metadata::{Document, TargetFile, Targets},
};
use sqlx::AnyConnection;

use crate::{
    audit::{self, Deed},
    database::{
        Change,
        brakes::{self, BrakeEntry},
        documents::{self, TargetRecord},
        log,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    lifecycle,
    people::Actor,
    problems, publish,
    repository::{self, BRAKE, OFFLINE_MS},
    store::Store,
};

const SIGN: &str = "sign the brake";

/// Halts the newest release of an app's channel. Returns its sequence.
///
/// Whoever has nothing yet takes the release before, if its document names one and that was not held itself.
/// Halting once more gives the halt another reason.
pub async fn halt(
    store: &Store,
    by: Actor<'_>,
    app_id: &AppId,
    channel: &Channel,
    reason: &str,
) -> Result<u64, NotDone> {
    let mut change = store.database.change().await?;
    let latest = log::latest(&mut change, app_id, channel).await?;
    let latest = latest.ok_or_else(|| problems::never_released(app_id, channel))?;
    let release =
        ReleaseDocument::parse(&latest.release_document).map_err(StoreError::document("read the release to halt"))?;
    let acts = brakes::of_app(&mut change, app_id, channel).await?;
    let brake = over_those_before(Brake::halt(&release, reason), &release, &acts);
    put(store, &mut change, &latest.department, &brake).await?;
    seal(store, &mut change).await?;
    let entry = BrakeEntry {
        app_id: app_id.clone(),
        channel: channel.clone(),
        sequence: release.sequence,
        halted: true,
        ceiling: None,
        reason: reason.to_owned(),
        at_ms: store.clock.now_ms(),
    };
    finish(store, change, by, &latest.department, &entry).await
}

/// Lets the releases of an app's channel go on. Returns the sequence of the newest that had been halted.
pub async fn resume(
    store: &Store,
    by: Actor<'_>,
    app_id: &AppId,
    channel: &Channel,
    reason: &str,
) -> Result<u64, NotDone> {
    let mut change = store.database.change().await?;
    let latest = log::latest(&mut change, app_id, channel).await?;
    let latest = latest.ok_or_else(|| problems::never_released(app_id, channel))?;
    let path = brake_path(&latest.department, app_id, channel);
    let brake = listed(&mut change, &path).await?.filter(|brake| brake.halted);
    let brake = brake.ok_or_else(|| problems::not_halted(app_id, channel))?;
    let release =
        ReleaseDocument::parse(&latest.release_document).map_err(StoreError::document("read the release to resume"))?;
    let entry = BrakeEntry {
        app_id: app_id.clone(),
        channel: channel.clone(),
        sequence: brake.sequence,
        halted: false,
        ceiling: None,
        reason: reason.to_owned(),
        at_ms: store.clock.now_ms(),
    };
    let mut acts = brakes::of_app(&mut change, app_id, channel).await?;
    acts.push(entry.clone());
    let ceiling = let_out_to(&acts, release.sequence).unwrap_or(release.rollout.ceiling);
    limit(store, &mut change, &latest.department, &release, &acts, ceiling, "").await?;
    seal(store, &mut change).await?;
    finish(store, change, by, &latest.department, &entry).await
}

/// Lets the newest release of an app's channel out to so many of 10 000, within what its reviewers signed. Returns its
/// sequence.
pub async fn stage(
    store: &Store,
    by: Actor<'_>,
    app_id: &AppId,
    channel: &Channel,
    ceiling: u16,
    reason: &str,
) -> Result<u64, NotDone> {
    let mut change = store.database.change().await?;
    let latest = log::latest(&mut change, app_id, channel).await?;
    let latest = latest.ok_or_else(|| problems::never_released(app_id, channel))?;
    let release = ReleaseDocument::parse(&latest.release_document)
        .map_err(StoreError::document("read the release to let out"))?;
    if ceiling > release.rollout.ceiling {
        return Err(problems::beyond_the_rollout(release.rollout.ceiling).into());
    }
    let path = brake_path(&latest.department, app_id, channel);
    let current = listed(&mut change, &path).await?.filter(|brake| brake.sequence >= release.sequence);
    if current.as_ref().is_some_and(|brake| brake.halted) {
        return Err(problems::is_halted(app_id, channel).into());
    }
    let acts = brakes::of_app(&mut change, app_id, channel).await?;
    if limit(store, &mut change, &latest.department, &release, &acts, ceiling, reason).await? {
        seal(store, &mut change).await?;
    }
    let entry = BrakeEntry {
        app_id: app_id.clone(),
        channel: channel.clone(),
        sequence: release.sequence,
        halted: false,
        ceiling: Some(ceiling),
        reason: reason.to_owned(),
        at_ms: store.clock.now_ms(),
    };
    finish(store, change, by, &latest.department, &entry).await
}

/// Puts the brake on a release that is to begin with fewer than its reviewers allow, in the change that lists it. The
/// snapshot is signed by whoever calls this.
pub(crate) async fn begin(
    store: &Store,
    change: &mut Change,
    record: &SubmissionRecord,
    now_ms: u64,
) -> Result<(), StoreError> {
    let release = ReleaseDocument::parse(&record.release_document)
        .map_err(StoreError::document("read the release to let out"))?;
    let Some(ceiling) = beginning(record, now_ms).filter(|ceiling| *ceiling < release.rollout.ceiling) else {
        return Ok(());
    };
    let acts = brakes::of_app(change, &record.app_id, &record.channel).await?;
    // Whoever was quicker than the log has decided already.
    if acts.iter().any(|act| act.sequence >= record.sequence) {
        return Ok(());
    }
    limit(store, change, &record.department, &release, &acts, ceiling, "").await?;
    let entry = BrakeEntry {
        app_id: record.app_id.clone(),
        channel: record.channel.clone(),
        sequence: record.sequence,
        halted: false,
        ceiling: Some(ceiling),
        reason: String::new(),
        at_ms: now_ms,
    };
    brakes::append(change, &entry).await
}

/// With how many of 10 000 a release begins now, if with fewer than all.
pub(crate) fn beginning(record: &SubmissionRecord, now_ms: u64) -> Option<u16> {
    match record.not_before_ms {
        Some(at_ms) if at_ms > now_ms => Some(0),
        _ => record.ceiling,
    }
}

/// How far a release was let out, as far as anybody said; a halt changes nothing about it.
pub async fn reached(
    connection: &mut AnyConnection,
    app_id: &AppId,
    channel: &Channel,
    sequence: u64,
) -> Result<Option<u16>, StoreError> {
    Ok(let_out_to(&brakes::of_app(connection, app_id, channel).await?, sequence))
}

fn let_out_to(acts: &[BrakeEntry], sequence: u64) -> Option<u16> {
    acts.iter().rev().filter(|act| act.sequence == sequence).find_map(|act| act.ceiling)
}

/// The brake of a release, with what was said about those that its document leads back to, if it leads to any.
fn over_those_before(brake: Brake, release: &ReleaseDocument, acts: &[BrakeEntry]) -> Brake {
    if release.before.is_none() { brake } else { brake.over(said_before(release.sequence, acts)) }
}

/// How many of 10 000 may take the releases before the newest that its document leads back to, where these are not all: one that was halted
/// and did not go on is for nobody, and another for as many as it had been let out to.
fn said_before(newest: u64, acts: &[BrakeEntry]) -> BTreeMap<u64, u16> {
    let before = newest.saturating_sub(MOST_BEFORE as u64)..newest;
    let held = before.filter_map(|sequence| {
        let halt = acts.iter().rev().find(|act| act.sequence == sequence && act.ceiling.is_none());
        let ceiling = if halt.is_some_and(|act| act.halted) { Some(0) } else { let_out_to(acts, sequence) };
        Some((sequence, ceiling.filter(|ceiling| *ceiling < EVERYONE)?))
    });
    held.collect()
}

/// Lets out what was to wait until now.
pub(crate) async fn let_out(store: &Store) -> Result<(), NotDone> {
    let now_ms = store.clock.now_ms();
    let due = records::scheduled(&mut *store.database.read().await?, now_ms).await?;
    for record in due {
        let mut connection = store.database.read().await?;
        let is_held = reached(&mut connection, &record.app_id, &record.channel, record.sequence).await? == Some(0);
        drop(connection);
        if is_held {
            let ceiling = record.ceiling.unwrap_or(EVERYONE);
            stage(store, Actor::Machine, &record.app_id, &record.channel, ceiling, "scheduled").await?;
        }
    }
    Ok(())
}

/// Signs the brake's document anew when less than half of its time is left. Says whether it did.
pub(crate) async fn renew(store: &Store, change: &mut Change, now_ms: u64) -> Result<bool, StoreError> {
    let current: Option<Document<Targets>> = repository::parsed(change, BRAKE).await?;
    let half_ms = now_ms.saturating_add(OFFLINE_MS / 2);
    if current.is_some_and(|current| current.expires().as_millis() >= half_ms) {
        return Ok(false);
    }
    sign(store, change, now_ms, |_| Ok(())).await?;
    Ok(true)
}

/// Signs the brake anew if the key that did is no longer listed for it. Says whether it had to.
pub async fn sign_if_rekeyed(store: &Store, change: &mut Change, now_ms: u64) -> Result<bool, StoreError> {
    let authority = repository::authority(change).await?;
    let current: Option<Document<Targets>> = repository::parsed(change, BRAKE).await?;
    if current.is_some_and(|current| authority.targets.check_delegated(BRAKE, &current).is_ok()) {
        return Ok(false);
    }
    sign(store, change, now_ms, |_| Ok(())).await?;
    Ok(true)
}

/// The brake that is in force at this path.
async fn listed(connection: &mut AnyConnection, path: &str) -> Result<Option<Brake>, StoreError> {
    let current: Option<Document<Targets>> = repository::parsed(connection, BRAKE).await?;
    let digest = current.and_then(|current| current.signed().targets.get(path)?.sha256());
    let Some(digest) = digest else { return Ok(None) };
    let target = documents::target(connection, path, digest).await?;
    let brake = target.map(|target| Brake::parse(&target.content)).transpose();
    brake.map_err(StoreError::document("read the brake in force"))
}

/// Lists how far a release goes, and with it how far those before it had come; or nothing, where nothing holds it. Says
/// whether that changed anything.
async fn limit(
    store: &Store,
    change: &mut Change,
    department: &Department,
    release: &ReleaseDocument,
    acts: &[BrakeEntry],
    ceiling: u16,
    reason: &str,
) -> Result<bool, StoreError> {
    let mut brake = Brake::lower(release, ceiling, reason);
    let leaves_some_out = ceiling < release.rollout.ceiling || release.rollout != Rollout::default();
    if leaves_some_out {
        brake = over_those_before(brake, release, acts);
    }
    let holds_others = brake.earlier.as_ref().is_some_and(|earlier| !earlier.is_empty());
    if ceiling < release.rollout.ceiling || holds_others {
        put(store, change, department, &brake).await?;
        return Ok(true);
    }
    let path = brake_path(department, &release.app_id, &release.channel);
    let is_listed = listed(change, &path).await?.is_some();
    if is_listed {
        remove(store, change, &path).await?;
    }
    Ok(is_listed)
}

/// Lists a brake.
async fn put(store: &Store, change: &mut Change, department: &Department, brake: &Brake) -> Result<(), StoreError> {
    let content = brake.to_bytes().map_err(StoreError::document(SIGN))?;
    let path = brake_path(department, &brake.app_id, &brake.channel);
    let file = TargetFile::of(&content);
    let target = TargetRecord { path: path.clone(), sha256: Digest::of(&content), content };
    documents::insert_target(change, &target).await?;
    sign(store, change, store.clock.now_ms(), |draft| draft.set_target(&path, file)).await
}

/// Lists no brake for an app's channel any more.
async fn remove(store: &Store, change: &mut Change, path: &str) -> Result<(), StoreError> {
    sign(store, change, store.clock.now_ms(), |draft| {
        draft.remove_target(path);
        Ok(())
    })
    .await
}

/// Lets the snapshot name the newest brake.
async fn seal(store: &Store, change: &mut Change) -> Result<(), StoreError> {
    let now_ms = store.clock.now_ms();
    repository::sign_snapshot(change, &store.online, now_ms).await?;
    repository::follow(change, &[BRAKE], now_ms).await?;
    Ok(())
}

async fn sign(
    store: &Store,
    change: &mut Change,
    now_ms: u64,
    edit: impl FnOnce(&mut Draft<Targets>) -> Result<(), guichet_trust::Refusal>,
) -> Result<(), StoreError> {
    let authority = repository::authority(change).await?;
    let current: Option<Document<Targets>> = repository::parsed(change, BRAKE).await?;
    let expires_ms = now_ms.saturating_add(OFFLINE_MS);
    let key = store.online.signing(BRAKE, authority.targets.signed().signers(BRAKE).as_ref())?;
    let signed = Draft::of_role(&authority.targets, BRAKE, current.as_ref(), expires_ms).and_then(|mut draft| {
        edit(&mut draft)?;
        Document::<Targets>::parse(draft.sign(&[&key])?)
    });
    repository::insert(change, BRAKE, &signed.map_err(StoreError::document(SIGN))?).await
}

/// Logs, commits and publishes.
async fn finish(
    store: &Store,
    mut change: Change,
    by: Actor<'_>,
    department: &Department,
    entry: &BrakeEntry,
) -> Result<u64, NotDone> {
    brakes::append(&mut change, entry).await?;
    let about = format!("{} {} #{}", entry.app_id, entry.channel, entry.sequence);
    let word = match (entry.halted, entry.ceiling) {
        (true, _) => "release.halt",
        (false, None) => "release.resume",
        (false, Some(_)) => "release.rollout",
    };
    let why = Some(entry.reason.as_str()).filter(|reason| !reason.is_empty());
    let after = entry.ceiling.map(|ceiling| format!("{ceiling} of {EVERYONE}"));
    let deed = Deed { why, after, ..Deed::new(word, &about, Some(department)) };
    audit::record(&mut change, by, deed, entry.at_ms).await?;
    lifecycle::braked(&mut change, by, entry).await?;
    store.commit(change).await?;
    publish::publish(store).await?;
    Ok(entry.sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(sequence: u64, halted: bool, ceiling: Option<u16>) -> BrakeEntry {
        let (app_id, channel) = ("gov.example.a".parse().unwrap(), Channel::stable());
        BrakeEntry { app_id, channel, sequence, halted, ceiling, reason: String::new(), at_ms: 0 }
    }

    fn check(acts: &[BrakeEntry], expected: &[(u64, u16)]) {
        assert_eq!(said_before(6, acts), expected.iter().copied().collect(), "{acts:?}");
    }

    #[test]
    fn what_was_said_about_the_releases_before_still_holds() {
        let (halt, go_on) = (|sequence| act(sequence, true, None), |sequence| act(sequence, false, None));
        let to = |sequence, ceiling| act(sequence, false, Some(ceiling));
        check(&[], &[]);
        check(&[to(5, 1000)], &[(5, 1000)]);
        check(&[to(5, 1000), to(5, EVERYONE)], &[]);
        check(&[to(5, 1000), halt(5)], &[(5, 0)]);
        check(&[to(5, 1000), halt(5), go_on(5)], &[(5, 1000)]);
        check(&[halt(4), to(5, 1000)], &[(4, 0), (5, 1000)]);
        check(&[halt(5), to(6, 1000), halt(6), go_on(6)], &[(5, 0)]);
        check(&[to(1, 1000), halt(1)], &[]);
    }
}
