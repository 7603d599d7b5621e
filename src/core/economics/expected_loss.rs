//! Expected loss of each strategy and the expected value of perfect information (EVPI).
//!
//! F. Alarid-Escudero, E. A. Enns, K. M. Kuntz, T. L. Michaud and H. Jalal, Value in Health 22 (2019) 611–618: the
//! lower envelope of the expected loss curves is the EVPI, and the strategy on the envelope is the one with the
//! highest mean net benefit.

use super::samples::{BadSamples, Samples, check_table, first_largest, mean, standard_error};
use crate::math::pow;

/// Expected loss of every strategy, and EVPI, over thresholds.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedLoss {
    /// Willingness-to-pay thresholds, in money per unit of effect.
    pub thresholds: Vec<f64>,
    /// Expected loss: mean over draws of the largest net benefit minus the net benefit of the strategy,
    /// `[strategy][threshold]`. Money per person; not negative.
    pub loss: Vec<Vec<f64>>,
    /// EVPI, which is the lowest expected loss, `[threshold]`.
    pub evpi: Vec<Evpi>,
}

/// Expected value of perfect information per person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evpi {
    /// Index of the strategy with the highest mean net benefit, the first on ties.
    pub best: usize,
    /// EVPI in money per person, computed as the expected loss of the best strategy. The result equals the mean of the
    /// largest net benefits minus the largest mean, but without loss of digits by cancellation.
    pub value: f64,
    /// Monte Carlo standard error of the mean loss of the best strategy, for independent draws. The choice of the
    /// strategy is taken as known, so the error is too small if two strategies have nearly the same mean. `None` for
    /// a single draw.
    pub se: Option<f64>,
}

/// EVPI per person from net benefits, `[strategy][draw]`.
pub fn evpi(net_benefit: &[Vec<f64>]) -> Result<Evpi, BadSamples> {
    check_table(net_benefit)?;
    evpi_of_checked(net_benefit, &largest(net_benefit))
}

fn evpi_of_checked(net_benefit: &[Vec<f64>], largest: &[f64]) -> Result<Evpi, BadSamples> {
    let means: Vec<f64> = net_benefit.iter().map(|values| mean(values)).collect();
    let best = first_largest(&means).ok_or(BadSamples::NoStrategies)?;
    let losses = losses(largest, &net_benefit[best]);
    Ok(Evpi { best, value: mean(&losses), se: standard_error(&losses) })
}

/// The largest net benefit in every draw.
fn largest(net_benefit: &[Vec<f64>]) -> Vec<f64> {
    (0..net_benefit[0].len())
        .map(|draw| net_benefit.iter().map(|values| values[draw]).fold(f64::MIN, f64::max))
        .collect()
}

fn losses(largest: &[f64], values: &[f64]) -> Vec<f64> {
    largest.iter().zip(values).map(|(top, value)| top - value).collect()
}

/// Expected loss of every strategy and EVPI at every threshold.
pub fn expected_loss(samples: &Samples, thresholds: &[f64]) -> Result<ExpectedLoss, BadSamples> {
    let mut loss = vec![Vec::with_capacity(thresholds.len()); samples.strategies()];
    let mut evpi = Vec::with_capacity(thresholds.len());
    for &threshold in thresholds {
        let benefit = samples.net_benefit(threshold)?;
        let largest = largest(&benefit);
        for (curve, values) in loss.iter_mut().zip(&benefit) {
            curve.push(mean(&losses(&largest, values)));
        }
        evpi.push(evpi_of_checked(&benefit, &largest)?);
    }
    Ok(ExpectedLoss { thresholds: thresholds.to_vec(), loss, evpi })
}

/// Patients affected by a decision over its lifetime.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecisionPopulation {
    /// Number of new patients per year.
    pub annual: f64,
    /// Lifetime of the decision in years; a fraction of a year counts in proportion.
    pub years: f64,
    /// Annual discount rate, for example 0.035.
    pub discount_rate: f64,
}

impl DecisionPopulation {
    /// Discounted number of patients: year t contributes annual / (1 + rate)^t, from t = 0, discounted to the start
    /// of the year. `None` unless patients and years are finite and not negative, years are at most 1,000, and the
    /// rate is finite and above −1.
    pub fn persons(&self) -> Option<f64> {
        let counts = |value: f64, most: f64| value >= 0.0 && value <= most;
        if !(counts(self.annual, f64::MAX) && counts(self.years, 1000.0)) {
            return None;
        }
        if !(self.discount_rate.is_finite() && self.discount_rate > -1.0) {
            return None;
        }
        let whole = self.years as u32;
        let persons = (0..=whole)
            .map(|year| {
                let part = (self.years - f64::from(year)).min(1.0);
                part * self.annual / pow(1.0 + self.discount_rate, f64::from(year))
            })
            .sum::<f64>();
        persons.is_finite().then_some(persons)
    }

