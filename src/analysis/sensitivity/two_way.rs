//! Two-way sensitivity analysis: a grid over the ranges of two parameters.

use super::net_benefit::{best, increment};
use super::{Outcome, Setting};

/// Number of values for each of the two parameters.
pub const STEPS: usize = 21;

/// Totals on a grid over the ranges of two parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct TwoWay {
    /// Indices of the parameters.
    pub parameters: [usize; 2],
    /// The only two strategies between which the map chooses; `None` for all decision options.
    pub pair: Option<(usize, usize)>,
    /// Values of each parameter, ascending.
    pub values: [Vec<f64>; 2],
    /// `cells[i][j]`: totals at value `i` of the first parameter and value `j` of the second.
    pub cells: Vec<Vec<Outcome>>,
}

/// Evaluates the grid over the ranges of two different parameters; `None` if interrupted, an error if a parameter has
/// no range or both are the same.
pub fn two_way(
    setting: &Setting,
    parameters: [usize; 2],
    pair: Option<(usize, usize)>,
    steps: usize,
) -> Option<Result<TwoWay, String>> {
    let name = |p: usize| &setting.rows[p].name;
    if parameters[0] == parameters[1] {
        return Some(Err(format!(
            "a two-way analysis needs two different parameters, and `{}` was given twice",
            name(parameters[0])
        )));
    }
    let mut values = [Vec::new(), Vec::new()];
    for (own, &p) in values.iter_mut().zip(&parameters) {
        let row = &setting.rows[p];
        let Some((low, high)) = row.low.zip(row.high).filter(|(low, high)| low < high) else {
            return Some(Err(format!(
                "`{}` has no range: give it `low` and `high` in its parameter table",
                name(p)
            )));
        };
        *own = evenly(low, high, steps);
    }
    let points: Vec<Vec<(usize, f64)>> = values[0]
        .iter()
        .flat_map(|&x| values[1].iter().map(move |&y| vec![(parameters[0], x), (parameters[1], y)]))
        .collect();
    let cells = setting.sweep(&points)?;
    let cells = cells.chunks(values[1].len()).map(<[Outcome]>::to_vec).collect();
    Some(Ok(TwoWay { parameters, pair, values, cells }))
}

/// `steps` evenly spaced values from `low` to `high`, both included exactly.
pub fn evenly(low: f64, high: f64, steps: usize) -> Vec<f64> {
    let last = steps.max(2) - 1;
    let at = |i: usize| match i {
        i if i == last => high,
        i => low + (high - low) * i as f64 / last as f64,
    };
    (0..=last).map(at).collect()
}

impl TwoWay {
    /// Optimal strategy in a cell of the grid, among the pair or all decision options; `None` if the model cannot be run at its values.
    pub fn best(&self, setting: &Setting, (i, j): (usize, usize), threshold: f64) -> Option<usize> {
        let totals = self.cells[i][j].as_ref().ok()?;
        match self.pair {
            None => best(setting.model, setting.decision, totals, threshold),
            Some(pair) if increment(setting.decision, totals, pair, threshold) > 0.0 => Some(pair.0),
            Some((_, against)) => Some(against),
        }
    }

    /// Incremental net benefit of a pair of strategies in a cell of the grid; `None` if the model cannot be run at the
    /// parameter values of the cell.
    pub fn increment(
        &self,
        setting: &Setting,
        (i, j): (usize, usize),
        pair: (usize, usize),
        threshold: f64,
    ) -> Option<f64> {
        let totals = self.cells[i][j].as_ref().ok()?;
        Some(increment(setting.decision, totals, pair, threshold))
    }
}
