//! Paths through a model: every edge from state to state, numbered once for both engines, with its meaning for every endpoint.

use super::clocks;
use super::reward_lines::{RewardLine, lines};
use super::structure::{Endpoint, Structure};

/// One branch of one transition from one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Index of the transition.
    pub transition: usize,
    /// Index of the state that the patient leaves.
    pub from: usize,
    /// Index of the branch of the transition.
    pub branch: usize,
    /// Index of the state that the patient enters; equal to `from` if the patient stays in the state or enters it again.
    pub to: usize,
    /// Whether the patient enters a state, which may be the same again; otherwise the patient stays in the state.
    pub moves: bool,
}

impl Edge {
    /// Whether the patient leaves the state and enters it again, so that the time in it starts anew.
    pub fn again(&self) -> bool {
        self.moves && self.from == self.to
    }
}

/// Meaning of a move for an endpoint, for a patient who is at risk or becomes at risk by the move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The move is the event.
    Event,
    /// The move is a competing event.
    Competing,
    /// The move starts the clock of the endpoint.
    Origin,
    /// The move ends the time at risk, because the patient leaves the group in which the endpoint is counted.
    Leaves,
}

/// All edges and reward lines of a model, numbered.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Edges. All edges of one transition from one state are consecutive, in the order of the branches.
    pub edges: Vec<Edge>,
    /// Per edge: the endpoints for which the edge has a meaning, each with the meaning.
    pub meanings: Vec<Vec<(usize, Meaning)>>,
    /// Reward lines: each reward at each place where the reward is paid.
    pub lines: Vec<RewardLine>,
    /// Groups of states whose clock must be tracked, ascending: a hazard or a reward reads the clock, or an
    /// endpoint counts time in the group.
    pub clocks: Vec<usize>,
    /// Per edge: groups that a patient enters by the edge and whose clock is tracked.
    pub enters: Vec<Vec<usize>>,
    /// `inside[group][state]`: whether the state belongs to the group.
    pub inside: Vec<Vec<bool>>,
    /// Per endpoint: whether a patient's state alone determines whether the patient is at risk. This requires that
    /// no patient whose time at risk has ended can return to a state in which other patients are at risk or can
    /// become at risk.
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
                    let (to, moves) = (b.to.unwrap_or(from), b.to.is_some());
                    edges.push(Edge { transition: t, from, branch, to, moves });
                }
            }
        }
        let meanings = edges
            .iter()
            .map(|edge| {
                let endpoints = model.endpoints.iter().enumerate();
                let of = |(e, endpoint)| Some((e, meaning(model, endpoint, edge, &inside)?));
                endpoints.filter_map(of).collect()
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
            let entered = |g: &usize| {
                let alone = model.groups[*g].states[..] == [edge.to];
                paths.inside[*g][edge.to] && (!paths.inside[*g][edge.from] || edge.again() && alone)
            };
            paths.clocks.iter().copied().filter(entered).collect()
        };
        paths.enters = paths.edges.iter().map(enters).collect();
        paths.lines = lines(model, &paths);
        for (e, endpoint) in model.endpoints.iter().enumerate() {
            if endpoint.since.is_none() {
                // An edge from a state in which no patient is at risk has no meaning for the endpoint, for example
                // a second entry.
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

    /// Index of the first edge of `transition` from state `from`.
    pub fn first_edge(&self, transition: usize, from: usize) -> usize {
        self.first_edge[transition][from]
    }

    /// Per state: whether the state can be reached from `start` along edges for which `allow` is true; `start`
    /// itself is included.
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

    /// Per state: whether a patient in the state may be at risk of endpoint `e`, for an endpoint counted from the
    /// start.
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

    /// Entry of [`Paths::at_risk_by_state`] for endpoint `e`.
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

    /// Status for an endpoint at time zero, for a patient who presents in state `from` and is in state `to` after
    /// the procedure at the start.
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

/// Pairs of states: the state at presentation, and the state after a procedure at the start (or the same state
/// without a procedure).
fn starts(model: &Structure) -> impl Iterator<Item = (usize, usize)> {
    model.start.iter().flat_map(|&(from, _)| {
        let procedures = model.strategies.iter().flat_map(|s| &s.at_start);
        std::iter::once((from, from)).chain(procedures.map(move |b| (from, b.to.unwrap_or(from))))
    })
}

/// A patient's status for an endpoint at time zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtStart {
    /// Never at risk, because the event or a competing event occurred before the model begins, or because the
    /// procedure at the start is a competing event.
    Beyond,
    /// At risk from time zero.
    AtRisk,
    /// The procedure at the start is the event.
    Event,
    /// Not yet at risk, because the clock of the endpoint has not started.
    Later,
}

fn meaning(model: &Structure, endpoint: &Endpoint, edge: &Edge, inside: &[Vec<bool>]) -> Option<Meaning> {
    let moves = edge.moves;
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
        // Only the first stay counts.
        (true, true) if edge.again() && model.groups[g].states[..] == [edge.to] => Some(Meaning::Leaves),
        (false, true) => Some(Meaning::Origin),
        (true, false) => Some(Meaning::Leaves),
        _ => None,
    }
}
