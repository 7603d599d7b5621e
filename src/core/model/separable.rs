//! Separation of an amount into a sum of products of a patient factor (attributes) and a clock factor (time).
//!
//! Attained age is the age at the start plus model time. An amount that reads both attributes and clocks is
//! therefore often a sum of products
//!
//! ```text
//! amount = sum over j of p_j(patient) q_j(clock),
//! ```
//!
//! in which `p_j` reads attributes and no clock, and `q_j` reads clocks and no attribute that distinguishes patients;
//! both read parameters and the state. A loss of utility with the square of age, for example, is
//!
//! ```text
//! (c - b age^2) / d(age_at_start) = (1 / d) (c - b time^2) + (age_at_start / d) (-2 b time) + (age_at_start^2 / d) (-b).
//! ```
//!
//! Each `p_j` is evaluated once per patient, and each `q_j` once per cycle. The expansion covers sums, differences,
//! products, second to fourth powers, quotients whose divisor reads only attributes or only clocks, and conditions on
//! clocks. Any other expression that mixes attributes and clocks is refused.

use super::hazard::Reads;
use super::{Binary, Clock, Expr, Function, Situation};

/// Largest number of terms of an expansion.
const MOST_TERMS: usize = 16;

/// Largest total number of expression nodes in the clock factors of an expansion.
const MOST_NODES: usize = 2048;

/// A factor of a product, and whether the product is divided by the factor.
pub type Factor = (Expr, bool);

/// A product of patient factors, which are constant over time, and a clock factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Factors that read attributes and no clock; empty if the patient factor is 1.
    pub patient: Vec<Factor>,
    /// Clock factor: an expression that reads no attribute that distinguishes patients.
    pub clock: Expr,
}

/// Expands `expr` into a sum of products. Attributes for which `apart` is true distinguish patients; clock factors
/// may read the other attributes. No two terms have the same patient factors. `None` if the expression is not a
/// sum of products.
pub fn separate(expr: &Expr, cycles_per_year: f64, apart: &dyn Fn(usize) -> bool) -> Option<Vec<Term>> {
    let separation = Separation { cycles_per_year, apart };
    separation.terms(expr)
}

/// Value of the product of `factors` in situation `s`.
pub fn product(factors: &[Factor], s: &Situation) -> f64 {
    factors.iter().fold(1.0, |product, (factor, divides)| match divides {
        true => product / factor.value(s),
        false => product * factor.value(s),
    })
}

/// Whether two products have the same factors, in any order.
pub fn same_product(a: &[Factor], b: &[Factor]) -> bool {
    let count = |all: &[Factor], one: &Factor| all.iter().filter(|f| *f == one).count();
    a.len() == b.len() && a.iter().all(|factor| count(a, factor) == count(b, factor))
}

/// Properties that decide whether an expression is a patient factor or a clock factor.
struct Separation<'a> {
    cycles_per_year: f64,
    apart: &'a dyn Fn(usize) -> bool,
}

/// Whether an expression reads attributes that distinguish patients, clocks, or both; `Clock` also for neither.
enum ReadBy {
    Patient,
    Clock,
    Both,
}

