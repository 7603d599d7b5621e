//! Extrapolation to ever shorter cycles: each model is also solved with cycles of half the length, and results are extrapolated as
//! for an error of second order, `x = x(h/2) + (x(h/2) - x(h)) / 3` (L. F. Richardson 1911).
//!
//! Counts of shares of patients are extrapolated, so that everything that is computed from them is consistent. The change that
//! extrapolation makes estimates the error that remains. Next to a hazard that is infinite when a clock starts, the order is between
//! one and two, and the change is then about the error.

use super::super::totals::by_outcome;
use crate::engine::counts::{Accrued, EndpointCounts, StrategyCounts};
use crate::model::hazard::{Reads, reads};
use crate::model::{Hazard, Model, Share, Tables};

/// Whether results depend on the cycle length: something changes with a clock.
pub fn depends_on_cycle(model: &Model) -> bool {
    let clocks = |reads: &Reads| reads.clocks() > 0;
    let strategies = 0..model.strategies.len();
    let mut hazards = model.transitions.iter().enumerate().flat_map(|(t, transition)| {
        strategies.clone().map(move |s| {
            let mut own = reads(model, s, t);
            own.add_shares(&transition.branches);
            // An exponential distribution runs on a clock but does not read it.
            if let Hazard::Distribution { time, .. } = &transition.hazard
                && time.is_constant()
            {
                own = Reads::default();
                transition.expressions(&mut |e| own.add(e));
            }
            own
        })
    });
    let shares = model.transitions.iter().flat_map(|t| &t.branches).any(|b| match &b.share {
        Share::Stated(e) => clocks(&Reads::of(e)),
        Share::Rest => false,
    });
    let wane =
        model.strategies.iter().flat_map(|s| &s.effects).any(|e| e.onset > 0.0 || e.full_until.is_some());
    shares
        || wane
        || hazards.any(|own| clocks(&own))
        || model.rewards.iter().any(|reward| clocks(&reward.reads()))
}

/// The tables of the model with cycles of half the length, at the same parameter values.
pub fn half_tables<'m>(model: &'m Model, tables: &Tables) -> Tables<'m> {
    let mut own = Tables::new(model, &tables.base);
    own.start.clone_from(&tables.start);
    own
}

/// Extrapolates `counts` with the counts of cycles of half the length; returns the largest change of any occupancy or cumulative
/// number of events.
pub fn extrapolate(counts: &mut StrategyCounts, half: &StrategyCounts) -> f64 {
    let mut change: f64 = 0.0;
    for (own, half) in counts.occupancy.iter_mut().zip(&half.occupancy) {
        for (k, x) in own.iter_mut().enumerate() {
            change = change.max(share(x, half[2 * k]));
        }
    }
    let mut endpoints = |own: &mut EndpointCounts, half: &EndpointCounts| {
        for (own, half) in [
            (&mut own.events, &half.events),
            (&mut own.competing, &half.competing),
            (&mut own.censored, &half.censored),
        ] {
            change = change.max(by_cycle(own, half, true));
        }
        share(&mut own.entered, half.entered);
    };
    counts.endpoints.iter_mut().zip(&half.endpoints).for_each(|(own, half)| endpoints(own, half));
    for (own, half) in counts.moves.iter_mut().zip(&half.moves) {
        by_cycle(own, half, true);
    }
    let amounts = |own: &mut Vec<Vec<f64>>, half: &Vec<Vec<f64>>| {
        own.iter_mut().zip(half).for_each(|(own, half)| {
            by_cycle(own, half, false);
        });
    };
    amounts(&mut counts.lines, &half.lines);
    let Accrued { discounted, years, undiscounted_years } = &mut counts.accrued;
    amounts(discounted, &half.accrued.discounted);
    let numbers = |own: &mut [f64], half: &[f64]| {
        own.iter_mut().zip(half).for_each(|(own, half)| *own = richardson(*own, *half))
    };
    years.iter_mut().zip(&half.accrued.years).for_each(|(own, half)| numbers(own, half));
    numbers(undiscounted_years, &half.accrued.undiscounted_years);
    numbers(&mut counts.components, &half.components);
    change
}

/// Largest change of the total of an outcome from `half` to `own`, relative to its size: the sum of the sizes of its components,
/// because gains and losses may cancel.
pub fn change_of_totals(model: &Model, own: &StrategyCounts, half: &StrategyCounts) -> f64 {
    let [new, old] = [own, half].map(|counts| by_outcome(model, &counts.components));
    let change = |o: usize| {
        let parts = model.components.iter().zip(&own.components).filter(|(c, _)| c.outcome == o);
        let size: f64 = parts.map(|(_, total)| total.abs()).sum();
        if size > 0.0 { (new[o] - old[o]).abs() / size } else { 0.0 }
    };
    (0..model.outcomes.len()).map(change).fold(0.0, f64::max)
}

fn richardson(own: f64, half: f64) -> f64 {
    half + (half - own) / 3.0
}

/// Extrapolates a number that cannot be negative, and returns the change.
fn share(own: &mut f64, half: f64) -> f64 {
    *own = richardson(*own, half).max(0.0);
    (*own - half).abs()
}

/// Extrapolates numbers by cycle with those of half the cycle, and returns the largest change of their running sum.
fn by_cycle(own: &mut [f64], half: &[f64], shares: bool) -> f64 {
    let (mut change, mut most) = (0.0, 0.0_f64);
    for (k, own) in own.iter_mut().enumerate() {
        let half = if k == 0 { half[0] } else { half[2 * k - 1] + half[2 * k] };
        let new = richardson(*own, half);
        *own = if shares { new.max(0.0) } else { new };
        change += *own - half;
        most = most.max(f64::abs(change));
    }
    most
}
