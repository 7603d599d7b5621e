//! Compiles `[matrices]`: matrices of transition probabilities over their own period, which formulas convert to rates per year
//! or to probabilities per cycle.

use super::Context;
use super::time::years;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Clocks, Expected, Matrix, MatrixRead, Scope};
use crate::read::document::{TomlNode, TomlTable};
use crate::schema::keys;
use arcosim_core::model::{Binary, Expr, Function};
use arcosim_core::words::rounded;

/// All matrices of a scenario.
pub fn matrices(root: &TomlTable, context: &Context, out: &mut Diagnostics) -> Vec<Matrix> {
    let sections = root.sections(keys::scenario::MATRICES);
    sections
        .filter_map(|(name, node)| {
            super::check_plain_name("a matrix", name, node.key_span, out);
            matrix(name, node, context, out)
        })
        .collect()
}

fn matrix(name: &str, node: &TomlNode, context: &Context, out: &mut Diagnostics) -> Option<Matrix> {
    let table = node.table()?;
    let period = table.get(keys::matrix::PERIOD).and_then(years).filter(|years| *years > 0.0)?;
    let scope = Scope { states: &[], clocks: Clocks::None, attributes: false, state: false, value_of: None };
    let index = |name: &str| context.names.states.iter().position(|state| state.name == name);
    let mut rows = Vec::new();
    let mut states: Vec<usize> = Vec::new();
    for (from, row) in table.sections(keys::matrix::ROWS) {
        let mut entries = Vec::new();
        let targets = row.table().map(|row| &row.entries[..]).unwrap_or_default();
        let listed = std::iter::once((from, row.key_span));
        for (state, span) in listed.chain(targets.iter().map(|(to, node)| (to.as_str(), node.key_span))) {
            match index(state) {
                Some(state) if !states.contains(&state) => states.push(state),
                Some(_) => {}
                None => {
                    let known = context.names.states.iter().map(|state| state.name.as_str());
                    let help = super::did_you_mean(state, known, &super::or_declare_state(state));
                    out.push(context.unknown_state("state", state, span, help));
                }
            }
        }
        for (to, entry) in targets {
            if to == from {
                out.push(
                    Diagnostic::error(
                        "E0427",
                        format!("the row of `{from}` contains the probability of staying"),
                    )
                    .at(entry.key_span, "this is calculated as 1 minus the other entries of the row")
                    .help("remove this entry; patients who do not move stay in their state"),
                );
                continue;
            }
            let value = context.compile(entry, Expected::ProbabilityOver, &scope, out);
            if let Some(to) = index(to) {
                check_period(entry, &value, period, context, out);
                entries.push((to, value));
            }
        }
        if let Some(from) = index(from) {
            rows.push((from, entries));
        }
    }
    states.sort_unstable();
    let n = states.len();
    let place = |state: usize| states.iter().position(|s| *s == state).unwrap_or(0);
    let mut cells: Vec<Expr> =
        (0..n * n).map(|i| Expr::Number(if i / n == i % n { 1.0 } else { 0.0 })).collect();
    for (from, entries) in rows {
        let i = place(from);
        for (to, value) in entries {
            let stay = std::mem::replace(&mut cells[i * n + i], Expr::Number(0.0));
            cells[i * n + i] = Expr::Binary(Binary::Subtract, Box::new([stay, value.clone()]));
            cells[i * n + place(to)] = value;
        }
    }
    Some(Matrix { name: name.to_string(), period, states, cells })
}

/// Reports an entry that is a probability over a different period from that of the matrix.
fn check_period(node: &TomlNode, value: &Expr, period: f64, context: &Context, out: &mut Diagnostics) {
    value.walk(&mut |part| {
        let Expr::Parameter(p) = part else { return };
        let row = &context.names.rows[*p];
        if let Some(own) = row.period_years
            && (own - period).abs() > 1e-9 * period
        {
            let per = row.unit.trim_start_matches("per ");
            let length = match per.starts_with(|c: char| c.is_ascii_digit()) {
                true => per.to_string(),
                false => format!("1 {per}"),
            };
            let years = match rounded(period, 4).as_str() {
                "1" => "1 year".to_string(),
                years => format!("{years} years"),
            };
            out.push(
                Diagnostic::error(
                    "E0314",
                    format!("`{}` is a probability per {per}, but the period of the matrix is different", row.name),
                )
                .at(node.span, format!("per {per}, in a matrix with a period of {years}"))
                .why("the entry would be used as a risk over the period of the matrix, so the risk would be too high or too low")
                .help(format!("if all probabilities of the matrix are per {per}, change the period of the matrix: period = \"{length}\"; otherwise write a probability over {years} in place of `{}`", row.name)),
            );
        }
    });
}

