//! Regression of net benefits on several parameters: splines of each parameter, products of pairs, and products of
//! three straight lines.
//!
//! The method is a low-order functional analysis of variance: main effects share one smoothing parameter and products
//! share another, both selected by cross-validation. Straight lines of each parameter have no penalty.

use rayon::prelude::*;

use super::jackknife;
use super::linear::{Cholesky, dot};
use super::margin::MarginalBasis;
use super::smoother::{Gain, InformationEstimate, RIDGE, Smoother, add, cross_validation};
use crate::math::pow;

/// Maximum number of basis functions, which is enough for splines and products of twenty parameters.
const FUNCTIONS: usize = 300;

/// Designs from rich to simple: number of functions of each parameter, and the highest total order of a product (a
/// straight line has order one, so a product of two lines has order two). The first design within the maximum number
/// of functions is used.
const DESIGNS: [(usize, usize); 8] = [(10, 8), (9, 5), (9, 4), (9, 3), (7, 2), (5, 2), (3, 2), (1, 2)];

/// One basis function of the design, evaluated at all draws.
struct DesignFunction {
    column: Vec<f64>,
    /// Curvature penalty of a main effect; zero for a product.
    main: f64,
    /// Penalty of a product; zero for a main effect.
    product: f64,
}

/// Regresses the responses (`[response][draw]`) on two or more parameters, each with its own basis in `margins`.
pub(super) fn surface(margins: &[&MarginalBasis], responses: &[Vec<f64>]) -> InformationEstimate {
    let draws = responses[0].len();
    let functions = design(margins, responses);
    let size = functions.len();
    let products = functions.iter().filter(|f| f.product > 0.0).count();
    let blocks = jackknife::blocks(draws);
    let rows = by_draw(&functions, draws);
    let parts: Vec<SurfaceSums> =
        (blocks.par_iter()).map(|block| SurfaceSums::new(&rows, size, responses, block.clone())).collect();
    let mut total = SurfaceSums::zero(size, responses.len());
    parts.iter().for_each(|part| total.add(part));

    let prices = prices(&functions, &total, responses);
    // Coefficients, `[response][function]`, estimated without one block (or from all blocks).
    let coefficients = |without: Option<&SurfaceSums>| -> Option<Vec<Vec<f64>>> {
        let gram = kept(&total.gram, without.map(|part| part.gram.as_slice()));
        let kept_draws = draws - without.map_or(0, |part| part.draws);
        let mut factors: Vec<(Penalties, Cholesky)> = Vec::new();
        let mut fits = Vec::with_capacity(responses.len());
        for (r, choice) in prices.iter().enumerate() {
            if !factors.iter().any(|(known, _)| known == &choice.prices) {
                let factor = penalised(&gram, &functions, choice.prices, kept_draws)?;
                factors.push((choice.prices, factor));
            }
            let (_, factor) = factors.iter().find(|(known, _)| known == &choice.prices)?;
            let right = kept(&total.right[r], without.map(|part| part.right[r].as_slice()));
            fits.push(factor.solve(&right));
        }
        Some(fits)
    };
    let gain = |without: Option<usize>| -> Option<f64> {
        let fits = coefficients(without.map(|b| &parts[b]))?;
        let mut gain = Gain::new(responses.len());
        let mut fitted = vec![0.0; responses.len()];
        for (_, block) in blocks.iter().enumerate().filter(|(b, _)| Some(*b) != without) {
            for row in rows[block.start * size..block.end * size].chunks_exact(size) {
                for (value, fit) in fitted.iter_mut().zip(&fits) {
                    *value = dot(row, fit);
                }
                gain.add(&fitted);
            }
        }
        Some(gain.value())
    };
    let without: Option<Vec<f64>> = (0..blocks.len()).into_par_iter().map(|b| gain(Some(b))).collect();
    InformationEstimate {
        value: gain(None).unwrap_or(0.0),
        se: (blocks.len() > 1)
            .then(|| without.and_then(|without| jackknife::standard_error(&without)))
            .flatten(),
        edf: prices.iter().map(|choice| choice.edf).fold(0.0, f64::max),
        smoother: Smoother::Surface { parameters: margins.len(), functions: size, products },
    }
}

