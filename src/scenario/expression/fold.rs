//! Constant folding: evaluates expressions before the run if they are constant, or at base values for messages.

use crate::parameters::ParameterRow;
use arcosim_core::model::{Expr, Function, Situation};

/// Situation in which expressions that read only parameters are evaluated.
fn bare(parameters: &[f64]) -> Situation<'_> {
    Situation {
        parameters,
        attributes: &[],
        state: 0,
        cycle: 0,
        residence: &[],
        cycles_per_year: 1.0,
        part: 0.0,
    }
}

/// The expression with constant operations replaced by their values; its parts must already be folded.
pub(super) fn folded(expr: Expr) -> Expr {
    let constant = |e: &Expr| matches!(e, Expr::Number(_));
    match &expr {
        Expr::If(parts) => match parts[0] {
            Expr::Number(condition) => {
                let [_, yes, no] = *match expr {
                    Expr::If(parts) => parts,
                    _ => unreachable!("matched above"),
                };
                if condition != 0.0 { yes } else { no }
            }
            _ => expr,
        },
        Expr::Binary(_, parts) if parts.iter().all(constant) => Expr::Number(expr.value(&bare(&[]))),
        Expr::Call(_, parts) if parts.iter().all(constant) => Expr::Number(expr.value(&bare(&[]))),
        _ => expr,
    }
}

/// Value of an expression that reads only parameters.
pub(super) fn at_base(expr: &Expr, parameters: &[f64]) -> f64 {
    expr.value(&bare(parameters))
}

/// Value of the expression at the base values of the parameters; `None` if the expression reads attributes, clocks or
/// tables.
pub(super) fn base_value(expr: &Expr, rows: &[ParameterRow]) -> Option<f64> {
    let mut fixed = true;
    expr.walk(&mut |part| {
        fixed &= !matches!(
            part,
            Expr::Attribute(_) | Expr::Clock(_) | Expr::Select(..) | Expr::Among(..) | Expr::Lookup(..)
        );
    });
    let parameters: Vec<f64> = rows.iter().map(|row| row.base).collect();
    fixed.then(|| expr.value(&bare(&parameters))).filter(|value| value.is_finite())
}

/// A function call, replaced by its value if its arguments are constant.
pub(super) fn call(function: Function, arguments: Vec<Expr>) -> Expr {
    folded(Expr::Call(function, arguments))
}
