//! The expression language of a scenario, which compiles the text of a formula to [`arcosim_core::model::Expr`].
//!
//! # The language
//!
//! An expression is a formula with names of the scenario. In a scenario file it is written in quotation marks:
//! `rate = "severity * rate.relapse[sex] * if(time < 5, 1, late)"`.
//!
//! **Numbers** have a decimal point: `0.5`, `.5`, `1e-3`, `1_000`. `80 %` is 0.8. A length of time may have a
//! unit: `5 years`, `6 months`, `2 weeks`, `10 days`; without a unit, times are in years.
//!
//! **Names** can contain points: `rate.relapse`, `utility.stage_3a`. A name refers to a parameter, an attribute, a clock
//! or the constant `cycle_length`; an unknown name is an error and is never read as 0.
//!
//! | written | meaning |
//! | --- | --- |
//! | `rate.relapse` | the parameter |
//! | `rate.relapse[sex]` | `rate.relapse.female` or `rate.relapse.male`, by the patient's category |
//! | `rate.relapse[state]` | `rate.relapse.<state>`; needs a row for each state in which the expression is used |
//! | `rate.relapse[sex, state]` | `rate.relapse.female.<state>` ... |
//! | `time` | years since the start of the model |
//! | `cycle` | number of the cycle, from 1 |
//! | `cycle_length` | length of a cycle in years, a constant: 0.5 if a cycle is half a year |
//! | `age` | attained age at the start of the cycle or, if `[time]` sets this, at its end |
//! | `age_at_start` | age at the start of the model |
//! | `weight` | value of a continuous attribute at the start (also `weight_at_start`) |
//! | `time_in(ill)` | years since entry into a state or group of states, 0 on entry |
//! | `count(operate)` | number of occurrences of a transition so far, up to its `counted_up_to` |
//! | `sex == female`, `sex != female` | a category; `sex in (female, unknown)`, `sex not in (..)` |
//! | `state == ill`, `state in early` | the state; `in` takes states and groups |
//!
//! A category that is not a plain name needs quotation marks: `sex == 'not known'`.
//!
//! **Operators** in ascending order of precedence: `or`; `and`; `not`; `== != < <= > >= in`; `+ -`; `* /`; a leading
//! minus sign; `^`. Powers are right-associative (`2^3^2` is 512), all other operators left-associative; `-x^2` is
//! `-(x^2)`. The value of a comparison is 1 or 0, and comparisons cannot be chained.
//!
//! **Functions**
//!
//! | written | value |
//! | --- | --- |
//! | `if(condition, a, b)` | `a` if the condition is true, otherwise `b` |
//! | `exp(x)`, `ln(x)`, `sqrt(x)`, `abs(x)`, `floor(x)` | as in mathematics; `ln` is the natural logarithm |
//! | `min(a, b, ..)`, `max(a, b, ..)` | the smallest or largest argument |
//! | `prob(rate)` | probability of at least one event in a cycle, 1 - exp(-rate x cycle) |
//! | `prob(rate, 5 years)` | probability of at least one event in 5 years |
//! | `prob(cumulative hazard)` | 1 - exp(-H), the probability over the period of the cumulative hazard H |
//! | `rate(p)` | the constant rate of a probability over its own period, -ln(1 - p) / period |
//! | `rate(x, 5 years)` | the constant rate of a number or proportion `x` that is a probability over 5 years |
//! | `rate_among(p, all)` | the rate of `p` among competing risks with the sum `all`: `p / all * rate(all)` |
//! | `matrix_rate(m, i, j)`, `matrix_prob(m, i, j)` | rate per year and probability per cycle, from a matrix with its own period |
//! | `odds_ratio(p, or)` | the probability whose odds are `or` times the odds of `p` |
//! | `weibull_cumhaz(t, shape, scale)` | (t / scale) ^ shape |
//! | `gompertz_cumhaz(t, shape, rate)` | rate (exp(shape t) - 1) / shape, or rate t for shape 0 |
//! | `lookup(table, x)` | the value in the last row of a table at or below `x`, in the column for the patient's categories |
//!
//! **Kinds.** Each part of an expression has the kind of its parameters, and the result must be of the kind that the
//! key expects. A rate times a hazard ratio is a rate; 1 divided by a mean time is a rate; a rate times a duration is a
//! cumulative hazard. Plain numbers, coefficients, shapes and proportions do not change the kind of the number that they
//! multiply. A hazard ratio cannot multiply a probability; instead write `prob(rate(p) * hr)`. Relative risks multiply
//! probabilities only, and odds ratios are applied with `odds_ratio`. A cost with a period in its unit is a cost per year,
//! which cannot be a one-off cost; multiplied by a length of time it is a cost. Probabilities over different periods
//! cannot be combined, and the `probability` of a transition must be per cycle. All parts of a sum, and all cases of a
//! choice, must be of the same kind. If the kind of a part is unknown, the part can be combined with everything.
//!
//! **Named formulas** of `[define]` stand for their formula in brackets. They are compiled anew in every expression that uses
//! them ([`named`]), so they may read whatever that expression may read.
//!
//! Constant parts are evaluated during compilation; a constant that is not finite, or negative where this is impossible,
//! is an error. An expression has at most 10,000 bytes, 1,000 parts and 100 levels of brackets.
//!
//! # Compilation
//!
//! `lexer` (tokens) -> `parser` (syntax tree with positions) -> `lower` with `resolve` (names), `functions` and `kinds` ->
//! `slot` (check of the resulting kind). The texts of messages are in `unknown`, `clash` and `slot`.
//!
//! ```
//! use std::{cell::RefCell, collections::HashMap};
//! use arcosim_core::model::Expr;
//! use arcosim_scenario::diagnostic::Diagnostics;
//! use arcosim_scenario::expression::{Clocks, Expected, Names, Place, Scope, compile};
//! use arcosim_scenario::read::source::Span;
//!
//! let names = Names {
//!     parameters: &HashMap::new(),
//!     rows: &[],
//!     attributes: &[],
//!     states: &[],
//!     groups: &[],
//!     tables: &[],
//!     matrices: Vec::new(),
//!     matrices_read: RefCell::default(),
//!     formulas: &[],
//!     age: None,
//!     age_at_end: false,
//!     cycle_years: 0.5,
//!     continuous: false,
//!     used: RefCell::default(),
//! };
//! let text = "2^3^2 - 80 % * 10";
//! let place = Place { span: Span { file: 0, start: 0, end: text.len() }, escaped: false };
//! let scope = Scope { states: &[], clocks: Clocks::None, attributes: false, state: false, value_of: None };
//! let mut messages = Diagnostics::default();
//! let compiled = compile(text, &place, Expected::Number, &scope, &names, &mut messages);
//! assert_eq!(compiled, Some(Expr::Number(504.0)));
//! ```

