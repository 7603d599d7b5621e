//! Mean hazards of patients who entered a group of states at a uniformly distributed time of one cycle.
//!
//! Let s(u) be the survival over the first part u of a cycle of the clock, relative to its start, and f(u) the cumulative incidence
//! of an exit. A cell of patients whose entry is uniform over a cycle is spread over u, so that the mean of s over u in the present
//! cycle of the clock, times s(1) of the cycle before, divided by the mean of s in the cycle before, is the share of patients who stay.
//! Constant hazards that lead to the same shares keep the survival of the cell exact, also if the hazard of a distribution is infinite
//! at time zero.

use super::super::exit_probabilities::{CompetingExit, CompetingExits, DependsOn};
use super::cell_clocks::CellClocks;
use crate::math;
use crate::model::quadrature::legendre_on_unit;
use crate::model::within_cycle::WithinCycle;
use crate::model::{Clock, Hazard, Tables, situation};
use std::borrow::Cow;

/// Largest hazard per cycle. Patients with a larger one leave so early in the cycle that the difference is of no importance.
const MOST: f64 = 65_536.0;

/// Course of the hazard of an exit within the cycle of its clock, and the number of that cycle; `None` if the hazard is constant within
/// the cycle, or its clock started with the model.
type Course<'t> = Option<(Cow<'t, WithinCycle>, usize)>;

/// One cycle of a clock, for one class of patients.
struct ClockCycle {
    /// Mean of the survival over parts of the cycle, and survival of the whole cycle.
    mean: f64,
    whole: f64,
    /// Time alive up to a part of the cycle: its mean over parts, and that of the whole cycle.
    time: (f64, f64),
    /// For each exit: mean of its cumulative incidence, and that of the whole cycle.
    incidence: Vec<(f64, f64)>,
}

impl CompetingExits {
    /// Hazard per cycle of each exit for each class, `[(exit, class)]`, and then a stretch for each class, written to `into`. The stretch
    /// is the mean time that patients spend in the cell in the cycle, divided by the mean time with the constant hazards; it is far
    /// from 1 if a hazard jumps, for example at the end of a stay of fixed length. The clocks have the completed cycles in the
    /// early and in the late part of the cycle; `entered` states whether a group was entered after the start of the model, and `fresh`
    /// whether in the present cycle.
    pub fn mean_hazards(
        &mut self,
        tables: &Tables,
        cycle: usize,
        CellClocks { early, late }: &CellClocks,
        (entered, fresh): (&dyn Fn(usize) -> bool, &dyn Fn(usize) -> bool),
        into: &mut Vec<f64>,
    ) {
        // Tables may have the same hazard in every cycle although the formula reads a clock.
        let tabulated = matches!(self.by, DependsOn::Nothing | DependsOn::Time);
        let read = self.sources.iter().flat_map(|s| &s.reads.residence);
        let mut groups = read.copied().filter(|&g| !tabulated && entered(g)).peekable();
        into.clear();
        if groups.peek().is_none() {
            into.extend_from_slice(self.in_cycle(tables, cycle, late).probability);
            into.iter_mut().for_each(|w| *w = w.min(MOST));
            into.resize(into.len() + self.classes, 1.0);
            return;
        }
        // Patients in whom every clock that matters started in this cycle.
        let new = groups.all(fresh);
        let kept = match self.by {
            DependsOn::Residence(g) => Some(if new { 0 } else { late[g] }),
            _ => None,
        };
        if let Some(k) = kept
            && let Some(Some(known)) = self.means.get(k)
        {
            into.extend_from_slice(known);
            return;
        }
        let now = self.in_cycle(tables, cycle, late).probability.to_vec();
        let before = (!new).then(|| self.in_cycle(tables, cycle, early).probability.to_vec());
        into.resize(now.len(), 0.0);
        into.resize(now.len() + self.classes, 1.0);
        let exits = self.exits.len();
        for class in 0..self.classes {
            let of = |hazards: &[f64], clocks: &[usize]| {
                let w: Vec<f64> = (0..exits).map(|e| hazards[e * self.classes + class]).collect();
                let course = |e: usize| self.course(tables, e, class, clocks, entered);
                clock_cycle(&w, &(0..exits).map(course).collect::<Vec<_>>())
            };
            let now = of(&now, late);
            let (rate, shares, stretch): (f64, Vec<f64>, Option<(f64, f64)>) = match &before {
                None => (rate_of_mean(now.mean), now.incidence.iter().map(|(mean, _)| *mean).collect(), None),
                Some(before) => {
                    let before = of(before, early);
                    let stay = before.whole * now.mean / before.mean;
                    let leave = before.incidence.iter().zip(&now.incidence);
                    let shares = leave.map(|((mean, whole), (now, _))| whole - mean + before.whole * now);
                    let time = (before.time.1 - before.time.0 + before.whole * now.time.0) / before.mean;
                    let rate = if stay > 0.0 { -math::ln(stay) } else { MOST };
                    (rate, shares.collect(), Some((before.mean, time)))
                }
            };
            if let Some((stay, time)) = stretch {
                let constant = mean_of_rate(rate.min(MOST));
                into[exits * self.classes + class] = if stay > 0.0 { time / constant } else { 1.0 };
            }
            let all: f64 = shares.iter().sum();
            for (exit, share) in shares.iter().enumerate() {
                into[exit * self.classes + class] =
                    if all > 0.0 { rate.min(MOST) * share / all } else { 0.0 };
            }
        }
        if let Some(k) = kept {
            self.means.resize(self.means.len().max(k + 1), None);
            self.means[k] = Some(into.clone());
        }
    }

