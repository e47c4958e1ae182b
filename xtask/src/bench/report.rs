//! What a bench found: rows of a ratio to a peer's cost, or of a value.

use std::fmt;

use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Report {
    pub(super) bench: String,
    pub(super) commit: String,
    pub(super) rows: Vec<Row>,
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) unit: &'static str,
    #[serde(flatten)]
    pub(super) figure: Figure,
    /// How many times it was measured.
    pub(super) n: usize,
    pub(super) note: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Figure {
    /// Our cost divided by the peer's: lower is better.
    Ratio(Spread),
    Value(Spread),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Spread {
    /// The spread of some measurements; none have none.
    pub(super) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median =
            if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) };
        Some(Self { median: thousandths(median), min: thousandths(min), max: thousandths(max) })
    }
}

impl Spread {
    /// The geometric mean of some ratios, between the best and the worst.
    pub(super) fn geometric(ratios: &[f64]) -> Option<Self> {
        let spread = Self::of(ratios.to_vec())?;
        let mean = ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64;
        Some(Self { median: thousandths(mean.exp()), ..spread })
    }

    /// The worst of some ratios.
    pub(super) fn worst(ratios: &[f64]) -> Option<Self> {
        Self::of(vec![Self::of(ratios.to_vec())?.max])
    }
}

fn thousandths(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} at {}", self.bench, self.commit)?;
        for Row { what, unit, figure, n, note } in &self.rows {
            let (kind, Spread { median, min, max }) = match figure {
                Figure::Ratio(spread) => ("ratio of", spread),
                Figure::Value(spread) => ("in", spread),
            };
            writeln!(f, "  {what:<28} {median:>8} ({min} to {max}), {kind} {unit}, n = {n}")?;
            writeln!(f, "    {note}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0 }));
        assert_eq!(Spread::of(vec![4.0, 1.0]).map(|spread| spread.median), Some(2.5));
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn a_mean_of_ratios_is_geometric() {
        assert_eq!(Spread::geometric(&[0.5, 2.0]), Some(Spread { median: 1.0, min: 0.5, max: 2.0 }));
        assert_eq!(Spread::worst(&[0.5, 2.0, 1.0]).map(|spread| spread.median), Some(2.0));
        assert_eq!(Spread::geometric(&[]), None);
    }

    #[test]
    fn a_row_has_a_ratio_or_a_value() {
        let spread = Spread { median: 1.0, min: 0.5, max: 2.0 };
        let row = |figure| Row { what: "a/b".into(), unit: "wall time", figure, n: 3, note: String::new() };
        let report = Report {
            bench: "a".into(),
            commit: "c".into(),
            rows: vec![row(Figure::Ratio(spread)), row(Figure::Value(spread))],
        };
        let numbers = json!({"median": 1.0, "min": 0.5, "max": 2.0});
        assert_eq!(
            serde_json::to_value(report).unwrap(),
            json!({"bench": "a", "commit": "c", "rows": [
                {"what": "a/b", "unit": "wall time", "ratio": numbers, "n": 3, "note": ""},
                {"what": "a/b", "unit": "wall time", "value": numbers, "n": 3, "note": ""},
            ]})
        );
    }
}
