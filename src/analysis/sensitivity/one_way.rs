//! One-way sensitivity analysis (tornado): every parameter at both ends of its range, all others at base values.

use super::net_benefit::{best, increment};
use super::{Outcome, Setting, Totals};

/// Results of varying one parameter, with all others at base values.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// Index of the parameter.
    pub parameter: usize,
    /// Low and high end of the range with the totals at each end; `None` if the parameter has no range.
    pub ends: Option<[(f64, Outcome); 2]>,
    /// Parameters that are drawn jointly with this parameter, so that a change of this parameter alone is unlikely.
    pub belongs_to: Vec<usize>,
}

/// Every parameter that the model uses, varied one at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct OneWay {
    /// Totals at base values.
    pub base: Totals,
    /// The parameters, in the order of the parameter table.
    pub moved: Vec<Moved>,
}

/// Effect of one parameter on one comparison: a bar of a tornado diagram.
#[derive(Clone, Debug, PartialEq)]
pub struct Swing {
    /// Index of the parameter's results in [`OneWay::moved`].
    pub moved: usize,
    /// Index of the parameter.
    pub parameter: usize,
    /// Incremental net benefit at the low and at the high end of the range; `None` without a range, or if the model
    /// cannot be run at that end.
    pub at: [Option<f64>; 2],
    /// Incremental net benefit at base values.
    pub base: f64,
    /// Largest minus smallest incremental net benefit among both ends and the base value; `None` without a range.
    pub swing: Option<f64>,
    /// Direction of the effect of a higher value.
    pub direction: Direction,
    /// Optimal strategy at the low and at the high end of the range.
    pub best: [Option<usize>; 2],
    /// Whether the optimal strategy at either end differs from the base case; `None` if neither end can be run.
    pub decision_changes: Option<bool>,
}

/// Effect of a higher value of the parameter on incremental net benefit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Incremental net benefit increases.
    Raises,
    /// Incremental net benefit decreases.
    Lowers,
    /// Incremental net benefit is higher than in the base case at both ends of the range, or lower at both ends.
    Turns,
    /// Incremental net benefit does not change.
    Nothing,
    /// Unknown effect, because the parameter has no range or the model cannot be run at either end.
    Unknown,
}

impl Direction {
    /// Word for the direction in output tables.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Raises => "raises",
            Direction::Lowers => "lowers",
            Direction::Turns => "turns",
            Direction::Nothing => "no effect",
            Direction::Unknown => "",
        }
    }
}

/// Sets every parameter that the model uses to each end of its range, one parameter at a time. `correlated` are sets of
/// parameters that are drawn together, by index. Returns `None` if interrupted, and an error if the base case cannot be
/// run.
pub fn one_way(setting: &Setting, correlated: &[Vec<usize>]) -> Option<Result<OneWay, String>> {
    let base = match setting.at_base() {
        Ok(base) => base,
        Err(why) => return Some(Err(why)),
    };
    let read = |p: &usize| setting.read.anywhere[*p];
    let parameters: Vec<usize> = (0..setting.rows.len()).filter(read).collect();
    let range = |p: usize| setting.rows[p].low.zip(setting.rows[p].high);
    let points: Vec<Vec<(usize, f64)>> = parameters
        .iter()
        .filter_map(|&p| range(p).map(|(low, high)| [vec![(p, low)], vec![(p, high)]]))
        .flatten()
        .collect();
    let mut outcomes = setting.sweep(&points)?.into_iter();
    let moved = parameters.iter().map(|&parameter| Moved {
        parameter,
        ends: range(parameter)
            .and_then(|(low, high)| Some([(low, outcomes.next()?), (high, outcomes.next()?)])),
        belongs_to: belongs_to(correlated, parameter),
    });
    let moved = moved.collect();
    Some(Ok(OneWay { base, moved }))
}

fn belongs_to(correlated: &[Vec<usize>], parameter: usize) -> Vec<usize> {
    let blocks = correlated.iter().filter(|block| block.contains(&parameter));
    let mut all: Vec<usize> = blocks.flatten().copied().filter(|&p| p != parameter).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl OneWay {
    /// The bars of the tornado diagram for a pair of strategies at a threshold, widest first; parameters without a
    /// range or a result come last, in the order of the parameter table.
    pub fn swings(&self, setting: &Setting, pair: (usize, usize), threshold: f64) -> Vec<Swing> {
        let decision = setting.decision;
        let base = increment(decision, &self.base, pair, threshold);
        let best_at = |totals: &Totals| best(setting.model, decision, totals, threshold);
        let best_at_base = best_at(&self.base);
        let swing = |(i, moved): (usize, &Moved)| {
            let totals = |end: usize| moved.ends.as_ref().and_then(|ends| ends[end].1.as_ref().ok());
            let at = [0, 1].map(|end| totals(end).map(|t| increment(decision, t, pair, threshold)));
            let best = [0, 1].map(|end| totals(end).and_then(best_at));
            let known: Vec<f64> = at.iter().flatten().copied().collect();
            let changes = |end: usize| totals(end).map(|_| best[end] != best_at_base);
            Swing {
                moved: i,
                parameter: moved.parameter,
                at,
                base,
                swing: (!known.is_empty()).then(|| {
                    let largest = known.iter().copied().fold(base, f64::max);
                    largest - known.iter().copied().fold(base, f64::min)
                }),
                direction: direction(at, base),
                best,
                decision_changes: match (changes(0), changes(1)) {
                    (None, None) => None,
                    (low, high) => Some(low == Some(true) || high == Some(true)),
                },
            }
        };
        let mut swings: Vec<Swing> = self.moved.iter().enumerate().map(swing).collect();
        // The sort is stable, so equal swings keep the order of the parameter table.
        swings.sort_by(|a, b| {
            let size = |s: &Swing| s.swing.unwrap_or(-1.0);
            size(b).total_cmp(&size(a))
        });
        swings
    }
}

fn direction(at: [Option<f64>; 2], base: f64) -> Direction {
    let tiny = |a: f64, b: f64| super::net_benefit::ROUNDING * a.abs().max(b.abs());
    let sign = |from: f64, to: f64| match to - from {
        d if d.abs() <= tiny(from, to) => 0,
        d if d > 0.0 => 1,
        _ => -1,
    };
    let (below, above) = match at {
        [None, None] => return Direction::Unknown,
        [low, high] => (low.map_or(0, |low| sign(low, base)), high.map_or(0, |high| sign(base, high))),
    };
    match (below, above) {
        (0, 0) => Direction::Nothing,
        (1, -1) | (-1, 1) => Direction::Turns,
        (1, _) | (_, 1) => Direction::Raises,
        _ => Direction::Lowers,
    }
}
