//! The model for one set of parameter values: every hazard as a table that engines look up, shared between
//! states and strategies wherever nothing tells them apart.

use super::hazard::{Factored, factor};
use super::{AttributeKind, Branch, Expr, Hazard, Model, Share, Situation, Transition};

/// Tables of a model under one vector of parameter values.
#[derive(Clone, Debug)]
pub struct Tables<'m> {
    /// The model.
    pub model: &'m Model,
    /// Parameter values per strategy (substitutions applied).
    pub parameters: Vec<Vec<f64>>,
    /// All hazard tables.
    pub pool: Vec<Table<'m>>,
    /// `rows[strategy][state]`.
    pub rows: Vec<Vec<Row>>,
    /// Share of patients who start in each listed state.
    pub start: Vec<(usize, f64)>,
}

/// All exits of a state under a strategy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Resolved before the rest.
    pub first: Vec<Exit>,
    /// Whether `first` are stated probabilities.
    pub first_stated: bool,
    /// The other exits.
    pub rest: Vec<Exit>,
    /// Whether `rest` are stated probabilities.
    pub rest_stated: bool,
}

/// One way out of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Exit {
    /// Transition.
    pub transition: usize,
    /// Index into `Tables::pool`.
    pub table: usize,
}

/// What one transition spends per cycle (or its stated probability).
#[derive(Clone, Debug)]
pub struct Table<'m> {
    /// Transition.
    pub transition: usize,
    /// A strategy for which the table holds (others may share it).
    pub strategy: usize,
    /// A state for which it holds.
    pub state: usize,
    /// Factors that a patient's continuous attributes fix for a sojourn; their product scales the table.
    pub multiplier: Vec<&'m Expr>,
    /// Categorical attributes that choose the class (mixed radix, the first varies slowest).
    pub categorical: Vec<usize>,
    /// Values per class.
    pub form: Form,
}

/// How a table is looked up.
#[derive(Clone, Debug)]
pub enum Form {
    /// Per class, one value per whole cycle of a clock; a single value holds at every cycle.
    Cycles(CycleClock, Vec<Vec<f64>>),
    /// Per class, rates per year by attained age (of the continuous attribute given), integrated.
    Age(usize, Vec<AgeColumn>),
    /// Evaluated in each cycle.
    Walk,
}

/// Clock of a cycle table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleClock {
    /// Model time.
    Time,
    /// Time in a group.
    Residence(usize),
}

/// A hazard constant within bands of age, with its integral at the band limits.
#[derive(Clone, Debug, PartialEq)]
pub struct AgeColumn {
    /// Lower bounds.
    pub ages: Vec<f64>,
    /// Rates per year.
    pub rates: Vec<f64>,
    /// Integral of the rate from the first bound to each bound.
    pub cumulative: Vec<f64>,
}

impl AgeColumn {
    fn new(ages: &[f64], rates: Vec<f64>) -> AgeColumn {
        let mut cumulative = Vec::with_capacity(ages.len());
        let mut sum = 0.0;
        for i in 0..ages.len() {
            cumulative.push(sum);
            if i + 1 < ages.len() {
                sum += rates[i] * (ages[i + 1] - ages[i]);
            }
        }
        AgeColumn {
            ages: ages.to_vec(),
            rates,
            cumulative,
        }
    }

    /// Band of an age.
    pub fn band(&self, age: f64) -> usize {
        self.ages.partition_point(|a| *a <= age).saturating_sub(1)
    }

    /// Integral of the rate from the first bound to `age`.
    pub fn integral(&self, age: f64) -> f64 {
        let band = self.band(age);
        self.cumulative[band] + self.rates[band] * (age - self.ages[band])
    }
}

