//! Thinning of the time points written to files, because a lifetime of weekly cycles has thousands of points.

use crate::analysis::landmarks::grid_point;
use crate::model::TimeGrid;

/// Approximate number of points kept of a long curve.
const MOST: usize = 2000;

/// The grid points written to files: all points of a short grid; of a long grid every n-th, the landmarks and the last.
pub fn kept(time: &TimeGrid, landmarks: &[f64]) -> Vec<usize> {
    let step = every(time);
    let mut points: Vec<usize> = (0..=time.cycles).step_by(step).collect();
    points.extend(landmarks.iter().map(|&years| grid_point(time, years)));
    points.push(time.cycles);
    points.sort_unstable();
    points.dedup();
    points
}

/// Interval, in cycles, between the grid points that are kept.
pub fn every(time: &TimeGrid) -> usize {
    (time.cycles + 1).div_ceil(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Moves;

    #[test]
    fn long_grids_are_thinned_but_keep_landmarks_and_the_end() {
        let weekly = TimeGrid { cycles: 52 * 80, cycles_per_year: 52.0, moves: Moves::OnceACycle };
        let points = kept(&weekly, &[1.0, 5.0, 10.0]);
        assert!(points.len() < 2010);
        for landmark in [0, 52, 260, 520, 52 * 80] {
            assert!(points.contains(&landmark));
        }
        let yearly = TimeGrid { cycles: 60, cycles_per_year: 1.0, moves: Moves::OnceACycle };
        assert_eq!(kept(&yearly, &[1.0]).len(), 61);
    }
}
