//! Endless horizons: how long a model must run until practically nobody is left.

use super::cohort;
use crate::model::population::population_nodes;
use crate::model::{Model, Tables};

/// Share of the patients who may be outside absorbing states at the end, under any strategy.
pub const LEFT: f64 = 1e-12;

/// Years of the first attempt.
pub const FIRST_YEARS: f64 = 150.0;

/// Attempts, each twice as long as the one before.
const ATTEMPTS: usize = 5;

/// Patients who never reach an absorbing state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Left {
    /// Years of the last attempt.
    pub years: f64,
    /// Index of the strategy under which the most of them are in one state.
    pub strategy: usize,
    /// Index of this state.
    pub state: usize,
    /// Share of the patients in this state at the end of the last attempt.
    pub share: f64,
}

/// The model with the shortest horizon, an even number of cycles, at which at most [`LEFT`] of the patients are outside absorbing states
/// under every strategy at base values. The sums over an endless horizon converge to those of this model if amounts are bounded.
/// `fits` says whether a model may run; the horizon of one that may not is returned as it is.
pub fn with_end(model: &Model, fits: impl Fn(&Model) -> bool) -> Result<Model, Left> {
    let values = model.base_values();
    let mut own = model.clone();
    let mut left = None;
    for attempt in 0..ATTEMPTS {
        let years = FIRST_YEARS * (1 << attempt) as f64;
        own = own.with_horizon(2 * (0.5 * years * model.time.cycles_per_year).ceil() as usize);
        if !fits(&own) {
            return Ok(own);
        }
        let counts = cohort::run(&Tables::new(&own, &values), &population_nodes(&own, &values, 1));
        let lasting: Vec<usize> = (0..own.states.len()).filter(|&s| !own.states[s].absorbing).collect();
        let everyone = |k: usize| {
            let of =
                |strategy: &super::StrategyCounts| lasting.iter().map(|&s| strategy.occupancy[s][k]).sum();
            counts.strategies.iter().map(of).fold(0.0, f64::max)
        };
        let end = (1..=own.time.cycles / 2).map(|pair| 2 * pair).find(|&k| everyone(k) <= LEFT);
        if let Some(end) = end {
            return Ok(own.with_horizon(end));
        }
        let in_states = counts.strategies.iter().enumerate().flat_map(|(strategy, counted)| {
            let at_end = |&state: &usize| counted.occupancy[state][own.time.cycles];
            lasting.iter().map(move |state| Left { years, strategy, state: *state, share: at_end(state) })
        });
        left = in_states.reduce(|most, own| if own.share > most.share { own } else { most });
    }
    Err(left.expect("a model has a strategy, and patients who are left are in a state"))
}
