//! Hazards that were converted together with the others of their row: by `rate_among`, or from a matrix.

use arcosim_core::model::{Binary, Expr, Function, Hazard};

/// The sum of all ways out with which a probability was converted: that of `rate_among(p, sum)`, or of the same by hand,
/// `p / (p + q) * rate(p + q)` in any order.
pub fn sum_of(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Call(Function::Rate, of) if matches!(of[0], Expr::Binary(Binary::Add, _)) => Some(&of[0]),
        Expr::Binary(Binary::Multiply | Binary::Divide, parts) => parts.iter().find_map(sum_of),
        // `rate_among` is compiled to: if sum > 0, p / sum times the rate of the sum.
        Expr::If(parts) => match &parts[1] {
            Expr::Binary(Binary::Multiply, product) => match &**product {
                [Expr::Binary(Binary::Divide, share), Expr::Call(Function::Rate, of)]
                    if share[1].same_formula(&of[0]) =>
                {
                    Some(&of[0])
                }
                _ => sum_of(&parts[1]),
            },
            _ => None,
        },
        _ => None,
    }
}

/// Whether a hazard was converted with the rest of its row: its events compete with these, and come out as published only if they
/// are resolved together.
pub fn with_its_row(hazard: &Hazard) -> bool {
    let (Hazard::Rate(expr) | Hazard::Probability(expr)) = hazard else {
        return false;
    };
    let mut of_a_matrix = false;
    expr.walk(&mut |part| {
        of_a_matrix |= matches!(part, Expr::Call(Function::MatrixRate | Function::MatrixProbability, _));
    });
    of_a_matrix || sum_of(expr).is_some()
}
