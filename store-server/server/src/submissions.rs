//! What people are shown of a submission.

use std::collections::BTreeMap;

use guichet_api::{
    Blob, LogicKind, ManifestSummary, PackagedFile, PermissionAsk, Submission, SubmissionDetail, SubmissionState,
};
use guichet_contract::Permission;
use guichet_package::{Manifest, PackageFile, ReleaseDocument};
use guichet_trust::{
    digest::Digest,
    metadata::{Document, Targets},
};
use sqlx::AnyConnection;

use crate::{
    access::{self, Action},
    checks::Waits,
    database::{
        people::Person,
        reviews,
        submissions::{self as records, SubmissionRecord},
        testers,
    },
    error::{NotDone, StoreError},
    problems, repository, review, rollout,
    store::{Store, blocking},
};

/// The submission, if there is one and this person may see it.
pub async fn readable(store: &Store, person: &Person, id: &str) -> Result<SubmissionRecord, NotDone> {
    let record = records::get(&mut *store.database.read().await?, id).await?;
    let record = record.ok_or_else(|| problems::no_such_submission(id))?;
    access::check(person, Action::Read, Some(&record.department))?;
    Ok(record)
}

/// The submission, if this person may try it out: a listed tester while it is on trial, and whoever may see it anyway.
pub(crate) async fn on_trial(store: &Store, person: &Person, id: &str) -> Result<SubmissionRecord, NotDone> {
    let mut connection = store.database.read().await?;
    let record = records::get(&mut connection, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    if !testers::is_one(&mut connection, id, &person.id).await? {
        access::check(person, Action::Read, Some(&record.department))?;
    }
    Ok(record)
}

/// A package's description by language.
pub(crate) fn descriptions(package: &PackageFile) -> BTreeMap<String, String> {
    localized(package, |manifest| manifest.description.clone())
}

/// The submissions this person may see, newest first.
pub async fn list(store: &Store, person: &Person, state: Option<SubmissionState>) -> Result<Vec<Submission>, NotDone> {
    let department = access::reach(person, Action::Read)?;
    let mut connection = store.database.read().await?;
    let targets = repository::authority(&mut connection).await?.targets;
    let mut items = Vec::new();
    for record in records::list(&mut connection, department, state).await? {
        items.push(listed(&mut connection, record, &targets).await?);
    }
    Ok(items)
}

/// The same, only those that come after one of them, and up to so many.
pub async fn page(
    store: &Store,
    person: &Person,
    state: Option<SubmissionState>,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<Submission>, NotDone> {
    let department = access::reach(person, Action::Read)?;
    let mut connection = store.database.read().await?;
    let targets = repository::authority(&mut connection).await?.targets;
    let mut items = Vec::new();
    for record in records::page(&mut connection, department, state, after, most).await? {
        items.push(listed(&mut connection, record, &targets).await?);
    }
    Ok(items)
}

/// A stored submission as the wire shows it.
pub async fn view(connection: &mut AnyConnection, record: SubmissionRecord) -> Result<Submission, NotDone> {
    let targets = repository::authority(connection).await?.targets;
    listed(connection, record, &targets).await
}

async fn listed(
    connection: &mut AnyConnection,
    record: SubmissionRecord,
    targets: &Document<Targets>,
) -> Result<Submission, NotDone> {
    let approvals = reviews::approvals(connection, &record.id).await?;
    let role = match record.widens.is_empty() && !record.is_wide {
        true => repository::narrow_role(&record.department),
        false => repository::wide_role(&record.department),
    };
    let threshold = targets.signed().signers(&role).map_or(1, |signers| signers.threshold());
    Ok(Submission {
        beginning: rollout::beginning(&record)?,
        id: record.id,
        kind: record.kind,
        app_id: record.app_id,
        department: record.department,
        channel: record.channel,
        names: record.names,
        glaze: record.glaze,
        version: record.version,
        sequence: record.sequence,
        state: record.state,
        package: Blob { sha256: record.package.to_string(), length: record.package_length },
        submitted_by: record.submitter,
        submitted_at_ms: record.submitted_at_ms,
        released_at_ms: record.released_at_ms,
        new_key: record.is_new_key,
        widens: record.widens,
        approvals_needed: u32::try_from(threshold).unwrap_or(u32::MAX),
        approvals: approvals.into_iter().map(|approval| approval.mark).collect(),
        refusal_reason: record.refusal_reason,
    })
}

/// One submission with all that a reviewer decides on, read from the very package; where that cannot be had now, what is known
/// without it.
pub async fn detail(store: &Store, person: &Person, id: &str) -> Result<SubmissionDetail, NotDone> {
    let record = readable(store, person, id).await?;
    match open(store, &record).await {
        Ok(package) => known(store, record, Some(&package)).await,
        Err(NotDone::Failed(StoreError::Package { place, source })) => {
            tracing::warn!(submission = %id, %place, %source, "a package cannot be shown");
            let lost = Some(Waits::for_it(&source).told());
            Ok(SubmissionDetail { lost, ..known(store, record, None).await? })
        }
        Err(error) => Err(error),
    }
}

/// What is known of a submission, with its package or without.
pub(crate) async fn known(
    store: &Store,
    record: SubmissionRecord,
    package: Option<&PackageFile>,
) -> Result<SubmissionDetail, NotDone> {
    let asked = match package {
        Some(package) => package.manifest().permissions(),
        None => {
            let release = ReleaseDocument::parse(&record.release_document);
            release.map_err(StoreError::document("read the release of a submission"))?.permissions
        }
    };
    let mut connection = store.database.read().await?;
    let history = records::history(&mut connection, &record.id).await?;
    let replaces = records::last_released_before(&mut connection, &record).await?.map(|last| last.version);
    let allowed = review::widest_before(&mut connection, &record).await?;
    let permissions = asked.iter().map(|permission| {
        let said = |package: &PackageFile| {
            localized(package, |manifest| {
                let same = manifest.req_permissions.iter().find(|other| other.permission == *permission);
                same.and_then(|same| same.reason.clone())
            })
        };
        let reasons = package.map(said).unwrap_or_default();
        PermissionAsk {
            name: permission.name.clone(),
            scope: permission.scope.clone(),
            reason: reasons.get("default").cloned(),
            reasons,
            widens: record.widens.contains(&permission.name),
            before: allowed.iter().find(|old| old.name == permission.name).map(|old| old.scope.clone()),
        }
    });
    let gone = |old: &&Permission| !asked.iter().any(|new| new.name == old.name);
    let files = package.into_iter().flat_map(|package| &package.statement().files);
    Ok(SubmissionDetail {
        permissions: permissions.collect(),
        removed: allowed.iter().filter(gone).map(|old| old.name.clone()).collect(),
        replaces,
        files: files
            .map(|file| PackagedFile { path: file.path.to_string(), size: file.size, sha256: file.sha256.to_string() })
            .collect(),
        manifest: package.map(summary),
        lost: None,
        history,
        submission: view(&mut connection, record).await?,
    })
}

/// The package as it was admitted, and never other bytes.
pub(crate) async fn open(store: &Store, record: &SubmissionRecord) -> Result<PackageFile, NotDone> {
    let (folder, digest, limits) = (store.folder.clone(), record.package, store.limits.clone());
    let package = blocking("open a package", move || {
        PackageFile::open(folder.admitted(digest)?, &limits).map_err(StoreError::document("open an admitted package"))
    });
    Ok(package.await??)
}

/// The file of a package as it was admitted, opened: it can be read to its end whatever becomes of its name.
pub(crate) async fn file(store: &Store, package: Digest) -> Result<tokio::fs::File, StoreError> {
    let folder = store.folder.clone();
    let (_, file) = blocking("open a package", move || folder.admitted_file(package)).await??;
    Ok(tokio::fs::File::from_std(file))
}

/// What the manifest says, as far as a reviewer needs it.
pub(crate) fn summary(package: &PackageFile) -> ManifestSummary {
    let manifest = package.manifest();
    ManifestSummary {
        descriptions: descriptions(package),
        pages: manifest.pages.iter().map(ToString::to_string).collect(),
        logic: if manifest.guichet.logic.is_some() { LogicKind::Component } else { LogicKind::Script },
        min_platform: u64::from(manifest.platform_version.min_code),
    }
}

/// One text of the manifest, as written under `default` and for the console's two languages.
pub(crate) fn localized(package: &PackageFile, text: impl Fn(&Manifest) -> Option<String>) -> BTreeMap<String, String> {
    let own = text(package.manifest()).map(|text| ("default".to_owned(), text));
    let others =
        ["zh-Hans", "en"].into_iter().filter_map(|tag| Some((tag.to_owned(), text(&package.localized_manifest(tag))?)));
    own.into_iter().chain(others).collect()
}
