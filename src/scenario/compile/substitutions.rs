//! Compiles `parameters` of a strategy: parameters that have another value under the strategy.

use super::{Context, POPULATION, did_you_mean};
use crate::diagnostic::{Diagnostic, Diagnostics, Part};
use crate::expression::{Expected, Scope};
use crate::parameters::{Kind, ParameterRow};
use crate::read::document::{TomlNode, TomlTable};
use crate::read::unit::{Per, cost_per};
use crate::schema::keys;
use arcosim_core::model::Expr;

/// Parameters that have a different value under the strategy. The new value can depend on other parameters but not on the
/// patient, because engines calculate it once, before any patient exists.
pub fn substitutions(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<(usize, Expr)> {
    let mut list = Vec::new();
    let mut places = Vec::new();
    for (name, node) in
        table.table(keys::strategy::PARAMETERS).map(|table| &table.entries[..]).unwrap_or_default()
    {
        // A name with points but without quotation marks is a table in TOML, which the check of types has already reported.
        if node.table().is_some() {
            continue;
        }
        let Some(&left) = context.names.parameters.get(name) else {
            let known = context.names.rows.iter().map(|row| row.name.as_str());
            let help = did_you_mean(name, known, "use a name from the parameter table");
            out.push(
                context
                    .unknown("E0302", "parameter", name, node.key_span, help)
                    .echo_of(Part::Parameters)
                    .echo_of(Part::Attributes),
            );
            continue;
        };
        let row = &context.names.rows[left];
        let scope = Scope { value_of: Some(&row.name), ..POPULATION };
        let mut expr = context.compile(node, expected(row), &scope, out);
        // The new value is converted from an amount per year to one per cycle, because formulas convert this parameter back.
        if row.kind == Kind::Cost && cost_per(&row.unit) == Per::Cycle {
            expr = expr.times(Expr::Number(context.names.cycle_years));
        }
        check_periods(row, &expr, node, context, out);
        list.push((left, expr));
        places.push(node);
    }
    resolve(list, &places, context, out)
}

/// Kind of value that a formula must have to replace this parameter.
fn expected(row: &ParameterRow) -> Expected {
    match row.kind {
        Kind::Cost => match cost_per(&row.unit) {
            Per::Time(_) | Per::PersonTime(_) | Per::Cycle => Expected::AmountPerYear,
            // A cost without a period can be a one-off amount, so the new value must not have a period either.
            Per::Occasion | Per::Unsaid | Per::Unknown => Expected::Amount,
        },
        Kind::Rate => Expected::Rate,
        Kind::Hr => Expected::Ratio,
        Kind::Proportion => Expected::Proportion,
        Kind::Duration | Kind::MeanTime | Kind::MedianTime => Expected::Time,
        _ => Expected::Number,
    }
}

/// Reports a probability that replaces a parameter of another kind, or a probability over a different period, and vice versa.
fn check_periods(row: &ParameterRow, expr: &Expr, node: &TomlNode, context: &Context, out: &mut Diagnostics) {
    let Expr::Parameter(right) = *expr else { return };
    let other = &context.names.rows[right];
    let probability = |row: &ParameterRow| row.kind == Kind::Probability;
    let years = |row: &ParameterRow| row.period_years.unwrap_or(context.names.cycle_years);
    let same = probability(row) == probability(other)
        && (!probability(row) || (years(row) - years(other)).abs() <= 1e-9 * years(row));
    if !same {
        out.push(
            Diagnostic::error("E0305", format!("`{}` cannot replace `{}`", other.name, row.name))
                .at(node.span, format!("{} ({})", other.kind.name(), unit(other)))
                .also(row.name_span, format!("{} ({})", row.kind.name(), unit(row)))
                .why("the two have different kinds or periods, so formulas that use the parameter would misread the new value")
                .help("convert it in the formula, for example prob(rate(p), 1) for a probability of 1 year"),
        );
    }
}

fn unit(row: &ParameterRow) -> &str {
    if row.unit.is_empty() { "no unit" } else { &row.unit }
}

/// Expands all substitutions until they contain no substituted parameter, so that their order does not matter; a circular
/// reference is an error.
fn resolve(
    list: Vec<(usize, Expr)>,
    places: &[&TomlNode],
    context: &Context,
    out: &mut Diagnostics,
) -> Vec<(usize, Expr)> {
    let mut resolved = Vec::new();
    let mut circular: Vec<usize> = Vec::new();
    for (i, (left, _)) in list.iter().enumerate() {
        match expand(&Expr::Parameter(*left), &list, &mut Vec::new()) {
            Ok(expr) => resolved.push((*left, expr)),
            // Every parameter of a circular reference leads to the same error, which is reported once.
            Err(path) if path.iter().any(|parameter| circular.contains(parameter)) => {}
            Err(path) => {
                circular.extend(&path);
                let names: Vec<String> =
                    path.iter().map(|&p| format!("`{}`", context.names.rows[p].name)).collect();
                let name = names.last().map_or("", String::as_str);
                let help = match &names[..] {
                    [one, other, _] => {
                        format!("replace the formula of {one} or of {other} by a number, or by a formula that uses neither")
                    }
                    _ => "write a number for one of these parameters, or a formula that uses none of them; to multiply a rate by a factor, use `hazard_ratio` in the effects of the strategy".to_owned(),
                };
                out.push(
                    Diagnostic::error("E0303", format!("the value of parameter {name} depends on itself"))
                        .at(places[i].span, format!("leads back to {name}"))
                        .note(format!("the circular reference: {}", names.join(" → ")))
                        .why("the value could not be calculated")
                        .help(help),
                );
            }
        }
    }
    resolved
}

/// Replaces substituted parameters in an expression by their formulas; the error is the path of a circular reference.
fn expand(expr: &Expr, list: &[(usize, Expr)], open: &mut Vec<usize>) -> Result<Expr, Vec<usize>> {
    let all = |parts: &[Expr], open: &mut Vec<usize>| -> Result<Vec<Expr>, Vec<usize>> {
        parts.iter().map(|part| expand(part, list, open)).collect()
    };
    Ok(match expr {
        Expr::Parameter(p) => match list.iter().find(|(left, _)| left == p) {
            None => expr.clone(),
            Some((_, inner)) => {
                if open.contains(p) {
                    return Err(open.iter().copied().chain([*p]).collect());
                }
                open.push(*p);
                let expanded = expand(inner, list, open)?;
                open.pop();
                expanded
            }
        },
        Expr::Select(selector, parts) => Expr::Select(*selector, all(parts, open)?),
        Expr::Call(function, parts) => Expr::Call(*function, all(parts, open)?),
        Expr::Lookup(table, at) => Expr::Lookup(table.clone(), Box::new([expand(&at[0], list, open)?])),
        Expr::Binary(operator, parts) => {
            let [left, right] = parts.as_ref();
            Expr::Binary(*operator, Box::new([expand(left, list, open)?, expand(right, list, open)?]))
        }
        Expr::If(parts) => {
            let [condition, yes, no] = parts.as_ref();
            Expr::If(Box::new([
                expand(condition, list, open)?,
                expand(yes, list, open)?,
                expand(no, list, open)?,
            ]))
        }
        Expr::Number(_) | Expr::CycleLength(_) | Expr::Attribute(_) | Expr::Clock(_) | Expr::Among(..) => {
            expr.clone()
        }
    })
}
