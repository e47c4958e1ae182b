//! The logic of the benefit estimator: a household as it was entered in, what it may receive out.

mod curve;
mod estimate;
#[cfg(target_arch = "wasm32")]
mod handlers;
mod household;
mod rules;

use serde::Serialize;

pub use crate::{
    curve::{Point, curve},
    estimate::{Basis, KINDS, Kind, Month, basis, ends_at, month},
    household::{Fields, Household, Problem},
    rules::{Area, RentBracket, Rules, Yuan, percent_of},
};

/// The answer to `estimate`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Some fields are not right yet.
    Problems {
        /// Which, in the order of the form.
        problems: Vec<Problem>,
    },
    /// The estimate.
    Estimate(Box<Estimate>),
}

/// What is shown of an estimate.
#[derive(Debug, Serialize)]
pub struct Estimate {
    /// All payments of a month together.
    pub total: Yuan,
    /// Twelve months of it.
    pub year: Yuan,
    /// Each payment.
    pub lines: Vec<Line>,
    /// The figures in between.
    pub basis: Basis,
    /// Income as it was read.
    pub income: Yuan,
    /// The same household at other incomes.
    pub curve: Vec<Point>,
}

/// One payment.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Which.
    pub kind: Kind,
    /// Yuan a month; may be nothing.
    pub month: Yuan,
    /// The highest income at which it is paid, if income decides.
    pub ends_at: Option<Yuan>,
}

/// Reckons for what was entered.
pub fn answer(fields: &Fields, rules: &Rules) -> Answer {
    let household = match fields.read() {
        Ok(household) => household,
        Err(problems) => return Answer::Problems { problems },
    };
    let month = month(&household, rules);
    let line = |kind| Line { kind, month: month.of(kind), ends_at: ends_at(kind, &household, rules) };
    Answer::Estimate(Box::new(Estimate {
        total: month.total(),
        year: month.total() * 12,
        lines: KINDS.map(line).into(),
        basis: basis(&household, rules),
        income: household.income,
        curve: curve(&household, rules),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(income: &str) -> Fields {
        Fields {
            area: "urban".to_owned(),
            adults: "2".to_owned(),
            babies: "1".to_owned(),
            income: income.to_owned(),
            ..Fields::default()
        }
    }

    #[test]
    fn pages_get_the_problems_or_the_estimate() {
        let told = |fields: &Fields| serde_json::to_value(answer(fields, &Rules::current())).unwrap();
        assert_eq!(told(&fields("much")), serde_json::json!({"problems": [{"field": "income", "problem": "amount"}]}));
        let estimate = told(&fields("2,000"));
        assert_eq!(estimate["lines"][0], serde_json::json!({"kind": "allowance", "month": 1_780, "ends_at": 4_094}));
        assert_eq!(estimate["lines"][3], serde_json::json!({"kind": "childcare", "month": 300, "ends_at": null}));
        assert_eq!(estimate["total"], 1_780 + 232 + 300);
        assert_eq!(estimate["year"], estimate["total"].as_u64().unwrap() * 12);
        assert_eq!(
            estimate["curve"][0],
            serde_json::json!({"income": 0, "allowance": 3_480, "supplement": 232, "rent": 0, "childcare": 300})
        );
    }
}