impl Separation<'_> {
    fn side(&self, expr: &Expr) -> ReadBy {
        let reads = Reads::of(expr);
        let patient = reads.attributes().iter().any(|&a| (self.apart)(a));
        match (patient, reads.clocks() > 0) {
            (true, true) => ReadBy::Both,
            (true, false) => ReadBy::Patient,
            (false, _) => ReadBy::Clock,
        }
    }

    fn terms(&self, expr: &Expr) -> Option<Vec<Term>> {
        match self.side(expr) {
            ReadBy::Patient => return Some(vec![by_patient(expr)]),
            ReadBy::Clock => return Some(vec![by_clock(expr.clone())]),
            ReadBy::Both => {}
        }
        match expr {
            Expr::Clock(Clock::Age(a)) => {
                Some(vec![by_patient(&Expr::Attribute(*a)), by_clock(Expr::Clock(Clock::Time))])
            }
            Expr::Clock(Clock::AgeAtEnd(a)) => Some(vec![
                by_patient(&Expr::Attribute(*a)),
                by_clock(binary(
                    Binary::Divide,
                    Expr::Clock(Clock::Cycle),
                    Expr::Number(self.cycles_per_year),
                )),
            ]),
            Expr::Binary(operator, parts) => self.of_two(*operator, &parts[0], &parts[1]),
            Expr::Call(Function::Negate, parts) => {
                Some(self.terms(&parts[0])?.into_iter().map(negated).collect())
            }
            Expr::If(parts) => {
                let [condition, yes, no] = parts.as_ref();
                let ReadBy::Clock = self.side(condition) else {
                    return None;
                };
                // Each part is zero outside its condition, because the part may not be a number there.
                let zero = || Expr::Number(0.0);
                let choose = |yes, no| Expr::If(Box::new([condition.clone(), yes, no]));
                let yes = self
                    .terms(yes)?
                    .into_iter()
                    .map(|term| Term { clock: choose(term.clock, zero()), ..term });
                let no = self
                    .terms(no)?
                    .into_iter()
                    .map(|term| Term { clock: choose(zero(), term.clock), ..term });
                sum(yes.chain(no))
            }
            _ => None,
        }
    }

    fn of_two(&self, operator: Binary, left: &Expr, right: &Expr) -> Option<Vec<Term>> {
        match operator {
            Binary::Add => sum(self.terms(left)?.into_iter().chain(self.terms(right)?)),
            Binary::Subtract => {
                let right = self.terms(right)?.into_iter().map(negated);
                sum(self.terms(left)?.into_iter().chain(right))
            }
            Binary::Multiply => multiply(&self.terms(left)?, &self.terms(right)?),
            Binary::Divide => {
                let mut terms = self.terms(left)?;
                match self.side(right) {
                    ReadBy::Patient => {
                        terms.iter_mut().for_each(|term| term.patient.push((right.clone(), true)))
                    }
                    ReadBy::Clock => {
                        for term in &mut terms {
                            let over = std::mem::replace(&mut term.clock, Expr::Number(0.0));
                            term.clock = binary(Binary::Divide, over, right.clone());
                        }
                    }
                    ReadBy::Both => return None,
                }
                Some(terms)
            }
            Binary::Power => {
                let Expr::Number(exponent) = right else {
                    return None;
                };
                let times = [2.0, 3.0, 4.0].iter().position(|n| n == exponent)? + 1;
                let base = self.terms(left)?;
                (0..times).try_fold(base.clone(), |power, _| multiply(&power, &base))
            }
            _ => None,
        }
    }
}

fn by_patient(expr: &Expr) -> Term {
    Term { patient: vec![(expr.clone(), false)], clock: Expr::Number(1.0) }
}

fn by_clock(clock: Expr) -> Term {
    Term { patient: Vec::new(), clock }
}

fn binary(operator: Binary, left: Expr, right: Expr) -> Expr {
    Expr::Binary(operator, Box::new([left, right]))
}

fn negated(term: Term) -> Term {
    Term { clock: Expr::Call(Function::Negate, vec![term.clock]), ..term }
}

fn multiply(left: &[Term], right: &[Term]) -> Option<Vec<Term>> {
    let products = left.iter().flat_map(|l| {
        right.iter().map(|r| Term {
            patient: l.patient.iter().chain(&r.patient).cloned().collect(),
            clock: l.clock.clone().times(r.clock.clone()),
        })
    });
    sum(products)
}

