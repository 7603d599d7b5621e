//! Counts of the moves and endpoints of simulated patients, in whole numbers.

use super::super::counts::{Counts, EndpointCounts, StrategyCounts};
use super::life::Move;
use crate::model::Model;
use crate::model::paths::{AtStart, Meaning, Paths};

/// A patient's status for an endpoint: at risk since a cycle, or one of these.
type Standing = u32;
/// Its clock has not begun.
const LATER: Standing = u32::MAX;
/// Its first event, or the end of the time at risk, has been counted.
const DONE: Standing = u32::MAX - 1;

/// Counts of one thread, in 32 bits: no cell counts a patient twice (see [`MOST_PATIENTS`]), and half the memory is
/// half the cache misses.
///
/// [`MOST_PATIENTS`]: crate::model::MOST_PATIENTS
pub struct EventCounts<'a> {
    model: &'a Model,
    paths: &'a Paths,
    /// Points of the time grid.
    grid: usize,
    strategies: Vec<StrategyEvents>,
    strategy: usize,
    /// Endpoints that each patient must be followed for. For the others, the state shows who is at risk, and
    /// moves are enough.
    followed: Vec<usize>,
    /// Per edge: its meaning for those.
    meanings: Vec<Vec<(usize, Meaning)>>,
    /// `standings[(presents in, begins in)][followed]`.
    standings: Vec<Vec<Standing>>,
    /// Per followed endpoint: the present patient's status.
    standing: Vec<Standing>,
}

/// Counts of one strategy.
#[derive(Clone)]
struct StrategyEvents {
    /// `start[(presents in, begins in)]`.
    start: Vec<u32>,
    procedure: Vec<u32>,
    /// `moves[(edge, cycle)]`.
    moves: Vec<u32>,
    /// `ends[(followed, way of ending, time)]`.
    ends: Vec<u32>,
    /// `origins[followed]`: patients whose clock began after the start.
    origins: Vec<u32>,
}

/// PlannedRow in which the time at risk of an endpoint ends: event, competing event, neither.
const ENDINGS: usize = 3;
const EVENT: usize = 0;
const COMPETING: usize = 1;
const CENSORED: usize = 2;

