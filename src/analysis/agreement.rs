//! Agreement of the exact engine with the microsimulation. Every number that both engines estimate is compared, and the
//! difference is expressed in standard errors computed from the exact value.
//!
//! A simulated count of patients is binomial with the exact probability. If fewer than 1,000 patients are expected with
//! or without the event, the binomial tail probability is converted into a normal deviate; if the probability is 0 or
//! 1, the values must be equal. The integration error of the exact engine is subtracted from every difference, because
//! it is not a disagreement of the engines; a separate check limits its size.

use super::outcomes::scale;
use super::sampling::share_error;
use arcosim_core::engine::Totals;
use arcosim_core::engine::counts::{Counts, EndpointCounts};
use arcosim_core::math;
use arcosim_core::model::Model;
use arcosim_core::survival::effective;

/// Largest deviation allowed for a headline number, in standard errors.
pub const HEADLINE_LIMIT: f64 = 4.0;
/// Largest deviation allowed for any compared number (cell), in standard errors.
pub const CELL_LIMIT: f64 = 5.0;
/// Upper limit on the integration error of the exact engine: a share of one patient in ten thousand, less than any
/// number shown. The limit does not depend on the number of simulated patients, because exact values are also reported
/// without a simulation. Among 100,000 patients the limit is 0.06 standard errors of a share of one half, so an
/// integration error can hide very little disagreement.
pub const INTEGRATION_LIMIT: f64 = 1e-4;
/// Number of expected patients (with the event, or without the event) below which the binomial tail is used, because
/// counts of rare events are skewed. A count exceeds its expectation by 5 standard errors 31 times as often as a normal
/// variable if 10 patients are expected, 3.3 times if 100 and 1.1 times if 1,000 (exact sums, among 100,000 patients).
const FEW: f64 = 1000.0;
/// Number of expected events or patients at risk below which Kaplan-Meier survival is not tested, because its
/// distribution has no closed form. The cumulative incidences and occupancies of the same events are binomial and are
/// tested instead. Without censoring, survival is binomial too and exceeds 4 standard errors 4.7 times as often as a
/// normal variable if 10 events are expected, and 1.6 times if 100.
const FEW_EVENTS: f64 = 100.0;
/// Relative rounding error allowed between totals that do not vary between patients and must therefore be equal.
const ROUNDING: f64 = 1e-9;

/// Quantity that is compared between the two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Share of patients in the state with this index.
    Occupancy(usize),
    /// Share of patients who have had the first event of the endpoint with this index.
    Incidence(usize),
    /// Share of patients who had a competing event while at risk for the endpoint with this index.
    Competing(usize),
    /// Kaplan-Meier survival of the endpoint with this index.
    Survival(usize),
    /// Discounted total over the horizon of the outcome with this index.
    Total(usize),
}

/// Comparison of one number between the two engines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Index of the strategy.
    pub strategy: usize,
    /// Quantity that is compared.
    pub quantity: Quantity,
    /// Number of cycles since the start of the model or, for an endpoint, since its origin.
    pub cycle: usize,
    /// Value from the exact engine.
    pub exact: f64,
    /// Value from the microsimulation.
    pub simulated: f64,
    /// Standard error of the simulated value, computed from the exact value.
    pub se: f64,
    /// Absolute difference minus the integration error, in standard errors; infinite if values that must be equal
    /// differ.
    pub z: f64,
}

/// All comparisons of the exact engine with the microsimulation in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// Kaplan-Meier survival and cumulative incidence at the landmark years, and the totals of outcomes.
    pub headlines: Vec<Cell>,
    /// State occupancy or cumulative incidence with the largest deviation.
    pub worst_cell: Option<Cell>,
    /// Number of state occupancies and cumulative incidences that were compared.
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

    /// Whether every compared number is within its limit.
    pub fn engines_agree(&self) -> bool {
        self.worst_headline().is_none_or(|c| c.z <= HEADLINE_LIMIT)
            && self.worst_cell.is_none_or(|c| c.z <= CELL_LIMIT)
    }

    /// Whether the integration error is within its limit; a large integration error could hide any difference.
    pub fn integration_is_good(&self) -> bool {
        self.integration_error <= INTEGRATION_LIMIT
    }
}

