//! Agreement of the exact engine with the microsimulation: every number both engines estimate is compared, in units of
//! its exact standard error.
//!
//! A count of patients is binomial with the exact probability. If fewer than 1,000 patients are expected on either
//! side, the binomial tail probability is converted into a normal deviate; if nothing can vary, the values must be
//! equal. The integration error of the exact engine is subtracted from every difference, because it says nothing about
//! either engine; whether it is small enough is checked separately.

use super::outcomes::scale;
use super::sampling::share_error;
use arcosim_core::engine::Totals;
use arcosim_core::engine::counts::{Counts, EndpointCounts};
use arcosim_core::math;
use arcosim_core::model::Model;

/// Headline numbers must agree within this many standard errors.
pub const HEADLINE_LIMIT: f64 = 4.0;
/// Every cell must agree within this many standard errors.
pub const CELL_LIMIT: f64 = 5.0;
/// Upper limit on the integration error: one patient in ten thousand, less than any number shown. It does not depend on
/// the number of patients, because the exact values are reported in their own right. It is 0.06 standard errors of a
/// share of one half among 100,000 patients, so it can hide very little.
pub const INTEGRATION_LIMIT: f64 = 1e-4;
/// Below this many expected patients on either side, the binomial tail is used, because counts of rare events are
/// skewed: with 10 expected they exceed 5 standard errors 31 times as often as a normal variable, with 100 expected 3.3
/// times and with 1,000 expected 1.1 times (exact sums, among 100,000 patients).
const FEW: f64 = 1000.0;
/// Kaplan-Meier survival has no closed-form tail, so it is not tested below this many expected events or patients at
/// risk; the cumulative incidences and occupancies of the same events are binomial and are tested instead. Without
/// censoring, survival is binomial too and exceeds 4 standard errors 4.7 times as often as a normal variable with 10
/// expected events, 1.6 times with 100.
const FEW_EVENTS: f64 = 100.0;
/// Totals without any spread must be equal within this relative rounding error.
const ROUNDING: f64 = 1e-9;

/// The quantity that a cell compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Patients in this state.
    Occupancy(usize),
    /// Patients whose first event of this endpoint has happened.
    Incidence(usize),
    /// Patients who had a competing event while at risk for this endpoint.
    Competing(usize),
    /// Kaplan-Meier survival of this endpoint.
    Survival(usize),
    /// Discounted total of this outcome over the horizon.
    Total(usize),
}

/// Comparison of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Strategy.
    pub strategy: usize,
    /// Quantity compared.
    pub quantity: Quantity,
    /// Cycles since the start, or since the origin of the endpoint.
    pub cycle: usize,
    /// Exact value.
    pub exact: f64,
    /// Monte Carlo value.
    pub simulated: f64,
    /// Standard error, computed from the exact value.
    pub se: f64,
    /// Difference minus integration error, in standard errors; infinite if values that must be equal differ.
    pub z: f64,
}

/// All comparisons of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// Kaplan-Meier survival and cumulative incidence at the landmarks, and the totals of outcomes.
    pub headlines: Vec<Cell>,
    /// The cell with the largest deviation.
    pub worst_cell: Option<Cell>,
    /// Number of cells compared.
    pub cells: usize,
    /// Estimated integration error of the exact values.
    pub integration_error: f64,
}

impl Agreement {
    /// The headline number with the largest deviation.
    pub fn worst_headline(&self) -> Option<Cell> {
        self.headlines.iter().copied().max_by(|a, b| a.z.total_cmp(&b.z))
    }

    /// Whether all numbers are within their limits and the integration error is small enough.
    pub fn passes(&self) -> bool {
        self.engines_agree() && self.integration_is_good()
    }

    /// Whether every number is within its limit.
    pub fn engines_agree(&self) -> bool {
        self.worst_headline().is_none_or(|c| c.z <= HEADLINE_LIMIT)
            && self.worst_cell.is_none_or(|c| c.z <= CELL_LIMIT)
    }

    /// Whether the integration error is small enough; a large one could hide any difference.
    pub fn integration_is_good(&self) -> bool {
        self.integration_error <= INTEGRATION_LIMIT
    }
}

