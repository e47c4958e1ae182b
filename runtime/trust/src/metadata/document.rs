//! A signed document: read strictly, kept as the bytes it came in, judged over their canonical form.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::Expiry;
use crate::{Refusal, canonical, digest::Digest, refusal::Reason};

/// What the signed part of each type of document can say of itself.
pub trait Metadata: Clone + Serialize + DeserializeOwned {
    /// The value of `_type`.
    const TYPE: &'static str;

    /// The members all types share.
    fn header(&self) -> &Header;

    /// The same, to change them.
    fn header_mut(&mut self) -> &mut Header;

    /// The rules of this type that its members alone do not express; what is wrong otherwise.
    fn check(&self) -> Result<(), Refusal>;
}

/// The members all types of documents share (TUF 4.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The type of document.
    #[serde(rename = "_type")]
    pub kind: String,
    /// The version of the specification it is written to.
    pub spec_version: String,
    /// Higher than that of every document it replaces.
    pub version: u64,
    /// When it is no longer to be trusted.
    pub expires: Expiry,
}

/// One signature of a document, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureEntry {
    /// The name of the key that signed.
    pub keyid: String,
    /// The signature in hexadecimal.
    pub sig: String,
}

/// `{"signed", "signatures"}` around any type of document.
#[derive(Deserialize, Serialize)]
pub(crate) struct Envelope {
    pub(crate) signatures: Vec<SignatureEntry>,
    pub(crate) signed: Value,
}

impl Envelope {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let envelope: Self = canonical::parse_as(bytes).map_err(|it| Reason::Format(it.to_string()))?;
        let mut seen = BTreeSet::new();
        // TUF 4.2: multiple signatures with the same keyid are not allowed.
        match envelope.signatures.iter().find(|entry| !seen.insert(&entry.keyid)) {
            Some(entry) => Err(Reason::DuplicateSignature(entry.keyid.clone()).into()),
            None => Ok(envelope),
        }
    }
}

/// A well-formed document and the bytes it was read from; not yet one that anybody trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<T> {
    bytes: Vec<u8>,
    canonical: Vec<u8>,
    signatures: Vec<SignatureEntry>,
    signed: T,
}

impl<T> Document<T> {
    /// The document exactly as it was read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says.
    pub fn signed(&self) -> &T {
        &self.signed
    }

    /// The signatures it carries, good or bad.
    pub fn signatures(&self) -> &[SignatureEntry] {
        &self.signatures
    }

    /// The digest of its bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    pub(crate) fn canonical(&self) -> &[u8] {
        &self.canonical
    }
}

impl<T: Metadata> Document<T> {
    /// Reads a document of type `T`; its signatures are judged by the signers of its role.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Refusal> {
        let Envelope { signatures, signed: value } = Envelope::parse(&bytes)?;
        let canonical = canonical::olpc(&value)?;
        let found = value.get("_type").and_then(Value::as_str).unwrap_or_default();
        if found != T::TYPE {
            return Err(Reason::Type { expected: T::TYPE, found: found.to_owned() }.into());
        }
        let signed: T = serde_json::from_value(value).map_err(|error| Reason::Format(error.to_string()))?;
        let header = signed.header();
        if !header.spec_version.starts_with("1.") {
            return Err(Reason::SpecVersion(header.spec_version.clone()).into());
        }
        if header.version == 0 {
            return Err(Reason::Format("its version is 0".to_owned()).into());
        }
        signed.check()?;
        Ok(Self { bytes, canonical, signatures, signed })
    }

    /// Its version.
    pub fn version(&self) -> u64 {
        self.signed.header().version
    }

    /// When it is no longer to be trusted.
    pub fn expires(&self) -> Expiry {
        self.signed.header().expires
    }

    /// Refuses it if it has expired at `now_ms`.
    pub fn check_expiry(&self, now_ms: u64) -> Result<(), Refusal> {
        if self.expires().is_past(now_ms) {
            return Err(
                Reason::Expired { expires: self.expires().to_string(), now: Expiry::at(now_ms).to_string() }.into()
            );
        }
        Ok(())
    }
}
