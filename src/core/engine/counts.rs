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
    /// Estimated error of the cycle length in any occupancy or cumulative number of events (cohort engine in continuous time only;
    /// otherwise 0).
    pub cycle_error: f64,
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
    /// Rewards and time of continuous time (cohort engine only, with full detail); empty with one move a cycle.
    pub accrued: Accrued,
}

/// Rewards and time accrued in continuous time. With one move a cycle, both follow from `lines`, occupancy and weights; in
/// continuous time, `lines` has the undiscounted amounts accrued in each cycle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accrued {
    /// `discounted[line][cycle]`: discounted amount accrued up to that grid point since the previous one.
    pub discounted: Vec<Vec<f64>>,
    /// `years[outcome][state]`: years in the state, discounted as for the outcome.
    pub years: Vec<Vec<f64>>,
    /// `undiscounted_years[state]`: years in the state.
    pub undiscounted_years: Vec<f64>,
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
            accrued: Accrued::zero(model),
        }
    }

    /// Sets all counts to zero.
    pub fn clear(&mut self) {
        let grids = self.occupancy.iter_mut().chain(&mut self.moves).chain(&mut self.lines);
        let accrued = &mut self.accrued;
        let more = accrued.discounted.iter_mut().chain(&mut accrued.years);
        let single = [&mut self.procedure, &mut self.components, &mut accrued.undiscounted_years];
        grids.chain(more).chain(single).for_each(|grid| grid.fill(0.0));
        for own in &mut self.endpoints {
            (own.beyond, own.entered) = (0.0, 0.0);
            [&mut own.events, &mut own.competing, &mut own.censored]
                .into_iter()
                .for_each(|grid| grid.fill(0.0));
        }
    }

    /// Adds an amount to a reward line in the cycle that ends at grid point `k`, and to the total of its component (continuous time
    /// only).
    pub fn accrue(&mut self, model: &Model, line: usize, k: usize, plain: f64, discounted: f64) {
        let reward = model.paths().lines[line].reward;
        self.components[model.rewards[reward].component] += discounted;
        if let Some(own) = self.lines.get_mut(line) {
            own[k] += plain;
        }
        if let Some(own) = self.accrued.discounted.get_mut(line) {
            own[k] += discounted;
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
        grids(&mut self.accrued.discounted, &other.accrued.discounted);
        grids(&mut self.accrued.years, &other.accrued.years);
        add(&mut self.accrued.undiscounted_years, &other.accrued.undiscounted_years);
    }
}

impl Accrued {
    /// Zero amounts and years; empty with one move a cycle.
    fn zero(model: &Model) -> Accrued {
        if !model.time.continuous() {
            return Accrued::default();
        }
        let states = model.states.len();
        Accrued {
            discounted: vec![vec![0.0; model.time.cycles + 1]; model.paths().lines.len()],
            years: vec![vec![0.0; states]; model.outcomes.len()],
            undiscounted_years: vec![0.0; states],
        }
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