/// Compares two sets of counts. `landmarks` are grid points; `integration_error` is the error of the exact values (0 if
/// ages were drawn from the quadrature nodes).
pub fn compare(
    model: &Model,
    exact: &Counts,
    simulated: &Counts,
    landmarks: &[usize],
    integration_error: f64,
) -> Agreement {
    let mut agreement = Agreement { headlines: Vec::new(), worst_cell: None, cells: 0, integration_error };
    let n = simulated.patients;
    let judge = |strategy, quantity, cycle, p: f64, count: f64| Cell {
        strategy,
        quantity,
        cycle,
        exact: p,
        simulated: count / n,
        se: share_error(p, n),
        z: deviate(p, count, n, integration_error),
    };
    for (s, (e, m)) in exact.strategies.iter().zip(&simulated.strategies).enumerate() {
        for state in 0..model.states.len() {
            for cycle in 0..=model.time.cycles {
                agreement.cell(judge(
                    s,
                    Quantity::Occupancy(state),
                    cycle,
                    e.occupancy[state][cycle],
                    m.occupancy[state][cycle],
                ));
            }
        }
        for (k, (ee, me)) in e.endpoints.iter().zip(&m.endpoints).enumerate() {
            for (quantity, es, ms) in [
                (Quantity::Incidence(k), &ee.events, &me.events),
                (Quantity::Competing(k), &ee.competing, &me.competing),
            ] {
                let (mut p, mut count) = (0.0, 0.0);
                for cycle in 0..=model.time.cycles {
                    p += es[cycle];
                    count += ms[cycle];
                    let cell = judge(s, quantity, cycle, p.min(1.0), count);
                    agreement.cell(cell);
                    if landmarks.contains(&cycle) && matches!(quantity, Quantity::Incidence(_)) {
                        agreement.headlines.push(cell);
                    }
                }
            }
            for &cycle in landmarks {
                if let Some((survival, se, simulated)) = kaplan_meier(ee, me, cycle, n) {
                    let off = ((simulated - survival).abs() - integration_error).max(0.0);
                    agreement.headlines.push(Cell {
                        strategy: s,
                        quantity: Quantity::Survival(k),
                        cycle,
                        exact: survival,
                        simulated,
                        se,
                        z: off / se,
                    });
                }
            }
        }
    }
    agreement
}

/// The share of all patients who have had the event, by both engines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incidence {
    /// Grid point.
    pub point: usize,
    /// Exact share.
    pub exact: f64,
    /// Simulated share.
    pub simulated: f64,
    /// Standard error of the simulated share, from the exact one.
    pub se: f64,
}

/// The cumulative incidence of an endpoint under a strategy by both engines, at these points of the grid: a plain share of
/// all patients, so its standard error is the binomial one.
pub fn incidence_by_both(
    exact: &Counts,
    simulated: &Counts,
    (strategy, endpoint): (usize, usize),
    points: &[usize],
) -> Vec<Incidence> {
    let sums = |counts: &Counts| -> Vec<f64> {
        let events = counts.strategies[strategy].endpoints[endpoint].events.iter();
        let running = events.scan(0.0, |sum, x| {
            *sum += x;
            Some(*sum)
        });
        running.collect()
    };
    let (expected, observed, n) = (sums(exact), sums(simulated), simulated.patients);
    let at = |&point: &usize| Incidence {
        point,
        exact: expected[point],
        simulated: observed[point] / n,
        se: share_error(expected[point], n),
    };
    points.iter().map(at).collect()
}

impl Agreement {
    /// Compares mean outcomes, using the spread between patients that the exact engine computes. Increments are not
    /// compared because the exact engine does not know their spread; both totals of every increment are.
    pub fn compare_totals(&mut self, model: &Model, exact: &Totals, simulated: &Totals, patients: f64) {
        for (s, (e, m)) in exact.strategies.iter().zip(&simulated.strategies).enumerate() {
            for (o, (e, m)) in e.outcomes.iter().zip(&m.outcomes).enumerate() {
                let Some(sd) = e.sd else { continue };
                let off = (m.mean - e.mean).abs();
                let z = if sd <= ROUNDING * e.mean.abs() {
                    // Infinite also if the difference is not a number.
                    if off <= ROUNDING * e.mean.abs() { 0.0 } else { f64::INFINITY }
                } else if patients * share_of_many(e.mean, sd) < FEW_EVENTS {
                    continue;
                } else {
                    let error = self.integration_error * scale(exact, o);
                    // A difference that is not a number must fail, so the comparison is written to be false for it.
                    if off <= error { 0.0 } else { (off - error) / (sd / math::sqrt(patients)) }
                };
                self.headlines.push(Cell {
                    strategy: s,
                    quantity: Quantity::Total(o),
                    cycle: model.time.cycles,
                    exact: e.mean,
                    simulated: m.mean,
                    se: sd / math::sqrt(patients),
                    z,
                });
            }
        }
    }

