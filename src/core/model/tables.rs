//! Hazard tables of a model at one set of parameter values, for look-up by the engines. States and strategies with
//! the same hazard share a table.

use super::dependence::start_of_all;
use super::hazard::{Reads, complement_of, factor};
use super::patients::{categories_present, decode};
use super::table::{Form, HazardTable, is_own};
use super::{Discounting, Expr, Hazard, Model, Weights};

/// Tables of a model under one vector of parameter values.
#[derive(Clone, Debug)]
pub struct Tables<'m> {
    /// The model.
    pub model: &'m Model,
    /// Parameter values before the substitutions of strategies.
    pub base: Vec<f64>,
    /// Parameter values per strategy (substitutions applied).
    pub parameters: Vec<Vec<f64>>,
    /// All hazard tables.
    pub pool: Vec<HazardTable<'m>>,
    /// Exits of each state under each strategy: `rows[strategy][state]`.
    pub rows: Vec<Vec<ExitRow>>,
    /// Share of patients who start in each listed state.
    pub start: Vec<(usize, f64)>,
    /// Per outcome: discounted contribution of one unit at each grid point to the total.
    pub weights: Vec<Weights>,
    /// Per outcome: the evaluated discounting from which `weights` was computed.
    discounting: Vec<Option<Discounting>>,
}

/// All exits of a state under a strategy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExitRow {
    /// Exits that are resolved before the exits in `rest`.
    pub first: Vec<Exit>,
    /// Whether the exits in `first` have stated probabilities.
    pub first_stated: bool,
    /// Exits that are resolved after the exits in `first`.
    pub rest: Vec<Exit>,
    /// Whether the exits in `rest` have stated probabilities.
    pub rest_stated: bool,
}

/// One exit of a state: a transition and its hazard table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Exit {
    /// Index of the transition.
    pub transition: usize,
    /// Index into `Tables::pool`.
    pub table: usize,
}