mod clash;
mod fold;
mod functions;
mod kinds;
mod lexer;
mod limits;
mod lower;
pub mod named;
mod parser;
mod report;
mod resolve;
mod slot;
mod unknown;

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use self::lower::Lowering;
use self::named::Formula;
use self::parser::parse;
use self::report::Report;
pub use self::resolve::{is_reserved, is_word};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::parameters::ParameterRow;
use crate::read::life_table_file::TableKind;
use crate::read::source::Span;
use arcosim_core::model::{Attribute, Expr, Function, Group, Listing, State};

/// Names that an expression may use, with their meanings.
#[derive(Debug)]
pub struct Names<'a> {
    /// Index in `rows` of each parameter name.
    pub parameters: &'a HashMap<String, usize>,
    /// Rows of the parameter table.
    pub rows: &'a [ParameterRow],
    /// Attributes of patients.
    pub attributes: &'a [Attribute],
    /// Health states.
    pub states: &'a [State],
    /// Groups of states: first one for each state, in the order of the states, then the declared groups.
    pub groups: &'a [Group],
    /// Tables that formulas can look up.
    pub tables: &'a [Lookup],
    /// Matrices of transition probabilities that formulas can read.
    pub matrices: Vec<Matrix>,
    /// Entries of matrices that expressions have read so far.
    pub matrices_read: RefCell<Vec<MatrixRead>>,
    /// Named formulas of the scenario.
    pub formulas: &'a [Formula],
    /// Index of the attribute whose attained value is the clock `age`.
    pub age: Option<usize>,
    /// Whether `age` is the age at the end of the cycle, in expressions that are evaluated for a cycle rather than at
    /// a point in time.
    pub age_at_end: bool,
    /// Length of a cycle in years.
    pub cycle_years: f64,
    /// Whether patients may move at any time, so that there is no number of the cycle.
    pub continuous: bool,
    /// Whether each parameter has been used so far.
    pub used: RefCell<Vec<bool>>,
}

/// A matrix of transition probabilities over a period.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Name of the matrix.
    pub name: String,
    /// Period of the probabilities in years.
    pub period: f64,
    /// Indices of the states of the matrix, ascending.
    pub states: Vec<usize>,
    /// Entries, `[(from, to)]`, by the positions of both states in `states`.
    pub cells: Vec<Expr>,
}

