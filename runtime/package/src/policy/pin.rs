//! The hash of the staff's PIN in PHC form; whoever computes it is elsewhere.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};

/// Memory of one computation, in KiB: below, a stolen policy is guessed too soon; above, the terminal has not got it.
const MEMORY: std::ops::RangeInclusive<u32> = 8 << 10..=256 << 10;
/// Passes over the memory.
const PASSES: std::ops::RangeInclusive<u32> = 1..=10;
/// Lanes.
const LANES: std::ops::RangeInclusive<u32> = 1..=4;

/// An Argon2id hash, as `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>` (PHC string format; RFC 9106).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PinHash {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// 16 random bytes.
    pub salt: [u8; 16],
    /// What came out.
    pub hash: [u8; 32],
}

impl FromStr for PinHash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The text is not repeated: a PIN may stand in it by mistake.
        let wrong = || {
            "it is not an argon2id hash in PHC form with 16 bytes of salt and 32 of hash, such as `guichet policy new` writes".to_owned()
        };
        let mut fields = text.strip_prefix("$argon2id$v=19$").ok_or_else(wrong)?.split('$');
        let (Some(costs), Some(salt), Some(hash), None) = (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(wrong());
        };
        let mut costs = costs.split(',');
        let mut cost = |name: &str, bounds: std::ops::RangeInclusive<u32>| {
            let digits = costs.next()?.strip_prefix(name)?.strip_prefix('=')?;
            digits.parse().ok().filter(|number| bounds.contains(number))
        };
        let (Some(memory), Some(passes), Some(lanes)) = (cost("m", MEMORY), cost("t", PASSES), cost("p", LANES)) else {
            return Err(wrong());
        };
        let salt = STANDARD_NO_PAD.decode(salt).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)?;
        let hash = STANDARD_NO_PAD.decode(hash).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)?;
        let read = Self { memory, passes, lanes, salt, hash };
        if read.to_string() == text { Ok(read) } else { Err(wrong()) }
    }
}

impl fmt::Display for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, passes, lanes, salt, hash } = self;
        let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
        write!(f, "$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hash}")
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PinHash(…)")
    }
}

impl TryFrom<String> for PinHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PinHash> for String {
    fn from(hash: PinHash) -> String {
        hash.to_string()
    }
}
