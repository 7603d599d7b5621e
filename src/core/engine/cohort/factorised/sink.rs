//! States without exits in the factorised recursion. Background mortality leads to such states and does not act in them.

use super::lines;
use crate::engine::cohort::layout::{ArmLayout, CommonReward};
use crate::model::{Model, Tables};

/// A state without exits under one arm.
pub struct Sink {
    /// Index of the layout of the arm.
    pub layout: usize,
    pub state: usize,
    /// Lines paid in the state.
    pub lines: Vec<CommonReward>,
    /// `[(outcome, k)]`: rewards from grid point `k` onwards per patient in the state; empty without lines.
    future: Vec<f64>,
    points: usize,
}

impl Sink {
    pub fn new(position: usize, state: usize, layout: &ArmLayout, model: &Model) -> Sink {
        let lines = lines::at(layout, model, lines::in_state(state));
        Sink { layout: position, state, lines, future: Vec::new(), points: model.time.cycles + 1 }
    }

    /// Evaluates the rewards at the current parameter values.
    pub fn set(&mut self, tables: &Tables, arm: usize) {
        lines::amounts(tables, arm, &self.lines, &mut self.future);
        for future in self.future.chunks_exact_mut(self.points) {
            for k in (0..future.len() - 1).rev() {
                future[k] += future[k + 1];
            }
        }
    }

    /// Adds to `into` (one number per outcome) the rewards of `patients` from grid point `k` onwards.
    pub fn add(&self, k: usize, patients: f64, into: &mut [f64]) {
        let each = self.future.chunks_exact(self.points).zip(into);
        each.filter(|_| patients != 0.0).for_each(|(future, into)| *into += patients * future[k]);
    }

    /// `[(outcome, k)]`: rewards from grid point `k` onwards per patient; empty if there are none.
    pub fn future(&self) -> &[f64] {
        &self.future
    }
}
