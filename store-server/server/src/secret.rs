//! Random secrets that are shown once and kept only as digests.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use guichet_trust::digest::Digest;

use crate::error::StoreError;

/// A token or session secret: 256 random bits, so a plain digest of it is safe to keep.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A fresh one.
    pub fn generate() -> Result<Self, StoreError> {
        Ok(Self(format!("gst_{}", URL_SAFE_NO_PAD.encode(entropy()?))))
    }

    /// One that somebody has sent.
    pub fn received(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// What is kept of it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }

    /// The text itself, to hand over once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// 32 random bytes.
pub fn entropy() -> Result<[u8; 32], StoreError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Randomness(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed_by_accident() {
        let secret = Secret::generate().unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_ne!(secret, Secret::generate().unwrap());
        assert_eq!(Secret::received(&format!(" {}\n", secret.reveal())).digest(), secret.digest());
    }
}
