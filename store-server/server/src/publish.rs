//! The static files, made from the database: what is missing is written, in an order that a stop anywhere cannot spoil.
//!
//! Files come before the metadata that names them, and `timestamp.json` last. Each is written aside and renamed.

use std::{fs, path::PathBuf, sync::Arc};

use guichet_package::{Limits, PackageFile};
use guichet_trust::{digest::Digest, metadata::TargetFile};

use crate::{
    database::{
        Database,
        documents::{self, MetadataRecord, TargetRecord},
        log::{self, ReleasedPackage},
    },
    error::StoreError,
    folder::StoreFolder,
    store::{Store, blocking, lock},
    transparency,
};

/// Packages are compressed once and fetched often.
const ZSTD_LEVEL: i32 = 15;

/// Everything that is to be public, as the database has it at one moment.
#[derive(Debug)]
pub struct PublicState {
    releases: Vec<ReleasedPackage>,
    targets: Vec<TargetRecord>,
    metadata: Vec<MetadataRecord>,
    timestamp: Option<MetadataRecord>,
}

/// One file to write.
#[derive(Debug)]
pub struct Step {
    path: PathBuf,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Plain(Vec<u8>),
    Squeezed(Vec<u8>),
    Compressed(Arc<PackageFile>, Blob),
    Stored(Arc<PackageFile>, Blob),
}

/// A part of a package that has an address of its own.
#[derive(Clone, Copy, Debug)]
enum Blob {
    Package,
    Part(Digest),
}

impl PublicState {
    /// Reads it in one change, so that it is of one moment.
    pub async fn read(database: &Database) -> Result<Self, StoreError> {
        let mut change = database.change().await?;
        Ok(Self {
            releases: log::released(&mut change).await?,
            targets: documents::all_targets(&mut change).await?,
            metadata: documents::all(&mut change).await?,
            timestamp: documents::latest(&mut change, "timestamp").await?,
        })
    }

    /// The files that are missing or, for `timestamp.json`, outdated, in the order to write them.
    pub fn steps<'a>(
        &'a self,
        folder: &'a StoreFolder,
        limits: &'a Limits,
    ) -> impl Iterator<Item = Result<Step, StoreError>> + 'a {
        let public = folder.public();
        let of_releases = self.releases.iter().flat_map(move |release| of_release(folder, limits, release));
        let targets = public.join("targets");
        let of_targets = self.targets.iter().map(move |target| {
            let path = targets.join(TargetFile::of(&target.content).hashed_path(&target.path));
            Step { path, content: Content::Plain(target.content.clone()) }
        });
        let metadata = public.join("metadata");
        let last = metadata.join("timestamp.json");
        let of_metadata = self.metadata.iter().flat_map(move |record| {
            let name = format!("{}.{}.json", record.version, record.role);
            let (path, sibling) = (metadata.join(&name), metadata.join(format!("{name}.zst")));
            let plain = Step { path, content: Content::Plain(record.document.clone()) };
            // A root may be the one that does not exist yet: nobody asks for its sibling first.
            let squeezed = || Step { path: sibling, content: Content::Squeezed(record.document.clone()) };
            [Some(plain), (record.role != "root").then(squeezed)].into_iter().flatten()
        });
        let of_timestamp = self
            .timestamp
            .iter()
            .map(move |record| Step { path: last.clone(), content: Content::Plain(record.document.clone()) });
        of_releases.chain(of_targets.chain(of_metadata).chain(of_timestamp).filter(Step::is_due).map(Ok))
    }
}

impl Step {
    /// Whether the file is not there as it should be.
    fn is_due(&self) -> bool {
        match &self.content {
            Content::Plain(bytes) => fs::read(&self.path).ok().as_ref() != Some(bytes),
            Content::Squeezed(_) | Content::Compressed(..) | Content::Stored(..) => !self.path.exists(),
        }
    }

    /// Writes the file.
    pub fn perform(&self, folder: &StoreFolder) -> Result<(), StoreError> {
        match &self.content {
            Content::Plain(bytes) => folder.put(&self.path, bytes),
            Content::Squeezed(bytes) => folder.put(&self.path, &self.compressed(bytes)?),
            Content::Stored(package, blob) => folder.keep(&self.path, bytes_of(package, *blob)?),
            Content::Compressed(package, blob) => folder.keep(&self.path, &self.compressed(bytes_of(package, *blob)?)?),
        }
    }

