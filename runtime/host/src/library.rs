//! Every app of this terminal, installed or offered, as a person reads about it.

use std::collections::BTreeSet;

use guichet_contract::AppId;
use guichet_package::{
    Manifest, PackagePath, Statement, VerifiedContents,
    manifest::{LocalizationResource, MANIFEST_PATH, resource_for},
    shown::{shown_name, shown_text},
};

use crate::{
    broker,
    error::HostError,
    host::{Host, Inner, Known},
    listing::{AvailableRelease, Icon, InstalledRelease, Listing, PermissionLine},
    serve::mime_of,
    state::State,
    update::Offer,
};

impl Host {
    /// Every app that is installed or may be, in the order of their names. Reads only this device.
    pub fn library(&self) -> Vec<Listing> {
        let known = self.inner.known();
        let installed = self.inner.slots.apps().unwrap_or_default();
        let apps: BTreeSet<&AppId> = installed.iter().chain(known.catalogue.offers.keys()).collect();
        let mut listings: Vec<_> = apps.into_iter().filter_map(|app| self.inner.listing(&known, app)).collect();
        listings.sort_by(|one, next| (&one.name, &one.app_id).cmp(&(&next.name, &next.app_id)));
        listings
    }

    /// One app of the library.
    pub fn listing(&self, app: &AppId) -> Result<Listing, HostError> {
        let listing = self.inner.listing(&self.inner.known(), app);
        listing.ok_or_else(|| HostError::UnknownApp { app: app.clone() })
    }
}

/// The installed release, as far as it can be read.
struct Here {
    state: State,
    contents: VerifiedContents,
    manifest: Manifest,
    granted: Vec<guichet_contract::Permission>,
}

impl Inner {
    fn listing(&self, known: &Known, app: &AppId) -> Option<Listing> {
        let here = match self.here(known, app) {
            Ok(here) => here,
            Err(error) => {
                tracing::warn!(%app, class = error.class(), %error, "an installed app cannot be shown");
                None
            }
        };
        let known_offer = known.catalogue.offers.get(app);
        let meant = known_offer.map(|offer| self.meant(offer, here.as_ref().map(|here| &here.state)));
        let offer = meant.filter(|offer| self.is_news(offer, here.as_ref()));
        let in_use = here.as_ref().map(|here| here.state.current);
        let is_newer = |offer: &&Offer| in_use.is_some_and(|in_use| offer.release.sequence > in_use);
        let halted = meant.filter(is_newer).and_then(|offer| offer.halted());
        let recalled = in_use.and_then(|in_use| match self.check_may_run(known, app, in_use) {
            Err(HostError::Recalled { reason, .. }) => Some(reason),
            _ => None,
        });
        let (manifest, contents) = match (&here, offer) {
            (Some(here), _) => (&here.manifest, &here.contents),
            (None, Some(offer)) => (&offer.manifest, &offer.contents),
            (None, None) => return None,
        };
        let manifest = self.localized(manifest, contents.statement());
        let department = contents.department().clone();
        let department_name =
            known.catalogue.departments.get(&department).map(|keys| keys.name_in(&self.lang()).to_owned());
        let permissions = manifest.req_permissions.iter().map(|request| PermissionLine {
            name: request.permission.name.clone(),
            scope: request.permission.scope.clone(),
            reason: shown_text(request.reason.as_deref().unwrap_or_default()),
            granted: here.as_ref().is_some_and(|here| here.granted.contains(&request.permission)),
        });
        Some(Listing {
            app_id: app.clone(),
            department_name: department_name.unwrap_or_else(|| department.to_string()),
            department,
            permissions: permissions.collect(),
            icon: self.icon(&manifest, contents.statement()),
            glaze: Some(manifest.guichet.glaze.as_str().to_owned()),
            staged: halted.is_none() && here.as_ref().is_some_and(|here| here.state.staged.is_some()),
            recalled: recalled.is_some(),
            recall_reason: recalled.flatten(),
            halted,
            choice: here.as_ref().and_then(|here| self.choice(app, &here.state)),
            installed: here.as_ref().map(|here| InstalledRelease {
                sequence: here.state.current,
                version_name: here.contents.statement().version.name.clone(),
                version_code: u64::from(here.contents.statement().version.code),
                size: here.contents.statement().total_bytes() + self.slots.image_bytes(app, here.state.current),
                bytes_downloaded: self.slots.bytes_downloaded(app, here.state.current).unwrap_or_default(),
            }),
            available: offer.map(|offer| self.available(offer)),
            name: name_of(&manifest),
            description: shown_text(manifest.description.as_deref().unwrap_or_default()),
        })
    }

