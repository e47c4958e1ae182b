//! Public keys: a value of this type is a canonical point of the prime-order group, so no second key verifies alike.

use std::{cmp, fmt, hash, str::FromStr};

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use super::{Message, Purpose, Signature};
use crate::{
    Refusal,
    digest::{Digest, lower_hex},
    refusal::Reason,
};

/// An Ed25519 public key; its text and JSON form is `ed25519:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Takes a key that may be listed; weak keys, second encodings and keys with a torsion part are refused.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, Refusal> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| Reason::KeyText(tagged(&bytes)))?;
        let point = key.to_edwards();
        if point.compress().to_bytes() != bytes {
            return Err(Reason::KeyEncoding.into());
        }
        if key.is_weak() {
            return Err(Reason::KeyWeak.into());
        }
        if !point.is_torsion_free() {
            return Err(Reason::KeyTorsion.into());
        }
        Ok(Self(key))
    }

    /// The 32 bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The name of this key in seals and metadata.
    pub fn id(&self) -> KeyId {
        KeyId::of("ed25519", &hex::encode(self.to_bytes()), "ed25519")
    }

    /// Whether the holder of this key signed `payload` for `purpose`.
    pub fn verify(&self, purpose: Purpose, payload: &[u8], signature: &Signature) -> Result<(), Refusal> {
        self.check(&purpose.message(payload), signature)
    }

    /// Whether the holder of this key signed `message`: what a token says it signed is judged here before it is used.
    pub fn check(&self, message: &Message, signature: &Signature) -> Result<(), Refusal> {
        if self.signed(message.bytes(), signature) {
            Ok(())
        } else {
            Err(Reason::Signature { key: self.id().to_string() }.into())
        }
    }

    /// Whether the holder of this key signed exactly `message`: the one call of a verifier in the product.
    pub(crate) fn signed(&self, message: &[u8], signature: &Signature) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.to_bytes())).is_ok()
    }

    pub(super) fn of(key: &ed25519_dalek::SigningKey) -> Self {
        // A clamped scalar times the base point: never weak, canonical and torsion-free by construction.
        Self(key.verifying_key())
    }
}

fn tagged(bytes: &[u8; 32]) -> String {
    format!("ed25519:{}", hex::encode(bytes))
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tagged(&self.to_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl hash::Hash for PublicKey {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.to_bytes().hash(state);
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.to_bytes().cmp(&other.to_bytes())
    }
}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for PublicKey {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let bytes = text.strip_prefix("ed25519:").and_then(lower_hex);
        Self::from_bytes(bytes.ok_or_else(|| Reason::KeyText(text.to_owned()))?)
    }
}

impl TryFrom<String> for PublicKey {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> String {
        key.to_string()
    }
}

/// The name of a public key: SHA-256 of its algorithm tag and its bytes, in the form TUF gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(Digest);

impl KeyId {
    /// The digest of the key's canonical form in TUF metadata (section 4.2): algorithm tag and key in one.
    pub(super) fn of(keytype: &str, public: &str, scheme: &str) -> Self {
        let key = format!(r#"{{"keytype":"{keytype}","keyval":{{"public":"{public}"}},"scheme":"{scheme}"}}"#);
        Self(Digest::of(key.as_bytes()))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// An id that was kept as bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Digest::from_bytes(bytes))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for KeyId {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod vectors;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hex: &str, class: &str) {
        let refused = format!("ed25519:{hex}").parse::<PublicKey>().map_err(|refusal| refusal.class());
        assert_eq!(refused, Err(class), "{hex}");
    }

    #[test]
    fn small_order_points_are_no_keys() {
        for point in [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ] {
            check(point, "key/weak");
        }
    }

    #[test]
    fn second_encodings_are_no_keys() {
        for point in [
            // y = p + 0, 1, 3, 4 and 18; and x = 0 with a sign.
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "f1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000080",
        ] {
            check(point, "key/encoding");
        }
    }

    #[test]
    fn points_with_a_small_order_part_are_no_keys() {
        // n times the base point plus a point of order 8, and of order 2.
        for point in [
            "d0424b701d60255de5df705071059ccd22b8349bb4138202ebbd65e9e0ad211b",
            "003789297ce02defa2f4bc7635d1d7ce99b96d76eb91d31f905101674ddab720",
            "40a4cf5c611d737a2f1c6fcca84d9cabfed80987f186a5a6c57e629bff1af27f",
            "feaf9d07b868cc52786305312c376563c622b0386a10d105e3c1501b28d65f7e",
        ] {
            check(point, "key/torsion");
        }
    }

    #[test]
    fn a_key_has_one_text() {
        let good = "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let key: PublicKey = good.parse().unwrap();
        assert_eq!(key.to_string(), good);
        assert_eq!(serde_json::from_str::<PublicKey>(&format!("\"{good}\"")).unwrap(), key);
        let upper = good.replace('d', "D");
        for bad in
            ["", "ed25519:", &good[8..], &good[..70], &upper, &good.replace("ed25519", "sm2"), &format!("{good} ")]
        {
            assert_eq!(bad.parse::<PublicKey>().unwrap_err().class(), "key/format", "{bad}");
        }
        // y = 2 is on no point.
        check("0200000000000000000000000000000000000000000000000000000000000000", "key/format");
    }
}
