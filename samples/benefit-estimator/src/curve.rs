//! The same household at other incomes: what the chart draws.

use serde::Serialize;

use crate::{
    estimate::{KINDS, Month, ends_at, month},
    household::Household,
    rules::{Rules, Yuan},
};

/// About as many points as the eye can tell apart on the chart.
const POINTS: Yuan = 120;

/// One income and what it would bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Income of the household in a month.
    pub income: Yuan,
    /// What would be paid.
    #[serde(flatten)]
    pub month: Month,
}

/// From no income to beyond where the last payment ends, with the household's own income well inside.
pub fn curve(household: &Household, rules: &Rules) -> Vec<Point> {
    let last_end = KINDS.iter().filter_map(|kind| ends_at(*kind, household, rules)).max().unwrap_or_default();
    let end = (last_end + last_end / 6).max(household.income + household.income / 6).max(3_000);
    let step = (end / POINTS).div_ceil(10) * 10;
    (0..=end.div_ceil(step))
        .map(|at| at * step)
        .map(|income| Point { income, month: month(&household.earning(income), rules) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::household::Fields;

    fn household(income: &str, rent: &str) -> Household {
        Fields {
            area: "urban".to_owned(),
            adults: "2".to_owned(),
            children: "1".to_owned(),
            income: income.to_owned(),
            rent: rent.to_owned(),
            ..Fields::default()
        }
        .read()
        .unwrap()
    }

    #[test]
    fn it_begins_at_nothing_and_ends_beyond_the_last_payment() {
        for (income, rent) in [("0", "0"), ("3200", "900"), ("25000", "900"), ("1000000", "0")] {
            let household = household(income, rent);
            let points = curve(&household, &Rules::current());
            let last = points.last().unwrap();
            assert_eq!(points[0].income, 0);
            assert_eq!(last.month.total(), 0, "{income}");
            assert!(last.income >= household.income, "{income}");
            assert!((60..=POINTS as usize + 2).contains(&points.len()), "{income}: {} points", points.len());
        }
    }

    #[test]
    fn its_points_are_the_calculation_itself() {
        let household = household("3200", "900");
        for point in curve(&household, &Rules::current()) {
            assert_eq!(point.month, month(&household.earning(point.income), &Rules::current()));
        }
    }
}
