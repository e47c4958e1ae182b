//! What is installed: one folder per release of an app, and one small file that says which is current.
//!
//! ```text
//! apps/<app id>/state.json             which slot is current, staged, previous
//! apps/<app id>/consent.json           what the person has withdrawn
//! apps/<app id>/slots/<sequence>/      release.json, statement.json, seals.json, fetched.json
//! apps/<app id>/data/                  the app's own
//! ```
//!
//! Invariant: `state.json` is replaced at once and only ever names slots that are whole.

use std::{
    collections::{BTreeSet, HashSet},
    path::PathBuf,
    sync::Arc,
};

use guichet_contract::{AppId, Consent, Department, PermissionName};
use guichet_package::{Limits, PublisherKeys, ReleaseDocument, Statement, VerifiedContents};
use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::{error::HostError, home::Home, update::Offer};

const RELEASE: &str = "release.json";
const STATEMENT: &str = "statement.json";
const SEALS: &str = "seals.json";
const FETCHED: &str = "fetched.json";

/// Which releases of one app are on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    format: u32,
    /// Who publishes the app.
    pub(crate) department: Department,
    /// The release that is launched.
    pub(crate) current: u64,
    /// A newer release that becomes the current one at the next launch.
    pub(crate) staged: Option<u64>,
    /// The release before, kept until the one after the current one has been launched.
    pub(crate) previous: Option<u64>,
    /// Whether the current release has shown its first page.
    pub(crate) is_launched: bool,
    /// The highest sequence this device has accepted.
    pub(crate) accepted: u64,
    /// A release that did not open; only a newer one is taken.
    #[serde(default)]
    failed: Option<u64>,
}

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

impl State {
    /// Nothing but this release.
    pub(crate) fn first(department: Department, sequence: u64) -> Self {
        Self {
            format: 1,
            department,
            current: sequence,
            staged: None,
            previous: None,
            is_launched: false,
            accepted: sequence,
            failed: None,
        }
    }

    /// Another release becomes the current one. What was launched before is kept.
    #[must_use]
    pub(crate) fn switched(&self, sequence: u64) -> Self {
        let previous = if self.is_launched { Some(self.current) } else { self.previous };
        let accepted = self.accepted.max(sequence);
        let previous = previous.filter(|previous| *previous != sequence);
        Self { current: sequence, staged: None, previous, is_launched: false, accepted, ..self.clone() }
    }

    /// Another release waits for the next launch.
    #[must_use]
    pub(crate) fn staging(&self, sequence: u64) -> Self {
        Self { staged: Some(sequence), accepted: self.accepted.max(sequence), ..self.clone() }
    }

    /// The release before is the current one again. The one that did not open is not taken again if that is its own fault.
    #[must_use]
    pub(crate) fn back_to(&self, previous: u64, is_fault: bool) -> Self {
        let failed = if is_fault { Some(self.current) } else { self.failed };
        Self { current: previous, staged: None, previous: None, is_launched: true, failed, ..self.clone() }
    }

    /// Whether this release is newer than the current one, and not known to fail.
    pub(crate) fn may_take(&self, sequence: u64) -> bool {
        sequence > self.current && sequence >= self.accepted && !self.has_failed(sequence)
    }

    /// Whether this release did not open here.
    pub(crate) fn has_failed(&self, sequence: u64) -> bool {
        self.failed == Some(sequence)
    }

    /// The current release has shown its first page.
    #[must_use]
    pub(crate) fn launched(&self) -> Self {
        Self { is_launched: true, ..self.clone() }
    }

    fn slots(&self) -> impl Iterator<Item = u64> {
        [Some(self.current), self.staged, self.previous].into_iter().flatten()
    }
}

/// All apps of one home.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    home: Arc<Home>,
}

