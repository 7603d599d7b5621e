//! Convolution of arrivals with the time in a state, for states whose exits or rewards read this time.
//!
//! If the exits of a state read the time `r` since entry (and attributes `x`) and no other clock, the share of patients who
//! are still in the state `r` cycles after entry is the same for every cycle of entry `e`. Occupancy and moves are then
//! convolutions of arrivals,
//!
//! ```text
//! N(x, k) = sum over e of arrivals(x, e) R(x, k - e),   R(x, 0) = 1,   R(x, r + 1) = R(x, r) (1 - p(x, r)),
//! moves(x, k + 1) = sum over e of arrivals(x, e) R(x, k - e) p(x, k - e),
//! ```
//!
//! and patients need not be distinguished by cycle of entry.

use super::exits::FactorisedExits;
use super::sums::dot;
use crate::engine::cohort::exit_probabilities::ExitProbabilities;
use crate::engine::cohort::layout::ExitSet;
use crate::engine::cohort::strata::class_of;
use crate::model::Tables;

/// Arrivals in a state, and the shares of entrants who stay or leave, by time since entry. Each stratum has one number
/// per cycle. Shares are stored with the longest stay first, in the same order as the arrivals by which they are
/// multiplied.
pub struct Sojourn {
    clock: usize,
    cycles: usize,
    /// `[(stratum, e)]`: patients who enter the state in cycle `e`.
    entered: Vec<f64>,
    /// End of the arrivals so far: one after the last cycle with arrivals.
    until: usize,
    /// `[(stratum, cycles - r)]`: share of entrants who are still in the state `r` cycles after entry.
    stay: Vec<f64>,
    /// `[exit][(stratum, cycles - r)]`: share of entrants who leave by the exit in the cycle that begins `r` cycles
    /// after entry.
    fire: Vec<Vec<f64>>,
    /// Number of cycles after which no patient who entered is still in the state.
    pub longest: usize,
}

impl Sojourn {
    /// A sojourn measured by the clock of group `clock`, not evaluated yet.
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
        self.until = 0;
        self.entered.resize(size * (cycles + 1), 0.0);
        // The share is 1 on arrival, and remains 1 in a state without exits. Entries beyond the longest stay are never
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

    /// Records the patients who enter the state in a cycle.
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

    /// Patients in the state at grid point `k`, per stratum.
    pub fn present(&self, k: usize, into: &mut [f64]) {
        self.convolve(&self.stay, k, into);
    }

    /// Patients who leave by an exit in the cycle that begins at grid point `k`, per stratum.
    pub fn leaving(&self, exit: usize, k: usize, into: &mut [f64]) {
        self.convolve(&self.fire[exit], k, into);
    }

    /// For each stratum: sum over cycles of entry of the arrivals times the share in `shares` for the time since entry,
    /// at grid point `k`.
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
