//! Exact against Monte Carlo: every cell that both engines can answer, judged by the exact standard error.
//!
//! A count of patients is binomial with the exact probability. Where fewer than a thousand are expected on either
//! side, the binomial tail itself is turned into a normal deviate; where nothing can vary, only equality will do.
//! What integration may put the exact values off by is no reproach to either engine, so that only what lies beyond
//! counts; that it is small is a finding of its own.

use super::outcomes::scale;
use super::sampling::share_error;
use arcosim_core::engine::Totals;
use arcosim_core::engine::counts::{Counts, EndpointCounts};
use arcosim_core::math;
use arcosim_core::model::Model;

/// Headline numbers must lie within so many standard errors.
pub const HEADLINE_LIMIT: f64 = 4.0;
/// Every cell must lie within so many standard errors.
pub const CELL_LIMIT: f64 = 5.0;
/// The exact values may be off by no more than this: one patient in ten thousand, less than any number shown. It does
/// not depend on the number of patients, since the exact values are read on their own; and it is 0.06 standard errors
/// of a share of one half among 100,000 patients, so that little can hide behind it.
pub const INTEGRATION_LIMIT: f64 = 1e-4;
/// Fewer expected patients than this, on either side, and the binomial tail is used. Counts of rare events are skewed:
/// chance takes them beyond 5 standard errors 31 times as often as a normal with 10 expected, 3.3 times with 100 and
/// 1.1 times with 1,000 (exact sums, among 100,000 patients).
const FEW: f64 = 1000.0;
/// Kaplan-Meier survival has no tail in closed form: below so many expected events, or patients left at risk, it is not
/// judged, and the cumulative incidences and occupancies, plain binomials of the same events, are left to speak. Where
/// nobody is censored it is a binomial too, which goes beyond 4 standard errors 4.7 times as often as a normal with 10
/// expected and 1.6 times with 100.
const FEW_EVENTS: f64 = 100.0;
/// Totals without any spread must be equal up to rounding, as a share of their size.
const ROUNDING: f64 = 1e-9;

/// What a cell counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Patients in this state.
    Occupancy(usize),
    /// Patients whose first event of this endpoint has happened.
    Incidence(usize),
    /// Patients who have left the time at risk of this endpoint by a competing event.
    Competing(usize),
    /// Kaplan-Meier survival of this endpoint.
    Survival(usize),
    /// Discounted total of this outcome by the horizon.
    Total(usize),
}

/// One comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Strategy.
    pub strategy: usize,
    /// Quantity.
    pub quantity: Quantity,
    /// Cycles since the start (or since the endpoint's origin).
    pub cycle: usize,
    /// Exact value.
    pub exact: f64,
    /// Monte Carlo value.
    pub simulated: f64,
    /// Standard error, from the exact value.
    pub se: f64,
    /// Distance in standard errors beyond the integration error (infinite where equality was due and missed).
    pub z: f64,
}

/// All comparisons of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Agreement {
    /// Kaplan-Meier survival and cumulative incidence at the landmarks, and the totals of outcomes.
    pub headlines: Vec<Cell>,
    /// The cell furthest off, and how many there are.
    pub worst_cell: Option<Cell>,
    /// Number of cells.
    pub cells: usize,
    /// What the exact values may be off by.
    pub integration_error: f64,
}

impl Agreement {
    /// The headline furthest off.
    pub fn worst_headline(&self) -> Option<Cell> {
        self.headlines.iter().copied().max_by(|a, b| a.z.total_cmp(&b.z))
    }

    /// Whether all lies within the limits, and the exact values are good enough to be compared with.
    pub fn passes(&self) -> bool {
        self.engines_agree() && self.integration_is_good()
    }

    /// Whether every number lies within its limit.
    pub fn engines_agree(&self) -> bool {
        self.worst_headline().is_none_or(|c| c.z <= HEADLINE_LIMIT)
            && self.worst_cell.is_none_or(|c| c.z <= CELL_LIMIT)
    }

    /// Whether the integration error is small enough: behind a large one, any difference could hide.
    pub fn integration_is_good(&self) -> bool {
        self.integration_error <= INTEGRATION_LIMIT
    }
}

