//! The totals of all strategies for one vector of parameter values after another, on the exact engine: what uncertainty
//! and sensitivity analyses ask for thousands of times.

use arcosim_core::engine::cohort::{Cohort, Detail};
use arcosim_core::model::population;
use arcosim_core::model::quadrature::Node;
use arcosim_core::model::{Model, Tables};

/// How continuous attributes are integrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integration {
    /// So many Gauss nodes in each smooth panel, as in the base case: accurate, and slow where ages meet life tables.
    Panels(usize),
    /// So many Gauss nodes on the whole density.
    Nodes(usize),
}

impl Integration {
    /// That of the base case of a run, and with it of every deterministic answer at base values.
    pub const RUN: Integration = Integration::Panels(2);

    /// Nodes of all attributes at these values of the parameters.
    pub fn nodes(self, model: &Model, values: &[f64]) -> Vec<Vec<Node>> {
        match self {
            Integration::Panels(order) => population::population_nodes(model, values, order),
            Integration::Nodes(number) => population::few_nodes(model, values, number),
        }
    }
}

/// A model made ready to be evaluated again and again by one thread.
pub struct Evaluator<'m> {
    model: &'m Model,
    integration: Integration,
    /// For the last values; made when the first come.
    tables: Option<Tables<'m>>,
    cohort: Option<Cohort>,
}

impl<'m> Evaluator<'m> {
    /// Prepares a model.
    pub fn new(model: &'m Model, integration: Integration) -> Evaluator<'m> {
        Evaluator { model, integration, tables: None, cohort: None }
    }

    /// Expected totals `[strategy][outcome]` per patient by the horizon, discounted as each outcome says.
    pub fn totals(&mut self, values: &[f64]) -> Vec<Vec<f64>> {
        self.set(values);
        self.run(values)
    }

    /// Whether every strategy runs beside a background, which takes milliseconds where the whole recursion takes a
    /// hundred; known once totals have been asked for.
    pub fn takes_short_cuts(&self) -> bool {
        let strategies = self.model.strategies.len();
        self.cohort.as_ref().is_some_and(|cohort| cohort.factorised() == strategies)
    }

    /// Evaluates the hazards for other values of the parameters.
    pub fn set(&mut self, values: &[f64]) -> &Tables<'m> {
        if let Some(tables) = &mut self.tables {
            tables.set(values);
        }
        self.tables.get_or_insert_with(|| Tables::new(self.model, values))
    }

    /// The totals at the values that were set last.
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
