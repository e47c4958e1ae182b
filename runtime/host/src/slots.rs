//! What is installed: one folder per release of an app, and one small file that says which is current.
//!
//! ```text
//! apps/<app id>/state.json             which slot is current, staged, previous
//! apps/<app id>/consent.json           what the person has withdrawn
//! apps/<app id>/slots/<sequence>/      release.json, statement.json, seals.json, fetched.json, release.tlog-proof,
//!                                      logic.image
//! apps/<app id>/data/                  the app's own
//! apps/<app id>/snapshots/<sequence>/  the data as they were when that release was left for a newer one
//! ```
//!
//! Invariant: `state.json` is replaced at once and only ever names slots that are whole.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use guichet_contract::{AppId, Consent, PermissionName};
use guichet_package::{Limits, PublisherKeys, ReleaseDocument, Statement, VerifiedContents};
use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::{error::HostError, home::Home, logic_image::LogicImage, state::State, update::Offer};

const RELEASE: &str = "release.json";
const STATEMENT: &str = "statement.json";
const SEALS: &str = "seals.json";
const FETCHED: &str = "fetched.json";
const PROOF: &str = "release.tlog-proof";
const IMAGE: &str = "logic.image";

#[derive(Default, Serialize, Deserialize)]
struct KeptConsent {
    format: u32,
    withdrawn: BTreeSet<PermissionName>,
}

/// How a release came here.
#[derive(Serialize, Deserialize)]
struct Fetched {
    format: u32,
    bytes_downloaded: u64,
}

/// A release that is on this device, verified again.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) release: ReleaseDocument,
    pub(crate) contents: VerifiedContents,
}

/// All apps of one home.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    home: Arc<Home>,
    /// Held while a state is read, changed and written.
    editing: Arc<Mutex<()>>,
}

impl Slots {
    pub(crate) fn new(home: Arc<Home>) -> Self {
        Self { home, editing: Arc::default() }
    }

    /// The apps that are installed.
    pub(crate) fn apps(&self) -> Result<Vec<AppId>, HostError> {
        let names = self.home.names(&self.home.apps())?;
        let apps = names.iter().filter_map(|name| name.parse().ok());
        Ok(apps.filter(|app| self.home.app(app).join("state.json").is_file()).collect())
    }

    /// Which releases of an app there are; none if it is not installed.
    pub(crate) fn state(&self, app: &AppId) -> Result<Option<State>, HostError> {
        let Some(bytes) = self.home.read(&self.home.app(app).join("state.json"))? else { return Ok(None) };
        match serde_json::from_slice::<State>(&bytes) {
            Ok(state) if state.has_known_format() => Ok(Some(state)),
            _ => Err(HostError::SlotDamaged { app: app.clone(), why: "state.json cannot be read".to_owned() }),
        }
    }

    /// Changes the state of an app that is installed; `change` says what it becomes, or nothing to leave it.
    pub(crate) fn edit(
        &self,
        app: &AppId,
        change: impl FnOnce(&State) -> Option<State>,
    ) -> Result<Option<State>, HostError> {
        let _one_at_a_time = self.editing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(changed) = self.state(app)?.and_then(|state| change(&state)) else { return Ok(None) };
        self.set(app, &changed)?;
        Ok(Some(changed))
    }

    /// Replaces the state of an app, and removes the slots and the data it does not name.
    pub(crate) fn set(&self, app: &AppId, state: &State) -> Result<(), HostError> {
        let path = self.home.app(app).join("state.json");
        self.home.write(&path, &serde_json::to_vec(state).unwrap_or_default())?;
        if let Err(error) = self.prune(app, state) {
            tracing::warn!(%app, class = error.class(), %error, "an old release could not be cleared away");
        }
        Ok(())
    }

