//! Continuous time: patients move at any time, any number of times in a cycle.
//!
//! Within a cycle every cell of patients (a state, and the cycles of entry into the groups whose clocks are carried) has constant
//! hazards, and the cells form a Markov process with constant rates, which uniformisation solves exactly. Constant hazards
//! therefore have no error of the cycle length, however large they are. A hazard that changes within a cycle is replaced by the
//! constant one with the same share of patients who stay, if times of entry are uniform over the cycle of entry; the error is about
//! second order in the cycle length.

mod discounts;
mod extrapolation;
mod flow;
mod mean_hazards;
mod uniformisation;

pub use discounts::DiscountSteps;
pub use extrapolation::HalfCycles;
use extrapolation::{depends_on_cycle, extrapolate, half_tables, halved};
pub use flow::Flow;
pub use mean_hazards::MeanHazards;

use super::{Cohort, Detail, Stopped, by_outcome};
use crate::engine::counts::StrategyCounts;
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

impl Cohort {
    /// Prepares the same strategies with cycles of half the length, if time is continuous and the results depend on the cycle.
    pub(super) fn with_half_cycles(
        tables: &Tables,
        nodes: &[Vec<Node>],
        strategies: &[usize],
        detail: Detail,
    ) -> Option<Box<HalfCycles>> {
        if !tables.model.time.continuous() || !depends_on_cycle(tables.model) {
            return None;
        }
        let model = halved(tables.model);
        let cohort = Cohort::with(&half_tables(&model, tables), nodes, strategies, detail, false);
        Some(Box::new(HalfCycles { model, cohort, change: 0.0 }))
    }

    /// Extrapolates the counts of the last run to ever shorter cycles; `None` if `stopped` ended the run.
    pub(super) fn extrapolate(
        &mut self,
        tables: &Tables,
        nodes: &[Vec<Node>],
        stopped: Stopped,
    ) -> Option<()> {
        let Some(half) = &mut self.half else { return Some(()) };
        half.cohort.cycles(&half_tables(&half.model, tables), nodes, stopped)?;
        let pairs = self.counts.iter_mut().zip(&half.cohort.counts);
        half.change = pairs.map(|(own, half)| extrapolate(own, half)).fold(0.0, f64::max);
        let change = half.change;
        let change = change.max(self.change_of_totals(tables.model));
        self.half.as_mut().map(|half| half.change = change)
    }

    /// Largest change that extrapolation made to the total of an outcome, relative to its size.
    fn change_of_totals(&self, model: &Model) -> f64 {
        let Some(half) = &self.half else { return 0.0 };
        let of = |all: &[StrategyCounts]| -> Vec<Vec<f64>> {
            all.iter().map(|own| by_outcome(model, &own.components)).collect()
        };
        let (own, half) = (of(&self.counts), of(&half.cohort.counts));
        let change = |o: usize| {
            let size = own.iter().fold(0.0, |size: f64, totals| size.max(totals[o].abs()));
            let most = own.iter().zip(&half).fold(0.0, |most: f64, (a, b)| most.max((a[o] - b[o]).abs()));
            if size > 0.0 { most / size } else { 0.0 }
        };
        (0..model.outcomes.len()).map(change).fold(0.0, f64::max)
    }

    /// Estimated error of the cycle length in any occupancy or cumulative number of events of the last run.
    pub(super) fn cycle_error(&self) -> f64 {
        self.half.as_ref().map_or(0.0, |half| half.change)
    }
}
