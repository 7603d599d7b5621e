//! Cumulative hazard of a transition in one cycle, effects included. [`spend`] is the single definition that all
//! tables and engines use.

use std::borrow::Cow;

use super::never;
use super::{Branch, Clock, Effect, EffectOn, Expr, Hazard, Model, Share, Situation, TimeToEvent};

/// The cumulative hazard of transition `t` over the cycle described by `s` (or, for transitions that are
/// [`Transition::stated`](super::Transition::stated), the probability per cycle), under strategy `strategy`,
/// effects included.
///
/// Expressions are evaluated at the start of the cycle (in continuous time, in its middle); distributions and life tables
/// are integrated along their clock.
pub fn spend(model: &Model, strategy: usize, t: usize, s: &Situation) -> f64 {
    let year = 1.0 / s.cycles_per_year;
    let transition = &model.transitions[t];
    let ratio = |on| effect_ratio(model, strategy, t, s, on);
    let plain = match &transition.hazard {
        Hazard::Rate(rate) => rate.value(s) * year,
        Hazard::Probability(p) => {
            return p.value(s) * ratio(EffectOn::Probability) * never::factor(model, strategy, t, s);
        }
        Hazard::Complement => return complement(model, strategy, t, s),
        Hazard::Distribution { time, clock, ratio } => {
            let from = Expr::Clock(*clock).value(&Situation { part: 0.0, ..*s });
            let position = cycles_on(*clock, s);
            let to = match position {
                // One division of whole cycles, because adding up cycle lengths would accumulate rounding errors.
                Some(cycles) => (cycles + 1) as f64 / s.cycles_per_year,
                None => from + year,
            };
            stretched(time, model, strategy, t, s).hazard_between(from, to) * ratio.value(s)
        }
        Hazard::LifeTable { table, age, ratio } => {
            let life_table = &model.life_tables[*table];
            let column = life_table.column(s.attributes, model);
            let start = s.attributes[*age];
            let from = start + s.cycle as f64 / s.cycles_per_year;
            let to = start + (s.cycle + 1) as f64 / s.cycles_per_year;
            life_table.cumulative(column).between(from, to) * ratio.value(s)
        }
    };
    let w = plain * ratio(EffectOn::Hazard) * never::factor(model, strategy, t, s);
    match transition.stated {
        true => stated(w) * ratio(EffectOn::Probability),
        false => w,
    }
}

/// The time to event `time` of transition `t` in situation `s`, stretched by the time ratios of `strategy`.
pub fn stretched(
    time: &TimeToEvent<Expr>,
    model: &Model,
    strategy: usize,
    t: usize,
    s: &Situation,
) -> TimeToEvent<f64> {
    time.evaluate(s).stretched(effect_ratio(model, strategy, t, s, EffectOn::Time))
}

/// The probability of an event in a cycle with cumulative hazard `w`.
pub fn stated(w: f64) -> f64 {
    -crate::math::exp_m1(-w)
}

/// One minus the probabilities of the other transitions in the row of transition `t`.
fn complement(model: &Model, strategy: usize, t: usize, s: &Situation) -> f64 {
    let others = others_in_row(model, t, s.state);
    complement_of(others.map(|o| spend(model, strategy, o, s)).sum())
}

/// One minus `taken`, the sum of the other probabilities of a row; a difference within rounding error counts as
/// zero.
pub fn complement_of(taken: f64) -> f64 {
    let rest = 1.0 - taken;
    if rest.abs() < 1e-12 { 0.0 } else { rest }
}

/// The other transitions in the row of transition `t` in `state`.
fn others_in_row(model: &Model, t: usize, state: usize) -> impl Iterator<Item = usize> {
    let first = model.transitions[t].first;
    let all = model.transitions.iter().enumerate();
    all.filter(move |(o, other)| *o != t && other.first == first && other.from.contains(&state))
        .map(|(o, _)| o)
}

/// The product of the strategy's ratios on the hazard, or on the probability, of transition `t` in this cycle.
fn effect_ratio(model: &Model, strategy: usize, t: usize, s: &Situation, on: EffectOn) -> f64 {
    effects_on(model, strategy, t)
        .filter(|e| e.on == on)
        .map(|e| faded(e.ratio.value(s), e.strength(s.cycle as f64 + s.part)))
        .product()
}

/// The strategy's effects on transition `t`.
pub fn effects_on(model: &Model, strategy: usize, t: usize) -> impl Iterator<Item = &Effect> {
    let effects = model.strategies[strategy].effects.iter();
    effects.filter(move |e| e.transitions.contains(&t))
}

