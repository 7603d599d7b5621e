//! Hazard table: the cumulative hazard of one transition in each cycle, evaluated once for all patients of a class.

use std::borrow::Cow;

use super::distribution::spent;
use super::hazard::{Effects, Factored, Reads, effects_on, insert, reads, stated, stretched};
use super::patients::{categories, class, decode, fixed_attributes, situation};
use super::within_cycle::WithinCycle;
use super::{Clock, EffectOn, Expr, Hazard, Model, Situation};

/// Cumulative hazard of one transition per cycle (or its stated probability).
#[derive(Clone, Debug)]
pub struct HazardTable<'m> {
    /// Index of the transition.
    pub transition: usize,
    /// Index of a strategy to which the table applies; other strategies may share the table.
    pub strategy: usize,
    /// Index of a state to which the table applies; other states may share the table.
    pub state: usize,
    /// Factors that read continuous attributes of a patient and are constant during a stay in a state; their
    /// product scales the table.
    pub multiplier: Vec<Cow<'m, Expr>>,
    /// Factors that are evaluated in the table, without treatment effects.
    factors: Vec<Cow<'m, Expr>>,
    /// Whether any of the factors reads a clock.
    factors_vary: bool,
    /// Whether the table reads any clock.
    varies: bool,
    /// Categorical attributes that choose the class (mixed radix, the first varies slowest).
    pub categorical: Vec<usize>,
    pub(super) sizes: Vec<usize>,
    /// Values of the table for each class of patients.
    pub form: Form,
    /// Per class: baseline cumulative hazard in each cycle, before factors and treatment effects multiply it.
    baseline: Vec<Vec<f64>>,
    /// Per class: how the hazard is spread within the cycles of its clock. Only in continuous time and for distributions;
    /// otherwise empty.
    pub within: Vec<WithinCycle>,
    /// Index of an earlier table of the same transition with the same baseline, because strategies that only
    /// multiply a hazard share its baseline.
    pub(super) baseline_of: Option<usize>,
    /// Indices of the other tables of the row, if the table is the complement of the row; otherwise empty.
    pub(super) row: Vec<usize>,
    /// Indices of the parameters on which the table depends; `holds_for` contains the parameter values of the last
    /// evaluation.
    depends_on: Vec<usize>,
    holds_for: Option<Vec<f64>>,
}

/// Method by which a table is looked up.
#[derive(Clone, Debug)]
pub enum Form {
    /// Per class, one value for each whole cycle of a clock; a single value applies to every cycle.
    Cycles(CycleClock, Vec<Vec<f64>>),
    /// Per class, rates per year by attained age and their integral; the index is the continuous attribute of the
    /// age at the start.
    Age(usize, Vec<AgeColumn>),
    /// No table: the hazard is evaluated for each patient in each cycle.
    Walk,
}

/// Clock by which a table is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleClock {
    /// Model time.
    Time,
    /// Time in the group with this index.
    Residence(usize),
}

/// A hazard constant within bands of age, with its integral at the band limits.
#[derive(Clone, Debug, PartialEq)]
pub struct AgeColumn {
    /// Lower bounds of the age bands.
    pub ages: Vec<f64>,
    /// Rate per year in each age band.
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
        AgeColumn { ages: ages.to_vec(), rates, cumulative }
    }

    /// Index of the age band that contains `age`.
    pub fn band(&self, age: f64) -> usize {
        self.ages.partition_point(|a| *a <= age).saturating_sub(1)
    }

    /// Integral of the rate from the first bound to `age`.
    pub fn integral(&self, age: f64) -> f64 {
        let band = self.band(age);
        self.cumulative[band] + self.rates[band] * (age - self.ages[band])
    }
}

