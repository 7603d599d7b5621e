//! Small dense linear algebra: Cholesky factors and eigenvectors of symmetric matrices. Matrices are slices in
//! row-major order.
//!
//! G. H. Golub and C. F. Van Loan, Matrix Computations, 4th ed. (2013), §4.2 and §8.5.

use crate::math::sqrt;

/// Dot product in a fixed order of summation: eight running sums, because processors can update eight sums in parallel.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0_f64; 8];
    let (blocks_a, rest_a) = a.as_chunks::<8>();
    let (blocks_b, rest_b) = b.as_chunks::<8>();
    for (a, b) in blocks_a.iter().zip(blocks_b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// Cholesky factor of a symmetric positive definite matrix A: the lower triangular L with L Lᵀ = A.
pub(super) struct Cholesky {
    size: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factorises a symmetric matrix, of which only the lower triangle is read. `None` if the matrix is not positive
    /// definite.
    pub fn new(matrix: &[f64], size: usize) -> Option<Cholesky> {
        let mut lower = vec![0.0; size * size];
        for i in 0..size {
            let (done, current) = lower.split_at_mut(i * size);
            for j in 0..i {
                let row = &done[j * size..j * size + size];
                current[j] = (matrix[i * size + j] - dot(&current[..j], &row[..j])) / row[j];
            }
            let pivot = matrix[i * size + i] - dot(&current[..i], &current[..i]);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            current[i] = sqrt(pivot);
        }
        Some(Cholesky { size, lower })
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.lower[i * self.size..(i + 1) * self.size]
    }

    /// Replaces b by L⁻¹ b.
    pub fn forward(&self, b: &mut [f64]) {
        for i in 0..self.size {
            let row = self.row(i);
            b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
        }
    }

    /// Replaces b by L⁻ᵀ b.
    pub fn backward(&self, b: &mut [f64]) {
        for i in (0..self.size).rev() {
            let row = self.row(i);
            b[i] /= row[i];
            let value = b[i];
            for (b, l) in b[..i].iter_mut().zip(row) {
                *b -= l * value;
            }
        }
    }

    /// Returns Lᵀ b.
    pub fn transposed_times(&self, b: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.size];
        for (i, value) in b.iter().enumerate() {
            for (p, l) in product.iter_mut().zip(&self.row(i)[..=i]) {
                *p += l * value;
            }
        }
        product
    }

    /// Solves A x = b: returns A⁻¹ b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        self.forward(&mut x);
        self.backward(&mut x);
        x
    }

    /// Diagonal of A⁻¹.
    pub fn inverse_diagonal(&self) -> Vec<f64> {
        let mut column = vec![0.0; self.size];
        (0..self.size)
            .map(|start| {
                // Column `start` of L⁻¹ is zero above its diagonal.
                column[start] = 1.0 / self.row(start)[start];
                for i in start + 1..self.size {
                    let row = self.row(i);
                    column[i] = -dot(&row[start..i], &column[start..i]) / row[i];
                }
                dot(&column[start..], &column[start..])
            })
            .collect()
    }
}

/// Eigenvalues in increasing order, each with its eigenvector of length one, by Jacobi's rotations.
pub(super) fn eigen(matrix: &[f64], size: usize) -> Vec<(f64, Vec<f64>)> {
    let mut a = matrix.to_vec();
    // Row i of `vectors` becomes eigenvector i.
    let mut vectors = vec![0.0; size * size];
    for i in 0..size {
        vectors[i * size + i] = 1.0;
    }
    let total = dot(&a, &a);
    for _sweep in 0..60 {
        let off: f64 = (0..size)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| a[i * size + j] * a[i * size + j])
            .sum();
        if off <= 1e-32 * total {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut a, &mut vectors, size, p, q);
            }
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> =
        (0..size).map(|i| (a[i * size + i], vectors[i * size..(i + 1) * size].to_vec())).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    pairs
}

/// Applies one Jacobi rotation, which makes element (p, q) zero.
fn rotate(a: &mut [f64], vectors: &mut [f64], size: usize, p: usize, q: usize) {
    let element = a[p * size + q];
    if element == 0.0 {
        return;
    }
    let theta = (a[q * size + q] - a[p * size + p]) / (2.0 * element);
    let t = 1.0_f64.copysign(theta) / (theta.abs() + sqrt(theta * theta + 1.0));
    let cos = 1.0 / sqrt(t * t + 1.0);
    let sin = t * cos;
    let turn = |a: &mut [f64], i: usize, j: usize| {
        let (x, y) = (a[i], a[j]);
        a[i] = cos * x - sin * y;
        a[j] = sin * x + cos * y;
    };
    for k in 0..size {
        turn(a, k * size + p, k * size + q);
    }
    for k in 0..size {
        turn(a, p * size + k, q * size + k);
        turn(vectors, p * size + k, q * size + k);
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::testing::Numbers;
    use super::*;

    fn positive(size: usize, numbers: &mut Numbers) -> Vec<f64> {
        let root: Vec<f64> = numbers.normals(size * size, 0.0, 1.0);
        let row = |i: usize| &root[i * size..(i + 1) * size];
        (0..size * size)
            .map(|k| dot(row(k / size), row(k % size)) + f64::from(k / size == k % size))
            .collect()
    }

    #[test]
    fn solutions_solve_and_the_diagonal_is_that_of_the_inverse() {
        let mut numbers = Numbers(1);
        for size in [1, 2, 7, 30] {
            let a = positive(size, &mut numbers);
            let factor = Cholesky::new(&a, size).unwrap();
            let diagonal = factor.inverse_diagonal();
            for (i, diagonal) in diagonal.iter().enumerate() {
                let mut unit = vec![0.0; size];
                unit[i] = 1.0;
                let x = factor.solve(&unit);
                for (j, unit) in unit.iter().enumerate() {
                    assert!((dot(&a[j * size..(j + 1) * size], &x) - unit).abs() < 1e-9);
                }
                assert!((x[i] - diagonal).abs() < 1e-9 * diagonal);
            }
            // The backward step must undo the multiplication by Lᵀ.
            let b = numbers.normals(size, 0.0, 1.0);
            let mut back = factor.transposed_times(&b);
            factor.backward(&mut back);
            assert!(back.iter().zip(&b).all(|(x, y)| (x - y).abs() < 1e-9));
        }
        assert!(Cholesky::new(&[1.0, 2.0, 2.0, 1.0], 2).is_none());
        assert!(Cholesky::new(&[f64::NAN], 1).is_none());
    }

    #[test]
    fn eigenvectors_are_orthonormal_and_belong_to_their_values() {
        let mut numbers = Numbers(2);
        for size in [1, 2, 5, 20] {
            let a = positive(size, &mut numbers);
            let pairs = eigen(&a, size);
            for (k, (value, vector)) in pairs.iter().enumerate() {
                for (i, v) in vector.iter().enumerate() {
                    let product = dot(&a[i * size..(i + 1) * size], vector);
                    assert!((product - value * v).abs() < 1e-10 * pairs[size - 1].0);
                }
                for (other, (_, second)) in pairs.iter().enumerate() {
                    assert!((dot(vector, second) - f64::from(k == other)).abs() < 1e-12);
                }
            }
            assert!(pairs.windows(2).all(|p| p[0].0 <= p[1].0));
        }
    }
}
