//! Which release of each app this host may take, and why not if it may not.
//!
//! The role `<department>` lists the current release document of an app's channel; the role `<department>-wide` lists,
//! at the same path, the last one that widened permissions. A release is accepted only if the wide one covers all its
//! permissions; without a wide one they must be none.

use std::collections::{BTreeMap, HashSet};

use guichet_contract::{AppId, Channel, Department, PLATFORM_CODE, Permission};
use guichet_package::{
    Brake, Limits, Manifest, PublisherKeys, ReleaseDocument, VerifiedContents,
    manifest::{MANIFEST_PATH, resource_for},
    release::{Device, brake_path, keys_path, release_path, shown_reason},
};
use guichet_trust::{client::TrustedMetadata, digest::Digest, metadata::TargetFile};

use super::{Documents, LogRecord};
use crate::{
    blobs::Blobs,
    error::HostError,
    listing::Problem,
    transport::{StaticPath, Transport},
};

/// A release that may be taken, verified down to its statement; its files are not all here yet.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) department: Department,
    pub(crate) release: ReleaseDocument,
    pub(crate) release_bytes: Vec<u8>,
    /// That it is in the transparency log; none if the trust file names no log.
    pub(crate) proof: Option<Vec<u8>>,
    pub(crate) contents: VerifiedContents,
    pub(crate) manifest: Manifest,
    pub(crate) brake: Option<Brake>,
    /// What this terminal may take as long as the rollout of this release leaves it out.
    pub(crate) before: Option<Box<Offer>>,
}

impl Offer {
    /// Refuses to begin with a release that the brake holds; what is in use goes on.
    pub(crate) fn check_not_halted(&self, sequence: u64) -> Result<(), HostError> {
        match self.brake.as_ref().filter(|brake| brake.halts(sequence)) {
            None => Ok(()),
            Some(brake) => {
                let (app, reason) = (self.release.app_id.clone(), shown_reason(&brake.reason));
                Err(HostError::Halted { app, sequence, reason })
            }
        }
    }

    /// Why the brake holds this release, if it does: its key is online, so its words are cut to what may be shown.
    pub(crate) fn halted(&self) -> Option<String> {
        let brake = self.brake.as_ref()?;
        brake.halts(self.release.sequence).then(|| shown_reason(&brake.reason))
    }
}

/// What the store offers, as far as it was acceptable.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) departments: BTreeMap<Department, PublisherKeys>,
    pub(crate) offers: BTreeMap<AppId, Offer>,
    /// Releases and documents that were refused, each by the path of its document.
    pub(crate) refused: Vec<(String, Problem)>,
    needed: HashSet<Digest>,
}

/// Where a catalogue is read from.
pub(crate) struct Source<'a> {
    pub(crate) trusted: &'a TrustedMetadata,
    pub(crate) documents: &'a Documents,
    pub(crate) blobs: &'a Blobs,
    /// None without a network: then only what is on this device is read.
    pub(crate) transport: Option<&'a Transport>,
    /// None if the trust file names no log.
    pub(crate) log: Option<&'a LogRecord>,
    pub(crate) channel: &'a Channel,
    pub(crate) lang: String,
    /// The terminal that reads it.
    pub(crate) device: Device<'a>,
}

/// The last document of an app that the `-wide` role listed.
pub(super) struct Widest {
    pub(super) digest: Digest,
    pub(super) permissions: Vec<Permission>,
}

