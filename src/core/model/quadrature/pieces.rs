//! Smooth pieces of expressions, and the values at which an expression changes from one piece to another.

use std::cmp::Ordering;

use crate::model::{Binary, Clock, Expr, Function, Situation};

/// Whether an expression itself, and not only a sub-expression, has more than one smooth piece.
pub fn has_pieces(expr: &Expr) -> bool {
    use Binary::*;
    match expr {
        Expr::Binary(operator, _) => {
            matches!(operator, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual)
        }
        Expr::Call(function, _) => {
            matches!(function, Function::Abs | Function::Floor | Function::Min | Function::Max)
        }
        Expr::Lookup(..) => true,
        _ => false,
    }
}

/// Whether an expression depends on the continuous attribute `a` in steps only: it compares the attribute with limits, and does not
/// compute with it.
pub fn only_steps(expr: &Expr, a: usize) -> bool {
    use Binary::*;
    match expr {
        Expr::Attribute(own) | Expr::Clock(Clock::Age(own) | Clock::AgeAtEnd(own)) => *own != a,
        Expr::Binary(Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual, _)
        | Expr::Call(Function::Floor, _)
        | Expr::Lookup(..) => true,
        _ => expr.children().iter().all(|child| only_steps(child, a)),
    }
}

/// Number that identifies the current smooth piece of an expression: the larger side of a comparison, the smallest
/// or largest argument, the step of `floor`, or the band of a table.
pub fn piece(expr: &Expr, s: &Situation) -> f64 {
    match expr {
        Expr::Binary(_, sides) => side(sides[0].value(s), sides[1].value(s)),
        Expr::Lookup(table, at) => table.band(at[0].value(s)) as f64,
        Expr::Call(Function::Abs, of) => side(of[0].value(s), 0.0),
        Expr::Call(Function::Floor, of) => of[0].value(s).floor(),
        Expr::Call(Function::Min, of) => foremost(of, s, Ordering::Less),
        Expr::Call(Function::Max, of) => foremost(of, s, Ordering::Greater),
        _ => 0.0,
    }
}

fn side(a: f64, b: f64) -> f64 {
    a.partial_cmp(&b).map_or(f64::NAN, |order| f64::from(order as i8))
}

/// Position of the smallest argument (for `Less`) or the largest argument (for `Greater`); the first position
/// among equals.
fn foremost(of: &[Expr], s: &Situation, order: Ordering) -> f64 {
    let (mut position, mut best) = (0, of[0].value(s));
    for (i, expr) in of.iter().enumerate().skip(1) {
        let value = expr.value(s);
        if value.partial_cmp(&best) == Some(order) {
            (position, best) = (i, value);
        }
    }
    position as f64
}

/// Values at which `piece` changes between neighbouring `points` (ascending), accurate to the last bits. The
/// search stops after about `most` values.
pub fn changes(piece: impl Fn(f64) -> f64, points: &[f64], most: usize) -> Vec<f64> {
    let mut found = Vec::new();
    let known: Vec<(f64, f64)> = points.iter().map(|&x| (x, piece(x))).collect();
    for ends in known.windows(2) {
        narrow(&piece, ends[0], ends[1], most, &mut found);
    }
    found
}

/// Halves an interval until each change of piece is located between two neighbouring floating-point numbers.
fn narrow(
    piece: &impl Fn(f64) -> f64,
    left: (f64, f64),
    right: (f64, f64),
    most: usize,
    found: &mut Vec<f64>,
) {
    // Pieces are compared by their bits, so that a range in which the result is NaN also counts as a piece.
    if left.1.to_bits() == right.1.to_bits() || found.len() > most {
        return;
    }
    let x = left.0 + (right.0 - left.0) / 2.0;
    if x <= left.0 || x >= right.0 {
        found.push(right.0);
        return;
    }
    let middle = (x, piece(x));
    narrow(piece, left, middle, most, found);
    narrow(piece, middle, right, most, found);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values between 20 and 90 at which the piece of an expression of attribute 0 changes.
    fn found(expr: Expr) -> Vec<f64> {
        let at = |x: f64| {
            let s = Situation {
                parameters: &[57.3],
                attributes: &[x],
                state: 0,
                cycle: 3,
                residence: &[],
                cycles_per_year: 2.0,
                part: 0.0,
            };
            piece(&expr, &s)
        };
        let points: Vec<f64> = (2..=9).map(|i| 10.0 * f64::from(i)).collect();
        let mut all = changes(at, &points, 1000);
        // Equality of two sides is a separate piece, only one number wide, so that the same limit may be found
        // twice.
        all.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        all
    }

    fn close(got: Vec<f64>, due: &[f64]) {
        assert_eq!(got.len(), due.len(), "{got:?} instead of {due:?}");
        got.iter().zip(due).for_each(|(x, y)| assert!((x - y).abs() < 1e-9, "{x} instead of {y}"));
    }

    fn binary(operator: Binary, a: Expr, b: Expr) -> Expr {
        Expr::Binary(operator, Box::new([a, b]))
    }

    const X: Expr = Expr::Attribute(0);

    #[test]
    fn limits_are_found_whatever_they_are_made_of() {
        let limit = binary(Binary::Add, Expr::Parameter(0), Expr::Number(1.0));
        close(found(binary(Binary::Less, X, limit)), &[58.3]);
        let aged = Expr::Clock(crate::model::Clock::Age(0));
        close(found(binary(Binary::GreaterEqual, Expr::Parameter(0), aged)), &[55.8]);
        let square = binary(Binary::Multiply, X, X);
        close(found(binary(Binary::LessEqual, square, Expr::Number(2500.0))), &[50.0]);
        close(found(binary(Binary::Less, X, Expr::Number(95.0))), &[]);
    }

    #[test]
    fn bends_and_steps_are_found() {
        let beyond = |limit: f64| binary(Binary::Subtract, X, Expr::Number(limit));
        close(found(Expr::Call(Function::Abs, vec![beyond(61.7)])), &[61.7]);
        let three = vec![Expr::Number(0.0), beyond(50.0), Expr::Number(20.5)];
        close(found(Expr::Call(Function::Max, three)), &[70.5]);
        let three = vec![Expr::Number(0.0), beyond(50.0), Expr::Number(-10.0)];
        close(found(Expr::Call(Function::Min, three)), &[40.0]);
        let tens = binary(Binary::Divide, X, Expr::Number(10.0));
        let due = [30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0];
        close(found(Expr::Call(Function::Floor, vec![tens])), &due);
    }

    #[test]
    fn where_something_is_not_a_number_is_a_piece() {
        let root = Expr::Call(Function::Sqrt, vec![binary(Binary::Subtract, X, Expr::Number(33.3))]);
        close(found(binary(Binary::Less, root, Expr::Number(2.0))), &[33.3, 37.3]);
    }
}
