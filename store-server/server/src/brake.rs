//! The brake: halting the releases of an app's channel, and letting them go on, with the online key that can do no more.

use guichet_contract::{AppId, Channel, Department};
use guichet_package::{Brake, ReleaseDocument, release::brake_path};
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
    },
    error::{NotDone, StoreError},
    lifecycle,
    people::Actor,
    problems, publish,
    repository::{self, BRAKE, OFFLINE_MS},
    store::Store,
};

const SIGN: &str = "sign the brake";

/// Halts the newest release of an app's channel and those before it. Returns the sequence of the newest.
///
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
    let content = Brake::halt(&release, reason).to_bytes().map_err(StoreError::document(SIGN))?;
    let path = brake_path(&latest.department, app_id, channel);
    let file = TargetFile::of(&content);
    let target = TargetRecord { path: path.clone(), sha256: Digest::of(&content), content };
    documents::insert_target(&mut change, &target).await?;
    edit(store, &mut change, |draft| draft.set_target(&path, file)).await?;
    let entry = BrakeEntry {
        app_id: app_id.clone(),
        channel: channel.clone(),
        sequence: release.sequence,
        halted: true,
        reason: reason.to_owned(),
        at_ms: store.clock.now_ms(),
    };
    finish(store, change, by, &latest.department, &entry).await
}

/// Lets the releases of an app's channel go on. Returns the sequence of the newest that had been halted.
pub async fn resume(store: &Store, by: Actor<'_>, app_id: &AppId, channel: &Channel) -> Result<u64, NotDone> {
    let mut change = store.database.change().await?;
    let latest = log::latest(&mut change, app_id, channel).await?;
    let latest = latest.ok_or_else(|| problems::never_released(app_id, channel))?;
    let path = brake_path(&latest.department, app_id, channel);
    let brake = listed(&mut change, &path).await?.ok_or_else(|| problems::not_halted(app_id, channel))?;
    edit(store, &mut change, |draft| {
        draft.remove_target(&path);
        Ok(())
    })
    .await?;
    let entry = BrakeEntry {
        app_id: app_id.clone(),
        channel: channel.clone(),
        sequence: brake.sequence,
        halted: false,
        reason: String::new(),
        at_ms: store.clock.now_ms(),
    };
    finish(store, change, by, &latest.department, &entry).await
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

async fn edit(
    store: &Store,
    change: &mut Change,
    edit: impl FnOnce(&mut Draft<Targets>) -> Result<(), guichet_trust::Refusal>,
) -> Result<(), StoreError> {
    let now_ms = store.clock.now_ms();
    sign(store, change, now_ms, edit).await?;
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
    let word = if entry.halted { "release.halt" } else { "release.resume" };
    let why = Some(entry.reason.as_str()).filter(|reason| !reason.is_empty());
    let deed = Deed { why, ..Deed::new(word, &about, Some(department)) };
    audit::record(&mut change, by, deed, entry.at_ms).await?;
    lifecycle::braked(&mut change, by, entry).await?;
    store.commit(change).await?;
    publish::publish(store).await?;
    Ok(entry.sequence)
}
