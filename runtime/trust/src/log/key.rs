//! Who signs checkpoints: the log with an Ed25519 note key, a witness with a timestamped cosignature key.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Checkpoint, LogReason, note::NoteSignature};
use crate::{
    Refusal,
    digest::Digest,
    sign::{PublicKey, SecretKey, Signature},
};

/// What a key of this kind says when it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// This is the log's tree (`signed-note`, type 0x01).
    Log,
    /// I have seen this tree at this time, and it began with every one I saw before (`tlog-cosignature`, type 0x04).
    Witness,
}

impl Role {
    fn byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Log => "a log's key (type 0x01)",
            Self::Witness => "a witness' key (type 0x04)",
        }
    }
}

/// A name and a public key, written `<name>+<8 hex>+<base64 of type and key>` (`signed-note`, verifier keys).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    role: Role,
    key: PublicKey,
}

impl VerifierKey {
    /// A key under a name: not empty, without white space, control characters and `+`.
    pub fn new(name: &str, role: Role, key: PublicKey) -> Result<Self, Refusal> {
        if !is_name(name) {
            return Err(LogReason::KeyName(name.to_owned()).into());
        }
        let mut named = format!("{name}\n").into_bytes();
        named.push(role.byte());
        named.extend_from_slice(&key.to_bytes());
        let [a, b, c, d, ..] = *Digest::of(&named).as_bytes();
        Ok(Self { name: name.to_owned(), id: [a, b, c, d], role, key })
    }

    /// The name that stands on the signature line.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs as.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The key itself; two names of one key are one signer.
    pub fn public(&self) -> PublicKey {
        self.key
    }

    /// The same key, if it has this role.
    pub fn as_role(self, role: Role) -> Result<Self, Refusal> {
        if self.role == role {
            Ok(self)
        } else {
            Err(LogReason::KeyRole { name: self.name, wanted: role.word() }.into())
        }
    }

    /// Whether a signature line is by this key, by name and id.
    pub(super) fn made(&self, signature: &NoteSignature) -> bool {
        signature.name == self.name && signature.id == self.id
    }

    /// Whether a signature of this key over `text` is good; for a witness with the time it names, in seconds since 1970.
    pub(super) fn verify(&self, text: &str, signature: &[u8]) -> Option<u64> {
        let (time, bytes) = match self.role {
            Role::Log => (0, signature),
            Role::Witness => {
                let (time, bytes) = signature.split_first_chunk()?;
                (u64::from_be_bytes(*time), bytes)
            }
        };
        let signature = Signature::from_bytes(bytes.try_into().ok()?);
        let is_good = match self.role {
            Role::Log => self.key.signed(text.as_bytes(), &signature),
            Role::Witness => i64::try_from(time).is_ok() && self.key.signed(&cosigned(text, time), &signature),
        };
        is_good.then_some(time)
    }
}

/// What a witness signs.
fn cosigned(text: &str, time: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.role.byte()];
        bytes.extend_from_slice(&self.key.to_bytes());
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id), STANDARD.encode(bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::from(LogReason::Key(text.to_owned()));
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(wrong()) };
        let bytes = STANDARD.decode(key).map_err(|_| wrong())?;
        let (kind, key) = bytes.split_first().ok_or_else(wrong)?;
        let role = [Role::Log, Role::Witness].into_iter().find(|role| role.byte() == *kind).ok_or_else(wrong)?;
        let key = PublicKey::from_bytes(key.try_into().map_err(|_| wrong())?)?;
        let key = Self::new(name, role, key)?;
        if key.to_string() == text { Ok(key) } else { Err(wrong()) }
    }
}

/// A log's secret key and name.
#[derive(Clone, Debug)]
pub struct LogSigner {
    key: VerifierKey,
    secret: SecretKey,
}

impl LogSigner {
    /// A log of this origin.
    pub fn new(origin: &str, secret: SecretKey) -> Result<Self, Refusal> {
        Ok(Self { key: VerifierKey::new(origin, Role::Log, secret.public())?, secret })
    }

    /// What others verify with.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The checkpoint of a tree, signed. The caller sees to it that no tree is ever signed that does not begin with all
    /// that were signed before.
    pub fn sign(&self, size: u64, root: Digest) -> super::SignedNote {
        let text = Checkpoint { origin: self.key.name.clone(), size, root }.to_text();
        let signature = self.secret.sign_exactly(text.as_bytes()).to_bytes().to_vec();
        super::SignedNote::new(text, vec![NoteSignature { name: self.key.name.clone(), id: self.key.id, signature }])
    }
}

/// A witness' secret key and name.
#[derive(Clone, Debug)]
pub struct WitnessSigner {
    key: VerifierKey,
    secret: SecretKey,
}

impl WitnessSigner {
    /// A witness of this name.
    pub fn new(name: &str, secret: SecretKey) -> Result<Self, Refusal> {
        Ok(Self { key: VerifierKey::new(name, Role::Witness, secret.public())?, secret })
    }

    /// What others verify with.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Says of a checkpoint that this witness saw it at `time`, in seconds since 1970, consistent with all before. Whether
    /// that is so is the caller's to check.
    pub fn cosign(&self, note: &super::SignedNote, time: u64) -> Result<NoteSignature, Refusal> {
        Checkpoint::parse(note.text())?;
        let mut signature = time.to_be_bytes().to_vec();
        signature.extend_from_slice(&self.secret.sign_exactly(&cosigned(note.text(), time)).to_bytes());
        Ok(NoteSignature { name: self.key.name.clone(), id: self.key.id, signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_text() {
        let secret = SecretKey::generate([9; 32]);
        for role in [Role::Log, Role::Witness] {
            let key = VerifierKey::new("log.example/guichet", role, secret.public()).unwrap();
            let text = key.to_string();
            assert_eq!(text.parse::<VerifierKey>().unwrap(), key);
            assert_eq!(text.parse::<VerifierKey>().unwrap().as_role(role).unwrap(), key);
            let class = |text: &str| text.parse::<VerifierKey>().unwrap_err().class();
            assert_eq!(class(&text.replace("log.example", "log.exampl")), "log/key", "the id is that of another name");
            assert_eq!(class(&text.replacen('+', " ", 1)), "log/key");
            assert_eq!(class(&format!("{text}=")), "log/key");
            assert_eq!(class(""), "log/key");
            assert_eq!(class("a+b"), "log/key");
        }
        let log = VerifierKey::new("a", Role::Log, secret.public()).unwrap();
        assert_eq!(log.as_role(Role::Witness).unwrap_err().class(), "log/key");
    }

    #[test]
    fn names_cannot_break_a_line() {
        let public = SecretKey::generate([9; 32]).public();
        for bad in ["", "a b", "a+b", "a\nb", "a\u{a0}b", "a\u{2003}b", "a\0b"] {
            assert_eq!(VerifierKey::new(bad, Role::Log, public).unwrap_err().class(), "log/key", "{bad:?}");
        }
    }
}