/// The ratio at partial strength, interpolated linearly on the ln scale from 1 (no effect) to `ratio` (full
/// effect).
fn faded(ratio: f64, strength: f64) -> f64 {
    if strength == 1.0 {
        ratio
    } else if strength > 0.0 {
        crate::math::exp(strength * crate::math::ln(ratio))
    } else {
        1.0
    }
}

/// A strategy's effects on one transition for one class of patients. The ratios do not read clocks, so each ratio
/// is evaluated once for all cycles.
pub struct Effects<'m>(Vec<(&'m Effect, f64)>);

impl<'m> Effects<'m> {
    /// Evaluates the ratios of the strategy's effects on transition `t`.
    pub fn new(model: &'m Model, strategy: usize, t: usize, s: &Situation) -> Effects<'m> {
        let on_t = effects_on(model, strategy, t);
        Effects(on_t.map(|e| (e, e.ratio.value(s))).collect())
    }

    /// Whether any effect builds up or wanes over time.
    pub fn change(&self) -> bool {
        self.0.iter().any(|(e, _)| e.onset > 0.0 || e.full_until.is_some())
    }

    /// Product of the ratios on hazards (or on probabilities), `cycles` cycles after the start.
    pub fn ratio(&self, on: EffectOn, cycles: f64) -> f64 {
        let own = self.0.iter().filter(|(e, _)| e.on == on);
        own.map(|(e, ratio)| faded(*ratio, e.strength(cycles))).product()
    }
}

fn cycles_on(clock: Clock, s: &Situation) -> Option<usize> {
    match clock {
        Clock::Time => Some(s.cycle),
        Clock::TimeIn(g) => Some(s.residence[g]),
        Clock::Cycle | Clock::Age(_) | Clock::AgeAtEnd(_) | Clock::Count(_) => None,
    }
}

/// Quantities that an expression reads, except parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reads {
    /// Categorical attributes, ascending.
    pub categorical: Vec<usize>,
    /// Continuous attributes, ascending; read as the value at the start or as attained age.
    pub continuous: Vec<usize>,
    /// Whether model time or the cycle number is read.
    pub time: bool,
    /// Whether attained age is read.
    pub age: bool,
    /// Groups whose clock is read, ascending.
    pub residence: Vec<usize>,
    /// Whether the current state is read.
    pub state: bool,
}

impl Reads {
    /// The quantities that `expr` reads.
    pub fn of(expr: &Expr) -> Reads {
        let mut reads = Reads::default();
        reads.add(expr);
        reads
    }

    /// Adds the quantities that `expr` reads.
    pub fn add(&mut self, expr: &Expr) {
        use super::Selector;
        expr.walk(&mut |e| match e {
            Expr::Attribute(a) => insert(&mut self.continuous, *a),
            Expr::Clock(Clock::Time | Clock::Cycle) => self.time = true,
            Expr::Clock(Clock::Age(a) | Clock::AgeAtEnd(a)) => {
                self.age = true;
                insert(&mut self.continuous, *a);
            }
            Expr::Clock(Clock::TimeIn(g) | Clock::Count(g)) => insert(&mut self.residence, *g),
            Expr::Lookup(table, _) => {
                table.by.iter().for_each(|(a, _)| insert(&mut self.categorical, *a));
            }
            Expr::Select(on, _) | Expr::Among(on, _) => match on {
                Selector::Attribute(a) => insert(&mut self.categorical, *a),
                Selector::State => self.state = true,
            },
            _ => {}
        });
    }

    /// Adds all quantities in `other`.
    pub fn merge(&mut self, other: &Reads) {
        other.categorical.iter().for_each(|a| insert(&mut self.categorical, *a));
        other.continuous.iter().for_each(|a| insert(&mut self.continuous, *a));
        other.residence.iter().for_each(|a| insert(&mut self.residence, *a));
        self.time |= other.time;
        self.age |= other.age;
        self.state |= other.state;
    }

    /// Adds the quantities that the shares of `branches` read.
    pub fn add_shares(&mut self, branches: &[Branch]) {
        for branch in branches {
            if let Share::Stated(e) = &branch.share {
                self.add(e);
            }
        }
    }

    /// Whether every continuous attribute in this set has the same value for all patients.
    pub fn same_numbers(&self, model: &Model) -> bool {
        self.continuous.iter().all(|&a| model.attributes[a].is_fixed())
    }

