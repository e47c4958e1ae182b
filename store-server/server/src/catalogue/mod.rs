//! The catalogue: what people find without signing in. It shows the channel `stable`, only what terminals take, and nothing
//! that was taken off the shelf.

mod facts;
pub mod problems;
mod search;
mod shelf;

use guichet_api::{
    LifeEvent, Service, ServiceDetail, ServiceNews, ServicePermission, SubmissionKind, SubmissionState, Texts,
};
use guichet_contract::{AppId, Channel, Department, Part, PermissionName};
use guichet_package::{PackageFile, ReleaseDocument, manifest::Glaze, release::EVERYONE};
use guichet_trust::digest::Digest;
use sqlx::AnyConnection;

pub use facts::Facts;
pub use search::Query;
pub use shelf::{delist, list_again, state};

use crate::{
    brake,
    database::{
        catalogue::{self as records, ReleasedRecord},
        submissions,
    },
    error::{NotDone, StoreError},
    store::{Store, blocking},
};

/// The most characters that are looked for.
pub const MOST_ASKED: usize = 100;

/// What a terminal must have for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it works everywhere.
    Nothing,
    /// This part.
    Part(Part),
}

impl Needs {
    /// Nothing, and each part.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Nothing].into_iter().chain(Part::ALL.iter().map(|part| Self::Part(*part)))
    }

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Part(part) => part.as_str(),
        }
    }

    fn is_of(self, requires: &[String]) -> bool {
        match self {
            Self::Nothing => requires.is_empty(),
            Self::Part(part) => requires.iter().any(|needed| needed == part.as_str()),
        }
    }
}

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words.
    pub query: Query,
    /// A life event, by its glaze.
    pub glaze: Option<Glaze>,
    /// What a terminal must have for it.
    pub needs: Option<Needs>,
    /// What a terminal has: what needs another part is not offered there.
    pub has: Option<Vec<Part>>,
}

/// Something found, with what it is sorted by: the best comes first.
#[derive(Clone, Debug)]
pub struct Found {
    /// Rises from the best to the worst; what is as good is told apart by the app's id.
    pub key: String,
    /// What.
    pub service: Service,
}

/// A release with what its package says.
struct Offer {
    record: ReleasedRecord,
    facts: Facts,
}

