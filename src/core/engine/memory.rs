//! Memory that the engines need, estimated from the size of a model before the run allocates any. The estimates refer
//! to the peak of each engine and were compared with the peak of real runs (`tests/memory.rs`).

use super::cohort;
use super::microsim::BLOCK;
use crate::model::memory::{Need, Size, tables};
use crate::model::{Model, Tables};

/// Bytes of one number.
const NUMBER: f64 = 8.0;

/// Numbers that a curve keeps for each grid point: number at risk, events, estimates and variances.
const CURVE: f64 = 20.0;

/// Memory of the exact engine with this number of threads. The engine runs twice at the same time, with different
/// numbers of nodes, and for all strategies at once.
pub fn exact(tables: &Tables, threads: usize) -> Need {
    let model = tables.model;
    let size = Size::of(model);
    let mut need = Need::default();
    // A strategy keeps its own counts and the counts of its cohorts. A cohort exists for the strategy's own arm, for
    // each arm that ineligible patients follow instead, and again for each endpoint whose number at risk does not
    // follow from occupancy.
    let hidden = (0..model.endpoints.len()).filter(|&e| !model.paths().at_risk_by_state[e]).count();
    let cohorts: usize = (0..model.strategies.len()).map(|s| cohort::arms_of(model, s) * (1 + hidden)).sum();
    let counted = size.counts() * (size.strategies + cohorts as f64);
    let curves = size.strategies * size.endpoints * size.points * CURVE * NUMBER;
    need.add(2.0 * (counted + curves), format!("the exact results: {}", size.words()));
    let kept = cohort::patients_kept(tables);
    let (classes, strategies) = (kept.classes, size.strategies);
    need.add(
        2.0 * kept.bytes * cohorts as f64,
        format!(
            "patients told apart: up to {classes:.0} classes by attributes and time spent in groups of states, for \
             {strategies} strategies"
        ),
    );
    need.add(
        kept.spread * strategies.min(threads as f64),
        format!("the spread between patients in {} cycles", model.time.cycles),
    );
    need
}

/// Memory of the microsimulation with these numbers of patients and threads.
pub fn simulated(model: &Model, patients: u64, threads: usize) -> Need {
    let size = Size::of(model);
    let mut need = Need::default();
    let blocks = patients.div_ceil(BLOCK) as f64;
    // Each thread fills a set of 32-bit counts, and about as many finished sets wait to be merged, but there is never more than one set per block. One more set contains the merged counts.
    let waiting = (2.0 * threads as f64 + 1.0).min(blocks + 1.0);
    let events = 4.0 * (size.states * size.states + size.points * (size.ways + 3.0 * size.endpoints));
    let curves = size.endpoints * size.points * CURVE * NUMBER;
    need.add(
        size.strategies * (waiting * events + size.counts() + curves),
        format!("what {threads} threads count of patients: {}", size.words()),
    );
    // Running sums of rewards: for each strategy, state and grid point one number per component; for each move one
    // number.
    let rewarded =
        (0..model.states.len()).filter(|s| model.rewards.iter().any(|reward| reward.when.in_state(*s)));
    let stays = rewarded.count() as f64 * model.components.len() as f64;
    let moves: f64 = size.places.max(0.0);
    need.add(
        size.strategies * (NUMBER * size.points * (stays + moves) + 24.0 * size.ways),
        format!("what stays and moves are worth: {}", size.words()),
    );
    let outcomes = model.outcomes.len() as f64;
    let block = NUMBER * model.components.len() as f64 + 48.0 * outcomes;
    need.add(
        blocks * size.strategies * block,
        format!("totals of {patients} patients in blocks of {BLOCK}, for {} strategies", size.strategies),
    );
    need
}

/// Memory of a whole run: the tables of the model and the engines that are used.
pub fn run(all: &Tables, solves: bool, patients: Option<u64>, threads: usize) -> Need {
    let model = all.model;
    let mut need = Need::default();
    need.add(
        tables(model),
        format!("the hazards in each of {} cycles, for each strategy that changes them", model.time.cycles),
    );
    if solves {
        need.parts.extend(exact(all, threads).parts);
    }
    if let Some(patients) = patients {
        need.parts.extend(simulated(model, patients, threads).parts);
    }
    need
}
