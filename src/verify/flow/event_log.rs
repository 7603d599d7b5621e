//! Event logs of simulated patients, and the course of states that follows from each log.

use crate::prelude::*;
use arcosim_core::engine::microsim;
use arcosim_core::engine::microsim::{History, Move, Settings, Simulated};
use arcosim_core::model::Tables;

/// Number of patients whose event logs are kept.
pub fn patients(evidence: &Evidence) -> u64 {
    if evidence.quick { 60 } else { 300 }
}

pub fn lives(evidence: &Evidence, tables: &Tables) -> (Vec<History>, Option<Simulated>) {
    let patients = patients(evidence);
    let settings = Settings::new(patients, evidence.seed);
    let histories = microsim::histories(tables, &settings, patients);
    let simulated = microsim::run(tables, &settings, &evidence.watch());
    (histories, simulated)
}

/// Course of one patient on the grid of cycles, from the event log.
pub struct LoggedLife {
    /// State at each point in time.
    pub states: Vec<usize>,
    /// Edge and cycle of every event.
    pub fired: Vec<(usize, usize)>,
    /// Whether every event leaves the state that the patient is in, in order of time and, unless time is continuous, with at most one
    /// event per cycle.
    pub orderly: bool,
}

impl LoggedLife {
    pub fn of(history: &History, evidence: &Evidence, points: usize) -> LoggedLife {
        let mut path = LoggedLife { states: Vec::with_capacity(points), fired: Vec::new(), orderly: true };
        let (mut state, mut last) = (0, 0);
        for one in &history.moves {
            match *one {
                Move::Start { to, .. } => state = to,
                Move::Fired { edge, cycle, .. } => {
                    let way = &evidence.paths.edges[edge];
                    let later = if evidence.model.time.continuous() { cycle >= last } else { cycle > last };
                    path.orderly &= way.from == state && later && cycle > 0 && cycle < points;
                    path.states.resize(cycle.max(path.states.len()), state);
                    path.fired.push((edge, cycle));
                    (state, last) = (way.to, cycle);
                }
            }
        }
        path.states.resize(points, state);
        path
    }
}