impl<'m> Tables<'m> {
    /// Evaluates the model for `parameters` (same order as `Model::parameters`).
    pub fn new(model: &'m Model, parameters: &[f64]) -> Tables<'m> {
        let none = vec![Vec::new(); model.strategies.len()];
        let mut tables = Tables {
            model,
            base: Vec::new(),
            parameters: none,
            pool: Vec::new(),
            rows: Vec::with_capacity(model.strategies.len()),
            start: model.start.iter().map(|(s, _)| (*s, 0.0)).collect(),
            weights: Vec::new(),
            discounting: Vec::new(),
        };
        let mut keys: Vec<(usize, usize, usize)> = Vec::new();
        let mut exits = vec![Vec::new(); model.states.len()];
        for (t, transition) in model.transitions.iter().enumerate() {
            transition.from.iter().for_each(|&s| exits[s].push(t));
        }
        for strategy in 0..model.strategies.len() {
            let mut arm_rows = vec![ExitRow::default(); model.states.len()];
            for (state, row) in arm_rows.iter_mut().enumerate() {
                for &t in &exits[state] {
                    let own = is_own(model, strategy, t);
                    let parts = factor(model, strategy, t);
                    let by_state = parts.rest.state || parts.multiplier.iter().any(|e| Reads::of(e).state);
                    let variant = if own { strategy } else { usize::MAX };
                    let key = (t, variant, if by_state { state } else { usize::MAX });
                    let table = keys.iter().position(|k| *k == key).unwrap_or_else(|| {
                        keys.push(key);
                        let mut table = HazardTable::new(model, strategy, t, state, parts);
                        let shares = |other: &HazardTable| other.shares_baseline(model, &table);
                        table.baseline_of = tables.pool.iter().position(shares);
                        tables.pool.push(table);
                        tables.pool.len() - 1
                    });
                    let (part, kind) = if model.transitions[t].first {
                        (&mut row.first, &mut row.first_stated)
                    } else {
                        (&mut row.rest, &mut row.rest_stated)
                    };
                    part.push(Exit { transition: t, table });
                    *kind = model.transitions[t].stated;
                }
            }
            for row in &arm_rows {
                for exits in [&row.first, &row.rest] {
                    for exit in exits {
                        if let Hazard::Complement = model.transitions[exit.transition].hazard {
                            let others = exits.iter().filter(|other| *other != exit);
                            tables.pool[exit.table].row = others.map(|other| other.table).collect();
                        }
                    }
                }
            }
            tables.rows.push(arm_rows);
        }
        tables.set(parameters);
        tables
    }

    /// Discounting of an outcome at the current parameter values; `None` if the outcome is not discounted.
    pub fn discounting(&self, outcome: usize) -> Option<&Discounting> {
        self.discounting[outcome].as_ref()
    }

    /// Whether patient histories are the same under two strategies, which then differ only in the amounts of
    /// rewards. This requires that all patients are eligible for both strategies, that neither has a procedure at
    /// the start, and that all hazards are the same.
    pub fn same_lives(&self, a: usize, b: usize) -> bool {
        let plain = |s: usize| {
            let strategy = &self.model.strategies[s];
            strategy.at_start.is_empty() && matches!(strategy.eligible, Expr::Number(x) if x != 0.0)
        };
        plain(a) && plain(b) && self.rows[a] == self.rows[b]
    }

    /// Runs `run` on patients who start in other states than the model states: pairs of state and share.
    pub fn starting_in<R>(&mut self, start: &[(usize, f64)], run: impl FnOnce(&Tables<'m>) -> R) -> R {
        let all = std::mem::replace(&mut self.start, start.to_vec());
        let result = run(self);
        self.start = all;
        result
    }

    /// Evaluates the model for new parameter values; tables that do not depend on changed values are kept.
    pub fn set(&mut self, parameters: &[f64]) {
        let model = self.model;
        self.base.clear();
        self.base.extend_from_slice(parameters);
        for (strategy, own) in model.strategies.iter().zip(&mut self.parameters) {
            strategy.parameters_into(model, parameters, own);
        }
        let present = categories_present(model, &self.parameters[0]);
        for i in 0..self.pool.len() {
            let (earlier, rest) = self.pool.split_at_mut(i);
            let table = &mut rest[0];
            if table.must_change(&self.parameters[table.strategy]) {
                table.evaluate(model, &self.parameters[table.strategy], &present, earlier);
            }
        }
        // Complements are computed last, because they need the values of the other tables in their row.
        for i in 0..self.pool.len() {
            if !self.pool[i].row.is_empty() && !matches!(self.pool[i].form, Form::Walk) {
                let values = self.left_over(&self.pool[i], &present);
                self.pool[i].set_values(values);
            }
        }
        let start = start_of_all(model, &self.parameters[0]);
        self.start.iter_mut().zip(start).for_each(|(own, share)| own.1 = share);
        // Discounting belongs to the analysis and not to a strategy, so discount rates ignore the substitutions of
        // strategies.
        let evaluated = model.outcomes.iter().map(|o| Some(o.discount.as_ref()?.evaluate(model, parameters)));
        let evaluated: Vec<Option<Discounting>> = evaluated.collect();
        if self.weights.is_empty() || evaluated != self.discounting {
            let outcomes = model.outcomes.iter().zip(&evaluated);
            let weights =
                outcomes.map(|(outcome, discounting)| outcome.weights(&model.time, discounting.as_ref()));
            self.weights = weights.collect();
            self.discounting = evaluated;
        }
    }
}

impl Tables<'_> {
    /// Per class: the probability of the complement of a row in each cycle, which is one minus the row's other
    /// probabilities.
    fn left_over(&self, table: &HazardTable, present: &[Vec<bool>]) -> Vec<Vec<f64>> {
        let mut attributes = vec![0.0; self.model.attributes.len()];
        let classes: usize = table.sizes.iter().product();
        (0..classes)
            .map(|class| {
                decode(class, &table.categorical, &table.sizes, &mut attributes);
                if !table.is_present(&attributes, present) {
                    return vec![0.0];
                }
                let others: Vec<&[f64]> = table
                    .row
                    .iter()
                    .filter_map(|&other| {
                        let other = &self.pool[other];
                        match &other.form {
                            Form::Cycles(_, values) => Some(&values[other.class(&attributes)][..]),
                            _ => None,
                        }
                    })
                    .collect();
                let cycles = others.iter().map(|values| values.len()).max().unwrap_or(1);
                let taken = |k: usize| others.iter().map(|v| if v.len() == 1 { v[0] } else { v[k] }).sum();
                (0..cycles).map(|k| complement_of(taken(k))).collect()
            })
            .collect()
    }
}
