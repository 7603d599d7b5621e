//! Patients of one state, by stratum and by the cycles in which they entered their groups of states.

use crate::model::clocks::MOST_CLOCKS;

/// Patients who entered their groups of states in the same cycles.
pub struct Cell<'a> {
    /// Cycles of entry into the groups.
    pub entry: [u32; MOST_CLOCKS],
    /// Share of patients per stratum.
    pub mass: &'a mut [f64],
}

/// All cells of a state.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    size: usize,
    entry: Vec<[u32; MOST_CLOCKS]>,
    /// `mass[(cell, stratum)]`: share of patients.
    mass: Vec<f64>,
}

impl Cells {
    /// Creates an empty list of cells with `size` strata each.
    pub fn new(size: usize) -> Cells {
        Cells { size, ..Cells::default() }
    }

    /// Removes all cells but keeps their memory allocated.
    pub fn clear(&mut self) {
        self.entry.clear();
        self.mass.clear();
    }

    /// Number of cells.
    #[inline]
    pub fn len(&self) -> usize {
        self.entry.len()
    }

    /// Cycles of entry and share of patients per stratum in one cell.
    #[inline]
    pub fn get(&self, cell: usize) -> ([u32; MOST_CLOCKS], &[f64]) {
        (self.entry[cell], &self.mass[cell * self.size..][..self.size])
    }

    /// Like [`Cells::get`], but mutable.
    #[inline]
    pub fn get_mut(&mut self, cell: usize) -> Cell<'_> {
        Cell { entry: self.entry[cell], mass: &mut self.mass[cell * self.size..][..self.size] }
    }

    /// Returns the cell of patients with these cycles of entry, and creates it if missing. The search runs backwards
    /// because most arrivals belong to recently added cells.
    #[inline]
    pub fn at(&mut self, entry: [u32; MOST_CLOCKS]) -> &mut [f64] {
        let cell = self.position(entry);
        self.get_mut(cell).mass
    }

    /// Index of the cell of patients with these cycles of entry, which is created if missing.
    #[inline]
    pub fn position(&mut self, entry: [u32; MOST_CLOCKS]) -> usize {
        match self.entry.iter().rposition(|e| *e == entry) {
            Some(cell) => cell,
            None => {
                self.entry.push(entry);
                self.mass.resize(self.mass.len() + self.size, 0.0);
                self.entry.len() - 1
            }
        }
    }

    /// Adds all patients of `others` to these cells and empties `others`.
    #[inline]
    pub fn absorb(&mut self, others: &mut Cells) {
        for cell in 0..others.len() {
            let (entry, from) = others.get(cell);
            self.at(entry).iter_mut().zip(from).for_each(|(a, b)| *a += b);
        }
        others.clear();
    }

    /// Removes all cells with fewer than `least` patients.
    pub fn drop_empty(&mut self, least: f64) {
        let size = self.size;
        let mut kept = 0;
        for cell in 0..self.len() {
            if sum(self.get(cell).1) >= least {
                self.entry[kept] = self.entry[cell];
                self.mass.copy_within(cell * size..(cell + 1) * size, kept * size);
                kept += 1;
            }
        }
        self.entry.truncate(kept);
        self.mass.truncate(kept * size);
    }

    /// Total share of patients in all cells.
    #[inline]
    pub fn total(&self) -> f64 {
        sum(&self.mass)
    }
}

/// Sum of `values` in eight interleaved parts, which a processor can add in parallel. The order of addition is fixed.
#[inline]
pub fn sum(values: &[f64]) -> f64 {
    sum_of(values, values, |value, _| *value)
}

/// Sum of `of` over the pairs of two slices of the same length, like [`sum`].
#[inline]
pub fn sum_of<A, B>(a: &[A], b: &[B], of: impl Fn(&A, &B) -> f64) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| of(a, b)).sum();
    if a.len() == 0 {
        return rest;
    }
    let mut parts = [0.0; 8];
    for (a, b) in a.zip(b) {
        parts.iter_mut().zip(a.iter().zip(b)).for_each(|(part, (a, b))| *part += of(a, b));
    }
    rest + parts.iter().sum::<f64>()
}

/// Like [`sum_of`], and adds the value of each pair to `into`.
#[inline]
pub fn add_and_sum<A, B>(a: &[A], b: &[B], into: &mut [f64], of: impl Fn(&A, &B) -> f64) -> f64 {
    debug_assert_eq!(a.len(), into.len());
    let whole = a.len() / 8 * 8;
    let (into, last) = into.split_at_mut(whole);
    let mut rest = 0.0;
    for (into, (a, b)) in last.iter_mut().zip(a[whole..].iter().zip(&b[whole..])) {
        let value = of(a, b);
        *into += value;
        rest += value;
    }
    if whole == 0 {
        return rest;
    }
    let mut parts = [0.0; 8];
    let each = into.chunks_exact_mut(8).zip(a.chunks_exact(8).zip(b.chunks_exact(8)));
    for (into, (a, b)) in each {
        for (part, (into, (a, b))) in parts.iter_mut().zip(into.iter_mut().zip(a.iter().zip(b))) {
            let value = of(a, b);
            *into += value;
            *part += value;
        }
    }
    rest + parts.iter().sum::<f64>()
}
