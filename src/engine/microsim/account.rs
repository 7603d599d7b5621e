//! What a life is worth: the rewards of its stays and moves, added up while it is told.
//!
//! The reward of a stay is the difference of two entries of a table, wherever what it reads goes on as the same for
//! all patients of a class: model time, or time in a group with few different amounts. Anything else is added up point
//! by point.

use super::super::lines::{Falls, Line, falls_at_start};
use super::super::paths::Paths;
use super::life::Move;
use super::lookup::strides;
use crate::model::hazard::{Reads, split_product};
use crate::model::{Expr, Model, Situation, Tables, categories, decode, fixed_attributes, situation};

/// What stays and moves are worth, for all patients.
pub struct Prices<'a> {
    tables: &'a Tables<'a>,
    paths: &'a Paths,
    /// `stays[arm][state]`.
    stays: Vec<Vec<Stay<'a>>>,
    /// `moves[arm][edge]`.
    moves: Vec<Vec<Vec<Once<'a>>>>,
    /// Per edge: groups entered whose clock is read.
    enters: Vec<Vec<usize>>,
}

/// Rewards of being in a state under one arm.
#[derive(Default)]
struct Stay<'a> {
    /// Running sums over points of what is the same for all patients, `[(point, component)]`; empty if nothing is.
    common: Vec<f64>,
    /// What differs between patients.
    apart: Vec<Apart<'a>>,
}

/// A reward that differs between patients.
struct Apart<'a> {
    component: usize,
    line: &'a Line,
    amount: &'a Expr,
    weights: &'a [f64],
    /// Factors that a patient's continuous attributes fix.
    multiplier: Vec<&'a Expr>,
    /// The class is the sum of these times the attributes.
    strides: Vec<f64>,
    kind: Kind,
}

enum Kind {
    /// Per class: running sums over points.
    Points(Vec<Vec<f64>>),
    /// By whole cycles in a group: running sums of the weights over points, and per class the runs of cycles with the
    /// same amount, each with its first cycle.
    Residence(usize, Vec<f64>, Vec<Vec<(usize, f64)>>),
    /// Evaluated at each point.
    Walk,
}

/// A reward that falls once with a move.
struct Once<'a> {
    component: usize,
    amount: &'a Expr,
    /// Per point, weighted; where it differs between patients these are the weights alone.
    values: Vec<f64>,
    differs: bool,
}

