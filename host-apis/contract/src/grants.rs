//! What one app holds on one device, and the one decision about every call.

use std::{collections::BTreeSet, fmt};

use crate::{AppId, Call, Permission, PermissionName, Permit};

/// What the device's owner withholds from every app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DevicePolicy {
    /// Permissions no app gets here, whatever was approved.
    pub withheld: BTreeSet<PermissionName>,
}

/// What the person at this terminal has withdrawn from one app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Permissions the person has taken back.
    pub withdrawn: BTreeSet<PermissionName>,
}

/// The permissions that one installed app holds.
///
/// Invariant: the only constructor is the intersection of all four sources, so no grant can be wider than any of them.
#[derive(Clone, Debug)]
pub struct Grants {
    app: AppId,
    held: Vec<Permission>,
}

/// The call was refused because this permission is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Denial {
    /// What the app would have needed.
    pub missing: Permission,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Permission { name, scope } = &self.missing;
        let (so_far, member) = match serde_json::to_string(scope.members()) {
            Ok(members) if !scope.is_unlimited() => (format!(" for {members}"), format!(", \"scope\": {members}")),
            _ => (String::new(), String::new()),
        };
        write!(
            f,
            "the permission `{name}`{so_far} is missing; hint: ask for it in manifest.json: \"req_permissions\": [{{\"name\": \"{name}\", \"reason\": \"…\"{member}}}]"
        )
    }
}

impl Grants {
    /// What the manifest requests ∩ what review approved ∩ what the device's policy leaves ∩ what the person allows.
    pub fn intersect(
        app: AppId,
        requested: &[Permission],
        approved: &[Permission],
        policy: &DevicePolicy,
        consent: &Consent,
    ) -> Self {
        let allows = |wanted: &&Permission| {
            wanted.scope_fault().is_none()
                && approved.iter().any(|one| one.covers(wanted))
                && !policy.withheld.iter().chain(&consent.withdrawn).any(|name| name.includes(&wanted.name))
        };
        Self { app, held: requested.iter().filter(allows).cloned().collect() }
    }

    /// What is held, for showing.
    pub fn held(&self) -> &[Permission] {
        &self.held
    }

    /// The app that holds it.
    pub fn app(&self) -> &AppId {
        &self.app
    }

    /// Allows the call, or says what is missing.
    pub fn permit<C: Call>(&self, call: C) -> Result<Permit<C>, Denial> {
        let missing = call.needs();
        if !self.held.iter().any(|one| one.covers(&missing)) {
            return Err(Denial { missing });
        }
        Ok(Permit::new(self.app.clone(), call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage;

    fn grants(requested: &[&str], approved: &[&str], withheld: &[&str], withdrawn: &[&str]) -> Grants {
        let names =
            |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<BTreeSet<PermissionName>>();
        let permissions = |list: &[&str]| names(list).into_iter().map(Permission::unlimited).collect::<Vec<_>>();
        Grants::intersect(
            "a.b".parse().unwrap(),
            &permissions(requested),
            &permissions(approved),
            &DevicePolicy { withheld: names(withheld) },
            &Consent { withdrawn: names(withdrawn) },
        )
    }

    fn may_read(grants: &Grants) -> bool {
        grants.permit(storage::Get { key: "k".to_owned() }).is_ok()
    }

    #[test]
    fn all_four_must_agree() {
        let storage = ["host:storage"];
        assert!(may_read(&grants(&storage, &storage, &[], &[])));
        assert!(!may_read(&grants(&[], &storage, &[], &[])), "not requested");
        assert!(!may_read(&grants(&storage, &[], &[], &[])), "not approved");
        assert!(!may_read(&grants(&storage, &storage, &storage, &[])), "withheld by the device");
        assert!(!may_read(&grants(&storage, &storage, &[], &storage)), "withdrawn by the person");
    }

    #[test]
    fn a_denial_names_the_permission_and_the_manifest_line() {
        let denial = grants(&[], &[], &[], &[]).permit(storage::Get { key: "k".to_owned() }).unwrap_err();
        insta::assert_snapshot!(denial, @r#"the permission `host:storage` is missing; hint: ask for it in manifest.json: "req_permissions": [{"name": "host:storage", "reason": "…"}]"#);
    }
}
