//! Threshold analysis: the switching value of a parameter, at which the incremental net benefit of two strategies
//! changes its sign, such as the price at which a treatment stops being cost-effective.

use rayon::prelude::*;

use super::net_benefit::{ROUNDING, benefit, increment, ranked};
use super::two_way::evenly;
use super::{Outcome, Setting, Totals};
use arcosim_core::math;
use arcosim_core::math::root::root;
use arcosim_scenario::parameters::{Kind, ParameterRow};

/// Number of grid values at which the sign is checked before each root is refined.
pub const GRID: usize = 40;

/// Interval that is searched for switching values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Whether grid values are evenly spaced on the logarithmic scale.
    pub logarithmic: bool,
}

/// The switching values of one parameter for one comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Switching {
    /// Index of the parameter.
    pub parameter: usize,
    /// The strategy and its comparator.
    pub pair: (usize, usize),
    /// Willingness to pay per unit of effect.
    pub threshold: f64,
    /// Incremental net benefit at base values.
    pub at_base: f64,
    /// Interval that was searched.
    pub searched: Interval,
    /// The switching values, ascending.
    pub values: Vec<SwitchingValue>,
    /// Reason why the search was incomplete, or a remark; otherwise empty.
    pub note: String,
}

/// A value at which the incremental net benefit changes its sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SwitchingValue {
    /// Value of the parameter.
    pub value: f64,
    /// Whether the strategy is preferred to its comparator above this value (and not below).
    pub better_above: bool,
}

/// Interval to search, by the kind of the parameter; the interval always includes the base value and the range. Costs,
/// rates and counts: from 0 to ten times the larger of base and `high`; ratios: from 0.01 to 10; times and shapes: from
/// a tenth to ten times; shares, utilities and disutilities: from 0 to 1; other numbers: their range, or from 0 to
/// twice the base value.
pub fn interval(row: &ParameterRow) -> Interval {
    let ends = [row.base, row.low.unwrap_or(row.base), row.high.unwrap_or(row.base)];
    let smallest = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (low, high, logarithmic) = match row.kind {
        Kind::Cost | Kind::Rate | Kind::Count => {
            let upper = 10.0 * largest;
            (0.0, if upper > 0.0 { upper } else { 1.0 }, false)
        }
        Kind::Hr | Kind::Rr | Kind::Or => (0.01, 10.0, true),
        Kind::MeanTime | Kind::MedianTime | Kind::Duration | Kind::Shape => {
            (0.1 * smallest, 10.0 * largest, true)
        }
        Kind::Probability | Kind::Proportion | Kind::Utility | Kind::Disutility => (0.0, 1.0, false),
        Kind::Score | Kind::Coefficient | Kind::Number => match smallest < largest {
            true => (smallest, largest, false),
            false => (row.base - row.base.abs(), row.base + row.base.abs(), false),
        },
    };
    Interval {
        low: low.min(smallest),
        high: high.max(largest),
        logarithmic: logarithmic && low.min(smallest) > 0.0,
    }
}

impl Interval {
    /// Grid values over the interval, ascending, with the values of `also` inserted.
    fn grid(&self, also: &[f64]) -> Vec<f64> {
        let mut values = match self.logarithmic {
            false => evenly(self.low, self.high, GRID),
            true => {
                let inner = evenly(math::ln(self.low), math::ln(self.high), GRID);
                let inner = inner[1..GRID - 1].iter().map(|x| math::exp(*x));
                [self.low].into_iter().chain(inner).chain([self.high]).collect()
            }
        };
        values.extend(also.iter().filter(|x| (self.low..=self.high).contains(*x)));
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    }
}

/// Default comparisons of a threshold analysis: `strategy` (or every strategy) versus the reference, and the best
/// decision option versus the second best.
pub fn pairs(
    setting: &Setting,
    base: &Totals,
    strategy: Option<usize>,
    threshold: f64,
) -> Vec<(usize, usize)> {
    let reference = setting.model.reference();
    let all = (0..setting.model.strategies.len()).filter(|&s| s != reference);
    let mut pairs: Vec<(usize, usize)> =
        all.filter(|&s| strategy.is_none_or(|one| one == s)).map(|s| (s, reference)).collect();
    if let [best, second, ..] = ranked(setting.model, setting.decision, base, threshold)[..]
        && !pairs.contains(&(best, second))
        && !pairs.contains(&(second, best))
    {
        pairs.push((best, second));
    }
    pairs
}

