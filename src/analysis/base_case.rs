//! Base-case analysis: runs every strategy at base values on the exact engine, the microsimulation, or both.

use super::agreement::{self, Agreement};
use super::curves::{Solution, Source};
use super::landmarks::grid_point;
use super::outcomes::change_of_totals;
use super::precision::{self, Precision};
use arcosim_core::engine::cohort;
use arcosim_core::engine::counts::Counts;
use arcosim_core::engine::microsim::{Settings, Watch};
use arcosim_core::model::population;
use arcosim_core::model::{Model, Tables};

/// Engines of a base-case run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The exact cohort engine.
    Cohort,
    /// The microsimulation of individual patients.
    Microsim,
    /// Both engines, compared with each other.
    Both,
}

impl Engine {
    /// Looks up an engine by the name used in scenario files and on the command line; `None` if the name is unknown.
    pub fn named(name: &str) -> Option<Engine> {
        [Engine::Cohort, Engine::Microsim, Engine::Both].into_iter().find(|e| e.name() == name)
    }

    /// Name of the engine in scenario files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Cohort => "cohort",
            Engine::Microsim => "microsim",
            Engine::Both => "both",
        }
    }

    /// Whether the exact engine runs.
    pub fn exact(self) -> bool {
        self != Engine::Microsim
    }

    /// Whether the microsimulation runs.
    pub fn simulates(self) -> bool {
        self != Engine::Cohort
    }
}

/// Settings of a base-case run.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Engines to run.
    pub engine: Engine,
    /// Patients per strategy in the microsimulation.
    pub patients: u64,
    /// Seed of the microsimulation.
    pub seed: u64,
    /// Landmark years, at which the headline numbers of the two engines are compared.
    pub landmarks: Vec<f64>,
    /// Cost and effect of the decision: the covariance of their increments gives the standard error of net benefit.
    pub cost_and_effect: Option<(usize, usize)>,
    /// Precision to reach: patients are added until all conditions hold, up to `patients`.
    pub until: Vec<Precision>,
}

impl Options {
    /// Options without a decision, for a fixed number of patients.
    pub fn new(engine: Engine, patients: u64, seed: u64, landmarks: Vec<f64>) -> Options {
        Options { engine, patients, seed, landmarks, cost_and_effect: None, until: Vec::new() }
    }
}

/// Results of a base-case run.
#[derive(Clone, Debug)]
pub struct Results {
    /// Result of the exact engine; `None` unless it ran.
    pub exact: Option<Exact>,
    /// Result of the microsimulation; `None` unless patients were simulated.
    pub simulated: Option<Solution>,
    /// Comparison of both engines; `None` unless both ran.
    pub agreement: Option<Agreement>,
}

/// Result of the exact engine with its numerical integration error.
#[derive(Clone, Debug)]
pub struct Exact {
    /// Counts (as shares of patients), curves and totals.
    pub solution: Solution,
    /// Largest change of any occupancy, cumulative incidence, survival or outcome total (relative to its size) when the
    /// number of quadrature nodes per panel is doubled.
    pub integration_error: f64,
}

impl Results {
    /// Results of the engines that ran, the exact engine first.
    pub fn solutions(&self) -> impl Iterator<Item = (Source, &Solution)> {
        let exact = self.exact.iter().map(|e| (Source::Exact, &e.solution));
        exact.chain(self.simulated.iter().map(|s| (Source::Microsimulation, s)))
    }

    /// Number of patients simulated under each strategy; `None` if none were.
    pub fn patients(&self) -> Option<u64> {
        self.simulated.as_ref().map(|simulated| simulated.counts.patients as u64)
    }

    /// Result to report if only one engine is shown: the exact result if available, otherwise the simulated result.
    pub fn main(&self) -> Option<(Source, &Solution)> {
        self.solutions().next()
    }
}

