//! Probabilistic sensitivity analysis (PSA): evaluates the model at many draws of its uncertain parameters.
//!
//! The exact engine has no Monte Carlo noise, so the spread of the results reflects parameter uncertainty only. With
//! the microsimulation, each draw simulates new patients; the variance that they add is estimated from the spread
//! within draws and removed (A. O'Hagan, M. Stevenson and J. Madan, Health Econ. 16 (2007) 1009–1023).

mod answer;
pub mod answers;
pub mod draws;
mod ended;
pub mod followed;
mod question;
pub mod summary;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

pub use answer::{INTERVAL_DRAWS, OneDraw, PsaAnswer, ask, ask_for_totals, ask_with_subgroups, one_draw};
pub use draws::Draws;
pub use question::{PsaOptions, PsaQuestion};

use super::evaluation::{Evaluator, GroupTotals, Integration};
use super::subgroups;
use arcosim_core::engine::cohort;
use arcosim_core::engine::counts::{Counts, StrategyCounts};
use arcosim_core::engine::microsim::{self, Settings, Watch};
use arcosim_core::engine::{StrategyTotals, Total};
use arcosim_core::model::memory::Need;
use arcosim_core::model::rows::{RowProblem, check_stated_rows};
use arcosim_core::model::{Model, Tables, impossible_shares};
use followed::{FollowedDraw, Plan};

/// The engine that evaluates a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawEngine {
    /// The exact engine.
    Cohort(Integration),
    /// The microsimulation, with new patients in each draw.
    Microsim {
        /// Number of patients in each draw.
        patients: u64,
        /// Seed of the patients' random numbers.
        seed: u64,
    },
}

/// The results of all draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Psa {
    /// `values[draw][parameter]`: drawn parameter values.
    pub values: Vec<Vec<f64>>,
    /// `totals[draw][strategy][outcome]`: mean totals over patients.
    pub totals: Vec<Vec<Vec<f64>>>,
    /// `noise[draw][strategy][outcome]`: Monte Carlo variance of each mean total from the microsimulation. Empty for
    /// the exact engine, which has no Monte Carlo variance.
    pub noise: Vec<Vec<Vec<f64>>>,
    /// `increment_noise[draw][strategy][outcome]`: Monte Carlo variance of each increment versus the reference.
    pub increment_noise: Vec<Vec<Vec<f64>>>,
    /// `subgroups[draw][set]`: totals of every subgroup of the requested sets of divisions; empty without such sets.
    pub subgroups: Vec<Vec<Vec<GroupTotals>>>,
    /// Followed clinical results of each draw; empty if nothing is followed.
    pub followed: Vec<FollowedDraw>,
    /// Draws that were repeated because probabilities added to more than 1, with the number of repetitions.
    pub redrawn: Vec<(u64, u64)>,
}

/// Memory needed for the draws of a model and their output tables. `varying` is the number of uncertain parameters;
/// `noise` is true if Monte Carlo variances are stored too.
pub fn need(model: &Model, varying: usize, draws: u64, noise: bool) -> Need {
    let (count, strategies) = (draws as f64, model.strategies.len() as f64);
    let outcomes = model.outcomes.len() as f64;
    let mut need = Need::default();
    // Each parameter value is stored twice as a number (by draw and by parameter), and as text in a table.
    need.add(
        count * (48.0 + 8.0 * model.parameters.len() as f64 + 40.0 * varying as f64),
        format!("the values of {varying} parameters in each of {draws} draws"),
    );
    // Totals are stored by draw and by outcome, as net benefit at thresholds, and as text in a table.
    let kept = if noise { 3.0 } else { 1.0 };
    need.add(
        count * strategies * (kept * (24.0 + 8.0 * outcomes) + 120.0),
        format!("costs and effects of {strategies} strategies in each of {draws} draws"),
    );
    need
}

/// Memory needed for the totals of the subgroups of these sets of divisions, which are kept by draw, and once more for every set
/// that the scenario reports.
pub fn need_of_subgroups(model: &Model, sets: &[Vec<usize>], draws: u64) -> Need {
    let mut need = Need::default();
    let groups = |set: &Vec<usize>| -> f64 {
        set.iter().map(|&d| model.subgroups.divisions[d].groups.len() as f64).product()
    };
    let reported = model.subgroups.sets();
    let groups: f64 = sets.iter().chain(&reported).map(groups).sum();
    let totals = model.strategies.len() as f64 * (40.0 + 8.0 * model.outcomes.len() as f64);
    if !sets.is_empty() {
        need.add(
            draws as f64 * groups * (100.0 + totals),
            format!("costs and effects in the subgroups in each of {draws} draws"),
        );
    }
    need
}

