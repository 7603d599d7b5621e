//! Exact against Monte Carlo: every cell that both engines can answer, judged by the exact standard error.
//!
//! A count of patients is binomial with the exact probability. Where fewer than ten are expected on either
//! side, the binomial tail itself is turned into a normal deviate; where nothing can vary, only equality will do.

use crate::engine::counts::{Counts, EndpointCounts};
use crate::math;
use crate::model::Model;

/// Headline numbers must lie within so many standard errors.
pub const HEADLINE_LIMIT: f64 = 4.0;
/// Every cell must lie within so many standard errors.
pub const CELL_LIMIT: f64 = 5.0;
/// Fewer expected patients than this, on either side, and the binomial tail is used.
const FEW: f64 = 10.0;

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
    /// Kaplan-Meier survival and cumulative incidence at the landmarks.
    pub headlines: Vec<Cell>,
    /// The cell furthest off, and how many there are.
    pub worst_cell: Option<Cell>,
    /// Number of cells.
    pub cells: usize,
}

impl Agreement {
    /// The headline furthest off.
    pub fn worst_headline(&self) -> Option<Cell> {
        self.headlines.iter().copied().max_by(|a, b| a.z.total_cmp(&b.z))
    }

    /// Whether all lies within the limits.
    pub fn passes(&self) -> bool {
        self.worst_headline().is_none_or(|c| c.z <= HEADLINE_LIMIT)
            && self.worst_cell.is_none_or(|c| c.z <= CELL_LIMIT)
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
    let mut agreement = Agreement {
        headlines: Vec::new(),
        worst_cell: None,
        cells: 0,
    };
    let n = simulated.patients;
    let judge = |strategy, quantity, cycle, p: f64, count: f64| Cell {
        strategy,
        quantity,
        cycle,
        exact: p,
        simulated: count / n,
        se: math::sqrt((p * (1.0 - p)).max(0.0) / n),
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

impl Agreement {
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
        if y - d < FEW || at_risk_simulated[k] <= 0.0 {
            return None;
        }
        survival *= 1.0 - d / y;
        greenwood += d / (y * (y - d));
        events += d;
        observed *= 1.0 - simulated.events[k] / at_risk_simulated[k];
    }
    (events >= FEW).then(|| (survival, survival * math::sqrt(greenwood), observed))
}

/// Distance of a binomial count from its probability in standard errors.
fn deviate(p: f64, count: f64, n: f64, integration_error: f64) -> f64 {
    let fewer = n * p.min(1.0 - p);
    // Rounding of the exact value must not be taken for a chance.
    if fewer < 1e-6 && integration_error * n < 1e-6 {
        let due = if p < 0.5 { 0.0 } else { n };
        return if count == due { 0.0 } else { f64::INFINITY };
    }
    if fewer >= FEW {
        let off = ((count / n - p).abs() - integration_error).max(0.0);
        return off / math::sqrt(p * (1.0 - p) / n);
    }
    // The tail from the observed count outwards, at the end of the integration error that favours it.
    let (q, k) = if p < 0.5 { (p, count) } else { (1.0 - p, n - count) };
    let tail = if k > n * q {
        binomial_at_least(n, (q + integration_error).min(1.0), k)
    } else {
        1.0 - binomial_at_least(n, (q - integration_error).max(0.0), k + 1.0)
    };
    if tail >= 0.5 {
        0.0
    } else {
        -math::normal::quantile(tail.max(1e-300))
    }
}

/// P(X >= k) of a binomial with a small mean.
fn binomial_at_least(n: f64, p: f64, k: f64) -> f64 {
    if k <= 0.0 {
        return 1.0;
    }
    if p <= 0.0 {
        return 0.0;
    }
    let odds = p / (1.0 - p);
    // Probability of exactly k, then upwards: no subtraction from 1 spoils a small tail.
    let ln_choose =
        math::gamma::ln_gamma(n + 1.0) - math::gamma::ln_gamma(k + 1.0) - math::gamma::ln_gamma(n - k + 1.0);
    let mut term = math::exp(ln_choose + k * math::ln(p) + (n - k) * math::ln_1p(-p));
    let mut sum = 0.0;
    let mut i = k;
    while i <= n && term > sum * 1e-17 {
        sum += term;
        term *= (n - i) / (i + 1.0) * odds;
        i += 1.0;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviates_are_those_of_the_normal_and_of_the_binomial() {
        // 10,000 patients at p = 0.3: standard error 0.0045826.
        assert!((deviate(0.3, 3100.0, 10_000.0, 0.0) - 2.182_178_9).abs() < 1e-6);
        // P(X >= 3 | n = 1000, p = 0.001) = 0.0802093 (R: pbinom(2, 1000, 0.001, lower = FALSE)).
        assert!((binomial_at_least(1000.0, 0.001, 3.0) - 0.080_209_3).abs() < 1e-6);
        assert_eq!(deviate(0.0, 0.0, 1e5, 0.0), 0.0);
        assert_eq!(deviate(0.0, 1.0, 1e5, 0.0), f64::INFINITY);
        assert_eq!(deviate(1.0, 1e5, 1e5, 0.0), 0.0);
        // Nothing is far off when one is seen where one is expected.
        assert!(deviate(1e-5, 1.0, 1e5, 0.0) < 1.0);
        // Twelve where one is expected is about 6.6 standard errors by the tail 8.3e-10... and fails.
        assert!(deviate(1e-5, 12.0, 1e5, 0.0) > CELL_LIMIT);
    }
}
