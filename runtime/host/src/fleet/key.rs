//! A terminal's own key: it says who the terminal is, and can say nothing else.

use std::{fs, io, path::Path};

use guichet_trust::sign::{PublicKey, Purpose, SecretKey, Signature};

use super::{FleetError, put};
use crate::home::{disk, random};

pub(super) const NAME: &str = "terminal.key";
/// What makes the file another one than a person's key file: no program that seals or approves reads it.
const MARK: &str = "{\"use\":\"terminal\",";

/// Signs for two purposes, and for no others.
#[derive(Debug)]
pub(super) struct DeviceKey(SecretKey);

impl DeviceKey {
    /// The key of this home, if there is one.
    pub(super) fn open(home: &Path) -> Result<Option<Self>, FleetError> {
        let path = home.join(NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FleetError::Disk(disk("read the terminal's key", &path, error))),
        };
        let key = text.strip_prefix(MARK).and_then(|rest| SecretKey::from_file(&format!("{{{rest}")).ok());
        key.map(|key| Some(Self(key))).ok_or(FleetError::KeyLost { path })
    }

    /// The same, made now if there is none: one from an enrolment that did not come to its end is used again.
    pub(super) fn open_or_make(home: &Path) -> Result<Self, FleetError> {
        if let Some(key) = Self::open(home)? {
            return Ok(key);
        }
        let key = SecretKey::generate(random().map_err(FleetError::Disk)?);
        let text = key.to_file();
        put(&home.join(NAME), format!("{MARK}{}", text.trim_start_matches('{')).as_bytes())?;
        Ok(Self(key))
    }

    pub(super) fn public(&self) -> PublicKey {
        self.0.public()
    }

    /// Proves that this terminal has the key, to a store that does not know it yet.
    pub(super) fn prove(&self, proof: &[u8]) -> Signature {
        self.0.sign(Purpose::Enrolment, proof)
    }

    /// Signs what the terminal tells.
    pub(super) fn tell(&self, report: &[u8]) -> Signature {
        self.0.sign(Purpose::Session, report)
    }
}

#[cfg(test)]
mod tests {
    use guichet_package::{Seals, SignedPolicy};

    use super::*;

    #[test]
    fn a_terminals_key_is_its_own_and_no_other_programs() {
        let home = tempfile::tempdir().unwrap();
        let made = DeviceKey::open_or_make(home.path()).unwrap();
        assert_eq!(DeviceKey::open_or_make(home.path()).unwrap().public(), made.public());
        let text = fs::read_to_string(home.path().join(NAME)).unwrap();
        assert_eq!(SecretKey::from_file(&text).unwrap_err().class(), "key/file", "nothing that seals reads it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(home.path().join(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(home.path().join(NAME), SecretKey::generate([1; 32]).to_file()).unwrap();
        assert_eq!(
            DeviceKey::open(home.path()).unwrap_err().class(),
            "terminal/key-lost",
            "nor is a person's key read"
        );
    }

    /// Whatever a terminal signs is worthless as a seal, as a policy, and as each other.
    #[test]
    fn what_a_terminal_signs_seals_nothing() {
        let home = tempfile::tempdir().unwrap();
        let key = DeviceKey::open_or_make(home.path()).unwrap();
        let bytes = br#"{"format":1}"#;
        for signature in [key.prove(bytes), key.tell(bytes)] {
            assert!(key.public().check(&Seals::message(bytes), &signature).is_err());
            assert!(key.public().check(&SignedPolicy::message(bytes), &signature).is_err());
        }
        assert!(key.public().verify(Purpose::Session, bytes, &key.prove(bytes)).is_err());
        assert!(key.public().verify(Purpose::Session, bytes, &key.tell(bytes)).is_ok());
    }
}
