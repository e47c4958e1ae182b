//! The digests TUF lists for a file: SHA-256 in Guichet's own documents; SHA-512 is understood beside or instead of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha512};

use crate::{
    Refusal,
    digest::{Digest, lower_hex},
    refusal::Reason,
};

/// Digests by algorithm, at least one of them of an algorithm that is known here; the others are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Hashes(BTreeMap<String, String>);

impl Hashes {
    /// The SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::named(Digest::of(bytes))
    }

    /// This SHA-256.
    pub fn named(sha256: Digest) -> Self {
        Self(BTreeMap::from([("sha256".to_owned(), sha256.to_string())]))
    }

    /// The SHA-256, if it is listed.
    pub fn sha256(&self) -> Option<Digest> {
        self.0.get("sha256")?.parse().ok()
    }

    /// Whether `bytes` have every listed digest whose algorithm is known (TUF 5.5.2, 5.6.2, 5.7.3).
    pub fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        for (algorithm, expected) in &self.0 {
            let found = match algorithm.as_str() {
                "sha256" => Digest::of(bytes).to_string(),
                "sha512" => hex::encode(Sha512::digest(bytes)),
                _ => continue,
            };
            if found != *expected {
                return Err(Reason::Mismatch { expected: expected.clone(), found }.into());
            }
        }
        Ok(())
    }

    /// The digest that stands in a file's name (TUF 6.2.1).
    pub(crate) fn prefix(&self) -> &str {
        self.0.get("sha256").or_else(|| self.0.get("sha512")).map_or("", String::as_str)
    }
}

impl TryFrom<BTreeMap<String, String>> for Hashes {
    type Error = String;

    fn try_from(hashes: BTreeMap<String, String>) -> Result<Self, String> {
        let of_length = |name: &str, is_hex: fn(&str) -> bool| hashes.get(name).map(|text| (text, is_hex(text)));
        let known = [
            of_length("sha256", |text| lower_hex::<32>(text).is_some()),
            of_length("sha512", |text| lower_hex::<64>(text).is_some()),
        ];
        if let Some((text, _)) = known.iter().flatten().find(|(_, good)| !good) {
            return Err(format!("`{}` is not a digest of its algorithm", text.escape_debug()));
        }
        // What cannot be checked is no digest: refused, not ignored.
        if known.iter().all(Option::is_none) {
            return Err("hashes without sha256 or sha512".to_owned());
        }
        Ok(Self(hashes))
    }
}

impl From<Hashes> for BTreeMap<String, String> {
    fn from(hashes: Hashes) -> Self {
        hashes.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hashes(value: serde_json::Value) -> Result<Hashes, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn every_digest_that_is_understood_must_match() {
        let (good, bad) = (b"target file contents", b"target file content!");
        let sha256 = Digest::of(good).to_string();
        let sha512 = hex::encode(Sha512::digest(good));
        for listed in [
            json!({"sha256": sha256}),
            json!({"sha512": sha512}),
            json!({"sha256": sha256, "sha512": sha512}),
            json!({"sha256": sha256, "sm3": "…"}),
        ] {
            let hashes = hashes(listed.clone()).unwrap();
            assert_eq!(hashes.check(good), Ok(()), "{listed}");
            assert_eq!(hashes.check(bad).unwrap_err().class(), "metadata/digest", "{listed}");
            assert_eq!(serde_json::to_value(&hashes).unwrap(), listed);
        }
        let other = hex::encode(Sha512::digest(bad));
        let mixed = hashes(json!({"sha256": sha256, "sha512": other})).unwrap();
        assert_eq!(mixed.check(good).unwrap_err().class(), "metadata/digest");
    }

    #[test]
    fn digests_that_cannot_be_checked_are_refused() {
        insta::assert_snapshot!(hashes(json!({})).unwrap_err(), @"hashes without sha256 or sha512");
        insta::assert_snapshot!(hashes(json!({"md5": "00"})).unwrap_err(), @"hashes without sha256 or sha512");
        insta::assert_snapshot!(hashes(json!({"sha256": "00"})).unwrap_err(), @"`00` is not a digest of its algorithm");
        let upper = "A".repeat(128);
        assert!(hashes(json!({"sha512": upper})).is_err());
    }
}
