//! Evaluates a model on the exact engine at many sets of parameter values, reusing its tables: the inner loop of
//! probabilistic and deterministic sensitivity analysis.

use arcosim_core::engine::cohort::{Cohort, Detail};
use arcosim_core::engine::counts::Counts;
use arcosim_core::model::population;
use arcosim_core::model::quadrature::Node;
use arcosim_core::model::subpopulation::parts;
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
    /// The cohort that also counts occupancy, moves and endpoints.
    counting: Option<Cohort>,
    /// For each part of the population in turn: the numbers of values of its attributes, and its cohort.
    parts: Vec<(Vec<usize>, Cohort)>,
}

/// Totals of the patients of one subgroup, or of a part of them.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupTotals {
    /// Index of the subgroup in each division of its set.
    pub groups: Vec<usize>,
    /// Share of all patients.
    pub share: f64,
    /// Expected totals per patient of the subgroup, `[strategy][outcome]`.
    pub totals: Vec<Vec<f64>>,
}

impl<'m> Evaluator<'m> {
    /// Creates an evaluator for a model, without computing anything yet.
    pub fn new(model: &'m Model, integration: Integration) -> Evaluator<'m> {
        Evaluator { model, integration, tables: None, cohort: None, counting: None, parts: Vec::new() }
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
        let cohort = self.cohort.get_or_insert_with(|| of_all(tables, &nodes, Detail::Totals));
        cohort.totals(tables, &nodes)
    }

    /// Expected counts of all patients at the parameter values passed to the last call of [`Evaluator::set`]: occupancy, moves,
    /// endpoints and rewards.
    pub fn counts(&mut self, values: &[f64]) -> Counts {
        let model = self.model;
        let nodes = self.integration.nodes(model, values);
        let tables = self.tables.get_or_insert_with(|| Tables::new(model, values));
        let cohort = self.counting.get_or_insert_with(|| of_all(tables, &nodes, Detail::Everything));
        Counts { patients: 1.0, cycle_error: 0.0, strategies: cohort.run(tables, &nodes).to_vec() }
    }

    /// Expected totals of every subgroup of `sets` (sets of divisions) at the parameter values passed to the last call of
    /// [`Evaluator::set`]; subgroups without patients are left out.
    pub fn run_subgroups(&mut self, values: &[f64], sets: &[Vec<usize>]) -> Vec<Vec<GroupTotals>> {
        let model = self.model;
        let nodes = self.integration.nodes(model, values);
        let tables = self.tables.get_or_insert_with(|| Tables::new(model, values));
        let start = tables.start.clone();
        let strategies: Vec<usize> = (0..model.strategies.len()).collect();
        // Where the cohort of all patients gives the totals of a part too, no other cohort is needed.
        let whole = self.cohort.get_or_insert_with(|| of_all(tables, &nodes, Detail::Totals));
        let shared = whole.factorised() == strategies.len();
        if shared {
            whole.totals(tables, &nodes);
        }
        let cohorts = &mut self.parts;
        let mut used = 0;
        let mut of_set = |set: &Vec<usize>| {
            let mut all: Vec<GroupTotals> = Vec::new();
            for part in parts(model, values, &nodes, &start, set) {
                let sizes: Vec<usize> = part.nodes.iter().map(Vec::len).collect();
                let totals = tables.starting_in(&part.start, |tables| {
                    if shared && let Some(totals) = whole.totals_of_part(tables, &part.among(&nodes), &nodes)
                    {
                        return totals;
                    }
                    // A cohort fits a part with the same numbers of values; limits of a subgroup may move with the parameters.
                    if cohorts.get(used).is_none_or(|(known, _)| *known != sizes) {
                        cohorts.truncate(used);
                        let new = Cohort::new(tables, &part.nodes, &strategies, Detail::Totals);
                        cohorts.push((sizes, new));
                    }
                    used += 1;
                    cohorts[used - 1].1.totals(tables, &part.nodes)
                });
                match all.iter_mut().find(|group| group.groups == part.groups) {
                    Some(group) => group.add(part.share, &totals),
                    None => all.push(GroupTotals { groups: part.groups, share: part.share, totals }),
                }
            }
            all
        };
        sets.iter().map(&mut of_set).collect()
    }
}

/// A cohort of all patients under every strategy.
fn of_all(tables: &Tables, nodes: &[Vec<Node>], detail: Detail) -> Cohort {
    let strategies: Vec<usize> = (0..tables.model.strategies.len()).collect();
    Cohort::new(tables, nodes, &strategies, detail)
}

impl GroupTotals {
    /// Adds patients who make up `share` of all patients.
    pub(crate) fn add(&mut self, share: f64, totals: &[Vec<f64>]) {
        let weight = share / (self.share + share);
        self.share += share;
        for (own, more) in self.totals.iter_mut().flatten().zip(totals.iter().flatten()) {
            *own += weight * (more - *own);
        }
    }
}
