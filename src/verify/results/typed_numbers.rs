//! Numbers typed into amounts, and parameters of other kinds than expected.

use crate::prelude::*;
use arcosim_core::model::{Binary, Expr, Function};
use arcosim_scenario::parameters::Kind;

/// Whether an amount, or one of its cases, has a typed number as an addend. The number may be correct, but has no
/// source (see S25).
pub fn types_numbers(amount: &Expr) -> bool {
    match amount {
        Expr::Number(x) => x.is_finite() && *x != 0.0,
        Expr::If(parts) => parts[1..].iter().any(types_numbers),
        Expr::Select(_, cases) => cases.iter().any(types_numbers),
        Expr::Binary(Binary::Add | Binary::Subtract, parts) => parts.iter().any(types_numbers),
        Expr::Binary(Binary::Multiply | Binary::Divide, parts) => parts.iter().all(types_numbers),
        Expr::Call(Function::Negate, parts) => parts.iter().any(types_numbers),
        _ => false,
    }
}

/// Collects the numbers that are typed into an amount as one of its cases.
pub fn typed_numbers(amount: &Expr, into: &mut Vec<f64>) {
    match amount {
        Expr::Number(x) => into.push(*x),
        Expr::If(parts) => parts[1..].iter().for_each(|part| typed_numbers(part, into)),
        Expr::Select(_, cases) => cases.iter().for_each(|case| typed_numbers(case, into)),
        _ => {}
    }
}

/// Whether an amount uses a parameter of any other kind. Durations are ignored, because they determine when an amount
/// accrues and not its size.
pub fn reads_others(evidence: &Evidence, amount: &Expr, kinds: &[Kind]) -> bool {
    let mut found = false;
    amount.walk(&mut |e| {
        if let Expr::Parameter(p) = e {
            let kind = evidence.kind(*p);
            found |= kind != Kind::Duration && !kinds.contains(&kind);
        }
    });
    found
}
