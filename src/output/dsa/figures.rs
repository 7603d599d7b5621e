//! Figures of a deterministic sensitivity analysis: tornado diagrams, one-way net benefit lines and the two-way map.

use crate::analysis::sensitivity::net_benefit::benefit;
use crate::analysis::sensitivity::one_way::OneWay;
use crate::analysis::sensitivity::two_way::TwoWay;
use crate::analysis::sensitivity::{Setting, Swept};
use crate::model::Model;
use crate::output::amounts::places;
use crate::output::amounts::short;
use crate::output::figures::{
    Figure, FigureMeta, Mark, SensitivityLine, SensitivityLinesFigure, TornadoBar, TornadoFigure,
    TwoWayFigure, figure_amount, sensitivity_lines_figure, tornado_figure, two_way_figure,
};
use crate::output::prices::drawn_price;
use crate::output::strategies::drawn;

/// Typographic minus sign for printed numbers.
const MINUS: &str = "\u{2212}";
/// Largest number of bars in a tornado diagram.
const BARS: usize = 15;
/// Largest number of strategies that one figure can distinguish.
const MOST: usize = 8;

/// The parts that all figures of an analysis share.
pub struct Frame<'a> {
    /// The settings of the analysis.
    pub setting: &'a Setting<'a>,
    /// Footer with the provenance of the figures.
    pub footer: String,
}

impl Frame<'_> {
    fn model(&self) -> &Model {
        self.setting.model
    }

    pub(super) fn money(&self) -> &str {
        &self.model().outcomes[self.setting.decision.cost].unit
    }

    /// The leading threshold with its unit, such as `GBP 25 000 per QALY`.
    pub(super) fn threshold(&self) -> String {
        drawn_price(self.model(), self.setting.decision, self.setting.thresholds[0])
    }

    /// Name, title, footer and watermark of a figure that shows these strategies.
    pub(super) fn meta(&self, name: String, title: String, shown: &[usize]) -> FigureMeta {
        let hypothetical = shown.iter().any(|&s| self.model().strategies[s].hypothetical);
        FigureMeta {
            name,
            title,
            footer: self.footer.clone(),
            watermark: hypothetical.then(|| "HYPOTHETICAL".to_string()),
        }
    }

    /// Axis title for a parameter: its label or name, and its unit.
    fn axis(&self, parameter: usize) -> String {
        let row = &self.setting.rows[parameter];
        match row.unit.as_str() {
            "" => row.in_words().to_string(),
            unit => format!("{} ({unit})", row.in_words()),
        }
    }
}

/// One tornado diagram (F12) for each of the given strategies versus the reference, at the leading threshold.
pub fn tornados(frame: &Frame, one: &OneWay, strategies: &[usize]) -> Vec<Figure> {
    let (setting, model) = (frame.setting, frame.model());
    let reference = model.reference();
    let label = |s: usize| &model.strategies[s].label;
    let mut all = Vec::new();
    for &s in strategies {
        let swings = one.swings(setting, (s, reference), setting.thresholds[0]);
        let name = format!("tornado_{}", model.strategies[s].name);
        let mut bars = Vec::new();
        let mut base = 0.0;
        for swing in swings.iter().filter(|swing| swing.swing.is_some_and(|x| x > 0.0)).take(BARS) {
            let row = &setting.rows[swing.parameter];
            let (Some(at_low), Some(at_high), Some((low, high))) =
                (swing.at[0], swing.at[1], row.low.zip(row.high))
            else {
                continue;
            };
            base = swing.base;
            let end = |x: f64| {
                let value = row.in_table(x);
                Mark { value, label: short(value).replace('-', MINUS) }
            };
            bars.push(TornadoBar {
                parameter: row.name.clone(),
                unit: row.unit.clone(),
                name: frame.axis(swing.parameter),
                at_low,
                at_high,
                low: end(low),
                high: end(high),
                flips: swing.decision_changes == Some(true),
            });
        }
        if bars.is_empty() {
            continue;
        }
        let digits = places(frame.money(), base.abs().max(1000.0));
        all.push(tornado_figure(&TornadoFigure {
            meta: frame.meta(
                name,
                format!("{} versus {}: one-way sensitivity analysis", label(s), label(reference)),
                &[s, reference],
            ),
            x_title: format!("Incremental net benefit at {} ({})", frame.threshold(), frame.money()),
            places: digits,
            base,
            base_label: format!("Base: {}", figure_amount(base, digits)),
            zero_label: Some("No difference".into()),
            ends: ("Parameter at its low value".into(), "Parameter at its high value".into()),
            flip_note: "another strategy has the highest net benefit at one end".into(),
            bars,
        }));
    }
    all
}

