//! Clocks of states and groups: the groups whose clock is tracked, and the limit on clocks that run at the same
//! time.

use super::expression::{Clock, Expr, Selector};
use super::hazard::{Reads, insert};
use super::structure::{Branch, Hazard, Share, Structure};

/// Largest number of clocks of states and groups that may run in one state. The exact engine distinguishes
/// patients by the cycle of entry into each group, so every additional clock multiplies the number of
/// combinations.
pub const MOST_CLOCKS: usize = 4;

/// Groups of states whose clock must be tracked, ascending: a hazard or a reward reads the clock, or an endpoint
/// counts time in the group.
pub fn carried(model: &Structure) -> Vec<usize> {
    let mut groups = Vec::new();
    let mut read = |expr: &Expr| {
        expr.walk(&mut |e| {
            if let Expr::Clock(Clock::TimeIn(g) | Clock::Count(g)) = e {
                insert(&mut groups, *g);
            }
        });
    };
    for transition in &model.transitions {
        transition.expressions(&mut read);
        if let Hazard::Distribution { clock, .. } = &transition.hazard {
            read(&Expr::Clock(*clock));
        }
    }
    model.rewards.iter().for_each(|reward| read(&reward.amount));
    for endpoint in &model.endpoints {
        if let Some(g) = endpoint.since {
            insert(&mut groups, g);
        }
    }
    groups
}

/// Per transition: the counters that its occurrences move and that anything reads, as groups, with their largest numbers.
pub fn counters(model: &Structure) -> Vec<Vec<(usize, usize)>> {
    let read = carried(model);
    let of = |t: usize| {
        let own = read.iter().filter_map(|&g| Some((g, model.groups[g].counter?)));
        own.filter(|(_, counter)| counter.transition == t).map(|(g, counter)| (g, counter.most)).collect()
    };
    (0..model.transitions.len()).map(of).collect()
}

/// The first state in which more than [`MOST_CLOCKS`] clocks run, with the groups of these clocks.
pub fn too_many(model: &Structure) -> Option<(usize, Vec<usize>)> {
    let carried = carried(model);
    (0..model.states.len()).find_map(|state| {
        let here = |g: &usize| model.groups[*g].states.contains(&state);
        let running: Vec<usize> = carried.iter().copied().filter(here).collect();
        (running.len() > MOST_CLOCKS).then_some((state, running))
    })
}

/// Writes 0 for the clock of a group wherever a hazard, a proportion or a reward is evaluated in a state outside it: the time is
/// counted only inside, and the engines keep no clock for the other states.
pub fn stop_outside(model: &mut Structure) {
    let Structure { groups, states, start, transitions, strategies, rewards, .. } = model;
    let in_state = |state: usize, expr: &Expr| {
        expr.rewritten(&|part| match part {
            Expr::Clock(Clock::TimeIn(g)) if !groups[g].states.contains(&state) => Expr::Number(0.0),
            other => other,
        })
    };
    let stop = |expr: &mut Expr, read_in: &[usize]| {
        let runs = |g: &usize| {
            let group = &groups[*g];
            group.counter.is_some() || read_in.iter().all(|state| group.states.contains(state))
        };
        if !Reads::of(expr).residence.iter().all(runs) {
            *expr = Expr::Select(Selector::State, (0..states.len()).map(|s| in_state(s, expr)).collect());
        }
    };
    for transition in transitions.iter_mut() {
        let shares = transition.branches.iter_mut().filter_map(|branch| match &mut branch.share {
            Share::Stated(share) => Some(share),
            Share::Rest => None,
        });
        let formulas = hazard_formula(&mut transition.hazard).into_iter().chain(shares);
        formulas.for_each(|expr| stop(expr, &transition.from));
    }
    for reward in rewards {
        let read_in = reward.when.read_in(start, transitions, strategies);
        stop(&mut reward.amount, &read_in);
    }
}

/// Lets hazards read the model's clock in place of the clock of a group that nobody enters after the start: both have
/// the same value in every state of the group, and the engines need not track when each patient came. Rewards keep
/// their clocks, because the two are read at different moments of a cycle there (see `rewards`). After [`stop_outside`].
pub fn read_model_time(model: &mut Structure) {
    let from_start: Vec<bool> = model.groups.iter().map(|group| !is_entered(model, &group.states)).collect();
    let replaced = |clock: Clock| match clock {
        Clock::TimeIn(g) if from_start[g] => Clock::Time,
        other => other,
    };
    let change = |part: Expr| match part {
        Expr::Clock(clock) => Expr::Clock(replaced(clock)),
        other => other,
    };
    for transition in &mut model.transitions {
        if let Hazard::Distribution { clock, .. } = &mut transition.hazard {
            *clock = replaced(*clock);
        }
        hazard_formula(&mut transition.hazard).into_iter().for_each(|e| *e = e.rewritten(&change));
    }
}

/// The formula of a hazard that may read clocks, if there is one: rate, probability, or hazard ratio.
fn hazard_formula(hazard: &mut Hazard) -> Option<&mut Expr> {
    match hazard {
        Hazard::Rate(e) | Hazard::Probability(e) => Some(e),
        Hazard::LifeTable { ratio, .. } | Hazard::Distribution { ratio, .. } => Some(ratio),
        Hazard::Complement => None,
    }
}

/// Whether a transition leads into one of `states` from outside them, or into a single state again.
fn is_entered(model: &Structure, states: &[usize]) -> bool {
    let inside = |branch: &Branch| branch.to.is_some_and(|to| states.contains(&to));
    model.transitions.iter().any(|one| {
        let from_outside = one.from.iter().any(|from| states.len() == 1 || !states.contains(from));
        from_outside && one.branches.iter().any(inside)
    })
}
