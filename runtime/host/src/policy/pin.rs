//! The staff's PIN: hashed slowly, asked for patiently, and every wrong one costs a longer wait.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use argon2::{Algorithm, Argon2, Params, Version};
use guichet_package::policy::PinHash;
use serde::{Deserialize, Serialize};

use crate::{error::HostError, home::put_private_file};

/// The fewest digits of a PIN.
pub const LEAST_PIN_DIGITS: usize = 6;
/// The most.
pub const MOST_PIN_DIGITS: usize = 12;
/// Wrong ones that cost nothing: fingers slip.
const FREE: u32 = 3;
/// The wait after the first that costs something, in milliseconds; it doubles.
const FIRST_WAIT_MS: u64 = 30_000;
/// The longest wait.
const LONGEST_WAIT_MS: u64 = 60 * 60 * 1000;
const NAME: &str = "staff.json";

/// Hashes a PIN with new salt, at the cost OWASP recommends for Argon2id (19 MiB, two passes). None: it is not 6 to 12 digits.
pub fn hash_pin(pin: &str) -> Result<Option<PinHash>, HostError> {
    if !(LEAST_PIN_DIGITS..=MOST_PIN_DIGITS).contains(&pin.len()) || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| HostError::Random)?;
    let mut hash = PinHash { memory: 19 << 10, passes: 2, lanes: 1, salt, hash: [0; 32] };
    hash.hash = compute(&hash, pin).ok_or(HostError::Random)?;
    Ok(Some(hash))
}

/// The same computation again.
fn compute(like: &PinHash, pin: &str) -> Option<[u8; 32]> {
    let params = Params::new(like.memory, like.passes, like.lanes, Some(32)).ok()?;
    let mut out = [0; 32];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(pin.as_bytes(), &like.salt, &mut out).ok().map(|()| out)
}

/// What became of a PIN that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knock {
    /// It is the staff's.
    Open,
    /// It is wrong, and none is looked at before this time.
    Wrong {
        /// In milliseconds since 1970.
        wait_until_ms: u64,
    },
    /// It was not looked at: too many were wrong.
    TooEarly {
        /// In milliseconds since 1970.
        wait_until_ms: u64,
    },
}

/// The way to the page for staff. What was wrong is counted in the home, so restarting the terminal forgives nothing.
#[derive(Debug)]
pub struct Door {
    pin: PinHash,
    path: PathBuf,
    count: Count,
    unwritten: Unwritten,
}

/// What was wrong and could not be written into the home, as on a full disk: it counts until the program ends, at every door that
/// is given the same.
#[derive(Clone, Debug, Default)]
pub struct Unwritten(Arc<Mutex<Option<Count>>>);

impl Unwritten {
    fn count(&self) -> MutexGuard<'_, Option<Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    wrong: u32,
    wait_until_ms: u64,
}

impl Door {
    /// The door of a terminal with this hash of a PIN.
    pub fn new(pin: PinHash, home: &Path, unwritten: &Unwritten) -> Self {
        let path = home.join(NAME);
        let written = || fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let count = unwritten.count().or_else(written).unwrap_or_default();
        Self { pin, path, count, unwritten: unwritten.clone() }
    }

    /// Judges a PIN. Blocks for as long as one hash takes, some tenths of a second.
    pub fn knock(&mut self, pin: &str, now_ms: u64) -> Knock {
        // A clock that was set forward and back must not lock the staff out for longer than the longest wait.
        let wait_until_ms = self.count.wait_until_ms.min(now_ms.saturating_add(LONGEST_WAIT_MS));
        if now_ms < wait_until_ms {
            return Knock::TooEarly { wait_until_ms };
        }
        // Counted before it is judged: cutting the power in between wins no try.
        let wrong = self.count.wrong.saturating_add(1);
        let wait_until_ms = now_ms.saturating_add(wait_ms(wrong));
        self.keep(Count { wrong, wait_until_ms });
        if compute(&self.pin, pin).is_some_and(|hash| is_same(&hash, &self.pin.hash)) {
            self.keep(Count::default());
            return Knock::Open;
        }
        Knock::Wrong { wait_until_ms }
    }

    fn keep(&mut self, count: Count) {
        self.count = count;
        let bytes = serde_json::to_vec(&count).unwrap_or_default();
        let written = put_private_file(&self.path, &bytes);
        *self.unwritten.count() = written.is_err().then_some(count);
        if let Err(error) = written {
            tracing::warn!(%error, "wrong PINs are counted until this program ends");
        }
    }
}

