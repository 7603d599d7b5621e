//! Attributes that depend on others: age may be distributed differently in women and men, and the state at the start may
//! depend on the severity of the disease. A distribution can depend on categories only, so the population is a mixture over the
//! cases (combinations of categories) of the attributes on which others depend.

use super::attribute::Attribute;
use super::expression::Expr;
use super::hazard::{Reads, insert};
use super::patients::{class, shares, situation};
use super::quadrature::Node;
use super::structure::{Model, Share, Structure};

/// A combination of categories.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Share of all patients.
    pub share: f64,
    /// Values of all attributes; only those of the combination have a meaning.
    pub values: Vec<f64>,
}

/// Categorical attributes that the expressions read, ascending.
pub fn read_by<'e>(expressions: impl IntoIterator<Item = &'e Expr>) -> Vec<usize> {
    let mut by = Vec::new();
    expressions.into_iter().flat_map(|e| Reads::of(e).categorical).for_each(|a| insert(&mut by, a));
    by
}

/// Categorical attributes on which the states at the start depend, ascending.
pub fn start_by(model: &Structure) -> Vec<usize> {
    read_by(model.start.iter().filter_map(|(_, share)| match share {
        Share::Stated(e) => Some(e),
        Share::Rest => None,
    }))
}

/// Whether any attribute, or the state at the start, depends on an attribute, or attributes go together in a table of patients.
pub fn exists(model: &Structure) -> bool {
    model.attributes.iter().any(|one| one.rows().is_some())
        || !start_by(model).is_empty()
        || model.attributes.iter().any(|one| !one.by().is_empty())
}

/// Whether attribute `a` depends on another one, or another one or the state at the start on it.
pub fn is_tied(model: &Structure, a: usize) -> bool {
    let depends = |one: &Attribute| one.by().contains(&a);
    model.attributes[a].rows().is_some()
        || !model.attributes[a].by().is_empty()
        || start_by(model).contains(&a)
        || model.attributes.iter().any(depends)
}

/// The `attributes` with all on which they depend, each after those on which it depends.
pub fn ordered(model: &Structure, attributes: &[usize]) -> Vec<usize> {
    let mut all = Vec::new();
    for &a in attributes {
        for earlier in ordered(model, &model.attributes[a].by()).into_iter().chain([a]) {
            if !all.contains(&earlier) {
                all.push(earlier);
            }
        }
    }
    all
}

/// The cases of the categorical attributes `by` that have patients, with their shares.
pub fn cases(model: &Model, parameters: &[f64], by: &[usize]) -> Vec<Case> {
    let (columns, others): (Vec<usize>, Vec<usize>) =
        ordered(model, by).into_iter().partition(|&a| model.attributes[a].rows().is_some());
    let mut cases = vec![Case { share: 1.0, values: vec![0.0; model.attributes.len()] }];
    // The columns of a table of patients divide together: a row is a patient.
    if let Some(rows) = columns.first().and_then(|&first| model.attributes[first].rows()) {
        let row = |(i, &(_, share)): (usize, &(f64, f64))| {
            let mut case = Case { share, ..cases[0].clone() };
            for &a in &columns {
                case.values[a] = model.attributes[a].rows().map_or(0.0, |own| own[i].0);
            }
            case
        };
        cases = rows.iter().enumerate().map(row).filter(|case| case.share > 0.0).collect();
    }
    for a in others {
        let divided = |case: &Case| -> Vec<Case> {
            let listed = model.attributes[a].listed_given(model, parameters, &case.values);
            let node = |node: Node| {
                let mut values = case.values.clone();
                values[a] = node.value;
                Case { share: case.share * node.weight, values }
            };
            listed.into_iter().flatten().filter(|node| node.weight > 0.0).map(node).collect()
        };
        cases = cases.iter().flat_map(divided).collect();
    }
    joined(model, by, cases)
}

/// Adds up the cases that differ only in attributes on which those of `by` depend.
fn joined(model: &Model, by: &[usize], cases: Vec<Case>) -> Vec<Case> {
    let mut all: Vec<Case> = Vec::new();
    for case in cases {
        let own = index(model, by, &case.values);
        match all.iter_mut().find(|other| index(model, by, &other.values) == own) {
            Some(other) => other.share += case.share,
            None => all.push(case),
        }
    }
    all
}

/// Number of the case to which a patient belongs: the mixed-radix number of the categories of `by`.
pub fn index(model: &Structure, by: &[usize], values: &[f64]) -> usize {
    class(by.iter().map(|&a| (a, model.attributes[a].classes())), values)
}

/// Something for each case of the attributes `by`.
#[derive(Clone, Debug)]
pub struct ByCase<T> {
    by: Vec<usize>,
    sizes: Vec<usize>,
    of: Vec<Option<T>>,
}

