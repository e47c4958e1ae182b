//! What a terminal of a hall is for: its policy, the operator's key that it is signed with, and the highest that was had.
//!
//! ```text
//! --policy FILE, operator.pub, guichet.trust.json ─► read ─► SignedPolicy ─► the shell
//!                                the store's newer ─► replace ─┘
//! ```
//!
//! Invariants: nothing of a policy is followed before its bytes were verified with the pinned key; the sequence a terminal
//! has had never goes back; and a power cut leaves the old policy or the new one.

mod error;
mod floor;
mod kept;
mod pin;

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

pub use guichet_package::policy::operator_key;
pub use guichet_package::policy::{
    AppPattern, Contrast, Day, Hours, Idle, Locale, Mode, Network, PinHash, Policy, PolicyRefusal, SignedPolicy, Staff,
    Start, TerminalName, TimeOfDay,
};
use guichet_package::{policy::MOST_BYTES, trust_file::TRUST_FILE_NAME};
use guichet_trust::sign::PublicKey;

pub use self::{
    error::PolicyError,
    floor::{Offline, offline, time_floor},
    pin::{Door, Knock, LEAST_PIN_DIGITS, MOST_PIN_DIGITS, Unwritten, hash_pin},
};
use crate::home::{make_private_folder, put_private_file};

/// The usual name of the file with the operator's key.
pub const OPERATOR_KEY_NAME: &str = "operator.pub";
/// The most bytes of that file.
const MOST_KEY_BYTES: u64 = 1024;

/// The three files that make a terminal one of a hall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFiles {
    /// The signed policy.
    pub policy: PathBuf,
    /// What the terminal trusts from the beginning.
    pub trust: PathBuf,
    /// The operator's public key.
    pub operator_key: PathBuf,
}

impl PolicyFiles {
    /// A policy, and the others beside it.
    pub fn beside(policy: &Path) -> Self {
        Self {
            policy: policy.to_owned(),
            trust: policy.with_file_name(TRUST_FILE_NAME),
            operator_key: policy.with_file_name(OPERATOR_KEY_NAME),
        }
    }

    /// The key that this terminal's policies are signed with.
    pub fn operator(&self) -> Result<PublicKey, PolicyError> {
        let bytes = read_at_most(&self.operator_key, MOST_KEY_BYTES)?;
        let text = String::from_utf8_lossy(&bytes);
        operator_key(&text).map_err(|refusal| PolicyError::Key { path: self.operator_key.clone(), refusal })
    }

    /// Reads the policy in force, and remembers in the home that this terminal has had it.
    ///
    /// Refused are one that the operator has not signed, one that has ended, and one that is older than, or another than,
    /// what this terminal has had. `now_ms` is raised to when the policy was issued: no clock is behind its own papers.
    pub fn read(&self, home: &Path, now_ms: u64) -> Result<SignedPolicy, PolicyError> {
        let signed = self.verify(&read_at_most(&self.policy, MOST_BYTES * 2)?, home, now_ms)?;
        kept::remember(home, &signed)?;
        Ok(signed)
    }

    /// Puts a newer policy in the place of the present one, if it may take it.
    pub fn replace(&self, bytes: &[u8], home: &Path, now_ms: u64) -> Result<SignedPolicy, PolicyError> {
        let signed = self.verify(bytes, home, now_ms)?;
        // The file first: what was remembered and is not there would be a terminal without a policy.
        put_private_file(&self.policy, bytes)
            .map_err(|why| PolicyError::Unwritable { path: self.policy.clone(), why })?;
        kept::remember(home, &signed)?;
        Ok(signed)
    }

    fn verify(&self, bytes: &[u8], home: &Path, now_ms: u64) -> Result<SignedPolicy, PolicyError> {
        let refuse = |refusal| PolicyError::Refused { path: self.policy.clone(), refusal };
        let signed = SignedPolicy::verify(bytes, &self.operator()?).map_err(refuse)?;
        let now_ms = now_ms.max(signed.policy().issued.as_millis());
        signed.policy().check_current(now_ms).map_err(|refusal| refuse(refusal.into()))?;
        kept::check(home, &signed)?.map_err(|refusal| refuse(refusal.into()))?;
        Ok(signed)
    }
}

fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, PolicyError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    read.map_err(|why| PolicyError::Unreadable { path: path.to_owned(), why })?;
    Ok(bytes)
}

/// Makes the home if it is not there, for what is kept before a host is opened.
fn make_home(home: &Path) -> Result<(), PolicyError> {
    make_private_folder(home).map_err(PolicyError::Home)
}

#[cfg(test)]
mod tests;
