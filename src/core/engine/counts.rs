//! Counts of states, moves and endpoints by strategy, on the grid of cycles 0..=n: expected shares (cohort engine) or numbers
//! of patients (microsimulation).

use crate::model::Model;
use crate::model::paths::{AtStart, Meaning, Paths};

/// Results of all strategies.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// Patients per strategy (1 for expected shares).
    pub patients: f64,
    /// One entry per strategy.
    pub strategies: Vec<StrategyCounts>,
}

/// Results of one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyCounts {
    /// `occupancy[state][cycle]`.
    pub occupancy: Vec<Vec<f64>>,
    /// `moves[edge][cycle]`: firings that took effect at the end of that cycle.
    pub moves: Vec<Vec<f64>>,
    /// `procedure[branch]`: patients who took each branch at time zero.
    pub procedure: Vec<f64>,
    /// One entry per endpoint.
    pub endpoints: Vec<EndpointCounts>,
    /// `components[component]`, expected (cohort engine only): the totals, discounted and weighted.
    pub components: Vec<f64>,
    /// `lines[line][cycle]`, expected (cohort engine only, where asked for): the reward per year of patients in the
    /// state at that point, or the one-off reward at the end of that cycle; neither discounted nor weighted.
    pub lines: Vec<Vec<f64>>,
}

/// Life-table counts of an endpoint, by cycles since its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointCounts {
    /// Patients who start beyond the endpoint and are never at risk.
    pub beyond: f64,
    /// Patients who enter the time at risk.
    pub entered: f64,
    /// First events.
    pub events: Vec<f64>,
    /// Ends of the time at risk by a competing event.
    pub competing: Vec<f64>,
    /// Ends of the time at risk without either (the horizon, or leaving the group that it is counted in).
    pub censored: Vec<f64>,
}

impl StrategyCounts {
    /// Zero counts of a strategy with so many branches of its procedure at the start.
    pub fn zero(model: &Model, branches: usize) -> Self {
        let grid = model.time.cycles + 1;
        StrategyCounts {
            occupancy: vec![vec![0.0; grid]; model.states.len()],
            moves: vec![vec![0.0; grid]; model.paths().edges.len()],
            procedure: vec![0.0; branches],
            endpoints: vec![EndpointCounts::zero(grid); model.endpoints.len()],
            components: vec![0.0; model.components.len()],
            lines: vec![vec![0.0; grid]; model.paths().lines.len()],
        }
    }

    /// Sets all counts to zero.
    pub fn clear(&mut self) {
        let grids = self.occupancy.iter_mut().chain(&mut self.moves).chain(&mut self.lines);
        let single = [&mut self.procedure, &mut self.components];
        grids.chain(single).for_each(|grid| grid.fill(0.0));
        for own in &mut self.endpoints {
            (own.beyond, own.entered) = (0.0, 0.0);
            [&mut own.events, &mut own.competing, &mut own.censored]
                .into_iter()
                .for_each(|grid| grid.fill(0.0));
        }
    }

    /// Adds the occupancy, the moves and the rewards of other patients.
    pub fn add_moves(&mut self, other: &StrategyCounts) {
        let grids = |a: &mut Vec<Vec<f64>>, b: &Vec<Vec<f64>>| {
            a.iter_mut().zip(b).for_each(|(x, y)| add(x, y));
        };
        grids(&mut self.occupancy, &other.occupancy);
        grids(&mut self.moves, &other.moves);
        grids(&mut self.lines, &other.lines);
        add(&mut self.components, &other.components);
    }
}

impl EndpointCounts {
    /// Zero counts on `grid` points.
    pub fn zero(grid: usize) -> EndpointCounts {
        EndpointCounts {
            beyond: 0.0,
            entered: 0.0,
            events: vec![0.0; grid],
            competing: vec![0.0; grid],
            censored: vec![0.0; grid],
        }
    }

    /// Adds the counts of other patients.
    pub fn add(&mut self, other: &EndpointCounts) {
        self.beyond += other.beyond;
        self.entered += other.entered;
        add(&mut self.events, &other.events);
        add(&mut self.competing, &other.competing);
        add(&mut self.censored, &other.censored);
    }

    /// Where a move of this meaning is counted, if it ends the time at risk.
    pub fn ends(&mut self, meaning: Meaning) -> Option<&mut Vec<f64>> {
        match meaning {
            Meaning::Event => Some(&mut self.events),
            Meaning::Competing => Some(&mut self.competing),
            Meaning::Leaves => Some(&mut self.censored),
            Meaning::Origin => None,
        }
    }

    /// Counts patients in this position at time zero.
    pub fn start(&mut self, stands: AtStart, patients: f64) {
        match stands {
            AtStart::Beyond => self.beyond += patients,
            AtStart::AtRisk => self.entered += patients,
            AtStart::Event => {
                self.entered += patients;
                self.events[0] += patients;
            }
            AtStart::Later => {}
        }
    }

    /// Counts the ends of the time at risk of endpoint `e` from `moves[edge][cycle]`, where each of these moves is made by
    /// a patient at risk from the start: events and competing events, then the horizon for all who are left.
    pub fn end_by_moves(&mut self, paths: &Paths, e: usize, moves: &[Vec<f64>]) {
        for (meanings, moves) in paths.meanings.iter().zip(moves) {
            for (_, meaning) in meanings.iter().filter(|(f, _)| *f == e) {
                if let Some(ends) = self.ends(*meaning) {
                    add(ends, moves);
                }
            }
        }
        let ends = self.events.iter().chain(&self.competing).chain(&self.censored);
        let left = self.entered - ends.sum::<f64>();
        if let Some(last) = self.censored.last_mut() {
            *last += left.max(0.0);
        }
    }

    /// At risk just before each cycle's end (index 0: at the origin).
    pub fn at_risk(&self) -> Vec<f64> {
        let mut left = self.entered;
        (0..self.events.len())
            .map(|k| {
                let now = left;
                left -= self.events[k] + self.competing[k] + self.censored[k];
                now.max(0.0)
            })
            .collect()
    }
}

fn add(into: &mut [f64], from: &[f64]) {
    into.iter_mut().zip(from).for_each(|(a, b)| *a += b);
}