/// Basis functions of the design; the first is the constant.
fn design(margins: &[&MarginalBasis], responses: &[Vec<f64>]) -> Vec<DesignFunction> {
    let draws = responses[0].len();
    let room = FUNCTIONS.min(draws / 10);
    let pairs = margins.len() * (margins.len() - 1) / 2;
    // Orders (a, b) of the products of one pair of parameters.
    let orders = |highest: usize| (1..highest).flat_map(move |a| (1..=highest - a).map(move |b| (a, b)));
    let fits = |&(each, highest): &(usize, usize)| {
        1 + margins.len() * each + pairs * orders(highest).count() <= room
    };
    let (each, highest) = DESIGNS.into_iter().find(fits).unwrap_or_else(|| {
        // If the parameters are too many for a product of every pair, half of the functions are splines.
        ((room / 2 / margins.len()).clamp(1, 5), 2)
    });
    let columns: Vec<Vec<Vec<f64>>> = (margins.iter())
        .map(|margin| {
            (1..margin.functions().min(each.max(highest) + 1))
                .map(|function| margin.column(function))
                .collect()
        })
        .collect();
    let mut functions = vec![DesignFunction { column: vec![1.0; draws], main: 0.0, product: 0.0 }];
    for (margin, columns) in margins.iter().zip(&columns) {
        for (order, column) in columns.iter().enumerate().take(each) {
            functions.push(DesignFunction {
                column: column.clone(),
                main: margin.penalty[order + 1],
                product: 0.0,
            });
        }
    }
    for (i, j) in pairs_by_strength(&columns, responses) {
        for (a, b) in orders(highest) {
            if functions.len() >= room.max(1 + margins.len()) {
                break;
            }
            let (Some(first), Some(second)) = (columns[i].get(a - 1), columns[j].get(b - 1)) else {
                continue;
            };
            functions.push(DesignFunction {
                column: first.iter().zip(second).map(|(x, y)| x * y).collect(),
                main: 0.0,
                product: 1.0 + margins[i].penalty[a] + margins[j].penalty[b],
            });
        }
    }
    functions.extend(triples(margins, &columns, room.saturating_sub(functions.len())));
    functions
}

/// Products of three straight lines, for all triples of parameters; none if the triples need more than `room`
/// functions.
fn triples(margins: &[&MarginalBasis], columns: &[Vec<Vec<f64>>], room: usize) -> Vec<DesignFunction> {
    let count = margins.len();
    if count * (count - 1) * count.saturating_sub(2) / 6 > room {
        return Vec::new();
    }
    let triples = (2..count).flat_map(|k| (1..k).flat_map(move |j| (0..j).map(move |i| [i, j, k])));
    triples
        .map(|triple| {
            let [a, b, c] = triple.map(|parameter| &columns[parameter][0]);
            DesignFunction {
                column: (a.iter().zip(b).zip(c)).map(|((a, b), c)| a * b * c).collect(),
                main: 0.0,
                product: 2.0,
            }
        })
        .collect()
}

/// All pairs of parameters, in decreasing order of the variance that the parameters explain alone. The order matters
/// only if the design has no room for all pairs.
fn pairs_by_strength(columns: &[Vec<Vec<f64>>], responses: &[Vec<f64>]) -> Vec<(usize, usize)> {
    let strength: Vec<f64> = (columns.iter())
        .map(|columns| {
            let explained = |response: &Vec<f64>| {
                let squares = dot(response, response).max(f64::MIN_POSITIVE);
                columns.iter().map(|c| dot(c, response) * dot(c, response)).sum::<f64>() / squares
            };
            responses.iter().map(explained).sum()
        })
        .collect();
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by(|&a, &b| strength[b].total_cmp(&strength[a]));
    (1..order.len()).flat_map(|j| (0..j).map(move |i| (i, j))).map(|(i, j)| (order[i], order[j])).collect()
}

/// Transposes columns to one row per draw, `[draw][function]`.
fn by_draw(functions: &[DesignFunction], draws: usize) -> Vec<f64> {
    let size = functions.len();
    let mut rows = vec![0.0; draws * size];
    for (f, function) in functions.iter().enumerate() {
        for (draw, value) in function.column.iter().enumerate() {
            rows[draw * size + f] = *value;
        }
    }
    rows
}

/// Cross-products of functions and responses over one block of draws.
struct SurfaceSums {
    draws: usize,
    /// Cross-products of functions, `[function][function]`, lower triangle.
    gram: Vec<f64>,
    /// Cross-products with responses, `[response][function]`.
    right: Vec<Vec<f64>>,
}

impl SurfaceSums {
    fn zero(size: usize, responses: usize) -> SurfaceSums {
        SurfaceSums { draws: 0, gram: vec![0.0; size * size], right: vec![vec![0.0; size]; responses] }
    }

