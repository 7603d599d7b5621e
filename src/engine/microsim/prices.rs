//! What stays and moves are worth, prepared for all patients.
//!
//! The reward of a stay is the difference of two entries of a table, wherever what it reads goes on as the same for
//! all patients of a class: model time, or time in a group with few different amounts. Anything else is added up point
//! by point.

use super::super::lines::{Falls, Line};
use super::super::paths::Paths;
use super::lookup::strides;
use crate::model::hazard::{Reads, split_product};
use crate::model::{Expr, Model, Situation, Tables, categories, decode, fixed_attributes, situation};

/// What stays and moves are worth, for all patients.
pub struct Prices<'a> {
    pub tables: &'a Tables<'a>,
    pub paths: &'a Paths,
    /// `stays[arm][state]`.
    pub stays: Vec<Vec<Stay<'a>>>,
    /// `moves[arm][edge]`.
    pub moves: Vec<Vec<Vec<Once<'a>>>>,
}

/// Rewards of being in a state under one arm.
#[derive(Default)]
pub struct Stay<'a> {
    /// Running sums over points of what is the same for all patients, `[(point, component)]`; empty if nothing is.
    pub common: Vec<f64>,
    /// What differs between patients.
    pub apart: Vec<Apart<'a>>,
}

/// A reward that differs between patients.
pub struct Apart<'a> {
    pub component: usize,
    pub line: &'a Line,
    pub amount: &'a Expr,
    pub weights: &'a [f64],
    /// Factors that a patient's continuous attributes fix.
    pub multiplier: Vec<&'a Expr>,
    /// The class is the sum of these times the attributes.
    pub strides: Vec<f64>,
    pub kind: Kind,
}

pub enum Kind {
    /// Per class: running sums over points.
    Points(Vec<Vec<f64>>),
    /// By whole cycles in a group: running sums of the weights over points, and per class the runs of cycles with the
    /// same amount, each with its first cycle.
    Residence(usize, Vec<f64>, Vec<Vec<(usize, f64)>>),
    /// Evaluated at each point.
    Walk,
}

/// A reward that falls once with a move.
pub struct Once<'a> {
    pub component: usize,
    pub amount: &'a Expr,
    /// Per point, weighted; where it differs between patients these are the weights alone.
    pub values: Vec<f64>,
    pub differs: bool,
}

impl<'a> Prices<'a> {
    /// Prepares the rewards of a model.
    pub fn new(tables: &'a Tables<'a>, paths: &'a Paths) -> Prices<'a> {
        let model = tables.model;
        let arms = 0..model.strategies.len();
        Prices {
            tables,
            paths,
            stays: arms
                .clone()
                .map(|arm| {
                    (0..model.states.len())
                        .map(|s| stay(tables, paths, arm, s))
                        .collect()
                })
                .collect(),
            moves: arms
                .map(|arm| {
                    (0..paths.edges.len())
                        .map(|e| once(tables, paths, arm, e))
                        .collect()
                })
                .collect(),
        }
    }
}

/// The lines that fall somewhere under one arm.
fn own<'a>(
    model: &'a Model,
    paths: &'a Paths,
    arm: usize,
    falls: impl Fn(Falls) -> bool + 'a,
) -> impl Iterator<Item = &'a Line> {
    let given = move |line: &&Line| falls(line.falls) && model.rewards[line.reward].given_under(arm);
    paths.lines.iter().filter(given)
}

fn stay<'a>(tables: &'a Tables<'a>, paths: &'a Paths, arm: usize, state: usize) -> Stay<'a> {
    let model = tables.model;
    let points = model.time.cycles + 1;
    let components = model.components.len();
    let mut stay = Stay::default();
    for line in own(
        model,
        paths,
        arm,
        move |falls| matches!(falls, Falls::In(s, _) if s == state),
    ) {
        let reward = &model.rewards[line.reward];
        let weights = line.weights(&tables.weights[line.outcome(model)]);
        let apart = apart(tables, line, arm, state, weights);
        match apart {
            Apart {
                kind: Kind::Points(classes),
                multiplier,
                ..
            } if classes.len() == 1 && multiplier.is_empty() => {
                stay.common.resize((points + 1) * components, 0.0);
                for (k, sum) in classes[0].iter().enumerate() {
                    stay.common[k * components + reward.component] += sum;
                }
            }
            apart => stay.apart.push(apart),
        }
    }
    stay
}

