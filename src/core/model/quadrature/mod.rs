//! Nodes of a continuous attribute: Gauss rules on its own density, in panels cut at every kink of what the model
//! computes from it, so that each panel sees a smooth function.

mod gauss;
mod kinks;
mod pieces;

use gauss::gauss;

use super::{Model, Truncated};

/// A value of a continuous attribute and the share of patients that it represents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// Value.
    pub value: f64,
    /// Share.
    pub weight: f64,
}

/// A panel is halved while its mass times the fourth power of its width (in standard deviations) is above this: so
/// grows the error of two nodes. A hazard that grows 2.7-fold in a standard deviation comes out to nine decimals.
const COARSE: f64 = 2e-3;

/// A panel has one node more than asked for if its mass times the square of its width (in standard deviations) is
/// above this: a single node would be off by too much. Panels between the bands of a life table mostly need none.
const WIDE: f64 = 1e-4;

/// Panels of equal mass where kinks remain that could not be cut at, for even and odd orders. A jump inside a panel
/// may hide from its nodes, whatever their number, but not from panels that lie elsewhere as well: so the difference
/// between two orders shows what it may do.
const LEFT_TO_THE_NODES: [usize; 2] = [160, 133];

/// The Gauss rule of so many nodes on the whole density of attribute `a`, as if nothing had a kink.
pub fn single_rule(model: &Model, a: usize, parameters: &[f64], number: usize) -> Vec<Node> {
    match spread_of(model, a, parameters) {
        Err(single) => vec![single],
        Ok((distribution, (low, high))) => {
            let mut nodes = Vec::with_capacity(number);
            gauss(&distribution, low, high, 1.0, number, &mut nodes);
            nodes
        }
    }
}

/// The distribution of a continuous attribute and its range, or its only value.
fn spread_of(model: &Model, a: usize, parameters: &[f64]) -> Result<(Truncated, (f64, f64)), Node> {
    let single = |value| Node { value, weight: 1.0 };
    let Some(distribution) = model.attributes[a].density(model, parameters) else {
        return Err(single(0.0));
    };
    let (low, high) = distribution.range();
    match distribution.fixed().is_some() || low == high {
        true => Err(single(low)),
        false => Ok((distribution, (low, high))),
    }
}

/// Nodes of attribute `a` with at least `order` Gauss nodes per panel; weights sum to 1.
pub fn nodes(model: &Model, a: usize, parameters: &[f64], order: usize) -> Vec<Node> {
    let (distribution, (low, high)) = match spread_of(model, a, parameters) {
        Err(single) => return vec![single],
        Ok(spread) => spread,
    };
    let kinks = kinks::kinks(model, a, parameters, low, high);
    let mut cuts = kinks.cuts;
    if !kinks.all {
        let panels = LEFT_TO_THE_NODES[order % 2];
        cuts.extend((1..panels).map(|i| distribution.quantile(i as f64 / panels as f64)));
    }
    cuts.extend([low, high]);
    cuts.sort_by(f64::total_cmp);
    // Half the distance between the quantiles that a normal has one standard deviation from its mean.
    let spread = (distribution.quantile(0.841) - distribution.quantile(0.159)) / 2.0;
    let mut nodes = Vec::with_capacity((order + 1) * cuts.len());
    for ends in cuts.windows(2) {
        panel(&distribution, spread, (ends[0], ends[1]), order, &mut nodes);
    }
    let total: f64 = nodes.iter().map(|n| n.weight).sum();
    nodes.iter_mut().for_each(|n| n.weight /= total);
    nodes
}

/// The nodes of one panel, halved until it is narrow enough for its mass.
fn panel(density: &Truncated, spread: f64, (low, high): (f64, f64), order: usize, into: &mut Vec<Node>) {
    let mass = density.cdf(high) - density.cdf(low);
    if mass <= 0.0 {
        return;
    }
    let square = ((high - low) / spread).powi(2);
    if mass * square * square > COARSE {
        let middle = (low + high) / 2.0;
        panel(density, spread, (low, middle), order, into);
        panel(density, spread, (middle, high), order, into);
    } else {
        let more = usize::from(mass * square > WIDE);
        gauss(density, low, high, mass, order + more, into);
    }
}
