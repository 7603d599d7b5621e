//! The scenario under verification: its model, what its numbers mean, and runs of it and of altered copies.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::reading::parameters_in;
use arcosim_analysis::evaluation::{Evaluator, Integration};
use arcosim_core::engine::cohort;
use arcosim_core::engine::counts::Counts;
use arcosim_core::engine::microsim::{self, Settings, Simulated, Watch};
use arcosim_core::model::paths::Paths;
use arcosim_core::model::{Model, Tables};
use arcosim_scenario::Scenario;
use arcosim_scenario::parameters::Kind;

/// Gauss nodes on each continuous attribute. Identities hold whatever their number, so that few will do.
const NODES: usize = 6;
/// The same for a quick look.
const FEW_NODES: usize = 2;

/// A scenario and what checks ask of it.
pub struct Subject<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its model.
    pub model: &'a Model,
    /// Base values of all parameters.
    pub base: Vec<f64>,
    /// Places of the model where things are counted.
    pub paths: &'a Paths,
    /// How continuous attributes are integrated in every run of a check.
    pub integration: Integration,
    /// Whether this is a quick look: fewer patients and draws.
    pub quick: bool,
    /// Seed of patients and draws: that of the scenario.
    pub seed: u64,
    /// What the checks of uncertainty share.
    pub uncertainty: super::uncertainty::Shared,
    counts: OnceLock<Counts>,
    sample: OnceLock<Option<Simulated>>,
    stop: &'a AtomicBool,
}

/// Patients of the microsimulation that several checks look at.
const PATIENTS: u64 = 20_000;
/// The same for a quick look.
const FEW_PATIENTS: u64 = 4_000;

/// Expected totals `[strategy][outcome]` per patient by the horizon.
pub type Totals = Vec<Vec<f64>>;