/// Compares two sets of counts. `landmarks` are grid points; `integration_error` is what the exact values may be
/// off by (0 if ages were drawn from the quadrature nodes).
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
    /// Compares the means of outcomes by the spread that the exact engine finds between patients. Increments are not
    /// compared, since the exact engine does not know how far they vary; they are differences of totals that are.
    pub fn compare_totals(&mut self, model: &Model, exact: &Totals, simulated: &Totals, patients: f64) {
        for (s, (e, m)) in exact.strategies.iter().zip(&simulated.strategies).enumerate() {
            for (o, (e, m)) in e.outcomes.iter().zip(&m.outcomes).enumerate() {
                let Some(sd) = e.sd else { continue };
                let off = (m.mean - e.mean).abs();
                let z = if sd <= ROUNDING * e.mean.abs() {
                    // Infinite also for what is no number.
                    if off <= ROUNDING * e.mean.abs() { 0.0 } else { f64::INFINITY }
                } else if patients * share_of_many(e.mean, sd) < FEW_EVENTS {
                    continue;
                } else {
                    let error = self.integration_error * scale(exact, o);
                    // What is no number must not pass for no difference.
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

/// Exact Kaplan-Meier survival up to grid point `cycle`, its Greenwood standard error for `n` patients from
/// expected counts, and the simulated survival; `None` where too few events or patients at risk are expected
/// for the normal approximation (the cumulative incidence, a plain binomial, is judged there).
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

/// The share of patients who would have to have the same amount each, all others nothing, for a total with this mean
/// and spread: among few such patients a mean is no normal number, as the cost of a rare event.
fn share_of_many(mean: f64, sd: f64) -> f64 {
    mean * mean / (mean * mean + sd * sd)
}

/// What integration may do to a share `p` of patients if it may put a share off by `most`: an error is a part of what
/// is there, so that it is little among few, and none where nothing can happen.
fn allowance(p: f64, most: f64) -> f64 {
    most * (20.0 * p * (1.0 - p)).clamp(0.0, 1.0)
}

/// Distance of a binomial count from its probability in standard errors.
fn deviate(p: f64, count: f64, n: f64, integration_error: f64) -> f64 {
    let fewer = n * p.min(1.0 - p);
    let error = allowance(p, integration_error);
    // Rounding of the exact value must not be taken for a chance.
    if fewer < 1e-6 {
        let due = if p < 0.5 { 0.0 } else { n };
        return if count == due { 0.0 } else { f64::INFINITY };
    }
    if fewer >= FEW {
        let off = ((count / n - p).abs() - error).max(0.0);
        return off / math::sqrt(p * (1.0 - p) / n);
    }
    // The tail from the observed count outwards, at the end of the integration error that favours it.
    let (q, k) = if p < 0.5 { (p, count) } else { (1.0 - p, n - count) };
    let tail = if k > n * q {
        binomial_at_least(n, (q + error).min(1.0), k)
    } else {
        binomial_at_most(n, (q - error).max(0.0), k)
    };
    if tail >= 0.5 { 0.0 } else { -math::normal::quantile(tail.max(1e-300)) }
}

/// P(X >= k) of a binomial, for a `k` above its mean: summed from `k` outwards, so that no subtraction from 1 spoils a
/// small tail and few terms are needed.
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

/// P(X = k) of a binomial. The digits that ln Γ loses among many patients are no matter: 1e-5 of the probability among
/// four thousand million, which moves a deviate by a few millionths.
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
        // Nothing is far off when one is seen where one is expected.
        assert!(deviate(1e-5, 1.0, 1e5, 0.0) < 1.0);
        // Twelve where one is expected is about 6 standard errors by the tail 8.3e-10, and fails.
        assert!(deviate(1e-5, 12.0, 1e5, 0.0) > CELL_LIMIT);
    }

    /// Exact sums and the normal's inverse with 40 digits (mpmath).
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
            // Beyond a thousand expected (4,000 patients at 0.25) the normal serves.
            let near = if n * p.min(1.0 - p) < FEW { 1e-6 } else { 0.1 };
            assert!((got - z).abs() < near, "{count} of {n} at {p}: {got} instead of {z}");
        }
    }

    /// Where the formula changes, verdicts do not.
    #[test]
    fn tail_and_normal_meet_at_a_thousand() {
        for count in [850.0, 1160.0] {
            let [tail, normal] = [0.009_999, 0.010_001].map(|p| deviate(p, count, 1e5, 0.0));
            assert!((tail - normal).abs() < 0.2, "{count}: {tail} and {normal}");
        }
    }

    #[test]
    fn integration_error_excuses_no_more_than_itself() {
        // Off by 5.5 standard errors of which one is put down to integration.
        let se = (0.25f64 / 1e5).sqrt();
        let count = 1e5 * (0.5 + 5.5 * se);
        assert!((deviate(0.5, count, 1e5, 0.0) - 5.5).abs() < 1e-9);
        assert!((deviate(0.5, count, 1e5, se) - 4.5).abs() < 1e-9);
        // Little of it among few patients, and nothing where nothing can happen.
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
