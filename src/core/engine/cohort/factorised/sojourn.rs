//! Convolution of arrivals with the time in a state, for states whose exits or rewards read that time.
//!
//! Where the exits of a state read the time `r` since it was entered (and attributes `x`) and no other clock, the share of
//! patients who are still there `r` cycles after they entered is the same for every cycle of entry `e`. Occupancy and moves
//! are then convolutions of arrivals,
//!
//! ```text
//! N(x, k) = sum over e of arrivals(x, e) R(x, k - e),   R(x, 0) = 1,   R(x, r + 1) = R(x, r) (1 - p(x, r)),
//! moves(x, k + 1) = sum over e of arrivals(x, e) R(x, k - e) p(x, k - e),
//! ```
//!
//! so that patients need not be kept by cycle of entry.

use super::exits::FactorisedExits;
use super::sums::dot;
use crate::engine::cohort::exit_probabilities::ExitProbabilities;
use crate::engine::cohort::layout::ExitSet;
use crate::engine::cohort::strata::class_of;
use crate::model::Tables;

/// Arrivals in a state, and the shares that stay or leave by the time since. Each stratum has one number per cycle. Shares
/// are kept in the order of the arrivals that they are multiplied with, those of the longest stay first.
pub struct Sojourn {
    clock: usize,
    cycles: usize,
    /// `[(stratum, e)]`: arrivals.
    entered: Vec<f64>,
    /// The cycle after the last one with arrivals, so far.
    until: usize,
    /// `[(stratum, cycles - r)]`: share still in the state.
    stay: Vec<f64>,
    /// `[exit][(stratum, cycles - r)]`: share that leaves in the cycle after.
    fire: Vec<Vec<f64>>,
    /// Number of cycles after which no patient is still in the state.
    pub longest: usize,
}

impl Sojourn {
    /// A sojourn by the clock of group `clock`, not evaluated yet.
    pub fn new(clock: usize, cycles: usize) -> Sojourn {
        Sojourn {
            clock,
            cycles,
            entered: Vec::new(),
            until: 0,
            stay: Vec::new(),
            fire: Vec::new(),
            longest: 0,
        }
    }

    /// Evaluates the shares that stay and leave for `size` strata; without exits everyone stays.
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
        self.until = 0;
        self.entered.resize(size * (cycles + 1), 0.0);
        // All who have just arrived; entries beyond the longest stay are never read.
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
                let place = u * (cycles + 1) + cycles - r;
                let here = self.stay[place];
                let mut left = 0.0;
                for ((fire, exit), leaves) in self.fire.iter_mut().zip(&exits.exits).zip(&leaves) {
                    let p = probabilities.exit(exit.exit)[class_of(&exits.class, u)];
                    fire[place] = here * p;
                    left += p * leaves;
                }
                let stays = here * (1.0 - left).max(0.0);
                self.stay[place - 1] = stays;
                any_stay |= stays != 0.0;
            }
            if !any_stay {
                self.longest = r + 1;
                break;
            }
        }
    }

    /// Records the arrivals of a cycle.
    pub fn arrive(&mut self, cycle: usize, arrivals: &[f64]) {
        let own = self.entered[cycle..].iter_mut().step_by(self.cycles + 1);
        own.zip(arrivals).for_each(|(own, new)| *own = *new);
        if arrivals.iter().any(|new| *new != 0.0) {
            self.until = cycle + 1;
        }
    }

    /// Patients of a stratum who entered in cycle `e` and are still in the state `r` cycles later.
    #[inline]
    pub fn there(&self, stratum: usize, e: usize, r: usize) -> f64 {
        let row = stratum * (self.cycles + 1);
        self.entered[row + e] * self.stay[row + self.cycles - r]
    }

    /// Per stratum: patients in the state at grid point `k`.
    pub fn present(&self, k: usize, into: &mut [f64]) {
        self.convolve(&self.stay, k, into);
    }

    /// Per stratum: patients who leave by an exit in the cycle that begins at grid point `k`.
    pub fn leaving(&self, exit: usize, k: usize, into: &mut [f64]) {
        self.convolve(&self.fire[exit], k, into);
    }

    /// Per stratum: the sum over cycles of entry of arrivals times the share at the time since, at grid point `k`.
    fn convolve(&self, shares: &[f64], k: usize, into: &mut [f64]) {
        let first = (k + 1).saturating_sub(self.longest);
        let until = self.until.min(k + 1).max(first);
        let rows = shares.chunks_exact(self.cycles + 1);
        let rows = self.entered.chunks_exact(self.cycles + 1).zip(rows);
        for (into, (entered, shares)) in into.iter_mut().zip(rows) {
            let shares = &shares[self.cycles - k + first..][..until - first];
            *into = dot(&entered[first..until], shares);
        }
    }
}