/// Net benefit of every decision option over the range of one parameter (F13), one figure per parameter.
pub fn lines(frame: &Frame, swept: &[Swept]) -> Vec<Figure> {
    let (setting, model) = (frame.setting, frame.model());
    let threshold = setting.thresholds[0];
    let shown: Vec<usize> =
        (0..model.strategies.len()).filter(|&s| !model.strategies[s].bound).take(MOST).collect();
    let draw = |one: &Swept| {
        let row = &setting.rows[one.parameter];
        let name = format!("one_way_{}", row.name);
        let mut most: f64 = 0.0;
        let mut best_at: Vec<(f64, usize)> = Vec::new();
        let values: Vec<f64> = one.values.iter().map(|&x| row.in_table(x)).collect();
        for (&value, outcome) in values.iter().zip(&one.outcomes) {
            if let Ok(totals) = outcome {
                let worth = |s: usize| benefit(setting.decision, &totals[s], threshold);
                let better = |a: usize, b: usize| if worth(b) > worth(a) { b } else { a };
                if let Some(best) = shown.iter().copied().reduce(better) {
                    best_at.push((value, best));
                }
            }
        }
        let series = shown.iter().map(|&s| SensitivityLine {
            strategy: drawn(model, s),
            points: (values.iter().zip(&one.outcomes))
                .map(|(&value, outcome)| {
                    let worth = outcome.as_ref().ok().map(|t| benefit(setting.decision, &t[s], threshold));
                    most = worth.map_or(most, |worth| most.max(worth.abs()));
                    (value, worth)
                })
                .collect(),
        });
        let series: Vec<SensitivityLine> = series.collect();
        let switches = best_at.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| {
            let value = crossing(&series, &shown, pair);
            Mark { value, label: short(significant(value)) }
        });
        sensitivity_lines_figure(&SensitivityLinesFigure {
            switches: switches.collect(),
            series,
            meta: frame.meta(name, format!("Net benefit over {}", row.in_words()), &shown),
            x_title: frame.axis(one.parameter),
            y_title: format!("Net monetary benefit at {} ({})", frame.threshold(), frame.money()),
            places: places(frame.money(), most),
            base: Some(Mark {
                value: row.in_table(row.base),
                label: format!("Base: {}", short(row.in_table(row.base))),
            }),
        })
    };
    swept.iter().map(draw).collect()
}

/// The parameter value at which the net benefit lines of two strategies cross, between two adjacent values.
fn crossing(series: &[SensitivityLine], shown: &[usize], pair: &[(f64, usize)]) -> f64 {
    let [(left, a), (right, b)] = [pair[0], pair[1]];
    let at = |s: usize, x: f64| {
        let line = shown.iter().position(|&t| t == s).map(|i| &series[i]);
        let points = line.map(|line| &line.points[..]).unwrap_or_default();
        points.iter().find(|p| p.0 == x).and_then(|p| p.1).unwrap_or(0.0)
    };
    let (before, after) = (at(a, left) - at(b, left), at(b, right) - at(a, right));
    match before + after > 0.0 {
        true => left + (right - left) * before / (before + after),
        false => 0.5 * (left + right),
    }
}

/// The value rounded to three significant digits, because a crossing found by linear interpolation is no more accurate.
fn significant(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

/// The map of the best strategy over two parameters (F13); none if the model is invalid at any point of the grid.
pub fn map(frame: &Frame, grid: &TwoWay) -> Option<Figure> {
    let (setting, model) = (frame.setting, frame.model());
    let offered: Vec<usize> = match grid.pair {
        Some((strategy, against)) => vec![against, strategy],
        None => (0..model.strategies.len()).filter(|&s| !model.strategies[s].bound).take(MOST).collect(),
    };
    let title = match grid.pair {
        None => format!("Strategy with the highest net benefit at {}", frame.threshold()),
        Some((strategy, against)) => format!(
            "{} or {}: which has the higher net benefit at {}",
            model.strategies[strategy].label,
            model.strategies[against].label,
            frame.threshold()
        ),
    };
    let [a, b] = grid.parameters;
    let shown = [a, b].map(|p| &setting.rows[p]);
    let [xs, ys] = [0, 1].map(|i| {
        let values = grid.values[i].iter();
        values.map(|&x| shown[i].in_table(x)).collect::<Vec<f64>>()
    });
    let best_at = |i: usize, j: usize| {
        let found = grid.best(setting, (i, j), setting.thresholds[0]);
        offered.iter().position(|&s| Some(s) == found)
    };
    let line = |j: usize| (0..xs.len()).map(|i| best_at(i, j)).collect::<Option<Vec<usize>>>();
    let best = (0..ys.len()).map(line).collect::<Option<Vec<_>>>()?;
    Some(two_way_figure(&TwoWayFigure {
        meta: frame.meta("two_way".into(), title, &offered),
        x_title: frame.axis(a),
        y_title: frame.axis(b),
        x: xs,
        y: ys,
        strategies: offered.iter().map(|&s| drawn(model, s)).collect(),
        best,
        base: Some((
            (shown[0].in_table(setting.base[a]), shown[1].in_table(setting.base[b])),
            "Base values".into(),
        )),
    }))
}
