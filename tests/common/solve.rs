//! Calls of the engines at base values, in one place in case their interface changes.

use arcosim::analysis::base_case::{self, Engine, Exact, Options};
use arcosim::analysis::landmarks::grid_point;
use arcosim::engine::Totals;
use arcosim::engine::cohort;
use arcosim::engine::counts::Counts;
use arcosim::engine::microsim::{self, Move, Settings, Simulated, Watch};
use arcosim::model::population;
use arcosim::model::quadrature::Node;
use arcosim::model::{Hazard, Model, Situation, Tables};
use arcosim::scenario::Scenario;

/// The base values.
pub fn values(model: &Model) -> Vec<f64> {
    model.parameters.iter().map(|p| p.base).collect()
}

/// Values and shares of every attribute, `order` Gauss nodes in each panel of a continuous one.
pub fn nodes(model: &Model, order: usize) -> Vec<Vec<Node>> {
    population::population_nodes(model, &values(model), order)
}

/// The exact answer for a population that lives at these nodes.
pub fn at_nodes(model: &Model, nodes: &[Vec<Node>]) -> Counts {
    cohort::run(&Tables::new(model, &values(model)), nodes)
}

/// The exact answer as a run reports it, with its integration error.
pub fn exact(scenario: &Scenario) -> Exact {
    let options = Options::new(Engine::Cohort, 1, 0, Vec::new());
    let results = base_case::run(&scenario.model, &options, &Watch::default());
    results.and_then(|r| r.exact).expect("nobody stops it")
}

/// What patients gather who live at these nodes.
pub fn totals_at_nodes(model: &Model, nodes: &[Vec<Node>]) -> Totals {
    let tables = Tables::new(model, &values(model));
    let spread = cohort::spread(&tables, nodes, &|| false);
    cohort::totals(model, &at_nodes(model, nodes).strategies, &spread)
}

/// Simulated patients.
pub fn simulated(model: &Model, settings: &Settings) -> Counts {
    simulation(model, settings).counts
}

/// Simulated patients and what they gather.
pub fn simulation(model: &Model, settings: &Settings) -> Simulated {
    let tables = Tables::new(model, &values(model));
    let simulated = microsim::run(&tables, settings, &Watch::default());
    simulated.expect("nobody stops it")
}

/// The grid points of the scenario's landmarks.
pub fn landmarks(scenario: &Scenario) -> Vec<usize> {
    let time = &scenario.model.time;
    let years = scenario.figures.landmarks.iter();
    years.map(|&y| grid_point(time, y)).collect()
}

/// The cumulative hazard of the first transition at `years`, if it is a time distribution.
pub fn cumulative_hazard(model: &Model, years: f64) -> f64 {
    let Hazard::Distribution { time, .. } = &model.transitions[0].hazard else {
        panic!("not a time distribution");
    };
    let parameters = values(model);
    let situation = Situation {
        parameters: &parameters,
        attributes: &[],
        state: 0,
        cycle: 0,
        residence: &[],
        cycles_per_year: model.time.cycles_per_year,
        part: 0.0,
    };
    time.evaluate(&situation).cumulative_hazard(years)
}

/// What happened to one patient under one strategy, in plain words.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    pub patient: u64,
    pub strategy: usize,
    pub attributes: Vec<f64>,
    /// State of presentation, and the one after the procedure at the start.
    pub presents: usize,
    pub begins: usize,
    pub procedure: Option<usize>,
    pub events: Vec<Event>,
}

/// One firing; `edge` is its place in `StrategyCounts::moves`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    pub cycle: usize,
    pub edge: usize,
    pub transition: usize,
    pub from: usize,
    pub to: usize,
}

/// The lives of the first `patients` simulated patients, by patient and strategy.
pub fn lives(model: &Model, settings: &Settings, patients: u64) -> Vec<Life> {
    let paths = model.paths();
    let tables = Tables::new(model, &values(model));
    let histories = microsim::histories(&tables, settings, patients);
    histories
        .into_iter()
        .map(|history| {
            let Some(&Move::Start { from, to, arm, branch }) = history.moves.first() else {
                panic!("a history begins with the start: {history:?}");
            };
            let event = |m: &Move| match *m {
                Move::Start { .. } => panic!("nobody starts twice: {history:?}"),
                Move::Fired { edge, cycle, .. } => Event {
                    cycle,
                    edge,
                    transition: paths.edges[edge].transition,
                    from: paths.edges[edge].from,
                    to: paths.edges[edge].to,
                },
            };
            Life {
                patient: history.patient,
                strategy: history.strategy,
                presents: from,
                begins: to,
                procedure: branch.filter(|_| arm == history.strategy),
                events: history.moves[1..].iter().map(event).collect(),
                attributes: history.attributes,
            }
        })
        .collect()
}
