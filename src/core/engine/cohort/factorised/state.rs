//! Patients of one state in the factorised recursion, by the attributes that moves other than background mortality
//! read.

use super::background::BackgroundMortality;
use super::exits::FactorisedExits;
use super::sojourn::Sojourn;
use crate::engine::cohort::cells::Cells;
use crate::engine::cohort::strata::class_of;

/// A state with exits in the factorised recursion.
pub struct FactorisedState {
    /// Number of strata.
    pub size: usize,
    /// Index of the marginal of background mortality for the state.
    pub marginal: usize,
    /// For each stratum: its class in the marginal; `None` if classes and strata are the same.
    pub class: Option<Vec<u32>>,
    /// Two projections onto the attributes that background mortality does not read: from the strata of the layout, and
    /// from the strata of this state.
    pub start: (Option<Vec<u32>>, Option<Vec<u32>>),
    /// Exits of the state other than background mortality.
    pub exits: Option<FactorisedExits>,
    /// Convolution of arrivals with the time in the state; used if exits or rewards read this time.
    pub sojourn: Option<Sojourn>,
    /// Patients now in the state, per stratum, not yet multiplied by survival from background mortality.
    pub now: Vec<f64>,
    /// Patients who enter the state at the end of the cycle, per stratum.
    pub arrivals: Vec<f64>,
    /// `[(k, class of the marginal)]`: patients in the state at each grid point.
    pub present: Vec<f64>,
}

impl FactorisedState {
    /// Takes the patients at time zero from the cells of the layout.
    pub fn begin(&mut self, cells: &Cells) {
        let (from, to) = &self.start;
        let mut by_others = vec![0.0; self.size];
        for (_, mass) in (0..cells.len()).map(|cell| cells.get(cell)) {
            for (x, mass) in mass.iter().enumerate() {
                by_others[class_of(from, x)] += mass;
            }
        }
        self.now.clear();
        self.now.extend((0..self.size).map(|u| by_others[class_of(to, u)]));
        self.arrivals.clear();
        self.arrivals.resize(self.size, 0.0);
    }

    /// Adds the arrivals at grid point `k` to the patients of the state.
    pub fn arrive(&mut self, k: usize) {
        match &mut self.sojourn {
            None => self.now.iter_mut().zip(&self.arrivals).for_each(|(now, a)| *now += a),
            Some(sojourn) => {
                sojourn.arrive(k, &self.arrivals);
                sojourn.present(k, &mut self.now);
            }
        }
        self.arrivals.fill(0.0);
    }

    /// Records the patients in the state at grid point `k`.
    pub fn record(&mut self, k: usize, background: &BackgroundMortality) {
        let size = background.marginals[self.marginal].size;
        let present = &mut self.present[k * size..][..size];
        match &self.class {
            None => present.copy_from_slice(&self.now),
            Some(class) => (self.now.iter().zip(class)).for_each(|(now, &c)| present[c as usize] += now),
        }
    }
}
