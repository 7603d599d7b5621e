//! Functions of the expression language.

use super::clash::factor;
use super::fold::{base_value, call, folded};
use super::kinds::{Quantity, period, same_period, short};
use super::lexer::Local;
use super::limits;
use super::lower::{Lowering, Value, is_addend, pair};
use super::parser::{Node, Word};
use super::unknown;
use crate::compile::or_declare;
use crate::diagnostic::{Part, suggest};
use crate::read::unit::parse_length;
use arcosim_core::model::{Binary, Expr, Function};

/// Definition of one function.
struct Definition {
    name: &'static str,
    /// Minimum and maximum number of arguments.
    arguments: (usize, usize),
    /// Form of a call, for messages.
    form: &'static str,
    lower: Lower,
}

/// Method by which a call is compiled.
enum Lower {
    /// The call is compiled from the syntax trees of the arguments, because some arguments are names, not numbers.
    Written(for<'n, 'r> fn(&mut Lowering<'n, 'r>, &[Node<'r>], Local) -> Option<Value>),
    /// The call is compiled from the values of the arguments; the syntax trees are also available.
    Values(for<'n, 'r> fn(&mut Lowering<'n, 'r>, &[Node<'r>], Vec<Value>, Local) -> Option<Value>),
}

use Lower::{Values, Written};

const fn define(
    name: &'static str,
    arguments: (usize, usize),
    form: &'static str,
    lower: Lower,
) -> Definition {
    Definition { name, arguments, form, lower }
}

/// All functions. A new function needs an entry here, and a case of [`Function`] only if no combination of other
/// functions expresses it.
const FUNCTIONS: [Definition; 19] = [
    define("if", (3, 3), "if(condition, then, else)", Written(|l, a, at| l.conditional(a, at))),
    define("exp", (1, 1), "exp(x)", Values(|_, _, v, _| number(Function::Exp, v))),
    define("ln", (1, 1), "ln(x)", Values(|_, _, v, _| number(Function::Ln, v))),
    define("sqrt", (1, 1), "sqrt(x)", Values(|_, _, v, _| number(Function::Sqrt, v))),
    define("abs", (1, 1), "abs(x)", Values(|_, _, v, _| alike(Function::Abs, v))),
    define("floor", (1, 1), "floor(x)", Values(|_, _, v, _| alike(Function::Floor, v))),
    define("min", (2, usize::MAX), "min(x, y, ..)", Values(|l, a, v, at| l.extreme(Function::Min, a, v, at))),
    define("max", (2, usize::MAX), "max(x, y, ..)", Values(|l, a, v, at| l.extreme(Function::Max, a, v, at))),
    define("prob", (1, 2), "prob(rate) or prob(rate, years)", Values(|l, a, v, at| l.prob(a, v, at))),
    define(
        "rate",
        (1, 2),
        "rate(probability) or rate(probability, years)",
        Values(|l, a, v, at| l.rate(a, v, at)),
    ),
    define(
        "rate_among",
        (2, 2),
        "rate_among(probability, sum of all transitions out of the state)",
        Values(|l, a, v, _| l.rate_among(a, v)),
    ),
    define(
        "matrix_rate",
        (3, 3),
        "matrix_rate(matrix, from, to)",
        Written(|l, a, _| l.matrix(Function::MatrixRate, a)),
    ),
    define(
        "matrix_prob",
        (3, 3),
        "matrix_prob(matrix, from, to)",
        Written(|l, a, _| l.matrix(Function::MatrixProbability, a)),
    ),
    define("odds_ratio", (2, 2), "odds_ratio(probability, or)", Values(|l, a, v, _| l.odds_ratio(a, v))),
    define(
        "weibull_cumhaz",
        (3, 3),
        "weibull_cumhaz(t, shape, scale)",
        Values(|_, _, v, _| cumulative(v, weibull)),
    ),
    define(
        "gompertz_cumhaz",
        (3, 3),
        "gompertz_cumhaz(t, shape, rate)",
        Values(|_, _, v, _| cumulative(v, gompertz)),
    ),
    define("count", (1, 1), "count(transition)", Written(|l, a, at| l.count(&a[0], at))),
    define("time_in", (1, 1), "time_in(state) or time_in(group)", Written(|l, a, at| l.time_in(&a[0], at))),
    define("lookup", (2, 2), "lookup(table, age)", Written(|l, a, _| l.lookup(a))),
];

/// Functions of other programs, with the text to write instead.
const FOREIGN: [(&str, &str); 9] = [
    ("log", "`ln(x)` for base e (`log` in R), or `(ln(x) / ln(10))` for base 10 (`LOG` in Excel)"),
    ("log10", "`(ln(x) / ln(10))`"),
    ("pow", "`x ^ y`"),
    ("power", "`x ^ y`"),
    ("ifelse", "`if(condition, then, else)`"),
    ("iif", "`if(condition, then, else)`"),
    ("rate_to_prob", "`prob(rate)`"),
    ("prob_to_rate", "`rate(probability)`"),
    ("round", "`floor(x + 0.5)`"),
];

/// Whether a function with this name exists.
pub(super) fn is_function(name: &str) -> bool {
    names().any(|known| known == name)
}

/// The names of all functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}

/// A length of time in years, with its value if it is constant.
type Years = (Expr, Option<f64>);

impl<'r> Lowering<'_, 'r> {
    /// Compiles a call.
    pub(super) fn function(&mut self, name: Word, arguments: &[Node<'r>], at: Local) -> Option<Value> {
        let Some(function) = FUNCTIONS.iter().find(|one| one.name == name.text) else {
            // The arguments are compiled too, so that their own errors are reported.
            arguments.iter().for_each(|a| {
                self.node(a);
            });
            return self.unknown_function(name, arguments);
        };
        let (least, most) = function.arguments;
        if arguments.len() < least || arguments.len() > most {
            let form = function.form;
            let needed = match (least, most) {
                _ if least == most => least.to_string(),
                (_, usize::MAX) => format!("at least {least}"),
                _ => format!("{least} or {most}"),
            };
            let title = format!(
                "`{}` has {} argument{}, but needs {needed}",
                function.name,
                arguments.len(),
                if arguments.len() == 1 { "" } else { "s" }
            );
            if let ("if", [condition, value]) = (function.name, arguments) {
                let (condition, value) = (self.report.slice(condition.at), self.report.slice(value.at));
                let help = format!("add the value for all other cases: `if({condition}, {value}, ...)`");
                let label = "the value for all other cases is missing";
                return self.error("E0306", title, at, label, |d| d.help(help));
            }
            let texts: Vec<&str> = arguments.iter().map(|one| self.report.slice(one.at)).collect();
            let split = texts.windows(2).find(|two| {
                two.iter().all(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
            });
            let help = match split {
                Some([a, b]) if arguments.len() > most => format!(
                    "if `{a}, {b}` is one decimal number, write it with a point: `{a}.{b}`; otherwise remove what is superfluous, so that the form is `{form}`"
                ),
                _ => format!("write `{form}`"),
            };
            let label = match &texts[..] {
                [] => "nothing between the brackets".to_owned(),
                all if all.iter().all(|one| (1..=20).contains(&one.len()) && !one.contains('\n')) => {
                    format!("between the brackets: `{}`", all.join("` and `"))
                }
                _ => "arguments are separated by commas".to_owned(),
            };
            return self.error("E0306", title, at, label, |d| d.help(help));
        }
        match function.lower {
            Written(lower) => lower(self, arguments, at),
            Values(lower) => {
                let values: Vec<Option<Value>> = arguments.iter().map(|a| self.node(a)).collect();
                let values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
                let value = lower(self, arguments, values, at)?;
                self.finite(value, at)
            }
        }
    }

    /// Compiles `min` and `max`, whose arguments must be of one kind.
    fn extreme(
        &mut self,
        function: Function,
        arguments: &[Node<'r>],
        values: Vec<Value>,
        at: Local,
    ) -> Option<Value> {
        let kinds: Vec<_> = values
            .iter()
            .zip(arguments)
            .map(|(v, a)| (v.quantity, self.report.slice(a.at).to_owned()))
            .collect();
        let quantity = self.shared(&kinds, at)?;
        Some(Value::new(call(function, expressions(values)), quantity))
    }

    fn unknown_function(&mut self, name: Word, arguments: &[Node<'r>]) -> Option<Value> {
        let text = name.text;
        let foreign = FOREIGN.iter().find(|f| f.0.eq_ignore_ascii_case(text));
        let help = if let Some((_, instead)) = foreign {
            match arguments {
                // The argument that the user wrote, in place of the x of the example.
                [one] => {
                    format!("write {}", instead.replace("(x)", &format!("({})", self.report.slice(one.at))))
                }
                _ => format!("write {instead}"),
            }
        } else if self.names.parameters.contains_key(text) {
            let other = match arguments {
                [one] => factor(self.report.slice(one.at), one),
                _ => "(..)".to_owned(),
            };
            format!("`{text}` is a parameter; to multiply, write `{text} * {other}`")
        } else if let Some(near) = suggest(text, names()) {
            format!("did you mean `{near}`?")
        } else {
            format!("the functions are {}", names().collect::<Vec<_>>().join(", "))
        };
        let label = match self.names.parameters.contains_key(text) {
            true => "read as a function, because a bracket follows",
            false => "not a function",
        };
        self.error("E0310", format!("there is no function `{text}`"), name.at, label, |d| d.help(help))
    }

    fn conditional(&mut self, arguments: &[Node<'r>], at: Local) -> Option<Value> {
        let condition = self.condition(&arguments[0]);
        let (yes, no) = (self.node(&arguments[1]), self.node(&arguments[2]));
        let (condition, yes, no) = (condition?, yes?, no?);
        let text = |i: usize| self.report.slice(arguments[i].at).to_owned();
        let quantity = self.shared(&[(yes.quantity, text(1)), (no.quantity, text(2))], at)?;
        let expr = folded(Expr::If(Box::new([condition, yes.expr, no.expr])));
        Some(Value::new(expr, quantity))
    }

    /// Compiles `lookup(table, x)`: the value of the last table row at or below `x`, in the column for the patient's
    /// categories.
    fn lookup(&mut self, arguments: &[Node<'r>]) -> Option<Value> {
        let [table, at] = arguments else { return None };
        let value = self.node(at);
        let name = self.report.slice(table.at).trim_matches(['\'', '"']);
        let Some(found) = self.names.tables.iter().find(|one| one.name == name) else {
            let known: Vec<String> = self.names.tables.iter().map(|one| one.name.clone()).collect();
            let near = suggest(name, known.iter().map(String::as_str));
            let example = "{ file = \"values.csv\", by = [\"age\"], kind = \"...\" }, with the kind of its values such as `rate per year` or `cost`";
            let declare = or_declare(name, example, "[tables]");
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => declare,
                None => format!("{declare}; declared tables: {}", unknown::list(&known)),
            };
            let title = format!("there is no table `{name}`");
            return self
                .error("E0426", title, table.at, "not declared", |d| d.help(help).echo_of(Part::Tables));
        };
        let quantity = Quantity::of_table(found.kind, found.per_year);
        let (time_unit, by) = (found.time_unit.clone(), found.by.clone());
        let listing = found.listing.clone()?;
        let by_patient = listing.by.iter().map(|(a, _)| self.names.attributes[*a].name.clone()).next();
        if let Some(attribute) = by_patient {
            self.allowed(self.scope.attributes, &attribute, table.at)?;
        }
        let value = value?;
        if value.quantity == Quantity::Condition {
            let title = format!("`{name}` must be looked up by a number, not a condition");
            return self.error("E0305", title, at.at, "true or false", |d| {
                d.help("write for example `lookup(table, age)`")
            });
        }
        let in_years = limits::is_time(&value.expr) || value.quantity == Quantity::Time;
        let said = time_unit.is_some();
        if let Some(unit) = time_unit.filter(|_| !in_years) {
            let title = format!("table `{name}` has a `time_unit`, but is not looked up by a time in years");
            return self.error("E0305", title, at.at, "not a time in years", |d| {
                d.why(format!(
                    "because of time_unit = \"{unit}\", the program takes the numbers in the column `{by}` as times and \
                     compares them in years; a number in another unit would select the wrong row"
                ))
                .help(format!(
                    "write a time in years, such as lookup({name}, time), and do not convert it in the formula; or, to look up by the \
                     numbers of the column `{by}`, remove `time_unit` from [tables.{name}]"
                ))
            });
        }
        if in_years && !said && limits::names_another_unit(&by) {
            let title = format!("table `{name}` has the column `{by}`, but is looked up by a time in years");
            return self.error("E0305", title, at.at, "in years", |d| {
                let unit = match parse_length(&by) {
                    Some(_) => format!("\"{by}\""),
                    None => "\"months\", \"weeks\" or \"days\"".into(),
                };
                d.why(format!(
                    "12 in the column `{by}` would be read as 12 years, so most times would use the wrong row"
                ))
                .help(format!(
                    "add time_unit = {unit} to [tables.{name}], so that the column is converted to years"
                ))
            });
        }
        Some(Value::new(Expr::Lookup(listing, Box::new([value.expr])), quantity))
    }

    /// Compiles `rate_among(p, all)`: the rate of an event with probability `p` over a period, among competing events
    /// with a total probability of `all`: p / all times -ln(1 - all) / period. Constant competing rates have these
    /// probabilities (Jones et al., Med Decis Making 2017;37:1-12, for a state that patients leave and do not enter
    /// again).
    fn rate_among(&mut self, arguments: &[Node<'r>], values: Vec<Value>) -> Option<Value> {
        let [own, all] = <[Value; 2]>::try_from(values).ok()?;
        let period_of = |value: &Value| match value.quantity {
            Quantity::Probability(period) => period,
            _ => None,
        };
        for (value, argument) in [(&own, &arguments[0]), (&all, &arguments[1])] {
            if period_of(value).is_none() {
                return self.not_accepted(
                    "rate_among",
                    "probabilities with a period",
                    value.quantity,
                    argument,
                    "in the parameter table, write the kind `probability` and the period as unit, such as `per year`",
                );
            }
        }
        let (years, other) = (period_of(&own)?, period_of(&all)?);
        if !same_period(years, other) {
            let title = format!(
                "a probability per {} cannot be part of a sum of probabilities per {}",
                period(years),
                period(other)
            );
            return self.error("E0314", title, arguments[1].at, "a different period", |d| {
                d.help("write the sum of the probabilities of all transitions out of the state, including this one")
            });
        }
        self.is_among(arguments, &own, &all)?;
        let rate = call(Function::Rate, vec![all.expr.clone(), Expr::Number(years)]);
        let share = pair(Binary::Divide, own.expr, all.expr.clone());
        let some = pair(Binary::Greater, all.expr, Expr::Number(0.0));
        let product = pair(Binary::Multiply, share, rate);
        let expr = folded(Expr::If(Box::new([some, product, Expr::Number(0.0)])));
        Some(Value::new(expr, Quantity::Rate))
    }

    /// Checks that the first argument of `rate_among` can be one of the probabilities in the sum, its second argument.
    fn is_among(&mut self, arguments: &[Node<'r>], own: &Value, all: &Value) -> Option<()> {
        let base = |value: &Value| base_value(&value.expr, self.names.rows);
        let sums = matches!(all.expr, Expr::Binary(Binary::Add, _));
        let larger = matches!((base(own), base(all)), (Some(own), Some(all)) if own > all + 1e-9);
        if !larger && (!sums || own.expr.same_formula(&all.expr) || is_addend(&own.expr, &all.expr)) {
            return Some(());
        }
        let (text, sum) = (self.report.slice(arguments[0].at), self.report.slice(arguments[1].at));
        let mut parts = vec![text];
        for part in sum.split('+').map(str::trim).filter(|_| !sum.contains('(')) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        let title = format!("`{text}` is not part of the sum `{sum}`");
        let label = match larger {
            true => format!("smaller than `{text}` itself"),
            false => format!("does not include `{text}`"),
        };
        self.error("E0449", title, arguments[1].at, label, |d| {
            d.why("the total rate is divided in proportion to the probabilities, so a probability outside the sum would get a wrong rate")
                .help(match larger {
                    true => format!("write the sum of the probabilities of all transitions out of the state, including `{text}`; if the formula already does, correct the values of the probabilities"),
                    false if parts.len() > 1 => format!("write the probability of each transition out of the state once into the sum: `{}`, and any others", parts.join(" + ")),
                    false => format!("write the probability of each transition out of the state once into the sum, beginning with this one: `{text} + ...`"),
                })
        })
    }

    /// Compiles `matrix_rate(matrix, from, to)` and `matrix_prob(matrix, from, to)`.
    fn matrix(&mut self, function: Function, arguments: &[Node<'r>]) -> Option<Value> {
        let [matrix, from, to] = arguments else {
            return None;
        };
        let [name, from_name, to_name] =
            [matrix, from, to].map(|node| self.report.slice(node.at).trim_matches(['\'', '"']).to_owned());
        let Some(m) = self.names.matrices.iter().position(|one| one.name == name) else {
            let known: Vec<String> = self.names.matrices.iter().map(|one| one.name.clone()).collect();
            let help = match suggest(&name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => or_declare(&name, "{ period = \"1 year\", rows = { ... } }", "[matrices]"),
            };
            let title = format!("there is no matrix `{name}`");
            return self
                .error("E0426", title, matrix.at, "not declared", |d| d.help(help).echo_of(Part::Matrices));
        };
        let names = self.names;
        let found = &names.matrices[m];
        // Marks the parameters of the matrix as used.
        for cell in &found.cells {
            cell.walk(&mut |part| {
                if let Expr::Parameter(p) = part {
                    names.used.borrow_mut()[*p] = true;
                }
            });
        }
        let place = |name: &str| found.states.iter().position(|&s| names.states[s].name == name);
        for (node, name) in [(from, &from_name), (to, &to_name)] {
            if place(name).is_none() {
                let known: Vec<String> = found.states.iter().map(|&s| names.states[s].name.clone()).collect();
                let title = format!("`{name}` is not a state of matrix `{}`", found.name);
                return self.error("E0426", title, node.at, "not in the matrix", |d| {
                    d.help(format!("write one of its states: {}", unknown::list(&known)))
                        .echo_of(Part::Matrices)
                });
            }
        }
        let (i, j) = (place(&from_name)?, place(&to_name)?);
        let mut read = names.matrices_read.borrow_mut();
        read.push((m, function, i, j));
        let expr = found.read(function, i, j, names.cycle_years);
        let quantity = match function {
            Function::MatrixRate => Quantity::Rate,
            _ => Quantity::Probability(Some(names.cycle_years)),
        };
        Some(Value::new(folded(expr), quantity))
    }

    /// Compiles `prob(rate)` for a cycle, `prob(rate, years)` for another period, and `prob(cumulative hazard)` for
    /// the period of the hazard.
    fn prob(&mut self, arguments: &[Node<'r>], values: Vec<Value>, at: Local) -> Option<Value> {
        let given = self.years(arguments, &values)?;
        let text = self.report.slice(arguments[0].at);
        let what = values[0].quantity;
        let (years, over) = match (what, given) {
            (Quantity::CumulativeHazard, None) => (Expr::Number(1.0), None),
            (Quantity::Rate | Quantity::Number | Quantity::Clock, None) => {
                (Expr::Number(self.names.cycle_years), Some(self.names.cycle_years))
            }
            (Quantity::Rate | Quantity::Number | Quantity::Clock, Some((expr, constant))) => (expr, constant),
            (found, _) => {
                let help = match found {
                    Quantity::Probability(_) => format!(
                        "`{text}` is already a probability, and a second conversion would change the risk: remove `prob(..)`; or, for a \
                         different period, write for example `prob(rate({text}), 1 year)`"
                    ),
                    Quantity::Ratio => {
                        format!("multiply a rate by the hazard ratio, as in `prob(rate.x * {text})`")
                    }
                    Quantity::CumulativeHazard => {
                        "a cumulative hazard already includes its period: remove the years".into()
                    }
                    Quantity::Time => {
                        "a mean time corresponds to the constant rate `1 / t`, a median time to `ln(2) / t`"
                            .into()
                    }
                    _ => "write a rate per year".into(),
                };
                return self.not_accepted("prob", "a rate", found, &arguments[0], &help);
            }
        };
        let first = values.into_iter().next()?.expr;
        let value = Value::new(call(Function::Prob, vec![first, years]), Quantity::Probability(over));
        self.finite(value, at)
    }

    /// Compiles `rate(probability)` over the probability's own period, or over the stated years.
    fn rate(&mut self, arguments: &[Node<'r>], values: Vec<Value>, at: Local) -> Option<Value> {
        let given = self.years(arguments, &values)?;
        let text = self.report.slice(arguments[0].at);
        let years = match (values[0].quantity, given) {
            (Quantity::Probability(Some(own)), None) => Expr::Number(own),
            (Quantity::Probability(Some(own)), Some((_, Some(years)))) if !same_period(own, years) => {
                let title =
                    format!("`{text}` is a probability per {}, not per {}", period(own), period(years));
                return self.error("E0314", title, arguments[1].at, "a different period", |d| {
                    d.why("the rate depends on the period: for example, 80% in 1 year is a rate of 1.609 per year, but 80% in 5 years is 0.322")
                        .help(format!("write `rate({text})`: its period is in the parameter table"))
                });
            }
            (Quantity::Probability(_) | Quantity::Number | Quantity::Proportion, Some((expr, _))) => expr,
            (Quantity::Probability(None) | Quantity::Number | Quantity::Proportion, None) => {
                let title = format!("`rate({text})` needs a period, but `{text}` has none");
                return self.error("E0314", title, arguments[0].at, "over which period?", |d| {
                    d.why("the rate depends on the period: for example, 80% in 1 year is a rate of 1.609 per year, but 80% in 5 years is 0.322")
                        .help(format!("add the period, such as `rate({text}, 5 years)`; or, for a parameter, write the kind `probability` and a unit such as `per 5 years` in the parameter table"))
                });
            }
            (found, _) => {
                let help = match found {
                    Quantity::Rate => format!("this is already a rate: write `{text}` without `rate(..)`"),
                    _ => "write a probability between the brackets".into(),
                };
                return self.not_accepted("rate", "a probability", found, &arguments[0], &help);
            }
        };
        let first = values.into_iter().next()?.expr;
        self.finite(Value::new(call(Function::Rate, vec![first, years]), Quantity::Rate), at)
    }

    /// The second argument of `prob` and `rate`, with its value if it is constant.
    fn years(&mut self, arguments: &[Node<'r>], values: &[Value]) -> Option<Option<Years>> {
        let Some(value) = values.get(1) else {
            return Some(None);
        };
        let at = arguments[1].at;
        if !matches!(value.quantity, Quantity::Number | Quantity::Time | Quantity::Clock) {
            let (text, words) = (self.report.slice(at), value.quantity.words());
            let title = format!("`{text}` cannot be a period, because it is {words}");
            return self.error("E0305", title, at, words, |d| {
                d.why("the second value in the brackets is the period over which the probability applies")
                    .help(format!(
                        "replace `{text}` by a number of years or a length of time, such as `5` or `6 months`"
                    ))
            });
        }
        match value.expr {
            Expr::Number(years) if years <= 0.0 => {
                let title = format!("a period cannot be {} years", short(years));
                self.error("E0313", title, at, "must be longer than 0", |d| {
                    d.help("write a number of years, such as `5`, or a length of time, such as `6 months`")
                })
            }
            // As a period, the length of a cycle belongs to the data, which do not change with the cycle.
            Expr::Number(years) | Expr::CycleLength(years) => Some(Some((Expr::Number(years), Some(years)))),
            _ => Some(Some((value.expr.clone(), None))),
        }
    }

    /// Compiles `odds_ratio(p, or)`: the probability whose odds are `or` times the odds of `p`.
    fn odds_ratio(&mut self, arguments: &[Node<'r>], values: Vec<Value>) -> Option<Value> {
        let [p, or] = <[Value; 2]>::try_from(values).ok()?;
        if !matches!(p.quantity, Quantity::Probability(_) | Quantity::Proportion | Quantity::Number) {
            return self.not_accepted(
                "odds_ratio",
                "a probability as first argument",
                p.quantity,
                &arguments[0],
                "write `odds_ratio(probability, or)`",
            );
        }
        if !matches!(or.quantity, Quantity::OddsRatio | Quantity::Number) {
            return self.not_accepted(
                "odds_ratio",
                "an odds ratio as second argument",
                or.quantity,
                &arguments[1],
                "write `odds_ratio(probability, or)`",
            );
        }
        // The probability is p or / (1 - p + p or).
        let product = pair(Binary::Multiply, p.expr.clone(), or.expr);
        let free = pair(Binary::Subtract, Expr::Number(1.0), p.expr);
        let all = pair(Binary::Add, free, product.clone());
        Some(Value::new(pair(Binary::Divide, product, all), p.quantity))
    }

    fn not_accepted(
        &mut self,
        function: &str,
        wanted: &str,
        found: Quantity,
        argument: &Node<'r>,
        help: &str,
    ) -> Option<Value> {
        let (text, words) = (self.report.slice(argument.at), found.words());
        let title = format!("`{function}(..)` needs {wanted}, but `{text}` is {words}");
        self.error("E0305", title, argument.at, words, |d| d.help(help))
    }
}

fn expressions(values: Vec<Value>) -> Vec<Expr> {
    values.into_iter().map(|value| value.expr).collect()
}

/// Compiles a function of one number whose value is a plain number.
fn number(function: Function, values: Vec<Value>) -> Option<Value> {
    Some(Value::new(call(function, expressions(values)), Quantity::Number))
}

/// Compiles a function of one number whose value is of the same kind as its argument.
fn alike(function: Function, values: Vec<Value>) -> Option<Value> {
    let quantity = match values.first()?.quantity {
        Quantity::Condition => Quantity::Number,
        quantity => quantity,
    };
    Some(Value::new(call(function, expressions(values)), quantity))
}

fn cumulative(values: Vec<Value>, hazard: fn(Expr, Expr, Expr) -> Expr) -> Option<Value> {
    let [t, shape, third] = <[Expr; 3]>::try_from(expressions(values)).ok()?;
    Some(Value::new(hazard(t, shape, third), Quantity::CumulativeHazard))
}

/// Cumulative hazard of a Weibull distribution: (t / scale) ^ shape.
fn weibull(t: Expr, shape: Expr, scale: Expr) -> Expr {
    pair(Binary::Power, pair(Binary::Divide, t, scale), shape)
}

/// Cumulative hazard of a Gompertz distribution: rate (exp(shape t) - 1) / shape, or rate t for shape 0. It is computed
/// with `prob`, because `prob` is exact for a small shape.
fn gompertz(t: Expr, shape: Expr, rate: Expr) -> Expr {
    let steady = pair(Binary::Multiply, rate.clone(), t.clone());
    let minus_shape = call(Function::Negate, vec![shape.clone()]);
    let grown = call(Function::Prob, vec![minus_shape.clone(), t]);
    let growing = pair(Binary::Divide, pair(Binary::Multiply, rate, grown), minus_shape);
    let is_zero = pair(Binary::Equal, shape, Expr::Number(0.0));
    folded(Expr::If(Box::new([is_zero, steady, growing])))
}
