//! Basis functions of one parameter for the smoother: a constant, a straight line, and functions of increasing
//! curvature, each with its penalty.
//!
//! Cubic B-splines on quantiles of the draws with a penalty on second differences (P. H. C. Eilers and B. D. Marx,
//! Statistical Science 11 (1996) 89–121). For unequal knots the differences are divided by the distances between the
//! splines' centres, so that straight lines have no penalty (Z. Li and J. Cao, arXiv 2201.06808). The splines are
//! transformed to their natural basis (A. Demmler and C. Reinsch, Numerische Mathematik 24 (1975) 375–382): functions
//! that are orthonormal over the draws and for which the penalty is a sum of squares.

use super::linear::{Cholesky, dot, eigen};

/// Parameters with at most this many distinct values get one function per value instead of splines.
const FEW: usize = 12;
/// Maximum number of spline functions per parameter.
const SPLINES: usize = 20;
/// Values that differ by less than this share of the range are treated as one value; a range below this share of the
/// largest absolute value is treated as zero.
const SAME: f64 = 1e-12;

/// Basis functions of one parameter, evaluated at every draw.
pub(super) struct MarginalBasis {
    /// Index of the first non-zero local function of each draw, `[draw]`.
    first: Vec<u32>,
    /// Values of the four consecutive local functions that start at `first`, `[draw]`.
    weights: Vec<[f64; 4]>,
    /// Number of local functions, at least four. Local functions beyond the number of natural functions are zero
    /// everywhere.
    local: usize,
    /// Natural functions as linear combinations of local functions, `[natural][local]`. The first natural function is
    /// the constant and the second is the standardised parameter.
    natural: Vec<Vec<f64>>,
    /// Penalty of each natural function: zero for the first two, one for the third, then increasing.
    pub penalty: Vec<f64>,
    /// Number of distinct values if each value has its own function; `None` for splines.
    pub distinct: Option<usize>,
}

