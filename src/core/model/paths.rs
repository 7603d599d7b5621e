//! Paths through a model: every edge from state to state, numbered once for both engines, with its meaning for every endpoint.

use super::clocks;
use super::reward_lines::{RewardLine, lines};
use super::structure::{Endpoint, Structure};

/// One branch of one transition from one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Transition.
    pub transition: usize,
    /// State left.
    pub from: usize,
    /// Branch taken.
    pub branch: usize,
    /// State entered (the same one if the branch keeps the patient).
    pub to: usize,
}

/// Meaning of a move for an endpoint while the patient is at risk of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The event.
    Event,
    /// A competing event.
    Competing,
    /// The origin of its clock.
    Origin,
    /// The end of the time in which it is counted.
    Leaves,
}

/// All edges of a model.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Edges; those of one transition from one state are consecutive, in branch order.
    pub edges: Vec<Edge>,
    /// Per edge: endpoints for which it has a meaning, and the meaning.
    pub meanings: Vec<Vec<(usize, Meaning)>>,
    /// Every place of every reward.
    pub lines: Vec<RewardLine>,
    /// Groups whose clock must be carried, ascending: something reads it, or an endpoint counts in it.
    pub clocks: Vec<usize>,
    /// Per edge: groups that are entered by it and whose clock is carried.
    pub enters: Vec<Vec<usize>>,
    /// `inside[group][state]`.
    pub inside: Vec<Vec<bool>>,
    /// Per endpoint: whether the state alone shows who is at risk, because no patient whose time at risk has ended can come
    /// back to a state in which others are at risk, or from which others come to be.
    pub at_risk_by_state: Vec<bool>,
    first_edge: Vec<Vec<usize>>,
}

impl Paths {
    /// Numbers the edges and reward lines of `model`.
    pub fn new(model: &Structure) -> Paths {
        let inside: Vec<Vec<bool>> = model
            .groups
            .iter()
            .map(|g| (0..model.states.len()).map(|s| g.states.contains(&s)).collect())
            .collect();
        let mut edges = Vec::new();
        let mut first_edge = vec![vec![usize::MAX; model.states.len()]; model.transitions.len()];
        for (t, transition) in model.transitions.iter().enumerate() {
            for &from in &transition.from {
                first_edge[t][from] = edges.len();
                for (branch, b) in transition.branches.iter().enumerate() {
                    edges.push(Edge { transition: t, from, branch, to: b.to.unwrap_or(from) });
                }
            }
        }
        let meanings = edges
            .iter()
            .map(|edge| {
                let endpoints = model.endpoints.iter().enumerate();
                endpoints.flat_map(|(e, endpoint)| meaning(endpoint, edge, &inside).map(|m| (e, m))).collect()
            })
            .collect();
        let mut paths = Paths {
            edges,
            meanings,
            lines: Vec::new(),
            enters: Vec::new(),
            clocks: clocks::carried(model),
            inside,
            first_edge,
            at_risk_by_state: Vec::new(),
        };
        let enters = |edge: &Edge| {
            let entered = |g: &usize| paths.inside[*g][edge.to] && !paths.inside[*g][edge.from];
            paths.clocks.iter().copied().filter(entered).collect()
        };
        paths.enters = paths.edges.iter().map(enters).collect();
        paths.lines = lines(model, &paths);
        for (e, endpoint) in model.endpoints.iter().enumerate() {
            if endpoint.since.is_none() {
                // A later entry, from a state in which no patient is at risk any more, has no meaning.
                let risk = paths.at_risk(model, e);
                for (edge, meanings) in paths.edges.iter().zip(&mut paths.meanings) {
                    meanings.retain(|(f, _)| *f != e || risk[edge.from]);
                }
            }
        }
        paths.at_risk_by_state =
            (0..model.endpoints.len()).map(|e| paths.state_shows_risk(model, e)).collect();
        paths
    }

    /// First edge of a transition from a state.
    pub fn first_edge(&self, transition: usize, from: usize) -> usize {
        self.first_edge[transition][from]
    }

