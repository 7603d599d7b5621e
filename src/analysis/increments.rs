//! Why a strategy costs or gains more than the reference: its increments by category and place, by the years spent
//! in each state and what a year there is worth, and by whether they fall before or after the last data point.

use super::landmarks::grid_point;
use super::outcomes::{Breakdown, Place, Worth};
use arcosim_core::model::Model;

/// Differences below this share of the totals are rounding, as in `economics::pairwise`.
const NIL: f64 = 1e-9;

/// The part of an increment that belongs to one category and falls at one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Index into `Model::components`.
    pub component: usize,
    /// Where it falls.
    pub place: Place,
    /// By how much more is gathered there than under the reference.
    pub discounted: f64,
    /// The same with every amount in full.
    pub undiscounted: f64,
}

/// What makes up the increment of an outcome under `strategy` against the reference: all parts add to it.
pub fn parts(model: &Model, breakdown: &Breakdown, strategy: usize, outcome: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (e, entry) in breakdown.entries.iter().enumerate() {
        let component = model.rewards[entry.reward].component;
        if model.components[component].outcome != outcome {
            continue;
        }
        let [discounted, undiscounted] = Worth::BOTH.map(|worth| {
            breakdown.entry(worth, strategy, e) - breakdown.entry(worth, breakdown.reference, e)
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

/// What the time in one state does to the increment of an outcome. Pairs are (strategy, reference).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InState {
    /// Index of the state.
    pub state: usize,
    /// Years in the state, as the outcome counts and discounts them.
    pub years: (f64, f64),
    /// Mean value of a year there; none where nobody spends time in the state.
    pub value: (Option<f64>, Option<f64>),
    /// What is gathered in the state above the reference: `from_time` + `from_value`.
    pub increment: f64,
    /// More or fewer years, at the mean of the two values.
    pub from_time: f64,
    /// Years of another value, at the mean of the two times.
    pub from_value: f64,
}

/// The increment of an outcome by states that give something while a patient is in them.
///
/// Years Y and value v of a year split the increment of their product exactly, each at the mean of the other:
/// Y₁v₁ − Y₀v₀ = (Y₁ − Y₀)(v₁ + v₀)/2 + (v₁ − v₀)(Y₁ + Y₀)/2, the Shapley value of two factors. A state in which only
/// one of the strategies spends time has one value, and all of its increment is time. What falls once, with a
/// transition or at the start, is not in it.
pub fn by_state(
    model: &Model,
    breakdown: &Breakdown,
    worth: Worth,
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
                let years = breakdown.years(worth, s, outcome, state);
                let amount: f64 = counted(state).map(|e| breakdown.entry(worth, s, e)).sum();
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

/// An increment before and after the last data point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// Years of follow-up behind the strategy and the reference, the shorter of the two.
    pub until: f64,
    /// Increment gathered by then, discounted.
    pub before: f64,
    /// Increment gathered after it, discounted.
    pub after: f64,
    /// Which share of the whole lies after it.
    pub share: Share,
}

/// The share of an increment that lies beyond the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// In percent, 0 to 100.
    Percent(f64),
    /// There is no increment of which it could be a share.
    NoIncrement,
    /// At the last data point the increment has the other sign.
    SignTurns,
    /// At the last data point the increment is larger than in the end.
    TakenBack,
}

/// How much of an increment lies beyond the last data point; none if neither the strategy nor the reference says how
/// far its evidence reaches.
pub fn beyond(model: &Model, breakdown: &Breakdown, strategy: usize, outcome: usize) -> Option<Beyond> {
    let both = [strategy, breakdown.reference].map(|s| model.strategies[s].evidence_until);
    let until = both.into_iter().flatten().reduce(f64::min)?;
    let increment = |to| breakdown.increment(Worth::Discounted, strategy, outcome, to);
    let whole = increment(model.time.cycles);
    let before = increment(grid_point(&model.time, until));
    let total = |s| breakdown.total(Worth::Discounted, s, outcome, model.time.cycles).abs();
    let size = total(strategy).max(total(breakdown.reference));
    let after = whole - before;
    Some(Beyond { until, before, after, share: share(before, after, NIL * size) })
}

fn share(before: f64, after: f64, tiny: f64) -> Share {
    let whole = before + after;
    if whole.abs() <= tiny {
        return Share::NoIncrement;
    }
    // What is rounding belongs to neither side.
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
        // Nobody under the reference: all is time.
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