impl<'m> Tables<'m> {
    /// Evaluates the model for `parameters` (same order as `Model::parameters`).
    pub fn new(model: &'m Model, parameters: &[f64]) -> Tables<'m> {
        let parameters = strategy_parameters(model, parameters);
        let mut pool: Vec<Table<'m>> = Vec::new();
        let mut keys: Vec<(usize, usize, usize)> = Vec::new();
        let mut rows = Vec::with_capacity(model.strategies.len());
        let mut exits = vec![Vec::new(); model.states.len()];
        for (t, transition) in model.transitions.iter().enumerate() {
            transition.from.iter().for_each(|&s| exits[s].push(t));
        }
        for (strategy, arm) in model.strategies.iter().enumerate() {
            let mut arm_rows = vec![Row::default(); model.states.len()];
            for (state, row) in arm_rows.iter_mut().enumerate() {
                for &t in &exits[state] {
                    let own = arm.effects.iter().any(|e| e.transitions.contains(&t))
                        || reads_any(&model.transitions[t], &arm.substitutions);
                    let parts = factor(model, strategy, t);
                    let by_state = parts.rest.state || parts.multiplier.iter().any(|e| reads_state(e));
                    let variant = if own { strategy } else { usize::MAX };
                    let key = (t, variant, if by_state { state } else { usize::MAX });
                    let table = keys.iter().position(|k| *k == key).unwrap_or_else(|| {
                        keys.push(key);
                        pool.push(table(model, &parameters[strategy], strategy, t, state, parts));
                        pool.len() - 1
                    });
                    let stated = matches!(model.transitions[t].hazard, Hazard::Probability(_));
                    let (part, kind) = if model.transitions[t].first {
                        (&mut row.first, &mut row.first_stated)
                    } else {
                        (&mut row.rest, &mut row.rest_stated)
                    };
                    part.push(Exit { transition: t, table });
                    *kind = stated;
                }
            }
            rows.push(arm_rows);
        }
        let start = shares(
            &model.start.iter().map(|(_, share)| share).collect::<Vec<_>>(),
            &situation(model, &parameters[0], &vec![0.0; model.attributes.len()], 0),
        );
        let start = model.start.iter().map(|(s, _)| *s).zip(start).collect();
        Tables {
            model,
            parameters,
            pool,
            rows,
            start,
        }
    }
}

/// The values of stated shares, with `rest` filled in.
pub fn shares(shares: &[&Share], s: &Situation) -> Vec<f64> {
    let mut values: Vec<f64> = shares
        .iter()
        .map(|share| match share {
            Share::Stated(e) => e.value(s),
            Share::Rest => 0.0,
        })
        .collect();
    let sum: f64 = values.iter().sum();
    if let Some(rest) = shares.iter().position(|share| matches!(share, Share::Rest)) {
        values[rest] = (1.0 - sum).max(0.0);
    }
    values
}

/// The proportions of a transition's branches.
pub fn branch_shares(branches: &[Branch], s: &Situation) -> Vec<f64> {
    shares(&branches.iter().map(|b| &b.share).collect::<Vec<_>>(), s)
}

/// A situation at the start of the model.
pub fn situation<'a>(
    model: &Model,
    parameters: &'a [f64],
    attributes: &'a [f64],
    state: usize,
) -> Situation<'a> {
    Situation {
        parameters,
        attributes,
        state,
        cycle: 0,
        residence: &[],
        cycles_per_year: model.time.cycles_per_year,
    }
}

/// Sizes of categorical attributes (1 for continuous ones).
pub fn categories(model: &Model, attribute: usize) -> usize {
    match &model.attributes[attribute].kind {
        AttributeKind::Categorical { categories, .. } => categories.len(),
        AttributeKind::Continuous(_) => 1,
    }
}

fn strategy_parameters(model: &Model, base: &[f64]) -> Vec<Vec<f64>> {
    let attributes = vec![0.0; model.attributes.len()];
    model
        .strategies
        .iter()
        .map(|strategy| {
            let mut own = base.to_vec();
            for (parameter, expr) in &strategy.substitutions {
                own[*parameter] = expr.value(&situation(model, base, &attributes, 0));
            }
            own
        })
        .collect()
}

/// Whether a transition reads a parameter that a strategy replaces.
fn reads_any(transition: &Transition, substitutions: &[(usize, Expr)]) -> bool {
    let mut found = false;
    transition.expressions(&mut |expr| {
        expr.walk(&mut |e| {
            if let Expr::Parameter(p) = e {
                found |= substitutions.iter().any(|(q, _)| q == p);
            }
        });
    });
    found
}

fn reads_state(expr: &Expr) -> bool {
    super::hazard::Reads::of(expr).state
}

