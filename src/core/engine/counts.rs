//! Counts of state occupancy, moves and endpoints by strategy, on the grid of cycles 0..=n: expected shares of patients
//! (cohort engine) or numbers of patients (microsimulation).

use crate::model::Model;
use crate::model::paths::{AtStart, Meaning, Paths};

/// Results of all strategies.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// Number of patients simulated under each strategy (1 for expected shares).
    pub patients: f64,
    /// Results of each strategy.
    pub strategies: Vec<StrategyCounts>,
}

/// Results of one strategy.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyCounts {
    /// `occupancy[state][cycle]`: patients in the state at that grid point.
    pub occupancy: Vec<Vec<f64>>,
    /// `moves[edge][cycle]`: moves along the edge that take effect at the end of that cycle.
    pub moves: Vec<Vec<f64>>,
    /// `procedure[branch]`: patients who took each branch at time zero.
    pub procedure: Vec<f64>,
    /// Counts of each endpoint.
    pub endpoints: Vec<EndpointCounts>,
    /// `components[component]`: expected totals of rewards, discounted and weighted (cohort engine only).
    pub components: Vec<f64>,
    /// `lines[line][cycle]`: expected rewards, neither discounted nor weighted (cohort engine only, with full detail):
    /// the reward per year of patients in the state at that grid point, or the one-off reward at the end of that cycle.
    pub lines: Vec<Vec<f64>>,
}

/// Life-table counts of an endpoint, by cycles since the start of its clock.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointCounts {
    /// Patients who start in a state beyond the endpoint and are never at risk.
    pub beyond: f64,
    /// Patients who become at risk.
    pub entered: f64,
    /// First events, by cycle.
    pub events: Vec<f64>,
    /// Patients whose time at risk ends with a competing event, by cycle.
    pub competing: Vec<f64>,
    /// Patients whose time at risk is censored, by cycle: at the horizon, or when they leave the group in which the
    /// endpoint is counted.
    pub censored: Vec<f64>,
}

impl StrategyCounts {
    /// Zero counts of a strategy whose procedure at the start has this number of branches.
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

    /// Removes the grids of occupancy and moves, for a run that needs only totals.
    pub fn forget_grids(&mut self) {
        self.occupancy.clear();
        self.moves.clear();
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
    /// Adds the counts of other patients, who make up this share of all patients.
    pub fn add_share(&mut self, share: f64, other: &EndpointCounts) {
        self.beyond += share * other.beyond;
        self.entered += share * other.entered;
        let grids = [
            (&mut self.events, &other.events),
            (&mut self.competing, &other.competing),
            (&mut self.censored, &other.censored),
        ];
        for (own, other) in grids {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += share * other);
        }
    }

    /// Zero counts on a time grid with this number of points.
    pub fn zero(grid: usize) -> EndpointCounts {
        EndpointCounts {
            beyond: 0.0,
            entered: 0.0,
            events: vec![0.0; grid],
            competing: vec![0.0; grid],
            censored: vec![0.0; grid],
        }
    }

    /// Adds the counts of other patients for the same endpoint.
    pub fn add(&mut self, other: &EndpointCounts) {
        self.beyond += other.beyond;
        self.entered += other.entered;
        add(&mut self.events, &other.events);
        add(&mut self.competing, &other.competing);
        add(&mut self.censored, &other.censored);
    }

    /// Returns the counts to which a move of this meaning belongs; `None` if the move does not end the time at risk.
    pub fn ends(&mut self, meaning: Meaning) -> Option<&mut Vec<f64>> {
        match meaning {
            Meaning::Event => Some(&mut self.events),
            Meaning::Competing => Some(&mut self.competing),
            Meaning::Leaves => Some(&mut self.censored),
            Meaning::Origin => None,
        }
    }

    /// Counts patients at time zero by their status for the endpoint at the start.
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

    /// Counts from `moves[edge][cycle]` how patients stop being at risk of endpoint `e`: by the event, a competing event
    /// or censoring. This requires that all patients who make these moves have been at risk since the start. Patients
    /// without an event or a competing event are censored at the horizon.
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

    /// Number at risk just before the end of each cycle (index 0: at the origin of the clock).
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
