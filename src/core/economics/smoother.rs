//! Regression of net benefits on one parameter: estimates the expected net benefit of each strategy given the
//! parameter.
//!
//! Smoothing parameters minimise generalised cross-validation with degrees of freedom counted 1.4 times (Y.-J. Kim
//! and C. Gu, Journal of the Royal Statistical Society B 66 (2004) 337–356), which guards against the rough fits
//! that plain cross-validation sometimes picks.

use std::fmt;

use super::jackknife;
use super::linear::Cholesky;
use super::margin::{MarginalBasis, add_product};
use crate::math::pow;

/// Method by which the expected net benefit given the parameters was estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Smoother {
    /// No fit needed: no parameter varies between draws, or there is only one strategy.
    Nothing,
    /// Mean of the draws at each value of a parameter that has only a few distinct values.
    Means {
        /// Number of distinct values.
        values: usize,
    },
    /// Penalised cubic regression spline of one parameter, with its smoothness chosen by generalised
    /// cross-validation.
    Spline {
        /// Number of basis functions, including the constant.
        functions: usize,
    },
    /// Penalised cubic splines of each parameter, plus products of pairs of their smoothest functions and, in groups
    /// of three to about eight parameters, products of three straight lines. The smoothness of splines and of
    /// products is chosen by generalised cross-validation. Joint effects of more than three parameters, and nonlinear
    /// joint effects of three, are not captured.
    Surface {
        /// Number of parameters that vary between draws.
        parameters: usize,
        /// Number of basis functions, including the constant.
        functions: usize,
        /// Number of basis functions that are products of parameters.
        products: usize,
    },
}

impl fmt::Display for Smoother {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => write!(f, "none (nothing varies)"),
            Self::Means { values } => write!(f, "mean at each of {values} values"),
            Self::Spline { functions } => {
                write!(f, "penalised cubic spline ({functions} functions, GCV)")
            }
            Self::Surface { parameters, functions, products } => write!(
                f,
                "penalised splines of {parameters} parameters with products \
                 ({functions} functions, {products} of them products; GCV)"
            ),
        }
    }
}

/// Estimate of the value of information from a regression.
#[derive(Debug, Clone, Copy)]
pub(super) struct InformationEstimate {
    /// Mean of the largest fitted value minus the largest mean of fitted values; this estimate may be outside the range
    /// from 0 to the EVPI.
    pub value: f64,
    /// Jackknife standard error of the value.
    pub se: Option<f64>,
    /// Effective degrees of freedom of the fit, the largest among the responses.
    pub edf: f64,
    /// Smoother that was fitted.
    pub smoother: Smoother,
}

impl InformationEstimate {
    pub const NOTHING: InformationEstimate =
        InformationEstimate { value: 0.0, se: Some(0.0), edf: 0.0, smoother: Smoother::Nothing };
}

/// Ridge penalty on all functions except the constant, so small that it only selects among otherwise equal fits.
pub(super) const RIDGE: f64 = 1e-8;
/// Weight of each degree of freedom in cross-validation.
const COUNTED: f64 = 1.4;

/// Generalised cross-validation score from the mean squared residual. Infinite for fits that use as many degrees of
/// freedom as there are draws.
pub(super) fn cross_validation(mean_squared: f64, edf: f64, draws: usize) -> f64 {
    let left = 1.0 - COUNTED * edf / draws as f64;
    if left > 0.0 { mean_squared.max(0.0) / (left * left) } else { f64::INFINITY }
}

/// Running sums over draws of the largest fitted value and of each fitted value, from which the value of information is
/// computed. The reference strategy has a fitted value of zero in every draw.
#[derive(Clone)]
pub(super) struct Gain {
    largest: f64,
    sums: Vec<f64>,
    draws: usize,
}

impl Gain {
    pub fn new(responses: usize) -> Gain {
        Gain { largest: 0.0, sums: vec![0.0; responses], draws: 0 }
    }