    /// States that can be reached from `start` by edges that `allow` accepts (the start included).
    pub fn reach(&self, start: &[usize], states: usize, allow: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut reached = vec![false; states];
        let mut open: Vec<usize> = start.to_vec();
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut reached[state], true) {
                continue;
            }
            for (i, edge) in self.edges.iter().enumerate() {
                if edge.from == state && allow(i) {
                    open.push(edge.to);
                }
            }
        }
        reached
    }

    /// States in which patients may be at risk of endpoint `e`, counted from the start.
    fn at_risk(&self, model: &Structure, e: usize) -> Vec<bool> {
        let inside: Vec<usize> = starts(model)
            .filter(|&(from, to)| self.start_of(&model.endpoints[e], from, to) == AtStart::AtRisk)
            .map(|(_, to)| to)
            .collect();
        self.reach(&inside, model.states.len(), |i| !self.ends(i, e))
    }

    /// Whether a move along edge `i` ends the time at risk of endpoint `e`.
    pub fn ends(&self, i: usize, e: usize) -> bool {
        self.meanings[i].iter().any(|(f, m)| *f == e && *m != Meaning::Origin)
    }

    /// One entry of [`Paths::at_risk_by_state`].
    fn state_shows_risk(&self, model: &Structure, e: usize) -> bool {
        let counted: Vec<bool> = match model.endpoints[e].since {
            None => self.at_risk(model, e),
            Some(g) => {
                let means = |s: usize| {
                    let own = |i: &usize| self.edges[*i].from == s;
                    let mut edges = (0..self.edges.len()).filter(own);
                    edges.any(|i| self.meanings[i].iter().any(|(f, _)| *f == e))
                };
                let states = 0..model.states.len();
                states.map(|s| self.inside[g][s] || means(s)).collect()
            }
        };
        let beyond = starts(model).filter(|&(from, to)| {
            let stands = self.start_of(&model.endpoints[e], from, to);
            matches!(stands, AtStart::Beyond | AtStart::Event)
        });
        let mut after: Vec<usize> = beyond.map(|(_, to)| to).collect();
        for (i, edge) in self.edges.iter().enumerate() {
            if counted[edge.from] && self.ends(i, e) {
                after.push(edge.to);
            }
        }
        let past = self.reach(&after, model.states.len(), |_| true);
        !counted.iter().zip(&past).any(|(c, p)| *c && *p)
    }

    /// The status at time zero of a patient who presents in `from` and leaves the procedure at the start in `to`.
    pub fn start_of(&self, endpoint: &Endpoint, from: usize, to: usize) -> AtStart {
        match endpoint.since {
            Some(g) if self.inside[g][to] => AtStart::AtRisk,
            Some(_) => AtStart::Later,
            None => {
                if endpoint.enters.contains(&from) || endpoint.competing.contains(&from) {
                    AtStart::Beyond
                } else if endpoint.enters.contains(&to) {
                    AtStart::Event
                } else if endpoint.competing.contains(&to) {
                    AtStart::Beyond
                } else {
                    AtStart::AtRisk
                }
            }
        }
    }
}

/// Pairs of a state of presentation and a state after the procedure at the start, if there is one.
fn starts(model: &Structure) -> impl Iterator<Item = (usize, usize)> {
    model.start.iter().flat_map(|&(from, _)| {
        let procedures = model.strategies.iter().flat_map(|s| &s.at_start);
        std::iter::once((from, from)).chain(procedures.map(move |b| (from, b.to.unwrap_or(from))))
    })
}

/// A patient's status for an endpoint at time zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtStart {
    /// Past it before the model begins, or taken out of it by a procedure at the start: never at risk.
    Beyond,
    /// At risk from time zero.
    AtRisk,
    /// The procedure at the start is the event.
    Event,
    /// Its clock has not begun.
    Later,
}

fn meaning(endpoint: &Endpoint, edge: &Edge, inside: &[Vec<bool>]) -> Option<Meaning> {
    let moves = edge.to != edge.from;
    let counted = endpoint.since.is_none_or(|g| inside[g][edge.from]);
    if counted {
        if endpoint.fires.contains(&edge.transition) || moves && endpoint.enters.contains(&edge.to) {
            return Some(Meaning::Event);
        }
        if moves && endpoint.competing.contains(&edge.to) {
            return Some(Meaning::Competing);
        }
    }
    let g = endpoint.since?;
    match (inside[g][edge.from], inside[g][edge.to]) {
        (false, true) => Some(Meaning::Origin),
        (true, false) => Some(Meaning::Leaves),
        _ => None,
    }
}
