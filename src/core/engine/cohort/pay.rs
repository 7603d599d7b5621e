//! Rewards of being in a state whose patients are known as a product with a background (see [`super::background`]).
//!
//! An amount is taken apart as a product: `amount = f(time, time in the state) g(attributes, attained age)`. Of those who
//! are there at grid point `k`, the classes `b` of the background together are worth
//!
//! ```text
//! f sum over x of N(x, k) sum over b of A(b, k) g(b, k),
//! ```
//!
//! in which the inner sum is the same for all strategies and for all rewards that fall with age alike, and `g` stays from
//! one vector of parameter values to the next as long as what it reads does. Where `f` reads clocks only to choose
//! between cases (`if(time < 1 year, ...)`), it is evaluated once for each case.

use super::super::counts::StrategyCounts;
use super::background::Background;
use super::course::{Sojourn, Station, at};
use super::strata::Stratum;
use crate::model::hazard::{Reads, insert};
use crate::model::quadrature::Node;
use crate::model::reward_lines::{Falls, Reading};
use crate::model::separable::{Factor, product};
use crate::model::{Binary, Expr, Function, Model, Situation, Tables, situation};

/// One line of the ledger in one state under one arm.
pub struct Pay {
    /// State.
    pub state: usize,
    line: usize,
    arm: usize,
    /// The factors that tell no patients apart.
    factors: Vec<Factor>,
    /// Position of the sum over classes of the background; none if amounts do not tell them apart.
    sum: Option<usize>,
    view: usize,
    /// Group whose clock the factors read.
    clock: Option<usize>,
    /// Choices that the factors make by clocks; none if they read clocks otherwise.
    choices: Option<Vec<Expr>>,
    /// Parameters that the choices read, and the values of these that `runs` hold for.
    depends_on: Vec<usize>,
    holds_for: Option<Vec<f64>>,
    runs: Vec<Run>,
    /// Per case: cycles completed and cycles in the group, as a situation that belongs to it has them.
    cases: Vec<(usize, usize)>,
}

/// Cycles since entry, `from..=to`, that belong to one case at grid point `k`.
struct Run {
    k: usize,
    from: usize,
    to: usize,
    case: usize,
}

/// What amounts of rewards have in common for the classes of a background.
#[derive(Default)]
pub struct Norms {
    norms: Vec<Norm>,
    sums: Vec<Sum>,
}

/// A product of factors that tell the classes of a background apart.
struct Norm {
    factors: Vec<Factor>,
    background: usize,
    /// A state and an arm for which it holds.
    state: usize,
    arm: usize,
    stratum: Stratum,
    /// Cycles completed when it is read last.
    last: usize,
    depends_on: Vec<usize>,
    /// Values of parameters and, per class, of attributes that `values` hold for.
    holds_for: Option<(Vec<f64>, Vec<Vec<f64>>)>,
    /// `[(cycle, b)]`.
    values: Vec<f64>,
}

/// A norm summed over the classes of a background by what a view leaves of them, as read at each grid point.
struct Sum {
    norm: usize,
    view: usize,
    reading: Reading,
    /// `[(k, class of the view)]`.
    values: Vec<f64>,
}

impl Norms {
    /// Evaluates all at the values that `tables`, `nodes` and `backgrounds` now hold.
    pub fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>], backgrounds: &[Background]) {
        for norm in &mut self.norms {
            norm.set(tables, nodes);
        }
        let cycles = tables.model.time.cycles;
        for sum in &mut self.sums {
            let norm = &self.norms[sum.norm];
            let background = &backgrounds[norm.background];
            let view = &background.views[sum.view];
            let size = background.stratum.size();
            sum.values.clear();
            sum.values.resize((cycles + 1) * view.size, 0.0);
            for (k, own) in sum.values.chunks_exact_mut(view.size).enumerate() {
                let Some(cycle) = read_at(sum.reading, k).filter(|cycle| *cycle <= norm.last) else {
                    continue;
                };
                let alive = &background.alive[k * size..][..size];
                let worth = &norm.values[cycle * size..][..size];
                for (b, (alive, worth)) in alive.iter().zip(worth).enumerate() {
                    own[at(&view.of, b)] += alive * worth;
                }
            }
        }
    }

    /// Position of the sum of a norm by a view, made if it is not there yet.
    fn sum(&mut self, model: &Model, new: Norm, view: usize, reading: Reading) -> usize {
        let found = self.norms.iter().position(|norm| norm.is(&new, model));
        let norm = found.unwrap_or(self.norms.len());
        match self.norms.get_mut(norm) {
            Some(there) => there.last = there.last.max(new.last),
            None => self.norms.push(new),
        }
        let same = |sum: &Sum| sum.norm == norm && sum.view == view && sum.reading == reading;
        self.sums.iter().position(same).unwrap_or_else(|| {
            self.sums.push(Sum { norm, view, reading, values: Vec::new() });
            self.sums.len() - 1
        })
    }
}

