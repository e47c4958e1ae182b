//! Ed25519 keys and signatures, each signature bound to one purpose; verification is strict and there is one of it.
//!
//! A signature is over `"guichet <purpose> v1\0"`, the payload's length as u64 little-endian, and the payload.

mod public;
mod secret;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use self::{
    public::{KeyId, PublicKey},
    secret::SecretKey,
};
use crate::{Refusal, digest::lower_hex, refusal::Reason};

/// What a signature is for; one made for one purpose is worthless for every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A publisher seals the contents of a package.
    Statement,
    /// A keyholder proves to hold a key that is to be listed.
    Enrolment,
    /// A terminal proves to be the device it enrolled as.
    Session,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: [Self; 3] = [Self::Statement, Self::Enrolment, Self::Session];

    /// The word that stands in what is signed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Enrolment => "enrolment",
            Self::Session => "session",
        }
    }

    /// The bytes that are signed when `payload` is signed for this purpose.
    pub fn message(self, payload: &[u8]) -> Vec<u8> {
        let mut message = format!("guichet {} v1\0", self.word()).into_bytes();
        message.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        message.extend_from_slice(payload);
        message
    }
}

/// An Ed25519 signature; text and JSON form are 128 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Signature([u8; 64]);

impl Signature {
    /// A signature that was kept as bytes; whether it is good shows when it is verified.
    pub fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    pub fn to_bytes(&self) -> [u8; 64] {
        self.0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

impl FromStr for Signature {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        lower_hex(text).map(Self).ok_or_else(|| Reason::SignatureText.into())
    }
}

impl TryFrom<String> for Signature {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<Signature> for String {
    fn from(signature: Signature) -> String {
        signature.to_string()
    }
}