    /// Adds the fitted values of one draw.
    #[inline]
    pub fn add(&mut self, fitted: &[f64]) {
        let mut largest = 0.0_f64;
        for (sum, &value) in self.sums.iter_mut().zip(fitted) {
            *sum += value;
            largest = if value > largest { value } else { largest };
        }
        self.largest += largest;
        self.draws += 1;
    }

    /// Mean of the largest fitted value minus the largest of the mean fitted values.
    pub fn value(&self) -> f64 {
        let best = self.sums.iter().fold(0.0_f64, |best, &sum| best.max(sum));
        (self.largest - best) / self.draws.max(1) as f64
    }
}

/// Regresses the responses (`[response][draw]`: net benefits minus the net benefits of a reference strategy) on one
/// parameter.
pub(super) fn one(margin: &MarginalBasis, responses: &[Vec<f64>]) -> InformationEstimate {
    let draws = responses[0].len();
    let (functions, local) = (margin.functions(), margin.local());
    let blocks = jackknife::blocks(draws);
    let parts: Vec<SmootherSums> =
        (blocks.iter()).map(|block| SmootherSums::new(margin, responses, block.clone())).collect();
    let total = SmootherSums::sum(&parts);

    // Smoothing is not needed if a parameter has only a few distinct values with many draws each.
    let means = margin.distinct.filter(|values| draws >= 10 * values);
    let prices: Vec<f64> = (0..responses.len())
        .map(|r| match means {
            Some(_) => 0.0,
            None => price(margin, &total.right[r], &responses[r]),
        })
        .collect();
    let edf = |price: f64| margin.penalty.iter().map(|d| 1.0 / (1.0 + price * d)).sum::<f64>();

    // Coefficients of local functions, `[local][response]`, estimated without one block (or from all blocks).
    let coefficients = |without: Option<&SmootherSums>| -> Option<Vec<f64>> {
        let kept = |all: f64, part: Option<f64>| all - part.unwrap_or(0.0);
        let kept_draws = draws - without.map_or(0, |part| part.draws);
        let mut fits = vec![0.0; local * responses.len()];
        for (r, price) in prices.iter().enumerate() {
            let mut matrix: Vec<f64> = (0..functions * functions)
                .map(|k| kept(total.gram[k], without.map(|part| part.gram[k])))
                .collect();
            for (i, penalty) in margin.penalty.iter().enumerate().skip(1) {
                matrix[i * functions + i] += (price * penalty + RIDGE) * kept_draws as f64;
            }
            let right: Vec<f64> = (0..functions)
                .map(|i| kept(total.right[r][i], without.map(|part| part.right[r][i])))
                .collect();
            let solution = Cholesky::new(&matrix, functions)?.solve(&right);
            for (l, c) in margin.to_local(&solution).into_iter().enumerate() {
                fits[l * responses.len() + r] = c;
            }
        }
        Some(fits)
    };
    let gain = |without: Option<usize>| -> Option<f64> {
        let fits = coefficients(without.map(|b| &parts[b]))?;
        let mut gain = Gain::new(responses.len());
        for (_, block) in blocks.iter().enumerate().filter(|(b, _)| Some(*b) != without) {
            add_fitted(&mut gain, margin, &fits, block.clone());
        }
        Some(gain.value())
    };
    let value = gain(None).unwrap_or(0.0);
    let without: Option<Vec<f64>> = (0..blocks.len()).map(|b| gain(Some(b))).collect();
    InformationEstimate {
        value,
        se: (blocks.len() > 1)
            .then(|| without.and_then(|without| jackknife::standard_error(&without)))
            .flatten(),
        edf: prices.iter().map(|&price| edf(price)).fold(0.0, f64::max),
        smoother: match means {
            Some(values) => Smoother::Means { values },
            None => Smoother::Spline { functions },
        },
    }
}

/// Cross-products of the natural functions and responses over one block of draws.
struct SmootherSums {
    draws: usize,
    /// Cross-products of pairs of functions, `[function][function]`.
    gram: Vec<f64>,
    /// Cross-products of responses with functions, `[response][function]`.
    right: Vec<Vec<f64>>,
}

