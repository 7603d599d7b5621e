//! Quadrature nodes of a continuous attribute: Gauss rules on the density of the attribute, in panels between the
//! kinks of the model's expressions, so that every expression is smooth within each panel.

mod gauss;
mod kinks;
mod pieces;

use gauss::gauss;
pub use gauss::legendre_on_unit;

use super::dependence::index;
use super::{Model, Shape, Truncated};

/// A value of a continuous attribute and the share of patients that it represents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// Value of the attribute.
    pub value: f64,
    /// Share of all patients.
    pub weight: f64,
    /// Number of the case to which the node belongs (see [`dependence`](super::dependence::index)), for a continuous attribute that
    /// depends on others; 0 for other attributes.
    pub given: u32,
}

/// `given` of nodes that are rows of a table of patients: the same row of all its columns belongs to the same patients.
pub const BY_ROW: u32 = u32::MAX;

/// Attributes whose nodes are rows of a table of patients, ascending.
pub fn columns(nodes: &[Vec<Node>]) -> Vec<usize> {
    let by_row = |own: &Vec<Node>| own.first().is_some_and(|node| node.given == BY_ROW);
    (0..nodes.len()).filter(|&a| by_row(&nodes[a])).collect()
}

/// Lets the first of the `columns` of a table of patients stand for all of them at the front of `attributes`, if any of them is listed:
/// the rows are the values of all columns. Returns whether one was.
pub fn columns_as_one(attributes: &mut Vec<usize>, columns: &[usize]) -> bool {
    let any = attributes.iter().any(|a| columns.contains(a));
    if any {
        attributes.retain(|a| !columns.contains(a));
        attributes.insert(0, columns[0]);
    }
    any
}

/// A panel is halved while its mass times the fourth power of its width (in standard deviations) is above this
/// limit, because the error of two nodes grows with this product. At the limit, a hazard that increases 2.7-fold
/// per standard deviation is accurate to nine decimals.
const COARSE: f64 = 2e-3;

/// A panel has one additional node if its mass times the square of its width (in standard deviations) is above
/// this limit, because a single node would be too inaccurate. Panels between the bands of a life table rarely need
/// the additional node.
const WIDE: f64 = 1e-4;

/// Number of panels of equal mass if some kinks could not be cut, for even and odd orders. All nodes of a panel
/// may miss a jump inside the panel, but nodes in panels with other limits do not; the difference between an even
/// and an odd order therefore shows the possible error.
const LEFT_TO_THE_NODES: [usize; 2] = [160, 133];

/// Gauss rule of `number` nodes on the whole density of attribute `a`, without panels at kinks; if the model only compares the attribute
/// with limits, the exact nodes of [`nodes`].
pub fn single_rule(model: &Model, a: usize, parameters: &[f64], number: usize) -> Vec<Node> {
    in_each_case(model, a, parameters, |distribution, (low, high)| {
        in_steps(model, a, parameters, distribution, (low, high)).unwrap_or_else(|| {
            if distribution.is_skewed() {
                return by_quantiles(distribution, number);
            }
            let mut nodes = Vec::with_capacity(number);
            gauss(distribution, low, high, 1.0, number, &mut nodes);
            nodes
        })
    })
}

/// A rule of `number` nodes at the quantiles of a Gauss-Legendre rule, for densities that are high at an end of their range.
fn by_quantiles(distribution: &Truncated, number: usize) -> Vec<Node> {
    let uniform = Truncated::new(Shape::Uniform { low: 0.0, high: 1.0 }, None);
    let mut nodes = Vec::with_capacity(number);
    gauss(&uniform, 0.0, 1.0, 1.0, number, &mut nodes);
    nodes.iter_mut().for_each(|node| node.value = distribution.quantile(node.value));
    nodes
}

/// Quantiles that approach the ends at which the density is singular. The share beyond them halves from one to the next, so that a
/// power of the distance to the end changes little within a panel.
fn towards_singular_ends(distribution: &Truncated) -> Vec<f64> {
    let [lower, upper] = distribution.singular_ends();
    let steps = (1..=30).map(|k| 0.5_f64.powi(k));
    let below = steps.clone().filter(|_| lower);
    let above = steps.filter(|_| upper).map(|share| 1.0 - share);
    below.chain(above).map(|share| distribution.quantile(share)).collect()
}