/// Reason why a probabilistic analysis ended early.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// The analysis was interrupted.
    Stopped,
    /// The probabilities of one state in one draw are invalid.
    Row {
        /// Number of the draw, from 1.
        draw: u64,
        /// State, strategy and cycle of the invalid probabilities, and the kind of problem.
        problem: Box<RowProblem>,
        /// The values of all parameters in that draw.
        values: Vec<f64>,
    },
    /// Shares of patients in one draw are invalid.
    Shares {
        /// Number of the draw, from 1.
        draw: u64,
        /// The invalid shares, in words.
        problem: String,
        /// The values of all parameters in that draw.
        values: Vec<f64>,
    },
    /// A total is not a finite number.
    NotFinite {
        /// Number of the draw, from 1.
        draw: u64,
        /// Index of the strategy.
        strategy: usize,
        /// Index of the outcome.
        outcome: usize,
        /// The values of all parameters in that draw.
        values: Vec<f64>,
    },
}

/// Number of attempts after which a draw is abandoned, because its distributions hardly ever result in valid
/// probabilities.
const MOST_ATTEMPTS: u64 = 1000;

/// Largest number of draws in a block, which one thread runs. The size of a block does not affect results, because
/// draws are independent; but a thread that takes over a block must first prepare its own tables.
const MOST_TOGETHER: u64 = 256;
/// Number of blocks per thread, large enough that no thread waits long for the last block.
const BLOCKS_EACH: u64 = 8;

/// Runs all draws. `redraw` allows a draw with probabilities over 1 to be drawn again; `progress` receives the number
/// of draws completed since the last call. Results do not depend on the number of threads.
pub fn run(
    model: &Model,
    draws: &Draws,
    how: (DrawEngine, bool),
    progress: &(dyn Fn(u64) + Sync),
    stop: &AtomicBool,
) -> Result<Psa, Ended> {
    run_with_subgroups(model, draws, how, (&[], &Plan::default()), progress, stop)
}

/// Runs all draws like [`run`], on the exact engine also for the subgroups of these sets of divisions, and with the clinical results
/// that are followed. The totals of all patients are then the means over the subgroups of the first set.
pub fn run_with_subgroups(
    model: &Model,
    draws: &Draws,
    (engine, redraw): (DrawEngine, bool),
    (sets, plan): (&[Vec<usize>], &Plan),
    progress: &(dyn Fn(u64) + Sync),
    stop: &AtomicBool,
) -> Result<Psa, Ended> {
    // The failure with the lowest draw number is reported, whichever thread fails first.
    let failed = AtomicU64::new(u64::MAX);
    let blocks = BLOCKS_EACH * rayon::current_num_threads() as u64;
    let together = draws.count().div_ceil(blocks).min(MOST_TOGETHER);
    let blocks: Vec<u64> = (0..draws.count().div_ceil(together)).collect();
    let ready = || Worker { model, draws, engine, redraw, sets, plan, stop, evaluator: None, tables: None };
    let run_block = |worker: &mut Worker, block: &u64| {
        let mut part = Psa::default();
        for k in block * together + 1..=((block + 1) * together).min(draws.count()) {
            if failed.load(Ordering::Relaxed) < k {
                break;
            }
            if let Err(ended) = worker.run(k, &mut part) {
                failed.fetch_min(k, Ordering::Relaxed);
                return Err((k, ended));
            }
            progress(1);
        }
        Ok(part)
    };
    let parts: Vec<Result<Psa, (u64, Ended)>> = blocks.par_iter().map_init(ready, run_block).collect();
    let failures = parts.iter().filter_map(|part| part.as_ref().err());
    if let Some((_, ended)) = failures.min_by_key(|(k, ended)| (*ended == Ended::Stopped, *k)) {
        return Err(ended.clone());
    }
    let mut psa = Psa::default();
    for part in parts.into_iter().flatten() {
        psa.values.extend(part.values);
        psa.totals.extend(part.totals);
        psa.noise.extend(part.noise);
        psa.increment_noise.extend(part.increment_noise);
        psa.redrawn.extend(part.redrawn);
        psa.subgroups.extend(part.subgroups);
        psa.followed.extend(part.followed);
    }
    Ok(psa)
}

/// Reason why draw `k` cannot be run: shares of patients that are no shares, or rows of probabilities above 1.
fn invalid(model: &Model, k: u64, values: &[f64], tables: &Tables) -> Option<Ended> {
    if let Some(problem) = impossible_shares(model, values) {
        return Some(Ended::Shares { draw: k, problem, values: values.to_vec() });
    }
    let problem = check_stated_rows(model, tables)?;
    Some(Ended::Row { draw: k, problem: Box::new(problem), values: values.to_vec() })
}

/// State of one thread while it runs draws.
struct Worker<'a> {
    model: &'a Model,
    draws: &'a Draws<'a>,
    engine: DrawEngine,
    redraw: bool,
    sets: &'a [Vec<usize>],
    plan: &'a Plan,
    stop: &'a AtomicBool,
    evaluator: Option<Evaluator<'a>>,
    tables: Option<Tables<'a>>,
}

