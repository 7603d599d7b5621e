//! Patients of one state, by stratum and by the cycles in which its groups were entered.

use crate::model::clocks::MOST_CLOCKS;

/// Patients who entered their groups in the same cycles.
pub struct Cell<'a> {
    /// Those cycles.
    pub entry: [u32; MOST_CLOCKS],
    /// Share of patients per stratum.
    pub mass: &'a mut [f64],
}

/// All cells of a state.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    size: usize,
    entry: Vec<[u32; MOST_CLOCKS]>,
    /// `mass[(cell, stratum)]`.
    mass: Vec<f64>,
}

impl Cells {
    /// No cells, of `size` strata each.
    pub fn new(size: usize) -> Cells {
        Cells { size, ..Cells::default() }
    }

    /// Removes all cells and keeps their memory.
    pub fn clear(&mut self) {
        self.entry.clear();
        self.mass.clear();
    }

    /// Number of cells.
    #[inline]
    pub fn len(&self) -> usize {
        self.entry.len()
    }

    /// Cycles of entry and share of patients per stratum of one cell.
    #[inline]
    pub fn get(&self, cell: usize) -> ([u32; MOST_CLOCKS], &[f64]) {
        (self.entry[cell], &self.mass[cell * self.size..][..self.size])
    }

    /// As [`Cells::get`], to be changed.
    #[inline]
    pub fn get_mut(&mut self, cell: usize) -> Cell<'_> {
        Cell { entry: self.entry[cell], mass: &mut self.mass[cell * self.size..][..self.size] }
    }

    /// The cell of those who entered in the cycles of `entry`, made if it is not there yet. Looked for from the end:
    /// most who arrive belong to those who entered lately.
    #[inline]
    pub fn at(&mut self, entry: [u32; MOST_CLOCKS]) -> &mut [f64] {
        let cell = match self.entry.iter().rposition(|e| *e == entry) {
            Some(cell) => cell,
            None => {
                self.entry.push(entry);
                self.mass.resize(self.mass.len() + self.size, 0.0);
                self.entry.len() - 1
            }
        };
        self.get_mut(cell).mass
    }

    /// Takes over all that `others` hold, and empties them.
    #[inline]
    pub fn absorb(&mut self, others: &mut Cells) {
        for cell in 0..others.len() {
            let (entry, from) = others.get(cell);
            self.at(entry).iter_mut().zip(from).for_each(|(a, b)| *a += b);
        }
        others.clear();
    }

    /// All patients.
    #[inline]
    pub fn total(&self) -> f64 {
        sum(&self.mass)
    }
}

/// Sum in eight interleaved parts, which a processor adds at once; always in the same order.
#[inline]
pub fn sum(values: &[f64]) -> f64 {
    let chunks = values.chunks_exact(8);
    let rest: f64 = chunks.remainder().iter().sum();
    if values.len() < 8 {
        return rest;
    }
    let mut parts = [0.0; 8];
    for chunk in chunks {
        parts.iter_mut().zip(chunk).for_each(|(p, v)| *p += v);
    }
    rest + parts.iter().sum::<f64>()
}
