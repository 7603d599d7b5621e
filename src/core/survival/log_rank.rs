//! Tests of equal survival between groups: the log-rank test and the G-rho family, also stratified.
//!
//! N. Mantel, Cancer Chemotherapy Reports 50 (1966) 163–170; R. Peto and J. Peto, JRSS A 135 (1972) 185–207;
//! D. P. Harrington and T. R. Fleming, Biometrika 69 (1982) 553–566, as in R's `survdiff`.

use super::table::RiskTable;
use crate::math::gamma::chi_square_survival;
use crate::math::pow;

/// Result of a test between groups.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRank {
    /// Observed events in each group (weighted if `rho` is not zero).
    pub observed: Vec<f64>,
    /// Expected events in each group if all groups had the same hazard (weighted in the same way).
    pub expected: Vec<f64>,
    /// The chi-square statistic.
    pub chi_square: f64,
    /// Degrees of freedom: number of groups minus one, or fewer if some groups are never compared with any other.
    pub degrees_of_freedom: usize,
    /// Probability of a statistic at least this large if all groups have the same hazard.
    pub p_value: f64,
}

/// Compares groups, each with its own table, with events at t weighted by S(t−)^`rho`, where S is the survival of all
/// groups together: `rho` 0 is the log-rank test, `rho` 1 is Peto and Peto's form of the Wilcoxon test.
///
/// The variance is hypergeometric, so tables must contain counts of people; a table scaled to a cohort of one has no
/// variance. `None` for fewer than two groups, or if no event allows a comparison between groups.
pub fn log_rank(groups: &[RiskTable], rho: f64) -> Option<LogRank> {
    log_rank_stratified(&[groups], rho)
}

/// Stratified [`log_rank`]: each item of `strata` contains the tables of all groups in one stratum, in the same order
/// (an empty table if a group is absent). Groups are compared only within strata.
pub fn log_rank_stratified<S: AsRef<[RiskTable]>>(strata: &[S], rho: f64) -> Option<LogRank> {
    let k = strata.first()?.as_ref().len();
    if !rho.is_finite() || strata.iter().any(|groups| groups.as_ref().len() != k) {
        return None;
    }
    let mut sums = Sums { observed: vec![0.0; k], expected: vec![0.0; k], variance: vec![0.0; k * k] };
    for groups in strata {
        sums.add_stratum(groups.as_ref(), rho);
    }
    let difference: Vec<f64> = sums.observed.iter().zip(&sums.expected).map(|(o, e)| o - e).collect();
    let (chi_square, degrees_of_freedom) = quadratic_form(&difference, sums.variance);
    // With a negative rho the test may be undefined, because events after joint survival has reached zero have infinite
    // weight.
    if degrees_of_freedom == 0 || !chi_square.is_finite() {
        return None;
    }
    let p_value = chi_square_survival(chi_square, degrees_of_freedom as f64);
    Some(LogRank {
        observed: sums.observed,
        expected: sums.expected,
        chi_square,
        degrees_of_freedom,
        p_value,
    })
}

/// Observed events, expected events and their variance, summed over times and strata; the variance is a square matrix
/// in row-major order.
struct Sums {
    observed: Vec<f64>,
    expected: Vec<f64>,
    variance: Vec<f64>,
}

impl Sums {
    fn add_stratum(&mut self, groups: &[RiskTable], rho: f64) {
        let k = groups.len();
        let mut rows: Vec<_> = groups.iter().map(|table| table.rows().peekable()).collect();
        let mut survival = 1.0;
        let (mut at_risk, mut events) = (vec![0.0; k], vec![0.0; k]);
        loop {
            // Each pass processes the next time of any group, with the counts of all groups at that time.
            let next = rows.iter_mut().filter_map(|r| r.peek().map(|row| row.time)).reduce(f64::min);
            let Some(time) = next else { return };
            for (g, table) in groups.iter().enumerate() {
                at_risk[g] = table.at_risk_before(time);
                events[g] = rows[g].next_if(|row| row.time <= time).map_or(0.0, |row| row.events);
            }
            let (n, d): (f64, f64) = (at_risk.iter().sum(), events.iter().sum());
            if !(d > 0.0 && n > 0.0) {
                continue;
            }
            let weight = if rho == 0.0 { 1.0 } else { pow(survival, rho) };
            survival *= (n - d).max(0.0) / n;
            // A single individual at risk adds no variance, because no comparison with others is possible.
            let spread = if n > 1.0 { weight * weight * d * (n - d).max(0.0) / (n - 1.0) } else { 0.0 };
            for g in 0..k {
                let share = at_risk[g] / n;
                self.observed[g] += weight * events[g];
                self.expected[g] += weight * d * share;
                for (h, other) in at_risk.iter().enumerate() {
                    let same = if g == h { 1.0 } else { 0.0 };
                    self.variance[g * k + h] += spread * share * (same - other / n);
                }
            }
        }
    }
}

