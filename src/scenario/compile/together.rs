//! Recognises hazards that were converted jointly with the other transitions out of a state, by `rate_among` or from a matrix.

use arcosim_core::model::{Binary, Expr, Function, Hazard};

/// The sum of probabilities in a joint conversion: `sum` in `rate_among(p, sum)`, or `p + q` in the equivalent formula
/// `p / (p + q) * rate(p + q)`, with its factors in any order.
pub fn sum_of(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Call(Function::Rate, of) if matches!(of[0], Expr::Binary(Binary::Add, _)) => Some(&of[0]),
        Expr::Binary(Binary::Multiply | Binary::Divide, parts) => parts.iter().find_map(sum_of),
        // `rate_among(p, sum)` is compiled to a condition: if sum > 0, the rate is p / sum * rate(sum).
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

/// Whether a hazard was converted jointly with the other transitions out of its state. The published probabilities are
/// reproduced only if all of these transitions are resolved together, as competing risks.
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