/// One node in each interval between the limits with which the model compares attribute `a`; `None` if it also computes with the
/// attribute, or if not all limits are known.
fn in_steps(
    model: &Model,
    a: usize,
    parameters: &[f64],
    distribution: &Truncated,
    (low, high): (f64, f64),
) -> Option<Vec<Node>> {
    if !kinks::steps_only(model, a) {
        return None;
    }
    let kinks = kinks::kinks(model, a, parameters, low, high);
    let ends: Vec<f64> = std::iter::once(low).chain(kinks.cuts).chain([high]).collect();
    let node = |ends: &[f64]| Node {
        value: (ends[0] + ends[1]) / 2.0,
        weight: distribution.cdf(ends[1]) - distribution.cdf(ends[0]),
        given: 0,
    };
    kinks.all.then(|| ends.windows(2).map(node).filter(|node| node.weight > 0.0).collect())
}

/// Nodes of attribute `a` in each case of the attributes on which it depends, weighted by the shares of the cases. `of` gives the nodes of
/// a distribution with a range; a single value is one node.
fn in_each_case(
    model: &Model,
    a: usize,
    parameters: &[f64],
    mut of: impl FnMut(&Truncated, (f64, f64)) -> Vec<Node>,
) -> Vec<Node> {
    let attribute = &model.attributes[a];
    if let Some(rows) = attribute.row_nodes() {
        return rows;
    }
    let by = attribute.by();
    let mut all = Vec::new();
    for (case, distribution) in attribute.densities(model, parameters) {
        let (low, high) = distribution.range();
        let nodes = match distribution.fixed().is_some() || low == high {
            true => vec![Node { value: low, weight: 1.0, given: 0 }],
            false => of(&distribution, (low, high)),
        };
        if by.is_empty() {
            return nodes;
        }
        let given = index(model, &by, &case.values) as u32;
        all.extend(nodes.into_iter().map(|node| Node { weight: case.share * node.weight, given, ..node }));
    }
    match all.is_empty() {
        true => vec![Node { value: 0.0, weight: 1.0, given: 0 }],
        false => all,
    }
}

/// Quadrature nodes of attribute `a` with at least `order` Gauss nodes per panel; the weights sum to 1. If the model only compares the
/// attribute with limits, one node between two limits is exact.
pub fn nodes(model: &Model, a: usize, parameters: &[f64], order: usize) -> Vec<Node> {
    in_each_case(model, a, parameters, |distribution, range| {
        let steps = in_steps(model, a, parameters, distribution, range);
        steps.unwrap_or_else(|| panels_of(model, a, parameters, (distribution, range), order))
    })
}

/// Gauss nodes of attribute `a` in panels between the kinks of the model, which also integrate functions of the attribute itself.
pub fn panels(model: &Model, a: usize, parameters: &[f64], order: usize) -> Vec<Node> {
    in_each_case(model, a, parameters, |distribution, range| {
        panels_of(model, a, parameters, (distribution, range), order)
    })
}

fn panels_of(
    model: &Model,
    a: usize,
    parameters: &[f64],
    (distribution, (low, high)): (&Truncated, (f64, f64)),
    order: usize,
) -> Vec<Node> {
    let kinks = kinks::kinks(model, a, parameters, low, high);
    let mut cuts = kinks.cuts;
    if !kinks.all {
        let panels = LEFT_TO_THE_NODES[order % 2];
        cuts.extend((1..panels).map(|i| distribution.quantile(i as f64 / panels as f64)));
    }
    cuts.extend(towards_singular_ends(distribution));
    cuts.extend([low, high]);
    cuts.sort_by(f64::total_cmp);
    // The standard deviation is estimated as half the distance between the 15.9% and 84.1% quantiles, as in a
    // normal distribution.
    let spread = (distribution.quantile(0.841) - distribution.quantile(0.159)) / 2.0;
    let mut nodes = Vec::with_capacity((order + 1) * cuts.len());
    for ends in cuts.windows(2) {
        panel(distribution, spread, (ends[0], ends[1]), order, &mut nodes);
    }
    let total: f64 = nodes.iter().map(|n| n.weight).sum();
    nodes.iter_mut().for_each(|n| n.weight /= total);
    nodes
}

/// Adds the nodes of one panel, which is halved until it is narrow enough for its mass.
fn panel(density: &Truncated, spread: f64, (low, high): (f64, f64), order: usize, into: &mut Vec<Node>) {
    let mass = density.cdf(high) - density.cdf(low);
    if mass <= 0.0 {
        return;
    }
    // Near a singular end other than 0, a panel can be as narrow as the numbers are dense.
    if high - low <= 1e-12 * high.abs() {
        into.push(Node { value: (low + high) / 2.0, weight: mass, given: 0 });
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
