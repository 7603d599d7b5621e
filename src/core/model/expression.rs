//! Compiled expressions: trees over dense indices, evaluated against one patient's situation.

use std::sync::Arc;

use super::grid;
use super::life_table::Listing;
use crate::math;

/// A clock that an expression may read: elapsed years at the time of evaluation, or the number of the cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clock {
    /// Model time: 0 at the start.
    Time,
    /// The 1-based number of the cycle.
    Cycle,
    /// Attained age: the value of the continuous attribute with this index plus model time.
    Age(usize),
    /// Attained age at the end of the cycle.
    AgeAtEnd(usize),
    /// Time since the patient entered the group with this index from outside the group.
    TimeIn(usize),
    /// Number of occurrences that the counter with this index among the groups shows.
    Count(usize),
}

/// Criterion of a choice between listed cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selector {
    /// Category of the categorical attribute with this index.
    Attribute(usize),
    /// State that the patient is in.
    State,
}

/// Binary operators; comparisons and logical operators return 1 for true and 0 for false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

/// Functions that expressions may call, with one or more arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Function {
    Exp,
    Ln,
    Sqrt,
    Abs,
    Floor,
    Min,
    Max,
    /// `prob(rate, years)`: the probability of at least one event, 1 - exp(-rate years).
    Prob,
    /// `rate(probability, years)`: the constant rate that corresponds to the probability, -ln(1 - p) / years.
    Rate,
    Negate,
    Not,
    /// `[states, from, to, years, entries]`: intensity per year of the transition between two states, from a
    /// matrix of transition probabilities over `years`; NaN if no intensities correspond to the matrix.
    MatrixRate,
    /// Arguments as in [`Function::MatrixRate`], with a number of periods in place of years: probability of the
    /// transition over this number of periods, from a power of the matrix.
    MatrixProbability,
}

/// A compiled expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A constant.
    Number(f64),
    /// The length of a cycle in years, a constant that changes with the cycle.
    CycleLength(f64),
    /// The parameter with this index.
    Parameter(usize),
    /// Initial value of the continuous attribute with this index.
    Attribute(usize),
    /// A clock.
    Clock(Clock),
    /// One of several expressions, chosen by category or state; a missing case is an error found at compile time.
    Select(Selector, Vec<Expr>),
    /// 1 if the value of the selector is in the list, else 0.
    Among(Selector, Vec<usize>),
    /// Condition, value if the condition is not 0, and value otherwise.
    If(Box<[Expr; 3]>),
    /// A binary operator.
    Binary(Binary, Box<[Expr; 2]>),
    /// A function call.
    Call(Function, Vec<Expr>),
    /// A number looked up in a table, at the value of the inner expression.
    Lookup(Arc<Listing>, Box<[Expr; 1]>),
}

/// Everything that an expression may read, for one patient in one cycle.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Values of all parameters.
    pub parameters: &'a [f64],
    /// Per attribute: the value at the start, or the category index of a categorical one.
    pub attributes: &'a [f64],
    /// Index of the state that the patient is in.
    pub state: usize,
    /// Cycles completed since the start of the model.
    pub cycle: usize,
    /// Per group: cycles completed since the patient entered the group (read only for groups whose clock is used).
    pub residence: &'a [usize],
    /// Number of cycles per year.
    pub cycles_per_year: f64,
    /// Share of the current cycle of every clock that has passed (see [`TimeGrid::part`](super::TimeGrid::part)).
    pub part: f64,
}

impl Situation<'_> {
    /// Years since the start of the model.
    #[inline]
    pub fn years(&self) -> f64 {
        (self.cycle as f64 + self.part) / self.cycles_per_year
    }

    /// Years since the patient entered the group with this index.
    #[inline]
    pub fn years_in(&self, group: usize) -> f64 {
        (self.residence[group] as f64 + self.part) / self.cycles_per_year
    }
}

