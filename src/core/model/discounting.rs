//! Discounting of amounts in later years.

use super::expression::Expr;
use super::grid::HAIR;
use super::patients::situation;
use super::structure::Model;
use crate::math;

/// From here on a rate is no rate of discount: it lacks its percent sign.
pub const HIGHEST_RATE: f64 = 0.5;

/// How the amounts of an outcome are discounted.
#[derive(Clone, Debug, PartialEq)]
pub struct Discount {
    /// Rates per year, each from so many years after the start of the model on; the first from 0.
    pub rates: Vec<(f64, Expr)>,
    /// How a rate becomes a factor.
    pub compounding: Compounding,
    /// The moment of a cycle that represents the whole cycle.
    pub at: Moment,
    /// Years after the start of the model from which discounting counts.
    pub from: f64,
}

/// How a rate becomes a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compounding {
    /// (1 + r)^-t, also for parts of years.
    Annual,
    /// (1 + r)^-t for whole years t, rounded down.
    WholeYears,
    /// exp(-r t).
    Continuous,
}

/// The moment of a cycle that represents the whole cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Its start.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
    /// The point of the grid at which something is counted.
    Point,
}

/// A discount for one set of parameter values.
#[derive(Clone, Debug, PartialEq)]
pub struct Discounting {
    /// Years at which a rate begins, and its force per year.
    forces: Vec<(f64, f64)>,
    whole_years: bool,
    from: f64,
    /// Years by which a moment may miss a whole year and still be at it.
    hair: f64,
}

impl Discount {
    /// Evaluates the rates.
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
            // A sum of months is a whole year only up to rounding.
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
        // The declining rates of the Green Book: each year has the rate of its own time.
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
