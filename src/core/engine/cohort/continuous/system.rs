//! The linear system of one cycle: cells of patients, and the rates at which they leave and enter each other.

/// Cells and their rates; strata of all cells follow each other.
#[derive(Default)]
pub struct System {
    /// Index of the first stratum of each cell.
    pub starts: Vec<usize>,
    /// Rates per cycle of all moves, one for each stratum of the cell left.
    pub rates: Vec<f64>,
    /// Per stratum: rate of leaving the cell.
    pub out: Vec<f64>,
    /// Per stratum: stretch of the time in the cell (see [`mean_hazards`](super::mean_hazards)), and rate of the exits that it
    /// does not concern.
    pub stretch: Vec<f64>,
    pub others: Vec<f64>,
    /// Per stratum: share of patients.
    pub mass: Vec<f64>,
    /// Per profile of discounting and stratum: integral of the share of patients over the cycle.
    pub integrals: Vec<Vec<f64>>,
}

/// An arc that ends in another cell.
pub struct Link<'a> {
    /// Cells left and entered.
    pub from: usize,
    pub to: usize,
    /// For each stratum: the stratum of the state entered; `None` if they are the same.
    pub target: Option<&'a [u32]>,
    /// Index of the rate of the first stratum.
    pub rates: usize,
}

impl System {
    /// Strata of a cell.
    pub fn strata(&self, cell: usize) -> std::ops::Range<usize> {
        self.starts[cell]..self.starts.get(cell + 1).copied().unwrap_or(self.out.len())
    }
}
