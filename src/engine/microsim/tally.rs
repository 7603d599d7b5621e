//! Counting what happens to simulated patients, in whole numbers.

use super::super::cohort::{AtStart, start_of};
use super::super::counts::{Counts, EndpointCounts, StrategyCounts};
use super::super::paths::{Meaning, Paths};
use super::life::{Life, Move};
use crate::model::Model;

/// Counts of one thread.
pub struct Tally<'a> {
    model: &'a Model,
    paths: &'a Paths,
    strategies: Vec<Numbers>,
    strategy: usize,
    /// Per endpoint: at risk now, and since which cycle.
    at_risk: Vec<Option<usize>>,
    /// Per endpoint: its first event or end has been counted.
    done: Vec<bool>,
}

#[derive(Clone)]
struct Numbers {
    start: Vec<u64>,
    moves: Vec<Vec<u64>>,
    procedure: Vec<u64>,
    endpoints: Vec<Numbered>,
}

#[derive(Clone)]
struct Numbered {
    beyond: u64,
    entered: u64,
    events: Vec<u64>,
    competing: Vec<u64>,
    censored: Vec<u64>,
}

impl<'a> Tally<'a> {
    pub fn new(model: &'a Model, paths: &'a Paths) -> Tally<'a> {
        let grid = || vec![0; model.time.cycles + 1];
        let endpoint = || Numbered {
            beyond: 0,
            entered: 0,
            events: grid(),
            competing: grid(),
            censored: grid(),
        };
        let strategies = model
            .strategies
            .iter()
            .map(|s| Numbers {
                start: vec![0; model.states.len()],
                moves: paths.edges.iter().map(|_| grid()).collect(),
                procedure: vec![0; s.at_start.len()],
                endpoints: model.endpoints.iter().map(|_| endpoint()).collect(),
            })
            .collect();
        let endpoints = model.endpoints.len();
        Tally {
            model,
            paths,
            strategies,
            strategy: 0,
            at_risk: vec![None; endpoints],
            done: vec![false; endpoints],
        }
    }

    /// The next moves belong to a new patient under `strategy`.
    pub fn patient(&mut self, strategy: usize) {
        self.strategy = strategy;
        self.at_risk.fill(None);
        self.done.fill(false);
    }

    /// Counts one move.
    #[inline]
    pub fn count(&mut self, m: Move) {
        match m {
            Move::Start { from, to, branch } => self.start(from, to, branch),
            Move::Fired { edge, cycle } => {
                let numbers = &mut self.strategies[self.strategy];
                numbers.moves[edge][cycle] += 1;
                for &(e, meaning) in &self.paths.meanings[edge] {
                    if meaning == Meaning::Origin {
                        if !self.done[e] {
                            self.at_risk[e] = Some(cycle);
                            numbers.endpoints[e].entered += 1;
                        }
                        continue;
                    }
                    let Some(since) = self.at_risk[e].take() else {
                        continue;
                    };
                    self.done[e] = true;
                    let endpoint = &mut numbers.endpoints[e];
                    let time = cycle - since;
                    match meaning {
                        Meaning::Event => endpoint.events[time] += 1,
                        Meaning::Competing => endpoint.competing[time] += 1,
                        _ => endpoint.censored[time] += 1,
                    }
                }
            }
        }
    }

    fn start(&mut self, from: usize, to: usize, branch: Option<usize>) {
        let numbers = &mut self.strategies[self.strategy];
        numbers.start[to] += 1;
        if let Some(b) = branch {
            numbers.procedure[b] += 1;
        }
        for (e, endpoint) in self.model.endpoints.iter().enumerate() {
            let own = &mut numbers.endpoints[e];
            match start_of(endpoint, self.paths, from, to) {
                AtStart::Beyond => {
                    own.beyond += 1;
                    self.done[e] = true;
                }
                AtStart::AtRisk => {
                    own.entered += 1;
                    self.at_risk[e] = Some(0);
                }
                AtStart::Event => {
                    own.entered += 1;
                    own.events[0] += 1;
                    self.done[e] = true;
                }
                AtStart::Later => {}
            }
        }
    }

    /// The patient has reached the horizon or an absorbing state.
    pub fn end(&mut self, _life: &Life, strategy: usize) {
        let horizon = self.model.time.cycles;
        for (e, at_risk) in self.at_risk.iter().enumerate() {
            if let Some(since) = at_risk {
                self.strategies[strategy].endpoints[e].censored[horizon - since] += 1;
            }
        }
    }

    /// Adds another thread's counts.
    pub fn merge(mut self, other: Tally<'a>) -> Tally<'a> {
        fn add(into: &mut [u64], from: &[u64]) {
            into.iter_mut().zip(from).for_each(|(a, b)| *a += b);
        }
        for (mine, theirs) in self.strategies.iter_mut().zip(&other.strategies) {
            add(&mut mine.start, &theirs.start);
            add(&mut mine.procedure, &theirs.procedure);
            mine.moves
                .iter_mut()
                .zip(&theirs.moves)
                .for_each(|(a, b)| add(a, b));
            for (a, b) in mine.endpoints.iter_mut().zip(&theirs.endpoints) {
                a.beyond += b.beyond;
                a.entered += b.entered;
                add(&mut a.events, &b.events);
                add(&mut a.competing, &b.competing);
                add(&mut a.censored, &b.censored);
            }
        }
        self
    }

    /// The counts, with occupancy from the start and the moves.
    pub fn counts(&self, patients: f64) -> Counts {
        let floats = |v: &[u64]| v.iter().map(|x| *x as f64).collect::<Vec<f64>>();
        let strategies = self
            .strategies
            .iter()
            .map(|numbers| {
                let mut change: Vec<Vec<i64>> =
                    vec![vec![0; self.model.time.cycles + 1]; self.model.states.len()];
                numbers
                    .start
                    .iter()
                    .zip(&mut change)
                    .for_each(|(n, c)| c[0] += *n as i64);
                for (edge, moves) in self.paths.edges.iter().zip(&numbers.moves) {
                    for (cycle, n) in moves.iter().enumerate() {
                        change[edge.from][cycle] -= *n as i64;
                        change[edge.to][cycle] += *n as i64;
                    }
                }
                let occupancy = change
                    .iter()
                    .map(|c| {
                        let mut now = 0;
                        c.iter()
                            .map(|d| {
                                now += d;
                                now as f64
                            })
                            .collect()
                    })
                    .collect();
                StrategyCounts {
                    occupancy,
                    moves: numbers.moves.iter().map(|m| floats(m)).collect(),
                    procedure: floats(&numbers.procedure),
                    endpoints: numbers
                        .endpoints
                        .iter()
                        .map(|e| EndpointCounts {
                            beyond: e.beyond as f64,
                            entered: e.entered as f64,
                            events: floats(&e.events),
                            competing: floats(&e.competing),
                            censored: floats(&e.censored),
                        })
                        .collect(),
                }
            })
            .collect();
        Counts { patients, strategies }
    }
}