impl Source<'_> {
    /// Reads everything the metadata names for this channel, and judges each app on its own.
    pub(crate) fn read(&self) -> Result<Catalogue, HostError> {
        let mut catalogue = Catalogue::default();
        let named: Vec<_> =
            self.trusted.targets("targets").map(|(path, file)| (path.to_owned(), file.sha256())).collect();
        for (path, digest) in named {
            let Some(department) = department_of(&path) else { continue };
            catalogue.needed.extend(digest);
            match self.keys(&department) {
                Ok(keys) => {
                    self.read_department(&department, &keys, &mut catalogue)?;
                    catalogue.departments.insert(department, keys);
                }
                // What is installed needs these keys: a state that lacks them is not taken.
                Err(error) if self.transport.is_some() && !matches!(error, HostError::Package { .. }) => {
                    return Err(error);
                }
                Err(error) => catalogue.refuse(path, error, self.transport.is_some())?,
            }
        }
        Ok(catalogue)
    }

    fn read_department(
        &self,
        department: &Department,
        keys: &PublisherKeys,
        catalogue: &mut Catalogue,
    ) -> Result<(), HostError> {
        let wide = wide_role(department);
        let roles = [department.as_str(), wide.as_str()];
        let named = roles.iter().flat_map(|role| self.trusted.targets(role));
        catalogue.needed.extend(named.filter_map(|(_, file)| file.sha256()));
        let paths: Vec<_> = self.trusted.targets(department.as_str()).map(|(path, _)| path.to_owned()).collect();
        for path in paths {
            let Some(app) = app_of(&path, department, self.channel) else { continue };
            if let Some(brake) = self.trusted.target("brake", &brake_path(department, &app, self.channel)) {
                catalogue.needed.extend(brake.sha256());
            }
            match self.offer(department, keys, &app) {
                Ok(mut offer) => {
                    match self.before(keys, &offer, &mut catalogue.needed) {
                        Ok(before) => offer.before = before.map(Box::new),
                        Err(error) => catalogue.refuse(path, error, self.transport.is_some())?,
                    }
                    catalogue.offers.insert(app, offer);
                }
                Err(error) => catalogue.refuse(path, error, self.transport.is_some())?,
            }
        }
        Ok(())
    }

    /// The publisher keys of a department, which the security office vouches for.
    pub(crate) fn keys(&self, department: &Department) -> Result<PublisherKeys, HostError> {
        let path = keys_path(department);
        let bytes = self.document("targets", &path)?;
        let keys =
            PublisherKeys::parse(&bytes).map_err(|refusal| HostError::Package { subject: path.clone(), refusal })?;
        if keys.department != *department {
            return Err(HostError::Misplaced { app: path, found: keys.department.to_string() });
        }
        Ok(keys)
    }

    /// The release of an app, or why it is refused.
    pub(crate) fn offer(&self, department: &Department, keys: &PublisherKeys, app: &AppId) -> Result<Offer, HostError> {
        let path = release_path(department, app, self.channel);
        let (release, release_bytes) = self.release(department.as_str(), &path, app)?;
        let widest = self.widest(department, &path, app)?;
        let allowed = widest.map(|widest| widest.permissions).unwrap_or_default();
        let brake = self.brake(department, app)?;
        self.judge(department, keys, release, release_bytes, Some(&allowed), brake)
    }

    /// What the department's `-wide` role listed last at a path.
    pub(super) fn widest(&self, department: &Department, path: &str, app: &AppId) -> Result<Option<Widest>, HostError> {
        let role = wide_role(department);
        if self.trusted.target(&role, path).is_none() {
            return Ok(None);
        }
        let (release, bytes) = self.release(&role, path, app)?;
        self.prove(department, &release, &bytes)?;
        Ok(Some(Widest { digest: Digest::of(&bytes), permissions: release.permissions }))
    }

    fn prove(
        &self,
        department: &Department,
        release: &ReleaseDocument,
        bytes: &[u8],
    ) -> Result<Option<Vec<u8>>, HostError> {
        self.log.map(|log| log.prove(department, release, bytes, self.transport)).transpose()
    }

    /// Verifies a release down to its statement. Its permissions must be among those `allowed`; without any, somebody who
    /// may allow them has vouched for this very document.
    pub(super) fn judge(
        &self,
        department: &Department,
        keys: &PublisherKeys,
        release: ReleaseDocument,
        release_bytes: Vec<u8>,
        allowed: Option<&[Permission]>,
        brake: Option<Brake>,
    ) -> Result<Offer, HostError> {
        let app = &release.app_id;
        let proof = self.prove(department, &release, &release_bytes)?;
        let beyond = allowed.map(|allowed| Permission::beyond(allowed, &release.permissions)).unwrap_or_default();
        if let Some(beyond) = beyond.first() {
            let permission = Box::new((*beyond).clone());
            return Err(HostError::Widened { app: app.clone(), sequence: release.sequence, permission });
        }
        let limits = Limits::default();
        let refuse = |refusal| HostError::Package { subject: app.to_string(), refusal };
        let statement = self.blob(&release.statement.sha256, release.statement.length, limits.statement_bytes)?;
        let seals = self.blob(&release.seals.sha256, release.seals.length, limits.seals_bytes)?;
        let contents = VerifiedContents::verify(&statement, &seals, keys, &limits).map_err(refuse)?;
        contents.matches(&release).map_err(refuse)?;
        let wanted = u64::from(release.platform.min_code);
        if wanted > PLATFORM_CODE {
            return Err(HostError::Platform { app: app.clone(), wanted, have: PLATFORM_CODE });
        }
        let manifest = self.file(&contents, MANIFEST_PATH)?;
        let manifest = contents.manifest(&manifest).map_err(refuse)?;
        self.fetch_for_the_home_page(&contents, &manifest)?;
        let (department, before) = (department.clone(), None);
        Ok(Offer { department, release, release_bytes, proof, contents, manifest, brake, before })
    }

    fn release(&self, role: &str, path: &str, app: &AppId) -> Result<(ReleaseDocument, Vec<u8>), HostError> {
        let bytes = self.document(role, path)?;
        Ok((self.parse(&bytes, path, app)?, bytes))
    }

    /// The release document of an earlier release, which a later one names.
    pub(super) fn earlier(
        &self,
        file: &TargetFile,
        path: &str,
        app: &AppId,
    ) -> Result<(ReleaseDocument, Vec<u8>), HostError> {
        let bytes = self.documents.get(path, file, self.transport)?;
        Ok((self.parse(&bytes, path, app)?, bytes))
    }

    fn parse(&self, bytes: &[u8], path: &str, app: &AppId) -> Result<ReleaseDocument, HostError> {
        let release = ReleaseDocument::parse(bytes)
            .map_err(|refusal| HostError::Package { subject: path.to_owned(), refusal })?;
        if release.app_id != *app || release.channel != *self.channel {
            let found = format!("{} on {}", release.app_id, release.channel);
            return Err(HostError::Misplaced { app: path.to_owned(), found });
        }
        Ok(release)
    }

    fn brake(&self, department: &Department, app: &AppId) -> Result<Option<Brake>, HostError> {
        let path = brake_path(department, app, self.channel);
        if self.trusted.target("brake", &path).is_none() {
            return Ok(None);
        }
        let bytes = self.document("brake", &path)?;
        let brake = Brake::parse(&bytes).map_err(|refusal| HostError::Package { subject: path.clone(), refusal })?;
        if brake.app_id != *app {
            return Err(HostError::Misplaced { app: path, found: brake.app_id.to_string() });
        }
        Ok(Some(brake))
    }

    /// The icon and the texts are shown before anything is installed.
    fn fetch_for_the_home_page(&self, contents: &VerifiedContents, manifest: &Manifest) -> Result<(), HostError> {
        let icon = manifest.icons.first().map(|icon| icon.src.as_str());
        let texts = resource_for(&self.lang, contents.statement().files.iter().map(|entry| &entry.path));
        for path in icon.into_iter().chain(texts.map(|path| path.as_str())) {
            if contents.file(path).is_some() {
                self.file(contents, path)?;
            }
        }
        Ok(())
    }

    fn file(&self, contents: &VerifiedContents, path: &str) -> Result<Vec<u8>, HostError> {
        let entry = contents.file(path).ok_or_else(|| HostError::Absent { url: path.to_owned() })?;
        self.blob(&entry.sha256, entry.size, Limits::default().file_bytes)
    }

    fn blob(&self, digest: &Digest, length: u64, most: u64) -> Result<Vec<u8>, HostError> {
        let path = StaticPath::blob(digest);
        if let Some(bytes) = self.blobs.read(digest)? {
            return Ok(bytes);
        }
        let Some(transport) = self.transport else { return Err(HostError::Absent { url: path.to_string() }) };
        if length > most {
            return Err(HostError::TooLarge { url: transport.url(&path), most });
        }
        let download = transport.fetch_verified(&path, length, digest)?;
        self.blobs.keep(digest, download.bytes.bytes())?;
        Ok(download.bytes.into_bytes())
    }

    fn document(&self, role: &str, path: &str) -> Result<Vec<u8>, HostError> {
        let absent = || HostError::Absent { url: path.to_owned() };
        let file = self.trusted.target(role, path).ok_or_else(absent)?;
        self.documents.get(path, file, self.transport)
    }
}

