//! Patients of one state under the factorised recursion, by the attributes that moves other than background mortality read.

use super::background::BackgroundMortality;
use super::exits::FactorisedExits;
use super::sojourn::Sojourn;
use crate::engine::cohort::cells::Cells;
use crate::engine::cohort::strata::class_of;

/// One state with exits.
pub struct FactorisedState {
    /// Number of strata.
    pub size: usize,
    /// Position of its marginal of background mortality.
    pub marginal: usize,
    /// Per stratum: the class of the marginal; `None` if they are the same.
    pub class: Option<Vec<u32>>,
    /// Strata of the layout to the attributes that background mortality does not read, and these to strata here.
    pub start: (Option<Vec<u32>>, Option<Vec<u32>>),
    /// Exits other than background mortality.
    pub exits: Option<FactorisedExits>,
    /// Where exits or rewards read the time in the state: occupancy is convolved from arrivals.
    pub sojourn: Option<Sojourn>,
    /// Per stratum: patients now.
    pub now: Vec<f64>,
    /// Per stratum: patients who arrive at the end of the cycle.
    pub arrivals: Vec<f64>,
    /// `[(k, class of the marginal)]`: patients at each grid point.
    pub present: Vec<f64>,
}

impl FactorisedState {
    /// Takes over patients at time zero from the cells of the layout.
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

    /// Takes in the arrivals at grid point `k`.
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

    /// Records the patients at grid point `k`.
    pub fn record(&mut self, k: usize, background: &BackgroundMortality) {
        let size = background.marginals[self.marginal].size;
        let present = &mut self.present[k * size..][..size];
        match &self.class {
            None => present.copy_from_slice(&self.now),
            Some(class) => (self.now.iter().zip(class)).for_each(|(now, &c)| present[c as usize] += now),
        }
    }
}