/// Runs the base case; `None` if interrupted.
pub fn run(model: &Model, options: &Options, watch: &Watch) -> Option<Results> {
    let parameters = model.base_values();
    let tables = Tables::new(model, &parameters);
    let exact = match options.engine.exact() {
        true => Some(exact(&tables, &parameters, watch)?),
        false => None,
    };
    let simulated = match options.engine.simulates() {
        true => Some(precision::simulate(&tables, &settings(options), &options.until, watch)?),
        false => None,
    };
    let agreement = exact.as_ref().zip(simulated.as_ref()).map(|(exact, simulated)| {
        let landmarks: Vec<usize> = options.landmarks.iter().map(|&y| grid_point(&model.time, y)).collect();
        let mut agreement = agreement::compare(
            model,
            &exact.solution.counts,
            &simulated.counts,
            &landmarks,
            exact.integration_error,
        );
        let patients = simulated.counts.patients;
        agreement.compare_totals(model, &exact.solution.totals, &simulated.totals, patients);
        agreement
    });
    Some(Results {
        exact,
        simulated: simulated.map(|s| Solution::new(s.counts, s.totals, &model.time)),
        agreement,
    })
}

fn settings(options: &Options) -> Settings {
    Settings { together: options.cost_and_effect, ..Settings::new(options.patients, options.seed) }
}

/// Runs the exact engine with two quadrature nodes per panel. A second run with one node per panel serves to estimate
/// the integration error.
fn exact(tables: &Tables, parameters: &[f64], watch: &Watch) -> Option<Exact> {
    let model = tables.model;
    let stopped = || watch.stopped();
    let solve = |order| {
        let nodes = population::population_nodes(model, parameters, order);
        let counts = cohort::run_unless(tables, &nodes, &stopped)?;
        // The spread between patients is computed on the same nodes, unless the model has no outcomes. The run with one
        // node per panel does not need the spread.
        let spread = match model.outcomes.is_empty() || order == 1 {
            true => Vec::new(),
            false => cohort::spread(tables, &nodes, &stopped),
        };
        let mut totals = cohort::totals(model, &counts.strategies, &spread);
        if order == 2 {
            let increments = cohort::spread_of_increments(tables, &nodes, &stopped);
            for (own, moments) in totals.strategies.iter_mut().zip(increments) {
                let each = own.increments.iter_mut().zip(moments.iter().flatten());
                each.for_each(|(increment, moments)| increment.sd = Some(moments.sd()));
            }
        }
        Some(Solution::new(counts, totals, &model.time))
    };
    let (coarse, solution) = rayon::join(|| solve(1), || solve(2));
    let (coarse, solution) = (coarse?, solution?);
    let counted = change_of_counts(&coarse.counts, &solution.counts);
    let gathered = change_of_totals(&coarse.totals, &solution.totals);
    let estimated = change_of_survival(&coarse, &solution);
    let integration_error = counted.max(estimated).max(gathered).max(solution.counts.cycle_error);
    Some(Exact { solution, integration_error })
}

fn change_of_counts(a: &Counts, b: &Counts) -> f64 {
    let mut most: f64 = 0.0;
    for (a, b) in a.strategies.iter().zip(&b.strategies) {
        for (a, b) in a.occupancy.iter().flatten().zip(b.occupancy.iter().flatten()) {
            most = most.max((a - b).abs());
        }
        for (a, b) in a.endpoints.iter().zip(&b.endpoints) {
            for (a, b) in [(&a.events, &b.events), (&a.competing, &b.competing)] {
                let mut sum = 0.0;
                for (a, b) in a.iter().zip(b) {
                    sum += a - b;
                    most = most.max(sum.abs());
                }
            }
        }
    }
    most
}

/// Share of entrants still at risk below which survival is not compared, because so few patients are of no interest to
/// a reader.
const LOOKED_AT: f64 = 1e-3;

fn change_of_survival(a: &Solution, b: &Solution) -> f64 {
    let curves = a.curves.iter().flatten().zip(b.curves.iter().flatten());
    let mut most: f64 = 0.0;
    for (a, b) in curves.filter_map(|(a, b)| a.as_ref().zip(b.as_ref())) {
        let enough = LOOKED_AT * b.table.initial();
        let pairs = a.survival.estimates.iter().zip(&b.survival.estimates);
        for ((a, b), _) in pairs.zip(&b.table.at_risk).filter(|(_, n)| **n >= enough) {
            most = most.max((a.survival - b.survival).abs());
        }
    }
    most
}
