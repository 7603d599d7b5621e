//! Sampling of patients: attributes and the state at presentation, each from one uniform random number through an
//! inverse CDF.

use super::super::random::Stream;
use super::settings::Settings;
use crate::model::dependence::{ByCase, Case, index, ordered, start_by, start_by_case};
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
    /// Attributes, each after those on which it depends.
    draws: Vec<OneAttribute>,
    start: Stream,
    states: Vec<usize>,
    /// Cumulative shares of the states at the start.
    shares: ByCase<Vec<f64>>,
    table: Option<PatientRows>,
}

struct OneAttribute {
    attribute: usize,
    stream: Stream,
    draw: ByCase<AttributeDraw>,
}

impl Population {
    pub fn new(tables: &Tables, settings: &Settings) -> Population {
        let model = tables.model;
        let parameters = &tables.parameters[0];
        let all: Vec<usize> = (0..model.attributes.len()).collect();
        let draw = |a: usize| {
            let attribute = &model.attributes[a];
            let name = format!("attribute {}", attribute.name);
            let by = attribute.by();
            let of = |case: &Case| match attribute.density_given(model, parameters, &case.values) {
                None => {
                    let listed = attribute.listed_given(model, parameters, &case.values);
                    let values = listed.into_iter().flatten();
                    self::listed(values.filter(|node| node.weight > 0.0).collect())
                }
                Some(density) => match &settings.nodes {
                    None => AttributeDraw::Continuous(density),
                    Some(nodes) => {
                        let own = index(model, &by, &case.values) as u32;
                        let nodes = nodes[a].iter().filter(|node| node.given == own);
                        self::listed(
                            nodes.map(|node| Node { weight: node.weight / case.share, ..*node }).collect(),
                        )
                    }
                },
            };
            OneAttribute {
                attribute: a,
                stream: Stream::new(settings.seed, settings.draw, &name),
                draw: ByCase::new(model, parameters, by.clone(), of),
            }
        };
        let given = start_by_case(model, parameters);
        let of_all: Vec<f64> = tables.start.iter().map(|s| s.1).collect();
        let shares = |case: &Case| match given.as_ref().and_then(|given| given.of(&case.values)) {
            Some(own) => cumulative(own.iter().map(|(_, share)| *share)),
            None => cumulative(of_all.iter().copied()),
        };
        let in_table = |&a: &usize| model.attributes[a].rows().is_some();
        let columns: Vec<usize> = all.iter().copied().filter(in_table).collect();
        let rows = |a: usize| model.attributes[a].rows().unwrap_or_default();
        let table = columns.first().map(|&first| {
            let of = |&a: &usize| (a, rows(a).iter().map(|(value, _)| *value).collect());
            PatientRows {
                stream: Stream::new(settings.seed, settings.draw, "row of the table of patients"),
                shares: cumulative(rows(first).iter().map(|(_, share)| *share)),
                columns: columns.iter().map(of).collect(),
            }
        });
        Population {
            table,
            draws: ordered(model, &all).into_iter().filter(|a| !in_table(a)).map(draw).collect(),
            start: Stream::new(settings.seed, settings.draw, "state at the start"),
            states: tables.start.iter().map(|s| s.0).collect(),
            shares: ByCase::new(model, parameters, start_by(model), shares),
        }
    }

    /// Draws the attributes of `patient` and returns the state at presentation.
    pub fn draw(&self, patient: u64, attributes: &mut [f64]) -> usize {
        // First, because other attributes may depend on columns of the table.
        if let Some(table) = &self.table {
            let row = choose(&table.shares, table.stream.uniforms(patient, 0)[0]);
            table.columns.iter().for_each(|(a, values)| attributes[*a] = values[row]);
        }
        for own in &self.draws {
            let [u, _] = own.stream.uniforms(patient, 0);
            attributes[own.attribute] = match own.draw.of(attributes).expect("a case has patients") {
                AttributeDraw::Listed(cumulative, values) => values[choose(cumulative, u)],
                AttributeDraw::Continuous(distribution) => distribution.quantile(u),
            };
        }
        if self.states.len() == 1 {
            return self.states[0];
        }
        let shares = self.shares.of(attributes).expect("a case has patients");
        self.states[choose(shares, self.start.uniforms(patient, 0)[0])]
    }
}

/// The table of patients: one draw selects a row, which gives all attributes of the table.
struct PatientRows {
    stream: Stream,
    /// Cumulative shares of the rows.
    shares: Vec<f64>,
    /// Attributes of the table, with the values of all rows.
    columns: Vec<(usize, Vec<f64>)>,
}

/// A draw from a list of values with their shares.
fn listed(nodes: Vec<Node>) -> AttributeDraw {
    AttributeDraw::Listed(cumulative(nodes.iter().map(|n| n.weight)), nodes.iter().map(|n| n.value).collect())
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