    fn cell(&mut self, cell: Cell) {
        self.cells += 1;
        if self.worst_cell.is_none_or(|worst| cell.z > worst.z) {
            self.worst_cell = Some(cell);
        }
    }
}

/// Exact Kaplan-Meier survival up to grid point `cycle`, its Greenwood standard error for `n` patients from expected
/// counts, and the simulated survival. `None` if too few events or patients at risk are expected for the normal
/// approximation; the binomial cumulative incidence is tested instead.
fn kaplan_meier(
    exact: &EndpointCounts,
    simulated: &EndpointCounts,
    cycle: usize,
    n: f64,
) -> Option<(f64, f64, f64)> {
    let (at_risk, at_risk_simulated) = (exact.at_risk(), simulated.at_risk());
    let (mut survival, mut observed, mut greenwood, mut events) = (1.0, 1.0, 0.0, 0.0);
    for k in 0..=cycle {
        let (y, d) = (at_risk[k] * n, exact.events[k] * n);
        if y - d < FEW_EVENTS || at_risk_simulated[k] <= 0.0 {
            return None;
        }
        survival *= 1.0 - d / y;
        greenwood += d / (y * (y - d));
        events += d;
        observed *= 1.0 - simulated.events[k] / at_risk_simulated[k];
    }
    (events >= FEW_EVENTS).then(|| (survival, survival * math::sqrt(greenwood), observed))
}

/// Effective share of patients who contribute to a total: the share that would give this mean and spread if each of
/// them had the same amount and all others nothing. For the cost of a rare event it is small, and the mean is then not
/// normally distributed.
fn share_of_many(mean: f64, sd: f64) -> f64 {
    mean * mean / (mean * mean + sd * sd)
}

/// Integration error allowed for a share `p`, if it is at most `most` for any share: proportionally less for small
/// shares, and none if the event cannot happen.
fn allowance(p: f64, most: f64) -> f64 {
    most * (20.0 * p * (1.0 - p)).clamp(0.0, 1.0)
}

/// Distance of a binomial count from its expectation, in standard errors.
fn deviate(p: f64, count: f64, n: f64, integration_error: f64) -> f64 {
    let fewer = n * p.min(1.0 - p);
    let error = allowance(p, integration_error);
    // Below this, the expectation is rounding error, and the counts must be equal.
    if fewer < 1e-6 {
        let due = if p < 0.5 { 0.0 } else { n };
        return if count == due { 0.0 } else { f64::INFINITY };
    }
    if fewer >= FEW {
        let off = ((count / n - p).abs() - error).max(0.0);
        return off / math::sqrt(p * (1.0 - p) / n);
    }
    // Tail probability from the observed count outwards, at the end of the integration error that is closest to it.
    let (q, k) = if p < 0.5 { (p, count) } else { (1.0 - p, n - count) };
    let tail = if k > n * q {
        binomial_at_least(n, (q + error).min(1.0), k)
    } else {
        binomial_at_most(n, (q - error).max(0.0), k)
    };
    if tail >= 0.5 { 0.0 } else { -math::normal::quantile(tail.max(1e-300)) }
}

/// P(X >= k) of a binomial for `k` above its mean, summed from `k` outwards: few terms are needed, and no subtraction
/// from 1 loses the digits of a small tail.
fn binomial_at_least(n: f64, p: f64, k: f64) -> f64 {
    let odds = p / (1.0 - p);
    let mut term = binomial_exactly(n, p, k);
    let mut sum = 0.0;
    let mut i = k;
    while i <= n && term > sum * 1e-17 {
        sum += term;
        term *= (n - i) / (i + 1.0) * odds;
        i += 1.0;
    }
    sum.min(1.0)
}

/// P(X <= k) of a binomial, for a `k` below its mean.
fn binomial_at_most(n: f64, p: f64, k: f64) -> f64 {
    let odds = p / (1.0 - p);
    let mut term = binomial_exactly(n, p, k);
    let mut sum = 0.0;
    let mut i = k;
    while i >= 0.0 && term > sum * 1e-17 {
        sum += term;
        term *= i / ((n - i + 1.0) * odds);
        i -= 1.0;
    }
    sum.min(1.0)
}