impl<'m> HazardTable<'m> {
    /// Creates the table of a transition without evaluating it.
    pub(super) fn new(
        model: &'m Model,
        strategy: usize,
        t: usize,
        state: usize,
        parts: Factored<'m>,
    ) -> HazardTable<'m> {
        let rest = parts.rest;
        let life_table = matches!(model.transitions[t].hazard, Hazard::LifeTable { .. });
        let free_of_patients = rest.same_numbers(model) && rest.clocks() <= 1;
        // A table by attained age evaluates the multipliers of the life table once for patients of all ages, so no
        // multiplier may read a clock or a number that differs between patients.
        let factors = parts.table_factors.iter().map(Cow::as_ref);
        let on_t = effects_on(model, strategy, t).map(|effect| &effect.ratio);
        let alike = |e: &Expr| {
            let reads = Reads::of(e);
            reads.same_numbers(model) && reads.clocks() == 0
        };
        let by_age = life_table && !model.transitions[t].stated && factors.chain(on_t).all(alike);
        let looked_up = free_of_patients || by_age && rest.clocks() == 1 && rest.continuous.len() == 1;
        // A table is read along a clock, and a counter does not run.
        let counts = rest.residence.iter().any(|&g| model.groups[g].counter.is_some());
        let looked_up = looked_up && !counts;
        let form = match (&model.transitions[t].hazard, rest.residence.first()) {
            _ if !looked_up => Form::Walk,
            (Hazard::LifeTable { age, .. }, _) if !free_of_patients => Form::Age(*age, Vec::new()),
            (_, Some(&g)) => Form::Cycles(CycleClock::Residence(g), Vec::new()),
            (_, None) => Form::Cycles(CycleClock::Time, Vec::new()),
        };
        let reads_clock = |e: &Cow<Expr>| Reads::of(e).clocks() > 0;
        HazardTable {
            transition: t,
            strategy,
            state,
            // Without a table, all factors are evaluated for each patient in each cycle, so no separate multiplier
            // is needed.
            multiplier: if looked_up { parts.multiplier } else { Vec::new() },
            factors_vary: parts.table_factors.iter().any(reads_clock),
            varies: rest.clocks() > 0,
            factors: parts.table_factors,
            sizes: rest.categorical.iter().map(|&a| categories(model, a)).collect(),
            categorical: rest.categorical,
            form,
            baseline: Vec::new(),
            within: Vec::new(),
            baseline_of: None,
            row: Vec::new(),
            depends_on: depends_on(model, strategy, t),
            holds_for: None,
        }
    }

    /// Whether `other` is a table of the same transition with the same baseline, whatever the parameter values.
    pub(super) fn shares_baseline(&self, model: &Model, other: &HazardTable) -> bool {
        let replaced = |table: &HazardTable| reads_replaced(model, table.strategy, table.transition);
        let has_time_ratio = |table: &HazardTable| {
            effects_on(model, table.strategy, table.transition).any(|effect| effect.on == EffectOn::Time)
        };
        let form = |table: &HazardTable| match &table.form {
            Form::Cycles(clock, _) => Some(*clock),
            _ => None,
        };
        let complement = matches!(model.transitions[self.transition].hazard, Hazard::Complement);
        self.transition == other.transition
            && !complement
            && self.state == other.state
            && self.categorical == other.categorical
            && self.varies == other.varies
            && form(self).is_some()
            && form(self) == form(other)
            && !replaced(self)
            && !replaced(other)
            && !has_time_ratio(self)
            && !has_time_ratio(other)
    }

    /// Index of the class of a patient with these attribute values.
    pub fn class(&self, attributes: &[f64]) -> usize {
        let by = self.categorical.iter().copied().zip(self.sizes.iter().copied());
        class(by, attributes)
    }

    /// Whether the table was evaluated at other parameter values and must be evaluated again; stores the new
    /// values of the parameters on which the table depends.
    pub(super) fn must_change(&mut self, parameters: &[f64]) -> bool {
        let now = self.depends_on.iter().map(|&p| parameters[p]);
        let same = self.holds_for.as_ref().is_some_and(|then| now.clone().eq(then.iter().copied()));
        if !same {
            self.holds_for = Some(now.collect());
        }
        !same
    }

    /// Evaluates the table at one set of parameter values.
    pub(super) fn evaluate(
        &mut self,
        model: &Model,
        parameters: &[f64],
        present: &[Vec<bool>],
        earlier: &[HazardTable],
    ) {
        let classes: usize = self.sizes.iter().product();
        let mut attributes = fixed_attributes(model, parameters);
        let mut form = std::mem::replace(&mut self.form, Form::Walk);
        match &mut form {
            Form::Walk => {}
            Form::Cycles(clock, values) => {
                values.resize_with(classes, Vec::new);
                self.within.clear();
                self.baseline.resize_with(classes, Vec::new);
                for (class, values) in values.iter_mut().enumerate() {
                    decode(class, &self.categorical, &self.sizes, &mut attributes);
                    values.clear();
                    if !self.row.is_empty() || !self.is_present(&attributes, present) {
                        values.push(0.0);
                        self.within.extend(WithinCycle::none(model, self.transition));
                        continue;
                    }
                    let s = situation(model, parameters, &attributes, self.state);
                    self.within.extend(WithinCycle::of(model, self.strategy, self.transition, &s));
                    match self.baseline_of {
                        Some(i) => values.extend_from_slice(&earlier[i].baseline[class]),
                        None => {
                            let mut baseline = std::mem::take(&mut self.baseline[class]);
                            self.spend_baseline(model, &s, &mut baseline);
                            values.extend_from_slice(&baseline);
                            self.baseline[class] = baseline;
                        }
                    }
                    self.cycles(model, *clock, &s, values);
                }
            }
            Form::Age(_, columns) => {
                columns.clear();
                for class in 0..classes {
                    decode(class, &self.categorical, &self.sizes, &mut attributes);
                    let s = situation(model, parameters, &attributes, self.state);
                    columns.push(self.ages(model, &s));
                }
            }
        }
        self.form = form;
    }

    /// Rates by attained age for the class that `s` describes.
    fn ages(&self, model: &Model, s: &Situation) -> AgeColumn {
        let Hazard::LifeTable { table, .. } = &model.transitions[self.transition].hazard else {
            unreachable!("only life tables are looked up by age");
        };
        let effects = Effects::new(model, self.strategy, self.transition, s);
        let ratio = self.product(s) * effects.ratio(EffectOn::Hazard, 0.0);
        let life_table = &model.life_tables[*table];
        let column = life_table.column(s.attributes, model);
        let rates = life_table.rates[column].iter().map(|r| r * ratio).collect();
        AgeColumn::new(&life_table.ages, rates)
    }

    /// Baseline cumulative hazard of the class that `s` describes in each cycle of the table's clock, before
    /// factors and treatment effects multiply it; a single value if the table reads no clock.
    fn spend_baseline(&self, model: &Model, s: &Situation, values: &mut Vec<f64>) {
        let cycles = if self.varies { model.time.cycles } else { 1 };
        let years = |cycle: usize| cycle as f64 / s.cycles_per_year;
        values.clear();
        match &model.transitions[self.transition].hazard {
            Hazard::Distribution { time, clock, .. } => {
                let time = stretched(time, model, self.strategy, self.transition, s);
                let origin = match clock {
                    Clock::Age(a) => s.attributes[*a],
                    _ => 0.0,
                };
                let mut before = time.cumulative_hazard(origin);
                values.extend((0..cycles).map(|k| {
                    let after = time.cumulative_hazard(origin + years(k + 1));
                    let increment = spent(before, after);
                    before = after;
                    increment
                }));
            }
            Hazard::LifeTable { table, age, .. } => {
                let life_table = &model.life_tables[*table];
                let mortality = life_table.cumulative(life_table.column(s.attributes, model));
                let start = s.attributes[*age];
                let increment = |k| mortality.between(start + years(k), start + years(k + 1));
                values.extend((0..cycles).map(increment));
            }
            // The baseline probability is 1, which is final for a complement that is alone in its row.
            Hazard::Probability(_) | Hazard::Complement => values.resize(cycles, 1.0),
            Hazard::Rate(_) => values.resize(cycles, 1.0 / s.cycles_per_year),
        }
    }

    /// Converts the baseline in `values` to the cumulative hazard, or the probability, in each cycle of `clock`
    /// for the class that `s` describes. If all cycles have the same value, a single value remains.
    fn cycles(&self, model: &Model, clock: CycleClock, s: &Situation, values: &mut Vec<f64>) {
        let transition = &model.transitions[self.transition];
        let mut residence = vec![0; model.groups.len()];
        if !matches!(transition.hazard, Hazard::Complement) {
            let constant = if self.factors_vary { 1.0 } else { self.product(s) };
            let effects = Effects::new(model, self.strategy, self.transition, s);
            let part = model.time.part();
            let ratios = |cycle: usize| {
                [EffectOn::Hazard, EffectOn::Probability].map(|on| effects.ratio(on, cycle as f64 + part))
            };
            let at_first = ratios(0);
            let changes = clock == CycleClock::Time && effects.change();
            for (k, value) in values.iter_mut().enumerate() {
                let [on_hazard, on_probability] = if changes { ratios(k) } else { at_first };
                *value *= constant * on_hazard;
                if self.factors_vary {
                    *value *= self.product(&at_cycle(clock, k, &Situation { part, ..*s }, &mut residence));
                }
                if transition.stated {
                    if !matches!(transition.hazard, Hazard::Probability(_)) {
                        *value = stated(*value);
                    }
                    *value *= on_probability;
                }
            }
        }
        // A table with the same value in all cycles needs one value only, for example a Weibull distribution of
        // shape 1.
        let first = values[0];
        if values.iter().all(|v| (v - first).abs() <= 1e-12 * first.abs()) {
            values.truncate(1);
        }
    }

    /// Whether each category in `attributes` that the table reads contains patients.
    pub(super) fn is_present(&self, attributes: &[f64], present: &[Vec<bool>]) -> bool {
        self.categorical.iter().all(|&a| present[a][attributes[a] as usize])
    }

    /// Sets the values of all classes.
    pub(super) fn set_values(&mut self, new: Vec<Vec<f64>>) {
        if let Form::Cycles(_, values) = &mut self.form {
            *values = new;
        }
    }

    fn product(&self, s: &Situation) -> f64 {
        self.factors.iter().map(|e| e.value(s)).product()
    }
}

