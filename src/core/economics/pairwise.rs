//! Comparison of one strategy with a reference: incremental cost and effect, quadrant, and a ratio only if both cost
//! and effect differ.

use std::fmt;

/// Differences below this share of the larger total are treated as zero.
const NIL: f64 = 1e-9;

/// Cost and effect of one strategy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostEffect {
    /// Mean cost in money.
    pub cost: f64,
    /// Mean effect, for example in QALYs.
    pub effect: f64,
}

/// A strategy compared with a reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pairwise {
    /// Cost minus the cost of the reference; exactly zero if the difference is only rounding error.
    pub cost: f64,
    /// Effect minus the effect of the reference; exactly zero if the difference is only rounding error.
    pub effect: f64,
    /// Interpretation of incremental cost and incremental effect.
    pub comparison: Comparison,
    /// Quadrant of the cost-effectiveness plane, relative to the reference.
    pub quadrant: Quadrant,
}

/// Interpretation of incremental cost and incremental effect between two strategies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Comparison {
    /// The strategy costs more and has more effect.
    CostsMoreGainsMore {
        /// Incremental cost-effectiveness ratio, money per unit of effect gained.
        icer: f64,
    },
    /// The strategy costs less and has less effect. The ratio is the saving per unit of effect given up; unlike an
    /// ICER, a *larger* ratio favours the strategy.
    CostsLessLosesEffect {
        /// Money saved per unit of effect lost.
        saving_per_unit_lost: f64,
    },
    /// The strategy costs less and has more effect.
    Dominant,
    /// The strategy costs more and has less effect.
    Dominated,
    /// Neither cost nor effect differs.
    NoDifference,
    /// The same effect at more cost.
    SameEffectCostsMore,
    /// The same effect at less cost.
    SameEffectCostsLess,
    /// More effect at the same cost.
    SameCostGainsMore,
    /// Less effect at the same cost.
    SameCostLosesEffect,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CostsMoreGainsMore { .. } => "costs more and gains more: cost per unit gained",
            Self::CostsLessLosesEffect { .. } => "costs less and loses effect: saving per unit lost",
            Self::Dominant => "dominant: costs less and gains more",
            Self::Dominated => "dominated: costs more and loses effect",
            Self::NoDifference => "no difference in cost or effect",
            Self::SameEffectCostsMore => "same effect, costs more",
            Self::SameEffectCostsLess => "same effect, costs less",
            Self::SameCostGainsMore => "same cost, gains more",
            Self::SameCostLosesEffect => "same cost, loses effect",
        })
    }
}

/// The cost-effectiveness plane: effect to the east, cost to the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quadrant {
    /// Costs more, gains more.
    NorthEast,
    /// Costs more, loses effect.
    NorthWest,
    /// Costs less, gains more.
    SouthEast,
    /// Costs less, loses effect.
    SouthWest,
    /// No difference from the reference in cost, effect or both.
    OnAxis,
}

impl Quadrant {
    /// Quadrant of an incremental cost and effect, without tolerance for rounding.
    pub fn of(cost: f64, effect: f64) -> Quadrant {
        if cost == 0.0 || effect == 0.0 {
            return Quadrant::OnAxis;
        }
        match (cost > 0.0, effect > 0.0) {
            (true, true) => Quadrant::NorthEast,
            (true, false) => Quadrant::NorthWest,
            (false, true) => Quadrant::SouthEast,
            (false, false) => Quadrant::SouthWest,
        }
    }
}

impl fmt::Display for Quadrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NorthEast => "north-east: costs more, gains more",
            Self::NorthWest => "north-west: costs more, loses effect",
            Self::SouthEast => "south-east: costs less, gains more",
            Self::SouthWest => "south-west: costs less, loses effect",
            Self::OnAxis => "on an axis: cost or effect does not differ",
        })
    }
}

/// Compares a strategy with a reference. A difference below 1e-9 of the larger total is treated as zero because it is
/// rounding error.
pub fn pairwise(strategy: CostEffect, reference: CostEffect) -> Pairwise {
    let cost = difference(strategy.cost, reference.cost);
    let effect = difference(strategy.effect, reference.effect);
    let ratio = cost / effect;
    let comparison = match (sign(cost), sign(effect)) {
        (1, 1) => Comparison::CostsMoreGainsMore { icer: ratio },
        (-1, -1) => Comparison::CostsLessLosesEffect { saving_per_unit_lost: ratio },
        (-1, 1) => Comparison::Dominant,
        (1, -1) => Comparison::Dominated,
        (1, _) => Comparison::SameEffectCostsMore,
        (-1, _) => Comparison::SameEffectCostsLess,
        (_, 1) => Comparison::SameCostGainsMore,
        (_, -1) => Comparison::SameCostLosesEffect,
        _ => Comparison::NoDifference,
    };
    Pairwise { cost, effect, comparison, quadrant: Quadrant::of(cost, effect) }
}

fn difference(a: f64, b: f64) -> f64 {
    let difference = a - b;
    if difference.abs() <= NIL * a.abs().max(b.abs()) { 0.0 } else { difference }
}

fn sign(value: f64) -> i8 {
    i8::from(value > 0.0) - i8::from(value < 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_direction_has_its_word_and_ratios_stand_only_where_both_differ() {
        let reference = CostEffect { cost: 1000.0, effect: 10.0 };
        let against = |cost: f64, effect: f64| {
            pairwise(CostEffect { cost: 1000.0 + cost, effect: 10.0 + effect }, reference)
        };
        use Comparison::*;
        let cases = [
            (100.0, 2.0, CostsMoreGainsMore { icer: 50.0 }, Quadrant::NorthEast),
            (-100.0, -2.0, CostsLessLosesEffect { saving_per_unit_lost: 50.0 }, Quadrant::SouthWest),
            (-100.0, 2.0, Dominant, Quadrant::SouthEast),
            (100.0, -2.0, Dominated, Quadrant::NorthWest),
            (0.0, 0.0, NoDifference, Quadrant::OnAxis),
            (1e-7, -1e-9, NoDifference, Quadrant::OnAxis),
            (100.0, 0.0, SameEffectCostsMore, Quadrant::OnAxis),
            (-100.0, 1e-9, SameEffectCostsLess, Quadrant::OnAxis),
            (0.0, 2.0, SameCostGainsMore, Quadrant::OnAxis),
            (0.0, -2.0, SameCostLosesEffect, Quadrant::OnAxis),
        ];
        for (cost, effect, comparison, quadrant) in cases {
            let got = against(cost, effect);
            assert_eq!((got.comparison, got.quadrant), (comparison, quadrant));
            assert!(got.cost.is_finite() && got.effect.is_finite());
        }
        let nothing = CostEffect { cost: 0.0, effect: 0.0 };
        assert_eq!(pairwise(nothing, nothing).comparison, NoDifference);
        assert_eq!(
            against(-100.0, -2.0).comparison.to_string(),
            "costs less and loses effect: saving per unit lost"
        );
    }
}