impl Norm {
    /// Whether another norm is the same, whatever the values of parameters.
    fn is(&self, other: &Norm, model: &Model) -> bool {
        let by_state = self.factors.iter().any(|(e, _)| Reads::of(e).state);
        let replaced = |norm: &Norm| {
            let mut substitutions = model.strategies[norm.arm].substitutions.iter();
            substitutions.any(|(p, _)| norm.depends_on.contains(p))
        };
        self.background == other.background
            && self.factors == other.factors
            && (self.state == other.state || !by_state)
            && (self.arm == other.arm || !replaced(self) && !replaced(other))
    }

    fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>]) {
        let model = tables.model;
        let parameters = &tables.parameters[self.arm];
        let read: Vec<f64> = self.depends_on.iter().map(|&p| parameters[p]).collect();
        let classes = (0..self.stratum.size()).map(|b| {
            let mut values = vec![0.0; model.attributes.len()];
            self.stratum.values(b, nodes, &mut values);
            values
        });
        let now = (read, classes.collect());
        if self.holds_for.as_ref() == Some(&now) && self.values.len() == (self.last + 1) * now.1.len() {
            return;
        }
        self.values.clear();
        for cycle in 0..=self.last {
            self.values.extend(now.1.iter().map(|attributes| {
                let s = Situation { cycle, ..situation(model, parameters, attributes, self.state) };
                product(&self.factors, &s)
            }));
        }
        self.holds_for = Some(now);
    }
}

impl Pay {
    /// The pay of a line in a state under an arm, of patients who are seen by `view` of a background; `None` if its amount
    /// is no product of the two kinds of factors.
    pub fn new(
        model: &Model,
        (arm, state, line): (usize, usize, usize),
        (position, background, view): (usize, &Background, usize),
        norms: &mut Norms,
    ) -> Option<Pay> {
        let paths = model.paths();
        let Falls::In(_, reading) = paths.lines[line].falls else {
            return None;
        };
        let reward = &model.rewards[paths.lines[line].reward];
        let by = &background.stratum.attributes;
        if !reward.reads().attributes().iter().all(|a| by.contains(a)) {
            return None;
        }
        let mut all = Vec::new();
        take_apart(&reward.amount, false, &mut all);
        let tells_apart = |(e, _): &Factor| !Reads::of(e).attributes().is_empty();
        let (norm, factors): (Vec<Factor>, Vec<Factor>) = all.into_iter().partition(tells_apart);
        if norm.iter().any(|(e, _)| !Reads::of(e).residence.is_empty()) {
            return None;
        }
        let by_points = model.outcomes[reward.outcome(model)].correction.by_points();
        let sum = (!norm.is_empty()).then(|| {
            let norm = Norm {
                depends_on: parameters_of(norm.iter().map(|(e, _)| e)),
                factors: norm,
                background: position,
                state,
                arm,
                stratum: background.stratum.clone(),
                last: model.time.cycles - usize::from(!by_points),
                holds_for: None,
                values: Vec::new(),
            };
            norms.sum(model, norm, view, reading)
        });
        let mut choices = Vec::new();
        let only_chooses = factors.iter().all(|(e, _)| find_choices(e, &mut choices)) && choices.len() <= 64;
        let depends_on = if only_chooses { parameters_of(choices.iter()) } else { Vec::new() };
        Some(Pay {
            state,
            line,
            arm,
            sum,
            view,
            clock: reward.reads().residence.first().copied(),
            factors,
            choices: only_chooses.then_some(choices),
            depends_on,
            holds_for: None,
            runs: Vec::new(),
            cases: Vec::new(),
        })
    }

    /// Adds what the patients of the state gather to the total of its component.
    pub fn add(
        &mut self,
        tables: &Tables,
        station: &Station,
        (background, norms): (&Background, &Norms),
        counts: &mut StrategyCounts,
    ) {
        let model = tables.model;
        let parameters = &tables.parameters[self.arm];
        let mut residence = vec![0; model.groups.len()];
        self.find_runs(tables, &mut residence);
        let values: Vec<f64> = (self.cases.iter())
            .map(|&(cycle, spent)| {
                residence.fill(spent);
                product(&self.factors, &self.situation(model, parameters, cycle, &residence))
            })
            .collect();
        let line = &model.paths().lines[self.line];
        let weights = line.weights(&tables.weights[line.outcome(model)]);
        let view = &background.views[self.view];
        let worth = self.sum.map_or(&view.alive, |sum| &norms.sums[sum].values);
        let mut total = 0.0;
        for run in &self.runs {
            let amount = values[run.case];
            let worth = &worth[run.k * view.size..][..view.size];
            if amount == 0.0 || weights[run.k] == 0.0 {
                continue;
            }
            let there = match (&station.sojourn, self.clock) {
                (Some(sojourn), Some(_)) => since(sojourn, station, worth, run),
                _ => {
                    let present = station.present[run.k * view.size..][..view.size].iter();
                    // What nobody gets need not be a number.
                    let some = present.zip(worth).filter(|(present, _)| **present != 0.0);
                    some.map(|(present, worth)| present * worth).sum()
                }
            };
            if there != 0.0 {
                total += weights[run.k] * amount * there;
            }
        }
        counts.components[model.rewards[line.reward].component] += total;
    }

