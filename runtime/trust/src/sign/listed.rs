//! Keys as metadata lists them, of the three kinds TUF 4.2 names; each verifies as its scheme says and no other way.

use std::{cmp, fmt};

use p256::{
    ecdsa::signature::Verifier as _,
    pkcs8::{DecodePublicKey as _, EncodePublicKey as _, LineEnding},
};
use rsa::{pss, traits::PublicKeyParts as _};
use sha2::Sha256;

use super::{KeyId, PublicKey, Signature};
use crate::digest::lower_hex;

/// RSA keys of other sizes count for nothing: shorter ones can be broken, longer ones cost more than they protect.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// A key that signs metadata.
///
/// Guichet makes Ed25519 keys; the other two kinds are what tokens, and other repositories, have. Two values are equal
/// if they are the same key, however it was spelled.
#[derive(Clone)]
pub struct ListedKey {
    id: KeyId,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Ed25519(PublicKey),
    EcdsaP256(p256::ecdsa::VerifyingKey),
    RsaPss(Box<pss::VerifyingKey<Sha256>>),
}

impl ListedKey {
    /// The key of `public`, as TUF writes it for this type and scheme: hexadecimal for Ed25519, PEM for the others.
    /// None if the type or scheme is not known here, or the key is not fit to verify with.
    pub(crate) fn read(keytype: &str, scheme: &str, public: &str) -> Option<Self> {
        match (keytype, scheme) {
            ("ed25519", "ed25519") => Some(PublicKey::from_bytes(lower_hex(public)?).ok()?.into()),
            // The first form is that of the specification, the second that of its older text.
            ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => {
                let key = p256::PublicKey::from_public_key_pem(public).ok()?;
                let pem = key.to_public_key_pem(LineEnding::LF).ok()?;
                let id = KeyId::of("ecdsa", &pem, "ecdsa-sha2-nistp256");
                Some(Self { id, kind: Kind::EcdsaP256(key.into()) })
            }
            ("rsa", "rsassa-pss-sha256") => {
                let key = rsa::PublicKey::from_public_key_pem(public).ok()?;
                if !RSA_BITS.contains(&usize::try_from(key.n().bit_width()).ok()?) {
                    return None;
                }
                let pem = key.to_public_key_pem(LineEnding::LF).ok()?;
                let kind = Kind::RsaPss(Box::new(pss::VerifyingKey::new(key)));
                Some(Self { id: KeyId::of("rsa", &pem, "rsassa-pss-sha256"), kind })
            }
            _ => None,
        }
    }

    /// The name of this key: that of its canonical form, whatever metadata calls it.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Whether the holder of this key signed exactly `message`; `signature` is what stands in `sig`.
    pub(crate) fn signed(&self, message: &[u8], signature: &str) -> bool {
        match &self.kind {
            Kind::Ed25519(key) => signature.parse::<Signature>().is_ok_and(|it| key.signed(message, &it)),
            Kind::EcdsaP256(key) => {
                let signature = hex::decode(signature).ok().and_then(|der| p256::ecdsa::Signature::from_der(&der).ok());
                signature.is_some_and(|it| key.verify(message, &it).is_ok())
            }
            Kind::RsaPss(key) => {
                let signature =
                    hex::decode(signature).ok().and_then(|bytes| pss::Signature::try_from(bytes.as_slice()).ok());
                signature.is_some_and(|it| key.verify(message, &it).is_ok())
            }
        }
    }
}

impl From<PublicKey> for ListedKey {
    fn from(key: PublicKey) -> Self {
        Self { id: key.id(), kind: Kind::Ed25519(key) }
    }
}

impl PartialEq for ListedKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for ListedKey {}

impl Ord for ListedKey {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.id.cmp(&other.id)
    }
}

impl PartialOrd for ListedKey {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for ListedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListedKey({})", self.id)
    }
}

#[cfg(test)]
mod tests;
