//! Sampling of patients: attributes and the state at presentation, each from one uniform random number through an
//! inverse CDF.

use super::super::random::Stream;
use super::settings::Settings;
use crate::model::quadrature::Node;
use crate::model::{Tables, Truncated};

/// Method by which one attribute is drawn.
enum AttributeDraw {
    /// A list of values: cumulative shares, and the values.
    Listed(Vec<f64>, Vec<f64>),
    /// A continuous distribution of values.
    Continuous(Truncated),
}

/// Random number streams and distributions from which patients are drawn.
pub struct Population {
    draws: Vec<(Stream, AttributeDraw)>,
    start: Stream,
    states: Vec<usize>,
    shares: Vec<f64>,
}

impl Population {
    pub fn new(tables: &Tables, settings: &Settings) -> Population {
        let model = tables.model;
        let parameters = &tables.parameters[0];
        let draws = model.attributes.iter().enumerate().map(|(a, attribute)| {
            let draw = match (attribute.listed(model, parameters), &settings.nodes) {
                (Some(values), _) => listed(values.into_iter().filter(|node| node.weight > 0.0)),
                (None, Some(nodes)) => listed(nodes[a].iter().copied()),
                (None, None) => AttributeDraw::Continuous(
                    attribute.density(model, parameters).expect("values are listed or have a density"),
                ),
            };
            (Stream::new(settings.seed, settings.draw, &format!("attribute {}", attribute.name)), draw)
        });
        let draws = draws.collect();
        Population {
            draws,
            start: Stream::new(settings.seed, settings.draw, "state at the start"),
            states: tables.start.iter().map(|s| s.0).collect(),
            shares: cumulative(tables.start.iter().map(|s| s.1)),
        }
    }

    /// Draws the attributes of `patient` and returns the state at presentation.
    pub fn draw(&self, patient: u64, attributes: &mut [f64]) -> usize {
        for ((stream, draw), value) in self.draws.iter().zip(attributes) {
            let [u, _] = stream.uniforms(patient, 0);
            *value = match draw {
                AttributeDraw::Listed(cumulative, values) => values[choose(cumulative, u)],
                AttributeDraw::Continuous(distribution) => distribution.quantile(u),
            };
        }
        if self.states.len() == 1 {
            return self.states[0];
        }
        self.states[choose(&self.shares, self.start.uniforms(patient, 0)[0])]
    }
}

/// A draw from a list of values with their shares.
fn listed(nodes: impl Iterator<Item = Node> + Clone) -> AttributeDraw {
    AttributeDraw::Listed(cumulative(nodes.clone().map(|n| n.weight)), nodes.map(|n| n.value).collect())
}

/// Running sums of shares.
pub fn cumulative(shares: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    shares
        .map(|s| {
            sum += s;
            sum
        })
        .collect()
}

/// Index of the interval of `cumulative` that contains `u`. The last interval also covers the remainder from rounding.
#[inline]
pub fn choose(cumulative: &[f64], u: f64) -> usize {
    let last = cumulative.len() - 1;
    if last < 16 {
        return cumulative[..last].iter().take_while(|c| **c <= u).count();
    }
    cumulative[..last].partition_point(|c| *c <= u)
}