/// Merges terms with the same patient factors; `None` if the sum exceeds [`MOST_TERMS`] or [`MOST_NODES`].
fn sum(terms: impl Iterator<Item = Term>) -> Option<Vec<Term>> {
    let mut all: Vec<Term> = Vec::new();
    let mut nodes = 0;
    for term in terms {
        term.clock.walk(&mut |_| nodes += 1);
        match all.iter_mut().find(|other| same_product(&other.patient, &term.patient)) {
            Some(other) => {
                let before = std::mem::replace(&mut other.clock, Expr::Number(0.0));
                other.clock = binary(Binary::Add, before, term.clock);
            }
            None => all.push(term),
        }
        if all.len() > MOST_TERMS || nodes > MOST_NODES {
            return None;
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Selector;

    const AGE: usize = 0;
    const SEX: usize = 1;

    fn n(x: f64) -> Expr {
        Expr::Number(x)
    }
    fn p(i: usize) -> Expr {
        Expr::Parameter(i)
    }
    fn clock(clock: Clock) -> Expr {
        Expr::Clock(clock)
    }
    fn age() -> Expr {
        clock(Clock::Age(AGE))
    }
    fn at_start() -> Expr {
        Expr::Attribute(AGE)
    }
    fn sex() -> Expr {
        Expr::Select(Selector::Attribute(SEX), vec![p(0), p(1)])
    }
    fn add(a: Expr, b: Expr) -> Expr {
        binary(Binary::Add, a, b)
    }
    fn less(a: Expr, b: Expr) -> Expr {
        binary(Binary::Subtract, a, b)
    }
    fn times(a: Expr, b: Expr) -> Expr {
        binary(Binary::Multiply, a, b)
    }
    fn over(a: Expr, b: Expr) -> Expr {
        binary(Binary::Divide, a, b)
    }
    fn power(a: Expr, x: f64) -> Expr {
        binary(Binary::Power, a, n(x))
    }
    fn when(condition: Expr, yes: Expr, no: Expr) -> Expr {
        Expr::If(Box::new([condition, yes, no]))
    }
    fn early() -> Expr {
        binary(Binary::Less, clock(Clock::Time), n(3.0))
    }
    /// Population norm of utility by age and sex.
    fn norm(age: Expr) -> Expr {
        less(less(add(n(0.95), sex()), times(p(2), age.clone())), times(p(3), power(age, 2.0)))
    }

    fn separable() -> Vec<Expr> {
        let presenting = less(n(0.8), when(early(), p(2), n(0.0)));
        vec![
            over(times(presenting, norm(age())), norm(at_start())),
            power(clock(Clock::AgeAtEnd(AGE)), 3.0),
            power(less(age(), times(n(0.5), clock(Clock::TimeIn(0)))), 4.0),
            Expr::Call(Function::Negate, vec![times(age(), sex())]),
            when(early(), age(), over(age(), add(n(1.0), clock(Clock::Time)))),
            // The quotient is not a number at time 0, where the condition excludes it.
            when(
                binary(Binary::Greater, clock(Clock::Time), n(0.0)),
                over(at_start(), clock(Clock::Time)),
                age(),
            ),
            less(at_start(), clock(Clock::Cycle)),
        ]
    }

    fn refused() -> Vec<Expr> {
        vec![
            Expr::Call(Function::Exp, vec![times(age(), p(2))]),
            Expr::Call(Function::Min, vec![age(), n(80.0)]),
            over(n(1.0), age()),
            power(age(), 0.5),
            power(age(), 5.0),
            binary(Binary::Power, age(), p(2)),
            when(binary(Binary::Less, age(), n(50.0)), p(0), p(1)),
            when(binary(Binary::Less, at_start(), n(50.0)), clock(Clock::Time), n(0.0)),
        ]
    }

    /// Calls `each` with 500 pseudo-random situations.
    fn situations(mut each: impl FnMut(&Situation)) {
        let mut seed = 7_u64;
        let mut uniform = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1_u64 << 53) as f64
        };
        for _ in 0..500 {
            let parameters = [uniform(), uniform(), 0.01 * uniform(), 0.0001 * uniform()];
            let attributes = [12.0 + 78.0 * uniform(), (uniform() * 2.0).floor()];
            let cycle = (uniform() * 30.0) as usize;
            each(&Situation {
                parameters: &parameters,
                attributes: &attributes,
                state: 0,
                cycle,
                residence: &[(uniform() * (cycle + 1) as f64) as usize],
                cycles_per_year: 2.0,
                part: 0.0,
            });
        }
    }

    #[test]
    fn an_expansion_has_the_value_of_its_expression() {
        for expr in separable() {
            for (name, apart) in [("all", &(|_| true) as &dyn Fn(usize) -> bool), ("numbers", &|a| a == AGE)]
            {
                let terms = separate(&expr, 2.0, apart).unwrap_or_else(|| panic!("{name}: {expr:?}"));
                for term in &terms {
                    let patient = term.patient.iter();
                    assert!(patient.clone().all(|(e, _)| Reads::of(e).clocks() == 0));
                    assert!(!Reads::of(&term.clock).attributes().into_iter().any(apart));
                }
                situations(|s| {
                    let parts = terms.iter().map(|t| match t.clock.value(s) {
                        0.0 => 0.0,
                        q => product(&t.patient, s) * q,
                    });
                    let (value, size) = parts.fold((0.0, 0.0), |(v, z): (f64, f64), x| (v + x, z + x.abs()));
                    let due = expr.value(s);
                    assert!((value - due).abs() <= 1e-12 * size, "{name}: {value} for {due}, {expr:?}");
                });
            }
        }
    }

    #[test]
    fn what_mixes_both_otherwise_is_refused() {
        for expr in refused() {
            assert_eq!(separate(&expr, 2.0, &|_| true), None, "{expr:?}");
        }
        // An expansion with too many terms is refused too.
        let many = (0..MOST_TERMS).fold(age(), |all, i| {
            add(all, times(binary(Binary::Power, at_start(), n(i as f64)), clock(Clock::Time)))
        });
        assert_eq!(separate(&many, 2.0, &|_| true), None);
    }

    #[test]
    fn equal_patient_factors_are_merged() {
        let terms = separate(&power(age(), 2.0), 1.0, &|_| true).unwrap();
        let factors: Vec<usize> = terms.iter().map(|t| t.patient.len()).collect();
        assert_eq!(factors, [2, 1, 0]);
        let by_class = separate(&norm(age()), 1.0, &|a| a == AGE).unwrap();
        assert_eq!(by_class.len(), 3);
    }
}
