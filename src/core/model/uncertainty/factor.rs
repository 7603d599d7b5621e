//! Cholesky factor of a correlation matrix that may be singular.

use crate::math::sqrt;

/// Pivots below this limit are treated as zero. A pivot is the variance of a parameter that the preceding
/// parameters do not explain.
const NIL: f64 = 1e-12;

/// The lower triangular matrix L with L Lᵀ = `matrix` (square, symmetric, positive semidefinite), by Cholesky's
/// method; the column of a zero pivot is zero. `None` if no factor exists, because `matrix` is then not a
/// correlation matrix.
pub fn factor(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for j in 0..n {
        let known: f64 = lower[j][..j].iter().map(|x| x * x).sum();
        let left = matrix[j][j] - known;
        if left < -1e-9 {
            return None;
        }
        let nil = left < NIL;
        if !nil {
            lower[j][j] = sqrt(left);
        }
        for i in j + 1..n {
            let shared: f64 = lower[i][..j].iter().zip(&lower[j][..j]).map(|(a, b)| a * b).sum();
            let rest = matrix[i][j] - shared;
            if nil {
                // A parameter without residual variance cannot have a residual covariance with another parameter.
                if rest.abs() > 1e-6 {
                    return None;
                }
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    Some(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt(lower: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let n = lower.len();
        let at = |i: usize, j: usize| (0..n).map(|k| lower[i][k] * lower[j][k]).sum();
        (0..n).map(|i| (0..n).map(|j| at(i, j)).collect()).collect()
    }

    #[test]
    fn the_factor_gives_the_matrix_back_also_where_all_is_one() {
        let mixed = vec![vec![1.0, 0.5, -0.2], vec![0.5, 1.0, 0.3], vec![-0.2, 0.3, 1.0]];
        let same = vec![vec![1.0; 3]; 3];
        let opposite = vec![vec![1.0, -1.0], vec![-1.0, 1.0]];
        for matrix in [mixed, same, opposite] {
            let back = rebuilt(&factor(&matrix).unwrap());
            for (a, b) in matrix.iter().flatten().zip(back.iter().flatten()) {
                assert!((a - b).abs() < 1e-12, "{matrix:?} came back as {back:?}");
            }
        }
    }

    #[test]
    fn what_no_variables_can_have_is_refused() {
        // Variables a and b correlate positively, b and c too, but a and c negatively.
        let impossible = vec![vec![1.0, 0.9, -0.9], vec![0.9, 1.0, 0.9], vec![-0.9, 0.9, 1.0]];
        assert_eq!(factor(&impossible), None);
        assert_eq!(factor(&[vec![1.0, 1.0, 0.0], vec![1.0, 1.0, 0.5], vec![0.0, 0.5, 1.0]]), None);
    }
}
