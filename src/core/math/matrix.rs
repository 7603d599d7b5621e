//! Logarithm and exponential of small square matrices in plain arithmetic, so that results are bit-identical on every
//! processor.
//!
//! Matrices are stored row by row. The logarithm uses inverse scaling and squaring: square roots by the product form
//! of the Denman-Beavers iteration until the matrix is near the identity, then the Gregory series (N. J. Higham,
//! Functions of Matrices, SIAM 2008, sections 6.3, 11.5 and 11.4). The exponential uses scaling and squaring of a
//! Taylor series.

/// A square matrix with `n` rows.
#[derive(Clone, Debug, PartialEq)]
struct Square {
    n: usize,
    cells: Vec<f64>,
}

impl Square {
    fn identity(n: usize) -> Square {
        let cells = (0..n * n).map(|i| if i / n == i % n { 1.0 } else { 0.0 });
        Square { n, cells: cells.collect() }
    }

    fn zip(&self, other: &Square, f: impl Fn(f64, f64) -> f64) -> Square {
        let cells = self.cells.iter().zip(&other.cells).map(|(a, b)| f(*a, *b));
        Square { n: self.n, cells: cells.collect() }
    }

    fn scaled(&self, factor: f64) -> Square {
        let cells = self.cells.iter().map(|x| x * factor);
        Square { n: self.n, cells: cells.collect() }
    }

    fn times(&self, other: &Square) -> Square {
        let n = self.n;
        let mut cells = vec![0.0; n * n];
        for i in 0..n {
            for k in 0..n {
                let a = self.cells[i * n + k];
                for j in 0..n {
                    cells[i * n + j] += a * other.cells[k * n + j];
                }
            }
        }
        Square { n, cells }
    }

    /// Infinity norm: the largest sum of absolute values in a row.
    fn norm(&self) -> f64 {
        let rows = self.cells.chunks(self.n);
        rows.map(|row| row.iter().map(|x| x.abs()).sum()).fold(0.0, f64::max)
    }

    /// Inverse by Gauss-Jordan elimination with partial pivoting; `None` if the matrix is singular.
    fn inverse(&self) -> Option<Square> {
        let n = self.n;
        let mut own = self.cells.clone();
        let mut inverse = Square::identity(n).cells;
        for column in 0..n {
            let pivot =
                (column..n).max_by(|a, b| own[a * n + column].abs().total_cmp(&own[b * n + column].abs()))?;
            let size = own[pivot * n + column];
            if size == 0.0 || !size.is_finite() {
                return None;
            }
            for j in 0..n {
                own.swap(column * n + j, pivot * n + j);
                inverse.swap(column * n + j, pivot * n + j);
            }
            for j in 0..n {
                own[column * n + j] /= size;
                inverse[column * n + j] /= size;
            }
            for row in (0..n).filter(|row| *row != column) {
                let factor = own[row * n + column];
                for j in 0..n {
                    own[row * n + j] -= factor * own[column * n + j];
                    inverse[row * n + j] -= factor * inverse[column * n + j];
                }
            }
        }
        Some(Square { n, cells: inverse })
    }

    /// Principal square root; `None` if the matrix has none.
    fn root(&self) -> Option<Square> {
        let identity = Square::identity(self.n);
        let mut product = self.clone();
        let mut root = self.clone();
        for _ in 0..60 {
            let inverse = product.inverse()?;
            let half = identity.zip(&inverse, |a, b| 0.5 * (a + b));
            root = root.times(&half);
            let both = product.zip(&inverse, |a, b| 0.25 * (a + b));
            product = both.zip(&identity, |a, b| a + 0.5 * b);
            let far = product.zip(&identity, |a, b| a - b).norm();
            if far < 1e-15 * self.n as f64 {
                return Some(root);
            }
            if !far.is_finite() {
                return None;
            }
        }
        None
    }

    /// Principal logarithm; `None` if the matrix has none.
    fn ln(&self) -> Option<Square> {
        let identity = Square::identity(self.n);
        let mut near = self.clone();
        let mut scale = 1.0;
        while near.zip(&identity, |a, b| a - b).norm() > 0.1 {
            near = near.root()?;
            scale *= 2.0;
            if scale > 1e9 {
                return None;
            }
        }
        // Gregory series: ln A = 2 (z + z^3 / 3 + z^5 / 5 + ...) with z = (A - 1) / (A + 1).
        let above = near.zip(&identity, |a, b| a + b).inverse()?;
        let z = near.zip(&identity, |a, b| a - b).times(&above);
        let squared = z.times(&z);
        let (mut power, mut sum) = (z.clone(), z);
        for k in 1..20 {
            power = power.times(&squared);
            sum = sum.zip(&power, |a, b| a + b / (2 * k + 1) as f64);
        }
        Some(sum.scaled(2.0 * scale))
    }