impl<'a> EventCounts<'a> {
    pub fn new(model: &'a Model) -> EventCounts<'a> {
        let paths = model.paths();
        let grid = model.time.cycles + 1;
        let states = model.states.len();
        let followed: Vec<usize> = (0..model.endpoints.len())
            .filter(|&e| model.endpoints[e].since.is_some() || !paths.at_risk_by_state[e])
            .collect();
        let strategies = model
            .strategies
            .iter()
            .map(|s| StrategyEvents {
                start: vec![0; states * states],
                procedure: vec![0; s.at_start.len()],
                moves: vec![0; paths.edges.len() * grid],
                ends: vec![0; followed.len() * ENDINGS * grid],
                origins: vec![0; followed.len()],
            })
            .collect();
        let standings = (0..states * states)
            .map(|pair| {
                let stands = |&e: &usize| paths.start_of(&model.endpoints[e], pair / states, pair % states);
                followed.iter().map(|e| standing(stands(e))).collect()
            })
            .collect();
        let of_followed = |&(e, meaning): &(usize, Meaning)| {
            let at = followed.iter().position(|f| *f == e)?;
            Some((at, meaning))
        };
        let meanings =
            paths.meanings.iter().map(|all| all.iter().filter_map(of_followed).collect()).collect();
        EventCounts {
            model,
            paths,
            grid,
            strategies,
            strategy: 0,
            standing: vec![LATER; followed.len()],
            followed,
            meanings,
            standings,
        }
    }

    /// The next moves belong to a new patient under `strategy`.
    pub fn patient(&mut self, strategy: usize) {
        self.strategy = strategy;
    }

    /// Counts one move.
    #[inline]
    pub fn count(&mut self, m: Move) {
        match m {
            // A procedure of another arm is not one of this strategy's branches.
            Move::Start { from, to, arm, branch } => {
                self.start(from, to, branch.filter(|_| arm == self.strategy));
            }
            Move::Fired { edge, cycle } => self.fired(edge, cycle),
        }
    }

    #[inline]
    fn start(&mut self, from: usize, to: usize, branch: Option<usize>) {
        let numbers = &mut self.strategies[self.strategy];
        let pair = from * self.model.states.len() + to;
        numbers.start[pair] += 1;
        if let Some(b) = branch {
            numbers.procedure[b] += 1;
        }
        self.standing.copy_from_slice(&self.standings[pair]);
    }

    #[inline]
    fn fired(&mut self, edge: usize, cycle: usize) {
        let numbers = &mut self.strategies[self.strategy];
        numbers.moves[edge * self.grid + cycle] += 1;
        for &(f, meaning) in &self.meanings[edge] {
            let standing = &mut self.standing[f];
            let Some(ending) = ending(meaning) else {
                if *standing == LATER {
                    *standing = cycle as Standing;
                    numbers.origins[f] += 1;
                }
                continue;
            };
            if *standing < DONE {
                let time = cycle - *standing as usize;
                numbers.ends[(f * ENDINGS + ending) * self.grid + time] += 1;
                *standing = DONE;
            }
        }
    }

    /// The patient has reached the horizon or an absorbing state.
    #[inline]
    pub fn end(&mut self) {
        let numbers = &mut self.strategies[self.strategy];
        for (f, &standing) in self.standing.iter().enumerate() {
            if standing < DONE {
                let time = self.grid - 1 - standing as usize;
                numbers.ends[(f * ENDINGS + CENSORED) * self.grid + time] += 1;
            }
        }
    }

    /// Adds another thread's counts.
    pub fn merge(mut self, other: EventCounts<'a>) -> EventCounts<'a> {
        fn add(into: &mut [u32], from: &[u32]) {
            into.iter_mut().zip(from).for_each(|(a, b)| *a += b);
        }
        for (mine, theirs) in self.strategies.iter_mut().zip(&other.strategies) {
            add(&mut mine.start, &theirs.start);
            add(&mut mine.procedure, &theirs.procedure);
            add(&mut mine.moves, &theirs.moves);
            add(&mut mine.ends, &theirs.ends);
            add(&mut mine.origins, &theirs.origins);
        }
        self
    }

    /// The counts, with occupancy from the start and the moves. Of strategies that are alike, the first was counted.
    pub fn counts(&self, patients: f64, alike: &[Vec<usize>]) -> Counts {
        let counted = |s: usize| alike.iter().find(|all| all.contains(&s)).map_or(s, |all| all[0]);
        let strategies = 0..self.strategies.len();
        Counts {
            patients,
            strategies: strategies.map(|s| self.strategy(&self.strategies[counted(s)])).collect(),
        }
    }

    fn strategy(&self, numbers: &StrategyEvents) -> StrategyCounts {
        let states = self.model.states.len();
        let mut occupancy = vec![vec![0.0; self.grid]; states];
        for (pair, n) in numbers.start.iter().enumerate() {
            occupancy[pair % states][0] += f64::from(*n);
        }
        for (edge, moves) in self.paths.edges.iter().zip(numbers.moves.chunks(self.grid)) {
            for (cycle, n) in moves.iter().enumerate() {
                occupancy[edge.from][cycle] -= f64::from(*n);
                occupancy[edge.to][cycle] += f64::from(*n);
            }
        }
        // Whole numbers, so that running sums of changes are exact.
        for own in &mut occupancy {
            for cycle in 1..self.grid {
                own[cycle] += own[cycle - 1];
            }
        }
        let moves: Vec<Vec<f64>> = numbers.moves.chunks(self.grid).map(floats).collect();
        StrategyCounts {
            occupancy,
            procedure: floats(&numbers.procedure),
            endpoints: (0..self.model.endpoints.len()).map(|e| self.endpoint(numbers, &moves, e)).collect(),
            moves,
            components: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn endpoint(&self, numbers: &StrategyEvents, moves: &[Vec<f64>], e: usize) -> EndpointCounts {
        let states = self.model.states.len();
        let mut own = EndpointCounts::zero(self.grid);
        for (pair, n) in numbers.start.iter().map(|n| f64::from(*n)).enumerate() {
            let stands = self.paths.start_of(&self.model.endpoints[e], pair / states, pair % states);
            own.start(stands, n);
        }
        if let Some(f) = self.followed.iter().position(|f| *f == e) {
            own.entered += f64::from(numbers.origins[f]);
            let grids = [&mut own.events, &mut own.competing, &mut own.censored];
            let counted = numbers.ends.chunks(self.grid).skip(f * ENDINGS);
            for (grid, counted) in grids.into_iter().zip(counted) {
                let both = grid.iter_mut().zip(counted);
                both.for_each(|(own, n)| *own += f64::from(*n));
            }
        } else {
            own.end_by_moves(self.paths, e, moves);
        }
        own
    }
}

fn floats(numbers: &[u32]) -> Vec<f64> {
    numbers.iter().map(|x| f64::from(*x)).collect()
}

/// How a move ends the time at risk, if it does.
#[inline]
fn ending(meaning: Meaning) -> Option<usize> {
    match meaning {
        Meaning::Event => Some(EVENT),
        Meaning::Competing => Some(COMPETING),
        Meaning::Leaves => Some(CENSORED),
        Meaning::Origin => None,
    }
}

fn standing(stands: AtStart) -> Standing {
    match stands {
        AtStart::Later => LATER,
        AtStart::AtRisk => 0,
        AtStart::Beyond | AtStart::Event => DONE,
    }
}
