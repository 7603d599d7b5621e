//! Rewards of being in a state under the factorised recursion.
//!
//! An amount is written as a product, `amount = f(time, time in the state) g(attributes, attained age)`. At grid point
//! `k` a patient of the smaller model accrues
//!
//! ```text
//! f sum over b of A(b, k) g(b, k).
//! ```
//!
//! The sum is the same for all strategies, and for all rewards that depend on age in the same way. For the next
//! vector of parameter values `g` is evaluated again only if a value that it reads has changed. If `f` reads clocks only
//! to choose between cases (`if(time < 1 year, ...)`), `f` is evaluated once for each case.

use super::amounts::{BackgroundAmount, BackgroundAmounts};
use super::background::{BackgroundMortality, Marginal};
use super::sojourn::Sojourn;
use crate::engine::cohort::strata::class_of;
use crate::model::choices;
use crate::model::hazard::Reads;
use crate::model::reward_lines::RewardAt;
use crate::model::separable::{Factor, product};
use crate::model::{Binary, Expr, Function, Model, Situation, Tables, parameters_of, situation};

/// A reward line in one state under one arm, in factorised form.
pub struct FactorisedReward {
    /// State in which the reward is paid.
    state: usize,
    pub line: usize,
    arm: usize,
    /// The factors `f`, which are the same for all patients.
    factors: Vec<Factor>,
    /// Index of the sum over classes of background mortality; `None` if the amount is the same for all classes.
    pub sum: Option<usize>,
    /// Group of states whose clock the factors read.
    clock: Option<usize>,
    /// Conditions on clocks by which the factors choose between cases; `None` if the factors read clocks in any other
    /// way.
    choices: Option<Vec<Expr>>,
    /// Parameters that the conditions read; `found_at` has their values when `ranges` was last computed.
    depends_on: Vec<usize>,
    found_at: Option<Vec<f64>>,
    ranges: Vec<CaseRange>,
    /// For each case: one example, as cycles completed and cycles in the group.
    cases: Vec<(usize, usize)>,
}

/// Numbers of cycles since entry, `from..=to`, that belong to the same case at grid point `k`.
struct CaseRange {
    k: usize,
    from: usize,
    to: usize,
    case: usize,
}

/// A reward line in one state under one arm.
pub struct LineUnderArm {
    pub line: usize,
    pub arm: usize,
    pub state: usize,
}

/// Where the rewards of a state are added up, and the patients who receive them.
pub struct RewardSums<'a> {
    /// Marginal of background mortality for the state.
    pub marginal: &'a Marginal,
    /// For each stratum: its class in the marginal; `None` if classes and strata are the same.
    pub class: &'a Option<Vec<u32>>,
    /// Number of strata.
    pub size: usize,
    pub sojourn: Option<&'a Sojourn>,
    /// `[(outcome, class of the marginal, k)]`: rewards of patients in the state at grid point `k`.
    pub amounts: &'a mut Vec<f64>,
    /// `[(outcome, stratum, e)]`: rewards that read the time since entry, of patients who enter at grid point `e`; empty
    /// without such rewards.
    pub entrants: &'a mut Vec<f64>,
}

/// Background mortality of the patients who receive a reward: its index, its values, and the index of the marginal for
/// their state.
pub struct SeenBy<'a> {
    pub position: usize,
    pub background: &'a BackgroundMortality,
    pub marginal: usize,
}

impl FactorisedReward {
    /// Factorises the reward of a line; `None` if its amount is not a product of one part that differs between patients
    /// and one part that reads the time in the state.
    pub fn new(
        model: &Model,
        at: LineUnderArm,
        seen_by: &SeenBy,
        cache: &mut BackgroundAmounts,
    ) -> Option<FactorisedReward> {
        let LineUnderArm { line, arm, state } = at;
        let background = seen_by.background;
        let RewardAt::In(_, reading) = model.paths().lines[line].at else {
            return None;
        };
        let reward = &model.rewards[model.paths().lines[line].reward];
        let by = &background.stratum.attributes;
        if !reward.reads().attributes().iter().all(|a| by.contains(a)) {
            return None;
        }
        let mut all = Vec::new();
        take_apart(&reward.amount, false, &mut all);
        let tells_apart = |(e, _): &Factor| !Reads::of(e).attributes().is_empty();
        let (of_classes, factors): (Vec<Factor>, Vec<Factor>) = all.into_iter().partition(tells_apart);
        if of_classes.iter().any(|(e, _)| !Reads::of(e).residence.is_empty()) {
            return None;
        }
        let by_points = model.outcomes[reward.outcome(model)].correction.by_points();
        let sum = (!of_classes.is_empty()).then(|| {
            let amount = BackgroundAmount {
                depends_on: parameters_of(of_classes.iter().map(|(e, _)| e)),
                factors: of_classes,
                background: seen_by.position,
                state,
                arm,
                stratum: background.stratum.clone(),
                last: model.time.cycles - usize::from(!by_points),
                evaluated_at: None,
                values: Vec::new(),
            };
            cache.position(model, amount, seen_by.marginal, reading)
        });
        let mut choices = Vec::new();
        let reads_clock = |e: &Expr| Reads::of(e).clocks() > 0;
        let mut chooses = |(e, _): &Factor| choices::choices(e, &reads_clock, &mut choices);
        let only_chooses = factors.iter().all(&mut chooses) && choices.len() <= 64;
        let depends_on = if only_chooses { parameters_of(choices.iter()) } else { Vec::new() };
        Some(FactorisedReward {
            state,
            line,
            arm,
            sum,
            clock: reward.reads().residence.first().copied(),
            factors,
            choices: only_chooses.then_some(choices),
            depends_on,
            found_at: None,
            ranges: Vec::new(),
            cases: Vec::new(),
        })
    }

