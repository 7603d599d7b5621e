//! Decomposition of an increment versus the reference: by category and place, by time and value in each state, and
//! before and after the end of follow-up.

use super::landmarks::grid_point;
use super::outcomes::{Breakdown, Discounting, Place};
use arcosim_core::model::Model;

/// Share of the totals below which a difference is treated as rounding error, as in `economics::pairwise`.
const NIL: f64 = 1e-9;

/// Part of an increment that accrues in one category at one place (a state, a transition or the start).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Index of the component (category) in `Model::components`.
    pub component: usize,
    /// State, transition or start where this part of the increment accrues.
    pub place: Place,
    /// Discounted increment versus the reference.
    pub discounted: f64,
    /// Undiscounted increment versus the reference.
    pub undiscounted: f64,
}

/// Splits the increment of an outcome, for `strategy` versus the reference, by category and place. The parts add up to
/// the increment.
pub fn parts(model: &Model, breakdown: &Breakdown, strategy: usize, outcome: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (e, entry) in breakdown.entries.iter().enumerate() {
        let component = model.rewards[entry.reward].component;
        if model.components[component].outcome != outcome {
            continue;
        }
        let [discounted, undiscounted] = Discounting::BOTH.map(|discounting| {
            breakdown.entry(discounting, strategy, e) - breakdown.entry(discounting, breakdown.reference, e)
        });
        let same = |part: &&mut Part| part.component == component && part.place == entry.place;
        match parts.iter_mut().find(same) {
            Some(part) => {
                part.discounted += discounted;
                part.undiscounted += undiscounted;
            }
            None => parts.push(Part { component, place: entry.place, discounted, undiscounted }),
        }
    }
    parts
}

/// Contribution of the time in one state to the increment of an outcome. Pairs of numbers are (strategy, reference).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InState {
    /// Index of the state.
    pub state: usize,
    /// Years in the state, weighted and discounted as for the outcome.
    pub years: (f64, f64),
    /// Mean amount accrued per year in the state; `None` if no time is spent in the state.
    pub value: (Option<f64>, Option<f64>),
    /// Increment accrued in the state: `from_time` + `from_value`.
    pub increment: f64,
    /// Time effect on the increment: difference in years times the mean of the two values per year.
    pub from_time: f64,
    /// Value effect on the increment: difference in value per year times the mean of the two times in years.
    pub from_value: f64,
}

/// Time and value effects of every state in which the outcome accrues over time.
///
/// With years Y and value per year v, the increment of their product splits exactly:
/// Y₁v₁ − Y₀v₀ = (Y₁ − Y₀)(v₁ + v₀)/2 + (v₁ − v₀)(Y₁ + Y₀)/2, the Shapley value of two factors. If only one of the
/// strategies spends time in a state, the whole increment is a time effect. One-off amounts (with a transition or at
/// the start) are excluded.
pub fn by_state(
    model: &Model,
    breakdown: &Breakdown,
    discounting: Discounting,
    strategy: usize,
    outcome: usize,
) -> Vec<InState> {
    let counted = |state: usize| {
        let entries = breakdown.entries.iter().enumerate();
        let own = move |e: &super::outcomes::Entry| {
            e.place == Place::State(state) && model.rewards[e.reward].outcome(model) == outcome
        };
        entries.filter(move |(_, e)| own(e)).map(|(i, _)| i)
    };
    let states = (0..model.states.len()).filter(|&state| counted(state).next().is_some());
    states
        .map(|state| {
            let of = |s: usize| {
                let years = breakdown.years(discounting, s, outcome, state);
                let amount: f64 = counted(state).map(|e| breakdown.entry(discounting, s, e)).sum();
                (years, amount)
            };
            split(state, of(strategy), of(breakdown.reference))
        })
        .collect()
}