    fn here(&self, known: &Known, app: &AppId) -> Result<Option<Here>, HostError> {
        let Some(state) = self.slots.state(app)? else { return Ok(None) };
        let slot = self.slot(known, app, &state, state.current)?;
        let manifest = self.manifest(&slot)?;
        let grants =
            broker::grants(&manifest, &slot.release.permissions, &self.options.policy, &self.slots.consent(app)?);
        Ok(Some(Here { state, granted: grants.held().to_vec(), contents: slot.contents, manifest }))
    }

    /// The manifest of a release on this device.
    pub(crate) fn manifest(&self, slot: &crate::slots::Slot) -> Result<Manifest, HostError> {
        let bytes = self.files(slot).require(MANIFEST_PATH)?;
        let refuse = |refusal| HostError::Package { subject: slot.release.app_id.to_string(), refusal };
        slot.contents.manifest(&bytes).map_err(refuse)
    }

    /// Whether an offer is something this terminal may take and does not have.
    fn is_news(&self, offer: &Offer, here: Option<&Here>) -> bool {
        let newer = here.is_none_or(|here| here.state.may_take(offer.release.sequence));
        newer && self.takes_part(offer) && self.missing_part(offer).is_none()
    }

    fn available(&self, offer: &Offer) -> AvailableRelease {
        let statement = offer.contents.statement();
        let mut missing: Vec<_> =
            statement.files.iter().filter(|entry| !self.blobs.seems_present(&entry.sha256, entry.size)).collect();
        missing.sort_by_key(|entry| entry.sha256);
        missing.dedup_by_key(|entry| entry.sha256);
        AvailableRelease {
            sequence: offer.release.sequence,
            version_name: statement.version.name.clone(),
            version_code: u64::from(statement.version.code),
            download_bytes: missing.iter().map(|entry| entry.size).sum(),
        }
    }

    fn localized(&self, manifest: &Manifest, statement: &Statement) -> Manifest {
        let resource = resource_for(&self.lang(), statement.files.iter().map(|entry| &entry.path));
        let bytes = resource.and_then(|path| self.cached(statement, path));
        match bytes.and_then(|bytes| LocalizationResource::parse(&bytes).ok()) {
            Some(resource) => manifest.localized(&resource),
            None => manifest.clone(),
        }
    }

    fn icon(&self, manifest: &Manifest, statement: &Statement) -> Option<Icon> {
        // An icon that is named and is not there is no fault for a host: the next one is shown.
        let mut paths = manifest.icons.iter().map(|icon| &icon.src);
        let path = paths.find(|path| statement.file(path.as_str()).is_some())?;
        Some(Icon { mime: mime_of(path.as_str()), bytes: self.cached(statement, path)? })
    }

    /// A file of the release if it is on this device: a list must not wait for the network.
    fn cached(&self, statement: &Statement, path: &PackagePath) -> Option<Vec<u8>> {
        let entry = statement.file(path.as_str())?;
        self.blobs.read(&entry.sha256).ok().flatten()
    }
}

/// The name as it is shown; of one that shows nothing, the app's id.
pub(crate) fn name_of(manifest: &Manifest) -> String {
    Some(shown_name(&manifest.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| manifest.app_id.to_string())
}
