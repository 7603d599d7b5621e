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
use arcosim_core::words::all_of;

/// Clinical results that are worked out in every draw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FollowedResults {
    /// Results, each under every strategy.
    pub results: Vec<FollowedResult>,
    /// Indices of the endpoints whose curves get bands, ascending.
    pub curves: Vec<usize>,
    /// Statements about the results.
    pub claims: Vec<Claim>,
    /// Names of the claims about strategies that `strategies` under `[run]` leaves out; they are left out too.
    pub left_out: Vec<String>,
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
    /// A note on the claims that are left out.
    pub fn reading(&self) -> Option<(String, String)> {
        let names: Vec<&str> = self.left_out.iter().map(String::as_str).collect();
        (!names.is_empty()).then(|| {
            let line = format!("{}: left out, because a strategy in it is left out", all_of(&names));
            ("claims".to_string(), line)
        })
    }
}

/// The results, curves and claims of a scenario. `declared` are the names of all strategies, `strategies` those that run.
pub fn followed(
    root: &TomlTable,
    endpoints: &[Endpoint],
    (declared, strategies): (&[String], &[Strategy]),
    context: &Context,
    out: &mut Diagnostics,
) -> FollowedResults {
    let empty = TomlTable::default();
    let table = root.table(scenario::UNCERTAINTY).unwrap_or(&empty);
    let stated = table.sections(uncertainty::FOLLOW).filter_map(|(name, node)| Some((name, node.table()?)));
    let results: Vec<FollowedResult> = stated
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
    let mut left_out = Vec::new();
    let kept = |claim: Claim| {
        let own = of_those_that_run(&claim.says, declared, strategies);
        if own.is_none() {
            left_out.push(claim.name.clone());
        }
        Some(Claim { says: own?, ..claim })
    };
    let claims = claims(table, &results, declared, context, out).into_iter().filter_map(kept).collect();
    FollowedResults { results, curves, claims, left_out }
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

/// The condition with the numbers of the strategies that run, in place of those of all strategies; `None` if it reads another one.
fn of_those_that_run(says: &Expr, declared: &[String], strategies: &[Strategy]) -> Option<Expr> {
    let place = |p: usize| {
        let name = &declared[p % declared.len()];
        let own = strategies.iter().position(|strategy| strategy.name == *name)?;
        Some(p / declared.len() * strategies.len() + own)
    };
    let mut all = true;
    says.walk(&mut |e| {
        if let Expr::Parameter(p) = e {
            all &= place(*p).is_some();
        }
    });
    let renumbered = |e: Expr| match e {
        Expr::Parameter(p) => Expr::Parameter(place(p).unwrap_or(p)),
        other => other,
    };
    all.then(|| says.rewritten(&renumbered))
}

/// The claims; a formula of a claim reads the followed results as if they were parameters.
fn claims(
    table: &TomlTable,
    results: &[FollowedResult],
    strategies: &[String],
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<Claim> {
    let under = |result: &FollowedResult| {
        let name = result.name.clone();
        // The kind is one that is not a condition by itself.
        strategies.iter().map(move |strategy| {
            ParameterRow::undeclared(format!("{name}.{strategy}"), Kind::Proportion, 1.0)
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
    let own = Context {
        names,
        events: context.events.clone(),
        sources: context.sources,
        unresolved: context.unresolved,
    };
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
