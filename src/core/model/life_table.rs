//! Life tables: mortality by single year (or band) of age, looked up by lower bound.

use super::Model;
use super::grid;
use super::patients::{categories, class};
use crate::math;

/// Mortality rates per year by age, one column per combination of categorical attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeTable {
    /// Name.
    pub name: String,
    /// Categorical attributes that choose the column (mixed radix, the first varies slowest).
    pub by: Vec<usize>,
    /// Lower bounds of the age bands, ascending, in years.
    pub ages: Vec<f64>,
    /// `rates[column][band]` per year. The first band's rate also applies to younger ages, the last band's rate to
    /// older ages.
    pub rates: Vec<Vec<f64>>,
}

impl LifeTable {
    /// The column for a patient with these attributes.
    pub fn column(&self, attributes: &[f64], model: &Model) -> usize {
        class(self.by.iter().map(|&a| (a, categories(model, a))), attributes)
    }

    /// Life expectancy at age `from` with the rates of one column: the integral of survival over the age bands, of
    /// which the last is open-ended. Infinite if the rate of the last band is zero.
    pub fn expectation(&self, column: usize, from: f64) -> f64 {
        let rates = &self.rates[column];
        let (mut alive, mut years, mut at) = (1.0, 0.0, from);
        for (i, &rate) in rates.iter().enumerate() {
            let end = self.ages.get(i + 1).copied().unwrap_or(f64::INFINITY);
            if end <= at {
                continue;
            }
            let survive = math::exp(-rate * (end - at));
            years += match (rate > 0.0, end.is_finite()) {
                (true, true) => alive * (1.0 - survive) / rate,
                (true, false) => alive / rate,
                (false, true) => alive * (end - at),
                (false, false) => f64::INFINITY,
            };
            alive *= survive;
            at = end;
        }
        years
    }

    /// The cumulative hazard of one column.
    pub fn cumulative(&self, column: usize) -> AgeHazard<'_> {
        AgeHazard { ages: &self.ages, rates: &self.rates[column] }
    }
}

/// A hazard that is constant within bands of age.
#[derive(Clone, Copy, Debug)]
pub struct AgeHazard<'a> {
    ages: &'a [f64],
    rates: &'a [f64],
}

impl AgeHazard<'_> {
    /// The integral of the rate between two ages.
    pub fn between(&self, from: f64, to: f64) -> f64 {
        let mut band = self.ages.partition_point(|a| *a <= from).saturating_sub(1);
        let mut at = from;
        let mut sum = 0.0;
        while at < to {
            let end = self.ages.get(band + 1).map_or(to, |next| next.min(to));
            sum += self.rates[band] * (end - at);
            at = end;
            band = (band + 1).min(self.rates.len() - 1);
        }
        sum
    }
}

/// Table of numbers by age (or another quantity) and category. Formulas look up a value by the lower bounds of the
/// bands.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Name of the table.
    pub name: String,
    /// Categorical attributes that choose the column, with their numbers of categories (mixed radix, the first varies
    /// slowest).
    pub by: Vec<(usize, usize)>,
    /// Lower bounds of the bands, ascending.
    pub bounds: Vec<f64>,
    /// `values[column][band]`. The first band's value also applies below the table, the last band's value above
    /// the table.
    pub values: Vec<Vec<f64>>,
}

impl Listing {
    /// Index of the band that contains `at`.
    pub fn band(&self, at: f64) -> usize {
        self.bounds.partition_point(|bound| *bound <= at).saturating_sub(1)
    }

    /// The value at position `at` for a patient with these attributes. A position that is below the next bound by
    /// no more than `slack` counts as being at the bound (see [`super::grid`]). `slack` is evaluated only where it
    /// can matter.
    #[inline]
    pub fn value_on_grid(&self, at: f64, slack: impl FnOnce() -> f64, attributes: &[f64]) -> f64 {
        let mut next = self.bounds.partition_point(|bound| *bound <= at);
        if let Some(bound) = self.bounds.get(next)
            && grid::near(*bound, at)
            && *bound <= at + slack()
        {
            next += 1;
        }
        let column = class(self.by.iter().copied(), attributes);
        self.values[column][next.saturating_sub(1)]
    }
}
