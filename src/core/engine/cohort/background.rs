//! What takes patients out of every state alike, whatever else happens to them: background mortality.
//!
//! Where one set of exits is resolved first in every state that can be left, is the same in all of them and leads to
//! states that cannot be left, then whether a patient is still there tells nothing about which state they are in. With
//! `b` the attributes that these exits read (age and sex, say) and `x` those that anything else reads, the share of
//! patients in state `s` after `k` cycles is a product,
//!
//! ```text
//! mass(s, b, x, k) = A(b, k) N(s, x, k),   A(b, 0) = share of b,   A(b, k + 1) = A(b, k) (1 - p(b, k)),
//! ```
//!
//! in which `N` moves by the other exits alone (see [`super::course`]). `A` is worked out once for all strategies, and
//! `N` need not tell apart whom only `p` and the rewards tell apart.

use super::blocks::Blocks;
use super::strata::Stratum;
use crate::model::quadrature::Node;
use crate::model::{Model, Tables};

/// A set of exits that is resolved first everywhere.
pub struct Background {
    /// Position in the pool of blocks.
    pub block: usize,
    /// What it reads.
    pub stratum: Stratum,
    exits: usize,
    /// `[(k, b)]`: share of all patients who are of class `b` and still there.
    pub alive: Vec<f64>,
    /// `[(exit, k, b)]`: those of them who leave by an exit in the cycle that begins there.
    fires: Vec<f64>,
    /// The same, seen by fewer attributes.
    pub views: Vec<View>,
}

/// A background, summed over the attributes that the patients of a state need not be told apart by.
pub struct View {
    /// The attributes that are left.
    pub stratum: Stratum,
    /// Per class of the background: the class of the view; `None` if they are the same.
    pub of: Option<Vec<u32>>,
    /// Number of classes.
    pub size: usize,
    /// `[(k, class)]`.
    pub alive: Vec<f64>,
    /// `[(exit, k, class)]`.
    fires: Vec<f64>,
}

impl Background {
    /// A background of so many exits, not evaluated yet.
    pub fn new(block: usize, exits: usize, blocks: &Blocks) -> Background {
        Background {
            block,
            stratum: blocks.stratum(block).clone(),
            exits,
            alive: Vec::new(),
            fires: Vec::new(),
            views: Vec::new(),
        }
    }

    /// Position of the view by `stratum`, which reads no other attributes; made if it is not there yet.
    pub fn view(&mut self, stratum: Stratum) -> usize {
        let found = self.views.iter().position(|view| view.stratum == stratum);
        found.unwrap_or_else(|| {
            self.views.push(View {
                of: self.stratum.project(&stratum),
                size: stratum.size(),
                stratum,
                alive: Vec::new(),
                fires: Vec::new(),
            });
            self.views.len() - 1
        })
    }

    /// Evaluates it at the values that `tables`, `nodes` and `blocks` now hold.
    pub fn set(&mut self, tables: &Tables, nodes: &[Vec<Node>], blocks: &mut Blocks) {
        let cycles = tables.model.time.cycles;
        let size = self.stratum.size();
        let residence = vec![0; tables.model.groups.len()];
        self.alive.resize((cycles + 1) * size, 0.0);
        self.fires.resize(self.exits * (cycles + 1) * size, 0.0);
        shares(tables.model, &self.stratum, nodes, &mut self.alive[..size]);
        for k in 0..cycles {
            let slot = blocks.slot(self.block, tables, k, &residence);
            let (now, next) = self.alive[k * size..].split_at_mut(size);
            for exit in 0..self.exits {
                let fires = &mut self.fires[(exit * (cycles + 1) + k) * size..][..size];
                let each = fires.iter_mut().zip(slot.exit(exit));
                each.zip(&*now).for_each(|((fires, p), alive)| *fires = p * alive);
            }
            let each = next.iter_mut().zip(&*now).zip(slot.total);
            each.for_each(|((next, alive), left)| *next = alive * (1.0 - left).max(0.0));
        }
        for view in &mut self.views {
            summed(&self.alive, size, view.of.as_deref(), view.size, &mut view.alive);
            summed(&self.fires, size, view.of.as_deref(), view.size, &mut view.fires);
        }
    }
}

impl View {
    /// Those who are still there at grid point `k`, per class.
    #[inline]
    pub fn alive(&self, k: usize) -> &[f64] {
        &self.alive[k * self.size..][..self.size]
    }

    /// Those who leave by an exit in each cycle, `[(k, class)]`.
    pub fn fires(&self, exit: usize, cycles: usize) -> &[f64] {
        &self.fires[exit * (cycles + 1) * self.size..][..cycles * self.size]
    }
}

/// Sums rows of `size` numbers into rows of `into_size`, by the class of each.
pub fn summed(from: &[f64], size: usize, class: Option<&[u32]>, into_size: usize, into: &mut Vec<f64>) {
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
