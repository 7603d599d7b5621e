//! Compiles syntax trees: names become indices, kinds are checked, and constants are folded.

use std::cell::Cell;

use super::clash;
use super::fold::{call, folded};
use super::kinds::{self, Quantity};
use super::lexer::Local;
use super::limits;
use super::parser::{Node, NodeKind};
use super::report::Report;
use super::slot::compared;
use super::{Names, Scope};
use crate::diagnostic::Diagnostic;
use arcosim_core::model::{Binary, Clock, Expr, Function};

/// A compiled part of an expression and its quantity.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) expr: Expr,
    pub(super) quantity: Quantity,
}

impl Value {
    pub(super) fn new(expr: Expr, quantity: Quantity) -> Self {
        Self { expr, quantity }
    }
}

/// Context of the compilation of one expression.
pub(super) struct Lowering<'l, 'r> {
    pub(super) names: &'l Names<'l>,
    pub(super) scope: &'l Scope<'l>,
    pub(super) report: &'l mut Report<'r>,
    /// Named formulas that are being compiled, the outermost first.
    pub(super) within: &'l [usize],
    /// Number of uses of named formulas in this expression so far.
    pub(super) uses: &'l Cell<usize>,
}

impl<'r> Lowering<'_, 'r> {
    /// Compiles one node; `None` if an error in it has been reported.
    pub(super) fn node(&mut self, node: &Node<'r>) -> Option<Value> {
        match &node.kind {
            NodeKind::Number(x) => {
                let number = Value::new(Expr::Number(*x), Quantity::Number);
                self.finite(number, node.at)
            }
            NodeKind::Duration(years) => Some(Value::new(Expr::Number(*years), Quantity::Time)),
            NodeKind::Name(name) => self.name(name, node.at),
            NodeKind::Quoted(text) => self.text_as_number(text, node.at),
            NodeKind::Index(base, selectors) => self.choice(*base, selectors, node.at),
            NodeKind::Negate(inner) => self.negate(inner),
            NodeKind::Not(inner) => {
                let condition = self.condition(inner)?;
                Some(Value::new(call(Function::Not, vec![condition]), Quantity::Condition))
            }
            NodeKind::Binary(operator, parts) => self.binary(*operator, parts, node.at),
            NodeKind::In(subject, members, negated) => self.membership(subject, members, *negated),
            NodeKind::Call(name, arguments) => self.function(*name, arguments, node.at),
            NodeKind::Bad(parts) => {
                for part in parts {
                    self.node(part);
                }
                None
            }
        }
    }

    fn text_as_number(&mut self, text: &str, at: Local) -> Option<Value> {
        let owner = self.names.attributes.iter().find(|a| a.categories().iter().any(|c| c == text));
        let help = match owner {
            Some(one) => format!(
                "`{text}` is a category: for a condition write `{0} == {text}`; for a number write `if({0} == {text}, 1, 0)` with your two values",
                one.name
            ),
            None => "write a parameter without quotation marks; quotation marks are only for categories and states, as in `sex == 'female'`".into(),
        };
        let title = format!("the text `{text}` is used as a number");
        self.error("E0309", title, at, "text has no numerical value", |d| d.help(help))
    }

    fn negate(&mut self, inner: &Node<'r>) -> Option<Value> {
        let value = self.node(inner)?;
        let quantity = if value.quantity == Quantity::Condition { Quantity::Number } else { value.quantity };
        Some(Value::new(call(Function::Negate, vec![value.expr]), quantity))
    }

    /// Compiles a part that must be a condition.
    pub(super) fn condition(&mut self, node: &Node<'r>) -> Option<Expr> {
        let value = self.node(node)?;
        if matches!(value.quantity, Quantity::Condition | Quantity::Number) {
            return Some(value.expr);
        }
        let text = self.report.slice(node.at);
        let (words, example) = compared(text, &value);
        let title = format!("expected a condition, but `{text}` is {words}");
        self.error("E0311", title, node.at, "a condition must be true or false", |d| {
            d.why("every number except 0 would count as true, so the condition would almost always be true")
                .help(format!("write a comparison, such as `{example}`, with the limit that you need"))
        })
    }

    fn binary(&mut self, operator: Binary, parts: &[Node<'r>; 2], at: Local) -> Option<Value> {
        use Binary::*;
        let [left, right] = parts;
        match operator {
            And | Or => {
                let (l, r) = (self.condition(left), self.condition(right));
                Some(Value::new(pair(operator, l?, r?), Quantity::Condition))
            }
            Equal | NotEqual if self.selector(left).is_some() => {
                self.equality(left, right, operator == NotEqual)
            }
            Equal | NotEqual if self.selector(right).is_some() => {
                self.equality(right, left, operator == NotEqual)
            }
            Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual => {
                let (l, r) = (self.node(left), self.node(right));
                self.comparison(operator, (left, l?), (right, r?), at)
            }
            Add | Subtract | Multiply | Divide | Power => {
                let (l, r) = (self.node(left), self.node(right));
                self.arithmetic(operator, (left, l?), (right, r?), at)
            }
        }
    }

    fn comparison(
        &mut self,
        operator: Binary,
        (left, l): (&Node<'r>, Value),
        (right, r): (&Node<'r>, Value),
        at: Local,
    ) -> Option<Value> {
        if let Err(found) = kinds::comparable(l.quantity, r.quantity) {
            let diagnostic = clash::explain(found, operator, (left, &l), (right, &r), at, self);
            self.report.push(diagnostic);
            return None;
        }
        limits::in_another_unit(&l, &r, right, self)?;
        limits::in_another_unit(&r, &l, left, self)?;
        limits::say_years(&l, right, self);
        limits::say_years(&r, left, self);
        Some(Value::new(pair(operator, l.expr, r.expr), Quantity::Condition))
    }

    fn arithmetic(
        &mut self,
        operator: Binary,
        left: (&Node<'r>, Value),
        right: (&Node<'r>, Value),
        at: Local,
    ) -> Option<Value> {
        let (a, b) = (left.1.quantity, right.1.quantity);
        let is_clock = |value: &Value| matches!(value.expr, Expr::Clock(clock) if clock != Clock::Cycle);
        let years_and_more = is_clock(&left.1) && kinds::apart_from_years(b)
            || is_clock(&right.1) && kinds::apart_from_years(a);
        let quantity = match operator {
            Binary::Add | Binary::Subtract if years_and_more => Err(kinds::Clash::Different),
            Binary::Multiply => kinds::product(a, b),
            // A risk divided by a sum of risks that includes it is a share, so the result may be multiplied by any quantity.
            Binary::Divide
                if matches!((a, b), (Quantity::Probability(_), Quantity::Probability(_)))
                    && is_addend(&left.1.expr, &right.1.expr) =>
            {
                kinds::common(a, b).map(|_| Quantity::Proportion)
            }
            Binary::Divide => kinds::quotient(a, b),
            Binary::Power => Ok(kinds::power(a)),
            _ => kinds::common(a, b).map(|q| if q == Quantity::Condition { Quantity::Number } else { q }),
        };
        match quantity {
            Ok(quantity) => {
                if matches!(operator, Binary::Add | Binary::Subtract) {
                    limits::in_another_unit(&left.1, &right.1, right.0, self)?;
                    limits::in_another_unit(&right.1, &left.1, left.0, self)?;
                }
                let expr = match operator {
                    // The operands are folded already; `times` only removes factors of 1.
                    Binary::Multiply => folded(left.1.expr.times(right.1.expr)),
                    _ => pair(operator, left.1.expr, right.1.expr),
                };
                self.finite(Value::new(expr, quantity), at)
            }
            Err(found) => {
                let diagnostic =
                    clash::explain(found, operator, (left.0, &left.1), (right.0, &right.1), at, self);
                self.report.push(diagnostic);
                None
            }
        }
    }

    /// The common quantity of alternatives, of which one is used: cases of a choice, arguments of `min`.
    pub(super) fn shared(&mut self, parts: &[(Quantity, String)], at: Local) -> Option<Quantity> {
        let mut all = parts.first()?.0;
        for (quantity, text) in &parts[1..] {
            match kinds::common(all, *quantity) {
                Ok(joined) => all = joined,
                Err(_) => {
                    let (first, other) = (all.words(), quantity.words());
                    let title = format!("one formula chooses between {first} and {other}");
                    let label = format!("`{}` is {first}, `{text}` is {other}", parts[0].1);
                    let names_only = !parts[0].1.contains(' ') && !text.contains(' ');
                    let help = match (all, *quantity) {
                        (Quantity::Rate, Quantity::Probability(_))
                        | (Quantity::Probability(_), Quantity::Rate) => {
                            "convert one of the two: `rate(..)` converts a probability, and `prob(..)` a rate"
                                .to_owned()
                        }
                        // A choice in square brackets, such as `rate.x[sex]`: the alternatives are rows of the table.
                        _ if self.report.slice(at).ends_with(']') => format!(
                            "in the parameter table, give `{}` and `{text}` the same `kind`, with values of this kind",
                            parts[0].1
                        ),
                        (Quantity::Rate, Quantity::Ratio) if names_only => format!(
                            "write a rate in place of `{text}`, such as `{} * {text}`; or, if the `kind` of `{text}` is wrong, correct it in the \
                             parameter table",
                            parts[0].1
                        ),
                        _ => format!(
                            "write {other} in place of `{0}`, or {first} in place of `{text}`; if both are the right names, correct the `kind` of one \
                             of them in the parameter table",
                            parts[0].1
                        ),
                    };
                    return self.error("E0305", title, at, label, |d| {
                        d.why("the value would change its meaning with the patient or the time, so all alternatives must be of the same kind")
                            .help(help)
                    });
                }
            }
        }
        Some(all)
    }

    /// Returns the value unless it is a constant that is not finite.
    pub(super) fn finite(&mut self, value: Value, at: Local) -> Option<Value> {
        match value.expr {
            Expr::Number(x) if !x.is_finite() => {
                let text = self.report.slice(at);
                // The `e` of a number such as 1e300 is not a name.
                let operators_only = !text.contains(|c: char| c == '^' || (c != 'e' && c.is_alphabetic()));
                let words = || text.split(|c: char| !c.is_alphanumeric() && c != '_');
                let logarithm = "the logarithm of 0 or of a negative number";
                let causes = [
                    (text.contains('/'), "a division by zero"),
                    (words().any(|word| word == "ln"), logarithm),
                    (words().any(|word| word == "sqrt"), "the root of a negative number"),
                    (text.contains('^'), "a power of 0 or of a negative number"),
                ];
                let likely: Vec<&str> =
                    causes.iter().filter(|(there, _)| *there).map(|(_, cause)| *cause).collect();
                let help = match text.parse::<f64>() {
                    Ok(_) => "write a smaller number: the largest possible is about 1e308".to_string(),
                    // The text after the last `/` is a divisor.
                    Err(_) if text.rsplit('/').next().is_some_and(|last| last.trim() == "0") => {
                        "write a number other than 0 after `/`".to_string()
                    }
                    Err(_) if operators_only && text.contains('/') => {
                        "divide by a number other than 0; if it is not 0, check for a result that is too large: the largest possible is about 1e308".to_string()
                    }
                    Err(_) if operators_only => {
                        "use smaller numbers: the largest possible result is about 1e308".to_string()
                    }
                    Err(_) if likely == [logarithm] && (x.is_nan() || x < 0.0) => {
                        "write a number above 0 in the brackets of `ln(...)`, because only such numbers have a logarithm"
                            .to_string()
                    }
                    Err(_) if likely.is_empty() => {
                        "check for a division by zero, the logarithm of 0 or of a negative number, the root of a negative number, or a number that is too large".to_string()
                    }
                    Err(_) => {
                        format!("check for {}, or a number that is too large", likely.join(", "))
                    }
                };
                let title = format!("the value of `{text}` is not a finite number");
                let label = if x.is_nan() { "undefined" } else { "infinite" };
                self.error("E0313", title, at, label, |d| d.help(help))
            }
            _ => Some(value),
        }
    }

    /// Reports an error that `more` completes, and returns no value.
    pub(super) fn error<T>(
        &mut self,
        code: &'static str,
        title: impl Into<String>,
        at: Local,
        label: impl Into<String>,
        more: impl FnOnce(Diagnostic) -> Diagnostic,
    ) -> Option<T> {
        let span = self.report.span(at);
        self.report.push(more(Diagnostic::error(code, title).at(span, label)));
        None
    }
}

/// A binary operation, replaced by its value if both operands are constant.
pub(super) fn pair(operator: Binary, left: Expr, right: Expr) -> Expr {
    folded(Expr::Binary(operator, Box::new([left, right])))
}

/// Whether `part` is one of the addends of the sum `whole`.
pub(super) fn is_addend(part: &Expr, whole: &Expr) -> bool {
    match whole {
        Expr::Binary(Binary::Add, parts) => {
            parts.iter().any(|addend| addend.same_formula(part) || is_addend(part, addend))
        }
        _ => false,
    }
}