    /// Course of the hazard of an exit for a class of patients, with these completed cycles of each clock.
    fn course<'t>(
        &self,
        tables: &'t Tables,
        exit: usize,
        class: usize,
        clocks: &[usize],
        entered: &dyn Fn(usize) -> bool,
    ) -> Course<'t> {
        let CompetingExit { exit: own, .. } = self.exits[exit];
        let group = match &tables.model.transitions[own.transition].hazard {
            Hazard::Distribution { clock: Clock::TimeIn(g), .. } if entered(*g) => *g,
            _ => return None,
        };
        let table = &tables.pool[own.table];
        let source = &self.sources[exit];
        let within = match table.within.get(source.class[class] as usize) {
            Some(within) => Cow::Borrowed(within),
            // The hazard is not tabulated by class.
            None => {
                let parameters = &tables.parameters[self.strategy];
                let s = situation(tables.model, parameters, &source.values[class], self.state);
                Cow::Owned(WithinCycle::of(tables.model, self.strategy, own.transition, &s)?)
            }
        };
        Some((within, clocks[group]))
    }
}

/// Means over one cycle of a clock, from the hazards of all exits in the cycle and their courses.
fn clock_cycle(w: &[f64], courses: &[Course]) -> ClockCycle {
    let total: f64 = w.iter().sum();
    if courses.iter().all(Option::is_none) {
        let mean = mean_of_rate(total);
        let leave = |w: &f64| match total > 0.0 {
            true => (w / total * (1.0 - mean), w / total * -math::exp_m1(-total)),
            false => (0.0, 0.0),
        };
        let time = (if total < 1e-6 { 0.5 - total / 6.0 } else { (1.0 - mean) / total }, mean);
        return ClockCycle { mean, whole: math::exp(-total), time, incidence: w.iter().map(leave).collect() };
    }
    // In the first cycle a hazard may be infinite at its start; the substitution u = v⁴ removes the singularity.
    let first = courses.iter().flatten().any(|(_, k)| *k == 0);
    let mut own =
        ClockCycle { mean: 0.0, whole: 1.0, time: (0.0, 0.0), incidence: vec![(0.0, 0.0); w.len()] };
    let mut before = 0.0;
    let mut spent = vec![0.0; w.len()];
    let nodes = legendre_on_unit().map(|(v, weight)| match first {
        true => (v * v * v * v, weight * 4.0 * v * v * v),
        false => (v, weight),
    });
    for (u, weight) in nodes.chain(std::iter::once((1.0, 0.0))) {
        let upto = |(w, course): (&f64, &Course)| match course {
            Some((within, k)) => w * within.share(*k, u),
            None => w * u,
        };
        let now: Vec<f64> = w.iter().zip(courses).map(upto).collect();
        let more: f64 = now.iter().zip(&spent).map(|(now, spent)| now - spent).sum();
        let left = own.whole * -math::exp_m1(-more);
        for ((incidence, now), spent) in own.incidence.iter_mut().zip(&now).zip(&spent) {
            if more > 0.0 {
                incidence.1 += left * (now - spent) / more;
            }
            incidence.0 += weight * incidence.1;
        }
        own.time.1 += own.whole * mean_of_rate(more) * (u - before);
        own.time.0 += weight * own.time.1;
        before = u;
        own.whole *= math::exp(-more);
        own.mean += weight * own.whole;
        spent = now;
    }
    own
}