impl<'a> Worker<'a> {
    fn run(&mut self, k: u64, into: &mut Psa) -> Result<(), Ended> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Ended::Stopped);
        }
        let mut attempt = 0;
        let values = loop {
            let values = self.draws.values(k, attempt);
            match invalid(self.model, k, &values, self.set(&values)) {
                None => break values,
                Some(_) if self.redraw && attempt < MOST_ATTEMPTS => attempt += 1,
                Some(ended) => return Err(ended),
            }
        };
        if attempt > 0 {
            into.redrawn.push((k, attempt));
        }
        let totals = match self.engine {
            DrawEngine::Cohort(_) if !self.sets.is_empty() => {
                let evaluator = self.evaluator.as_mut();
                let groups = evaluator.map(|e| e.run_subgroups(&values, self.sets)).unwrap_or_default();
                let totals = groups.first().map(|all| subgroups::of_all(all)).unwrap_or_default();
                into.subgroups.push(groups);
                totals
            }
            DrawEngine::Cohort(_) => {
                let evaluator = self.evaluator.as_mut();
                match evaluator.filter(|_| !self.plan.is_empty()) {
                    // The counts contain the totals, so that a draw is run once.
                    Some(evaluator) => {
                        let counts = evaluator.counts(&values);
                        let of = |own: &StrategyCounts| cohort::by_outcome(self.model, &own.components);
                        let totals = counts.strategies.iter().map(of).collect();
                        into.followed.push(self.plan.follow(self.model, counts));
                        totals
                    }
                    None => self.evaluator.as_mut().map(|e| e.run(&values)).unwrap_or_default(),
                }
            }
            DrawEngine::Microsim { patients, seed } => {
                let (totals, own, increments, counts) = self.simulate(k, patients, seed)?;
                if !self.plan.is_empty() {
                    into.followed.push(self.plan.follow(self.model, counts));
                }
                into.noise.push(own);
                into.increment_noise.push(increments);
                totals
            }
        };
        for (strategy, own) in totals.iter().enumerate() {
            if let Some(outcome) = own.iter().position(|x| !x.is_finite()) {
                return Err(Ended::NotFinite { draw: k, strategy, outcome, values });
            }
        }
        into.values.push(values);
        into.totals.push(totals);
        Ok(())
    }

    /// Sets the tables of the engine to these parameter values.
    fn set(&mut self, values: &[f64]) -> &Tables<'a> {
        match self.engine {
            DrawEngine::Cohort(integration) => {
                let new = || Evaluator::new(self.model, integration);
                self.evaluator.get_or_insert_with(new).set(values)
            }
            DrawEngine::Microsim { .. } => {
                if let Some(tables) = &mut self.tables {
                    tables.set(values);
                }
                self.tables.get_or_insert_with(|| Tables::new(self.model, values))
            }
        }
    }

    /// Simulates new patients for draw `k`, and returns mean totals and their Monte Carlo variances.
    fn simulate(&mut self, k: u64, patients: u64, seed: u64) -> Result<Simulated, Ended> {
        let settings = Settings { draw: k, ..Settings::new(patients, seed) };
        let watch = Watch { stop: Some(self.stop), ..Watch::default() };
        let tables = self.tables.as_ref().ok_or(Ended::Stopped)?;
        let simulated = microsim::run(tables, &settings, &watch).ok_or(Ended::Stopped)?;
        let n = patients as f64;
        let gather = |of: fn(&StrategyTotals) -> &[Total], value: &dyn Fn(&Total) -> f64| {
            let strategies = simulated.totals.strategies.iter();
            strategies.map(|s| of(s).iter().map(value).collect()).collect()
        };
        let variance = |total: &Total| total.sd.map_or(0.0, |sd| sd * sd / n);
        Ok((
            gather(|s| &s.outcomes, &|t| t.mean),
            gather(|s| &s.outcomes, &variance),
            gather(|s| &s.increments, &variance),
            simulated.counts,
        ))
    }
}

/// Mean totals, variances of the means, and variances of the increments, each `[strategy][outcome]`, and the counts.
type Simulated = (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<Vec<f64>>, Counts);

impl Psa {
    /// Totals of one outcome in all draws, `[strategy][draw]`.
    pub fn outcome(&self, outcome: usize) -> Vec<Vec<f64>> {
        let strategies = self.totals.first().map_or(0, Vec::len);
        (0..strategies).map(|s| self.totals.iter().map(|draw| draw[s][outcome]).collect()).collect()
    }

    /// Values of one parameter in all draws.
    pub fn parameter(&self, parameter: usize) -> Vec<f64> {
        self.values.iter().map(|values| values[parameter]).collect()
    }
}
