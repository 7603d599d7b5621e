//! What strategies are worth: net monetary benefit, and which of those on offer has most of it.

use arcosim_core::economics::{Comparison, CostEffect, nmb, pairwise};
use arcosim_core::model::{Decision, Model};

/// Differences of net benefit below this share of it are rounding.
pub const ROUNDING: f64 = 1e-9;

/// The decision's thresholds, with `lead` in front if there is one.
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

/// By how much the net benefit of a strategy exceeds that of another.
pub fn increment(
    decision: &Decision,
    totals: &[Vec<f64>],
    (strategy, against): (usize, usize),
    threshold: f64,
) -> f64 {
    benefit(decision, &totals[strategy], threshold) - benefit(decision, &totals[against], threshold)
}

/// The strategies on offer (bounds are none), from the highest net benefit down; of equals the scenario's first.
pub fn ranked(model: &Model, decision: &Decision, totals: &[Vec<f64>], threshold: f64) -> Vec<usize> {
    let worth = |s: usize| benefit(decision, &totals[s], threshold);
    let mut ranked: Vec<usize> = Vec::new();
    for s in (0..model.strategies.len()).filter(|&s| !model.strategies[s].bound) {
        let better = |&other: &usize| {
            let (own, other) = (worth(s), worth(other));
            own > other + ROUNDING * own.abs().max(other.abs())
        };
        let at = ranked.iter().position(better).unwrap_or(ranked.len());
        ranked.insert(at, s);
    }
    ranked
}

/// The strategy on offer with the highest net benefit; `None` if nothing is on offer.
pub fn best(model: &Model, decision: &Decision, totals: &[Vec<f64>], threshold: f64) -> Option<usize> {
    ranked(model, decision, totals, threshold).first().copied()
}

/// What an increment of cost and effect amounts to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ratio {
    /// Dearer and more effective: cost per unit of effect gained.
    Gained(f64),
    /// Cheaper and less effective: money saved per unit of effect lost.
    Saved(f64),
    /// Not dearer and not worse, and one of both better.
    Dominant,
    /// Not cheaper and not better, and one of both worse.
    Dominated,
    /// Neither cost nor effect differs.
    Same,
}

impl Ratio {
    /// The ratio of two increments; differences below `tiny` (of cost, of effect) are none.
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

    /// The number, if there is one.
    pub fn value(self) -> Option<f64> {
        match self {
            Ratio::Gained(x) | Ratio::Saved(x) => Some(x),
            _ => None,
        }
    }

    /// The quadrant in words.
    pub fn words(self) -> &'static str {
        match self {
            Ratio::Gained(_) => "dearer and more effective",
            Ratio::Saved(_) => "cheaper and less effective: saved per unit lost",
            Ratio::Dominant => "dominant: no dearer and no less effective",
            Ratio::Dominated => "dominated: no cheaper and no more effective",
            Ratio::Same => "no difference",
        }
    }

    /// The ratio of a strategy against another in these totals, by the rules of `economics::pairwise`.
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
