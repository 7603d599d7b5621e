//! Probabilistic sensitivity analysis: the model at many draws of its parameters.
//!
//! The exact engine has no noise of its own, so that the spread of the results is that of the parameters. On the
//! microsimulation every draw has fresh patients, and the variance that they add is estimated from the spread within
//! draws and taken out (A. O'Hagan, M. Stevenson and J. Madan, Health Econ. 16 (2007) 1009–1023).

mod answer;
pub mod answers;
pub mod draws;
mod ended;
mod question;
pub mod summary;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

pub use answer::{INTERVAL_DRAWS, OneDraw, PsaAnswer, ask, one_draw};
pub use draws::Draws;
pub use question::{PsaOptions, PsaQuestion};

use super::evaluation::{Evaluator, Integration};
use arcosim_core::engine::microsim::{self, Settings, Watch};
use arcosim_core::engine::{StrategyTotals, Total};
use arcosim_core::model::memory::Need;
use arcosim_core::model::rows::{RowProblem, check_stated_rows};
use arcosim_core::model::{Model, Tables};

/// What runs a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawEngine {
    /// The exact engine.
    Cohort(Integration),
    /// So many patients, other ones in each draw.
    Microsim {
        /// Patients of each draw.
        patients: u64,
        /// Seed of their random numbers.
        seed: u64,
    },
}

/// The results of all draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Psa {
    /// `values[draw][parameter]`.
    pub values: Vec<Vec<f64>>,
    /// `totals[draw][strategy][outcome]`: means over patients.
    pub totals: Vec<Vec<Vec<f64>>>,
    /// Of the microsimulation, `noise[draw][strategy][outcome]`: the variance of that mean between samples of patients.
    /// Empty on the exact engine, where it is nil.
    pub noise: Vec<Vec<Vec<f64>>>,
    /// `increment_noise[draw][strategy][outcome]`: the same of the increment against the reference.
    pub increment_noise: Vec<Vec<Vec<f64>>>,
    /// Draws that were drawn again because a row was over 1, and how often.
    pub redrawn: Vec<(u64, u64)>,
}

/// The memory that so many draws of a model take, their tables included. `varying` parameters are drawn; `noise` says
/// whether the noise of simulated patients is kept too.
pub fn need(model: &Model, varying: usize, draws: u64, noise: bool) -> Need {
    let (count, strategies) = (draws as f64, model.strategies.len() as f64);
    let outcomes = model.outcomes.len() as f64;
    let mut need = Need::default();
    // Each value as a number, in the order of draws and by parameter, and as text in a table.
    need.add(
        count * (48.0 + 8.0 * model.parameters.len() as f64 + 40.0 * varying as f64),
        format!("the values of {varying} parameters in each of {draws} draws"),
    );
    // Totals of each draw, with the same by outcome, as net benefit at thresholds, and as text.
    let kept = if noise { 3.0 } else { 1.0 };
    need.add(
        count * strategies * (kept * (24.0 + 8.0 * outcomes) + 120.0),
        format!("what {strategies} strategies cost and gain in each of {draws} draws"),
    );
    need
}

/// Why an analysis ended early.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// Somebody stopped it.
    Stopped,
    /// A draw makes a row that cannot be run.
    Row {
        /// Number of the draw, from 1.
        draw: u64,
        /// What is wrong.
        problem: Box<RowProblem>,
        /// The values of all parameters in that draw.
        values: Vec<f64>,
    },
    /// A total is not a finite number.
    NotFinite {
        /// Number of the draw, from 1.
        draw: u64,
        /// Strategy.
        strategy: usize,
        /// Outcome.
        outcome: usize,
        /// The values of all parameters in that draw.
        values: Vec<f64>,
    },
}

/// After so many attempts a draw is given up: the distributions hardly ever make a sound row.
const MOST_ATTEMPTS: u64 = 1000;

/// Most draws that one thread takes at a time. Draws know nothing of each other, so that blocks show in no number; but what
/// a thread prepares for its draws is prepared for every block that another thread takes over.
const MOST_TOGETHER: u64 = 256;
/// Blocks for each thread, so that none waits long for the last.
const BLOCKS_EACH: u64 = 8;

/// Runs all draws. `redraw` says whether a draw with a row over 1 is drawn again; `progress` is called with the number of
/// draws that are done. Results do not depend on the number of threads.
pub fn run(
    model: &Model,
    draws: &Draws,
    (engine, redraw): (DrawEngine, bool),
    progress: &(dyn Fn(u64) + Sync),
    stop: &AtomicBool,
) -> Result<Psa, Ended> {
    // The first draw that fails is the one reported, whichever thread meets it.
    let failed = AtomicU64::new(u64::MAX);
    let blocks = BLOCKS_EACH * rayon::current_num_threads() as u64;
    let together = draws.count().div_ceil(blocks).min(MOST_TOGETHER);
    let blocks: Vec<u64> = (0..draws.count().div_ceil(together)).collect();
    let ready = || Worker { model, draws, engine, redraw, stop, evaluator: None, tables: None };
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
    }
    Ok(psa)
}

/// What one thread runs draws with.
struct Worker<'a> {
    model: &'a Model,
    draws: &'a Draws<'a>,
    engine: DrawEngine,
    redraw: bool,
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
            match check_stated_rows(self.model, self.set(&values)) {
                None => break values,
                Some(_) if self.redraw && attempt < MOST_ATTEMPTS => attempt += 1,
                Some(problem) => {
                    return Err(Ended::Row { draw: k, problem: Box::new(problem), values });
                }
            }
        };
        if attempt > 0 {
            into.redrawn.push((k, attempt));
        }
        let totals = match self.engine {
            DrawEngine::Cohort(_) => self.evaluator.as_mut().map(|e| e.run(&values)).unwrap_or_default(),
            DrawEngine::Microsim { patients, seed } => {
                let (totals, own, increments) = self.simulate(k, patients, seed)?;
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

    /// Sets the tables of whatever runs the draws to these values.
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

    /// Means of fresh patients, and the variances of those means.
    fn simulate(&mut self, k: u64, patients: u64, seed: u64) -> Result<Simulated, Ended> {
        let settings = Settings { draw: k, ..Settings::new(patients, seed) };
        let watch = Watch { progress: None, stop: Some(self.stop) };
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
        ))
    }
}

/// Means, variances of the means, and variances of the increments, each `[strategy][outcome]`.
type Simulated = (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<Vec<f64>>);

impl Psa {
    /// One outcome of all strategies: `[strategy][draw]`.
    pub fn outcome(&self, outcome: usize) -> Vec<Vec<f64>> {
        let strategies = self.totals.first().map_or(0, Vec::len);
        (0..strategies).map(|s| self.totals.iter().map(|draw| draw[s][outcome]).collect()).collect()
    }

    /// One parameter in all draws.
    pub fn parameter(&self, parameter: usize) -> Vec<f64> {
        self.values.iter().map(|values| values[parameter]).collect()
    }
}
