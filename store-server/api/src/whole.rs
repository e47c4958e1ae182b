//! Whole numbers as JSON has them: `5.0` is one as well as `5` (JSON Schema 2020-12, *Validation*, 6.1.1).

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// 2 to the power of 63: databases have no room for it, and `int64` of the API's description ends before it.
const TOO_LARGE: u64 = 1 << 63;

/// Reads a whole number below 2^63, however it is written.
pub(crate) fn number<'de, D: Deserializer<'de>, N: TryFrom<u64>>(deserializer: D) -> Result<N, D::Error> {
    struct Whole<N>(PhantomData<N>);

    impl<N: TryFrom<u64>> Visitor<'_> for Whole<N> {
        type Value = N;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number that is not negative")
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<N, E> {
            let fits = Some(number).filter(|number| *number < TOO_LARGE).and_then(|number| N::try_from(number).ok());
            fits.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<N, E> {
            // What is too large becomes the largest, and is refused as such.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and not negative")]
            match number.fract() == 0.0 && number >= 0.0 {
                true => self.visit_u64(number as u64),
                false => Err(E::invalid_value(Unexpected::Float(number), &self)),
            }
        }
    }

    deserializer.deserialize_u64(Whole(PhantomData))
}

/// The same, or nothing.
pub(crate) fn maybe<'de, D: Deserializer<'de>, N: TryFrom<u64>>(deserializer: D) -> Result<Option<N>, D::Error> {
    #[derive(Deserialize)]
    #[serde(bound = "N: TryFrom<u64>")]
    struct Whole<N>(#[serde(deserialize_with = "number")] N);

    Ok(Option::<Whole<N>>::deserialize(deserializer)?.map(|Whole(number)| number))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Holds(#[serde(deserialize_with = "super::number")] u64);

    #[test]
    fn a_whole_number_is_read_however_it_is_written() {
        let read = |text: &str| serde_json::from_str::<Holds>(text).map(|Holds(number)| number);
        for (text, number) in [("5", 5), ("5.0", 5), ("5e2", 500), ("0.0", 0), ("9223372036854775807", (1 << 63) - 1)] {
            assert_eq!(read(text).unwrap(), number, "{text}");
        }
        for text in ["5.5", "-1", "-1.0", "9223372036854775808", "9223372036854775808.0", "1e300", "\"5\"", "null"] {
            read(text).unwrap_err();
        }
    }

    #[test]
    fn nothing_is_no_number() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct May(#[serde(deserialize_with = "super::maybe")] Option<u16>);
        let read = |text: &str| serde_json::from_str::<May>(text).map(|May(number)| number);
        assert_eq!((read("null").unwrap(), read("5.0").unwrap()), (None, Some(5)));
        for text in ["65536", "-1", "\"5\""] {
            read(text).unwrap_err();
        }
    }

    #[test]
    fn what_has_no_room_is_refused() {
        #[derive(Debug, Deserialize)]
        struct Small(
            #[expect(dead_code, reason = "only read")]
            #[serde(deserialize_with = "super::number")]
            u32,
        );
        serde_json::from_str::<Small>("4294967296.0").unwrap_err();
        serde_json::from_str::<Small>("4294967295.0").unwrap();
    }
}
