//! Attributes of patients: categories with shares, and numbers with a distribution.
//!
//! Engines, quadrature and other callers use only the methods below and never match on the kinds of attribute. To
//! add a kind, add a case with its answers here, its key in the schema, and its reading in
//! `scenario/compile/attributes.rs`. An attribute is either a category, by which formulas choose a case, or a
//! number, with which formulas compute. Its values are listed with their shares, or drawn from a continuous
//! distribution.

use super::distribution::{AttributeDistribution, AttributeFamily, Truncated};
use super::expression::Expr;
use super::patients::{shares, situation};
use super::quadrature::Node;
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
}

/// Methods on the values of an attribute.
impl Attribute {
    /// Whether the attribute is a number, with which formulas compute, rather than a category.
    pub fn is_number(&self) -> bool {
        matches!(self.kind, AttributeKind::Continuous(_))
    }

    /// Names of the categories; empty for a number.
    pub fn categories(&self) -> &[String] {
        match &self.kind {
            AttributeKind::Categorical { categories, .. } => categories,
            _ => &[],
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
        self.distribution().is_some_and(|own| matches!(own.family, AttributeFamily::Fixed { .. }))
    }

    /// The value that all patients share, if the attribute is [fixed](Attribute::is_fixed).
    pub fn fixed_value(&self, model: &Model, parameters: &[f64]) -> Option<f64> {
        self.density(model, parameters).filter(|_| self.is_fixed())?.fixed()
    }

    /// Values with their shares, if the attribute lists its values; categories with a share of 0 are included.
    pub fn listed(&self, model: &Model, parameters: &[f64]) -> Option<Vec<Node>> {
        let stated = self.shares();
        if stated.is_empty() && self.is_number() {
            return None;
        }
        let values = shares(stated.iter(), &situation(model, parameters, &[], 0));
        let node = |(i, weight): (usize, f64)| Node { value: i as f64, weight };
        Some(values.into_iter().enumerate().map(node).collect())
    }

    /// The continuous distribution at the given parameter values; `None` if the values are
    /// [listed](Attribute::listed).
    pub fn density(&self, model: &Model, parameters: &[f64]) -> Option<Truncated> {
        Some(self.distribution()?.evaluate(model, parameters))
    }

    /// Values at which checks evaluate formulas: all listed values, or the ends and the middle of a range.
    pub fn probes(&self, model: &Model, parameters: &[f64]) -> Vec<f64> {
        match self.density(model, parameters) {
            None => (0..self.most_probes()).map(|i| i as f64).collect(),
            Some(density) => {
                let (low, high) = density.range();
                (0..self.most_probes()).map(|i| low + (high - low) * i as f64 / 2.0).collect()
            }
        }
    }

    /// Number of [probes](Attribute::probes).
    pub fn most_probes(&self) -> usize {
        match &self.kind {
            AttributeKind::Categorical { categories, .. } => categories.len(),
            AttributeKind::Continuous(_) if self.is_fixed() => 1,
            AttributeKind::Continuous(_) => 3,
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
            AttributeKind::Continuous(_) => &[],
        }
    }

    /// The continuous distribution, if the attribute has one.
    pub fn distribution(&self) -> Option<&AttributeDistribution> {
        match &self.kind {
            AttributeKind::Continuous(distribution) => Some(distribution),
            AttributeKind::Categorical { .. } => None,
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
        }
    }
}
