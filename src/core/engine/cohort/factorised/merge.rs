//! States that have the same future under several arms, which are solved once.
//!
//! Two states have the same future if their own exits and rewards are equal for all parameter values and the states that they lead
//! to have the same future. The largest such relation is found by refinement: states with equal exits and rewards are one class at first,
//! and a class is divided as long as its states lead to different classes (minimisation of a finite automaton: E. F. Moore 1956).

use super::exits::FactorisedBranch;
use super::sink::Sink;
use super::state::StateFuture;
use super::view::View;
use super::{Factorised, Place};
use crate::engine::cohort::layout::ArmLayout;
use crate::model::structure::Share;
use crate::model::{Expr, Model, parameters_of};

/// Keeps one state of each class, and lets arms and exits refer to it.
pub fn merge(all: &mut Factorised, model: &Model, layouts: &[ArmLayout]) {
    let arm = |layout: usize| layouts[layout].arm;
    let sinks = classes(all.sinks.len(), |a, b| {
        let (a, b) = (&all.sinks[a], &all.sinks[b]);
        let lines = |sink: &Sink| sink.lines.iter().map(|common| common.line).collect::<Vec<_>>();
        let read = || parameters_of(amounts(model, lines(a).into_iter()));
        a.state == b.state
            && lines(a) == lines(b)
            && same_values(model, arm(a.layout), arm(b.layout), &read())
    });
    let mut states = classes(all.states.len(), |a, b| {
        let (a, b) = (&all.states[a], &all.states[b]);
        let read = || parameters_of(amounts(model, a.all_lines()).chain(shares(model, a.state)));
        alike(a, b) && same_values(model, arm(a.layout), arm(b.layout), &read())
    });
    loop {
        let leads_to = |own: &StateFuture| -> Vec<Place> {
            let places = all.places(own.layout);
            own.targets().map(|to| places[to].merged(&states, &sinks)).collect()
        };
        let targets: Vec<Vec<Place>> = all.states.iter().map(leads_to).collect();
        let finer = classes(states.len(), |a, b| states[a] == states[b] && targets[a] == targets[b]);
        if finer == states {
            break;
        }
        states = finer;
    }
    for place in all.arms.iter_mut().flatten().flat_map(|arm| &mut arm.states) {
        *place = place.merged(&states, &sinks);
    }
    keep_first(&mut all.states, &states);
    keep_first(&mut all.sinks, &sinks);
    connect(all);
}

/// Lets the exits of all states refer to the states and sinks that they lead to.
fn connect(all: &mut Factorised) {
    let (mut states, mut views) = (std::mem::take(&mut all.states), Vec::new());
    for own in &mut states {
        let places = all.places(own.layout);
        for death in &mut own.deaths {
            if let Place::Sink(sink) = places[death.to] {
                death.sink = sink;
            }
        }
        for branch in own.exits.iter_mut().flat_map(|exits| &mut exits.exits).flat_map(|e| &mut e.branches) {
            match branch.to.map(|to| places[to]) {
                Some(Place::Sink(sink)) => branch.sink = Some(sink),
                Some(Place::State(state)) => branch.view = Some(view(&mut views, state, branch)),
                None => {}
            }
        }
    }
    (all.states, all.views) = (states, views);
}

/// Index of the view of a state that a branch enters, which is added if it is new.
fn view(views: &mut Vec<View>, state: usize, branch: &FactorisedBranch) -> usize {
    let same = |other: &View| other.state == state && other.class == branch.there;
    views.iter().position(same).unwrap_or_else(|| {
        let class = branch.there.clone();
        views.push(View { state, class, size: branch.shared_size, values: Vec::new() });
        views.len() - 1
    })
}

/// Class of each of `count` things, numbered by first appearance; `same` is an equivalence.
fn classes(count: usize, same: impl Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut first: Vec<usize> = Vec::new();
    let class = |i: usize| {
        first.iter().position(|&other| same(other, i)).unwrap_or_else(|| {
            first.push(i);
            first.len() - 1
        })
    };
    (0..count).map(class).collect()
}

/// Keeps the first element of each class.
fn keep_first<T>(all: &mut Vec<T>, classes: &[usize]) {
    let mut next = 0;
    let mut class = classes.iter();
    all.retain(|_| {
        let first = class.next() == Some(&next);
        next += usize::from(first);
        first
    });
}

/// Whether two states have the same exits and rewards, apart from parameters that a strategy replaces.
fn alike(a: &StateFuture, b: &StateFuture) -> bool {
    let exits = |own: &StateFuture| own.exits.as_ref().map(|exits| exits.cached);
    let clock = |own: &StateFuture| own.sojourn.as_ref().map(|sojourn| sojourn.clock);
    let sums = |own: &StateFuture| own.rewards.iter().map(|reward| reward.sum).collect::<Vec<_>>();
    a.state == b.state
        && (a.background, a.marginal) == (b.background, b.marginal)
        && a.stratum == b.stratum
        && exits(a) == exits(b)
        && clock(a) == clock(b)
        && a.all_lines().eq(b.all_lines())
        && sums(a) == sums(b)
        && strata_of_moves(a).eq(strata_of_moves(b))
}

/// Strata between a state and those that it leads to.
fn strata_of_moves(own: &StateFuture) -> impl Iterator<Item = (&Option<Vec<u32>>, usize, &Option<Vec<u32>>)> {
    let branches = own.exits.iter().flat_map(|exits| exits.branches());
    branches.map(|branch| (&branch.shared, branch.shared_size, &branch.there))
}

/// Amounts of reward lines.
fn amounts(model: &Model, lines: impl Iterator<Item = usize>) -> impl Iterator<Item = &Expr> {
    lines.map(|line| &model.rewards[model.paths().lines[line].reward].amount)
}

/// Stated shares of the branches out of a state.
fn shares(model: &Model, state: usize) -> impl Iterator<Item = &Expr> {
    let leaving = model.transitions.iter().filter(move |transition| transition.from.contains(&state));
    leaving.flat_map(|transition| &transition.branches).filter_map(|branch| match &branch.share {
        Share::Stated(share) => Some(share),
        Share::Rest => None,
    })
}

/// Whether these parameters have the same values under two arms, whatever the values of a draw.
fn same_values(model: &Model, a: usize, b: usize, parameters: &[usize]) -> bool {
    let [a, b] = [a, b].map(|arm| &model.strategies[arm].substitutions);
    let replaces = |own: &[(usize, Expr)]| own.iter().any(|(p, _)| parameters.contains(p));
    a == b || !replaces(a) && !replaces(b)
}