impl Catalogue {
    /// One department's mistake costs that department, but a full disk or a lost network is everyone's.
    fn refuse(&mut self, path: String, error: HostError, is_online: bool) -> Result<(), HostError> {
        match error {
            error @ (HostError::Disk { .. } | HostError::Unreachable { .. }) => Err(error),
            // Without a network, what was never fetched is only not known.
            HostError::Absent { .. } if !is_online => Ok(()),
            error => {
                tracing::warn!(path, class = error.class(), %error, "refused");
                self.refused.push((path, error.problem()));
                Ok(())
            }
        }
    }

    /// Whether a terminal would show and take the same.
    pub(crate) fn offers_the_same_as(&self, other: &Self) -> bool {
        let offers = |catalogue: &Self| -> Vec<_> {
            let offers = catalogue.offers.iter();
            let before = |offer: &Offer| offer.before.as_ref().map(|before| before.release_bytes.clone());
            let shown = |offer: &Offer| (offer.release_bytes.clone(), offer.brake.clone(), before(offer));
            offers.map(|(app, offer)| (app.clone(), shown(offer))).collect()
        };
        self.departments == other.departments && self.refused == other.refused && offers(self) == offers(other)
    }

    /// The documents the metadata names; no other is needed.
    pub(crate) fn needed_documents(&self) -> &HashSet<Digest> {
        &self.needed
    }