/// How long is waited after so many wrong ones.
fn wait_ms(wrong: u32) -> u64 {
    match wrong.checked_sub(FREE) {
        None | Some(0) => 0,
        Some(more) => FIRST_WAIT_MS.saturating_mul(1 << (more - 1).min(16)).min(LONGEST_WAIT_MS),
    }
}

/// Compares without telling by its time where they differ.
fn is_same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As cheap as a hash may be.
    fn cheap(pin: &str) -> PinHash {
        let like = PinHash { memory: 8 << 10, passes: 1, lanes: 1, salt: [7; 16], hash: [0; 32] };
        PinHash { hash: compute(&like, pin).unwrap(), ..like }
    }

    #[test]
    fn a_pin_is_six_to_twelve_digits() {
        for bad in ["", "12345", "1234567890123", "12345a", "１２３４５６", "123 456"] {
            assert!(hash_pin(bad).unwrap().is_none(), "{bad}");
        }
        let (a, b) = (hash_pin("135790").unwrap().unwrap(), hash_pin("135790").unwrap().unwrap());
        assert_ne!(a, b, "salt");
        assert_eq!(a.to_string().parse::<PinHash>(), Ok(a.clone()));
        assert_eq!(Door::new(a, Path::new("/nowhere"), &Unwritten::default()).knock("135790", 0), Knock::Open);
    }

    #[test]
    fn wrong_ones_cost_more_and_more_and_a_restart_forgives_nothing() {
        let home = tempfile::tempdir().unwrap();
        let mut door = Door::new(cheap("135790"), home.path(), &Unwritten::default());
        let mut now = 1_000;
        for _ in 0..3 {
            assert_eq!(door.knock("000000", now), Knock::Wrong { wait_until_ms: now });
        }
        for wait in [30_000, 60_000, 120_000] {
            assert_eq!(door.knock("000000", now), Knock::Wrong { wait_until_ms: now + wait });
            door = Door::new(cheap("135790"), home.path(), &Unwritten::default());
            let early = Knock::TooEarly { wait_until_ms: now + wait };
            assert_eq!(door.knock("135790", now + wait - 1), early, "even the right one");
            now += wait;
        }
        assert_eq!(door.knock("135790", now), Knock::Open);
        assert_eq!(door.knock("000000", now), Knock::Wrong { wait_until_ms: now }, "and all is forgiven");
    }

    /// A disk that takes nothing any more must not forgive: each question for the PIN begins with a door of its own.
    #[test]
    fn where_nothing_can_be_written_wrong_ones_cost_as_much() {
        let nowhere = Path::new("/nowhere");
        let unwritten = Unwritten::default();
        let knock = |pin: &str, now_ms| Door::new(cheap("135790"), nowhere, &unwritten).knock(pin, now_ms);
        for _ in 0..3 {
            assert_eq!(knock("000000", 1_000), Knock::Wrong { wait_until_ms: 1_000 });
        }
        assert_eq!(knock("000000", 1_000), Knock::Wrong { wait_until_ms: 31_000 });
        assert_eq!(knock("135790", 30_999), Knock::TooEarly { wait_until_ms: 31_000 });
        assert_eq!(knock("135790", 31_000), Knock::Open);
        assert_eq!(knock("000000", 31_000), Knock::Wrong { wait_until_ms: 31_000 }, "and all is forgiven");

        // When there is room again the home has it, and is believed.
        let home = tempfile::tempdir().unwrap();
        for _ in 0..3 {
            Door::new(cheap("135790"), home.path(), &unwritten).knock("000000", 31_000);
        }
        let early = Door::new(cheap("135790"), home.path(), &Unwritten::default()).knock("135790", 31_001);
        assert_eq!(early, Knock::TooEarly { wait_until_ms: 61_000 });
    }

    #[test]
    fn no_wait_is_longer_than_an_hour() {
        assert_eq!((wait_ms(3), wait_ms(4), wait_ms(u32::MAX)), (0, FIRST_WAIT_MS, LONGEST_WAIT_MS));
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(NAME), r#"{"wrong":9,"wait_until_ms":99999999999999}"#).unwrap();
        let mut door = Door::new(cheap("135790"), home.path(), &Unwritten::default());
        assert_eq!(door.knock("135790", 5), Knock::TooEarly { wait_until_ms: 5 + LONGEST_WAIT_MS });
    }
}