impl MarginalBasis {
    /// Builds the basis from the values of a parameter in the draws; `None` if the parameter does not vary.
    pub fn new(values: &[f64]) -> Option<MarginalBasis> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        let range = most - least;
        if range <= SAME * least.abs().max(most.abs()) || !range.is_finite() {
            return None;
        }
        // Scales values to 0..1, so that the following steps do not depend on the unit of the parameter.
        let scale = |value: f64| (value - least) / range;
        sorted.iter_mut().for_each(|value| *value = scale(*value));
        sorted.dedup_by(|next, kept| *next - *kept <= SAME);
        if sorted.len() <= FEW {
            let nearest = |value: f64| {
                let above = sorted.partition_point(|&v| v <= value).max(1) - 1;
                let start = above.min(sorted.len().max(4) - 4);
                let mut weights = [0.0; 4];
                weights[above - start] = 1.0;
                (start, weights)
            };
            let distinct = Some(sorted.len());
            return MarginalBasis::natural(values.iter().map(|&v| nearest(scale(v))), &sorted, distinct);
        }
        let count = (sorted.len() / 3).min(values.len() / 10).clamp(5, SPLINES);
        let knots = knots(&sorted, count);
        let centres: Vec<f64> =
            (0..count).map(|j| (knots[j + 1] + knots[j + 2] + knots[j + 3]) / 3.0).collect();
        MarginalBasis::natural(values.iter().map(|&v| splines(&knots, scale(v))), &centres, None)
    }

    /// Transforms local functions at every draw, centred at `sites`, to natural functions.
    fn natural(
        draws: impl Iterator<Item = (usize, [f64; 4])>,
        sites: &[f64],
        distinct: Option<usize>,
    ) -> Option<MarginalBasis> {
        let (first, weights): (Vec<u32>, Vec<[f64; 4]>) =
            draws.map(|(start, weights)| (start as u32, weights)).unzip();
        let size = sites.len();
        let local = size.max(4);
        let mut gram = vec![0.0; local * local];
        for (start, weights) in first.iter().zip(&weights) {
            add_product(&mut gram, local, *start as usize, weights);
        }
        // Local functions beyond `size` are left out. A tiny constant is added to the diagonal, because a spline may
        // overlap almost no draw and the matrix would be singular.
        let draws = first.len() as f64;
        let mut square: Vec<f64> =
            (0..size * size).map(|k| gram[(k / size) * local + k % size] / draws).collect();
        let mean_diagonal = (0..size).map(|i| square[i * size + i]).sum::<f64>() / size as f64;
        (0..size).for_each(|i| square[i * size + i] += 1e-11 * mean_diagonal);
        let factor = Cholesky::new(&square, size)?;

        // In the coordinates Lᵀc, inner products over the draws are ordinary dot products.
        let constant = normalised(factor.transposed_times(&vec![1.0; size]));
        let mut line = factor.transposed_times(sites);
        let along = dot(&line, &constant);
        line.iter_mut().zip(&constant).for_each(|(l, c)| *l -= along * c);
        let line = normalised(line);
        let mut bending = bending(&factor, sites);
        let trace: f64 = (0..size).map(|i| bending[i * size + i]).sum();
        // The two directions without penalty (constant and line) are assigned the largest eigenvalues, so that they can
        // be separated from the other directions.
        let far = 4.0 * trace.max(1.0);
        for i in 0..size {
            for j in 0..size {
                bending[i * size + j] += far * (constant[i] * constant[j] + line[i] * line[j]);
            }
        }
        let mut pairs = eigen(&bending, size);
        pairs.truncate(size.saturating_sub(2));
        let unit = pairs.first().map_or(1.0, |pair| pair.0.max(f64::MIN_POSITIVE));
        let mut penalty = vec![0.0, 0.0];
        penalty.extend(pairs.iter().map(|pair| (pair.0 / unit).max(1.0)));
        let mut natural = vec![constant, line];
        natural.extend(pairs.into_iter().map(|pair| pair.1));
        for function in &mut natural {
            factor.backward(function);
            function.resize(local, 0.0);
        }
        Some(MarginalBasis { first, weights, local, natural, penalty, distinct })
    }

    /// Number of natural functions, including the constant.
    pub fn functions(&self) -> usize {
        self.natural.len()
    }

    /// Number of local functions.
    pub fn local(&self) -> usize {
        self.local
    }

    /// Index of the first local function of a draw, and the values of the four local functions from this index on.
    pub fn at(&self, draw: usize) -> (usize, &[f64; 4]) {
        (self.first[draw] as usize, &self.weights[draw])
    }

    /// Values of a natural function at every draw.
    pub fn column(&self, function: usize) -> Vec<f64> {
        let coefficients = &self.natural[function];
        (self.first.iter().zip(&self.weights))
            .map(|(start, weights)| {
                let c = &coefficients[*start as usize..][..4];
                weights[0] * c[0] + weights[1] * c[1] + weights[2] * c[2] + weights[3] * c[3]
            })
            .collect()
    }

    /// Converts a vector over local functions to natural functions (the transpose of [`MarginalBasis::to_local`]).
    pub fn to_natural(&self, local: &[f64]) -> Vec<f64> {
        self.natural.iter().map(|function| dot(function, local)).collect()
    }

    /// Converts coefficients of natural functions to coefficients of local functions.
    pub fn to_local(&self, natural: &[f64]) -> Vec<f64> {
        let mut local = vec![0.0; self.local];
        for (function, coefficient) in self.natural.iter().zip(natural) {
            for (l, f) in local.iter_mut().zip(function) {
                *l += coefficient * f;
            }
        }
        local
    }
}

/// Adds w wᵀ to the block of `gram` that belongs to the four functions from `start`.
pub(super) fn add_product(gram: &mut [f64], size: usize, start: usize, weights: &[f64; 4]) {
    for a in 0..4 {
        let row = &mut gram[(start + a) * size + start..][..4];
        for b in 0..4 {
            row[b] += weights[a] * weights[b];
        }
    }
}

fn normalised(mut vector: Vec<f64>) -> Vec<f64> {
    let length = crate::math::sqrt(dot(&vector, &vector));
    if length > 0.0 {
        vector.iter_mut().for_each(|v| *v /= length);
    }
    vector
}

/// The penalty matrix L⁻¹ DᵀD L⁻ᵀ. Each row of D is a second difference of coefficients, divided by the distances
/// between neighbouring sites and multiplied by the mean of both distances.
fn bending(factor: &Cholesky, sites: &[f64]) -> Vec<f64> {
    let size = sites.len();
    let mut penalty = vec![0.0; size * size];
    for j in 1..size.saturating_sub(1) {
        let (before, after) = (sites[j] - sites[j - 1], sites[j + 1] - sites[j]);
        let mean = 0.5 * (before + after);
        let mut row = vec![0.0; size];
        row[j - 1] = mean / before;
        row[j] = -mean / before - mean / after;
        row[j + 1] = mean / after;
        // Replaces row r of D by L⁻¹ r.
        factor.forward(&mut row);
        for a in 0..size {
            for b in 0..size {
                penalty[a * size + b] += row[a] * row[b];
            }
        }
    }
    penalty
}

