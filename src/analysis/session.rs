//! The surroundings of an analysis: when to stop, how much memory it may take, and who hears of its progress.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Refusal;
use arcosim_core::engine;
use arcosim_core::model::memory::{Need, gigabytes};
use arcosim_core::model::{Model, Tables};

/// Hears of the progress of an analysis.
pub trait Observer: Sync {
    /// A line about what begins now or has ended, such as `("Finished", "in 0.30 s")`.
    fn say(&self, verb: &str, text: &str);
    /// So many more patients, draws or checks are done.
    fn advance(&self, more: u64);
    /// All of them are done.
    fn finish(&self);
}

/// Nobody listens.
pub struct Silent;

impl Observer for Silent {
    fn say(&self, _: &str, _: &str) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}

/// One command's work, seen from inside an analysis.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// Set from outside when the analysis should end early.
    pub stop: &'a AtomicBool,
    /// Memory that it may take, in bytes.
    pub memory: f64,
    /// Hears of its progress.
    pub observer: &'a dyn Observer,
}

impl Session<'_> {
    /// An error if it should end early.
    pub fn go_on(&self) -> Result<(), Refusal> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(Refusal::Stopped),
            false => Ok(()),
        }
    }

    /// Refuses what would take more memory than is allowed, and says what takes most of it.
    pub fn afford(&self, need: &Need) -> Result<(), Refusal> {
        let bytes = need.bytes();
        let Some((part, largest)) = need.largest().filter(|_| bytes > self.memory) else {
            return Ok(());
        };
        Err(Refusal::Question(format!(
            "this would need about {} of memory; it may take {}. Nothing was run.\n\
             Most of it ({}) is {largest}.\n\
             Lengthen the cycle, shorten the horizon, spread strategies over several scenarios, or ask for fewer patients or \
             draws; where the machine has more memory, --memory GB allows it.",
            gigabytes(bytes),
            gigabytes(self.memory),
            gigabytes(*part)
        )))
    }

    /// Refuses analyses of a model that the exact engine could not run in the memory that is allowed.
    pub fn afford_exact(&self, model: &Model) -> Result<(), Refusal> {
        let tables = Tables::new(model, &model.base_values());
        let threads = rayon::current_num_threads();
        self.afford(&engine::memory::run(&tables, true, None, threads))
    }
}