/// Switching values of these parameters, by parameter, threshold and pair of strategies; `None` if interrupted.
pub fn switching_values(
    setting: &Setting,
    base: &Totals,
    parameters: &[usize],
    strategy: Option<usize>,
) -> Option<Vec<Switching>> {
    let grids: Vec<(Interval, Vec<f64>)> = parameters
        .iter()
        .map(|&p| {
            let row = &setting.rows[p];
            let searched = interval(row);
            let also: Vec<f64> = [Some(row.base), row.low, row.high].into_iter().flatten().collect();
            (searched, searched.grid(&also))
        })
        .collect();
    let points: Vec<Vec<(usize, f64)>> = parameters
        .iter()
        .zip(&grids)
        .flat_map(|(&p, (_, grid))| grid.iter().map(move |&x| vec![(p, x)]))
        .collect();
    let outcomes = setting.sweep(&points)?;
    let mut outcomes = &outcomes[..];
    let mut asked = Vec::new();
    for (&parameter, (searched, grid)) in parameters.iter().zip(&grids) {
        let (own, rest) = outcomes.split_at(grid.len());
        outcomes = rest;
        for &threshold in &setting.thresholds {
            for pair in pairs(setting, base, strategy, threshold) {
                asked.push((parameter, *searched, grid, own, threshold, pair));
            }
        }
    }
    asked
        .into_par_iter()
        .map(|(parameter, searched, grid, outcomes, threshold, pair)| {
            let (values, note) = sign_changes(setting, parameter, grid, outcomes, pair, threshold);
            let switching = Switching {
                parameter,
                pair,
                threshold,
                at_base: increment(setting.decision, base, pair, threshold),
                searched,
                values,
                note,
            };
            (!setting.stopped()).then_some(switching)
        })
        .collect()
}

/// Finds the changes of sign of incremental net benefit on a grid, and refines each to a switching value. Also returns
/// a remark.
fn sign_changes(
    setting: &Setting,
    parameter: usize,
    grid: &[f64],
    outcomes: &[Outcome],
    pair: (usize, usize),
    threshold: f64,
) -> (Vec<SwitchingValue>, String) {
    let decision = setting.decision;
    // A difference within rounding error counts as 0.
    let increment = |totals: &Totals| {
        let [own, other] = [pair.0, pair.1].map(|s| benefit(decision, &totals[s], threshold));
        let difference = own - other;
        match difference.abs() <= ROUNDING * own.abs().max(other.abs()) {
            true => 0.0,
            false => difference,
        }
    };
    let mut evaluator = setting.evaluator();
    let mut found = Vec::new();
    // `last` is the last grid value with a non-zero difference, with that difference; `level` is the first grid value
    // since then with a difference of 0.
    let mut last: Option<[f64; 2]> = None;
    let mut level: Option<f64> = None;
    for (&x, outcome) in grid.iter().zip(outcomes) {
        let Ok(totals) = outcome else {
            (last, level) = (None, None);
            continue;
        };
        let y = increment(totals);
        if y == 0.0 {
            level = level.or(Some(x));
            continue;
        }
        if let Some([before, sign]) = last
            && (sign > 0.0) != (y > 0.0)
        {
            let value = level.or_else(|| {
                let at = |x: f64| {
                    let totals = setting.at(&mut evaluator, &[(parameter, x)]).ok()?;
                    (!setting.stopped()).then(|| increment(&totals))
                };
                root(at, [before, sign], [x, y], 1e-10 * x.abs().max(before.abs()))
            });
            let better_above = y > 0.0;
            found.extend(value.map(|value| SwitchingValue { value, better_above }));
        }
        (last, level) = (Some([x, y]), None);
    }
    let known = || outcomes.iter().flatten();
    let note = match outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
        Some(why) if known().next().is_none() => format!("the model cannot be run at any value: {why}"),
        Some(why) => format!("part of the interval cannot be run: {why}"),
        None if known().all(|totals| increment(totals) == 0.0) => {
            "the two strategies do not differ at any value".to_string()
        }
        None => String::new(),
    };
    (found, note)
}
