//! Curves as SVG: pure geometry. What is drawn is said in words beside it, and stands in a table below it.

use std::fmt::Write;

// In a drawing of 348 by 216, as its template has it.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 338.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 186.0;
/// Lines across, without the one at the bottom.
const STEPS: u32 = 4;

/// A line across, with what stands at its left.
pub(super) struct Tick {
    pub(super) y: f64,
    pub(super) label: String,
}

/// What stands below the drawing.
pub(super) struct Mark {
    pub(super) x: f64,
    pub(super) label: String,
}

/// One curve: its path, and its last point.
pub(super) struct Line {
    pub(super) path: String,
    pub(super) end: Option<(f64, f64)>,
}

/// A drawing of up to three curves over the same buckets.
pub(super) struct Chart {
    pub(super) lines: Vec<Line>,
    pub(super) ticks: Vec<Tick>,
    pub(super) marks: Vec<Mark>,
}

/// The nearest of 1, 2, 5 times a power of ten that is no less.
fn nice(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= value * 0.999_999);
    step.unwrap_or(10.0) * power
}

impl Chart {
    /// Draws curves of equally many values; a value that is none is not drawn. `label` says what a height is, `names` what
    /// the buckets are called.
    pub(super) fn of(curves: &[Vec<Option<f64>>], names: &[String], label: impl Fn(f64) -> String) -> Self {
        let highest = curves.iter().flatten().flatten().copied().fold(0.0, f64::max);
        let step = nice(highest / f64::from(STEPS));
        let top = step * f64::from(STEPS);
        let count = names.len();
        #[expect(clippy::cast_precision_loss, reason = "a drawing has some hundred pixels")]
        let x = |at: usize| match count {
            0 | 1 => RIGHT,
            _ => LEFT + (RIGHT - LEFT) * at as f64 / (count - 1) as f64,
        };
        let y = |value: f64| BOTTOM - (BOTTOM - TOP) * value / top;
        let line = |curve: &Vec<Option<f64>>| {
            let (mut path, mut end) = (String::new(), None);
            for (at, value) in curve.iter().enumerate() {
                let Some(value) = value else { continue };
                let verb = if end.is_none() { 'M' } else { 'L' };
                let point = (x(at), y(*value));
                // Nothing is wrong with writing into a text.
                let _ = write!(path, "{verb}{:.1},{:.1}", point.0, point.1);
                end = Some(point);
            }
            Line { path, end }
        };
        let tick = |number: u32| {
            let value = step * f64::from(number);
            Tick { y: y(value), label: label(value) }
        };
        // As many names as fit.
        let every = count.div_ceil(5).max(1);
        let marks = (0..count).filter(|at| at % every == 0 || at + 1 == count);
        let marks = marks.filter(|at| at + 1 == count || count - 1 - at > every / 2);
        Self {
            lines: curves.iter().map(line).collect(),
            ticks: (0..=STEPS).map(tick).collect(),
            marks: marks.filter_map(|at| Some(Mark { x: x(at), label: names.get(at)?.clone() })).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_share_a_scale_and_gaps_are_not_drawn() {
        let names: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        let curves = [vec![Some(0.0), Some(50.0), Some(100.0)], vec![None, Some(10.0), Some(20.0)]];
        let chart = Chart::of(&curves, &names, |value| format!("{value:.0}"));
        assert_eq!(
            chart.ticks.iter().map(|tick| tick.label.as_str()).collect::<Vec<_>>(),
            ["0", "50", "100", "150", "200"]
        );
        assert_eq!(chart.lines[0].path, "M46.0,186.0L192.0,142.5L338.0,99.0");
        assert_eq!(chart.lines[1].path, "M192.0,177.3L338.0,168.6");
        assert_eq!(chart.lines[1].end, Some((338.0, 168.6)));
        assert_eq!(chart.marks.iter().map(|mark| mark.label.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn nothing_to_draw_is_drawn() {
        let chart = Chart::of(&[vec![None]], &["now".to_owned()], |value| format!("{value}"));
        assert_eq!((chart.lines[0].path.as_str(), chart.lines[0].end), ("", None));
        assert_eq!((chart.ticks.len(), chart.marks.len()), (5, 1));
        let none = Chart::of(&[], &[], |value| format!("{value}"));
        assert!(none.lines.is_empty() && none.marks.is_empty());
    }

    #[test]
    fn steps_are_round() {
        for (value, step) in [(0.0, 1.0), (0.3, 0.5), (1.0, 1.0), (3.0, 5.0), (12.0, 20.0), (51.0, 100.0)] {
            assert!((nice(value) - step).abs() < 1e-9, "{value}: {}", nice(value));
        }
    }
}
