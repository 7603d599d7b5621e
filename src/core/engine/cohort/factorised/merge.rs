//! States that have the same future under several arms, which are solved once.
//!
//! Two states have the same future if their own exits and rewards are equal for all parameter values and the states that they lead
//! to have the same future. The largest such relation is found by refinement: states with equal exits and rewards are one class at first,
//! and a class is divided as long as its states lead to different classes (minimisation of a finite automaton: E. F. Moore 1956).

use super::state::StateFuture;
use super::view::View;
use super::{Factorised, Place};
use crate::engine::cohort::layout::ArmLayout;
use crate::model::hazard::insert;
use crate::model::structure::Share;
use crate::model::{Expr, Model};

/// Keeps one state of each class, and lets arms and exits refer to it.
pub fn merge(all: &mut Factorised, model: &Model, layouts: &[ArmLayout]) {
    let arm = |layout: usize| layouts[layout].arm;
    let sinks = classes(all.sinks.len(), |a, b| {
        let (a, b) = (&all.sinks[a], &all.sinks[b]);
        let lines = |sink: &super::Sink| sink.lines.iter().map(|common| common.line).collect::<Vec<_>>();
        a.state == b.state
            && lines(a) == lines(b)
            && same_values(model, arm(a.layout), arm(b.layout), &read(model, lines(a)))
    });
    let mut states = classes(all.states.len(), |a, b| {
        let (a, b) = (&all.states[a], &all.states[b]);
        alike(a, b) && same_values(model, arm(a.layout), arm(b.layout), &read_by(model, a))
    });
    let leads_to = |own: &StateFuture, states: &[usize]| -> Vec<Place> {
        let places = &all.arms[own.layout].as_ref().expect("the arm of a state is factorised").states;
        let class = |to: usize| match places[to] {
            Place::State(state) => Place::State(states[state]),
            Place::Sink(sink) => Place::Sink(sinks[sink]),
        };
        let deaths = own.deaths.iter().map(|death| death.to);
        let moves = own.exits.iter().flat_map(|exits| exits.branches().filter_map(|branch| branch.to));
        deaths.chain(moves).map(class).collect()
    };
    loop {
        let targets: Vec<Vec<Place>> = all.states.iter().map(|own| leads_to(own, &states)).collect();
        let finer = classes(states.len(), |a, b| states[a] == states[b] && targets[a] == targets[b]);
        if finer == states {
            break;
        }
        states = finer;
    }
    let mut views: Vec<View> = Vec::new();
    for own in &mut all.states {
        let places = &all.arms[own.layout].as_ref().expect("the arm of a state is factorised").states;
        for death in &mut own.deaths {
            if let Place::Sink(sink) = places[death.to] {
                death.sink = sinks[sink];
            }
        }
        for branch in own.exits.iter_mut().flat_map(|exits| &mut exits.exits).flat_map(|e| &mut e.branches) {
            match branch.to.map(|to| places[to]) {
                Some(Place::Sink(sink)) => branch.sink = Some(sinks[sink]),
                Some(Place::State(state)) => {
                    let view = View {
                        state: states[state],
                        class: branch.there.clone(),
                        size: branch.shared_size,
                        values: Vec::new(),
                    };
                    let same = |other: &View| other.state == view.state && other.class == view.class;
                    branch.view = Some(views.iter().position(same).unwrap_or(views.len()));
                    if branch.view == Some(views.len()) {
                        views.push(view);
                    }
                }
                None => {}
            }
        }
    }
    all.views = views;
    for place in all.arms.iter_mut().flatten().flat_map(|arm| &mut arm.states) {
        *place = match *place {
            Place::State(state) => Place::State(states[state]),
            Place::Sink(sink) => Place::Sink(sinks[sink]),
        };
    }
    keep_first(&mut all.states, &states);
    keep_first(&mut all.sinks, &sinks);
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

/// Parameters that the rewards of a state and the shares of its branches read.
fn read_by(model: &Model, own: &StateFuture) -> Vec<usize> {
    let mut parameters = read(model, own.all_lines());
    let shares = (model.transitions.iter())
        .filter(|transition| transition.from.contains(&own.state))
        .flat_map(|transition| &transition.branches);
    for branch in shares {
        if let Share::Stated(share) = &branch.share {
            share.walk(&mut |e| add(e, &mut parameters));
        }
    }
    parameters
}

/// Parameters that the amounts of reward lines read.
fn read(model: &Model, lines: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut parameters = Vec::new();
    for line in lines {
        let amount = &model.rewards[model.paths().lines[line].reward].amount;
        amount.walk(&mut |e| add(e, &mut parameters));
    }
    parameters
}

fn add(expr: &Expr, parameters: &mut Vec<usize>) {
    if let Expr::Parameter(p) = expr {
        insert(parameters, *p);
    }
}

/// Whether these parameters have the same values under two arms, whatever the values of a draw.
fn same_values(model: &Model, a: usize, b: usize, parameters: &[usize]) -> bool {
    let [a, b] = [a, b].map(|arm| &model.strategies[arm].substitutions);
    let replaces = |own: &[(usize, Expr)]| own.iter().any(|(p, _)| parameters.contains(p));
    a == b || !replaces(a) && !replaces(b)
}
