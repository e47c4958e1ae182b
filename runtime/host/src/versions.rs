//! Which release an address with a version means: one that is on this device, or the one the store offers to it (A8, A9).

use guichet_contract::AppId;

use crate::{error::HostError, host::Inner, state::State};

/// What a version that was asked for is on this device.
pub(crate) enum Asked {
    /// The newest there is, which may wait.
    Newest,
    /// The one in use.
    Present,
    /// The one before: it runs in its place and changes nothing.
    Before(State, u64),
}

impl Inner {
    /// Finds the release of this version (`version.name`, compared without case).
    ///
    /// The one before is not there if the data have taken a form since that it does not know. Whether a release may run
    /// at all is judged later, as for any other.
    pub(crate) fn version(&self, app: &AppId, version: &str) -> Result<Asked, HostError> {
        let state = self.installed(app)?;
        let known = self.known();
        let name = |sequence| {
            let slot = self.slot(&known, app, &state, sequence)?;
            Ok::<_, HostError>(slot.contents.statement().version.name.clone())
        };
        let mut there = vec![name(state.current)?];
        let is_asked = |name: &String| name.eq_ignore_ascii_case(version);
        if there.iter().any(is_asked) {
            return Ok(Asked::Present);
        }
        if let Some(waiting) = state.staged.and_then(|staged| name(staged).ok()) {
            if is_asked(&waiting) {
                return Ok(Asked::Newest);
            }
            there.push(waiting);
        }
        let knows_the_data = |sequence: &u64| {
            let form = self.form_of(app, &state, *sequence);
            !state.is_restoring && form.is_ok_and(|(storage_version, _)| storage_version >= state.storage_version)
        };
        if let Some(sequence) = state.previous.filter(knows_the_data)
            && let Ok(before) = name(sequence)
        {
            if is_asked(&before) {
                return Ok(Asked::Before(state.clone(), sequence));
            }
            there.push(before);
        }
        let offer = known.catalogue.offers.get(app).map(|offer| self.meant(offer, Some(&state)));
        let offer = offer.filter(|offer| state.may_take(offer.release.sequence));
        let on_offer = offer.map(|offer| offer.contents.statement().version.name.clone());
        let on_offer = on_offer.filter(|name| !there.contains(name));
        Err(HostError::NoSuchVersion { app: app.clone(), version: version.to_owned(), there, on_offer })
    }
}
