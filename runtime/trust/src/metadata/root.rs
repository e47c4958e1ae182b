//! The root of trust: the keys of the four top-level roles (TUF 4.3).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Document, Header, Key, Metadata, Others, RoleKeys, Signers, TOP_LEVEL_ROLES, listed};
use crate::{Refusal, refusal::Reason};

/// Lists the keys of every top-level role, including its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Type, version and expiry.
    #[serde(flatten)]
    pub header: Header,
    /// Whether files carry their version or digest in their names; Guichet's always do.
    #[serde(default)]
    pub consistent_snapshot: bool,
    /// All keys by the name they have here.
    pub keys: BTreeMap<String, Key>,
    /// The signers of each role.
    pub roles: BTreeMap<String, RoleKeys>,
    /// Members that are not known here.
    #[serde(flatten)]
    pub others: Others,
}

impl Root {
    /// Who signs for a top-level role.
    pub fn signers(&self, role: &str) -> Option<Signers> {
        let role = self.roles.get(role)?;
        Some(Signers::new(&role.keyids, role.threshold, &self.keys))
    }
}

impl Metadata for Root {
    const TYPE: &'static str = "root";

    fn header(&self) -> &Header {
        &self.header
    }

    fn header_mut(&mut self) -> &mut Header {
        &mut self.header
    }

    fn check(&self) -> Result<(), Refusal> {
        for name in TOP_LEVEL_ROLES {
            let Some(role) = self.roles.get(name) else {
                return Err(Reason::Format(format!("it has no role `{name}`")).into());
            };
            listed(name, &role.keyids, role.threshold)?;
        }
        Ok(())
    }
}

impl Document<Root> {
    /// Whether enough keys of a top-level role signed `document`.
    pub fn check_signed<T>(&self, role: &str, document: &Document<T>) -> Result<(), Refusal> {
        match self.signed().signers(role) {
            Some(signers) => signers.check(document),
            None => Err(Reason::Delegation(role.to_owned()).into()),
        }
    }
}
