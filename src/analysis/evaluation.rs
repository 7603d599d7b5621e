//! Evaluates a model on the exact engine at many sets of parameter values, reusing its tables: the inner loop of
//! probabilistic and deterministic sensitivity analysis.

use arcosim_core::engine::cohort::{Cohort, Detail};
use arcosim_core::model::population;
use arcosim_core::model::quadrature::Node;
use arcosim_core::model::{Model, Tables};

/// Numerical integration over continuous attributes such as age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integration {
    /// This many Gauss nodes in each smooth panel, as in the base case: accurate, but slow if death rates by age are
    /// read from life tables.
    Panels(usize),
    /// This many Gauss nodes over the whole density: fast, but less accurate.
    Nodes(usize),
}

impl Integration {
    /// Integration method of `arcosim run`, which every deterministic result at base values uses too.
    pub const RUN: Integration = Integration::Panels(2);

    /// Quadrature nodes of all attributes at these parameter values.
    pub fn nodes(self, model: &Model, values: &[f64]) -> Vec<Vec<Node>> {
        match self {
            Integration::Panels(order) => population::population_nodes(model, values, order),
            Integration::Nodes(number) => population::few_nodes(model, values, number),
        }
    }
}

/// A model prepared for repeated evaluation by one thread.
pub struct Evaluator<'m> {
    model: &'m Model,
    integration: Integration,
    /// Hazards at the parameter values that were set last; `None` before the first values are set.
    tables: Option<Tables<'m>>,
    cohort: Option<Cohort>,
}

impl<'m> Evaluator<'m> {
    /// Creates an evaluator for a model, without computing anything yet.
    pub fn new(model: &'m Model, integration: Integration) -> Evaluator<'m> {
        Evaluator { model, integration, tables: None, cohort: None }
    }

    /// Expected totals `[strategy][outcome]` per patient over the horizon, discounted as each outcome specifies.
    pub fn totals(&mut self, values: &[f64]) -> Vec<Vec<f64>> {
        self.set(values);
        self.run(values)
    }

    /// Whether every strategy uses the factorised recursion, which takes a few milliseconds instead of about 100 ms.
    /// The result is meaningful only after the first call of `totals`.
    pub fn takes_short_cuts(&self) -> bool {
        let strategies = self.model.strategies.len();
        self.cohort.as_ref().is_some_and(|cohort| cohort.factorised() == strategies)
    }

    /// Recomputes the hazards for other parameter values.
    pub fn set(&mut self, values: &[f64]) -> &Tables<'m> {
        if let Some(tables) = &mut self.tables {
            tables.set(values);
        }
        self.tables.get_or_insert_with(|| Tables::new(self.model, values))
    }

    /// Expected totals `[strategy][outcome]` at the parameter values passed to the last call of [`Evaluator::set`].
    pub fn run(&mut self, values: &[f64]) -> Vec<Vec<f64>> {
        let model = self.model;
        let nodes = self.integration.nodes(model, values);
        let tables = self.tables.get_or_insert_with(|| Tables::new(model, values));
        let cohort = self.cohort.get_or_insert_with(|| {
            let strategies: Vec<usize> = (0..model.strategies.len()).collect();
            Cohort::new(tables, &nodes, &strategies, Detail::Totals)
        });
        let gather = |components: &[f64]| {
            let mut outcomes = vec![0.0; model.outcomes.len()];
            for (component, mean) in model.components.iter().zip(components) {
                outcomes[component.outcome] += mean;
            }
            outcomes
        };
        let counts = cohort.run(tables, &nodes);
        counts.iter().map(|own| gather(&own.components)).collect()
    }
}