impl<T> ByCase<T> {
    /// Computes `of` for every case that has patients.
    pub fn new(
        model: &Model,
        parameters: &[f64],
        by: Vec<usize>,
        mut of: impl FnMut(&Case) -> T,
    ) -> ByCase<T> {
        let sizes: Vec<usize> = by.iter().map(|&a| model.attributes[a].classes()).collect();
        let mut all: Vec<Option<T>> = Vec::new();
        all.resize_with(sizes.iter().product(), || None);
        for case in cases(model, parameters, &by) {
            let at = index(model, &by, &case.values);
            all[at] = Some(of(&case));
        }
        ByCase { by, sizes, of: all }
    }

    /// Number of the case of a patient with these attributes.
    pub fn index(&self, values: &[f64]) -> usize {
        class(self.by.iter().copied().zip(self.sizes.iter().copied()), values)
    }

    /// The entry for a patient with these attributes; `None` if the case has no patients.
    pub fn of(&self, values: &[f64]) -> Option<&T> {
        self.of[self.index(values)].as_ref()
    }
}

/// Shares of patients by the values of several attributes together, and by the state at the start.
pub struct JointShares {
    attributes: Vec<(usize, Conditional)>,
    start: Option<ByCase<Vec<(usize, f64)>>>,
}

enum Conditional {
    /// The share of a node is the same in all patients.
    Independent,
    /// Shares of the categories in each case.
    Categories(ByCase<Vec<f64>>),
    /// Nodes belong to cases, whose shares are these.
    Number(ByCase<f64>),
}

impl JointShares {
    /// Shares by `attributes`, which include those on which they depend, and by the state at the start.
    pub fn new(model: &Model, parameters: &[f64], attributes: &[usize]) -> JointShares {
        let of = |&a: &usize| {
            let attribute = &model.attributes[a];
            let by = attribute.by();
            let conditional = match (by.is_empty(), attribute.is_number()) {
                (true, _) => Conditional::Independent,
                (false, true) => Conditional::Number(ByCase::new(model, parameters, by, |case| case.share)),
                (false, false) => Conditional::Categories(ByCase::new(model, parameters, by, |case| {
                    let listed = attribute.listed_given(model, parameters, &case.values);
                    listed.into_iter().flatten().map(|node| node.weight).collect()
                })),
            };
            (a, conditional)
        };
        JointShares {
            attributes: attributes.iter().map(of).collect(),
            start: start_by_case(model, parameters),
        }
    }

    /// Share of the patients with these nodes, `at`, and values.
    pub fn share(&self, nodes: &[Vec<Node>], at: &[usize], values: &[f64]) -> f64 {
        let of = |(a, conditional): &(usize, Conditional)| {
            let node = &nodes[*a][at[*a]];
            match conditional {
                Conditional::Independent => node.weight,
                // A part of the population leaves out values by a weight of zero.
                Conditional::Categories(_) if node.weight == 0.0 => 0.0,
                Conditional::Categories(shares) => {
                    shares.of(values).map_or(0.0, |own| own[node.value as usize])
                }
                Conditional::Number(shares) if shares.index(values) == node.given as usize => {
                    shares.of(values).map_or(0.0, |share| node.weight / share)
                }
                Conditional::Number(_) => 0.0,
            }
        };
        self.attributes.iter().map(of).product()
    }

    /// Share of the patients with these values who start in a state, of which all patients have the share `of_all`.
    pub fn start(&self, (state, of_all): (usize, f64), values: &[f64]) -> f64 {
        match &self.start {
            None => of_all,
            Some(start) => {
                let own = start.of(values).into_iter().flatten();
                own.filter(|(s, _)| *s == state).map(|(_, share)| share).sum()
            }
        }
    }
}

/// For each case: shares of the states at the start; `None` if they are the same for all patients.
pub fn start_by_case(model: &Model, parameters: &[f64]) -> Option<ByCase<Vec<(usize, f64)>>> {
    let by = start_by(model);
    if by.is_empty() {
        return None;
    }
    Some(ByCase::new(model, parameters, by, |case| {
        let own = start_of_case(model, parameters, case);
        model.start.iter().map(|(state, _)| *state).zip(own).collect()
    }))
}

/// Share of all patients who start in each listed state.
pub fn start_of_all(model: &Model, parameters: &[f64]) -> Vec<f64> {
    let mut all = vec![0.0; model.start.len()];
    for case in cases(model, parameters, &start_by(model)) {
        let own = start_of_case(model, parameters, &case);
        all.iter_mut().zip(own).for_each(|(all, own)| *all += case.share * own);
    }
    all
}

/// Share of the patients of a case who start in each listed state.
fn start_of_case(model: &Model, parameters: &[f64], case: &Case) -> Vec<f64> {
    let s = situation(model, parameters, &case.values, 0);
    shares(model.start.iter().map(|(_, share)| share), &s)
}

impl Attribute {
    /// Categorical attributes on which the distribution depends, ascending.
    pub fn by(&self) -> Vec<usize> {
        read_by(self.expressions())
    }
}
