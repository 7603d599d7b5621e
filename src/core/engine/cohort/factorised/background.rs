//! Background mortality: exits that are resolved first and are the same in every state.
//!
//! If every state with exits resolves the same set of exits first, and these exits lead to states without exits, survival
//! does not depend on the state of a patient. Let `b` be the attributes that these exits read. Then
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

/// A set of exits that every state resolves first.
pub struct BackgroundMortality {
    /// Index of the set in [`ExitProbabilities`].
    pub cached: usize,
    /// Classes of patients by the attributes that background mortality reads.
    pub stratum: Stratum,
    exits: usize,
    /// `[(k, b)]`: share of all patients who are of class `b` and alive at grid point `k`.
    pub alive: Vec<f64>,
    /// `[(exit, k, b)]`: share of all patients who are of class `b` and leave by the exit in the cycle that begins at
    /// grid point `k`.
    fires: Vec<f64>,
    /// Sums over the attributes that some states need not distinguish.
    pub marginals: Vec<Marginal>,
}

/// Background mortality summed over the attributes that need not distinguish the patients of a state.
pub struct Marginal {
    /// Classes by the attributes that remain after the summation.
    pub stratum: Stratum,
    /// Maps each class of the joint distribution to the class of the marginal distribution to which it is added; `None`
    /// if both distributions have the same classes.
    pub of: Option<Vec<u32>>,
    /// Number of classes of the marginal.
    pub size: usize,
    /// `[(k, class)]`: share of all patients who are alive at grid point `k`.
    pub alive: Vec<f64>,
    /// `[(exit, k, class)]`: share of all patients who leave by the exit in the cycle that begins at grid point `k`.
    fires: Vec<f64>,
}

impl BackgroundMortality {
    /// Creates background mortality with this number of exits, not evaluated yet.
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

    /// Returns the index of the marginal by `stratum`, and adds the marginal if it is new. `stratum` must not have
    /// other attributes than background mortality.
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

    /// Evaluates background mortality for the current values of `tables`, `nodes` and `cache`.
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
    /// Share of all patients who are alive at grid point `k`, per class.
    #[inline]
    pub fn alive(&self, k: usize) -> &[f64] {
        &self.alive[k * self.size..][..self.size]
    }

    /// Share of all patients who leave by an exit in each cycle, `[(k, class)]`.
    pub fn fires(&self, exit: usize, cycles: usize) -> &[f64] {
        &self.fires[exit * (cycles + 1) * self.size..][..cycles * self.size]
    }
}

/// Sums each row of `size` numbers into a row of `into_size` numbers, by the class of each number.
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

/// Writes the share of all patients in each stratum.
fn shares(model: &Model, stratum: &Stratum, nodes: &[Vec<Node>], into: &mut [f64]) {
    let mut at = vec![0; model.attributes.len()];
    for (index, share) in into.iter_mut().enumerate() {
        stratum.decode(index, &mut at);
        let weights = stratum.attributes.iter().map(|&a| nodes[a][at[a]].weight);
        *share = weights.product();
    }
}