fn table<'m>(
    model: &'m Model,
    parameters: &[f64],
    strategy: usize,
    t: usize,
    state: usize,
    parts: Factored<'m>,
) -> Table<'m> {
    let Factored {
        multiplier,
        table_factors,
        rest,
    } = parts;
    let finish = |multiplier, categorical, form| Table {
        transition: t,
        strategy,
        state,
        multiplier,
        categorical,
        form,
    };
    let life_table = matches!(model.transitions[t].hazard, Hazard::LifeTable { .. });
    let free_of_patients = rest.continuous.is_empty() && rest.clocks() <= 1;
    if !(free_of_patients || life_table && rest.clocks() == 1 && rest.continuous.len() == 1) {
        return finish(Vec::new(), rest.categorical, Form::Walk);
    }
    let sizes: Vec<usize> = rest.categorical.iter().map(|&a| categories(model, a)).collect();
    let classes: usize = sizes.iter().product();
    let mut attributes = vec![0.0; model.attributes.len()];
    let mut residence = vec![0; model.groups.len()];
    let mut by_class = |f: &mut dyn FnMut(&mut Situation) -> Vec<f64>| -> Vec<Vec<f64>> {
        (0..classes)
            .map(|class| {
                decode(class, &rest.categorical, &sizes, &mut attributes);
                let mut s = situation(model, parameters, &attributes, state);
                s.residence = &residence;
                f(&mut s)
            })
            .collect()
    };
    let product = |s: &Situation| -> f64 {
        table_factors.iter().map(|e| e.value(s)).product::<f64>()
            * super::hazard::effect_ratio(model, strategy, t, s)
    };
    if let Hazard::LifeTable { table, age, .. } = &model.transitions[t].hazard {
        let life_table = &model.life_tables[*table];
        let columns = by_class(&mut |s| {
            let ratio = product(s);
            let column = life_table.column(s.attributes, model);
            life_table.rates[column].iter().map(|r| r * ratio).collect()
        });
        let columns = columns
            .into_iter()
            .map(|rates| AgeColumn::new(&life_table.ages, rates))
            .collect();
        return finish(multiplier, rest.categorical, Form::Age(*age, columns));
    }
    let clock = match rest.residence.first() {
        Some(&g) => CycleClock::Residence(g),
        None => CycleClock::Time,
    };
    let cycles = if rest.clocks() == 0 { 1 } else { model.time.cycles };
    let year = 1.0 / model.time.cycles_per_year;
    let mut counted = residence.clone();
    let values = by_class(&mut |s| {
        let time = match &model.transitions[t].hazard {
            Hazard::Distribution { time, .. } => Some(time.evaluate(s)),
            _ => None,
        };
        let mut before = 0.0;
        let mut values = Vec::with_capacity(cycles);
        for k in 0..cycles {
            if let CycleClock::Residence(g) = clock {
                counted[g] = k;
            }
            let here = Situation {
                cycle: if clock == CycleClock::Time { k } else { 0 },
                residence: &counted,
                ..*s
            };
            let scale = product(&here);
            values.push(match (&time, &model.transitions[t].hazard) {
                (Some(time), _) => {
                    let after = time.cumulative_hazard((k + 1) as f64 / s.cycles_per_year);
                    let increment = after - before;
                    before = after;
                    increment * scale
                }
                (None, Hazard::Probability(_)) => scale,
                (None, _) => scale * year,
            });
        }
        constant_if_flat(values)
    });
    residence.clear();
    finish(multiplier, rest.categorical, Form::Cycles(clock, values))
}

/// A table that never changes needs one value (an exponential written as a Weibull of shape 1, say).
fn constant_if_flat(values: Vec<f64>) -> Vec<f64> {
    let first = values[0];
    if values.iter().all(|v| (v - first).abs() <= 1e-12 * first.abs()) {
        vec![first]
    } else {
        values
    }
}

/// Sets the categorical attributes of mixed-radix `class`.
pub fn decode(mut class: usize, attributes: &[usize], sizes: &[usize], into: &mut [f64]) {
    for (&a, &size) in attributes.iter().zip(sizes).rev() {
        into[a] = (class % size) as f64;
        class /= size;
    }
}
