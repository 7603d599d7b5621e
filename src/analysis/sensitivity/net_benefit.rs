//! Net monetary benefit of strategies, their ranking, and the incremental cost-effectiveness ratio.

use arcosim_core::economics::{Comparison, CostEffect, nmb, pairwise};
use arcosim_core::model::{Decision, Model};

/// Relative difference between two net benefits below which the two count as equal, because the difference is rounding
/// error.
pub const ROUNDING: f64 = 1e-9;

/// Willingness-to-pay thresholds of the decision, with `lead` in front if given.
pub fn thresholds(decision: &Decision, lead: Option<f64>) -> Vec<f64> {
    let mut all: Vec<f64> = Vec::new();
    for value in lead.into_iter().chain(decision.thresholds.iter().map(|t| t.value)) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// Net monetary benefit: threshold x effect - cost (Stinnett and Mullahy 1998).
pub fn benefit(decision: &Decision, outcomes: &[f64], threshold: f64) -> f64 {
    nmb(outcomes[decision.cost], outcomes[decision.effect], threshold)
}

/// Incremental net monetary benefit of a strategy versus another.
pub fn increment(
    decision: &Decision,
    totals: &[Vec<f64>],
    (strategy, against): (usize, usize),
    threshold: f64,
) -> f64 {
    benefit(decision, &totals[strategy], threshold) - benefit(decision, &totals[against], threshold)
}

/// Largest difference between two sets of totals in the incremental net benefit of these strategies versus the
/// reference.
pub fn largest_difference(
    decision: &Decision,
    [one, other]: [&[Vec<f64>]; 2],
    strategies: &[usize],
    reference: usize,
    threshold: f64,
) -> f64 {
    let gain = |totals: &[Vec<f64>], s| increment(decision, totals, (s, reference), threshold);
    strategies.iter().map(|&s| (gain(one, s) - gain(other, s)).abs()).fold(0.0, f64::max)
}

/// Largest error of few nodes, as a share of the largest incremental net benefit, with which they are used.
const ACCEPTABLE: f64 = 1e-3;

/// Largest error of totals with few nodes for continuous attributes, compared with those of `arcosim run`, in an incremental net
/// benefit; `None` if it is so large, compared with the largest increment, that it cannot simply be subtracted from other results.
pub fn acceptable_error(
    decision: &Decision,
    [few, run]: [&[Vec<f64>]; 2],
    strategies: &[usize],
    reference: usize,
    threshold: f64,
) -> Option<f64> {
    let error = largest_difference(decision, [few, run], strategies, reference, threshold);
    let nothing = vec![vec![0.0; run[reference].len()]; run.len()];
    let largest = largest_difference(decision, [run, &nothing], strategies, reference, threshold);
    (error <= ACCEPTABLE * largest).then_some(error)
}

/// Decision options in descending order of net benefit, without strategies that only serve as bounds. Options with
/// equal net benefit keep the order of the scenario.
pub fn ranked(model: &Model, decision: &Decision, totals: &[Vec<f64>], threshold: f64) -> Vec<usize> {
    let net_benefit = |s: usize| benefit(decision, &totals[s], threshold);
    let mut ranked: Vec<usize> = Vec::new();
    for s in (0..model.strategies.len()).filter(|&s| !model.strategies[s].bound) {
        let better = |&other: &usize| {
            let (own, other) = (net_benefit(s), net_benefit(other));
            own > other + ROUNDING * own.abs().max(other.abs())
        };
        let at = ranked.iter().position(better).unwrap_or(ranked.len());
        ranked.insert(at, s);
    }
    ranked
}

/// The optimal strategy: the decision option with the highest net benefit; `None` if every strategy is a bound.
pub fn best(model: &Model, decision: &Decision, totals: &[Vec<f64>], threshold: f64) -> Option<usize> {
    ranked(model, decision, totals, threshold).first().copied()
}

/// Incremental cost-effectiveness ratio (ICER), or dominance if the ratio is undefined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ratio {
    /// More costly and more effective: cost per unit of effect gained.
    Gained(f64),
    /// Less costly and less effective: saving per unit of effect forgone.
    Saved(f64),
    /// Dominant: no more costly and no less effective, and better in cost or effect.
    Dominant,
    /// Dominated: no less costly and no more effective, and worse in cost or effect.
    Dominated,
    /// No difference in cost or effect.
    Same,
}

impl Ratio {
    /// ICER from an incremental cost and an incremental effect; increments within `tiny` (of cost, of effect) count as
    /// zero.
    pub fn of(cost: f64, effect: f64, tiny: (f64, f64)) -> Ratio {
        let sign = |x: f64, tiny: f64| if x.abs() <= tiny { 0 } else { x.signum() as i32 };
        match (sign(cost, tiny.0), sign(effect, tiny.1)) {
            (0, 0) => Ratio::Same,
            (1, 1) => Ratio::Gained(cost / effect),
            (-1, -1) => Ratio::Saved(cost / effect),
            (c, e) if c <= 0 && e >= 0 => Ratio::Dominant,
            _ => Ratio::Dominated,
        }
    }

    /// Numerical value of the ratio; `None` for dominance or no difference.
    pub fn value(self) -> Option<f64> {
        match self {
            Ratio::Gained(x) | Ratio::Saved(x) => Some(x),
            _ => None,
        }
    }

    /// Description of the quadrant in output tables.
    pub fn words(self) -> &'static str {
        match self {
            Ratio::Gained(_) => "dearer and more effective",
            Ratio::Saved(_) => "cheaper and less effective: saved per unit lost",
            Ratio::Dominant => "dominant: no dearer and no less effective",
            Ratio::Dominated => "dominated: no cheaper and no more effective",
            Ratio::Same => "no difference",
        }
    }

    /// ICER of a strategy versus another from their totals, by the rules of `economics::pairwise`.
    pub fn between(decision: &Decision, own: &[f64], other: &[f64]) -> Ratio {
        let totals = |of: &[f64]| CostEffect { cost: of[decision.cost], effect: of[decision.effect] };
        match pairwise(totals(own), totals(other)).comparison {
            Comparison::CostsMoreGainsMore { icer } => Ratio::Gained(icer),
            Comparison::CostsLessLosesEffect { saving_per_unit_lost } => Ratio::Saved(saving_per_unit_lost),
            Comparison::NoDifference => Ratio::Same,
            Comparison::Dominant | Comparison::SameEffectCostsLess | Comparison::SameCostGainsMore => {
                Ratio::Dominant
            }
            Comparison::Dominated | Comparison::SameEffectCostsMore | Comparison::SameCostLosesEffect => {
                Ratio::Dominated
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quadrant_has_its_words() {
        let of = |cost, effect| Ratio::of(cost, effect, (1e-9, 1e-9));
        assert_eq!(of(100.0, 2.0), Ratio::Gained(50.0));
        assert_eq!(of(-100.0, -2.0), Ratio::Saved(50.0));
        assert_eq!(of(-1.0, 1.0), Ratio::Dominant);
        assert_eq!(of(0.0, 1.0), Ratio::Dominant);
        assert_eq!(of(-1.0, 0.0), Ratio::Dominant);
        assert_eq!(of(1.0, 0.0), Ratio::Dominated);
        assert_eq!(of(0.0, -1.0), Ratio::Dominated);
        assert_eq!(of(1e-12, -1e-12), Ratio::Same);
    }
}
