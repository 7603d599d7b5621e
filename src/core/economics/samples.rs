//! Validated costs and effects of every strategy in every draw, and the errors of the validation.

use std::fmt;

/// Reason why an economic analysis of samples is impossible.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BadSamples {
    /// The input has no strategy, or no strategy that can be chosen.
    NoStrategies,
    /// The input has no draws.
    NoDraws,
    /// Slices that should describe the same strategies, parameters or draws have different lengths.
    Lengths,
    /// A number is not finite. The fields are the row (strategy or parameter) and the column (draw) of the number.
    NotFinite(usize, usize),
    /// No strategy or parameter has this index.
    Index(usize),
    /// A threshold is negative or not finite.
    Threshold(f64),
}

impl fmt::Display for BadSamples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStrategies => write!(f, "there is no strategy to compare"),
            Self::NoDraws => write!(f, "there are no draws"),
            Self::Lengths => write!(f, "strategies and draws of all slices must be the same"),
            Self::NotFinite(row, column) => write!(f, "row {row}, draw {column}: not a finite number"),
            Self::Index(i) => write!(f, "there is no strategy or parameter with index {i}"),
            Self::Threshold(value) => {
                write!(f, "the threshold {value} must be finite and not negative")
            }
        }
    }
}

impl std::error::Error for BadSamples {}

/// Validated costs and effects, `[strategy][draw]`: at least one strategy and one draw, the same number of draws for
/// every strategy, and only finite numbers.
#[derive(Debug, Clone)]
pub struct Samples<'a> {
    costs: Vec<&'a [f64]>,
    effects: Vec<&'a [f64]>,
}

impl<'a> Samples<'a> {
    /// Checks costs and effects, both `[strategy][draw]`, and wraps them as samples.
    pub fn new(costs: &'a [Vec<f64>], effects: &'a [Vec<f64>]) -> Result<Samples<'a>, BadSamples> {
        if costs.len() != effects.len() {
            return Err(BadSamples::Lengths);
        }
        let draws = check_table(costs)?;
        if check_table(effects)? != draws {
            return Err(BadSamples::Lengths);
        }
        Ok(Samples {
            costs: costs.iter().map(Vec::as_slice).collect(),
            effects: effects.iter().map(Vec::as_slice).collect(),
        })
    }

    /// Selects strategies in the given order: index 0 of the result is `strategies[0]` of these samples.
    pub fn only(&self, strategies: &[usize]) -> Result<Samples<'a>, BadSamples> {
        if strategies.is_empty() {
            return Err(BadSamples::NoStrategies);
        }
        let pick = |rows: &[&'a [f64]]| {
            strategies
                .iter()
                .map(|&s| rows.get(s).copied().ok_or(BadSamples::Index(s)))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Samples { costs: pick(&self.costs)?, effects: pick(&self.effects)? })
    }

    /// Number of strategies, at least one.
    pub fn strategies(&self) -> usize {
        self.costs.len()
    }

    /// Number of draws, at least one.
    pub fn draws(&self) -> usize {
        self.costs[0].len()
    }

    /// Costs of a strategy, one per draw.
    pub fn costs(&self, strategy: usize) -> &'a [f64] {
        self.costs[strategy]
    }

    /// Effects of a strategy, one per draw.
    pub fn effects(&self, strategy: usize) -> &'a [f64] {
        self.effects[strategy]
    }

    /// Mean cost of every strategy.
    pub fn mean_costs(&self) -> Vec<f64> {
        self.costs.iter().map(|values| mean(values)).collect()
    }

    /// Mean effect of every strategy.
    pub fn mean_effects(&self) -> Vec<f64> {
        self.effects.iter().map(|values| mean(values)).collect()
    }

    /// Net monetary benefit at a threshold, `[strategy][draw]`.
    pub fn net_benefit(&self, threshold: f64) -> Result<Vec<Vec<f64>>, BadSamples> {
        check_threshold(threshold)?;
        Ok((self.costs.iter().zip(&self.effects))
            .map(|(costs, effects)| {
                (costs.iter().zip(*effects)).map(|(cost, effect)| threshold * effect - cost).collect()
            })
            .collect())
    }
}

