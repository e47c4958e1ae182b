//! Ed25519 keys and signatures, each signature bound to one purpose; verification is strict and there is one of it.
//!
//! A signature is over `"guichet <purpose> v1\0"`, the payload's length as u64 little-endian, and the payload.

mod listed;
mod public;
mod secret;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use self::{
    listed::ListedKey,
    public::{KeyId, PublicKey},
    secret::SecretKey,
};
use crate::{Refusal, digest::lower_hex, refusal::Reason};

/// What a signature is for; one made for one purpose is worthless for every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A publisher seals the contents of a package.
    Statement,
    /// A keyholder proves to hold a key that is to be listed, a terminal one that it is to be known by.
    Enrolment,
    /// A terminal proves to be the device it enrolled as.
    Session,
    /// The operator of terminals signs what one of them is for.
    Policy,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: [Self; 4] = [Self::Statement, Self::Enrolment, Self::Session, Self::Policy];

    /// The word that stands in what is signed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Statement => "statement",
            Self::Enrolment => "enrolment",
            Self::Session => "session",
            Self::Policy => "policy",
        }
    }

    /// What is signed when `payload` is signed for this purpose.
    pub fn message(self, payload: &[u8]) -> Message {
        let mut message = format!("guichet {} v1\0", self.word()).into_bytes();
        message.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        message.extend_from_slice(payload);
        Message(message)
    }
}

/// Exactly what a key is asked to sign: a payload for a [`Purpose`], or the signed part of a TUF document.
///
/// Only this room makes one, so a key that lives elsewhere, on a token, cannot be made to sign anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(Vec<u8>);

impl Message {
    /// The signed part of a TUF document; made where documents are edited.
    pub(crate) fn of_document(canonical: Vec<u8>) -> Self {
        Self(canonical)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn signatures_are_those_of_rfc_8032() {
        // Section 7.1, tests 1 to 3: secret, public, message, signature.
        for (secret, public, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                "af82",
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
            ),
        ] {
            let secret = SecretKey::generate(bytes(secret));
            let message = hex::decode(message).unwrap();
            assert_eq!(secret.public().to_bytes(), bytes(public));
            assert_eq!(secret.sign_exactly(&message), signature.parse().unwrap());
            assert!(secret.public().signed(&message, &signature.parse().unwrap()));
        }
    }

    #[test]
    fn a_signature_has_one_spelling() {
        let secret = SecretKey::generate([7; 32]);
        let signature = secret.sign_exactly(b"message").to_bytes();
        let good = |signature| secret.public().signed(b"message", &Signature::from_bytes(signature));
        assert!(good(signature));
        for bit in 0..512 {
            let mut other = signature;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!good(other), "bit {bit}");
        }
        // S + L is the same scalar in a second spelling (RFC 8032, 5.1.7).
        let order = bytes::<32>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        let mut other = signature;
        let mut carry = 0;
        for (byte, add) in other[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        assert!(!good(other), "S + L");
        // R = identity, S = 0: what a small-order key would accept for everything.
        let mut identity = [0; 64];
        identity[0] = 1;
        assert!(!good(identity));
        assert!(!good([0; 64]));
        assert!(!good([0xff; 64]));
    }

    #[test]
    fn a_signature_serves_one_purpose() {
        let secret = SecretKey::generate([1; 32]);
        for made in Purpose::ALL {
            let signature = secret.sign(made, b"payload");
            for used in Purpose::ALL {
                let judged = secret.public().verify(used, b"payload", &signature);
                assert_eq!(judged.is_ok(), made == used, "{made:?} used as {used:?}");
            }
            assert!(secret.public().verify(made, b"payloaD", &signature).is_err());
            assert!(SecretKey::generate([2; 32]).public().verify(made, b"payload", &signature).is_err());
            assert!(!secret.public().signed(b"payload", &signature));
        }
    }

    #[test]
    fn payloads_cannot_lend_bytes_to_the_purpose() {
        assert_eq!(Purpose::Statement.message(b"ab").bytes(), b"guichet statement v1\0\x02\0\0\0\0\0\0\0ab");
        assert_ne!(Purpose::Statement.message(b"a"), Purpose::Statement.message(b"a\0"));
    }
}