impl Slots {
    pub(crate) fn new(home: Arc<Home>) -> Self {
        Self { home }
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
            Ok(state) if state.format == 1 => Ok(Some(state)),
            _ => Err(HostError::SlotDamaged { app: app.clone(), why: "state.json cannot be read".to_owned() }),
        }
    }

    /// Replaces the state of an app, and removes the slots it does not name.
    pub(crate) fn set(&self, app: &AppId, state: &State) -> Result<(), HostError> {
        let path = self.home.app(app).join("state.json");
        self.home.write(&path, &serde_json::to_vec(state).unwrap_or_default())?;
        if let Err(error) = self.prune(app, state) {
            tracing::warn!(%app, class = error.class(), %error, "an old release could not be cleared away");
        }
        Ok(())
    }

    fn prune(&self, app: &AppId, state: &State) -> Result<(), HostError> {
        let slots = self.home.app(app).join("slots");
        let named: HashSet<String> = state.slots().map(|sequence| sequence.to_string()).collect();
        for name in self.home.names(&slots)?.into_iter().filter(|name| !named.contains(name)) {
            self.home.discard(&slots.join(name))?;
        }
        Ok(())
    }

    /// Puts a release whose files are all here, some of them just downloaded, beside the others.
    pub(crate) fn place(&self, app: &AppId, offer: &Offer, bytes_downloaded: u64) -> Result<(), HostError> {
        let slot = self.slot_path(app, offer.release.sequence);
        if let Some(slots) = slot.parent() {
            self.home.make_folder(slots)?;
        }
        self.home.discard(&slot)?;
        let contents = &offer.contents;
        let fetched = serde_json::to_vec(&Fetched { format: 1, bytes_downloaded }).unwrap_or_default();
        self.home.write_folder(
            &slot,
            &[
                (RELEASE, &offer.release_bytes),
                (STATEMENT, contents.statement_bytes()),
                (SEALS, contents.seals_bytes()),
                (FETCHED, &fetched),
            ],
        )
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

    /// How many bytes came over the wire for a release on this device.
    pub(crate) fn bytes_downloaded(&self, app: &AppId, sequence: u64) -> Result<u64, HostError> {
        let bytes = self.home.read(&self.slot_path(app, sequence).join(FETCHED))?.unwrap_or_default();
        Ok(serde_json::from_slice(&bytes).map_or(0, |fetched: Fetched| fetched.bytes_downloaded))
    }

    /// The digest of the statement in a slot, if there is such a slot.
    pub(crate) fn statement_digest(&self, app: &AppId, sequence: u64) -> Result<Option<Digest>, HostError> {
        Ok(self.home.read(&self.slot_path(app, sequence).join(STATEMENT))?.map(|bytes| Digest::of(&bytes)))
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

    fn consent_path(&self, app: &AppId) -> PathBuf {
        self.home.app(app).join("consent.json")
    }

    fn slot_path(&self, app: &AppId, sequence: u64) -> PathBuf {
        self.home.app(app).join("slots").join(sequence.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(current: u64, previous: Option<u64>, is_launched: bool) -> State {
        State { previous, is_launched, ..State::first("residence".parse().unwrap(), current) }
    }

    #[test]
    fn the_release_before_is_kept_until_the_one_after_was_launched() {
        let launched_once = state(1, None, false).launched();
        let second = launched_once.switched(2);
        assert_eq!((second.current, second.previous), (2, Some(1)));
        let third_before_the_second_ran = second.switched(3);
        assert_eq!(third_before_the_second_ran.previous, Some(1), "1 is the last that is known to run");
        let third_after_the_second_ran = second.launched().switched(3);
        assert_eq!(third_after_the_second_ran.previous, Some(2));
    }

    #[test]
    fn what_did_not_open_is_not_taken_again() {
        let second = state(1, None, true).switched(2);
        let back = second.back_to(1, true);
        assert_eq!((back.current, back.previous, back.is_launched, back.accepted), (1, None, true, 2));
        assert!(!back.may_take(2) && back.may_take(3));
        assert!(back.switched(3).has_failed(2), "an older store cannot bring it back either");
        assert!(second.back_to(1, false).may_take(2), "unless it was this device's fault");
    }

    #[test]
    fn what_was_accepted_only_grows() {
        let staged = state(2, None, true).staging(5);
        assert_eq!((staged.current, staged.staged, staged.accepted), (2, Some(5), 5));
        assert_eq!(staged.switched(5).staged, None);
        assert_eq!(staged.switched(3).accepted, 5);
    }
}