/// Whether a strategy changes transition `t`, because an effect acts on the transition or because the transition
/// reads a parameter that the strategy replaces.
pub fn is_own(model: &Model, strategy: usize, t: usize) -> bool {
    let transition = &model.transitions[t];
    if let Hazard::Complement = transition.hazard {
        let shares_row = |o: &usize| {
            let other = &model.transitions[*o];
            *o != t
                && other.first == transition.first
                && other.from.iter().any(|s| transition.from.contains(s))
        };
        // The recursion ends because a row has at most one complement.
        let others = (0..model.transitions.len()).filter(shares_row);
        return others
            .filter(|&o| !matches!(model.transitions[o].hazard, Hazard::Complement))
            .any(|o| is_own(model, strategy, o));
    }
    effects_on(model, strategy, t).next().is_some() || reads_replaced(model, strategy, t)
}

/// Whether a transition reads a parameter that the strategy replaces.
fn reads_replaced(model: &Model, strategy: usize, t: usize) -> bool {
    let substitutions = &model.strategies[strategy].substitutions;
    let mut found = false;
    model.transitions[t].expressions(&mut |expr| {
        expr.walk(&mut |e| {
            if let Expr::Parameter(p) = e {
                found |= substitutions.iter().any(|(q, _)| q == p);
            }
        });
    });
    found
}