impl<'a> Subject<'a> {
    /// Prepares a scenario.
    pub fn new(scenario: &'a Scenario, quick: bool, stop: &'a AtomicBool) -> Subject<'a> {
        let model = &scenario.model;
        Subject {
            scenario,
            model,
            base: model.base_values(),
            paths: model.paths(),
            integration: Integration::Nodes(if quick { FEW_NODES } else { NODES }),
            quick,
            seed: scenario.run.seed,
            uncertainty: Default::default(),
            counts: OnceLock::new(),
            sample: OnceLock::new(),
            stop,
        }
    }

    /// Whether somebody wants the checks to end: what they return from then on is thrown away.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// What is set when somebody wants the checks to end.
    pub fn stop(&self) -> &AtomicBool {
        self.stop
    }

    /// Everything that the exact engine counts at the base values; run once.
    pub fn counts(&self) -> &Counts {
        self.counts.get_or_init(|| apart(|| self.solve(self.model, &self.base)))
    }

    /// As if the exact engine had counted this: an error that a test plants.
    #[cfg(test)]
    pub fn pretend(&mut self, counts: Counts) {
        self.counts = OnceLock::from(counts);
    }

    /// As if these patients had been simulated: an error that a test plants.
    #[cfg(test)]
    pub fn pretend_sample(&mut self, sample: Simulated) {
        self.sample = OnceLock::from(Some(sample));
    }

    /// How many patients a check of the microsimulation looks at.
    pub fn patients(&self) -> u64 {
        if self.quick { FEW_PATIENTS } else { PATIENTS }
    }

    /// Simulated patients whose ages are drawn from the nodes of the exact engine, so that chance alone tells both apart;
    /// run once. `None` if somebody wants the checks to end.
    pub fn sample(&self) -> Option<&Simulated> {
        self.sample.get_or_init(|| apart(|| self.sample_of(self.seed, self.patients()))).as_ref()
    }

    /// So many patients like those of [`Subject::sample`], with another seed.
    pub fn sample_of(&self, seed: u64, patients: u64) -> Option<Simulated> {
        let tables = Tables::new(self.model, &self.base);
        let mut settings = Settings::new(patients, seed);
        settings.nodes = Some(self.integration.nodes(self.model, &self.base));
        microsim::run(&tables, &settings, &self.watch())
    }

    /// Everything that the exact engine counts of a model, such as an altered copy of the scenario's.
    pub fn solve(&self, model: &Model, values: &[f64]) -> Counts {
        let tables = Tables::new(model, values);
        cohort::run(&tables, &self.integration.nodes(model, values))
    }

    /// Expected totals at the base values.
    pub fn totals(&self) -> Totals {
        totals_of(self.model, self.counts())
    }

    /// Expected totals of an altered copy of the model, or at other values; faster than [`Subject::solve`] where nothing
    /// else is asked for.
    pub fn totals_of(&self, model: &Model, values: &[f64]) -> Totals {
        Evaluator::new(model, self.integration).totals(values)
    }

    /// So many patients of a model, with the scenario's seed.
    pub fn simulate(&self, model: &Model, values: &[f64], patients: u64) -> Option<Simulated> {
        let tables = Tables::new(model, values);
        microsim::run(&tables, &Settings::new(patients, self.seed), &self.watch())
    }

    /// What ends a simulation when somebody wants the checks to end.
    pub fn watch(&self) -> Watch<'a> {
        Watch { progress: None, stop: Some(self.stop) }
    }

    /// The kind of a parameter.
    pub fn kind(&self, parameter: usize) -> Kind {
        self.scenario.parameters[parameter].kind
    }

    /// Indices of all parameters of a kind.
    pub fn of_kind(&self, kind: Kind) -> Vec<usize> {
        (0..self.base.len()).filter(|&p| self.kind(p) == kind).collect()
    }

    /// The base values, with those of some kinds replaced by a function of them.
    pub fn with_kinds(&self, kinds: &[Kind], value: impl Fn(f64) -> f64) -> Vec<f64> {
        let values = self.base.iter().enumerate();
        values.map(|(p, &x)| if kinds.contains(&self.kind(p)) { value(x) } else { x }).collect()
    }

    /// Index of the outcome that is paid: the decision's; where there is none, the only one to which parameters of kind
    /// cost add.
    pub fn cost(&self) -> Option<usize> {
        let decided = self.scenario.decision.as_ref().map(|d| d.cost);
        decided.or_else(|| self.only_outcome_reading(&[Kind::Cost]))
    }

    /// Index of the outcome that counts quality-adjusted life: the only one to which utilities add.
    pub fn qaly(&self) -> Option<usize> {
        self.only_outcome_reading(&[Kind::Utility, Kind::Disutility])
    }

    /// Index of the outcome that is gained: the decision's, or the one that counts quality-adjusted life.
    pub fn effect(&self) -> Option<usize> {
        let decided = self.scenario.decision.as_ref().map(|d| d.effect);
        decided.or_else(|| self.qaly())
    }

    fn only_outcome_reading(&self, kinds: &[Kind]) -> Option<usize> {
        let mut all = (0..self.model.outcomes.len()).filter(|&o| self.outcome_reads(o, kinds));
        let first = all.next();
        first.filter(|_| all.next().is_none())
    }

    /// Whether an amount that adds to an outcome reads a parameter of these kinds.
    pub fn outcome_reads(&self, outcome: usize, kinds: &[Kind]) -> bool {
        let own = self.model.rewards.iter().filter(|r| r.outcome(self.model) == outcome);
        let read = own.flat_map(|r| parameters_in(&r.amount, None));
        read.into_iter().any(|p| kinds.contains(&self.kind(p)))
    }

    /// Whether a state is one of the dead.
    pub fn is_dead(&self, state: usize) -> bool {
        self.scenario.verify.dead.contains(&state)
    }

    /// Whether a reward is given to the dead alone: what carers lose, or what is paid, after a death. Whoever writes it means it.
    pub fn only_of_the_dead(&self, reward: usize) -> bool {
        let when = &self.model.rewards[reward].when;
        when.accrues() && when.states().iter().all(|&s| self.is_dead(s))
    }

    /// States of the living.
    pub fn living(&self) -> Vec<usize> {
        (0..self.model.states.len()).filter(|&s| !self.is_dead(s)).collect()
    }

    /// Transitions of which every branch leads to the dead.
    pub fn only_deadly(&self) -> Vec<usize> {
        let only = |t: &usize| {
            let mut branches = self.model.transitions[*t].branches.iter();
            branches.all(|b| b.to.is_some_and(|to| self.is_dead(to)))
        };
        (0..self.model.transitions.len()).filter(only).collect()
    }

    /// Whether people die of anything but one disease: by a life table, or in more than one state of the living.
    pub fn of_any_cause(&self) -> bool {
        let deadly = self.only_deadly();
        let by_table = |t: &usize| {
            matches!(self.model.transitions[*t].hazard, arcosim_core::model::Hazard::LifeTable { .. })
        };
        let dies = |s: &usize| deadly.iter().any(|&t| self.model.transitions[t].from.contains(s));
        deadly.iter().any(by_table) || self.living().iter().filter(|s| dies(s)).count() > 1
    }

    /// Transitions that lead to the dead by one of their branches.
    pub fn deadly(&self) -> Vec<usize> {
        let leads = |t: &usize| {
            let mut branches = self.model.transitions[*t].branches.iter();
            branches.any(|b| b.to.is_some_and(|to| self.is_dead(to)))
        };
        (0..self.model.transitions.len()).filter(leads).collect()
    }

    /// Discounted-or-not years that those in `states` gather under each strategy, counted as outcome `like` is counted
    /// and discounted: what an amount of 1 a year in these states adds to it.
    pub fn years(&self, counts: &Counts, states: &[usize], like: usize, values: &[f64]) -> Vec<f64> {
        let tables = Tables::new(self.model, values);
        let weights = &tables.weights[like].both;
        let own = |strategy: &arcosim_core::engine::counts::StrategyCounts| {
            let of_state = |&s: &usize| -> f64 {
                let points = strategy.occupancy[s].iter().zip(weights);
                points.map(|(n, w)| n * w).sum()
            };
            states.iter().map(of_state).sum::<f64>() / counts.patients
        };
        counts.strategies.iter().map(own).collect()
    }
}

/// Totals by outcome from what the exact engine counted.
pub fn totals_of(model: &Model, counts: &Counts) -> Totals {
    let own = |strategy: &arcosim_core::engine::counts::StrategyCounts| {
        let mut outcomes = vec![0.0; model.outcomes.len()];
        for (component, mean) in model.components.iter().zip(&strategy.components) {
            outcomes[component.outcome] += mean / counts.patients;
        }
        outcomes
    };
    counts.strategies.iter().map(own).collect()
}

/// Does `work` on threads of its own. A thread that waited for its part of `work` among the others could be given another
/// check meanwhile, which may ask for what `work` is to find, and would wait for itself.
pub fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let threads = rayon::current_num_threads();
    std::thread::scope(|scope| {
        let own = scope.spawn(move || match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => pool.install(work),
            Err(_) => work(),
        });
        match own.join() {
            Ok(found) => found,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