    fn new(rows: &[f64], size: usize, responses: &[Vec<f64>], block: std::ops::Range<usize>) -> SurfaceSums {
        let mut part = SurfaceSums::zero(size, responses.len());
        part.draws = block.len();
        for (right, response) in part.right.iter_mut().zip(responses) {
            for draw in block.clone() {
                let row = &rows[draw * size..][..size];
                for (sum, value) in right.iter_mut().zip(row) {
                    *sum += value * response[draw];
                }
            }
        }
        // Draws are added four at a time, so that the matrix is read and written a quarter as often.
        let block = &rows[block.start * size..block.end * size];
        for four in block.chunks(4 * size) {
            let row = |k: usize| four.get(k * size..(k + 1) * size);
            for i in 0..size {
                let sums = &mut part.gram[i * size..][..=i];
                if let (Some(a), Some(b), Some(c), Some(d)) = (row(0), row(1), row(2), row(3)) {
                    let (wa, wb, wc, wd) = (a[i], b[i], c[i], d[i]);
                    let (a, b, c, d) = (&a[..=i], &b[..=i], &c[..=i], &d[..=i]);
                    for j in 0..=i {
                        sums[j] += wa * a[j] + wb * b[j] + wc * c[j] + wd * d[j];
                    }
                } else {
                    for row in four.chunks_exact(size) {
                        for (sum, value) in sums.iter_mut().zip(row) {
                            *sum += row[i] * value;
                        }
                    }
                }
            }
        }
        part
    }

    fn add(&mut self, other: &SurfaceSums) {
        self.draws += other.draws;
        add(&mut self.gram, &other.gram);
        for (sum, right) in self.right.iter_mut().zip(&other.right) {
            add(sum, right);
        }
    }
}

fn kept(all: &[f64], without: Option<&[f64]>) -> Vec<f64> {
    match without {
        Some(part) => all.iter().zip(part).map(|(all, part)| all - part).collect(),
        None => all.to_vec(),
    }
}

/// Smoothing parameters of main effects and of products.
#[derive(Clone, Copy, PartialEq)]
struct Penalties {
    main: f64,
    product: f64,
}

impl Penalties {
    /// Penalty of one basis function, per draw.
    fn charge(&self, function: &DesignFunction) -> f64 {
        self.main * function.main + self.product * function.product + RIDGE
    }
}

/// Cholesky factor of the penalised normal equations; the constant has no penalty.
fn penalised(
    gram: &[f64],
    functions: &[DesignFunction],
    prices: Penalties,
    draws: usize,
) -> Option<Cholesky> {
    let size = functions.len();
    let mut matrix = gram.to_vec();
    for (i, function) in functions.iter().enumerate().skip(1) {
        matrix[i * size + i] += prices.charge(function) * draws as f64;
    }
    Cholesky::new(&matrix, size)
}

/// Smoothing parameters that cross-validation selected for one response.
#[derive(Clone, Copy)]
struct Choice {
    score: f64,
    prices: Penalties,
    edf: f64,
}

/// Selects smoothing parameters for each response by cross-validation over a grid.
fn prices(functions: &[DesignFunction], total: &SurfaceSums, responses: &[Vec<f64>]) -> Vec<Choice> {
    let powers = |top: i32| [top, 0, -1, -2, -3, -4, -5].map(|p| pow(10.0, f64::from(p)));
    // The grid runs from strong to weak smoothing, so that the smoothest fit is selected if scores are equal.
    let grid: Vec<Penalties> =
        powers(2).into_iter().flat_map(|main| powers(4).map(|product| Penalties { main, product })).collect();
    let squares: Vec<f64> = responses.iter().map(|response| dot(response, response)).collect();
    let scored: Vec<Vec<Choice>> =
        (grid.par_iter()).map(|&prices| score(functions, total, prices, &squares)).collect();
    let stiffest = Choice { score: f64::INFINITY, prices: grid[0], edf: functions.len() as f64 };
    (0..responses.len())
        .map(|r| {
            (scored.iter().filter_map(|choices| choices.get(r)))
                .fold(stiffest, |best, choice| if choice.score < best.score { *choice } else { best })
        })
        .collect()
}

/// Cross-validation scores of all responses at one point of the grid; empty if the equations cannot be solved there.
fn score(
    functions: &[DesignFunction],
    total: &SurfaceSums,
    prices: Penalties,
    squares: &[f64],
) -> Vec<Choice> {
    let draws = total.draws as f64;
    let Some(factor) = penalised(&total.gram, functions, prices, total.draws) else {
        return Vec::new();
    };
    let charges: Vec<f64> = (functions.iter().enumerate())
        .map(|(i, function)| if i == 0 { 0.0 } else { prices.charge(function) * draws })
        .collect();
    let edf = functions.len() as f64 - dot(&factor.inverse_diagonal(), &charges);
    (total.right.iter().zip(squares))
        .map(|(right, squares)| {
            let fit = factor.solve(right);
            let charged: f64 = fit.iter().zip(&charges).map(|(b, charge)| charge * b * b).sum();
            let residual = squares - dot(&fit, right) - charged;
            // Residuals below the rounding error of the squares are treated as zero.
            let residual = if residual < 1e-12 * squares { 0.0 } else { residual };
            Choice { score: cross_validation(residual / draws, edf, total.draws), prices, edf }
        })
        .collect()
}
