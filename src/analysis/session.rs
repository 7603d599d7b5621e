//! Session of an analysis: stop flag, memory limit and progress observer, which the caller provides.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Refusal;
use arcosim_core::engine::memory;
use arcosim_core::model::memory::{Need, gigabytes};
use arcosim_core::model::{Model, Tables};

/// Receives progress messages of an analysis.
pub trait Observer: Sync {
    /// Reports the start or the end of a step, for example `("Finished", "in 0.30 s")`.
    fn say(&self, verb: &str, text: &str);
    /// Reports that more patients than first said will be simulated: `total` in all.
    fn expect(&self, _total: u64) {}
    /// Adds `more` to the number of patients, draws or checks that are done.
    fn advance(&self, more: u64);
    /// Reports that all patients, draws or checks are done.
    fn finish(&self);
}

/// The stop flag, the memory limit and the observer of one command.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// Stop flag, which the caller sets to interrupt the analysis.
    pub stop: &'a AtomicBool,
    /// Memory that the analysis may use, in bytes.
    pub memory: f64,
    /// Observer that receives progress messages.
    pub observer: &'a dyn Observer,
}

impl Session<'_> {
    /// Returns an error if the analysis has been interrupted.
    pub fn go_on(&self) -> Result<(), Refusal> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(Refusal::Stopped),
            false => Ok(()),
        }
    }

    /// Refuses an analysis that needs more memory than the limit; the message describes the largest part.
    pub fn afford(&self, need: &Need) -> Result<(), Refusal> {
        let bytes = need.bytes();
        let Some((part, largest)) = need.largest().filter(|_| bytes > self.memory) else {
            return Ok(());
        };
        Err(Refusal::Question(format!(
            "this analysis needs about {} of memory, and the limit is {}. Nothing was run.\n\
            The largest part ({}) is {largest}.\n\
            Lengthen the cycle, shorten the horizon, split the strategies into several scenarios, or use fewer patients or \
            draws; if the machine has more memory, raise the limit with --memory GB.",
            gigabytes(bytes),
            gigabytes(self.memory),
            gigabytes(*part)
        )))
    }

    /// Refuses a model that the exact engine could not run within the memory limit.
    pub fn afford_exact(&self, model: &Model) -> Result<(), Refusal> {
        self.afford(&need_of_run(model, true, None))
    }
}

/// Memory needed by a run at base values with the current number of threads: for the exact engine if `exact`, and for
/// this number of simulated patients.
pub fn need_of_run(model: &Model, exact: bool, patients: Option<u64>) -> Need {
    let tables = Tables::new(model, &model.base_values());
    memory::run(&tables, exact, patients, rayon::current_num_threads())
}