impl<'a> Prices<'a> {
    /// Prepares the rewards of a model.
    pub fn new(tables: &'a Tables<'a>, paths: &'a Paths) -> Prices<'a> {
        let model = tables.model;
        let arms = 0..model.strategies.len();
        let enters = |edge: &super::super::paths::Edge| {
            let entered = |g: &usize| paths.inside[*g][edge.to] && !paths.inside[*g][edge.from];
            paths.clocks.iter().copied().filter(entered).collect()
        };
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
            enters: paths.edges.iter().map(enters).collect(),
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
    let alike = reads.continuous.iter().all(|&a| model.attributes[a].is_fixed());
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
            let reads = reward.reads();
            let fixed = |&a: &usize| model.attributes[a].is_fixed();
            let differs = !reads.residence.is_empty() || !reads.attributes().iter().all(fixed);
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

/// The account of one life after another.
pub struct Account<'a> {
    prices: &'a Prices<'a>,
    /// Per component.
    pub totals: Vec<f64>,
    arm: usize,
    state: usize,
    /// Grid point at which the state was entered.
    since: usize,
    attributes: Vec<f64>,
    /// Per group: the cycle of entry.
    entry: Vec<usize>,
    /// Working space: cycles in each group.
    residence: Vec<usize>,
}

impl<'a> Account<'a> {
    /// An empty account.
    pub fn new(prices: &'a Prices<'a>) -> Account<'a> {
        let model = prices.tables.model;
        Account {
            prices,
            totals: vec![0.0; model.components.len()],
            arm: 0,
            state: 0,
            since: 0,
            attributes: vec![0.0; model.attributes.len()],
            entry: vec![0; model.groups.len()],
            residence: vec![0; model.groups.len()],
        }
    }

    /// The next lives are of a patient with these attributes.
    pub fn patient(&mut self, attributes: &[f64]) {
        self.attributes.copy_from_slice(attributes);
    }

    /// Adds what a move is worth, and the stay that it ends.
    #[inline]
    pub fn count(&mut self, m: Move) {
        match m {
            Move::Start {
                from,
                to,
                arm,
                branch,
            } => self.start(from, to, arm, branch),
            Move::Fired { edge, cycle } => self.fired(edge, cycle),
        }
    }

    fn start(&mut self, from: usize, to: usize, arm: usize, branch: Option<usize>) {
        let Prices { tables, paths, .. } = self.prices;
        let model = tables.model;
        self.totals.fill(0.0);
        self.entry.fill(0);
        (self.arm, self.state, self.since) = (arm, to, 0);
        for line in paths.lines.iter().filter(|line| line.falls == Falls::Start) {
            let reward = &model.rewards[line.reward];
            if falls_at_start(reward, arm, branch, from, to) {
                let s = situation(model, &tables.parameters[arm], &self.attributes, from);
                self.totals[reward.component] +=
                    tables.weights[line.outcome(model)].once[0] * reward.amount.value(&s);
            }
        }
    }

    #[inline]
    fn fired(&mut self, edge: usize, cycle: usize) {
        let prices = self.prices;
        let Some(next) = prices.paths.edges.get(edge).map(|e| e.to) else {
            return;
        };
        let moves = &prices.moves[self.arm][edge];
        for once in moves {
            let mut value = once.values[cycle];
            if once.differs {
                self.clocks(cycle - 1);
                value *= once.amount.value(&self.situation(cycle - 1));
            }
            self.totals[once.component] += value;
        }
        // A branch that keeps the patient ends no stay.
        if next != self.state {
            self.stay(cycle);
            (self.state, self.since) = (next, cycle);
            for &g in &prices.enters[edge] {
                self.entry[g] = cycle;
            }
        }
    }

    /// Ends the life at the horizon.
    #[inline]
    pub fn end(&mut self) {
        self.stay(self.prices.tables.model.time.cycles + 1);
    }

    /// Adds what the present stay is worth at the points up to, but without, `until`.
    #[inline]
    fn stay(&mut self, until: usize) {
        let prices = self.prices;
        let stay = &prices.stays[self.arm][self.state];
        let width = self.totals.len();
        if !stay.common.is_empty() {
            let from = &stay.common[self.since * width..][..width];
            let to = &stay.common[until * width..][..width];
            for (total, (from, to)) in self.totals.iter_mut().zip(from.iter().zip(to)) {
                *total += to - from;
            }
        }
        for apart in &stay.apart {
            let value = self.apart(apart, until);
            self.totals[apart.component] += value;
        }
    }

    #[inline(never)]
    fn apart(&mut self, apart: &Apart, until: usize) -> f64 {
        let class: f64 = apart
            .strides
            .iter()
            .zip(&self.attributes)
            .map(|(s, x)| s * x)
            .sum();
        let class = class as usize;
        let value = match &apart.kind {
            Kind::Points(classes) => classes[class][until] - classes[class][self.since],
            Kind::Residence(g, weights, classes) => {
                let entry = self.entry[*g];
                let runs = &classes[class];
                let mut run = runs.partition_point(|(from, _)| entry + from <= self.since) - 1;
                let mut at = self.since;
                let mut sum = 0.0;
                while at < until {
                    let ends = runs
                        .get(run + 1)
                        .map_or(until, |(from, _)| (entry + from).min(until));
                    sum += runs[run].1 * (weights[ends] - weights[at]);
                    at = ends;
                    run += 1;
                }
                sum
            }
            Kind::Walk => {
                let model = self.prices.tables.model;
                let mut sum = 0.0;
                for k in self.since..until {
                    if let Some(cycle) = apart
                        .line
                        .cycle_read(model, k)
                        .filter(|_| apart.weights[k] != 0.0)
                    {
                        self.clocks(k);
                        sum += apart.weights[k] * apart.amount.value(&self.situation(cycle));
                    }
                }
                sum
            }
        };
        if apart.multiplier.is_empty() {
            return value;
        }
        let s = self.situation(0);
        apart.multiplier.iter().map(|e| e.value(&s)).product::<f64>() * value
    }

    /// Sets the time in each group at grid point `k`.
    fn clocks(&mut self, k: usize) {
        for (spent, entry) in self.residence.iter_mut().zip(&self.entry) {
            *spent = k.saturating_sub(*entry);
        }
    }

    fn situation(&self, cycle: usize) -> Situation<'_> {
        let tables = self.prices.tables;
        Situation {
            parameters: &tables.parameters[self.arm],
            attributes: &self.attributes,
            state: self.state,
            cycle,
            residence: &self.residence,
            cycles_per_year: tables.model.time.cycles_per_year,
        }
    }
}
