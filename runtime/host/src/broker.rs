//! What an app holds on this device (P-A13, M-req_permissions-3): requested ∩ approved ∩ the device's policy ∩ what the person allows.

use std::sync::{Arc, PoisonError, RwLock};

use guichet_contract::{AppId, Consent, DevicePolicy, Grants, Permission, PermissionName};
use guichet_package::Manifest;

use crate::{
    error::HostError,
    host::{Host, Inner},
    session::SharedGrants,
};

impl Host {
    /// Takes a permission back from an app. Its next call that needs it is denied, also in sessions that run.
    pub fn withdraw(&self, app: &AppId, permission: &PermissionName) -> Result<(), HostError> {
        self.inner.change_consent(app, |consent| {
            consent.withdrawn.insert(permission.clone());
        })
    }

    /// Gives a withdrawn permission again, as far as it was approved.
    pub fn restore(&self, app: &AppId, permission: &PermissionName) -> Result<(), HostError> {
        self.inner.change_consent(app, |consent| {
            consent.withdrawn.remove(permission);
        })
    }
}

impl Inner {
    fn change_consent(&self, app: &AppId, change: impl FnOnce(&mut Consent)) -> Result<(), HostError> {
        let _change = self.change(app)?;
        self.installed(app)?;
        let mut consent = self.slots.consent(app)?;
        change(&mut consent);
        self.slots.set_consent(app, &consent)?;
        for session in self.sessions().iter().filter(|session| session.app_id() == app) {
            session.consent(&self.options.policy, &consent);
        }
        Ok(())
    }
}

/// What an app holds of what it asks for, with these approved for its release.
pub(crate) fn grants(manifest: &Manifest, approved: &[Permission], policy: &DevicePolicy, consent: &Consent) -> Grants {
    Grants::intersect(manifest.app_id.clone(), &manifest.permissions(), approved, policy, consent)
}

/// Grants of one session, which a withdrawal reaches while it runs.
pub(crate) fn shared(grants: Grants) -> SharedGrants {
    Arc::new(RwLock::new(grants))
}

/// Replaces what a session holds.
pub(crate) fn replace(shared: &SharedGrants, grants: Grants) {
    *shared.write().unwrap_or_else(PoisonError::into_inner) = grants;
}
