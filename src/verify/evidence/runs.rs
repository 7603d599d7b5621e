//! Runs of the scenario's model and of altered copies of the model.

use super::shared::{Evidence, Totals};
use arcosim_analysis::evaluation::Evaluator;
use arcosim_analysis::sensitivity::finite;
use arcosim_core::engine::cohort;
use arcosim_core::engine::counts::{Counts, StrategyCounts};
use arcosim_core::engine::microsim::{self, Settings, Simulated, Watch};
use arcosim_core::model::{Model, Tables, impossible};

/// Number of simulated patients in a full verification.
const PATIENTS: u64 = 20_000;
/// Number of simulated patients in a quick verification.
const FEW_PATIENTS: u64 = 4_000;

impl<'a> Evidence<'a> {
    /// Number of patients that a check of the microsimulation simulates.
    pub fn patients(&self) -> u64 {
        if self.quick { FEW_PATIENTS } else { PATIENTS }
    }

    /// Simulates patients as for [`Evidence::sample`], but with another seed; `None` if the user stopped the
    /// verification.
    pub fn sample_of(&self, seed: u64, patients: u64) -> Option<Simulated> {
        let tables = Tables::new(self.model, &self.base);
        let mut settings = Settings::new(patients, seed);
        settings.nodes = Some(self.integration.nodes(self.model, &self.base));
        microsim::run(&tables, &settings, &self.watch())
    }

    /// Simulates patients of a model with the seed of the scenario; `None` if the user stopped the verification.
    pub fn simulate(&self, model: &Model, values: &[f64], patients: u64) -> Option<Simulated> {
        let tables = Tables::new(model, values);
        microsim::run(&tables, &Settings::new(patients, self.seed), &self.watch())
    }

    /// Stops a simulation when the user stops the verification.
    pub fn watch(&self) -> Watch<'a> {
        Watch { stop: Some(self.stop()), ..Watch::default() }
    }

    /// All expected counts of a model from the exact engine. The model may be an altered copy of the scenario's model.
    pub fn solve(&self, model: &Model, values: &[f64]) -> Counts {
        let tables = Tables::new(model, values);
        cohort::run(&tables, &self.integration.nodes(model, values))
    }

    /// Expected totals at the base values.
    pub fn totals(&self) -> Totals {
        totals_of(self.model, self.counts())
    }

    /// Expected totals of an altered model, or at other parameter values. Faster than [`Evidence::solve`] if only
    /// totals are needed.
    pub fn totals_of(&self, model: &Model, values: &[f64]) -> Totals {
        Evaluator::new(model, self.integration).totals(values)
    }

    /// Evaluator of the scenario's model for a series of parameter values.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self.model, self.integration)
    }

    /// Totals at these parameter values, or the reason why the model cannot be run with the values.
    pub fn evaluate(&self, evaluator: &mut Evaluator, values: &[f64]) -> Result<Totals, String> {
        match impossible(self.model, values) {
            Some(why) => Err(why),
            None => finite(evaluator.totals(values)),
        }
    }

    /// Years that patients spend in `states` under each strategy, weighted and discounted as outcome `like`: the total
    /// of an amount of 1 per year in these states.
    pub fn years(&self, counts: &Counts, states: &[usize], like: usize, values: &[f64]) -> Vec<f64> {
        let tables = Tables::new(self.model, values);
        let weights = &tables.weights[like].both;
        let own = |strategy: &StrategyCounts| {
            let of_state = |&s: &usize| -> f64 {
                let points = strategy.occupancy[s].iter().zip(weights);
                points.map(|(n, w)| n * w).sum()
            };
            states.iter().map(of_state).sum::<f64>() / counts.patients
        };
        counts.strategies.iter().map(own).collect()
    }

    /// Years that a patient lives under a strategy up to the time horizon, from the counts of the model or of an
    /// altered copy.
    pub fn years_alive(&self, counts: &Counts, strategy: usize) -> f64 {
        let living = self.living();
        let points = living.iter().flat_map(|&s| &counts.strategies[strategy].occupancy[s]);
        points.sum::<f64>() / counts.patients / self.model.time.cycles_per_year
    }
}

/// Totals `[strategy][outcome]` per patient, calculated from the counts of the exact engine.
pub fn totals_of(model: &Model, counts: &Counts) -> Totals {
    let each = counts.strategies.iter().map(|own| cohort::by_outcome(model, &own.components));
    each.map(|own| own.into_iter().map(|total| total / counts.patients).collect()).collect()
}
