//! The cells that patients enter and leave within a cycle, solved together by uniformisation. Cells that nobody enters only feed
//! them: their outflow is a source, a polynomial in time.

use super::super::cells::{sum, sum_of};
use super::discounts::DiscountStep;
use super::system::{Link, System};
use super::uniformisation::{MOST_STEPS, weights};
use crate::math;
use std::ops::Range;
use std::sync::LazyLock;

/// How a cell is solved in one cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alone {
    /// Patients enter the cell in the cycle: it belongs to the chain.
    No,
    /// Nobody enters, and the rates are low: the outflow is a Taylor series in time.
    Slow,
    /// Nobody enters, and the rates are high: the outflow is a polynomial with the same moments in time.
    Fast,
    /// Nobody enters, and the hazards jump within the cycle: the outflow has the right mean time.
    Stretched,
}

/// Largest rate per cycle of a slow cell; its outflow has [`TERMS`] terms.
pub const SLOW: f64 = 0.5;

/// Smallest rate per cycle of a fast cell.
pub const FAST: f64 = 8.0;

/// Largest rate per cycle of a chain into which fast cells flow; the timing of their outflow within the cycle then hardly matters.
pub const GENTLE: f64 = 2.0;

/// Terms of a source; the first term that is left out is below 1e-16 for a slow cell.
const TERMS: usize = 14;

/// Terms of the source of a fast cell.
const MOMENTS: usize = 6;

static INVERSE_MOMENTS: LazyLock<[[f64; MOMENTS]; MOMENTS]> = LazyLock::new(inverse_moments);

/// The chain of one cycle.
pub struct Chain {
    /// For each node: index of its first stratum in the chain; `None` for a cell that is solved alone.
    at: Vec<Option<usize>>,
    /// For each stratum of the cohort: its index in the chain.
    index: Vec<usize>,
    size: usize,
    /// `[(term, stratum)]`: coefficients of t^k / k! in the inflow from cells that are solved alone.
    source: Vec<f64>,
    /// Number of terms that are used, and smallest uniformisation rate with which no digits are lost.
    used: usize,
    least_rate: f64,
}

impl Chain {
    /// Prepares a chain of the cells that are not `alone`, without sources.
    pub fn new(system: &System, alone: &[Alone]) -> Chain {
        let size = system.out.len();
        let mut own = Chain {
            at: Vec::with_capacity(alone.len()),
            index: vec![usize::MAX; size],
            size: 0,
            source: Vec::new(),
            used: 0,
            least_rate: 0.0,
        };
        for (n, how) in alone.iter().enumerate() {
            if *how != Alone::No {
                own.at.push(None);
                continue;
            }
            own.at.push(Some(own.size));
            for index in &mut own.index[system.strata(n)] {
                *index = own.size;
                own.size += 1;
            }
        }
        own.source = vec![0.0; TERMS * own.size];
        own
    }

    /// Adds outflows `flow` e^(-out t), one for each stratum of a cell, to the strata that patients enter; `entered` are all
    /// strata of the cell entered. `flow` is used as working space.
    pub fn add_source(
        &mut self,
        entered: Range<usize>,
        target: Option<&[u32]>,
        flow: &mut [f64],
        out: &[f64],
        how: Alone,
    ) {
        let at = self.index[entered.start];
        if how == Alone::Fast {
            for (stratum, (flow, out)) in
                flow.iter().zip(out).enumerate().filter(|(_, (flow, _))| **flow > 0.0)
            {
                self.add_fast(at + target.map_or(stratum, |target| target[stratum] as usize), *flow, *out);
            }
            return;
        }
        let largest = |all: &[f64]| all.iter().fold(0.0, |most: f64, x| most.max(*x));
        let (mut term, rate) = (largest(flow), largest(out));
        let mut k = 0;
        while k < TERMS && term > 1e-17 {
            let source = &mut self.source[k * self.size + at..];
            match target {
                // All strata enter a single one.
                Some(_) if entered.len() == 1 => source[0] += sum(flow),
                None => source.iter_mut().zip(&*flow).for_each(|(source, flow)| *source += flow),
                Some(target) => {
                    flow.iter().zip(target).for_each(|(flow, &stratum)| source[stratum as usize] += flow);
                }
            }
            flow.iter_mut().zip(out).for_each(|(flow, out)| *flow *= -out);
            term *= rate;
            k += 1;
        }
        self.used = self.used.max(k);
        self.least_rate = self.least_rate.max(rate);
    }

