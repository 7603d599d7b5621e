//! Means and intervals of cost, effect and net benefit over the draws, and the share of their variance that is due to
//! simulated patients.

use super::PsaAnswer;
use arcosim_core::economics::{Summary, nmb, summary};
use arcosim_core::math::sqrt;

/// Quantity that is summarised over the draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SummaryQuantity {
    /// Cost per patient.
    Cost,
    /// Effect per patient.
    Effect,
    /// Net monetary benefit at this threshold.
    NetBenefit(f64),
}

/// Distribution over the draws of a quantity, for one strategy or one increment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawnQuantity {
    /// Index of the strategy.
    pub strategy: usize,
    /// Index of the comparator, if the quantity is an increment; otherwise `None`.
    pub against: Option<usize>,
    /// Quantity: cost, effect or net benefit.
    pub quantity: SummaryQuantity,
    /// Number of draws.
    pub draws: usize,
    /// Mean, standard deviation and percentiles; `None` if a value is not finite.
    pub summary: Option<Summary>,
    /// Share of draws in which the quantity is above zero.
    pub positive: f64,
    /// Deterministic value of the quantity, with all parameters at base values.
    pub at_base: f64,
    /// Mean of the draws minus the deterministic value with the same numerical integration.
    pub gap: Option<f64>,
    /// Share of the variance that is Monte Carlo noise of simulated patients; `None` if unknown or for the exact
    /// engine.
    pub noise_share: Option<f64>,
    /// Standard deviation after the removal of the Monte Carlo noise.
    pub sd_without_noise: Option<f64>,
}

/// Summaries of every quantity, for every strategy and for every increment versus the reference.
pub fn summaries(run: &PsaAnswer) -> Vec<DrawnQuantity> {
    let reference = run.model().reference();
    let net_benefit = run.answers.thresholds.iter().map(|&threshold| SummaryQuantity::NetBenefit(threshold));
    let mut all = Vec::new();
    for quantity in [SummaryQuantity::Cost, SummaryQuantity::Effect].into_iter().chain(net_benefit) {
        for against in [None, Some(reference)] {
            let strategies = (0..run.model().strategies.len()).filter(|&s| Some(s) != against);
            all.extend(strategies.map(|s| drawn(run, quantity, s, against)));
        }
    }
    all
}

fn drawn(
    run: &PsaAnswer,
    quantity: SummaryQuantity,
    strategy: usize,
    against: Option<usize>,
) -> DrawnQuantity {
    let value = |totals: &[f64]| {
        let (cost, effect) = (totals[run.decision.cost], totals[run.decision.effect]);
        match quantity {
            SummaryQuantity::Cost => cost,
            SummaryQuantity::Effect => effect,
            SummaryQuantity::NetBenefit(threshold) => nmb(cost, effect, threshold),
        }
    };
    let difference = |all: &[Vec<f64>]| value(&all[strategy]) - against.map_or(0.0, |r| value(&all[r]));
    let values: Vec<f64> = run.psa.totals.iter().map(|draw| difference(draw)).collect();
    let found = summary(&values);
    let [at_base, as_drawn] = [&run.base, &run.base_as_drawn].map(|all| difference(all));
    let (noise_share, sd_without_noise) = noise(run, quantity, strategy, against.is_some())
        .zip(found.and_then(|f| f.sd))
        .map(|(noise, sd)| without_noise(sd, noise))
        .unzip();
    DrawnQuantity {
        strategy,
        against,
        quantity,
        draws: values.len(),
        summary: found,
        positive: values.iter().filter(|x| **x > 0.0).count() as f64 / values.len() as f64,
        at_base,
        gap: found.map(|f| f.mean - as_drawn),
        noise_share,
        sd_without_noise,
    }
}

/// Mean Monte Carlo variance of a mean cost or effect, over all draws. `None` for net benefit, because the covariance
/// of cost and effect within a draw is not stored.
fn noise(run: &PsaAnswer, quantity: SummaryQuantity, strategy: usize, increment: bool) -> Option<f64> {
    let all = match increment {
        true => &run.psa.increment_noise,
        false => &run.psa.noise,
    };
    let outcome = match quantity {
        SummaryQuantity::Cost => run.decision.cost,
        SummaryQuantity::Effect => run.decision.effect,
        SummaryQuantity::NetBenefit(_) => return None,
    };
    let sum: f64 = all.iter().map(|draw| draw[strategy][outcome]).sum();
    (!all.is_empty()).then(|| sum / all.len() as f64)
}

/// Share of the variance between draws that is due to patients within a draw, and the standard deviation without that
/// share (A. O'Hagan, M. Stevenson and J. Madan, Health Econ. 16 (2007) 1009-1023).
fn without_noise(sd: f64, noise: f64) -> (f64, f64) {
    (noise / (sd * sd), sqrt((sd * sd - noise).max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_taken_out_of_the_variance_and_never_more_than_there_is() {
        assert_eq!(without_noise(5.0, 9.0), (9.0 / 25.0, 4.0));
        assert_eq!(without_noise(2.0, 9.0).1, 0.0);
    }
}