/// Mean survival over the parts of a cycle with a constant hazard.
fn mean_of_rate(rate: f64) -> f64 {
    if rate < 1e-9 { 1.0 - 0.5 * rate } else { -math::exp_m1(-rate) / rate }
}

/// The constant hazard with this mean survival over the parts of a cycle: the inverse of [`mean_of_rate`].
fn rate_of_mean(mean: f64) -> f64 {
    if mean >= 1.0 {
        return 0.0;
    }
    if mean <= 1.0 / MOST {
        return MOST;
    }
    let mut rate = if mean > 0.5 { 2.0 * (1.0 - mean) } else { 1.0 / mean };
    // Newton's method on a convex function, from a point on the side from which it converges monotonically.
    for _ in 0..100 {
        let value = mean_of_rate(rate);
        let slope = if rate < 1e-4 { -0.5 + rate / 3.0 } else { (math::exp(-rate) - value) / rate };
        let next = (rate - (value - mean) / slope).max(0.5 * rate);
        let done = (next - rate).abs() <= 1e-15 * rate;
        rate = next;
        if done {
            break;
        }
    }
    rate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_a_mean_is_the_inverse() {
        for rate in [1e-8, 1e-4, 0.1, 1.0, 3.0, 50.0, 5000.0] {
            let found = rate_of_mean(mean_of_rate(rate));
            assert!((found / rate - 1.0).abs() < 1e-7, "{found} is not {rate}");
        }
    }

    /// Means over a cycle against sums over 20 000 parts of it, also for a hazard that is infinite at the start.
    #[test]
    fn means_are_integrals_over_the_cycle() {
        use crate::model::TimeDistribution::{self, Gompertz, LogLogistic, LogNormal, Weibull};
        let check = |time: TimeDistribution<f64>, k: usize| {
            let within = WithinCycle::new(time.clone(), 4.0, 0.0);
            let w = [0.4, 0.1];
            let own = clock_cycle(&w, &[Some((Cow::Borrowed(&within), k)), None]);
            let n = 20_000;
            let (mut mean, mut incidence, mut first) = (0.0, 0.0, 0.0);
            let mut before = 0.0;
            for i in 0..n {
                let at = |i: f64| (-w[0] * within.share(k, i / f64::from(n)) - w[1] * i / f64::from(n)).exp();
                let middle = at(f64::from(i) + 0.5);
                let more = w[0]
                    * (within.share(k, f64::from(i + 1) / f64::from(n))
                        - within.share(k, f64::from(i) / f64::from(n)));
                mean += middle / f64::from(n);
                first += middle * more;
                incidence += 0.5 * (before + first) / f64::from(n);
                before = first;
            }
            assert!((own.mean - mean).abs() < 2e-5, "{time:?}, cycle {k}: {} is not {mean}", own.mean);
            // Between two points of the rule, exits fire in a constant proportion: an error of second order in the hazard of 0.5.
            for (own, due) in [(own.incidence[0].1, first), (own.incidence[0].0, incidence)] {
                assert!(
                    (own / due - 1.0).abs() < 0.5 * 0.5 / 100.0,
                    "{time:?}, cycle {k}: {own} is not {due}"
                );
            }
        };
        for time in [
            Weibull { shape: 0.6, scale: 4.0 },
            Weibull { shape: 1.7, scale: 4.0 },
            Gompertz { shape: -0.1, rate: 0.2 },
            LogLogistic { shape: 1.4, scale: 3.0 },
            LogNormal { meanlog: 0.5, sdlog: 0.8 },
        ] {
            [0, 1, 5, 40].into_iter().for_each(|k| check(time.clone(), k));
        }
    }

    /// Without a distribution the mean hazards are the hazards.
    #[test]
    fn constant_hazards_stay_as_they_are() {
        let cycle = clock_cycle(&[0.2, 0.05], &[None, None]);
        assert!((rate_of_mean(cycle.mean) - 0.25).abs() < 1e-12);
        assert!((cycle.incidence[0].0 / cycle.incidence[1].0 - 4.0).abs() < 1e-12);
        assert!((cycle.incidence[0].1 + cycle.incidence[1].1 + cycle.whole - 1.0).abs() < 1e-15);
    }
}
