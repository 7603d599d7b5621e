//! Kinks of a continuous attribute: values at which a result of the model bends or jumps, such as limits that the
//! attribute is compared with, changes between pieces of `min`, `max`, `abs` or `floor`, and bands of a life
//! table.
//!
//! Kinks are found numerically: the attribute is varied over its range, in every combination of category, state
//! and clocks, and a kink is a value at which the smooth piece of an expression changes. Attained age is the
//! attribute plus model time, so a limit on age corresponds to a different value of the attribute in each cycle.

use super::pieces::{changes, has_pieces, only_steps, piece};
use crate::model::hazard::Reads;
use crate::model::never;
use crate::model::patients::{categories, decode, situation};
use crate::model::{Clock, Expr, Hazard, Model, Share, Situation};

/// Largest number of kinks at which the range is split. Above this number, no further kinks are searched for,
/// because the more kinks an expression has, the smaller the error from each kink.
const MOST_CUTS: usize = 400;

/// Largest number of situations in which an expression is searched for kinks; expressions with more are not searched.
const MOST_SITUATIONS: usize = 20_000;

/// Number of intervals in which the range is searched for a change of piece; a change that is reversed within one interval
/// may be missed.
const PARTS: u32 = 256;

/// Result of a search for kinks.
pub struct Kinks {
    /// Values of the attribute at which kinks were found, ascending.
    pub cuts: Vec<f64>,
    /// Whether all kinks were found; if not, the quadrature uses additional panels.
    pub all: bool,
}

/// Kinks between `low` and `high` of everything that the model computes from attribute `a`.
pub fn kinks(model: &Model, a: usize, parameters: &[f64], low: f64, high: f64) -> Kinks {
    let mut search = Search {
        model,
        a,
        range: (low, high),
        others: values_of_others(model, parameters),
        cuts: Vec::new(),
        all: true,
    };
    // The most important kinks are searched for first: a fixed limit acts in every cycle, a limit that moves with
    // a clock is passed in one cycle only, and mortality changes little between the bands of a life table.
    search.unless_too_many(|search| search.expressions(parameters, false));
    search.unless_too_many(|search| search.expressions(parameters, true));
    search.unless_too_many(|search| search.bands_of_age());
    Kinks { cuts: search.cuts, all: search.all }
}

/// Whether the model compares the continuous attribute `a` with limits, and does not compute with it, so that everything is constant
/// between two kinks.
pub fn steps_only(model: &Model, a: usize) -> bool {
    let (mut in_steps, mut smoothly) = (false, false);
    let mut read = |e: &Expr| {
        if Reads::of(e).continuous.contains(&a) {
            let steps = only_steps(e, a);
            in_steps |= steps;
            smoothly |= !steps;
        }
    };
    of_all(model, &mut read);
    (0..model.strategies.len()).for_each(|s| of_strategy(model, s, &mut read));
    let by_age = model.transitions.iter().any(|transition| match &transition.hazard {
        Hazard::LifeTable { age, .. } | Hazard::Distribution { clock: Clock::Age(age), .. } => *age == a,
        _ => false,
    });
    in_steps && !smoothly && !by_age
}

/// Visits the expressions that all strategies share.
fn of_all(model: &Model, visit: &mut impl FnMut(&Expr)) {
    for transition in &model.transitions {
        transition.expressions(&mut |e| visit(e));
    }
    model.rewards.iter().for_each(|reward| visit(&reward.amount));
    let groups = model.subgroups.divisions.iter().flat_map(|division| &division.groups);
    groups.filter_map(|group| group.condition.as_ref()).for_each(visit);
}

/// Visits the expressions of one strategy.
fn of_strategy(model: &Model, strategy: usize, visit: &mut impl FnMut(&Expr)) {
    let own = &model.strategies[strategy];
    visit(&own.eligible);
    for branch in &own.at_start {
        if let Share::Stated(e) = &branch.share {
            visit(e);
        }
    }
    own.effects.iter().for_each(|effect| visit(&effect.ratio));
    let factors = (0..model.transitions.len()).filter_map(|t| never::expression(model, strategy, t));
    factors.for_each(|factor| visit(&factor));
}

/// The limit with which an expression compares attribute `a` itself, if it does nothing else.
fn limit(part: &Expr, a: usize) -> Option<&Expr> {
    let Expr::Binary(operator, sides) = part else { return None };
    let own = |side: &Expr| matches!(side, Expr::Attribute(own) if *own == a);
    let free = |side: &Expr| !Reads::of(side).continuous.contains(&a);
    match (operator.is_comparison(), &sides[0], &sides[1]) {
        (true, x, limit) | (true, limit, x) if own(x) && free(limit) => Some(limit),
        _ => None,
    }
}

/// Per attribute: its value if all patients have the same value, `None` for any other continuous attribute, and 0
/// as a placeholder for a categorical attribute.
fn values_of_others(model: &Model, parameters: &[f64]) -> Vec<Option<f64>> {
    let attributes = model.attributes.iter();
    attributes
        .map(|attribute| match attribute.is_number() {
            false => Some(0.0),
            true => attribute.fixed_value(model, parameters),
        })
        .collect()
}

struct Search<'m> {
    model: &'m Model,
    a: usize,
    range: (f64, f64),
    others: Vec<Option<f64>>,
    cuts: Vec<f64>,
    all: bool,
}

impl<'m> Search<'m> {
    /// Adds all kinks that `find` finds, or discards all of them if the number of cuts becomes too large.
    fn unless_too_many(&mut self, find: impl Fn(&mut Self)) {
        let before = self.cuts.clone();
        find(self);
        if self.too_many() {
            self.cuts = before;
            self.all = false;
        }
    }