    /// Replaces attained age by model time if all patients start at the same age, because age is then model time
    /// plus a constant.
    fn settle(&mut self, model: &Model) {
        if self.age && self.same_numbers(model) {
            self.age = false;
            self.time = true;
        }
    }

    /// Number of distinct clocks that the expressions read.
    pub fn clocks(&self) -> usize {
        usize::from(self.time) + usize::from(self.age) + self.residence.len()
    }

    /// All attributes that are read, ascending.
    pub fn attributes(&self) -> Vec<usize> {
        let mut all = self.categorical.clone();
        self.continuous.iter().for_each(|a| insert(&mut all, *a));
        all
    }
}

/// Inserts `value` into the sorted vector `set`, unless `set` already contains it.
pub fn insert(set: &mut Vec<usize>, value: usize) {
    if let Err(at) = set.binary_search(&value) {
        set.insert(at, value);
    }
}

/// A hazard written as a product. `multiplier` contains the factors that read a continuous attribute but no clock,
/// and is constant during a stay in a state. `rest` lists everything that the other factors read together (effects
/// included).
#[derive(Clone, Debug)]
pub struct Factored<'m> {
    /// Factors that are evaluated separately for each patient.
    pub multiplier: Vec<Cow<'m, Expr>>,
    /// Factors that are evaluated in the table. The baseline hazard of a distribution or life table is also part
    /// of the table.
    pub table_factors: Vec<Cow<'m, Expr>>,
    /// Quantities that the table part reads.
    pub rest: Reads,
}

/// All quantities that the hazard of transition `t` reads under `strategy`, effects included.
pub fn reads(model: &Model, strategy: usize, t: usize) -> Reads {
    let factored = factor(model, strategy, t);
    let mut reads = factored.rest;
    factored.multiplier.iter().for_each(|e| reads.add(e));
    reads
}

/// Splits the hazard of transition `t` under `strategy` into a multiplier and a table part.
pub fn factor(model: &Model, strategy: usize, t: usize) -> Factored<'_> {
    let mut factored = Factored { multiplier: Vec::new(), table_factors: Vec::new(), rest: Reads::default() };
    match &model.transitions[t].hazard {
        Hazard::Rate(rate) => split(rate, &mut factored),
        Hazard::Probability(p) => {
            factored.rest.add(p);
            factored.table_factors.push(Cow::Borrowed(p));
        }
        Hazard::Complement => {
            factored.rest.state = true;
            for &state in &model.transitions[t].from {
                for other in others_in_row(model, t, state) {
                    factored.rest.merge(&reads(model, strategy, other));
                }
            }
        }
        Hazard::Distribution { time, clock, ratio } => {
            split(ratio, &mut factored);
            for e in time.expressions() {
                factored.rest.add(e);
            }
            factored.rest.add(&Expr::Clock(*clock));
        }
        Hazard::LifeTable { table, age, ratio } => {
            split(ratio, &mut factored);
            factored.rest.age = true;
            insert(&mut factored.rest.continuous, *age);
            for a in &model.life_tables[*table].by {
                insert(&mut factored.rest.categorical, *a);
            }
        }
    }
    factored.multiplier.extend(never::expression(model, strategy, t).map(Cow::Owned));
    if model.transitions[t].stated {
        // All factors move to the table, because the probability 1 - exp(-hazard) is not proportional to the
        // hazard.
        for factor in std::mem::take(&mut factored.multiplier) {
            factored.rest.add(&factor);
            factored.table_factors.push(factor);
        }
    }
    // Effects on the patients for whom the transition never fires are part of their factor.
    for effect in effects_on(model, strategy, t).filter(|effect| effect.on != EffectOn::NeverOdds) {
        factored.rest.add(&effect.ratio);
        factored.rest.time |=
            effect.onset > 0.0 || effect.full_until.is_some_and(|full| full < model.time.cycles as f64);
    }
    factored.rest.settle(model);
    factored
}

/// Splits a product into two groups of factors: factors that read a continuous attribute and no clock, which are
/// constant for a patient during a stay in a state, and all other factors.
fn split<'m>(expr: &'m Expr, factored: &mut Factored<'m>) {
    if let Expr::Binary(super::Binary::Multiply, parts) = expr {
        split(&parts[0], factored);
        split(&parts[1], factored);
        return;
    }
    let reads = Reads::of(expr);
    if !reads.continuous.is_empty() && reads.clocks() == 0 {
        factored.multiplier.push(Cow::Borrowed(expr));
    } else {
        factored.rest.merge(&reads);
        factored.table_factors.push(Cow::Borrowed(expr));
    }
}
