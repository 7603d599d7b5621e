//! Compiles `follow`, `curves` and `claims` of `[uncertainty]`: clinical results that a probabilistic analysis works out in every draw.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Context, did_you_mean, label};
use crate::diagnostic::Diagnostics;
use crate::expression::{Expected, Names};
use crate::parameters::{Kind, ParameterRow};
use crate::read::document::TomlTable;
use crate::schema::keys::{claim, follow, scenario, uncertainty};
use arcosim_core::model::{Endpoint, Expr, Strategy};

/// Clinical results that are worked out in every draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FollowedResults {
    /// Results, each under every strategy.
    pub results: Vec<FollowedResult>,
    /// Indices of the endpoints whose curves get bands, ascending.
    pub curves: Vec<usize>,
    /// Statements about the results.
    pub claims: Vec<Claim>,
}

/// A result that is followed through all draws. Whether quantity and subject exist is tested when the analysis begins.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct FollowedResult {
    pub name: String,
    pub label: String,
    pub quantity: String,
    pub subject: String,
    /// Time of the result in years; `None` for the horizon.
    pub years: Option<f64>,
}

/// A statement about followed results.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Name.
    pub name: String,
    /// Label for reports.
    pub label: String,
    /// The condition as written.
    pub text: String,
    /// The condition; its parameter `i * strategies + s` is result `i` under strategy `s`.
    pub says: Expr,
}

impl FollowedResults {
    /// Whether nothing is followed.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty() && self.curves.is_empty()
    }
}

/// The results, curves and claims of a scenario.
pub fn followed(
    root: &TomlTable,
    endpoints: &[Endpoint],
    strategies: &[Strategy],
    context: &Context,
    out: &mut Diagnostics,
) -> FollowedResults {
    let empty = TomlTable::default();
    let table = root.table(scenario::UNCERTAINTY).unwrap_or(&empty);
    let declared = table.sections(uncertainty::FOLLOW).filter_map(|(name, node)| Some((name, node.table()?)));
    let results: Vec<FollowedResult> = declared
        .map(|(name, own)| FollowedResult {
            name: name.to_string(),
            label: label(own, name),
            quantity: own.text(follow::QUANTITY).unwrap_or_default().to_string(),
            subject: own.text(follow::SUBJECT).unwrap_or_default().to_string(),
            years: own.number(follow::YEARS),
        })
        .collect();
    let mut curves = Vec::new();
    for (name, node) in table.names(uncertainty::CURVES) {
        match endpoints.iter().position(|endpoint| endpoint.name == name) {
            Some(e) => arcosim_core::model::hazard::insert(&mut curves, e),
            None => {
                let known = endpoints.iter().map(|endpoint| endpoint.name.as_str());
                let help = did_you_mean(name, known, "write the name of an endpoint");
                out.push(context.unknown("E0466", "endpoint", name, node.span, help));
            }
        }
    }
    let claims = claims(table, &results, strategies, context, out);
    FollowedResults { results, curves, claims }
}

/// Advice on the names that a claim can read.
fn readable(rows: &[ParameterRow]) -> String {
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    match names.len() {
        0 => "declare the results that the claim compares under [uncertainty.follow]".to_string(),
        1..=12 => format!(
            "write the name of a result and a strategy, with a point between them: {}",
            arcosim_core::words::either(&names)
        ),
        _ => format!(
            "write the name of a result and a strategy, with a point between them, such as `{}`",
            names[0]
        ),
    }
}

/// The claims; a formula of a claim reads the followed results as if they were parameters.
fn claims(
    table: &TomlTable,
    results: &[FollowedResult],
    strategies: &[Strategy],
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Claim> {
    let under = |result: &FollowedResult| {
        let name = result.name.clone();
        // The kind is one that is not a condition by itself.
        strategies.iter().map(move |strategy| {
            ParameterRow::undeclared(format!("{name}.{}", strategy.name), Kind::Proportion, 1.0)
        })
    };
    let rows: Vec<ParameterRow> = results.iter().flat_map(under).collect();
    let index: HashMap<String, usize> =
        rows.iter().enumerate().map(|(i, row)| (row.name.clone(), i)).collect();
    let names = Names {
        parameters: &index,
        rows: &rows,
        attributes: &[],
        states: &[],
        groups: &[],
        tables: &[],
        matrices: Vec::new(),
        matrices_read: RefCell::default(),
        formulas: &[],
        age: None,
        age_at_end: false,
        cycle_years: context.names.cycle_years,
        continuous: context.names.continuous,
        used: RefCell::new(vec![false; rows.len()]),
    };
    let own = Context { names, sources: context.sources, unresolved: context.unresolved };
    let declared = table.sections(uncertainty::CLAIMS).filter_map(|(name, node)| Some((name, node.table()?)));
    let compiled = declared.filter_map(|(name, table)| {
        let node = table.get(claim::SAYS)?;
        let mut found = Diagnostics::default();
        let says = own.compile(node, Expected::Condition, &super::POPULATION, &mut found);
        for mut diagnostic in found.list {
            if diagnostic.code == "E0302" {
                diagnostic.label = "no followed result has this name".to_string();
                diagnostic.why = Some("a claim is a condition on followed results".to_string());
                diagnostic.help = Some(readable(&rows));
            }
            out.push(diagnostic);
        }
        let text = node.text().unwrap_or_default().to_string();
        Some(Claim { name: name.to_string(), label: label(table, name), text, says })
    });
    compiled.collect()
}
