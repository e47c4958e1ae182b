//! From submission to release: what reviewers are asked to sign, and what becomes of their answer.

mod approve;
pub mod compare;
mod judge;
mod lapse;
mod needs;
pub mod risk;
mod talk;

use guichet_api::{Proposal, ProposalTrust, SignedDocument, Submission};
use guichet_contract::{AppId, Channel, Department, Permission, PermissionName};
use guichet_package::{ReleaseDocument, release::release_path};
use guichet_trust::{digest::Digest, metadata::TargetFile};
use sqlx::AnyConnection;

pub use approve::approve;
pub use judge::judge;
pub(crate) use lapse::lapse_unsigned;
pub use needs::{Need, Needs};
pub(crate) use talk::words;
pub use talk::{LONGEST_TEXT, claim, free, quarantine, say, unclaim};

use crate::{
    access::{self, Action},
    audit::{self, Deed},
    database::{
        commit, documents,
        people::Person,
        reviews,
        submissions::{self as records, SubmissionRecord},
    },
    error::{NotDone, StoreError},
    lifecycle::{self, Event},
    people::Actor,
    problems, repository,
    store::Store,
    submissions,
};

/// The permissions that the department's `-wide` role allows an app; none before its first document, and none while that
/// lacks signatures because its keys were changed: no device goes by it then.
pub async fn widest(
    connection: &mut AnyConnection,
    department: &Department,
    app_id: &AppId,
    channel: &Channel,
) -> Result<Vec<Permission>, StoreError> {
    let role = repository::wide_role(department);
    let path = release_path(department, app_id, channel);
    let targets = repository::authority(connection).await?.targets;
    let listing = repository::listing(connection, &role).await?.counting(&targets, &role);
    let digest = listing.file(&path).and_then(TargetFile::sha256);
    let Some(digest) = digest else { return Ok(Vec::new()) };
    let target = documents::target(connection, &path, digest).await?;
    let release = target.map(|target| ReleaseDocument::parse(&target.content)).transpose();
    let release = release.map_err(StoreError::document("read a listed release document"))?;
    Ok(release.map(|release| release.permissions).unwrap_or_default())
}

/// What is asked beyond what is allowed.
pub(crate) fn widens(allowed: &[Permission], wanted: &[Permission]) -> Vec<PermissionName> {
    Permission::beyond(allowed, wanted).into_iter().map(|permission| permission.name.clone()).collect()
}

/// The permissions that were allowed when this submission was judged: for a released one, before its own release.
pub(crate) async fn widest_before(
    connection: &mut AnyConnection,
    record: &SubmissionRecord,
) -> Result<Vec<Permission>, StoreError> {
    if record.released_at_ms.is_none() {
        return widest(connection, &record.department, &record.app_id, &record.channel).await;
    }
    let earlier = records::last_widening_before(connection, record).await?;
    let release = earlier.map(|earlier| ReleaseDocument::parse(&earlier.release_document)).transpose();
    let release = release.map_err(StoreError::document("read a logged release document"))?;
    Ok(release.map(|release| release.permissions).unwrap_or_default())
}

/// What a reviewer's machine would sign.
pub async fn propose(store: &Store, person: &Person, id: &str) -> Result<Proposal, NotDone> {
    let mut connection = store.database.read().await?;
    let record = reviewable(&mut connection, person, id).await?;
    let needs = Needs::of(&mut connection, &record).await?;
    needs.check_keys()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let roots = documents::versions(&mut connection, "root").await?;
    let (narrow, wide) = (repository::narrow_role(&record.department), repository::wide_role(&record.department));
    let waiting = documents::waiting(&mut connection, [&narrow, &wide]).await?;
    let waiting = waiting.into_iter().map(|it| SignedDocument { role: it.role, document: text(&it.document) });
    Ok(Proposal {
        submission: record.id,
        release_document: text(&record.release_document),
        target_path: needs.path.clone(),
        trust: ProposalTrust {
            roots: roots.iter().map(|root| text(&root.document)).collect(),
            targets: text(needs.authority.targets.bytes()),
        },
        roles: needs.roles.iter().map(Need::proposed).collect(),
        waiting: waiting.collect(),
    })
}

/// Sends a submission back to its publisher, and says what is to be changed.
pub async fn refuse(store: &Store, person: &Person, id: &str, reason: &str) -> Result<Submission, NotDone> {
    let mut change = store.database.change().await?;
    let record = others(&mut change, person, id, Event::RequestChanges).await?;
    let reason = words(reason).ok_or_else(problems::no_reason)?;
    let now_ms = store.clock.now_ms();
    lifecycle::step(&mut change, person, &record, Event::RequestChanges, Some(&reason), now_ms).await?;
    reviews::clear(&mut change, id, true).await?;
    noted(&mut change, person, &record, "submission.refuse", Some(&reason), now_ms).await?;
    commit(change).await?;
    shown(store, id).await
}

/// Records what was done with a submission, and the digest of the release that it was about.
pub(crate) async fn noted(
    connection: &mut AnyConnection,
    person: &Person,
    record: &SubmissionRecord,
    deed: &'static str,
    why: Option<&str>,
    now_ms: u64,
) -> Result<(), StoreError> {
    let about = format!("{} {} #{}", record.app_id, record.version.name, record.sequence);
    let deed = Deed { why, ..Deed::new(deed, &about, Some(&record.department)) };
    let deed = deed.to(format!("release {}", Digest::of(&record.release_document)));
    audit::record(connection, Actor::Person(person), deed, now_ms).await
}

/// The submission, if this person may sign it now.
pub(crate) async fn reviewable(
    connection: &mut AnyConnection,
    person: &Person,
    id: &str,
) -> Result<SubmissionRecord, NotDone> {
    others(connection, person, id, Event::Signed).await
}

/// The submission, if this person may decide on it and this can happen to it: nobody decides on their own, whatever their
/// role.
pub(crate) async fn others(
    connection: &mut AnyConnection,
    person: &Person,
    id: &str,
    event: Event,
) -> Result<SubmissionRecord, NotDone> {
    let record = records::get(connection, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    if record.is_by(person) {
        return Err(problems::self_approval().into());
    }
    access::check(person, Action::Review, Some(&record.department))?;
    lifecycle::advance(record.state, event).map_err(|lifecycle::TooLate(state)| problems::too_late(state))?;
    Ok(record)
}

pub(crate) async fn shown(store: &Store, id: &str) -> Result<Submission, NotDone> {
    let mut connection = store.database.read().await?;
    let record = records::get(&mut connection, id).await?.ok_or_else(|| problems::no_such_submission(id))?;
    submissions::view(&mut connection, record).await
}