    fn prune(&self, app: &AppId, state: &State) -> Result<(), HostError> {
        let kept = state.kept_data.iter().map(|kept| kept.sequence);
        self.keep_only(&self.home.app(app).join("slots"), &state.slots().collect())?;
        self.keep_only(&self.home.app(app).join("snapshots"), &kept.collect())
    }

    fn keep_only(&self, folder: &Path, named: &HashSet<u64>) -> Result<(), HostError> {
        for name in self.home.names(folder)? {
            if !name.parse().is_ok_and(|sequence: u64| named.contains(&sequence)) {
                self.home.discard(&folder.join(name))?;
            }
        }
        Ok(())
    }

    /// Puts a release whose files are all here, some of them just downloaded, beside the others. Nothing of it is durable
    /// before the home is settled.
    pub(crate) fn place(&self, app: &AppId, offer: &Offer, bytes_downloaded: u64) -> Result<(), HostError> {
        let slot = self.slot_path(app, offer.release.sequence);
        if let Some(slots) = slot.parent() {
            self.home.make_folder(slots)?;
        }
        self.home.discard(&slot)?;
        let contents = &offer.contents;
        let fetched = serde_json::to_vec(&Fetched { format: 1, bytes_downloaded }).unwrap_or_default();
        let mut files = vec![
            (RELEASE, offer.release_bytes.as_slice()),
            (STATEMENT, contents.statement_bytes()),
            (SEALS, contents.seals_bytes()),
            (FETCHED, fetched.as_slice()),
        ];
        files.extend(offer.proof.as_deref().map(|proof| (PROOF, proof)));
        self.home.write_folder_soon(&slot, &files)
    }

    /// A release on this device, verified again with the publisher's present keys.
    pub(crate) fn open(&self, app: &AppId, sequence: u64, keys: &PublisherKeys) -> Result<Slot, HostError> {
        let damaged = |why: String| HostError::SlotDamaged { app: app.clone(), why };
        let read = |name: &str| {
            let bytes = self.home.read(&self.slot_path(app, sequence).join(name))?;
            bytes.ok_or_else(|| damaged(format!("{name} of release {sequence} is missing")))
        };
        let refuse = |refusal| HostError::Package { subject: app.to_string(), refusal };
        let contents =
            VerifiedContents::verify(&read(STATEMENT)?, &read(SEALS)?, keys, &Limits::default()).map_err(refuse)?;
        let release = ReleaseDocument::parse(&read(RELEASE)?).map_err(refuse)?;
        contents.matches(&release).map_err(refuse)?;
        if release.app_id != *app || release.sequence != sequence {
            return Err(damaged(format!("release {sequence} is about {}", release.app_id)));
        }
        Ok(Slot { release, contents })
    }

    /// The release document of a release on this device, and the proof that was taken with it.
    pub(crate) fn proof(&self, app: &AppId, sequence: u64) -> Result<(Vec<u8>, Vec<u8>), HostError> {
        let unlogged = || HostError::Unlogged { app: app.clone(), sequence };
        let release = self.document(app, sequence)?.ok_or_else(unlogged)?;
        let proof = self.home.read(&self.slot_path(app, sequence).join(PROOF))?.ok_or_else(unlogged)?;
        Ok((release, proof))
    }

    /// The release document of a release on this device, as it was signed; none if there is no such slot.
    pub(crate) fn document(&self, app: &AppId, sequence: u64) -> Result<Option<Vec<u8>>, HostError> {
        self.home.read(&self.slot_path(app, sequence).join(RELEASE))
    }

    /// Puts a proof beside a release on this device, unless it is there.
    pub(crate) fn keep_proof(&self, app: &AppId, sequence: u64, proof: &[u8]) -> Result<(), HostError> {
        let path = self.slot_path(app, sequence).join(PROOF);
        if self.home.read(&path)?.is_some_and(|kept| kept == proof) {
            return Ok(());
        }
        self.home.write(&path, proof)
    }