/// Indices of the parameters on which the table of a transition depends: parameters in the transition, in effects
/// on the transition, and in attributes that the transition reads.
fn depends_on(model: &Model, strategy: usize, t: usize) -> Vec<usize> {
    let mut parameters = Vec::new();
    let mut read = |expr: &Expr| {
        expr.walk(&mut |e| {
            if let Expr::Parameter(p) = e {
                insert(&mut parameters, *p);
            }
        });
    };
    model.transitions[t].expressions(&mut read);
    effects_on(model, strategy, t).for_each(|effect| read(&effect.ratio));
    for a in reads(model, strategy, t).attributes() {
        // The distribution of a continuous attribute does not change the table, unless all patients have the same value of
        // the attribute.
        if model.attributes[a].is_number() && !model.attributes[a].is_fixed() {
            continue;
        }
        model.attributes[a].expressions().into_iter().for_each(&mut read);
    }
    parameters
}

/// The situation `s` after `k` cycles on `clock`.
fn at_cycle<'a>(clock: CycleClock, k: usize, s: &Situation<'a>, residence: &'a mut [usize]) -> Situation<'a> {
    if let CycleClock::Residence(g) = clock {
        residence[g] = k;
    }
    Situation { cycle: if clock == CycleClock::Time { k } else { 0 }, residence, ..*s }
}