/// Computes x' V⁻ x and the rank of V by an L D Lᵀ factorisation that skips pivots of zero.
///
/// V is always singular (the differences sum to zero), with a lower rank if some groups are never compared with others.
/// x is in the range of V, so any generalised inverse leads to the same value.
fn quadratic_form(x: &[f64], mut v: Vec<f64>) -> (f64, usize) {
    let k = x.len();
    let diagonal: Vec<f64> = (0..k).map(|i| v[i * k + i]).collect();
    let mut x = x.to_vec();
    let (mut value, mut rank) = (0.0, 0);
    for i in 0..k {
        let pivot = v[i * k + i];
        // If a row depends on earlier rows, its pivot is only rounding error, far below this share of the diagonal
        // element.
        if pivot.is_nan() || pivot <= 1e-10 * diagonal[i] {
            continue;
        }
        value += x[i] * x[i] / pivot;
        rank += 1;
        for r in i + 1..k {
            let factor = v[r * k + i] / pivot;
            x[r] -= factor * x[i];
            for c in i + 1..k {
                v[r * k + c] -= factor * v[i * k + c];
            }
        }
    }
    (value, rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(times: &[f64], events: &[bool]) -> RiskTable {
        RiskTable::from_individuals(times, events).unwrap()
    }

    fn three() -> [RiskTable; 3] {
        [
            table(&[1.0, 3.0, 4.0, 8.0, 9.0], &[true, true, false, true, true]),
            table(&[2.0, 3.0, 6.0, 8.0, 12.0], &[true, false, true, true, false]),
            table(&[5.0, 7.0, 10.0, 11.0], &[true, true, true, false]),
        ]
    }

    /// Two groups of two individuals, computed manually: events at 1 (a), 2 (b), 3 (a), 4 (b).
    #[test]
    fn a_small_case_by_hand() {
        let test = log_rank(&[table(&[1.0, 3.0], &[true; 2]), table(&[2.0, 4.0], &[true; 2])], 0.0).unwrap();
        let expected = 0.5 + 1.0 / 3.0 + 0.5;
        let variance = 0.25 + 2.0 / 9.0 + 0.25;
        assert!((test.expected[0] - expected).abs() < 1e-15);
        assert!((test.chi_square - (2.0 - expected) * (2.0 - expected) / variance).abs() < 1e-14);
        assert_eq!((test.degrees_of_freedom, test.observed), (1, vec![2.0, 2.0]));
    }

    #[test]
    fn the_order_of_groups_does_not_matter() {
        let [a, b, c] = three();
        for rho in [0.0, 1.0] {
            let one = log_rank(&[a.clone(), b.clone(), c.clone()], rho).unwrap();
            let other = log_rank(&[c.clone(), a.clone(), b.clone()], rho).unwrap();
            assert!((one.chi_square - other.chi_square).abs() < 1e-12);
            assert_eq!((one.degrees_of_freedom, other.degrees_of_freedom), (2, 2));
            let sums = [one.observed.iter().sum::<f64>(), one.expected.iter().sum()];
            assert!((sums[0] - sums[1]).abs() < 1e-12);
        }
    }

    #[test]
    fn equal_groups_do_not_differ() {
        let [a, ..] = three();
        let test = log_rank(&[a.clone(), a], 0.0).unwrap();
        assert!(test.chi_square < 1e-25 && test.p_value > 0.999_999);
    }

    #[test]
    fn strata_that_never_meet_add_their_statistics() {
        let [a, b, c] = three();
        let none = RiskTable::default();
        let first = log_rank(&[a.clone(), b.clone()], 0.0).unwrap();
        let second = log_rank(&[c.clone(), a.clone()], 0.0).unwrap();
        // Groups 0 and 1 in one stratum, 2 and 3 in the other: two tests with one degree of freedom each.
        let strata = [[a.clone(), b, none.clone(), none.clone()], [none.clone(), none, c, a]];
        let both = log_rank_stratified(&strata, 0.0).unwrap();
        assert_eq!(both.degrees_of_freedom, 2);
        assert!((both.chi_square - first.chi_square - second.chi_square).abs() < 1e-12);
    }

    #[test]
    fn no_comparison_no_statistic() {
        let [a, ..] = three();
        let none: [RiskTable; 0] = [];
        assert_eq!(log_rank(&none, 0.0), None);
        assert_eq!(log_rank(std::slice::from_ref(&a), 0.0), None);
        assert_eq!(log_rank(&[a.clone(), RiskTable::default()], 0.0), None);
        assert_eq!(log_rank(&[a.clone(), a.clone()], f64::NAN), None);
        let censored = table(&[1.0, 2.0], &[false; 2]);
        assert_eq!(log_rank(&[censored.clone(), censored], 0.0), None);
        assert_eq!(log_rank_stratified(&[vec![a.clone(), a.clone()], vec![a]], 0.0), None);
    }
}