/// Compares the counts of the exact engine with the counts of the microsimulation. `landmarks` are indices on the time
/// grid; `integration_error` is the error of the exact values (0 if patients' ages were drawn from the quadrature
/// nodes).
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
                if let Some((survival, se, simulated)) = kaplan_meier(model, ee, me, cycle, n) {
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

/// Cumulative incidence of an endpoint at one time, by both engines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incidence {
    /// Index of the time on the time grid.
    pub point: usize,
    /// Share of all patients with the event, from the exact engine.
    pub exact: f64,
    /// Share of all patients with the event, from the microsimulation.
    pub simulated: f64,
    /// Standard error of the simulated share, computed from the exact share.
    pub se: f64,
}

/// Cumulative incidence of an endpoint under a strategy at these points of the time grid, by both engines. The standard
/// error is binomial, because the incidence is a plain share of all patients.
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
    /// compared, because the exact engine does not compute the spread of increments; the two totals of every increment
    /// are compared.
    pub fn compare_totals(&mut self, model: &Model, exact: &Totals, simulated: &Totals, patients: f64) {
        for (s, (e, m)) in exact.strategies.iter().zip(&simulated.strategies).enumerate() {
            for (o, (e, m)) in e.outcomes.iter().zip(&m.outcomes).enumerate() {
                // In continuous time the exact engine does not compute the spread between patients, and that of the simulated
                // patients is used.
                let simulated_sd = m.sd.filter(|_| model.time.continuous());
                let Some(sd) = e.sd.or(simulated_sd) else { continue };
                let off = (m.mean - e.mean).abs();
                let z = if sd <= ROUNDING * e.mean.abs() {
                    // The deviation is infinite also if the difference is NaN.
                    if off <= ROUNDING * e.mean.abs() { 0.0 } else { f64::INFINITY }
                } else if patients * share_of_many(e.mean, sd) < FEW_EVENTS {
                    continue;
                } else {
                    let error = self.integration_error * scale(exact, o);
                    // The comparison is written to be false for NaN, because a difference that is not a number must
                    // fail.
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
    model: &Model,
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
        events += d;
        let within = model.time.continuous() && k > 0;
        let (others, others_simulated) = match within {
            true => (leave(exact, k, model) * n, leave(simulated, k, model)),
            false => (0.0, 0.0),
        };
        survival *= 1.0 - d / effective(y, d, others);
        observed *= 1.0
            - simulated.events[k] / effective(at_risk_simulated[k], simulated.events[k], others_simulated);
        greenwood += variance_ln(y, d, others);
    }
    (events >= FEW_EVENTS).then(|| (survival, survival * math::sqrt(greenwood), observed))
}

/// Patients who leave within the cycle that ends at grid point `k` without the event.
fn leave(counts: &EndpointCounts, k: usize, model: &Model) -> f64 {
    counts.competing[k] + if k < model.time.cycles { counts.censored[k] } else { 0.0 }
}

/// Variance of the logarithm of the share of patients without the event in one interval (delta method). Of `at_risk` patients,
/// `events` have the event and `others` leave without it; without others this is Greenwood's term.
fn variance_ln(at_risk: f64, events: f64, others: f64) -> f64 {
    if others <= 0.0 {
        return events / (at_risk * (at_risk - events));
    }
    let leave = (events + others) / at_risk;
    let share = events / (events + others);
    let stay = (1.0 - leave).max(f64::MIN_POSITIVE);
    let ln_stay = math::ln(stay);
    ln_stay * ln_stay * share * (1.0 - share) / (at_risk * leave) + share * share * leave / (at_risk * stay)
}

/// Effective share of patients who contribute to a total: the mean and standard deviation are the same as if this share
/// of patients had equal amounts and all others had none. The share is small for the cost of a rare event, and the mean
/// is then not normally distributed.
fn share_of_many(mean: f64, sd: f64) -> f64 {
    mean * mean / (mean * mean + sd * sd)
}

/// Integration error assumed for a share `p`, given the largest error `most` over all shares. The error is
/// proportionally smaller for shares close to 0 or 1, and zero if the event cannot happen.
fn allowance(p: f64, most: f64) -> f64 {
    most * (20.0 * p * (1.0 - p)).clamp(0.0, 1.0)
}

/// Deviation of a simulated count from its binomial expectation, in standard errors.
fn deviate(p: f64, count: f64, n: f64, integration_error: f64) -> f64 {
    let fewer = n * p.min(1.0 - p);
    let error = allowance(p, integration_error);
    // An expectation below this limit is rounding error around 0, so the counts must be equal.
    if fewer < 1e-6 {
        let due = if p < 0.5 { 0.0 } else { n };
        return if count == due { 0.0 } else { f64::INFINITY };
    }
    if fewer >= FEW {
        let off = ((count / n - p).abs() - error).max(0.0);
        return off / math::sqrt(p * (1.0 - p) / n);
    }
    // The tail probability is summed outwards from the observed count. The exact share is moved towards that count by
    // the integration error, because this error is no deviation of the engines.
    let (q, k) = if p < 0.5 { (p, count) } else { (1.0 - p, n - count) };
    let tail = if k > n * q {
        binomial_at_least(n, (q + error).min(1.0), k)
    } else {
        binomial_at_most(n, (q - error).max(0.0), k)
    };
    if tail >= 0.5 { 0.0 } else { -math::normal::quantile(tail.max(1e-300)) }
}

/// P(X >= k) of a binomial variable for `k` above its mean. The terms are summed upwards from `k`: few are needed, and
/// a small tail keeps its digits because it is not computed as 1 minus a large probability.
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

/// P(X <= k) of a binomial variable for `k` below its mean, summed downwards from `k`.
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

/// P(X = k) of a binomial variable. ln Γ loses digits for many patients, but the loss is negligible: for 4,000 million
/// patients the relative error of the probability is 1e-5, which changes a deviate by a few millionths.
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
        // For 10,000 patients and p = 0.3, the standard error of the share is 0.0045826.
        assert!((deviate(0.3, 3100.0, 10_000.0, 0.0) - 2.182_178_9).abs() < 1e-6);
        assert_eq!(deviate(0.0, 0.0, 1e5, 0.0), 0.0);
        assert_eq!(deviate(0.0, 1.0, 1e5, 0.0), f64::INFINITY);
        assert_eq!(deviate(1.0, 1e5, 1e5, 0.0), 0.0);
        // One patient with the event is no deviation if one is expected.
        assert!(deviate(1e-5, 1.0, 1e5, 0.0) < 1.0);
        // Twelve patients, if one is expected, have a tail probability of 8.3e-10, which is about 6 standard errors.
        assert!(deviate(1e-5, 12.0, 1e5, 0.0) > CELL_LIMIT);
    }

    /// The expected deviates were computed from exact sums and the inverse normal distribution with 40 digits (mpmath).
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
            // The normal approximation is used if 1,000 or more patients are expected (here 4,000 patients at 0.25).
            let near = if n * p.min(1.0 - p) < FEW { 1e-6 } else { 0.1 };
            assert!((got - z).abs() < near, "{count} of {n} at {p}: {got} instead of {z}");
        }
    }

    /// The deviate hardly changes at 1,000 expected patients, where the normal approximation replaces the binomial
    /// tail.
    #[test]
    fn tail_and_normal_meet_at_a_thousand() {
        for count in [850.0, 1160.0] {
            let [tail, normal] = [0.009_999, 0.010_001].map(|p| deviate(p, count, 1e5, 0.0));
            assert!((tail - normal).abs() < 0.2, "{count}: {tail} and {normal}");
        }
    }

    #[test]
    fn integration_error_excuses_no_more_than_itself() {
        // The count deviates by 5.5 standard errors, one of which is attributed to integration error.
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
