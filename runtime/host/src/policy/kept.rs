//! What a home remembers of the policies that this terminal has had: the highest sequence, and for which terminal.

use std::{fs, io, path::Path};

use guichet_package::policy::{PolicyRefusal, SignedPolicy, TerminalName};
use guichet_trust::digest::Digest;
use serde::{Deserialize, Serialize};

use super::{PolicyError, make_home};
use crate::home::{disk, put_private_file};

const NAME: &str = "policy.json";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    format: u32,
    sequence: u64,
    /// Of the bytes that were signed.
    sha256: Digest,
    terminal: TerminalName,
}

impl Kept {
    fn of(signed: &SignedPolicy) -> Self {
        let policy = signed.policy();
        let sha256 = Digest::of(signed.signed_bytes());
        Self { format: 1, sequence: policy.sequence, sha256, terminal: policy.terminal.clone() }
    }

    fn check(&self, next: &Self) -> Result<(), PolicyRefusal> {
        let sequence = next.sequence;
        if next.terminal != self.terminal {
            let (found, expected) = (next.terminal.clone(), self.terminal.clone());
            return Err(PolicyRefusal::OtherTerminal { found, expected });
        }
        if sequence < self.sequence {
            return Err(PolicyRefusal::Rollback { found: sequence, highest: self.sequence });
        }
        if sequence == self.sequence && next.sha256 != self.sha256 {
            return Err(PolicyRefusal::TwoOfOneNumber { sequence });
        }
        Ok(())
    }
}

/// Whether this terminal may follow a policy after those it has had.
pub(super) fn check(home: &Path, signed: &SignedPolicy) -> Result<Result<(), PolicyRefusal>, PolicyError> {
    Ok(read(home)?.map_or(Ok(()), |kept| kept.check(&Kept::of(signed))))
}

/// Remembers a policy that was checked.
pub(super) fn remember(home: &Path, signed: &SignedPolicy) -> Result<(), PolicyError> {
    let next = Kept::of(signed);
    if read(home)?.as_ref() == Some(&next) {
        return Ok(());
    }
    make_home(home)?;
    let path = home.join(NAME);
    let bytes = serde_json::to_vec(&next).unwrap_or_default();
    put_private_file(&path, &bytes).map_err(|why| PolicyError::Home(disk("remember the policy", &path, why)))
}

/// What was remembered. What cannot be read is an error and not forgotten: a damaged file must not bring an old policy
/// back.
fn read(home: &Path) -> Result<Option<Kept>, PolicyError> {
    let path = home.join(NAME);
    let unreadable = |why| PolicyError::Home(disk("read which policy this terminal has had", &path, why));
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error)),
    };
    let kept = serde_json::from_slice::<Kept>(&bytes).map_err(|error| unreadable(error.into()))?;
    if kept.format != 1 {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, "it is of another format")));
    }
    Ok(Some(kept))
}
