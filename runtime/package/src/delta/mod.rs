//! Deltas: what a device that holds one container needs to make another.
//!
//! Dictionary and result are the canonical bytes of two `.ma` files. Every delta begins with a magic and the SHA-256 of its
//! dictionary (RFC 9842, sections 4 and 5; ours follows the same form). A delta proves nothing about its result: whoever
//! applies one holds the result against a release document.

mod brotli;
mod index;
#[cfg(feature = "make")]
pub mod make;
mod refusal;
mod script;
#[cfg(feature = "dcz")]
mod zstandard;

use std::{fmt, str::FromStr};

use guichet_trust::digest::Digest;

pub use index::{DeltaEntry, DeltaIndex};
pub use refusal::DeltaRefusal;
pub use script::{Script, Step};

use crate::Refusal;

const DIGEST_LENGTH: usize = 32;

/// How a delta is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// Dictionary-Compressed Brotli (RFC 9842, section 4).
    Dcb,
    /// Dictionary-Compressed Zstandard (RFC 9842, section 5).
    Dcz,
    /// Copies with byte-wise differences, for code whose addresses have moved ([`Script`]).
    Bsdiff,
}

impl Coding {
    /// Every coding.
    pub const ALL: [Self; 3] = [Self::Dcb, Self::Dcz, Self::Bsdiff];

    /// Those that [`apply`] knows in this program.
    pub const KNOWN: &[Self] = if cfg!(feature = "dcz") { &Self::ALL } else { &[Self::Dcb, Self::Bsdiff] };

    /// Its word: the ending of a file, and the content coding of RFC 9842.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dcb => "dcb",
            Self::Dcz => "dcz",
            Self::Bsdiff => "bsdiff",
        }
    }

    /// What stands before the digest of the dictionary.
    fn magic(self) -> &'static [u8] {
        match self {
            Self::Dcb => b"\xffDCB",
            // A skippable frame of Zstandard with 32 bytes in it.
            Self::Dcz => b"\x5e\x2a\x4d\x18\x20\0\0\0",
            Self::Bsdiff => b"\xffGBD",
        }
    }

    /// The beginning of a delta from this dictionary.
    pub fn header(self, dictionary: &Digest) -> Vec<u8> {
        [self.magic(), dictionary.as_bytes()].concat()
    }

    /// What follows the header of a delta, which must be one from this dictionary.
    pub fn payload<'a>(self, delta: &'a [u8], dictionary: &Digest) -> Result<&'a [u8], DeltaRefusal> {
        let header = delta.strip_prefix(self.magic()).and_then(|rest| rest.split_at_checked(DIGEST_LENGTH));
        let (found, payload) = header.ok_or(DeltaRefusal::NotADelta { coding: self })?;
        if found == dictionary.as_bytes() { Ok(payload) } else { Err(DeltaRefusal::OtherDictionary) }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No coding has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a coding of deltas")]
pub struct UnknownCoding;

impl FromStr for Coding {
    type Err = UnknownCoding;

    fn from_str(text: &str) -> Result<Self, UnknownCoding> {
        Self::ALL.into_iter().find(|coding| coding.as_str() == text).ok_or(UnknownCoding)
    }
}

/// A container to apply deltas to, with its digest. Whoever holds it has made sure of the digest.
#[derive(Clone, Copy, Debug)]
pub struct Dictionary<'a> {
    /// The container.
    pub bytes: &'a [u8],
    /// Its digest.
    pub digest: Digest,
}

/// Applies a delta: a result of exactly `length` bytes, or a refusal. No more than three times as much is held at once.
///
/// A `dcz` is known only with the feature of that name.
pub fn apply(coding: Coding, dictionary: Dictionary<'_>, delta: &[u8], length: u64) -> Result<Vec<u8>, Refusal> {
    let payload = coding.payload(delta, &dictionary.digest)?;
    let length = usize::try_from(length).map_err(|_| DeltaRefusal::TooLarge { most: u64::MAX })?;
    let result = match coding {
        Coding::Dcb => brotli::decode_in_place(dictionary.bytes, payload, length)?,
        Coding::Bsdiff => {
            let script = brotli::decode(dictionary.bytes, payload, Script::most_bytes(length))?;
            Script::parse(&script)?.run(dictionary.bytes, length)?
        }
        #[cfg(feature = "dcz")]
        Coding::Dcz => zstandard::decode(dictionary.bytes, payload, length)?,
        #[cfg(not(feature = "dcz"))]
        Coding::Dcz => return Err(DeltaRefusal::NotADelta { coding }.into()),
    };
    if result.len() == length {
        Ok(result)
    } else {
        Err(DeltaRefusal::OtherLength { expected: length as u64, found: result.len() as u64 }.into())
    }
}