    /// Adds an inflow with a density that is linear in time, with this mean time, to a stratum of the cohort.
    pub fn add_linear(&mut self, stratum: usize, flow: f64, mean: f64) {
        if flow == 0.0 {
            return;
        }
        let at = self.index[stratum];
        let slope = 12.0 * (mean - 0.5);
        self.source[at] += flow * (1.0 - 0.5 * slope);
        self.source[self.size + at] += flow * slope;
        self.used = self.used.max(2);
        self.least_rate = self.least_rate.max(SLOW);
    }

    fn add_fast(&mut self, at: usize, flow: f64, out: f64) {
        let gone = math::exp(-out);
        let mut moments = [0.0; MOMENTS];
        moments[0] = (1.0 - gone) / out;
        for k in 1..MOMENTS {
            moments[k] = (k as f64 * moments[k - 1] - gone) / out;
        }
        for (k, row) in INVERSE_MOMENTS.iter().enumerate() {
            let coefficient: f64 = row.iter().zip(&moments).map(|(a, m)| a * m).sum();
            self.source[k * self.size + at] += flow * coefficient;
        }
        self.used = self.used.max(MOMENTS);
        self.least_rate = self.least_rate.max(1.0);
    }

    /// Solves the chain: the patients of its cells at the end of the cycle, and the integrals of patients over it.
    pub fn run(&self, system: &mut System, links: &[Link], alone: &[Alone], steps: &[DiscountStep]) {
        if self.size == 0 {
            return;
        }
        let of_chain: Vec<usize> = (0..system.out.len()).filter(|&i| self.index[i] != usize::MAX).collect();
        let mut mass: Vec<f64> = of_chain.iter().map(|&i| system.mass[i]).collect();
        let out: Vec<f64> = of_chain.iter().map(|&i| system.out[i]).collect();
        let top = out.iter().fold(self.least_rate, |most: f64, x| most.max(*x));
        let per_top = if top > 0.0 { 1.0 / top } else { 0.0 };
        let stay: Vec<f64> = out.iter().map(|x| (1.0 - x * per_top).max(0.0)).collect();
        let inner = links.iter().filter(|link| alone[link.from] == Alone::No && alone[link.to] == Alone::No);
        let jumps: Vec<Jump> = inner
            .filter_map(|link| {
                let rates = &system.rates[link.rates..][..system.strata(link.from).len()];
                let probabilities = rates.iter().map(|rate| rate * per_top).collect();
                let (from, to) = (self.at[link.from]?, self.at[link.to]?);
                let single = system.strata(link.to).len() == 1;
                Some(Jump { from, to, target: link.target, single, probabilities })
            })
            .collect();
        let mut integrals = vec![vec![0.0; self.size]; system.integrals.len()];
        let (mut next, mut end) = (Vec::with_capacity(self.size), vec![0.0; self.size]);
        // Coefficient of each term of the source in the present step of the chain: C(i, k) / Λ^k.
        let mut binomial = [0.0; TERMS];
        for step in steps {
            let parts = (top * step.length / MOST_STEPS).ceil().max(1.0);
            let length = step.length / parts;
            let weights = weights(top, length, &step.forces);
            let terms = weights.integrals.iter().map(Vec::len).chain([weights.end.len()]).max().unwrap_or(1);
            for part in 0..parts as usize {
                end.fill(0.0);
                binomial.fill(0.0);
                binomial[0] = 1.0;
                let begins = part as f64 * length;
                let factors: Vec<f64> = (step.factors.iter().zip(&step.forces))
                    .map(|(factor, force)| factor * math::exp(-force * begins))
                    .collect();
                for i in 0..terms {
                    if let Some(&weight) = weights.end.get(i) {
                        end.iter_mut().zip(&mass).for_each(|(end, m)| *end += weight * m);
                    }
                    for ((into, weights), factor) in
                        integrals.iter_mut().zip(&weights.integrals).zip(&factors)
                    {
                        if let Some(weight) = weights.get(i) {
                            let weight = weight * factor;
                            into.iter_mut().zip(&mass).for_each(|(sum, m)| *sum += weight * m);
                        }
                    }
                    if i + 1 == terms {
                        break;
                    }
                    jump(&jumps, &stay, &mass, &mut next);
                    self.add_sources(per_top, &mut binomial, &mut next);
                    std::mem::swap(&mut mass, &mut next);
                }
                std::mem::swap(&mut mass, &mut end);
            }
        }
        for (at, &i) in of_chain.iter().enumerate() {
            system.mass[i] = mass[at];
            for (into, own) in system.integrals.iter_mut().zip(&integrals) {
                into[i] = own[at];
            }
        }
    }