    /// Finds which situations belong to which case, unless that is known for these values of parameters.
    fn find_runs(&mut self, tables: &Tables, residence: &mut [usize]) {
        let parameters = &tables.parameters[self.arm];
        let now = self.depends_on.iter().map(|&p| parameters[p]);
        if (self.holds_for.as_ref()).is_some_and(|then| now.clone().eq(then.iter().copied())) {
            return;
        }
        self.holds_for = Some(now.collect());
        let model = tables.model;
        let line = &model.paths().lines[self.line];
        let mut known: Vec<u64> = Vec::new();
        let mut runs: Vec<Run> = Vec::new();
        let mut cases = Vec::new();
        for k in 0..=model.time.cycles {
            let Some(cycle) = line.cycle_read(model, k) else {
                continue;
            };
            let longest = if self.clock.is_some() { k } else { 0 };
            for spent in 0..=longest {
                residence.fill(spent);
                let s = self.situation(model, parameters, cycle, residence);
                let choice = self.choices.as_ref().map(|choices| {
                    let taken = choices.iter().enumerate();
                    taken.fold(0, |bits, (i, e)| bits | (u64::from(e.value(&s) != 0.0) << i))
                });
                let found = choice.and_then(|choice| known.iter().position(|c| *c == choice));
                let case = found.unwrap_or_else(|| {
                    known.extend(choice);
                    cases.push((cycle, spent));
                    cases.len() - 1
                });
                match runs.last_mut() {
                    Some(last) if last.k == k && last.case == case => last.to = spent,
                    _ => runs.push(Run { k, from: spent, to: spent, case }),
                }
            }
        }
        (self.runs, self.cases) = (runs, cases);
    }

    fn situation<'a>(
        &self,
        model: &Model,
        parameters: &'a [f64],
        cycle: usize,
        residence: &'a [usize],
    ) -> Situation<'a> {
        Situation { cycle, residence, ..situation(model, parameters, &[], self.state) }
    }
}

/// What those who came `run.from..=run.to` cycles ago are worth together, with `worth` per class of the station's view.
fn since(sojourn: &Sojourn, station: &Station, worth: &[f64], run: &Run) -> f64 {
    let spent = run.from..(run.to + 1).min(sojourn.longest);
    let of = |u: usize| -> f64 {
        let there: f64 = spent.clone().map(|r| sojourn.there(u, run.k - r, r)).sum();
        // What nobody gets need not be a number.
        if there == 0.0 { 0.0 } else { there * worth[at(&station.seen, u)] }
    };
    (0..station.size).map(of).sum()
}

/// Cycles completed, as a reading at grid point `k` has them.
fn read_at(reading: Reading, k: usize) -> Option<usize> {
    match reading {
        Reading::Any => Some(0),
        Reading::Begins => Some(k),
        Reading::Ends => k.checked_sub(1),
    }
}

/// The factors of a product.
fn take_apart(expr: &Expr, divides: bool, into: &mut Vec<Factor>) {
    match expr {
        Expr::Binary(Binary::Multiply, parts) => {
            parts.iter().for_each(|part| take_apart(part, divides, into))
        }
        Expr::Binary(Binary::Divide, parts) => {
            take_apart(&parts[0], divides, into);
            take_apart(&parts[1], !divides, into);
        }
        Expr::Call(Function::Negate, parts) => {
            into.push((Expr::Number(-1.0), false));
            parts.iter().for_each(|part| take_apart(part, divides, into));
        }
        _ => into.push((expr.clone(), divides)),
    }
}

/// Collects the conditions and comparisons that read clocks; returns whether nothing else does.
fn find_choices(expr: &Expr, into: &mut Vec<Expr>) -> bool {
    let reads_clock = |e: &Expr| Reads::of(e).clocks() > 0;
    match expr {
        Expr::Clock(_) => false,
        Expr::If(parts) => {
            if reads_clock(&parts[0]) {
                into.push(parts[0].clone());
            }
            parts[1..].iter().all(|part| find_choices(part, into))
        }
        Expr::Binary(operator, _)
            if operator.is_comparison() || matches!(operator, Binary::And | Binary::Or) =>
        {
            if reads_clock(expr) {
                into.push(expr.clone());
            }
            true
        }
        _ => expr.children().iter().all(|child| find_choices(child, into)),
    }
}

/// The parameters that expressions read, ascending.
fn parameters_of<'e>(expressions: impl Iterator<Item = &'e Expr>) -> Vec<usize> {
    let mut parameters = Vec::new();
    for expr in expressions {
        expr.walk(&mut |e| {
            if let Expr::Parameter(p) = e {
                insert(&mut parameters, *p);
            }
        });
    }
    parameters
}