/// Knots of `count` cubic splines on 0 to 1: each end four times, and quantiles of the distinct values in between.
fn knots(distinct: &[f64], count: usize) -> Vec<f64> {
    let inner = count - 4;
    let mut knots = vec![0.0; 4];
    knots.extend((1..=inner).map(|j| {
        let position = j as f64 / (inner + 1) as f64 * (distinct.len() - 1) as f64;
        let below = (position as usize).min(distinct.len() - 2);
        distinct[below] + (position - below as f64) * (distinct[below + 1] - distinct[below])
    }));
    knots.extend([1.0; 4]);
    knots
}

/// Index of the first of the four cubic splines that are not zero at `x`, and the values of all four (L. Piegl and W.
/// Tiller, The NURBS Book, 2nd ed. (1997), algorithm A2.2).
fn splines(knots: &[f64], x: f64) -> (usize, [f64; 4]) {
    let count = knots.len() - 4;
    let span = knots[4..count].partition_point(|&k| k <= x) + 3;
    let (mut values, mut left, mut right) = ([1.0, 0.0, 0.0, 0.0], [0.0; 4], [0.0; 4]);
    for degree in 1..4 {
        left[degree] = x - knots[span + 1 - degree];
        right[degree] = knots[span + degree] - x;
        let mut saved = 0.0;
        for r in 0..degree {
            let part = values[r] / (right[r + 1] + left[degree - r]);
            values[r] = saved + right[r + 1] * part;
            saved = left[degree - r] * part;
        }
        values[degree] = saved;
    }
    (span - 3, values)
}

#[cfg(test)]
mod tests {
    use super::super::samples::testing::Numbers;
    use super::*;

    fn check(values: &[f64]) -> MarginalBasis {
        let margin = MarginalBasis::new(values).unwrap();
        let n = values.len() as f64;
        let columns: Vec<Vec<f64>> = (0..margin.functions()).map(|f| margin.column(f)).collect();
        for (i, a) in columns.iter().enumerate() {
            for (j, b) in columns.iter().enumerate() {
                let product = dot(a, b) / n;
                assert!((product - f64::from(i == j)).abs() < 1e-6, "{i} {j}: {product}");
            }
        }
        assert!(columns[0].iter().all(|v| (v.abs() - 1.0).abs() < 1e-9));
        // The second column must be the standardised parameter, up to its sign.
        let mean = values.iter().sum::<f64>() / n;
        let sd = crate::math::sqrt(values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n);
        let sign = columns[1][0].signum() * (values[0] - mean).signum();
        for (column, value) in columns[1].iter().zip(values) {
            assert!((column - sign * (value - mean) / sd).abs() < 1e-5);
        }
        assert!(margin.penalty.windows(2).all(|p| p[0] <= p[1]));
        margin
    }

    #[test]
    fn functions_are_orthonormal_and_begin_with_a_constant_and_a_line() {
        let mut numbers = Numbers(9);
        let normal = numbers.normals(2000, 5.0, 1e-3);
        assert_eq!(check(&normal).functions(), SPLINES);
        let skewed: Vec<f64> = normal.iter().map(|z| crate::math::exp(3e3 * (z - 5.0))).collect();
        check(&skewed);
        // Half of the draws are equal to zero.
        let lump: Vec<f64> = normal.iter().map(|z| (z - 5.0).max(0.0)).collect();
        check(&lump);
        let few: Vec<f64> = (0..300).map(|i| f64::from(i % 3) * 2.0).collect();
        assert_eq!(check(&few).distinct, Some(3));
        let two: Vec<f64> = (0..300).map(|i| f64::from(i % 2)).collect();
        assert_eq!(check(&two).functions(), 2);
        let dozen: Vec<f64> = (0..300).map(|i| f64::from(i % 12)).collect();
        assert_eq!(check(&dozen).functions(), 12);
        let more: Vec<f64> = (0..300).map(|i| f64::from(i % 13)).collect();
        assert_eq!(check(&more).distinct, None);
        for constant in [vec![3.0; 10], vec![0.0; 4], vec![0.3, 0.1 + 0.2], vec![]] {
            assert!(MarginalBasis::new(&constant).is_none());
        }
    }

    #[test]
    fn splines_sum_to_one() {
        let distinct: Vec<f64> = (0..=50).map(|i| f64::from(i * i) / 2500.0).collect();
        let knots = knots(&distinct, 11);
        for x in distinct {
            let (start, values) = splines(&knots, x);
            assert!(start + 4 <= 11 && values.iter().all(|v| *v >= -1e-15));
            assert!((values.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}