    /// How many bytes came over the wire for a release on this device.
    pub(crate) fn bytes_downloaded(&self, app: &AppId, sequence: u64) -> Result<u64, HostError> {
        let bytes = self.home.read(&self.slot_path(app, sequence).join(FETCHED))?.unwrap_or_default();
        Ok(serde_json::from_slice(&bytes).map_or(0, |fetched: Fetched| fetched.bytes_downloaded))
    }

    /// The digest of the statement in a slot, if there is such a slot.
    pub(crate) fn statement_digest(&self, app: &AppId, sequence: u64) -> Result<Option<Digest>, HostError> {
        Ok(self.home.read(&self.slot_path(app, sequence).join(STATEMENT))?.map(|bytes| Digest::of(&bytes)))
    }

    /// Where the memory image of a release's logic is, or is to be.
    pub(crate) fn image(&self, app: &AppId, release: &ReleaseDocument) -> LogicImage {
        let path = self.slot_path(app, release.sequence).join(IMAGE);
        LogicImage { home: Arc::clone(&self.home), path, package: *release.statement.sha256.as_bytes() }
    }

    /// How many bytes that image has; none if it is not there.
    pub(crate) fn image_bytes(&self, app: &AppId, sequence: u64) -> u64 {
        fs::metadata(self.slot_path(app, sequence).join(IMAGE)).map_or(0, |image| image.len())
    }

    /// What all installed releases need of the cache.
    pub(crate) fn needed_blobs(&self) -> Result<HashSet<Digest>, HostError> {
        let mut needed = HashSet::new();
        for app in self.apps()? {
            let Ok(Some(state)) = self.state(&app) else { continue };
            for sequence in state.slots() {
                let Some(bytes) = self.home.read(&self.slot_path(&app, sequence).join(STATEMENT))? else { continue };
                if let Ok(statement) = Statement::parse(&bytes, &Limits::default()) {
                    needed.extend(statement.files.iter().map(|entry| entry.sha256));
                }
            }
        }
        Ok(needed)
    }

    /// Removes an app with all that belongs to it, at once.
    pub(crate) fn remove(&self, app: &AppId) -> Result<(), HostError> {
        self.home.discard(&self.home.app(app))
    }

    /// What the person has withdrawn from an app.
    pub(crate) fn consent(&self, app: &AppId) -> Result<Consent, HostError> {
        let Some(bytes) = self.home.read(&self.consent_path(app))? else { return Ok(Consent::default()) };
        match serde_json::from_slice::<KeptConsent>(&bytes) {
            Ok(kept) => Ok(Consent { withdrawn: kept.withdrawn }),
            Err(_) => Err(HostError::SlotDamaged { app: app.clone(), why: "consent.json cannot be read".to_owned() }),
        }
    }

    /// Keeps what the person has withdrawn.
    pub(crate) fn set_consent(&self, app: &AppId, consent: &Consent) -> Result<(), HostError> {
        let kept = KeptConsent { format: 1, withdrawn: consent.withdrawn.clone() };
        self.home.write(&self.consent_path(app), &serde_json::to_vec(&kept).unwrap_or_default())
    }

    /// What an app keeps on this device.
    pub(crate) fn data_path(&self, app: &AppId) -> PathBuf {
        self.home.app(app).join("data")
    }

    /// What it kept when a release was left for a newer one.
    pub(crate) fn snapshot_path(&self, app: &AppId, sequence: u64) -> PathBuf {
        self.snapshots_path(app).join(sequence.to_string())
    }

    /// All that was kept aside of an app's data.
    pub(crate) fn snapshots_path(&self, app: &AppId) -> PathBuf {
        self.home.app(app).join("snapshots")
    }

    fn consent_path(&self, app: &AppId) -> PathBuf {
        self.home.app(app).join("consent.json")
    }

    fn slot_path(&self, app: &AppId, sequence: u64) -> PathBuf {
        self.home.app(app).join("slots").join(sequence.to_string())
    }
}