    /// Adds the reward at every grid point to `into`.
    pub fn add(&mut self, tables: &Tables, cache: &BackgroundAmounts, into: &mut RewardSums) {
        let model = tables.model;
        let parameters = &tables.parameters[self.arm];
        let mut residence = vec![0; model.groups.len()];
        self.find_ranges(tables, &mut residence);
        let values: Vec<f64> = (self.cases.iter())
            .map(|&(cycle, spent)| {
                residence.fill(spent);
                product(&self.factors, &self.situation(model, parameters, cycle, &residence))
            })
            .collect();
        let line = &model.paths().lines[self.line];
        let outcome = line.outcome(model);
        let weights = line.weights(&tables.weights[outcome]);
        let RewardSums { marginal, class, size, sojourn, amounts, entrants } = into;
        let points = model.time.cycles + 1;
        let sums = self.sum.map_or(&marginal.alive, |sum| cache.sums(sum));
        for range in &self.ranges {
            let amount = values[range.case] * weights[range.k];
            if amount == 0.0 || weights[range.k] == 0.0 {
                continue;
            }
            let sums = &sums[range.k * marginal.size..][..marginal.size];
            match (&sojourn, self.clock) {
                (Some(sojourn), Some(_)) => {
                    entrants.resize(model.outcomes.len() * *size * points, 0.0);
                    for u in 0..*size {
                        let amount = amount * sums[class_of(class, u)];
                        let own = &mut entrants[(outcome * *size + u) * points..][..points];
                        let stay = sojourn.stay(u, range.to + 1);
                        for (r, stay) in stay.iter().enumerate().skip(range.from) {
                            own[range.k - r] += stay * amount;
                        }
                    }
                }
                _ => {
                    let own = amounts[outcome * marginal.size * points..].chunks_exact_mut(points);
                    own.zip(sums).for_each(|(own, sum)| own[range.k] += amount * sum);
                }
            }
        }
    }

    /// Assigns a case to every grid point and time since entry, unless `ranges` is still valid for the current
    /// parameter values.
    fn find_ranges(&mut self, tables: &Tables, residence: &mut [usize]) {
        let parameters = &tables.parameters[self.arm];
        let now = self.depends_on.iter().map(|&p| parameters[p]);
        if (self.found_at.as_ref()).is_some_and(|then| now.clone().eq(then.iter().copied())) {
            return;
        }
        self.found_at = Some(now.collect());
        let model = tables.model;
        let line = &model.paths().lines[self.line];
        let mut known: Vec<u64> = Vec::new();
        let mut ranges: Vec<CaseRange> = Vec::new();
        let mut cases = Vec::new();
        for k in 0..=model.time.cycles {
            let Some(cycle) = line.cycle_read(model, k) else {
                continue;
            };
            let longest = if self.clock.is_some() { k } else { 0 };
            for spent in 0..=longest {
                residence.fill(spent);
                let s = self.situation(model, parameters, cycle, residence);
                let choice = self.choices.as_ref().map(|choices| choices::taken(choices, &s));
                let found = choice.and_then(|choice| known.iter().position(|c| *c == choice));
                let case = found.unwrap_or_else(|| {
                    known.extend(choice);
                    cases.push((cycle, spent));
                    cases.len() - 1
                });
                match ranges.last_mut() {
                    Some(last) if last.k == k && last.case == case => last.to = spent,
                    _ => ranges.push(CaseRange { k, from: spent, to: spent, case }),
                }
            }
        }
        (self.ranges, self.cases) = (ranges, cases);
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

/// Splits a product into its factors.
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