/// Checks that a table `[row][draw]` is rectangular with finite numbers, and returns the number of draws.
pub(super) fn check_table(rows: &[Vec<f64>]) -> Result<usize, BadSamples> {
    let draws = rows.first().ok_or(BadSamples::NoStrategies)?.len();
    if draws == 0 {
        return Err(BadSamples::NoDraws);
    }
    for (i, row) in rows.iter().enumerate() {
        if row.len() != draws {
            return Err(BadSamples::Lengths);
        }
        if let Some(draw) = row.iter().position(|v| !v.is_finite()) {
            return Err(BadSamples::NotFinite(i, draw));
        }
    }
    Ok(draws)
}

pub(super) fn check_threshold(threshold: f64) -> Result<(), BadSamples> {
    if threshold.is_finite() && threshold >= 0.0 { Ok(()) } else { Err(BadSamples::Threshold(threshold)) }
}

/// Mean of a non-empty slice. Differences from the first value are summed, so that the mean of equal numbers is exact.
pub(super) fn mean(values: &[f64]) -> f64 {
    let first = values[0];
    first + values.iter().map(|v| v - first).sum::<f64>() / values.len() as f64
}

/// Standard error of a mean; `None` for fewer than two values.
pub(super) fn standard_error(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let centre = mean(values);
    let squares: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    Some(crate::math::sqrt(squares / (n - 1.0) / n))
}

/// Index of the largest value, the first on ties. `None` for an empty slice.
pub(super) fn first_largest(values: &[f64]) -> Option<usize> {
    (0..values.len()).reduce(|best, i| if values[i] > values[best] { i } else { best })
}

/// Reproducible random numbers for tests of the economics module.
#[cfg(test)]
pub(super) mod testing {
    /// Pseudo-random number generator SplitMix64 (Steele, Lea and Flood 2014).
    pub struct Numbers(pub u64);

    impl Numbers {
        pub fn bits(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        }

        /// Uniform random number strictly between 0 and 1.
        pub fn uniform(&mut self) -> f64 {
            ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        }

        /// Random whole number from 0 to `n` - 1.
        pub fn below(&mut self, n: usize) -> usize {
            (self.uniform() * n as f64) as usize
        }

        pub fn normals(&mut self, n: usize, mean: f64, sd: f64) -> Vec<f64> {
            (0..n).map(|_| mean + sd * crate::math::normal::quantile(self.uniform())).collect()
        }
    }

    /// The same numbers in a random order.
    pub fn shuffled(mut values: Vec<f64>, numbers: &mut Numbers) -> Vec<f64> {
        for i in (1..values.len()).rev() {
            values.swap(i, numbers.below(i + 1));
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let table = |rows: &[&[f64]]| rows.iter().map(|r| r.to_vec()).collect::<Vec<_>>();
        let refuse = |costs: &[&[f64]], effects: &[&[f64]]| {
            Samples::new(&table(costs), &table(effects)).map(|_| ()).unwrap_err()
        };
        assert_eq!(refuse(&[], &[]), BadSamples::NoStrategies);
        assert_eq!(refuse(&[&[]], &[&[]]), BadSamples::NoDraws);
        assert_eq!(refuse(&[&[1.0], &[1.0]], &[&[1.0]]), BadSamples::Lengths);
        assert_eq!(refuse(&[&[1.0], &[1.0, 2.0]], &[&[1.0], &[1.0]]), BadSamples::Lengths);
        assert_eq!(refuse(&[&[1.0, 2.0]], &[&[1.0]]), BadSamples::Lengths);
        assert_eq!(refuse(&[&[1.0], &[2.0]], &[&[1.0], &[f64::NAN]]), BadSamples::NotFinite(1, 0));
        let (costs, effects) = (table(&[&[1.0], &[2.0]]), table(&[&[3.0], &[4.0]]));
        let samples = Samples::new(&costs, &effects).unwrap();
        assert_eq!(samples.net_benefit(-1.0).unwrap_err(), BadSamples::Threshold(-1.0));
        assert_eq!(samples.net_benefit(10.0).unwrap(), [[29.0], [38.0]]);
        assert_eq!(samples.only(&[2]).unwrap_err(), BadSamples::Index(2));
        assert_eq!(samples.only(&[]).unwrap_err(), BadSamples::NoStrategies);
        assert_eq!(samples.only(&[1]).unwrap().mean_costs(), [2.0]);
    }
}
