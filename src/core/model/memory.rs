//! Estimate of the memory that a model needs, made before any memory is allocated.
//!
//! All sizes are in bytes, as floating-point numbers, because the size of a model that is too large to run may
//! overflow an integer.

use super::hazard::{Reads, factor, reads};
use super::table::is_own;
use super::{Correction, Model, categories};

/// Default memory limit of a run: 16 GB.
pub const MOST_MEMORY: f64 = 16e9;

/// Size in bytes of one number in a table.
const NUMBER: f64 = 8.0;

/// Memory that is needed, separated by purpose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Need {
    /// Parts of the memory: number of bytes, and purpose.
    pub parts: Vec<(f64, String)>,
}

impl Need {
    /// Sum of all parts, in bytes.
    pub fn bytes(&self) -> f64 {
        self.parts.iter().map(|(bytes, _)| bytes).sum()
    }

    /// The largest part: number of bytes, and purpose.
    pub fn largest(&self) -> Option<&(f64, String)> {
        self.parts.iter().max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Adds a part of `bytes` bytes with the purpose `what`.
    pub fn add(&mut self, bytes: f64, what: impl Into<String>) {
        self.parts.push((bytes, what.into()));
    }
}

/// Dimensions of a model that determine its memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Number of strategies.
    pub strategies: f64,
    /// Number of states.
    pub states: f64,
    /// Number of ways from one state to another: branches of transitions, counted in each state that a transition
    /// leaves.
    pub ways: f64,
    /// Number of places at which rewards are paid: states, transitions and the start, counted for each reward.
    pub places: f64,
    /// Number of endpoints.
    pub endpoints: f64,
    /// Number of points of the grid of cycles.
    pub points: f64,
}

impl Size {
    /// Dimensions of `model`.
    pub fn of(model: &Model) -> Size {
        let transitions = model.transitions.iter();
        let ways = transitions.map(|t| t.from.len() as f64 * t.branches.len() as f64).sum();
        let places = model.rewards.iter().map(|reward| {
            // A life-table correction reads the clocks at both ends of a cycle.
            let life_table =
                matches!(model.outcomes[reward.outcome(model)].correction, Correction::LifeTable);
            let twice = life_table && reward.when.accrues();
            reward.when.most_places(&model.transitions) * if twice { 2.0 } else { 1.0 }
        });
        Size {
            strategies: model.strategies.len() as f64,
            states: model.states.len() as f64,
            ways,
            // Adding 0.0 changes the sum of an empty list, which is -0.0, to 0.0.
            places: places.sum::<f64>() + 0.0,
            endpoints: model.endpoints.len() as f64,
            points: model.time.cycles as f64 + 1.0,
        }
    }

    /// Bytes of the results of one strategy: at each grid point, one number for each state, way and place, and
    /// three numbers for each endpoint.
    pub fn counts(&self) -> f64 {
        NUMBER * self.points * (self.states + self.ways + self.places + 3.0 * self.endpoints)
    }

    /// The dimensions as text, for messages.
    pub fn words(&self) -> String {
        let part = |n: f64, one: &str, many: &str| {
            format!("{} {}", crate::words::grouped(n as u64), if n == 1.0 { one } else { many })
        };
        format!(
            "{}, {}, {}, {}, {} and {}",
            part(self.strategies, "strategy", "strategies"),
            part(self.states, "state", "states"),
            part(self.ways, "transition between states", "transitions between states"),
            part(self.places, "amount of a reward", "amounts of rewards"),
            part(self.endpoints, "endpoint", "endpoints"),
            part(self.points, "point in time", "points in time"),
        )
    }
}

/// Bytes of the hazard tables that engines look up: one table per transition, and one more for each strategy that
/// changes the transition. A table contains a number for each class of patients and, where a clock is read, for
/// each cycle.
pub fn tables(model: &Model) -> f64 {
    let mut bytes = 0.0;
    for (t, transition) in model.transitions.iter().enumerate() {
        let from = transition.from.len() as f64;
        let of = |strategy: usize| {
            let rest = factor(model, strategy, t).rest;
            let classes = rest.categorical.iter().map(|&a| categories(model, a) as f64);
            let cycles = if rest.clocks() > 0 { model.time.cycles as f64 } else { 1.0 };
            let by_state = if rest.state { from } else { 1.0 };
            // The factor 6 covers values, baseline hazards and the running sums of the microsimulation. A table
            // that is evaluated anew in each cycle stores no values, but the form of the table is not known yet.
            600.0 * by_state + classes.product::<f64>() * by_state * cycles * 6.0 * NUMBER
        };
        let own = (0..model.strategies.len()).filter(|&s| is_own(model, s, t));
        bytes += of(0) + own.map(of).sum::<f64>();
        // Memory of the index from each state of each strategy to its hazard table.
        bytes += 24.0 * from * model.strategies.len() as f64;
    }
    bytes + 100.0 * (model.states.len() * model.strategies.len()) as f64
}

/// Bytes of the patients for whom each row is checked before a run: all combinations of the categories that the
/// row reads, at three values of each number that differs between patients.
fn checked(model: &Model) -> f64 {
    let mut read = vec![Reads::default(); model.states.len()];
    for (t, transition) in model.transitions.iter().enumerate() {
        let own = reads(model, 0, t);
        transition.from.iter().for_each(|&state| read[state].merge(&own));
    }
    let kinds = |a: usize| model.attributes[a].most_probes() as f64;
    let of_row = |reads: &Reads| reads.attributes().into_iter().map(kinds).product::<f64>();
    let each = 40.0 + NUMBER * model.attributes.len() as f64;
    read.iter().map(of_row).fold(0.0, f64::max) * each
}

/// Smallest amount of memory that any run of a model needs.
pub fn least(model: &Model) -> Need {
    let size = Size::of(model);
    let mut need = Need::default();
    need.add(size.strategies * size.counts(), format!("the results: {}", size.words()));
    need.add(
        tables(model),
        format!("the hazards in each of {} cycles, for each strategy that changes them", model.time.cycles),
    );
    let kinds = model.attributes.len();
    need.add(
        checked(model),
        format!("the combinations of values that {kinds} attributes of patients can have"),
    );
    need
}

/// Number of bytes as text in gigabytes.
pub fn gigabytes(bytes: f64) -> String {
    match bytes / 1e9 {
        n if n < 10.0 => format!("{n:.1} GB"),
        n => format!("{n:.0} GB"),
    }
}
