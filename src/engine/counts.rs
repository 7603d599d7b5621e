//! What an engine returns: expected shares (cohort) or numbers of patients (microsimulation), on the grid of
//! cycles 0..=n.

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
    /// Zero counts.
    pub fn zero(states: usize, edges: usize, branches: usize, endpoints: usize, cycles: usize) -> Self {
        let grid = || vec![0.0; cycles + 1];
        StrategyCounts {
            occupancy: vec![grid(); states],
            moves: vec![grid(); edges],
            procedure: vec![0.0; branches],
            endpoints: vec![
                EndpointCounts {
                    beyond: 0.0,
                    entered: 0.0,
                    events: grid(),
                    competing: grid(),
                    censored: grid(),
                };
                endpoints
            ],
        }
    }

    /// Adds the counts of other patients.
    pub fn add(&mut self, other: &StrategyCounts) {
        let grids = |a: &mut Vec<Vec<f64>>, b: &Vec<Vec<f64>>| {
            a.iter_mut().zip(b).for_each(|(x, y)| add(x, y));
        };
        grids(&mut self.occupancy, &other.occupancy);
        grids(&mut self.moves, &other.moves);
        add(&mut self.procedure, &other.procedure);
        for (mine, theirs) in self.endpoints.iter_mut().zip(&other.endpoints) {
            mine.beyond += theirs.beyond;
            mine.entered += theirs.entered;
            add(&mut mine.events, &theirs.events);
            add(&mut mine.competing, &theirs.competing);
            add(&mut mine.censored, &theirs.censored);
        }
    }
}

impl EndpointCounts {
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
