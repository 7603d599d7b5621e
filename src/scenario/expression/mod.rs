//! The expression language of a scenario: from text to [`crate::model::Expr`].

mod lexer;
mod report;

use std::cell::RefCell;
use std::collections::HashMap;

use self::lexer::{Token, tokens};
use self::report::Report;
use super::diagnostic::Diagnostics;
use super::parameters::ParameterRow;
use super::source::Span;
use crate::model::{Attribute, Expr, Group, State};

/// Everything that the names in an expression may mean.
#[derive(Debug)]
pub struct Names<'a> {
    /// Parameter names, with their indices in `rows`.
    pub parameters: &'a HashMap<String, usize>,
    /// The parameter table.
    pub rows: &'a [ParameterRow],
    /// Attributes of a patient.
    pub attributes: &'a [Attribute],
    /// Health states.
    pub states: &'a [State],
    /// Groups: first one per state, in state order, then the declared ones.
    pub groups: &'a [Group],
    /// The attribute whose attained value is the clock `age`.
    pub age: Option<usize>,
    /// Length of a cycle in years.
    pub cycle_years: f64,
    /// Which parameters have been used so far.
    pub used: RefCell<Vec<bool>>,
}

/// Where an expression stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The bytes of the text, without the quotation marks.
    pub span: Span,
    /// The TOML string held escapes, so that positions inside it are not exact: messages underline all of it.
    pub escaped: bool,
}

/// What the place where an expression stands asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A rate per year.
    Rate,
    /// A probability that holds for one cycle.
    ProbabilityPerCycle,
    /// A hazard ratio.
    Ratio,
    /// A share without a period.
    Proportion,
    /// Something that is true or false.
    Condition,
    /// Any number.
    Number,
    /// A length of time in years.
    Time,
}

/// What may be read where an expression stands.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The states in which it may be read: `name[state]` needs a parameter for each of them.
    pub states: &'s [usize],
    /// Whether clocks may be read.
    pub clocks: bool,
    /// Whether attributes may be read.
    pub attributes: bool,
    /// Whether the state may be read.
    pub state: bool,
}

/// Compiles an expression; every mistake found in it goes to `out`, and then there is no result.
pub fn compile(
    text: &str,
    place: &Place,
    expected: Expected,
    scope: &Scope,
    names: &Names,
    out: &mut Diagnostics,
) -> Option<Expr> {
    let _ = (expected, scope);
    let mut report = Report::new(text, place, out);
    // So far: a single number or parameter.
    match tokens(text, &mut report).as_slice() {
        [(Token::Number(x), _), _] => Some(Expr::Number(*x)),
        [(Token::Name(name), _), _] => {
            let index = *names.parameters.get(*name)?;
            names.used.borrow_mut()[index] = true;
            Some(Expr::Parameter(index))
        }
        _ => None,
    }
}
