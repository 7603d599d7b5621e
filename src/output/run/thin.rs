//! Fewer points for long grids of short cycles: a weekly grid of a lifetime has thousands.

use crate::analysis::landmarks::grid_point;
use crate::model::TimeGrid;

/// Curves keep about this many points.
const MOST: usize = 2000;

/// The grid points that files keep: all of them, or every so many with the landmarks and the last.
pub fn kept(time: &TimeGrid, landmarks: &[f64]) -> Vec<usize> {
    let step = every(time);
    let mut points: Vec<usize> = (0..=time.cycles).step_by(step).collect();
    points.extend(landmarks.iter().map(|&years| grid_point(time, years)));
    points.push(time.cycles);
    points.sort_unstable();
    points.dedup();
    points
}

/// Every how many cycles a point is kept.
pub fn every(time: &TimeGrid) -> usize {
    (time.cycles + 1).div_ceil(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_grids_are_thinned_but_keep_landmarks_and_the_end() {
        let weekly = TimeGrid { cycles: 52 * 80, cycles_per_year: 52.0 };
        let points = kept(&weekly, &[1.0, 5.0, 10.0]);
        assert!(points.len() < 2010);
        for landmark in [0, 52, 260, 520, 52 * 80] {
            assert!(points.contains(&landmark));
        }
        let yearly = TimeGrid { cycles: 60, cycles_per_year: 1.0 };
        assert_eq!(kept(&yearly, &[1.0]).len(), 61);
    }
}