impl Expr {
    /// Whether two formulas are the same as written. The text is compared because a missing case is NaN, which is
    /// never equal to itself.
    pub fn same_formula(&self, other: &Expr) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }

    /// The value of the expression in `s`.
    pub fn value(&self, s: &Situation) -> f64 {
        match self {
            Expr::Number(x) | Expr::CycleLength(x) => *x,
            Expr::Parameter(i) => s.parameters[*i],
            Expr::Attribute(i) => s.attributes[*i],
            Expr::Clock(clock) => match clock {
                Clock::Time => s.years(),
                Clock::Cycle => (s.cycle + 1) as f64,
                Clock::Age(i) => s.attributes[*i] + s.years(),
                Clock::AgeAtEnd(i) => s.attributes[*i] + (s.cycle + 1) as f64 / s.cycles_per_year,
                Clock::TimeIn(g) => s.years_in(*g),
                Clock::Count(g) => s.residence[*g] as f64,
            },
            Expr::Select(on, cases) => cases[on.index(s)].value(s),
            Expr::Among(on, members) => truth(members.contains(&on.index(s))),
            Expr::If(parts) => {
                let [condition, yes, no] = parts.as_ref();
                if condition.value(s) != 0.0 { yes.value(s) } else { no.value(s) }
            }
            Expr::Lookup(table, at) => {
                let x = at[0].value(s);
                table.value_on_grid(x, || grid::slack(&at[0], s), s.attributes)
            }
            Expr::Binary(operator, parts) if operator.is_comparison() => grid::compare(*operator, parts, s),
            Expr::Binary(operator, parts) => {
                let [left, right] = parts.as_ref();
                operate(*operator, left.value(s), right.value(s))
            }
            Expr::Call(function, arguments) => {
                if let Function::Floor = function {
                    return grid::floor(&arguments[0], s);
                }
                call(*function, arguments[0].value(s), |i| arguments[i].value(s), arguments.len())
            }
        }
    }

    /// Direct sub-expressions of this expression.
    pub fn children(&self) -> &[Expr] {
        match self {
            Expr::Select(_, cases) => cases,
            Expr::If(parts) => parts.as_ref(),
            Expr::Binary(_, parts) => parts.as_ref(),
            Expr::Call(_, arguments) => arguments,
            Expr::Lookup(_, at) => at.as_ref(),
            _ => &[],
        }
    }

    /// Calls `visit` on this expression and on all of its sub-expressions.
    pub fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// The expression with `change` applied to each of its parts, innermost first.
    pub fn rewritten(&self, change: &dyn Fn(Expr) -> Expr) -> Expr {
        let inner = |part: &Expr| part.rewritten(change);
        change(match self {
            Expr::Select(on, cases) => Expr::Select(*on, cases.iter().map(inner).collect()),
            Expr::If(parts) => Expr::If(Box::new(parts.each_ref().map(inner))),
            Expr::Binary(operator, parts) => Expr::Binary(*operator, Box::new(parts.each_ref().map(inner))),
            Expr::Call(function, parts) => Expr::Call(*function, parts.iter().map(inner).collect()),
            Expr::Lookup(table, at) => Expr::Lookup(table.clone(), Box::new(at.each_ref().map(inner))),
            leaf => leaf.clone(),
        })
    }

    /// The product of two expressions.
    pub fn times(self, other: Expr) -> Expr {
        match (&self, &other) {
            (Expr::Number(1.0), _) => other,
            (_, Expr::Number(1.0)) => self,
            _ => Expr::Binary(Binary::Multiply, Box::new([self, other])),
        }
    }
}

impl Binary {
    /// Whether the operator compares two numbers.
    pub fn is_comparison(self) -> bool {
        matches!(
            self,
            Binary::Less
                | Binary::LessEqual
                | Binary::Greater
                | Binary::GreaterEqual
                | Binary::Equal
                | Binary::NotEqual
        )
    }
}

impl Selector {
    /// Index of the case that is chosen in situation `s`.
    pub fn index(self, s: &Situation) -> usize {
        match self {
            Selector::Attribute(i) => s.attributes[i] as usize,
            Selector::State => s.state,
        }
    }
}

/// Value of a condition as a number: 1 for true, 0 for false.
pub(super) fn truth(value: bool) -> f64 {
    if value { 1.0 } else { 0.0 }
}

/// Value of any function except `floor`, for `first` and the arguments from 1 to below `arguments`.
#[inline]
pub(super) fn call(function: Function, first: f64, argument: impl Fn(usize) -> f64, arguments: usize) -> f64 {
    match function {
        Function::Exp => math::exp(first),
        Function::Ln => math::ln(first),
        Function::Sqrt => math::sqrt(first),
        Function::Abs => first.abs(),
        Function::Min => (1..arguments).fold(first, |m, i| m.min(argument(i))),
        Function::Max => (1..arguments).fold(first, |m, i| m.max(argument(i))),
        Function::Prob => -math::exp_m1(-first * argument(1)),
        Function::Rate => -math::ln_1p(-first) / argument(1),
        Function::Negate => -first,
        Function::Not => truth(first == 0.0),
        Function::Floor => unreachable!("rounded down where the clocks are known"),
        Function::MatrixRate | Function::MatrixProbability => {
            let [n, from, to] = [first as usize, argument(1) as usize, argument(2) as usize];
            let cells: Vec<f64> = (4..arguments).map(&argument).collect();
            let found = match function {
                Function::MatrixRate => {
                    math::matrix::intensities(&cells, n).map(|q| q[from * n + to] / argument(3))
                }
                _ => math::matrix::power(&cells, n, argument(3)).map(|p| p[from * n + to]),
            };
            found.unwrap_or(f64::NAN)
        }
    }
}

/// Value of a binary operator that is not a comparison.
#[inline]
pub(super) fn operate(operator: Binary, a: f64, b: f64) -> f64 {
    match operator {
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        Binary::Power => math::pow(a, b),
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Or => truth(a != 0.0 || b != 0.0),
        _ => unreachable!("comparisons are told apart before"),
    }
}
