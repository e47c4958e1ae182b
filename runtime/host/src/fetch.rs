//! How the files of a release come onto this device: by a delta, or one by one as far as they are missing, or as a package.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

use guichet_package::{FileEntry, Limits, PublisherKeys, VerifiedPackage};
use guichet_trust::digest::{Digest, Hashed};

use crate::{
    error::HostError,
    host::Inner,
    listing::Progress,
    state::State,
    transport::{Download, StaticPath},
    update::Offer,
};

/// How many files are fetched at the same time.
const TRANSFERS: usize = 4;

/// What came.
pub(crate) struct Fetched {
    /// Bytes over the wire.
    pub(crate) wire_bytes: u64,
    /// Files that were not here before.
    pub(crate) files: usize,
}

/// The files of a release, by digest.
type Files = BTreeMap<Digest, Hashed>;

impl Inner {
    /// Brings all files of an offer into the cache and judges the whole package; when this returns, all of it is durable.
    pub(crate) fn fetch(
        &self,
        offer: &Offer,
        state: Option<&State>,
        keys: &PublisherKeys,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Fetched, HostError> {
        let (here, missing) = self.look_up(offer)?;
        let of = missing.values().map(|entry| entry.size).sum();
        let files = missing.len();
        progress(Progress::Started { files, bytes: of });
        let mut wire_bytes = 0;
        if let Some(state) = state {
            let attempt = self.by_delta(offer, state, keys, of);
            wire_bytes += attempt.wire_bytes;
            if let Some(package) = attempt.package {
                self.keep_all(&package, &missing)?;
                progress(Progress::Fetched { bytes: of, of });
                self.home.settle()?;
                return Ok(Fetched { wire_bytes, files });
            }
        }
        match self.one_by_one(offer, here, &missing, &mut wire_bytes, progress) {
            // Not every mirror has every file, but it may have the package.
            Err(error @ HostError::Absent { .. }) => {
                let Ok(package) = self.whole(offer, keys, &mut wire_bytes) else { return Err(error) };
                self.keep_all(&package, &missing)?;
                progress(Progress::Fetched { bytes: of, of });
                self.home.settle()?;
            }
            done => done?,
        }
        Ok(Fetched { wire_bytes, files })
    }

    /// Which files of an offer are here, and which are not.
    fn look_up(&self, offer: &Offer) -> Result<(Files, BTreeMap<Digest, FileEntry>), HostError> {
        let (mut here, mut missing) = (BTreeMap::new(), BTreeMap::new());
        for entry in &offer.contents.statement().files {
            if here.contains_key(&entry.sha256) || missing.contains_key(&entry.sha256) {
                continue;
            }
            match self.blobs.hashed(&entry.sha256)? {
                Some(hashed) => drop(here.insert(entry.sha256, hashed)),
                None => drop(missing.insert(entry.sha256, entry.clone())),
            }
        }
        Ok((here, missing))
    }

    /// Fetches the missing files, some at a time, and judges the package while the disk is busy with them.
    fn one_by_one(
        &self,
        offer: &Offer,
        mut here: Files,
        missing: &BTreeMap<Digest, FileEntry>,
        wire_bytes: &mut u64,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), HostError> {
        let of = missing.values().map(|entry| entry.size).sum();
        let mut bytes = 0;
        self.fetch_all(missing.values().cloned().collect(), |download| {
            bytes += download.bytes.bytes().len() as u64;
            *wire_bytes += download.wire_bytes;
            here.insert(download.bytes.digest(), download.bytes);
            progress(Progress::Fetched { bytes, of });
        })?;
        let (judged, settled) = thread::scope(|scope| {
            let limits = Limits::default();
            let judging = scope.spawn(move || offer.contents.admit(|digest| here.get(digest), &offer.release, &limits));
            let settled = self.home.settle();
            (judging.join(), settled)
        });
        settled?;
        // The judge does not panic; if it ever does, the panic goes on here.
        let judged = judged.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        judged.map_err(|refusal| HostError::Package { subject: offer.release.app_id.to_string(), refusal })
    }

    /// Fetches files into the cache, some at a time, and hands each over on this thread. Stops at the first failure.
    fn fetch_all(&self, wanted: VecDeque<FileEntry>, mut take: impl FnMut(Download)) -> Result<(), HostError> {
        let transfers = TRANSFERS.min(wanted.len());
        let wanted = Mutex::new(wanted);
        let fetch = |entry: &FileEntry| -> Result<Download, HostError> {
            let download =
                self.transport.fetch_verified(&StaticPath::blob(&entry.sha256), entry.size, &entry.sha256)?;
            self.blobs.keep(&entry.sha256, download.bytes.bytes())?;
            Ok(download)
        };
        thread::scope(|scope| {
            let (send, fetched) = mpsc::sync_channel::<Result<Download, HostError>>(transfers);
            for _ in 0..transfers {
                let send = send.clone();
                let (wanted, fetch) = (&wanted, &fetch);
                scope.spawn(move || {
                    let next = || wanted.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    while let Some(entry) = next() {
                        if send.send(fetch(&entry)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(send);
            let mut outcome = Ok(());
            for download in &fetched {
                match download {
                    Ok(download) => take(download),
                    Err(error) => {
                        outcome = Err(error);
                        wanted.lock().unwrap_or_else(PoisonError::into_inner).clear();
                        break;
                    }
                }
            }
            drop(fetched);
            outcome
        })
    }

    /// The whole package, for when a mirror lacks some file of it.
    fn whole(&self, offer: &Offer, keys: &PublisherKeys, wire_bytes: &mut u64) -> Result<VerifiedPackage, HostError> {
        let container = &offer.release.container;
        let path = StaticPath::package(&container.sha256);
        if container.length > Limits::default().container_bytes {
            return Err(HostError::TooLarge {
                url: self.transport.url(&path),
                most: Limits::default().container_bytes,
            });
        }
        let download = self.transport.fetch_verified(&path, container.length, &container.sha256)?;
        *wire_bytes += download.wire_bytes;
        self.verify_container(download.bytes.into_bytes(), &offer.release, keys)
    }

    /// Keeps the missing files of a package that was verified.
    fn keep_all(&self, package: &VerifiedPackage, missing: &BTreeMap<Digest, FileEntry>) -> Result<(), HostError> {
        for (digest, entry) in missing {
            if let Some(bytes) = package.file().file(entry.path.as_str()) {
                self.blobs.keep(digest, bytes)?;
            }
        }
        Ok(())
    }
}