/// An entry of a matrix that an expression has read: index of the matrix, the function, and the positions of the two
/// states.
pub type MatrixRead = (usize, Function, usize, usize);

impl Matrix {
    /// Expression for the intensity per year, or for the probability over a cycle of `cycle_years`, between the
    /// states at positions `from` and `to`.
    pub fn read(&self, function: Function, from: usize, to: usize, cycle_years: f64) -> Expr {
        let over = match function {
            Function::MatrixRate => self.period,
            _ => cycle_years / self.period,
        };
        let head = [self.states.len() as f64, from as f64, to as f64, over].map(Expr::Number);
        Expr::Call(function, head.into_iter().chain(self.cells.iter().cloned()).collect())
    }
}

/// Value of an expression that reads only parameters.
pub fn at_base(expr: &Expr, parameters: &[f64]) -> f64 {
    fold::at_base(expr, parameters)
}

/// A table that formulas can look up.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Numbers of the table; `None` if they could not be read, which has been reported.
    pub listing: Option<Arc<Listing>>,
    /// Name of the table.
    pub name: String,
    /// Kind of the numbers.
    pub kind: TableKind,
    /// Unit of time of the quantity that is looked up, if the scenario states one.
    pub time_unit: Option<String>,
    /// Name of the quantity that is looked up.
    pub by: String,
    /// For costs: unit as stated in the scenario; empty if none is stated.
    pub unit: String,
    /// For costs: whether they are per year instead of per occasion; `None` if the table does not state it.
    pub per_year: Option<bool>,
}

/// Position of an expression in its file.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Bytes of the text, without the quotation marks.
    pub span: Span,
    /// Whether the TOML string contains escapes. Positions inside it are then inexact, so messages underline the
    /// whole string.
    pub escaped: bool,
}

/// The kind of value that the place of an expression expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A rate per year.
    Rate,
    /// A probability over one cycle.
    ProbabilityPerCycle,
    /// A hazard ratio.
    Ratio,
    /// A share without a period.
    Proportion,
    /// A condition, which is true or false.
    Condition,
    /// Any number.
    Number,
    /// A length of time in years.
    Time,
    /// A relative risk.
    RelativeRisk,
    /// A ratio of times.
    TimeRatio,
    /// An odds ratio.
    OddsRatio,
    /// A discount rate per year.
    DiscountRate,
    /// Amount that a state adds to an outcome per year.
    AmountPerYear,
    /// Amount that an event adds to an outcome.
    Amount,
    /// A probability over any period, such as an entry of a matrix, which has its own period.
    ProbabilityOver,
}

/// Clocks that an expression may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocks {
    /// No clocks, because the expression is evaluated before the simulation starts.
    None,
    /// All clocks, with their values at the start of a cycle.
    Cycle,
    /// Clocks of the model but not of groups of states, at the start of a cycle.
    Model,
    /// Clocks that are defined at a point of the grid. The number of the cycle is not, because a point belongs to two
    /// cycles.
    Point,
}

/// Quantities that an expression may read.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// States in which the expression is evaluated: `name[state]` needs a parameter for each of them.
    pub states: &'s [usize],
    /// Clocks that the expression may read.
    pub clocks: Clocks,
    /// Whether the expression may read attributes.
    pub attributes: bool,
    /// Whether the expression may read the state.
    pub state: bool,
    /// Name of the parameter whose value the expression replaces under a strategy, for messages; `None` for other
    /// expressions.
    pub value_of: Option<&'s str>,
}

/// Maximum length of an expression in bytes; a longer one was probably not intended.
const LONGEST: usize = 10_000;

/// Compiles an expression. All errors found in it are added to `out`, and then there is no result.
///
/// Parameters that the expression reads are marked in [`Names::used`] even if it has errors elsewhere, because a
/// message about an unused parameter would only be a consequence of these errors.
pub fn compile(
    text: &str,
    place: &Place,
    expected: Expected,
    scope: &Scope,
    names: &Names,
    out: &mut Diagnostics,
) -> Option<Expr> {
    if text.len() > LONGEST {
        let title = format!("the formula has {} characters, but at most {LONGEST} are allowed", text.len());
        let help = "split it into several parameters, transitions or effects";
        out.push(Diagnostic::error("E0315", title).at(place.span, "too long").help(help));
        return None;
    }
    let mut report = Report::new(text, place, out);
    let tree = parse(text, &mut report);
    let mut lowering = Lowering { names, scope, report: &mut report, within: &[], uses: &Cell::new(0) };
    let value = lowering.node(&tree)?;
    let expr = slot::fit(value, &tree, expected, &mut lowering)?;
    (!report.failed()).then_some(expr)
}
