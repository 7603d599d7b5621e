//! Mean, standard deviation and rank correlation of values.

use arcosim_core::math::sqrt;

/// Mean and standard deviation of values.
pub fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (mean, sqrt(squares / (n - 1.0).max(1.0)))
}

/// Spearman's rank correlation.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let ranks = |values: &[f64]| {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
        let mut ranks = vec![0.0; values.len()];
        // Ties are assigned the mean of their ranks.
        let mut from = 0;
        while from < order.len() {
            let equal = |&&i: &&usize| values[i] == values[order[from]];
            let to = from + order[from..].iter().take_while(equal).count();
            let rank = 0.5 * (from + to - 1) as f64;
            order[from..to].iter().for_each(|&i| ranks[i] = rank);
            from = to;
        }
        ranks
    };
    let (a, b) = (ranks(a), ranks(b));
    let ((mean_a, sd_a), (mean_b, sd_b)) = (moments(&a), moments(&b));
    let cross: f64 = a.iter().zip(&b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum();
    match sd_a * sd_b {
        0.0 => 0.0,
        spread => cross / (a.len() as f64 - 1.0) / spread,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_do_not_see_the_scale() {
        let a = [1.0, 2.0, 3.0, 4.0];
        assert!((rank_correlation(&a, &a.map(|x: f64| x * x * x)) - 1.0).abs() < 1e-12);
        assert!((rank_correlation(&a, &a.map(|x| -x)) + 1.0).abs() < 1e-12);
        assert_eq!(rank_correlation(&a, &[1.0; 4]), 0.0);
    }
}
