//! Attributes of patients: categories with shares, and numbers with a distribution.
//!
//! Engines, quadrature and other callers use only the methods below and never match on the kinds of attribute. To
//! add a kind, add a case with its answers here, its key in the schema, and its reading in
//! `scenario/compile/attributes.rs`. An attribute is either a category, by which formulas choose a case, or a
//! number, with which formulas compute. Its values are listed with their shares, or drawn from a continuous
//! distribution.

use super::dependence::{Case, cases};
use super::distribution::{AttributeDistribution, AttributeFamily, Truncated};
use super::expression::Expr;
use super::patients::{shares, situation};
use super::quadrature::{BY_ROW, Node};
use super::structure::{Model, Share};

/// An attribute of a patient.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Name; also the key of the attribute's random-number stream.
    pub name: String,
    /// Label shown in reports.
    pub label: String,
    /// Distribution of the attribute in the population.
    pub kind: AttributeKind,
}

/// Distribution of an attribute.
#[derive(Clone, Debug)]
pub enum AttributeKind {
    /// Named categories with shares.
    Categorical {
        /// Category names.
        categories: Vec<String>,
        /// Shares of the categories.
        shares: Vec<Share>,
    },
    /// A number with a continuous distribution, which may be truncated.
    Continuous(AttributeDistribution),
    /// A column of a table of patients. All attributes of this kind go together: the same row belongs to the same patient.
    Column {
        /// Category names; empty for a number.
        categories: Vec<String>,
        /// Value (a number, or the index of a category) and share of each row.
        rows: Vec<(f64, f64)>,
    },
}

/// Methods on the values of an attribute.
impl Attribute {
    /// Whether the attribute is a number, with which formulas compute, rather than a category.
    pub fn is_number(&self) -> bool {
        match &self.kind {
            AttributeKind::Continuous(_) => true,
            AttributeKind::Categorical { .. } => false,
            AttributeKind::Column { categories, .. } => categories.is_empty(),
        }
    }

    /// Values of the rows of a table of patients, with their shares, if the attribute is a column of one.
    pub fn rows(&self) -> Option<&[(f64, f64)]> {
        match &self.kind {
            AttributeKind::Column { rows, .. } => Some(rows),
            _ => None,
        }
    }

    /// [`Attribute::rows`] as nodes, one for each row.
    pub fn row_nodes(&self) -> Option<Vec<Node>> {
        let node = |&(value, weight): &(f64, f64)| Node { value, weight, given: BY_ROW };
        Some(self.rows()?.iter().map(node).collect())
    }

    /// Smallest and largest value in the table of patients, for a number that is a column of it.
    pub fn range_of_rows(&self) -> Option<(f64, f64)> {
        let rows = self.rows().filter(|_| self.is_number())?;
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        Some(rows.iter().fold(ends, |(low, high), (x, _)| (low.min(*x), high.max(*x))))
    }

    /// Names of the categories; empty for a number.
    pub fn categories(&self) -> &[String] {
        match &self.kind {
            AttributeKind::Categorical { categories, .. } | AttributeKind::Column { categories, .. } => {
                categories
            }
            AttributeKind::Continuous(_) => &[],
        }
    }

    /// Number of classes that tables distinguish: the number of categories, or 1 for a number.
    pub fn classes(&self) -> usize {
        match self.is_number() {
            true => 1,
            false => self.categories().len(),
        }
    }

    /// Whether the attribute is a number with the same value for all patients.
    pub fn is_fixed(&self) -> bool {
        let fixed = |own: &AttributeDistribution| matches!(own.family, AttributeFamily::Fixed { .. });
        self.distribution().is_some_and(fixed) && self.by().is_empty()
    }

    /// The value that all patients share, if the attribute is [fixed](Attribute::is_fixed).
    pub fn fixed_value(&self, model: &Model, parameters: &[f64]) -> Option<f64> {
        self.is_fixed().then(|| self.density_given(model, parameters, &[]))??.fixed()
    }

    /// Values with their shares among all patients, if the attribute lists its values; categories with a share of 0 are included.
    pub fn listed(&self, model: &Model, parameters: &[f64]) -> Option<Vec<Node>> {
        let mut all: Option<Vec<Node>> = None;
        for Case { share, values } in cases(model, parameters, &self.by()) {
            let own = self.listed_given(model, parameters, &values)?;
            let none = || own.iter().map(|node| Node { weight: 0.0, ..*node }).collect();
            let sums = all.get_or_insert_with(none).iter_mut();
            sums.zip(&own).for_each(|(sum, node)| sum.weight += share * node.weight);
        }
        all
    }

    /// Values with their shares among patients with the attributes `given`, of which only those on which this one depends are read;
    /// `None` for a continuous attribute.
    pub fn listed_given(&self, model: &Model, parameters: &[f64], given: &[f64]) -> Option<Vec<Node>> {
        if let Some(rows) = self.rows() {
            if self.is_number() {
                return self.row_nodes();
            }
            let share =
                |i: usize| rows.iter().filter(|(x, _)| *x as usize == i).map(|(_, share)| share).sum();
            let node = |i: usize| Node { value: i as f64, weight: share(i), given: 0 };
            return Some((0..self.categories().len()).map(node).collect());
        }
        let stated = self.shares();
        if stated.is_empty() && self.is_number() {
            return None;
        }
        let values = shares(stated.iter(), &situation(model, parameters, given, 0));
        let node = |(i, weight): (usize, f64)| Node { value: i as f64, weight, given: 0 };
        Some(values.into_iter().enumerate().map(node).collect())
    }