/// P(X = k) of a binomial. The digits that ln Γ loses for many patients do not matter: 1e-5 of the probability with
/// four thousand million patients, which changes a deviate by a few millionths.
fn binomial_exactly(n: f64, p: f64, k: f64) -> f64 {
    if p <= 0.0 {
        return if k == 0.0 { 1.0 } else { 0.0 };
    }
    let ln_choose =
        math::gamma::ln_gamma(n + 1.0) - math::gamma::ln_gamma(k + 1.0) - math::gamma::ln_gamma(n - k + 1.0);
    math::exp(ln_choose + k * math::ln(p) + (n - k) * math::ln_1p(-p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviates_are_those_of_the_normal_and_of_the_binomial() {
        // 10,000 patients at p = 0.3: standard error 0.0045826.
        assert!((deviate(0.3, 3100.0, 10_000.0, 0.0) - 2.182_178_9).abs() < 1e-6);
        assert_eq!(deviate(0.0, 0.0, 1e5, 0.0), 0.0);
        assert_eq!(deviate(0.0, 1.0, 1e5, 0.0), f64::INFINITY);
        assert_eq!(deviate(1.0, 1e5, 1e5, 0.0), 0.0);
        // One patient where one is expected is not a deviation.
        assert!(deviate(1e-5, 1.0, 1e5, 0.0) < 1.0);
        // Twelve patients where one is expected: tail probability 8.3e-10, about 6 standard errors.
        assert!(deviate(1e-5, 12.0, 1e5, 0.0) > CELL_LIMIT);
    }

    /// Exact sums and inverse normal with 40 digits (mpmath).
    #[test]
    fn tails_of_skewed_counts_are_those_of_the_binomial() {
        // P(X >= 3 | n = 1000, p = 0.001) = 0.0802093 (R: pbinom(2, 1000, 0.001, lower = FALSE)).
        assert!((binomial_at_least(1000.0, 0.001, 3.0) - 0.080_209_3).abs() < 1e-6);
        for (n, p, count, z) in [
            (1e5, 0.0001, 30.0, 5.025_923_562_02),
            (1e5, 0.002, 275.0, 4.999_871_746_35),
            (1e5, 0.002, 140.0, 4.438_583_059_45),
            (1e5, 0.0099, 1160.0, 5.276_061_445_11),
            (1e5, 0.0099, 830.0, 5.234_597_336_14),
            (1e7, 0.000_02, 290.0, 5.938_692_000_66),
            (1e9, 0.000_000_5, 400.0, 4.603_416_553_83),
            (1e5, 0.995, 99_380.0, 5.171_136_820_17),
            (4000.0, 0.25, 1140.0, 5.023_188_325_8),
            (4000.0, 0.2, 680.0, 4.814_592_412_35),
        ] {
            let got = deviate(p, count, n, 0.0);
            // With 1,000 or more expected (4,000 patients at 0.25) the normal approximation is used.
            let near = if n * p.min(1.0 - p) < FEW { 1e-6 } else { 0.1 };
            assert!((got - z).abs() < near, "{count} of {n} at {p}: {got} instead of {z}");
        }
    }

    /// The deviate hardly changes where the formula switches.
    #[test]
    fn tail_and_normal_meet_at_a_thousand() {
        for count in [850.0, 1160.0] {
            let [tail, normal] = [0.009_999, 0.010_001].map(|p| deviate(p, count, 1e5, 0.0));
            assert!((tail - normal).abs() < 0.2, "{count}: {tail} and {normal}");
        }
    }

    #[test]
    fn integration_error_excuses_no_more_than_itself() {
        // A deviation of 5.5 standard errors, one of which is attributed to integration error.
        let se = (0.25f64 / 1e5).sqrt();
        let count = 1e5 * (0.5 + 5.5 * se);
        assert!((deviate(0.5, count, 1e5, 0.0) - 5.5).abs() < 1e-9);
        assert!((deviate(0.5, count, 1e5, se) - 4.5).abs() < 1e-9);
        // A small share has a small integration error, and an impossible event has none.
        assert!(deviate(1e-4, 40.0, 1e5, 1e-4) > CELL_LIMIT);
        assert_eq!(deviate(0.0, 1.0, 1e5, 1e-4), f64::INFINITY);
    }

    #[test]
    fn a_large_integration_error_is_a_finding() {
        let mut agreement = Agreement {
            headlines: Vec::new(),
            worst_cell: None,
            cells: 0,
            integration_error: INTEGRATION_LIMIT,
        };
        assert!(agreement.passes());
        agreement.integration_error = 1.01 * INTEGRATION_LIMIT;
        assert!(agreement.engines_agree() && !agreement.passes());
        agreement.integration_error = f64::NAN;
        assert!(!agreement.passes());
    }
}