fn split(state: usize, own: (f64, f64), other: (f64, f64)) -> InState {
    let value = |(years, amount): (f64, f64)| (years > 0.0).then(|| amount / years);
    let (mine, theirs) = (value(own), value(other));
    let increment = own.1 - other.1;
    let from_value = match (mine, theirs) {
        (Some(mine), Some(theirs)) => (mine - theirs) * (own.0 + other.0) / 2.0,
        _ => 0.0,
    };
    InState {
        state,
        years: (own.0, other.0),
        value: (mine, theirs),
        increment,
        from_time: increment - from_value,
        from_value,
    }
}

/// Increment of an outcome, split at the end of follow-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// End of follow-up in years; the earlier end if the strategy and the reference differ.
    pub until: f64,
    /// Discounted increment accrued until the end of follow-up.
    pub before: f64,
    /// Discounted increment accrued after the end of follow-up.
    pub after: f64,
    /// Share of the increment that accrues after the end of follow-up.
    pub share: Share,
}

/// Share of an increment that is extrapolated beyond the follow-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// Share in percent, from 0 to 100.
    Percent(f64),
    /// Undefined share, because the increment is zero.
    NoIncrement,
    /// Undefined share, because the increment until the end of follow-up has the opposite sign of the whole increment.
    SignTurns,
    /// Undefined share, because the increment until the end of follow-up is larger than the increment over the horizon.
    TakenBack,
}

/// Splits an increment at the end of follow-up; `None` if neither the strategy nor the reference states its follow-up.
pub fn beyond(model: &Model, breakdown: &Breakdown, strategy: usize, outcome: usize) -> Option<Beyond> {
    let both = [strategy, breakdown.reference].map(|s| model.strategies[s].evidence_until);
    let until = both.into_iter().flatten().reduce(f64::min)?;
    let increment = |to| breakdown.increment(Discounting::Discounted, strategy, outcome, to);
    let whole = increment(model.time.cycles);
    let before = increment(grid_point(&model.time, until));
    let total = |s| breakdown.total(Discounting::Discounted, s, outcome, model.time.cycles).abs();
    let size = total(strategy).max(total(breakdown.reference));
    let after = whole - before;
    Some(Beyond { until, before, after, share: share(before, after, NIL * size) })
}

fn share(before: f64, after: f64, tiny: f64) -> Share {
    let whole = before + after;
    if whole.abs() <= tiny {
        return Share::NoIncrement;
    }
    // A part that is zero within rounding error counts as having the sign of the whole increment.
    let same_sign = |part: f64| part.abs() <= tiny || (part > 0.0) == (whole > 0.0);
    match (same_sign(before), same_sign(after)) {
        (true, true) => Share::Percent((100.0 * after / whole).clamp(0.0, 100.0)),
        (false, _) => Share::SignTurns,
        (true, false) => Share::TakenBack,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_value_add_to_the_increment() {
        let one = split(0, (5.0, 4.1), (3.0, 2.4));
        assert!((one.from_time - 2.0 * (0.82 + 0.8) / 2.0).abs() < 1e-12);
        assert!((one.from_value - 0.02 * 4.0).abs() < 1e-12);
        assert_eq!(one.from_time + one.from_value, one.increment);
        // Without time in the state under the reference, the whole increment is a time effect.
        let new = split(0, (2.0, 1.6), (0.0, 0.0));
        assert_eq!((new.from_time, new.from_value, new.value.1), (1.6, 0.0, None));
        let nobody = split(0, (0.0, 0.0), (0.0, 0.0));
        assert_eq!((nobody.increment, nobody.value), (0.0, (None, None)));
    }

    #[test]
    fn a_share_is_given_only_where_it_is_one() {
        assert_eq!(share(1.0, 3.0, 1e-9), Share::Percent(75.0));
        assert_eq!(share(-1.0, -3.0, 1e-9), Share::Percent(75.0));
        assert_eq!(share(2.0, 0.0, 1e-9), Share::Percent(0.0));
        assert_eq!(share(-1.0, 3.0, 1e-9), Share::SignTurns);
        assert_eq!(share(3.0, -1.0, 1e-9), Share::TakenBack);
        assert_eq!(share(3.0, -3.0, 1e-9), Share::NoIncrement);
        assert_eq!(share(2.0, -1e-12, 1e-9), Share::Percent(0.0));
    }
}