fn apart<'a>(
    tables: &'a Tables<'a>,
    line: &'a Line,
    arm: usize,
    state: usize,
    weights: &'a [f64],
) -> Apart<'a> {
    let model = tables.model;
    let reward = &model.rewards[line.reward];
    let parameters = &tables.parameters[arm];
    let (multiplier, rest) = split_product(&reward.amount);
    let mut reads = Reads::default();
    rest.iter().for_each(|e| reads.add(e));
    let sizes: Vec<usize> = reads.categorical.iter().map(|&a| categories(model, a)).collect();
    let classes: usize = sizes.iter().product();
    let mut attributes = fixed_attributes(model, parameters);
    let mut residence = vec![0; model.groups.len()];
    let alike = reads.same_numbers(model);
    let mut per_class = |f: &mut dyn FnMut(&[f64]) -> Vec<f64>| -> Vec<Vec<f64>> {
        (0..classes)
            .map(|class| {
                decode(class, &reads.categorical, &sizes, &mut attributes);
                f(&attributes)
            })
            .collect()
    };
    let value = |s: &Situation| -> f64 { rest.iter().map(|e| e.value(s)).product() };
    let kind = match (alike, &reads.residence[..], reads.time || reads.age) {
        (true, [], _) => Kind::Points(per_class(&mut |attributes| {
            let s = situation(model, parameters, attributes, state);
            running(
                weights
                    .iter()
                    .enumerate()
                    .map(|(k, w)| match line.cycle_read(model, k) {
                        Some(cycle) if *w != 0.0 => w * value(&Situation { cycle, ..s }),
                        _ => 0.0,
                    }),
            )
        })),
        (true, &[g], false) => {
            let by_residence = per_class(&mut |attributes| {
                (0..=model.time.cycles)
                    .map(|spent| {
                        residence[g] = spent;
                        value(&Situation {
                            residence: &residence,
                            ..situation(model, parameters, attributes, state)
                        })
                    })
                    .collect()
            });
            Kind::Residence(
                g,
                running(weights.iter().copied()),
                by_residence.iter().map(|v| runs(v)).collect(),
            )
        }
        _ => Kind::Walk,
    };
    let walks = matches!(kind, Kind::Walk);
    Apart {
        component: reward.component,
        line,
        amount: &reward.amount,
        weights,
        multiplier: if walks { Vec::new() } else { multiplier },
        strides: strides(model, &reads.categorical),
        kind,
    }
}

/// Running sums, beginning with 0.
fn running(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    let sums = values.map(|x| {
        sum += x;
        sum
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// Stretches of equal values, each with its first position.
fn runs(values: &[f64]) -> Vec<(usize, f64)> {
    let mut runs: Vec<(usize, f64)> = Vec::new();
    for (i, value) in values.iter().enumerate() {
        if runs.last().is_none_or(|(_, last)| last != value) {
            runs.push((i, *value));
        }
    }
    runs
}

fn once<'a>(tables: &'a Tables<'a>, paths: &'a Paths, arm: usize, edge: usize) -> Vec<Once<'a>> {
    let model = tables.model;
    let parameters = &tables.parameters[arm];
    let lines = own(model, paths, arm, move |falls| falls == Falls::Edge(edge));
    lines
        .map(|line| {
            let reward = &model.rewards[line.reward];
            let weights = line.weights(&tables.weights[line.outcome(model)]);
            let differs = reward.differs(model);
            let attributes = fixed_attributes(model, parameters);
            let s = situation(model, parameters, &attributes, paths.edges[edge].from);
            let value = |(k, w): (usize, &f64)| match line.cycle_read(model, k) {
                Some(cycle) if !differs => w * reward.amount.value(&Situation { cycle, ..s }),
                _ => *w,
            };
            Once {
                component: reward.component,
                amount: &reward.amount,
                values: weights.iter().enumerate().map(value).collect(),
                differs,
            }
        })
        .collect()
}
