//! Discounting: rates, compounding, and discount factors over time.

use super::expression::Expr;
use super::grid::HAIR;
use super::patients::situation;
use super::structure::Model;
use crate::math;

/// Upper limit (exclusive) of a discount rate. A larger number is probably a percentage without its percent sign.
pub const HIGHEST_RATE: f64 = 0.5;

/// Discounting rule of an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Discount {
    /// Discount rates per year, each with the time in years after the start of the model from which the rate
    /// applies; the first rate applies from 0.
    pub rates: Vec<(f64, Expr)>,
    /// Compounding: how a discount rate is converted to a discount factor.
    pub compounding: Compounding,
    /// Moment of a cycle at which the amounts of the cycle are discounted.
    pub at: Moment,
    /// Time in years after the start of the model at which discounting begins.
    pub from: f64,
}

/// Compounding: how a discount rate is converted to a discount factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compounding {
    /// (1 + r)^-t, also for parts of years.
    Annual,
    /// (1 + r)^-t for whole years t, rounded down.
    WholeYears,
    /// exp(-r t).
    Continuous,
}

/// Moment of a cycle at which the amounts of the cycle are discounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Start of the cycle.
    Start,
    /// Middle of the cycle.
    Middle,
    /// End of the cycle.
    End,
    /// Grid point at which the amount is counted.
    Point,
}

/// Discounting rule with its rates evaluated at one set of parameter values.
#[derive(Clone, Debug, PartialEq)]
pub struct Discounting {
    /// Per rate: the time in years from which the rate applies, and the equivalent continuous rate per year.
    forces: Vec<(f64, f64)>,
    whole_years: bool,
    from: f64,
    /// Tolerance in years within which a time counts as a whole year.
    hair: f64,
}

impl Discount {
    /// Evaluates the discount rates at the given parameter values.
    pub fn evaluate(&self, model: &Model, parameters: &[f64]) -> Discounting {
        let s = situation(model, parameters, &[], 0);
        let force = |rate: f64| match self.compounding {
            Compounding::Continuous => rate,
            _ => math::ln_1p(rate),
        };
        Discounting {
            forces: self.rates.iter().map(|(from, rate)| (*from, force(rate.value(&s)))).collect(),
            whole_years: self.compounding == Compounding::WholeYears,
            from: self.from,
            hair: HAIR / model.time.cycles_per_year,
        }
    }
}

impl Discounting {
    /// The discount factor of an amount `years` after the start of the model.
    pub fn factor(&self, years: f64) -> f64 {
        let to = match self.whole_years {
            // The tolerance is added because twelve months add up to a year only within rounding error.
            true => self.from + (years - self.from + self.hair).floor(),
            false => years,
        };
        let mut exponent = 0.0;
        for (i, (begins, force)) in self.forces.iter().enumerate() {
            let ends = self.forces.get(i + 1).map_or(f64::INFINITY, |next| next.0);
            exponent += force * (to.min(ends) - begins.max(self.from)).max(0.0);
        }
        math::exp(-exponent)
    }

    /// Splits the time from `from` to `to` (years after the start) into pieces with a constant force of discounting.
    pub fn pieces(&self, from: f64, to: f64) -> Vec<Piece> {
        let mut breaks: Vec<f64> = self.forces.iter().map(|(begins, _)| *begins).collect();
        breaks.push(self.from);
        if self.whole_years {
            let whole =
                (from - self.from).max(0.0).floor() as usize..=(to - self.from).max(0.0).ceil() as usize;
            breaks.extend(whole.map(|year| self.from + year as f64));
        }
        breaks.retain(|b| *b > from + self.hair && *b < to - self.hair);
        breaks.sort_by(f64::total_cmp);
        breaks.dedup_by(|a, b| *a - *b <= self.hair);
        breaks.push(to);
        let mut begins = from;
        let piece = |ends: f64| {
            let middle = 0.5 * (begins + ends);
            let force = match self.whole_years || middle < self.from {
                true => 0.0,
                false => {
                    self.forces.iter().rev().find(|(b, _)| *b <= middle).map_or(0.0, |(_, force)| *force)
                }
            };
            let factor = self.factor(if force == 0.0 { middle } else { begins });
            let piece = Piece { years: ends - begins, factor, force };
            begins = ends;
            piece
        };
        breaks.into_iter().map(piece).collect()
    }

    /// Integral of the discount factor from `from` to `to` (years after the start).
    pub fn integral(&self, from: f64, to: f64) -> f64 {
        self.pieces(from, to).iter().map(|piece| piece.factor * piece.worth(piece.years)).sum()
    }
}

/// A length of time with a constant force of discounting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Length in years.
    pub years: f64,
    /// Discount factor at the beginning.
    pub factor: f64,
    /// Force of discounting: the continuous discount rate per year.
    pub force: f64,
}

impl Piece {
    /// Integral of the discount factor over the first `years` of the piece, relative to the factor at its beginning.
    #[inline]
    pub fn worth(&self, years: f64) -> f64 {
        if self.force == 0.0 {
            return years;
        }
        let x = self.force * years;
        let less = if (0.0..=0.5).contains(&x) { math::small_exp_m1(-x) } else { math::exp_m1(-x) };
        -less / self.force
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discounting(forces: &[(f64, f64)]) -> Discounting {
        Discounting {
            forces: forces.iter().map(|(from, rate)| (*from, rate.ln_1p())).collect(),
            whole_years: false,
            from: 0.0,
            hair: 1e-7,
        }
    }

    #[test]
    fn rates_compound() {
        let plain = discounting(&[(0.0, 0.035)]);
        assert!((plain.factor(2.5) - 1.035f64.powf(-2.5)).abs() < 1e-15);
        // Declining rates of the Green Book: each year is discounted at the rate of its own time.
        let declining = discounting(&[(0.0, 0.035), (30.0, 0.03)]);
        let due = 1.035f64.powi(-30) * 1.03f64.powi(-10);
        assert!((declining.factor(40.0) - due).abs() < 1e-15);
        assert_eq!(declining.factor(30.0), plain.factor(30.0));
    }

    #[test]
    fn discounting_may_begin_later_and_go_by_whole_years() {
        let later = Discounting { from: 1.0, ..discounting(&[(0.0, 0.05)]) };
        assert_eq!(later.factor(0.5), 1.0);
        assert!((later.factor(3.0) - 1.05f64.powi(-2)).abs() < 1e-15);
        let whole = Discounting { whole_years: true, ..discounting(&[(0.0, 0.05)]) };
        assert_eq!(whole.factor(0.9), 1.0);
        assert!((whole.factor(2.0 + 11.0 / 12.0) - 1.05f64.powi(-2)).abs() < 1e-15);
        assert!((whole.factor((0..36).map(|_| 1.0 / 12.0).sum()) - 1.05f64.powi(-3)).abs() < 1e-15);
    }
}
