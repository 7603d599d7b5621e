//! Shares of patients who stay in a state or leave it, by time since entry, for states whose exits or rewards read this time.
//!
//! If the exits of a state read the time `r` since entry (and attributes `x`) and no other clock, the share of patients who
//! are still in the state `r` cycles after entry is the same for every cycle of entry `e`. The rewards of an entrant are then sums over
//! the time in the state,
//!
//! ```text
//! V(x, e) = sum over r of R(x, r) c(x, e + r) + sum over exits and r of R(x, r) p(x, r) W(x, e + r + 1),
//! R(x, 0) = 1,   R(x, r + 1) = R(x, r) (1 - sum of p(x, r)),
//! ```
//!
//! where `c` are the rewards in the state and `W` those of an exit and of all later states.

use super::exits::FactorisedExits;
use crate::engine::cohort::exit_probabilities::ExitProbabilities;
use crate::engine::cohort::layout::ExitSet;
use crate::engine::cohort::strata::class_of;
use crate::model::Tables;

/// Shares of entrants who stay or leave, by time since entry. Each stratum has one number per cycle.
pub struct Sojourn {
    pub clock: usize,
    cycles: usize,
    /// `[(stratum, r)]`: share of entrants who are still in the state `r` cycles after entry.
    stay: Vec<f64>,
    /// `[exit][(stratum, r)]`: share of entrants who leave by the exit in the cycle that begins `r` cycles after entry.
    fire: Vec<Vec<f64>>,
    /// Number of cycles after which no patient who entered is still in the state.
    longest: usize,
}

impl Sojourn {
    /// A sojourn measured by the clock of group `clock`, not evaluated yet.
    pub fn new(clock: usize, cycles: usize) -> Sojourn {
        Sojourn { clock, cycles, stay: Vec::new(), fire: Vec::new(), longest: 0 }
    }

    /// Evaluates the shares that stay and leave for `size` strata. In a state without exits all patients stay.
    pub fn set(
        &mut self,
        tables: &Tables,
        size: usize,
        exits: Option<(&FactorisedExits, &ExitSet)>,
        cache: &mut ExitProbabilities,
    ) {
        let cycles = self.cycles;
        let mut residence = vec![0; tables.model.groups.len()];
        self.longest = cycles + 1;
        self.stay.resize(size * (cycles + 1), 0.0);
        // The share is 1 on arrival, and remains 1 in a state without exits. Shares beyond the longest stay are never
        // read.
        self.stay.fill(1.0);
        let Some((exits, exit_set)) = exits else {
            return;
        };
        self.fire.resize(exits.exits.len(), Vec::new());
        for fire in &mut self.fire {
            fire.resize(size * (cycles + 1), 0.0);
        }
        let leaves: Vec<f64> = exits.exits.iter().map(|exit| exit.leaves(exit_set)).collect();
        for r in 0..cycles {
            residence[self.clock] = r;
            let probabilities = cache.in_cycle(exits.cached, tables, 0, &residence);
            let mut any_stay = false;
            for u in 0..size {
                let place = u * (cycles + 1) + r;
                let here = self.stay[place];
                let mut left = 0.0;
                for ((fire, exit), leaves) in self.fire.iter_mut().zip(&exits.exits).zip(&leaves) {
                    let p = probabilities.exit(exit.exit)[class_of(&exits.class, u)];
                    fire[place] = here * p;
                    left += p * leaves;
                }
                let stays = here * (1.0 - left).max(0.0);
                self.stay[place + 1] = stays;
                any_stay |= stays != 0.0;
            }
            if !any_stay {
                self.longest = r + 1;
                break;
            }
        }
    }

    /// Shares of entrants of a stratum who are still in the state, by time since entry, for at most `points` grid points.
    #[inline]
    pub fn stay(&self, stratum: usize, points: usize) -> &[f64] {
        &self.stay[stratum * (self.cycles + 1)..][..points.min(self.longest)]
    }

    /// Shares of entrants of a stratum who leave by an exit, by time since entry, for at most `cycles` cycles.
    #[inline]
    pub fn fire(&self, exit: usize, stratum: usize, cycles: usize) -> &[f64] {
        &self.fire[exit][stratum * (self.cycles + 1)..][..cycles.min(self.longest)]
    }
}
