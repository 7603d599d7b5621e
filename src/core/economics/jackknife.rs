//! Delete-a-block jackknife: standard error of an estimate from recomputing it without each block of draws in turn.
//!
//! J. Shao and C. F. J. Wu, Annals of Statistics 17 (1989) 1176–1197. Blocks are contiguous, so that draws which
//! depend on their neighbours are left out together.

use std::ops::Range;

use crate::math::sqrt;

const MOST: usize = 25;
const FEWEST: usize = 5;

/// Contiguous blocks of draws of nearly equal size: 25, or fewer if blocks would otherwise contain fewer than four
/// draws. With fewer than twenty draws there is a single block, so no standard error can be computed.
pub(super) fn blocks(draws: usize) -> Vec<Range<usize>> {
    let count = (draws / 4).min(MOST);
    let count = if count < FEWEST { 1 } else { count };
    (0..count).map(|b| b * draws / count..(b + 1) * draws / count).collect()
}

/// Jackknife standard error from the estimates without each block in turn; `None` for fewer than two estimates.
pub(super) fn standard_error(without: &[f64]) -> Option<f64> {
    if without.len() < 2 {
        return None;
    }
    let count = without.len() as f64;
    let mean = without.iter().sum::<f64>() / count;
    let squares: f64 = without.iter().map(|v| (v - mean) * (v - mean)).sum();
    Some(sqrt((count - 1.0) / count * squares))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_all_draws_once() {
        for (draws, count) in [(3, 1), (19, 1), (20, 5), (99, 24), (100, 25), (10_007, 25)] {
            let blocks = blocks(draws);
            assert_eq!(blocks.len(), count);
            assert_eq!((blocks[0].start, blocks[count - 1].end), (0, draws));
            assert!(blocks.windows(2).all(|pair| pair[0].end == pair[1].start));
            assert!(blocks.iter().all(|b| b.len().abs_diff(draws / count) <= 1));
        }
    }

    /// With blocks of one draw the jackknife of a mean is its usual standard error.
    #[test]
    fn for_a_mean_it_is_the_usual_standard_error() {
        let values = [1.0, 4.0, 2.0, 8.0, 5.0];
        let total: f64 = values.iter().sum();
        let without: Vec<f64> = values.iter().map(|v| (total - v) / 4.0).collect();
        let squares: f64 = values.iter().map(|v| (v - 4.0) * (v - 4.0)).sum();
        let se = standard_error(&without).unwrap();
        assert!((se - sqrt(squares / 4.0 / 5.0)).abs() < 1e-12);
        assert_eq!(standard_error(&[1.0]), None);
    }
}