    /// Searches all expressions that may read attributes: for kinks that move with a clock (`moving`), or for
    /// fixed kinks.
    fn expressions(&mut self, base: &[f64], moving: bool) {
        let model = self.model;
        of_all(model, &mut |e| self.expression(e, base, moving));
        for (s, strategy) in model.strategies.iter().enumerate() {
            // The expressions of every strategy are searched, because all strategies share the same quadrature
            // nodes.
            let parameters = strategy.parameters(model, base);
            if !strategy.substitutions.is_empty() {
                of_all(model, &mut |e| self.expression(e, &parameters, moving));
            }
            of_strategy(model, s, &mut |e| self.expression(e, &parameters, moving));
        }
    }

    /// Searches one expression, after all of its sub-expressions.
    fn expression(&mut self, expr: &Expr, parameters: &[f64], moving: bool) {
        for child in expr.children() {
            self.expression(child, parameters, moving);
        }
        if has_pieces(expr) {
            let reads = Reads::of(expr);
            if reads.continuous.contains(&self.a) && (reads.clocks() > 0) == moving {
                self.part(expr, &reads, parameters);
            }
        }
    }

    /// Adds a cut wherever the smooth piece of `part` changes, in every situation.
    fn part(&mut self, part: &Expr, reads: &Reads, parameters: &[f64]) {
        let others = reads.continuous.iter().filter(|&&b| b != self.a);
        let alone = others.clone().all(|&b| self.others[b].is_some());
        let sizes: Vec<usize> = reads.categorical.iter().map(|&c| categories(self.model, c)).collect();
        let classes: usize = sizes.iter().product();
        let states = if reads.state { self.model.states.len() } else { 1 };
        let moments = self.moments(reads);
        // A kink that depends on two continuous attributes or on the clocks of two groups cannot be cut along one
        // axis.
        if !alone || reads.residence.len() > 1 || classes * states * moments.len() > MOST_SITUATIONS {
            self.all = false;
            return;
        }
        let points = self.points();
        let explicit = limit(part, self.a);
        let mut attributes: Vec<f64> = self.others.iter().map(|v| v.unwrap_or(0.0)).collect();
        let mut residence = vec![0; self.model.groups.len()];
        for (cycle, spent) in moments {
            reads.residence.iter().for_each(|&g| residence[g] = spent);
            for case in 0..classes * states {
                decode(case / states, &reads.categorical, &sizes, &mut attributes);
                if let Some(limit) = explicit {
                    let s = situation(self.model, parameters, &attributes, case % states);
                    self.cut(limit.value(&Situation { cycle, residence: &residence, ..s }));
                    continue;
                }
                let at = |x: f64| {
                    let mut attributes = attributes.clone();
                    attributes[self.a] = x;
                    piece(
                        part,
                        &Situation {
                            cycle,
                            residence: &residence,
                            ..situation(self.model, parameters, &attributes, case % states)
                        },
                    )
                };
                let found = changes(at, &points, MOST_CUTS);
                found.into_iter().for_each(|x| self.cut(x));
                if self.too_many() {
                    return;
                }
            }
        }
    }

    /// Values at which the piece of an expression is evaluated: evenly spaced over the range, and at the kinks
    /// found so far (for example in sub-expressions), so that a narrow window around a kink is not missed.
    fn points(&self) -> Vec<f64> {
        let (low, high) = self.range;
        let even = (0..=PARTS).map(|i| low + (high - low) * f64::from(i) / f64::from(PARTS));
        let mut points: Vec<f64> = even.chain(self.cuts.iter().copied()).collect();
        points.sort_by(f64::total_cmp);
        points
    }

    /// Pairs of cycles since the start and cycles since entry into a group at which an expression with these
    /// clocks may be evaluated.
    fn moments(&self, reads: &Reads) -> Vec<(usize, usize)> {
        let cycles = 0..self.model.time.cycles;
        match (reads.time || reads.age, reads.residence.is_empty()) {
            (false, true) => vec![(0, 0)],
            (true, true) => cycles.map(|k| (k, 0)).collect(),
            (false, false) => cycles.map(|k| (k, k)).collect(),
            (true, false) => cycles.flat_map(|k| (0..=k).map(move |spent| (k, spent))).collect(),
        }
    }

    /// Adds cuts at the starting ages at which a patient reaches a band of a life table exactly at the end of some
    /// cycle.
    fn bands_of_age(&mut self) {
        let model = self.model;
        for transition in &model.transitions {
            match &transition.hazard {
                Hazard::LifeTable { table, age, .. } if *age == self.a => {
                    let ages = &model.life_tables[*table].ages;
                    ages.iter().for_each(|&limit| self.attained(limit));
                }
                // A distribution on attained age has a kink at age 0, because its cumulative hazard is zero up to
                // that age.
                Hazard::Distribution { clock: Clock::Age(age), .. } if *age == self.a => self.attained(0.0),
                _ => {}
            }
        }
    }

    fn attained(&mut self, limit: f64) {
        for cycle in 0..=self.model.time.cycles {
            self.cut(limit - self.model.time.years(cycle));
        }
    }

    /// Adds a cut at `x`, unless `x` is at an end of the range or is already a cut.
    fn cut(&mut self, x: f64) {
        let (low, high) = self.range;
        let near = 1e-9 * (high - low);
        if x <= low + near || x >= high - near || self.too_many() {
            return;
        }
        let i = self.cuts.partition_point(|&y| y < x - near);
        if self.cuts.get(i).is_none_or(|&y| y > x + near) {
            self.cuts.insert(i, x);
        }
    }

    fn too_many(&self) -> bool {
        self.cuts.len() > MOST_CUTS
    }
}
