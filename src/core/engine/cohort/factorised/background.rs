//! Background mortality: exits that are resolved first in every state, the same in all of them.
//!
//! Where one set of exits is resolved first in every state that has exits, is the same in all of them and leads to states
//! without exits, whether a patient is still alive does not depend on the state. With `b` the attributes that these exits
//! read,
//!
//! ```text
//! A(b, 0) = share of b,   A(b, k + 1) = A(b, k) (1 - p(b, k))
//! ```
//!
//! is the share of all patients who are of class `b` and still alive after `k` cycles.

use crate::engine::cohort::exit_probabilities::ExitProbabilities;
use crate::engine::cohort::strata::Stratum;
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

/// A set of exits that is resolved first in every state.
pub struct BackgroundMortality {
    /// Position among the cached exit probabilities.
    pub cached: usize,
    /// The attributes that it reads.
    pub stratum: Stratum,
    exits: usize,
    /// `[(k, b)]`: share of all patients who are of class `b` and alive.
    pub alive: Vec<f64>,
    /// `[(exit, k, b)]`: share that leaves by an exit in the cycle that begins there.
    fires: Vec<f64>,
    /// Sums over attributes.
    pub marginals: Vec<Marginal>,
}

/// Background mortality summed over the attributes by which the patients of a state need not be distinguished.
pub struct Marginal {
    /// The attributes that are left.
    pub stratum: Stratum,
    /// Per class of the whole: the class of the marginal; `None` if they are the same.
    pub of: Option<Vec<u32>>,
    /// Number of classes.
    pub size: usize,
    /// `[(k, class)]`.
    pub alive: Vec<f64>,
    /// `[(exit, k, class)]`.
    fires: Vec<f64>,
}

impl BackgroundMortality {
    /// Background mortality by so many exits, not evaluated yet.
    pub fn new(cached: usize, exits: usize, cache: &ExitProbabilities) -> BackgroundMortality {
        BackgroundMortality {
            cached,
            stratum: cache.stratum(cached).clone(),
            exits,
            alive: Vec::new(),
            fires: Vec::new(),
            marginals: Vec::new(),
        }
    }

    /// Position of the marginal by `stratum`, which reads no other attributes; added if it is not there yet.
    pub fn marginal(&mut self, stratum: Stratum) -> usize {
        let found = self.marginals.iter().position(|marginal| marginal.stratum == stratum);
        found.unwrap_or_else(|| {
            self.marginals.push(Marginal {
                of: self.stratum.project(&stratum),
                size: stratum.size(),
                stratum,
                alive: Vec::new(),
                fires: Vec::new(),
            });
            self.marginals.len() - 1
        })
    }

    /// Evaluates it at the values that `tables`, `nodes` and `cache` now hold.
    pub fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>], cache: &mut ExitProbabilities) {
        let cycles = tables.model.time.cycles;
        let size = self.stratum.size();
        let residence = vec![0; tables.model.groups.len()];
        self.alive.resize((cycles + 1) * size, 0.0);
        self.fires.resize(self.exits * (cycles + 1) * size, 0.0);
        shares(tables.model, &self.stratum, nodes, &mut self.alive[..size]);
        for k in 0..cycles {
            let probabilities = cache.in_cycle(self.cached, tables, k, &residence);
            let (now, next) = self.alive[k * size..].split_at_mut(size);
            for exit in 0..self.exits {
                let fires = &mut self.fires[(exit * (cycles + 1) + k) * size..][..size];
                let each = fires.iter_mut().zip(probabilities.exit(exit));
                each.zip(&*now).for_each(|((fires, p), alive)| *fires = p * alive);
            }
            let each = next.iter_mut().zip(&*now).zip(probabilities.total);
            each.for_each(|((next, alive), left)| *next = alive * (1.0 - left).max(0.0));
        }
        for marginal in &mut self.marginals {
            summed(&self.alive, size, marginal.of.as_deref(), marginal.size, &mut marginal.alive);
            summed(&self.fires, size, marginal.of.as_deref(), marginal.size, &mut marginal.fires);
        }
    }
}

impl Marginal {
    /// Patients alive at grid point `k`, per class.
    #[inline]
    pub fn alive(&self, k: usize) -> &[f64] {
        &self.alive[k * self.size..][..self.size]
    }

    /// Patients who leave by an exit in each cycle, `[(k, class)]`.
    pub fn fires(&self, exit: usize, cycles: usize) -> &[f64] {
        &self.fires[exit * (cycles + 1) * self.size..][..cycles * self.size]
    }
}

/// Sums rows of `size` numbers into rows of `into_size`, by the class of each.
fn summed(from: &[f64], size: usize, class: Option<&[u32]>, into_size: usize, into: &mut Vec<f64>) {
    into.clear();
    let Some(class) = class else {
        into.extend_from_slice(from);
        return;
    };
    into.resize(from.len() / size * into_size, 0.0);
    for (from, into) in from.chunks_exact(size).zip(into.chunks_exact_mut(into_size)) {
        from.iter().zip(class).for_each(|(x, &c)| into[c as usize] += x);
    }
}

/// The share of all patients in each stratum.
fn shares(model: &Model, stratum: &Stratum, nodes: &[Vec<Node>], into: &mut [f64]) {
    let mut at = vec![0; model.attributes.len()];
    for (index, share) in into.iter_mut().enumerate() {
        stratum.decode(index, &mut at);
        let weights = stratum.attributes.iter().map(|&a| nodes[a][at[a]].weight);
        *share = weights.product();
    }
}
