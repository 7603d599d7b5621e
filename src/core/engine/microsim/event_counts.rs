//! Counts of the moves and endpoints of simulated patients, as whole numbers.

use super::super::counts::{Accrued, Counts, EndpointCounts, StrategyCounts};
use super::life::Move;
use crate::model::Model;
use crate::model::paths::{AtStart, Meaning, Paths};

/// Status of a patient for an endpoint: the cycle since which the patient is at risk, or `LATER` or `DONE`.
type Standing = u32;
/// Status of a patient whose clock for the endpoint has not started.
const LATER: Standing = u32::MAX;
/// Status of a patient whose first event, or end of the time at risk, has been counted.
const DONE: Standing = u32::MAX - 1;

/// Counts of one thread. They have 32 bits because no cell counts a patient twice (see [`MOST_PATIENTS`]) and half the
/// memory halves the cache misses.
///
/// [`MOST_PATIENTS`]: crate::model::MOST_PATIENTS
pub struct EventCounts<'a> {
    model: &'a Model,
    paths: &'a Paths,
    /// Number of points of the time grid.
    grid: usize,
    strategies: Vec<StrategyEvents>,
    strategy: usize,
    /// Endpoints for which each patient must be followed individually. For the other endpoints the state shows who is
    /// at risk, so that counts of moves are enough.
    followed: Vec<usize>,
    /// For each edge: the followed endpoints for which it has a meaning, and the meaning.
    meanings: Vec<Vec<(usize, Meaning)>>,
    /// `standings[(state at presentation, state after the procedure)][followed]`: status at the start.
    standings: Vec<Vec<Standing>>,
    /// Status of the current patient for each followed endpoint.
    standing: Vec<Standing>,
    /// Continuous time: when the clock of each followed endpoint started, in cycles.
    since: Vec<f64>,
    continuous: bool,
}

/// Counts of simulated patients under one strategy.
#[derive(Clone)]
struct StrategyEvents {
    /// `start[(state at presentation, state after the procedure)]`: number of patients.
    start: Vec<u32>,
    procedure: Vec<u32>,
    /// `moves[(edge, cycle)]`: number of moves that take effect at the end of the cycle.
    moves: Vec<u32>,
    /// `ends[(followed, way of ending, time)]`: number of patients whose time at risk ends.
    ends: Vec<u32>,
    /// `origins[followed]`: number of patients whose clock for the endpoint starts after time zero.
    origins: Vec<u32>,
}

/// Number of ways in which the time at risk of an endpoint can end: event, competing event, censoring.
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
            since: vec![0.0; followed.len()],
            continuous: model.time.continuous(),
            followed,
            meanings,
            standings,
        }
    }

    /// Begins a new patient under `strategy`, to whom the next moves belong.
    pub fn patient(&mut self, strategy: usize) {
        self.strategy = strategy;
    }

    /// Counts one move.
    #[inline]
    pub fn count(&mut self, m: Move) {
        match m {
            // A procedure is counted only on the strategy's own arm, because branches of another arm's procedure have
            // other indices.
            Move::Start { from, to, arm, branch } => {
                self.start(from, to, branch.filter(|_| arm == self.strategy));
            }
            Move::Fired { edge, cycle, time } => self.fired(edge, cycle, time),
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
        if self.continuous {
            self.since.fill(0.0);
        }
    }

    #[inline]
    fn fired(&mut self, edge: usize, cycle: usize, now: f64) {
        let numbers = &mut self.strategies[self.strategy];
        numbers.moves[edge * self.grid + cycle] += 1;
        for &(f, meaning) in &self.meanings[edge] {
            let standing = &mut self.standing[f];
            let Some(ending) = ending(meaning) else {
                if *standing == LATER {
                    *standing = cycle as Standing;
                    self.since[f] = now;
                    numbers.origins[f] += 1;
                }
                continue;
            };
            if *standing < DONE {
                let time = match self.continuous {
                    true => interval(now - self.since[f], cycle),
                    false => cycle - *standing as usize,
                };
                numbers.ends[(f * ENDINGS + ending) * self.grid + time] += 1;
                *standing = DONE;
            }
        }
    }

    /// Ends the life of the current patient: censors each endpoint for which the patient is still at risk at the
    /// horizon.
    #[inline]
    pub fn end(&mut self) {
        let numbers = &mut self.strategies[self.strategy];
        for (f, &standing) in self.standing.iter().enumerate() {
            if standing < DONE {
                let horizon = self.grid - 1;
                let time = match self.continuous {
                    true => interval(horizon as f64 - self.since[f], horizon),
                    false => horizon - standing as usize,
                };
                numbers.ends[(f * ENDINGS + CENSORED) * self.grid + time] += 1;
            }
        }
    }

    /// Adds the counts of another thread.
    pub fn merge(mut self, other: &EventCounts) -> EventCounts<'a> {
        self.add(other);
        self
    }

    /// Adds the events of other patients.
    pub fn add(&mut self, other: &EventCounts) {
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
    }

    /// Converts the results to [`Counts`], with occupancy computed from starts and moves. Of strategies with the same
    /// lives only the first was counted.
    pub fn counts(&self, patients: f64, alike: &[Vec<usize>]) -> Counts {
        let counted = |s: usize| alike.iter().find(|all| all.contains(&s)).map_or(s, |all| all[0]);
        let strategies = 0..self.strategies.len();
        Counts {
            patients,
            cycle_error: 0.0,
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
        // The running sums are exact because all changes are whole numbers.
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
            accrued: Accrued::default(),
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

/// Interval between grid points of a clock that contains `time`, by its last grid point.
#[inline]
fn interval(time: f64, last: usize) -> usize {
    (time.ceil() as usize).clamp(1, last)
}

fn floats(numbers: &[u32]) -> Vec<f64> {
    numbers.iter().map(|x| f64::from(*x)).collect()
}

/// How a move ends the time at risk; `None` if it does not.
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