    fn compressed(&self, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        zstd::encode_all(bytes, ZSTD_LEVEL).map_err(StoreError::file("compress", &self.path))
    }
}

/// The missing files of one release; its package is opened only if there are some.
fn of_release(folder: &StoreFolder, limits: &Limits, release: &ReleasedPackage) -> Vec<Result<Step, StoreError>> {
    let public = folder.public();
    let package_path = public.join("packages").join(format!("{}.ma", release.package));
    let blobs = release.blobs.iter().map(|digest| (folder.blob(*digest), Blob::Part(*digest)));
    let wanted = blobs.chain([(package_path, Blob::Package)]).flat_map(|(path, blob)| {
        let mut sibling = path.clone().into_os_string();
        sibling.push(".zst");
        [(path, blob, false), (PathBuf::from(sibling), blob, true)]
    });
    let is_missing = |wanted: (PathBuf, Blob, bool)| match folder.is_kept(&wanted.0) {
        Ok(true) => None,
        Ok(false) => Some(Ok(wanted)),
        Err(error) => Some(Err(error)),
    };
    let missing: Vec<_> = match wanted.filter_map(is_missing).collect() {
        Ok(missing) => missing,
        Err(error) => return vec![Err(error)],
    };
    if missing.is_empty() {
        return Vec::new();
    }
    let package = match open(folder, limits, release.package) {
        Ok(package) => Arc::new(package),
        Err(error) => return vec![Err(error)],
    };
    let step = |(path, blob, compressed): (PathBuf, Blob, bool)| {
        let package = Arc::clone(&package);
        let content = if compressed { Content::Compressed(package, blob) } else { Content::Stored(package, blob) };
        Ok(Step { path, content })
    };
    missing.into_iter().map(step).collect()
}

fn open(folder: &StoreFolder, limits: &Limits, package: Digest) -> Result<PackageFile, StoreError> {
    let bytes = folder.read_package(package)?;
    let operation = "open a released package";
    let opened = PackageFile::open(bytes, limits).map_err(StoreError::document(operation))?;
    if opened.digest() == package {
        Ok(opened)
    } else {
        Err(StoreError::Document {
            operation,
            reason: format!("`{}` was altered", folder.package_path(package).display()),
        })
    }
}

fn bytes_of(package: &PackageFile, blob: Blob) -> Result<&[u8], StoreError> {
    let Blob::Part(digest) = blob else { return Ok(package.bytes()) };
    let file = package.statement().files.iter().find(|file| file.sha256 == digest);
    let part = match file {
        Some(file) => package.file(file.path.as_str()),
        None => [Some(package.statement_bytes()), package.seals_bytes()]
            .into_iter()
            .flatten()
            .find(|bytes| Digest::of(bytes) == digest),
    };
    part.ok_or_else(|| StoreError::Document {
        operation: "publish a package",
        reason: format!("it has no part {digest}"),
    })
}

/// Removes what an earlier run left half-written; the lock keeps this from what another process is writing now.
pub async fn sweep(store: &Store) -> Result<(), StoreError> {
    let _locked = lock(store.folder.publish_lock()).await?;
    store.folder.clear_staging()
}

/// Brings the static files up to date with the database.
pub async fn publish(store: &Store) -> Result<(), StoreError> {
    let (folder, limits) = (store.folder.clone(), store.limits.clone());
    let locked = lock(folder.publish_lock()).await?;
    // Read under the lock: whoever comes second sees at least what the first one saw.
    let state = PublicState::read(&store.database).await?;
    blocking("publish", move || {
        let done = state.steps(&folder, &limits).try_for_each(|step| step?.perform(&folder));
        drop(locked);
        done
    })
    .await??;
    store.on_request.tell_published();
    Ok(())
}

/// Shows in the log what was approved, lists it, and publishes; or writes down why not and leaves it to the next round.
/// What the log cannot show yet keeps back its own releases and nothing else.
pub async fn publish_or_lag(store: &Store) {
    // Until it is done it lags: if nobody waits for this any more, the next round begins it again.
    store.set_lagging(true);
    let shown = transparency::advance(store).await;
    let published = publish(store).await;
    store.set_lagging(shown.is_err() || published.is_err());
    for error in [shown, published].into_iter().filter_map(Result::err) {
        tracing::error!(%error, source = ?std::error::Error::source(&error), "the static files lag behind");
    }
}