    /// Adds the inflow from cells that are solved alone after one jump. `binomial` has the coefficient C(i, k) / Λ^k of each term k of
    /// the source at jump i, and is set to those of the next jump; `per_top` is 1 / Λ.
    fn add_sources(&self, per_top: f64, binomial: &mut [f64; TERMS], next: &mut [f64]) {
        for (k, choose) in binomial.iter().enumerate().take(self.used) {
            let coefficient = choose * per_top;
            if coefficient != 0.0 {
                let source = &self.source[k * self.size..][..self.size];
                next.iter_mut().zip(source).for_each(|(n, s)| *n += coefficient * s);
            }
        }
        // C(i + 1, k) / Λ^k = C(i, k) / Λ^k + C(i, k - 1) / Λ^(k - 1) / Λ.
        for k in (1..self.used.max(1)).rev() {
            binomial[k] += binomial[k - 1] * per_top;
        }
    }
}

/// A move between two cells of the chain: their first strata, the stratum entered from each one, and the probability of each stratum
/// to make the move in a jump.
struct Jump<'a> {
    from: usize,
    to: usize,
    target: Option<&'a [u32]>,
    /// Whether the cell entered has a single stratum.
    single: bool,
    probabilities: Vec<f64>,
}

/// One jump of the uniformised chain from `mass` to `next`; `stay` is the probability of each stratum to stay.
fn jump(jumps: &[Jump], stay: &[f64], mass: &[f64], next: &mut Vec<f64>) {
    next.clear();
    next.extend(mass.iter().zip(stay).map(|(m, stay)| m * stay));
    for jump in jumps {
        let leaving = mass[jump.from..].iter().zip(&jump.probabilities);
        match jump.target {
            Some(_) if jump.single => {
                next[jump.to] +=
                    sum_of(&mass[jump.from..][..jump.probabilities.len()], &jump.probabilities, |m, p| m * p);
            }
            None => next[jump.to..].iter_mut().zip(leaving).for_each(|(n, (m, p))| *n += m * p),
            Some(target) => {
                for ((m, p), &stratum) in leaving.zip(target) {
                    next[jump.to + stratum as usize] += m * p;
                }
            }
        }
    }
}

/// Matrix that turns the moments of a function over (0, 1) into the coefficients of t^k / k! of the polynomial with these moments, by
/// Legendre polynomials.
fn inverse_moments() -> [[f64; MOMENTS]; MOMENTS] {
    let choose = |n: usize, k: usize| (1..=k).fold(1.0, |c, i| c * (n + 1 - i) as f64 / i as f64);
    // Coefficient of t^i in the shifted Legendre polynomial of degree j.
    let legendre = |j: usize, i: usize| match i <= j {
        true => (if (i + j).is_multiple_of(2) { 1.0 } else { -1.0 }) * choose(j, i) * choose(j + i, i),
        false => 0.0,
    };
    let mut matrix = [[0.0; MOMENTS]; MOMENTS];
    let mut factorial = 1.0;
    for (k, row) in matrix.iter_mut().enumerate() {
        if k > 0 {
            factorial *= k as f64;
        }
        for (i, cell) in row.iter_mut().enumerate() {
            let sum: f64 = (0..MOMENTS).map(|j| (2 * j + 1) as f64 * legendre(j, k) * legendre(j, i)).sum();
            *cell = factorial * sum;
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A polynomial of low degree is found from its moments.
    #[test]
    fn moments_give_their_polynomial() {
        // 1 - 2 t + 3 t^2 has the moments below; the coefficients of t^k / k! are 1, -2 and 6.
        let moment = |k: usize| 1.0 / (k + 1) as f64 - 2.0 / (k + 2) as f64 + 3.0 / (k + 3) as f64;
        let found =
            inverse_moments().map(|row| row.iter().enumerate().map(|(k, a)| a * moment(k)).sum::<f64>());
        for (found, due) in found.iter().zip([1.0, -2.0, 6.0, 0.0, 0.0, 0.0]) {
            assert!((found - due).abs() < 1e-7, "{found} is not {due}");
        }
    }
}
