//! The time a document expires, to the second, in the one spelling TUF gives it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A UTC time as `2030-01-01T00:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expiry(u64);

/// 9999-12-30T22:00:00Z, the last time the calendar library knows; four digits of year end a day later.
const LAST: u64 = 253_402_207_200_000;

impl Expiry {
    /// The second in which `milliseconds` since 1970 lie.
    pub fn at(milliseconds: u64) -> Self {
        Self(milliseconds.min(LAST) / 1000 * 1000)
    }

    /// Milliseconds since 1970.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// Whether a document with this expiry is no longer to be trusted (TUF 5.3.10: it MUST be higher than the time).
    pub fn is_past(self, now_ms: u64) -> bool {
        self.0 <= now_ms
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = i64::try_from(self.0).ok().and_then(|it| jiff::Timestamp::from_millisecond(it).ok());
        match time {
            Some(time) => write!(f, "{}", time.strftime("%Y-%m-%dT%H:%M:%SZ")),
            None => write!(f, "{} ms after 1970", self.0),
        }
    }
}

impl TryFrom<String> for Expiry {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let time = text.parse::<jiff::Timestamp>().ok().and_then(|time| u64::try_from(time.as_millisecond()).ok());
        // Only what is written back the same way: jiff reads many more spellings than TUF has.
        time.map(Self::at)
            .filter(|expiry| expiry.to_string() == text)
            .ok_or_else(|| format!("`{text}` is not a time such as 2030-01-01T00:00:00Z"))
    }
}

impl From<Expiry> for String {
    fn from(expiry: Expiry) -> String {
        expiry.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_one_spelling() {
        let text = "2030-01-01T00:00:00Z";
        let expiry = Expiry::try_from(text.to_owned()).unwrap();
        assert_eq!(expiry.as_millis(), 1_893_456_000_000);
        assert_eq!(expiry.to_string(), text);
        assert_eq!(Expiry::at(1_893_456_000_999), expiry);
        for other in [
            "2030-01-01T00:00:00+00:00",
            "2030-01-01T00:00:00.000Z",
            "2030-01-01 00:00:00Z",
            "2030-01-01t00:00:00z",
            "2030-1-1T00:00:00Z",
            "2030-01-01",
            "2030-02-30T00:00:00Z",
            "2030-01-01T24:00:00Z",
            "1969-12-31T23:59:59Z",
            "",
        ] {
            assert!(Expiry::try_from(other.to_owned()).is_err(), "{other}");
        }
    }

    #[test]
    fn a_document_is_expired_from_its_second_on() {
        let expiry = Expiry::at(2_000);
        assert!(!expiry.is_past(1_999));
        assert!(expiry.is_past(2_000));
    }

    #[test]
    fn the_far_future_is_the_end_of_9999() {
        assert_eq!(Expiry::at(u64::MAX).to_string(), "9999-12-30T22:00:00Z");
    }
}
