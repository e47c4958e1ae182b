//! Days of the Gregorian calendar, counted from 1 January 1970.

use std::{fmt, str::FromStr};

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(i64);

impl Day {
    /// The day after.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Saturday or Sunday. 1 January 1970 was a Thursday.
    pub fn is_weekend(self) -> bool {
        matches!((self.0 + 4).rem_euclid(7), 0 | 6)
    }
}

impl FromStr for Day {
    type Err = ();

    /// Reads `2026-03-02`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let numbers: Vec<i64> = text.split('-').map(|part| part.parse().map_err(drop)).collect::<Result<_, _>>()?;
        let [year, month, day] = numbers[..] else { return Err(()) };
        if !(1900..=2999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(());
        }
        // Years begin in March here, so that the leap day is the last of its year.
        let year_from_march = if month <= 2 { year - 1 } else { year };
        let (era, year_of_era) = (year_from_march.div_euclid(400), year_from_march.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let read = Self(era * 146_097 + day_of_era - 719_468);
        // 30 February would have become a day in March.
        if read.to_string() == text { Ok(read) } else { Err(()) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0 + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_and_written() {
        for text in ["1970-01-01", "2000-02-29", "2026-12-31"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for text in ["", "2026-2-1", "2026-02-30", "2100-02-29", "x-y-z", "2026-13-01"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_weekend_is_saturday_and_sunday() {
        let is_weekend = |text: &str| text.parse::<Day>().unwrap().is_weekend();
        assert!(!is_weekend("2026-03-06"));
        assert!(is_weekend("2026-03-07") && is_weekend("2026-03-08"));
        assert!(!is_weekend("2026-03-09"));
    }
}