    /// The blobs the home page shows.
    pub(crate) fn needed_blobs(&self) -> impl Iterator<Item = Digest> {
        let each = self.offers.values().flat_map(|offer| [Some(offer), offer.before.as_deref()]);
        each.flatten().flat_map(|offer| {
            let shown = offer.contents.statement().files.iter().filter(|entry| {
                let path = entry.path.as_str();
                path == MANIFEST_PATH
                    || path.starts_with("i18n/")
                    || offer.manifest.icons.iter().any(|icon| icon.src == entry.path)
            });
            shown.map(|entry| entry.sha256).chain([offer.release.statement.sha256, offer.release.seals.sha256])
        })
    }
}

fn wide_role(department: &Department) -> String {
    format!("{department}-wide")
}

/// The department of `keys/<department>.json`.
fn department_of(path: &str) -> Option<Department> {
    path.strip_prefix("keys/")?.strip_suffix(".json")?.parse().ok()
}

/// The app of `apps/<department>/<app>/<channel>.json`.
fn app_of(path: &str, department: &Department, channel: &Channel) -> Option<AppId> {
    let mut segments = path.split('/');
    let (Some("apps"), Some(named), Some(app), Some(file), None) =
        (segments.next(), segments.next(), segments.next(), segments.next(), segments.next())
    else {
        return None;
    };
    let is_ours = named == department.as_str() && file.strip_suffix(".json") == Some(channel.as_str());
    is_ours.then(|| app.parse().ok()).flatten()
}