/// Everything that people may find now.
async fn offers(store: &Store) -> Result<Vec<Offer>, NotDone> {
    let mut connection = store.database.read().await?;
    let off = records::off(&mut connection).await?;
    let mut out = records::out(&mut connection).await?;
    drop(connection);
    // The newest of each comes first.
    out.dedup_by(|later, first| later.app_id == first.app_id);
    out.retain(|record| record.kind != SubmissionKind::Recall && !off.contains(&record.app_id));
    let mut offers = Vec::with_capacity(out.len());
    for record in out {
        match facts::of(store, &record).await {
            Ok(facts) => offers.push(Offer { record, facts }),
            // One that is lost hides no other.
            Err(NotDone::Failed(error)) if error.is_lost() => {
                tracing::error!(app = %record.app_id, %error, "a service is not listed");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(offers)
}

/// What is found, the best first, and the life events of all that the words and needs find.
pub async fn find(store: &Store, wanted: &Wanted) -> Result<(Vec<Found>, Vec<LifeEvent>), NotDone> {
    let mut counts = [0; Glaze::ALL.len()];
    let mut found = Vec::new();
    for offer in offers(store).await? {
        if wanted.needs.is_some_and(|needs| !needs.is_of(&offer.facts.requires)) {
            continue;
        }
        // A part that is not known here is none that a terminal has.
        let is_there = |needed: &String| wanted.has.iter().flatten().any(|part| part.as_str() == needed);
        if wanted.has.is_some() && !offer.facts.requires.iter().all(is_there) {
            continue;
        }
        let Some(rank) = wanted.query.rank(&offer.record, &offer.facts) else { continue };
        let is_its = |glaze: &Glaze| glaze.as_str() == offer.record.glaze;
        if let Some(count) = Glaze::ALL.iter().position(is_its).and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
        if wanted.glaze.is_none_or(|glaze| is_its(&glaze)) {
            found.push(Found { key: format!("{rank:03}/{}", offer.record.app_id), service: service(offer) });
        }
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    let events = Glaze::ALL.into_iter().zip(counts).filter(|(_, count)| *count > 0);
    Ok((found, events.map(|(glaze, count)| LifeEvent::new(glaze, count)).collect()))
}

fn service(Offer { record, facts }: Offer) -> Service {
    let [english, chinese] = record.department_names;
    Service {
        app_id: record.app_id,
        department: record.department,
        department_names: Texts::from([("en".to_owned(), english), ("zh-Hans".to_owned(), chinese)]),
        names: record.names,
        descriptions: facts.descriptions,
        glaze: record.glaze,
        version: record.version,
        released_at_ms: record.released_at_ms,
        requires: facts.requires,
        icon: facts.icon.map(|icon| icon.media_type),
        halted: record.state == SubmissionState::Paused,
    }
}

/// The releases of an app from the one that terminals take, newest first.
async fn releases(store: &Store, app: &str) -> Result<(ReleasedRecord, Vec<ReleasedRecord>), NotDone> {
    let app_id: AppId = app.parse().map_err(|_| problems::no_such_service(app))?;
    let mut connection = store.database.read().await?;
    let found = out(&mut connection, &app_id).await?;
    if records::last(&mut connection, &app_id).await?.is_some_and(|last| last.is_off) {
        return Err(problems::off_the_shelf(app).into());
    }
    Ok(found)
}

/// The same, whether or not people find it.
async fn out(connection: &mut AnyConnection, app_id: &AppId) -> Result<(ReleasedRecord, Vec<ReleasedRecord>), NotDone> {
    let none = || problems::no_such_service(app_id.as_str());
    let mut all = records::of_app(connection, app_id).await?;
    let is_out = |record: &ReleasedRecord| matches!(record.state, SubmissionState::Released | SubmissionState::Paused);
    let newest = all.iter().position(is_out).ok_or_else(none)?;
    all.drain(..newest);
    let record = all.first().filter(|record| record.kind != SubmissionKind::Recall).cloned().ok_or_else(none)?;
    Ok((record, all))
}

/// One service with all that people may want to know.
pub async fn detail(store: &Store, app: &str) -> Result<ServiceDetail, NotDone> {
    let (record, all) = releases(store, app).await?;
    let facts = facts::of(store, &record).await?;
    let permissions = facts.permissions.iter().cloned();
    let permissions = permissions.map(|asked| ServicePermission::new(asked.permission, asked.reasons)).collect();
    Ok(ServiceDetail {
        permissions,
        device_types: facts.device_types.clone(),
        everywhere: is_everywhere(store, &record).await?,
        news: news(store, &all).await?,
        service: service(Offer { record, facts }),
    })
}

async fn is_everywhere(store: &Store, record: &ReleasedRecord) -> Result<bool, StoreError> {
    let (app_id, channel) = (&record.app_id, Channel::stable());
    let mut connection = store.database.read().await?;
    let found = submissions::of_release(&mut connection, app_id, &channel, record.sequence).await?;
    let Some((submission, _)) = found else { return Ok(false) };
    let release = ReleaseDocument::parse(&submission.release_document)
        .map_err(StoreError::document("read a logged release document"))?;
    let reached = brake::reached(&mut connection, app_id, &channel, record.sequence).await?;
    Ok(release.rollout.groups.is_empty() && reached.unwrap_or(EVERYONE).min(release.rollout.ceiling) >= EVERYONE)
}

/// What came with each version, newest first.
async fn news(store: &Store, all: &[ReleasedRecord]) -> Result<Vec<ServiceNews>, NotDone> {
    let mut news = Vec::with_capacity(all.len());
    let mut before: Vec<PermissionName> = Vec::new();
    for record in all.iter().rev() {
        let now: Vec<_> = match facts::of(store, record).await {
            Ok(facts) => facts.permissions.into_iter().map(|asked| asked.permission.name).collect(),
            // What a lost one might do is said of the one after it.
            Err(NotDone::Failed(error)) if error.is_lost() => before.clone(),
            Err(error) => return Err(error),
        };
        let only = |these: &[PermissionName], those: &[PermissionName]| {
            these.iter().filter(|name| !those.contains(name)).cloned().collect()
        };
        news.push(ServiceNews {
            version: record.version.clone(),
            kind: record.kind,
            released_at_ms: record.released_at_ms,
            may: only(&now, &before),
            no_longer: only(&before, &now),
        });
        before = now;
    }
    news.reverse();
    Ok(news)
}

/// The icon of a service: the digest of its bytes, the bytes, and what they are.
pub async fn icon(store: &Store, app: &str) -> Result<(Digest, Vec<u8>, String), NotDone> {
    let (record, _) = releases(store, app).await?;
    icon_of(store, &record).await
}

/// The same for those who review what looks like it: whether or not people find it on the shelf.
pub(crate) async fn known_icon(store: &Store, app: &AppId) -> Result<(Digest, Vec<u8>, String), NotDone> {
    let (record, _) = out(&mut *store.database.read().await?, app).await?;
    icon_of(store, &record).await
}

async fn icon_of(store: &Store, record: &ReleasedRecord) -> Result<(Digest, Vec<u8>, String), NotDone> {
    let icon = facts::of(store, record).await?.icon.ok_or_else(|| problems::no_icon(record.app_id.as_str()))?;
    let digest = icon.sha256.parse().map_err(|_| StoreError::Row { wanted: "a digest", value: icon.sha256 })?;
    Ok((digest, icon_bytes(store, digest).await?, icon.media_type))
}

/// The bytes of an icon that is out.
pub(crate) async fn icon_bytes(store: &Store, icon: Digest) -> Result<Vec<u8>, StoreError> {
    let folder = store.folder.clone();
    let read = blocking("read an icon", move || {
        let path = folder.here(&folder.blob(icon))?;
        std::fs::read(&path).map_err(StoreError::file("read", &*path))
    });
    read.await?
}

/// The icon of another department's app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OtherIcon {
    pub(crate) app_id: AppId,
    pub(crate) department: Department,
    pub(crate) sha256: Digest,
    /// A name that says what kind of picture it is.
    pub(crate) path: String,
}

/// The icons under which people know the apps of other departments, whether or not they find them on the shelf, and the apps
/// whose packages are lost, icon and all.
pub(crate) async fn icons_of_others(
    store: &Store,
    department: &Department,
) -> Result<(Vec<OtherIcon>, Vec<(AppId, Department)>), StoreError> {
    let (mut all, mut lost) = (Vec::<OtherIcon>::new(), Vec::new());
    let out = records::out(&mut *store.database.read().await?).await?;
    for record in out.into_iter().filter(|record| record.department != *department) {
        let facts = match facts::of(store, &record).await {
            Ok(facts) => facts,
            // Nobody is held up by what another app has lost.
            Err(NotDone::Failed(error)) if error.is_lost() => {
                tracing::error!(app = %record.app_id, %error, "an icon is compared with none of this app");
                lost.push((record.app_id, record.department));
                continue;
            }
            Err(NotDone::Failed(error)) => return Err(error),
            Err(NotDone::Refused(_)) => continue,
        };
        let Some(icon) = facts.icon else { continue };
        let sha256 = icon.sha256.parse().map_err(|_| StoreError::Row { wanted: "a digest", value: icon.sha256 })?;
        // What an earlier release of the same app shows still, it shows once.
        if all.iter().any(|other| other.app_id == record.app_id && other.sha256 == sha256) {
            continue;
        }
        let path = icon.media_type.replace("image/svg+xml", "icon.svg").replace('/', ".");
        all.push(OtherIcon { app_id: record.app_id, department: record.department, sha256, path });
    }
    Ok((all, lost))
}

/// A picture that a submission's manifest names as its icon, and what it is.
pub(crate) fn own_icon(package: &PackageFile, path: &str) -> Option<(Vec<u8>, &'static str)> {
    let is_named = package.manifest().icons.iter().any(|icon| icon.src.to_string() == path);
    is_named.then(|| Some((package.file(path)?.to_vec(), facts::picture(path)?))).flatten()
}
