//! From bytes that somebody sent to a submission that people may look at, or to a refusal that keeps nothing.

use std::collections::BTreeMap;

use guichet_api::{Submission, SubmissionKind, SubmissionState, Version};
use guichet_contract::{AppId, Channel, Department};
use guichet_package::{Finding, Limits, LogLeaf, PackageFile, PublisherKeys, ReleaseDocument, Seals, VerifiedPackage};
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;
use tempfile::TempPath;
use uuid::Uuid;

use crate::{
    access::{self, Action},
    audit::{self, Deed},
    checks,
    database::{
        commit, departments, log,
        people::Person,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    lifecycle,
    people::Actor,
    problems, repository, review,
    store::{Store, blocking},
    submissions,
};

/// A package whose every byte is vouched for by a listed key of its department.
///
/// Invariant: only [`judge`] makes one.
#[derive(Debug)]
pub struct AdmittedPackage {
    package: VerifiedPackage,
}

/// The department that this person may submit for.
pub fn publisher(person: &Person) -> Result<Department, NotDone> {
    let department = person.department.as_ref().ok_or_else(|| problems::wrong_role(person.role))?;
    access::check(person, Action::Submit, Some(department))?;
    Ok(department.clone())
}

/// Judges the bytes alone: container, manifest, contents, what W3C lets pass and a store does not, seal, and whose app
/// it is.
pub fn judge(bytes: Vec<u8>, keys: &PublisherKeys, limits: &Limits) -> Result<AdmittedPackage, NotDone> {
    let check = |package: PackageFile| match package.findings().into_iter().find(Finding::is_refused) {
        Some(finding) => Err(finding.into()),
        None => package.verify(keys),
    };
    let package = PackageFile::open(bytes, limits).and_then(check);
    package.map(|package| AdmittedPackage { package }).map_err(|refusal| problems::package(&refusal).into())
}

/// How a package is handed in.
#[derive(Clone, Debug, Default)]
pub struct HandedIn {
    /// It stays with its publisher until they say more.
    pub as_draft: bool,
    /// The submission whose place it takes.
    pub replaces: Option<String>,
}

/// Admits a quarantined package as a submission, or refuses it.
pub async fn admit(
    store: &Store,
    person: &Person,
    department: &Department,
    quarantined: TempPath,
    how: HandedIn,
) -> Result<Submission, NotDone> {
    let listed = departments::get(&mut *store.database.read().await?, department).await?;
    let listed = listed.ok_or_else(|| problems::wrong_role(person.role))?;
    let (keys, limits) = (repository::publisher_keys(&listed), store.limits.clone());
    let (admitted, quarantined) = blocking("judge a package", move || {
        let bytes = std::fs::read(&quarantined).map_err(StoreError::file("read", quarantined.to_path_buf()))?;
        judge(bytes, &keys, &limits).map(|admitted| (admitted, quarantined))
    })
    .await??;

    let package = &admitted.package;
    let (app_id, code) = (&package.statement().app_id, u64::from(package.statement().version.code));
    is_higher(&mut *store.database.read().await?, app_id, code).await?;
    let quarantined = to_bucket(store, quarantined, package.file().digest()).await?;
    let (now_ms, channel) = (store.clock.now_ms(), Channel::stable());
    let mut change = store.database.change().await?;
    is_higher(&mut change, app_id, code).await?;
    let mut release = ReleaseDocument::of(package, channel.clone(), 1);
    lifecycle::follow_latest(&mut change, &mut release).await?;
    let allowed = review::widest(&mut change, department, app_id, &channel).await?;
    let is_new_key = is_new_key(&mut change, package, &channel, &store.limits).await?;
    let record = SubmissionRecord {
        id: Uuid::now_v7().to_string(),
        kind: SubmissionKind::Package,
        app_id: app_id.clone(),
        department: department.clone(),
        channel,
        version: Version { code, name: release.version.name.clone() },
        sequence: release.sequence,
        state: if how.as_draft { SubmissionState::Draft } else { SubmissionState::Submitted },
        package: release.container.sha256,
        package_length: release.container.length,
        release_document: release.to_bytes().map_err(StoreError::document("write a release document"))?,
        names: names(package.file()),
        glaze: package.manifest().guichet.glaze.to_string(),
        widens: review::widens(&allowed, &release.permissions),
        refusal_reason: None,
        submitted_by: person.id.clone(),
        submitter: person.name.clone(),
        submitted_at_ms: now_ms,
        handed_in_by: None,
        released_at_ms: None,
        is_new_key,
        is_wide: store.settings.second_reviewer && (release.sequence == 1 || is_new_key),
        ceiling: None,
        not_before_ms: None,
    };
    records::insert(&mut change, &record, &blobs(package, &release)).await?;
    records::add_history(&mut change, &record.id, person, record.state, None, now_ms).await?;
    let about = format!("{} {}", record.app_id, record.version.name);
    let word = if how.as_draft { "submission.draft" } else { "submission.submit" };
    let deed = Deed::new(word, &about, Some(department)).to(record.package);
    audit::record(&mut change, Actor::Person(person), deed, now_ms).await?;
    if let Some(replaced) = &how.replaces {
        lifecycle::replace(&mut change, person, replaced, &record, now_ms).await?;
    }
    checks::begin(store, &mut change, &record.id, now_ms).await?;
    store.folder.settle(quarantined, &store.folder.package_path(record.package))?;
    commit(change).await?;
    checks::wake(store);
    tracing::info!(submission = %record.id, app = %record.app_id, version = record.version.code, "admitted");
    review::shown(store, &record.id).await
}

/// No version comes twice, or before another.
async fn is_higher(connection: &mut AnyConnection, app_id: &AppId, code: u64) -> Result<(), NotDone> {
    match records::highest_version(connection, app_id).await? {
        Some(highest) if code <= highest => Err(problems::version_not_higher(app_id, code, highest).into()),
        _ => Ok(()),
    }
}

/// Where packages are kept in a bucket, it is there before a row names it, and nobody waits for that but who handed it in.
async fn to_bucket(store: &Store, quarantined: TempPath, digest: Digest) -> Result<TempPath, StoreError> {
    if store.folder.remote.is_none() {
        return Ok(quarantined);
    }
    let folder = store.folder.clone();
    let sent = blocking("bring a package into the bucket", move || {
        let bytes = std::fs::read(&quarantined).map_err(StoreError::file("read", quarantined.to_path_buf()))?;
        folder.put_in_bucket(&folder.package_path(digest), &bytes).map(|()| quarantined)
    });
    sent.await?
}

/// Brings into the bucket what was handed in before there was one.
pub async fn adopt(store: &Store) -> Result<(), StoreError> {
    let known = records::packages(&mut *store.database.read().await?).await?;
    let folder = store.folder.clone();
    blocking("bring packages into the bucket", move || folder.adopt(&known)).await?
}

/// Removes packages that no submission refers to: their change was never committed.
pub async fn sweep(store: &Store) -> Result<(), StoreError> {
    let known = records::packages(&mut *store.database.read().await?).await?;
    let folder = store.folder.clone();
    let swept = blocking("sweep packages away", move || {
        for path in folder.packages_kept()? {
            let digest = path.file_stem().and_then(|stem| stem.to_str()?.parse::<Digest>().ok());
            if !digest.is_some_and(|digest| known.contains(&digest)) {
                folder.discard(&path)?;
            }
        }
        Ok(())
    });
    swept.await?
}

/// Whether a key sealed it that did not seal the newest release.
async fn is_new_key(
    connection: &mut AnyConnection,
    package: &VerifiedPackage,
    channel: &Channel,
    limits: &Limits,
) -> Result<bool, StoreError> {
    let operation = "compare who sealed it";
    let latest = log::latest_leaf(connection, &package.statement().app_id, channel).await?;
    let Some(leaf) = latest else { return Ok(false) };
    let leaf = LogLeaf::parse(&leaf).map_err(StoreError::document(operation))?;
    let seals = Seals::parse(package.file().seals_bytes().unwrap_or_default(), limits);
    let seals = seals.map_err(StoreError::document(operation))?;
    Ok(seals.seals.iter().any(|seal| !leaf.publishers.contains(&seal.key)))
}

/// The digests a device may ask for: each file's, the statement's and the seals'.
fn blobs(package: &VerifiedPackage, release: &ReleaseDocument) -> Vec<Digest> {
    let mut blobs: Vec<Digest> = package.statement().files.iter().map(|file| file.sha256).collect();
    blobs.extend([release.statement.sha256, release.seals.sha256]);
    blobs.sort_unstable();
    blobs.dedup();
    blobs
}

/// The app's name in its own language and in the console's two.
fn names(package: &PackageFile) -> BTreeMap<String, String> {
    submissions::localized(package, |manifest| Some(manifest.name.clone()))
}