/// Reports errors of the converted matrices at base values: matrices without a real logarithm or with a row above 1, negative
/// entries, and positive entries that no formula uses.
pub fn check(root: &TomlTable, context: &Context, read: &[MatrixRead], out: &mut Diagnostics) {
    let parameters: Vec<f64> = context.names.rows.iter().map(|row| row.base).collect();
    let mut ways: Vec<(usize, Function)> = read.iter().map(|(m, function, ..)| (*m, *function)).collect();
    ways.sort_unstable_by_key(|(m, function)| (*m, *function != Function::MatrixRate));
    ways.dedup();
    for (m, function) in ways {
        let matrix = &context.names.matrices[m];
        let Some((_, node)) = root.sections(keys::scenario::MATRICES).find(|(name, _)| *name == matrix.name)
        else {
            continue;
        };
        let n = matrix.states.len();
        let name = |i: usize| context.names.states[matrix.states[i]].name.as_str();
        for i in (0..n * n).filter(|i| i / n != i % n) {
            let value = matrix.read(function, i / n, i % n, context.names.cycle_years);
            let value = crate::expression::at_base(&value, &parameters);
            if value >= 0.0 {
                let is_read = read.contains(&(m, function, i / n, i % n));
                if value > 0.0 && !is_read {
                    let (from, to) = (name(i / n), name(i % n));
                    let rows = node.table().and_then(|table| table.table(keys::matrix::ROWS));
                    let entry = rows.and_then(|rows| rows.entry(from)?.table()?.entry(to));
                    let (place, label) = match entry {
                        Some(entry) => (entry.key_span, "no transition uses this entry".to_string()),
                        None => {
                            (node.key_span, format!("the conversion adds a move from `{from}` to `{to}`"))
                        }
                    };
                    out.push(unread(matrix, function, [from, to]).at(place, label));
                }
                continue;
            }
            let what = match function {
                Function::MatrixRate => "rate",
                _ => "probability per cycle",
            };
            let title = match value.is_nan() {
                true => format!("matrix `{}` cannot be converted to a different period", matrix.name),
                false => format!(
                    "matrix `{}` would need a negative {what} from `{}` to `{}`",
                    matrix.name,
                    name(i / n),
                    name(i % n)
                ),
            };
            // The diagonal is 1 minus the sum of the stated probabilities of a row.
            let stays = |i: &usize| crate::expression::at_base(&matrix.cells[i * n + i], &parameters);
            let excess = (0..n).find(|i| value.is_nan() && stays(i) < -1e-9);
            let found = match excess {
                Some(i) => format!(
                    "the probabilities in row `{}` add up to {}",
                    name(i),
                    rounded(1.0 - stays(&i), 4)
                ),
                None if value.is_nan() => {
                    "the conversion needs a real logarithm, which this matrix does not have".to_string()
                }
                None if function == Function::MatrixRate => {
                    format!("the rate would be {} per year", rounded(value, 4))
                }
                None => format!("the probability would be {}", rounded(value, 4)),
            };
            out.push(
                Diagnostic::error("E0454", title)
                    .at(node.key_span, found)
                    .why(match value.is_nan() {
                        true if excess.is_some() => "the probabilities of leaving a state must not exceed 1 in total".to_string(),
                        true => "no rates that are constant over time reproduce the published probabilities".to_string(),
                        false => format!("a {what} cannot be negative, and setting it to 0 would change the other probabilities of the matrix"),
                    })
                    .help(match function {
                        _ if excess.is_some() => "correct the probabilities in this row; a row contains the moves out of a state, not those into it".to_string(),
                        _ if value.is_nan() => format!(
                            "check the probabilities against the source; if they are correct, set `cycle` under [time] to the period of the matrix and use \
                             `matrix_prob({}, ...)`, which then needs no conversion",
                            matrix.name
                        ),
                        Function::MatrixRate => format!(
                            "write the transitions with `probability` and `matrix_prob({}, ...)` instead of `rate` and `matrix_rate`; if this gives a negative probability too, also set `cycle` under [time] to the period of the matrix",
                            matrix.name
                        ),
                        _ => format!(
                            "set `cycle` under [time] to the period of the matrix and use `matrix_prob({}, ...)`, which then needs no conversion",
                            matrix.name
                        ),
                    }),
            );
            break;
        }
    }
}

/// Error for a positive entry of a converted matrix that no transition of the model uses.
fn unread(matrix: &Matrix, function: Function, [from, to]: [&str; 2]) -> Diagnostic {
    let (key, call) = match function {
        Function::MatrixRate => ("rate", "matrix_rate"),
        _ => ("probability", "matrix_prob"),
    };
    let written = format!("{call}({}, {from}, {to})", matrix.name);
    Diagnostic::error("E0454", format!("no transition uses `{written}`"))
        .why("the converted matrix contains this transition, so a model without it does not reproduce the published probabilities")
        .help(format!("add a transition from `{from}` to `{to}` with {key} = \"{written}\""))
}