    /// Converts a value of information per person to the whole population.
    pub fn value(&self, per_person: f64) -> Option<f64> {
        self.persons().map(|persons| per_person * persons)
    }

    /// Converts a population value, such as the price of a study, to the value of information per person at which the
    /// population value is reached. `None` for a population without patients.
    pub fn per_person(&self, value: f64) -> Option<f64> {
        let persons = self.persons()?;
        (persons > 0.0).then(|| value / persons)
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::testing::Numbers;
    use super::*;

    /// Closed forms of EVPI for net benefits 0 and k·p1 − p2, with p1 ~ N(1, 1) and p2 ~ N(0, 2).
    #[test]
    fn the_normal_example_has_its_evpi() {
        let n = 40_000;
        let mut numbers = Numbers(21);
        let costs = vec![vec![0.0; n], numbers.normals(n, 0.0, 2.0)];
        let effects = vec![vec![0.0; n], numbers.normals(n, 1.0, 1.0)];
        let samples = Samples::new(&costs, &effects).unwrap();
        let losses = expected_loss(&samples, &[1.0, 2.0, 3.0]).unwrap();
        let wanted = [0.4798107063483925, 0.3992824567484914, 0.40946341599383507];
        for (k, want) in wanted.into_iter().enumerate() {
            let evpi = losses.evpi[k];
            // The standard error takes the best strategy as known. This is correct here, because the means differ by
            // more than five standard errors.
            let se = evpi.se.unwrap();
            assert!((evpi.value - want).abs() < 3.0 * se && se < 0.01, "{evpi:?}");
            assert_eq!(evpi.best, 1);
            assert_eq!(evpi.value, losses.loss[1][k]);
            assert!(losses.loss[0][k] > evpi.value);
        }
    }

    #[test]
    fn it_is_the_mean_of_the_maxima_less_the_maximum_of_the_means() {
        let mut numbers = Numbers(5);
        for _ in 0..100 {
            let (strategies, draws) = (1 + numbers.below(5), 1 + numbers.below(50));
            let benefit: Vec<Vec<f64>> =
                (0..strategies).map(|_| (0..draws).map(|_| 10.0 * numbers.uniform()).collect()).collect();
            let got = evpi(&benefit).unwrap();
            let n = draws as f64;
            let maxima: f64 = (0..draws).map(|i| benefit.iter().map(|b| b[i]).fold(f64::MIN, f64::max)).sum();
            let means = benefit.iter().map(|b| b.iter().sum::<f64>() / n);
            let want = maxima / n - means.fold(f64::MIN, f64::max);
            assert!((got.value - want).abs() < 1e-12 && got.value >= 0.0);
            assert_eq!(got.se.is_none(), draws == 1);
        }
        let same = evpi(&[vec![1.1; 7], vec![1.1; 7]]).unwrap();
        assert_eq!((same.best, same.value, same.se), (0, 0.0, Some(0.0)));
    }

    #[test]
    fn populations_are_discounted_from_the_start_of_each_year() {
        let population = DecisionPopulation { annual: 12_000.0, years: 10.0, discount_rate: 0.035 };
        let value = population.value(1500.0).unwrap();
        assert!((value / 154_938_357.159_627_35 - 1.0).abs() < 1e-12, "{value}");
        assert!((population.per_person(value).unwrap() - 1500.0).abs() < 1e-9);
        let part = DecisionPopulation { years: 1.5, discount_rate: 0.0, ..population };
        assert_eq!(part.persons(), Some(18_000.0));
        let nobody = DecisionPopulation { annual: 0.0, ..population };
        assert_eq!(nobody.value(1.0), Some(0.0));
        assert_eq!(nobody.per_person(1.0), None);
        for bad in [f64::NAN, -1.0, f64::INFINITY] {
            assert_eq!(DecisionPopulation { years: bad, ..population }.persons(), None);
            assert_eq!(DecisionPopulation { discount_rate: bad, ..population }.persons(), None);
            assert_eq!(DecisionPopulation { annual: bad, ..population }.persons(), None);
        }
    }
}