    /// The continuous distribution among patients with the attributes `given`, of which only those on which this one depends are read;
    /// `None` if the values are [listed](Attribute::listed).
    pub fn density_given(&self, model: &Model, parameters: &[f64], given: &[f64]) -> Option<Truncated> {
        Some(self.distribution()?.evaluate(model, parameters, given))
    }

    /// The continuous distribution in each case of the attributes on which it depends; empty if the values are
    /// [listed](Attribute::listed).
    pub fn densities(&self, model: &Model, parameters: &[f64]) -> Vec<(Case, Truncated)> {
        let all = if self.is_number() { cases(model, parameters, &self.by()) } else { Vec::new() };
        let of = |case: Case| {
            let density = self.density_given(model, parameters, &case.values)?;
            Some((case, density))
        };
        all.into_iter().filter_map(of).collect()
    }

    /// Value below which the attribute is in a share `p` of all patients; `None` if the values are [listed](Attribute::listed).
    pub fn quantile(&self, model: &Model, parameters: &[f64], p: f64) -> Option<f64> {
        if let Some(rows) = self.rows().filter(|_| self.is_number()) {
            let mut sorted = rows.to_vec();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut below = 0.0;
            let found = sorted.iter().find(|(_, share)| {
                below += share;
                below >= p
            });
            return found.or(sorted.last()).map(|(x, _)| *x);
        }
        let densities = self.densities(model, parameters);
        if let [(_, only)] = &densities[..] {
            return Some(only.fixed().unwrap_or_else(|| only.quantile(p)));
        }
        let of_cases = densities.iter().map(|(_, own)| own.fixed().unwrap_or_else(|| own.quantile(p)));
        let ends = of_cases.fold(None, |ends: Option<(f64, f64)>, x| {
            Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
        });
        let below = |x: f64| -> f64 { densities.iter().map(|(case, own)| case.share * own.cdf(x)).sum() };
        let (mut low, mut high) = ends?;
        // The quantile of a mixture lies between those of its parts.
        for _ in 0..100 {
            let middle = (low + high) / 2.0;
            if below(middle) < p { low = middle } else { high = middle }
        }
        Some((low + high) / 2.0)
    }

    /// Values at which checks evaluate formulas: all listed values, or the ends and the middle of a range.
    pub fn probes(&self, model: &Model, parameters: &[f64]) -> Vec<f64> {
        let densities = self.densities(model, parameters);
        let ranges = densities.iter().map(|(_, density)| density.range()).chain(self.range_of_rows());
        match ranges.reduce(|(a, b), (c, d)| (a.min(c), b.max(d))) {
            None => (0..self.most_probes()).map(|i| i as f64).collect(),
            Some((low, high)) => {
                (0..self.most_probes()).map(|i| low + (high - low) * i as f64 / 2.0).collect()
            }
        }
    }

    /// Number of [probes](Attribute::probes).
    pub fn most_probes(&self) -> usize {
        match (self.is_number(), self.is_fixed()) {
            (false, _) => self.categories().len(),
            (true, true) => 1,
            (true, false) => 3,
        }
    }

    /// A value as text: the name of a category, or the number formatted by `number`.
    pub fn in_words(&self, value: f64, number: impl Fn(f64) -> String) -> String {
        match self.is_number() {
            true => number(value),
            false => self.categories()[value as usize].clone(),
        }
    }
}

/// Methods on the shares and the distribution that define an attribute.
impl Attribute {
    /// Shares of the listed values; empty for a continuous attribute.
    pub fn shares(&self) -> &[Share] {
        match &self.kind {
            AttributeKind::Categorical { shares, .. } => shares,
            _ => &[],
        }
    }

    /// The continuous distribution, if the attribute has one.
    pub fn distribution(&self) -> Option<&AttributeDistribution> {
        match &self.kind {
            AttributeKind::Continuous(distribution) => Some(distribution),
            _ => None,
        }
    }

    /// All expressions of the attribute: stated shares, or parameters of the distribution.
    pub fn expressions(&self) -> Vec<&Expr> {
        let stated = self.shares().iter().filter_map(|share| match share {
            Share::Stated(expr) => Some(expr),
            Share::Rest => None,
        });
        let of_family = self.distribution().into_iter().flat_map(|own| own.family.expressions());
        stated.chain(of_family).collect()
    }

    /// [`Attribute::expressions`] as mutable references.
    pub fn expressions_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            AttributeKind::Categorical { shares, .. } => {
                let stated = shares.iter_mut().filter_map(|share| match share {
                    Share::Stated(expr) => Some(expr),
                    Share::Rest => None,
                });
                stated.collect()
            }
            AttributeKind::Continuous(distribution) => distribution.family.expressions_mut(),
            AttributeKind::Column { .. } => Vec::new(),
        }
    }
}