    fn exp(&self) -> Square {
        let mut halvings = 0;
        let mut size = self.norm();
        while size > 0.5 {
            size *= 0.5;
            halvings += 1;
        }
        let small = self.scaled((0..halvings).fold(1.0, |x, _| 0.5 * x));
        let mut term = Square::identity(self.n);
        let mut sum = term.clone();
        for k in 1..20 {
            term = term.times(&small).scaled(1.0 / f64::from(k));
            sum = sum.zip(&term, |a, b| a + b);
        }
        (0..halvings).fold(sum, |sum, _| sum.times(&sum))
    }
}

/// Limit below which converted rates and probabilities are set to zero, because numbers this small are rounding error.
const ROUNDING: f64 = 1e-12;

/// Transition intensities per period: the logarithm of a matrix of transition probabilities (`n` rows, each adding up
/// to 1, stored one after another). `None` if the matrix has no principal logarithm.
pub fn intensities(probabilities: &[f64], n: usize) -> Option<Vec<f64>> {
    let matrix = Square { n, cells: probabilities.to_vec() };
    Some(tidied(matrix.ln()?.cells))
}

/// Transition probabilities over `periods` periods (usually a fraction of a period), computed as a power of the
/// transition matrix. `None` if `periods` is not a whole number and the matrix has no principal logarithm.
pub fn power(probabilities: &[f64], n: usize, periods: f64) -> Option<Vec<f64>> {
    let matrix = Square { n, cells: probabilities.to_vec() };
    // A whole number of periods needs no logarithm, so it is possible for every matrix of probabilities.
    let whole = (1.0..=MOST_PRODUCTS).contains(&periods) && periods.fract() == 0.0;
    if whole && probabilities.iter().all(|p| *p >= -ROUNDING) {
        let product = (1..periods as usize).fold(matrix.clone(), |product, _| product.times(&matrix));
        return Some(product.cells);
    }
    Some(tidied(matrix.ln()?.scaled(periods).exp().cells))
}

/// Largest whole number of periods for which the matrix is multiplied by itself.
const MOST_PRODUCTS: f64 = 100.0;

fn tidied(cells: Vec<f64>) -> Vec<f64> {
    let tidy = |x: f64| if x.abs() < ROUNDING { 0.0 } else { x };
    cells.into_iter().map(tidy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed form for two states with the rates a and b: 1 - exp(-(a + b) t), divided between both transitions in the
    /// ratio a:b.
    #[test]
    fn two_states_have_a_closed_form() {
        let (a, b, t): (f64, f64, f64) = (0.31, 0.12, 5.0);
        let moved = 1.0 - (-(a + b) * t).exp();
        let [there, back] = [a, b].map(|own| own / (a + b) * moved);
        let p = [1.0 - there, there, back, 1.0 - back];
        let q = intensities(&p, 2).expect("it has a logarithm");
        for (found, wanted) in q.iter().zip([-a, a, b, -b]) {
            assert!((found - wanted * t).abs() < 1e-13, "{found} {wanted}");
        }
        let yearly = power(&p, 2, 0.2).expect("it has a root");
        let moved = 1.0 - (-(a + b)).exp();
        assert!((yearly[1] - a / (a + b) * moved).abs() < 1e-14);
    }

    /// The fifth root of an irreversible transition matrix, raised to the fifth power, must be the original matrix.
    #[test]
    fn a_root_multiplied_up_is_the_matrix() {
        let p = [0.31, 0.4, 0.2, 0.09, 0.05, 0.5, 0.25, 0.2, 0.0, 0.1, 0.6, 0.3, 0.0, 0.0, 0.0, 1.0];
        let fifth = Square { n: 4, cells: power(&p, 4, 0.2).expect("a root") };
        let again = (1..5).fold(fifth.clone(), |product, _| product.times(&fifth));
        for (found, wanted) in again.cells.iter().zip(p) {
            assert!((found - wanted).abs() < 1e-14, "{found} {wanted}");
        }
        let rows = fifth.cells.chunks(4).map(|row| row.iter().sum::<f64>());
        rows.for_each(|sum| assert!((sum - 1.0).abs() < 1e-13));
    }

    #[test]
    fn whole_periods_need_no_logarithm() {
        let swap = [0.1, 0.9, 0.9, 0.1];
        assert_eq!(power(&swap, 2, 0.5), None);
        assert_eq!(power(&swap, 2, 1.0).unwrap(), swap);
        assert_eq!(power(&[-0.2, 1.2, 0.5, 0.5], 2, 1.0), None);
        let twice = power(&swap, 2, 2.0).unwrap();
        for (found, due) in twice.iter().zip([0.82, 0.18, 0.18, 0.82]) {
            assert!((found - due).abs() < 1e-15, "{found} {due}");
        }
    }

    #[test]
    fn what_has_no_logarithm_is_refused() {
        // If all patients change state in every period, the matrix has no logarithm, because its eigenvalues are 1 and
        // -1.
        assert_eq!(intensities(&[0.0, 1.0, 1.0, 0.0], 2), None);
        assert_eq!(intensities(&[0.5, 0.5, 0.5, 0.5], 2), None);
        assert_eq!(power(&[f64::NAN; 4], 2, 0.5), None);
    }
}