impl SmootherSums {
    fn new(margin: &MarginalBasis, responses: &[Vec<f64>], block: std::ops::Range<usize>) -> SmootherSums {
        let local = margin.local();
        let mut gram = vec![0.0; local * local];
        let mut right = vec![vec![0.0; local]; responses.len()];
        for draw in block.clone() {
            let (start, weights) = margin.at(draw);
            add_product(&mut gram, local, start, weights);
            for (right, response) in right.iter_mut().zip(responses) {
                let y = response[draw];
                for (sum, weight) in right[start..start + 4].iter_mut().zip(weights) {
                    *sum += weight * y;
                }
            }
        }
        // The matrix is converted to natural functions, first its rows and then its columns.
        let functions = margin.functions();
        let half: Vec<Vec<f64>> = gram.chunks_exact(local).map(|row| margin.to_natural(row)).collect();
        let mut natural = vec![0.0; functions * functions];
        for j in 0..functions {
            let column: Vec<f64> = half.iter().map(|row| row[j]).collect();
            for (i, value) in margin.to_natural(&column).into_iter().enumerate() {
                natural[i * functions + j] = value;
            }
        }
        SmootherSums {
            draws: block.len(),
            gram: natural,
            right: right.iter().map(|sums| margin.to_natural(sums)).collect(),
        }
    }

    /// Sums the cross-products in the order of the blocks, so that the result does not depend on the number of
    /// threads.
    fn sum(parts: &[SmootherSums]) -> SmootherSums {
        let mut total = SmootherSums {
            draws: 0,
            gram: vec![0.0; parts[0].gram.len()],
            right: vec![vec![0.0; parts[0].right[0].len()]; parts[0].right.len()],
        };
        for part in parts {
            total.draws += part.draws;
            add(&mut total.gram, &part.gram);
            for (sum, right) in total.right.iter_mut().zip(&part.right) {
                add(sum, right);
            }
        }
        total
    }
}

pub(super) fn add(sum: &mut [f64], values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

/// Smoothing parameter (penalty per unit of curvature) that cross-validation selects for one response. Natural
/// functions are orthonormal over the draws, so each coefficient shrinks independently.
fn price(margin: &MarginalBasis, right: &[f64], response: &[f64]) -> f64 {
    let draws = response.len();
    let n = draws as f64;
    let squares = response.iter().map(|y| y * y).sum::<f64>() / n;
    let mut chosen = (f64::INFINITY, f64::INFINITY);
    // The loop runs from strong to weak smoothing, so that the smoothest fit is selected if scores are equal.
    for third in (-21..=18).rev() {
        let price = pow(10.0, f64::from(third) / 3.0);
        let (mut residual, mut edf) = (squares, 0.0);
        for (sum, penalty) in right.iter().zip(&margin.penalty) {
            let shrink = 1.0 / (1.0 + price * penalty);
            let mean = sum / n;
            residual -= mean * mean * shrink * (2.0 - shrink);
            edf += shrink;
        }
        // Residuals below the rounding error of the squares are treated as zero.
        let residual = if residual < 1e-13 * squares { 0.0 } else { residual };
        let score = cross_validation(residual, edf, draws);
        if score < chosen.0 {
            chosen = (score, price);
        }
    }
    if chosen.1.is_finite() { chosen.1 } else { 1e6 }
}

fn add_fitted(gain: &mut Gain, margin: &MarginalBasis, fits: &[f64], block: std::ops::Range<usize>) {
    let responses = fits.len() / margin.local();
    let mut fitted = vec![0.0; responses];
    for draw in block {
        let (start, weights) = margin.at(draw);
        let rows = &fits[start * responses..(start + 4) * responses];
        for (r, value) in fitted.iter_mut().enumerate() {
            *value = weights[0] * rows[r]
                + weights[1] * rows[responses + r]
                + weights[2] * rows[2 * responses + r]
                + weights[3] * rows[3 * responses + r];
        }
        gain.add(&fitted);
    }
}
