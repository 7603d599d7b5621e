//! Checks whether a compiled expression is of the kind that its key expects.

use super::Expected;
use super::clash::{factor, in_words};
use super::fold::base_value;
use super::kinds::{Quantity, period, same_period, short};
use super::lower::{Lowering, Value};
use super::parser::{Node, NodeKind};
use crate::diagnostic::Diagnostic;
use crate::parameters::Kind;
use arcosim_core::math;
use arcosim_core::model::{Binary, Clock, Expr};

/// Returns the expression if its kind fits; otherwise reports the reason.
pub(super) fn fit<'r>(
    value: Value,
    tree: &Node<'r>,
    expected: Expected,
    l: &mut Lowering<'_, 'r>,
) -> Option<Expr> {
    let problem = match wrong_kind(&value, tree, expected, l) {
        Some(problem) => Some(match undivided(&value, tree, l) {
            Some((whole, part)) => wrong_kind(&whole, part, expected, l).unwrap_or(problem),
            None => problem,
        }),
        None => out_of_range(&value, tree, expected, l),
    };
    match problem {
        Some(diagnostic) => {
            l.report.push(diagnostic);
            None
        }
        None => Some(value.expr),
    }
}

/// Finds a probability divided by a number, as in `p / 5`, which spreads it evenly over years or cycles. The message
/// is about `p`, because converting the quotient would keep the error.
fn undivided<'t, 'r>(
    value: &Value,
    tree: &'t Node<'r>,
    l: &mut Lowering<'_, 'r>,
) -> Option<(Value, &'t Node<'r>)> {
    let (Quantity::Probability(_), NodeKind::Binary(Binary::Divide, parts)) = (value.quantity, &tree.kind)
    else {
        return None;
    };
    // The numerator has compiled without errors before, so nothing is reported here.
    let whole = l.node(&parts[0])?;
    matches!(whole.quantity, Quantity::Probability(_)).then_some((whole, &parts[0]))
}

fn wanted(expected: Expected) -> &'static str {
    match expected {
        Expected::Rate => "a rate per year",
        Expected::ProbabilityPerCycle => "a probability per cycle",
        Expected::ProbabilityOver => "a probability",
        Expected::Ratio => "a hazard ratio",
        Expected::Proportion => "a proportion",
        Expected::Condition => "a condition",
        Expected::Number => "a number",
        Expected::Time => "a length of time in years",
        Expected::RelativeRisk => "a relative risk",
        Expected::TimeRatio => "a time ratio",
        Expected::OddsRatio => "an odds ratio",
        Expected::DiscountRate => "a discount rate",
        Expected::AmountPerYear => "an amount per year",
        Expected::Amount => "an amount",
    }
}

/// What the number of a key says, to follow "here the model needs".
fn needed(expected: Expected) -> &'static str {
    match expected {
        Expected::Rate => "the number of events per person-year",
        Expected::ProbabilityPerCycle => "the risk of an event in one cycle",
        Expected::ProbabilityOver => "the risk of an event over a period",
        Expected::Ratio => "the factor by which a rate is multiplied",
        Expected::Proportion => "a share without a period",
        Expected::Condition => "a statement that is true or false",
        Expected::Number => "a number",
        Expected::Time => "a length of time",
        Expected::RelativeRisk => "the factor by which a risk is multiplied",
        Expected::TimeRatio => "the factor by which times are multiplied",
        Expected::OddsRatio => "the factor by which odds are multiplied",
        Expected::DiscountRate => "the rate at which the value of later amounts decreases per year",
        Expected::AmountPerYear => "an amount per patient and year, such as a cost or a utility",
        Expected::Amount => "an amount that is counted once, such as the cost of an event",
    }
}

/// The kinds of parameters that fit, in words, with their units where the kind needs one.
fn kinds_that_fit(expected: Expected) -> &'static str {
    match expected {
        Expected::Rate => "`rate`, with a `unit` such as `per year`",
        Expected::ProbabilityPerCycle | Expected::ProbabilityOver => {
            "`probability`, with its period in `unit`, such as `per 5 years`"
        }
        Expected::Ratio => "`hr`",
        Expected::Proportion => "`proportion`",
        Expected::Time => "`duration`, with a `unit` such as `years`",
        Expected::RelativeRisk => "`rr`",
        Expected::OddsRatio => "`or`",
        Expected::DiscountRate => "`rate` or `proportion`",
        Expected::AmountPerYear => {
            "`utility` or `disutility`, or to `cost` with a `unit` such as `EUR per year`"
        }
        Expected::Amount => "`cost`, `utility` or `disutility`",
        Expected::Condition | Expected::Number | Expected::TimeRatio => "`number`",
    }
}

fn wrong_kind(value: &Value, tree: &Node, expected: Expected, l: &Lowering) -> Option<Diagnostic> {
    use Quantity as Q;
    let cycle = l.names.cycle_years;
    match (expected, value.quantity) {
        (Expected::Number, _) => None,
        (Expected::Condition, Q::Condition | Q::Number) => None,
        (Expected::Condition, _) => Some(not_a_condition(value, tree, l)),
        (_, Q::Number | Q::Clock) => None,
        (_, Q::Condition) => Some(condition(tree, expected, l)),
        (Expected::Rate, Q::Rate) => None,
        (Expected::Rate, Q::Probability(own)) => Some(probability_as_rate(value, own, tree, l)),
        (Expected::Rate, Q::Time) => Some(time_as_rate(value, tree, l)),
        (Expected::ProbabilityPerCycle, Q::Probability(Some(own))) if !same_period(own, cycle) => {
            Some(other_period(value, own, tree, l))
        }
        (Expected::ProbabilityPerCycle, Q::Probability(_)) => None,
        (Expected::ProbabilityOver, Q::Probability(_) | Q::Proportion) => None,
        (Expected::ProbabilityPerCycle, Q::Rate) => Some(rate_as_probability(value, tree, l)),
        // `1 - efficacy` is a common way to state a hazard ratio, so proportions are accepted.
        (Expected::Ratio, Q::Ratio | Q::Proportion) => None,
        (Expected::Ratio, Q::RelativeRisk | Q::OddsRatio) => Some(not_a_hazard_ratio(value, tree, l)),
        (Expected::Proportion, Q::Proportion) => None,
        (Expected::Time, Q::Time) => None,
        (Expected::RelativeRisk, Q::RelativeRisk | Q::Proportion) => None,
        (Expected::RelativeRisk, Q::Ratio | Q::OddsRatio) => Some(not_a_relative_risk(value, tree, l)),
        (Expected::OddsRatio, Q::OddsRatio) => None,
        (Expected::DiscountRate, Q::Rate | Q::Proportion) => None,
        (Expected::AmountPerYear, Q::CostPerYear | Q::TableCost | Q::Utility | Q::Proportion) => None,
        (Expected::AmountPerYear, Q::Cost) => Some(no_period(value, tree, l)),
        (Expected::Amount, Q::Cost | Q::TableCost | Q::Utility | Q::Proportion) => None,
        (Expected::Amount, Q::CostPerYear) => Some(no_stretch_of_time(value, tree, l)),
        _ => Some(other(value, tree, expected, l)),
    }
}

/// The text of a formula for a title, without a text that would be too long for it.
fn titled(text: &str) -> String {
    match text.chars().count() <= 40 && !text.contains('\n') {
        true => format!("`{text}`"),
        false => "the formula".to_owned(),
    }
}

/// An error with `title` that underlines the whole expression.
fn at(code: &'static str, title: String, value: &Value, tree: &Node, l: &Lowering) -> Diagnostic {
    Diagnostic::error(code, title).at(l.report.span(tree.at), stated_as(value, tree, l))
}

/// Label of a quantity: for a parameter its `kind` and `unit` in the table, otherwise its description.
fn stated_as(value: &Value, tree: &Node, l: &Lowering) -> String {
    let words = value.quantity.words();
    let (Expr::Parameter(index), NodeKind::Name(_)) = (&value.expr, &tree.kind) else {
        return words;
    };
    let row = &l.names.rows[*index];
    match (row.unit.is_empty(), value.quantity) {
        (true, Quantity::Probability(_)) => words,
        (true, _) => format!("its kind in the parameter table is `{}`", row.kind.name()),
        _ => format!("in the parameter table: kind `{}`, unit `{}`", row.kind.name(), row.unit),
    }
}

fn not_a_condition(value: &Value, tree: &Node, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(tree.at);
    let (words, example) = compared(text, value);
    Diagnostic::error("E0311", format!("expected a condition, but `{text}` is {words}"))
        .at(l.report.span(tree.at), "a condition must be true or false")
        .why("every number except 0 would count as true, so the condition would almost always be true")
        .help(format!("write a comparison, such as `{example}`, with the limit that you need"))
}

/// Description of a number that is used as a condition, and an example of a condition with a limit that fits its kind.
pub(super) fn compared(text: &str, value: &Value) -> (String, String) {
    let limit = match (value.quantity, &value.expr) {
        (Quantity::Clock, Expr::Clock(Clock::Age(_) | Clock::AgeAtEnd(_)) | Expr::Attribute(_)) => ">= 65",
        (Quantity::Clock | Quantity::Time, _) => ">= 5 years",
        (Quantity::Ratio | Quantity::RelativeRisk | Quantity::OddsRatio, _) => "< 1",
        (Quantity::Probability(_) | Quantity::Proportion | Quantity::Utility, _) => "> 0.5",
        (Quantity::Rate | Quantity::CumulativeHazard, _) => "> 0.1",
        _ => "> 1000",
    };
    let words = match value.quantity {
        Quantity::Clock => "a number of years".to_owned(),
        quantity => quantity.words(),
    };
    (words, format!("{text} {limit}"))
}

fn condition(tree: &Node, expected: Expected, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(tree.at);
    Diagnostic::error("E0305", format!("expected {}, but {} is a condition", wanted(expected), titled(text)))
        .at(l.report.span(tree.at), "true or false")
        .why("true and false are not quantities, so the formula has no usable value")
        .help(format!(
            "write a number for each of the two cases, such as `if({text}, 1, 0)` with your two values"
        ))
}

/// End of a sentence on what to write in place of `text`, if `text` is only a part of the formula.
fn alone(text: &str, l: &Lowering) -> &'static str {
    if l.report.text.trim() == text { "" } else { " as the whole formula" }
}

fn probability_as_rate(value: &Value, own: Option<f64>, tree: &Node, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(tree.at);
    let title = format!("expected a rate per year, but {} is a probability", titled(text));
    let mut d = at("E0316", title, value, tree, l)
        .why("read as a rate per year, the number would lead to a different risk");
    if let (Some(p), Some(years)) = (base_value(&value.expr, l.names.rows), own)
        && (0.0..1.0).contains(&p)
    {
        let rate = -math::ln_1p(-p) / years;
        d = d.note(format!(
            "{}% in {} is a rate of {} per year",
            short(100.0 * p),
            in_words(years),
            short(rate)
        ));
    }
    if let NodeKind::Call(name, arguments) = &tree.kind
        && name.text == "prob"
    {
        let inner = l.report.slice(arguments[0].at);
        return d.help(format!("write `{inner}` without `prob(...)`"));
    }
    d.help(match own {
        Some(_) => format!("write `rate({text})`{}", alone(text, l)),
        None => format!("write `rate({text}, years)` with the period of the probability"),
    })
}

fn rate_as_probability(value: &Value, tree: &Node, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(tree.at);
    let cycle = l.names.cycle_years;
    let title = format!("expected a probability per cycle, but {} is a rate", titled(text));
    let mut d = at("E0317", title, value, tree, l).why(
        "read as a probability per cycle, the number would lead to a different risk, and a rate can exceed 1",
    );
    if let Some(rate) = base_value(&value.expr, l.names.rows).filter(|r| *r >= 0.0) {
        let p = -math::exp_m1(-rate * cycle);
        d = d.note(format!(
            "a rate of {} per year is a probability of {} in a cycle of {}",
            short(rate),
            short(p),
            in_words(cycle)
        ));
    }
    d.help(format!(
        "write rate = \"{text}\" instead of `probability`; or, to keep the key `probability`, write `prob({text})`"
    ))
}

fn other_period(value: &Value, own: f64, tree: &Node, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(tree.at);
    let cycle = l.names.cycle_years;
    let title = format!(
        "expected a probability per cycle of {}, but {} is a probability per {}",
        in_words(cycle),
        titled(text),
        period(own)
    );
    let mut d = at("E0314", title, value, tree, l).why(
        "applied to one cycle as it is, this probability would lead to a wrong risk, and so would the probability divided by the number of cycles",
    );
    if let Some(p) = base_value(&value.expr, l.names.rows).filter(|p| (0.0..1.0).contains(p)) {
        let per_cycle = -math::exp_m1(math::ln_1p(-p) * cycle / own);
        d = d.note(format!(
            "{}% in {} is {}% in {}",
            short(100.0 * p),
            in_words(own),
            short(100.0 * per_cycle),
            in_words(cycle)
        ));
    }
    d.help(format!(
        "if this is the only transition out of the state, write `prob(rate({text}))`{}. If there are others, write \
         rate = \"rate_among({text}, {text} + ...)\" instead of `probability`, with the probabilities of the others in place of the dots; but if \
         patients can return to the state, declare all probabilities under [matrices] (`arcosim explain E0314` shows how) and write rate = \"matrix_rate(matrix, from, to)\", with \
         the names of the matrix and of the two states in the brackets",
        alone(text, l)
    ))
}

fn time_as_rate(value: &Value, tree: &Node, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(tree.at);
    let kind = match value.expr {
        Expr::Parameter(index) => Some(l.names.rows[index].kind),
        _ => None,
    };
    let help = match kind {
        Some(Kind::MedianTime) => format!("for a constant rate with this median write `ln(2) / {text}`"),
        Some(Kind::MeanTime) => format!("for a constant rate with this mean write `1 / {text}`"),
        _ => format!("a mean time gives the rate `1 / {text}`, a median time `ln(2) / {text}`"),
    };
    let title = format!("expected a rate per year, but {} is a length of time", titled(text));
    at("E0305", title, value, tree, l)
        .why("a longer time means a smaller rate, so the number would act in the wrong direction")
        .help(help)
}

fn not_a_hazard_ratio(value: &Value, tree: &Node, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(tree.at);
    let title = format!("expected a hazard ratio, but {} is {}", titled(text), value.quantity.words());
    let derived = match value.quantity {
        Quantity::OddsRatio => format!("rate(odds_ratio(p, {text})) / rate(p)"),
        _ => format!("rate(p * {}) / rate(p)", factor(text, tree)),
    };
    let measure = if value.quantity == Quantity::OddsRatio { "odds ratio" } else { "relative risk" };
    at("E0318", title, value, tree, l)
        .why("relative risks and odds ratios compare risks over a period; as a factor of a rate they would misstate the effect, especially for common events")
        .help(format!("use the hazard ratio of the source; if it reports none, write `{derived}`, where p is a parameter with the probability of the event in the comparison group, over the same period as the {measure}"))
}

fn not_a_relative_risk(value: &Value, tree: &Node, l: &Lowering) -> Diagnostic {
    let words = value.quantity.words();
    let title = format!("expected a relative risk, but {} is {words}", titled(l.report.slice(tree.at)));
    let named = |otherwise: &'static str| match tree.kind {
        NodeKind::Name(name) => name,
        _ => otherwise,
    };
    let (code, why, help) = match value.quantity {
        Quantity::Ratio => (
            "E0304",
            "a hazard ratio multiplies a hazard: halving the hazard reduces a risk of 80% to 55%, not to 40%",
            format!(
                "if the transition has a rate, write `hazard_ratio` instead of `relative_risk`; if it has a \
                 probability, derive the relative risk: `prob(rate(p) * {}) / p`, where p is the parameter with the \
                 probability per cycle",
                named("hr")
            ),
        ),
        _ => (
            "E0318",
            "an odds ratio multiplies odds, p / (1 - p); for a common event it differs strongly from the relative risk",
            format!(
                "derive the relative risk at the risk p for which the odds ratio was reported: `odds_ratio(p, {}) / p`",
                named("or")
            ),
        ),
    };
    at(code, title, value, tree, l).why(why).help(help)
}

fn no_stretch_of_time(value: &Value, tree: &Node, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(tree.at);
    let title = format!("expected a one-off amount, but {} is a cost per year", titled(text));
    at("E0305", title, value, tree, l)
        .why("an event has no duration, so a full year of costs would be charged")
        .help(format!(
            "write `per_year` instead of `once`, and list the states in `in`; or, if the cost accrues only for a limited time, multiply it by that time, as in `{} * 6 months`",
            factor(text, tree)
        ))
}

fn no_period(value: &Value, tree: &Node, l: &Lowering) -> Diagnostic {
    let text = factor(l.report.slice(tree.at), tree);
    let unit = match value.expr {
        Expr::Lookup(..) => {
            "write the period into the unit of the table under [tables], such as unit = \"EUR per month\""
        }
        _ => "write its period into the column `unit` of the parameter table, such as `EUR per month`",
    };
    let whole = titled(l.report.slice(tree.at));
    at("E0305", format!("expected a cost per year, but {whole} is a cost without a period"), value, tree, l)
        .why("it is unclear whether the cost is per month, per year or one-off; a monthly cost read as yearly would be too low by a factor of 12")
        .help(format!(
            "for a cost over time, {unit}; for a one-off cost, write `once` instead of `per_year`; for events that occur at a rate, \
             multiply the cost by the rate, as in `{text} * rate.x`"
        ))
}

/// The parameter of this kind if it is one of the two factors of a product.
fn factor_of_kind<'r>(kind: Kind, tree: &Node<'r>, l: &Lowering) -> Option<&'r str> {
    let NodeKind::Binary(Binary::Multiply, parts) = &tree.kind else {
        return None;
    };
    parts.iter().find_map(|part| match part.kind {
        NodeKind::Name(name) => {
            let index = *l.names.parameters.get(name)?;
            (l.names.rows[index].kind == kind).then_some(name)
        }
        _ => None,
    })
}

fn other(value: &Value, tree: &Node, expected: Expected, l: &Lowering) -> Diagnostic {
    let (text, words) = (l.report.slice(tree.at), value.quantity.words());
    let help = match (expected, value.quantity) {
        (Expected::ProbabilityPerCycle, Quantity::Proportion) => {
            "if this is a risk over a period, change `kind` in the parameter table to `probability`, and write the period into `unit`: \
             `per cycle`, or that of the source, such as `per year`"
                .into()
        }
        (Expected::Proportion, Quantity::Probability(_)) => {
            "if the number has no period, such as the risk of an operation, write `proportion` into the column `kind` and remove \
             the period from `unit`; otherwise use a different parameter here"
                .into()
        }
        (Expected::Rate, Quantity::CumulativeHazard) => {
            // A cumulative hazard is the value of such a function, or a rate multiplied by a time.
            match text.contains("_cumhaz") {
                true => format!("divide the cumulative hazard by the length of time that it covers, for example `{} / 5 years`", factor(text, tree)),
                false => match factor_of_kind(Kind::Rate, tree, l) {
                    Some(rate) => format!("write `{rate}` alone, without multiplying it by a length of time"),
                    None => "write the rate alone, without multiplying it by a length of time".into(),
                },
            }
        }
        (Expected::ProbabilityPerCycle, Quantity::CumulativeHazard) => {
            format!("convert the cumulative hazard over the cycle to a probability: `prob({text})`")
        }
        (Expected::AmountPerYear, Quantity::Rate) => format!(
            "to count events, write once = 1 and on = [\"...\"] instead of `per_year` and `in`, with the names of their transitions in place of \
             the dots; to add up their cost, write `{} * cost.x`, with the cost of one event in place of `cost.x`",
            factor(text, tree)
        ),
        (Expected::Amount | Expected::AmountPerYear, Quantity::Rate | Quantity::Probability(_)) => {
            "to count events in a reward, write once = 1 and on = [\"...\"] instead, with the names of their transitions in place of the dots".into()
        }
        (Expected::Rate, Quantity::Ratio) => {
            format!("multiply a rate by the hazard ratio: `rate.x * {text}`, with the name of your rate in place of `rate.x`")
        }
        _ if matches!(value.expr, Expr::Lookup(..)) => {
            let kind = match expected {
                Expected::Rate => "kind = \"rate per year\"",
                Expected::AmountPerYear | Expected::Amount => "kind = \"cost\" or kind = \"utility\"",
                _ => "kind = \"number\"",
            };
            match &tree.kind {
                NodeKind::Call(name, arguments) if name.text == "lookup" && !arguments.is_empty() => format!(
                    "correct the name of the table in the formula; or, if each value of the table is {}, write {kind} under [tables.{}]",
                    wanted(expected),
                    l.report.slice(arguments[0].at).trim_matches(['\'', '"'])
                ),
                _ => "correct the name of the table in the formula, or the `kind` of the table under [tables]".into(),
            }
        }
        _ if matches!((&value.expr, &tree.kind), (Expr::Parameter(_), NodeKind::Name(_))) => format!(
            "if `{text}` is the wrong name, write that of a parameter that is {}; if its `kind` is wrong, change it in the parameter table to {}",
            wanted(expected),
            kinds_that_fit(expected)
        ),
        _ => "correct the name in the formula, or the kind of the parameter in the parameter table".into(),
    };
    let title = format!("expected {}, but {} is {words}", wanted(expected), titled(text));
    at("E0305", title, value, tree, l)
        .why(format!("{}; here the model needs {}", value.quantity.meaning(), needed(expected)))
        .help(help)
}

/// Checks the range of constants; other expressions are checked when the model is evaluated.
fn out_of_range(value: &Value, tree: &Node, expected: Expected, l: &Lowering) -> Option<Diagnostic> {
    let Expr::Number(x) = value.expr else { return None };
    let (fits, rule, help) = match expected {
        Expected::ProbabilityPerCycle | Expected::ProbabilityOver | Expected::Proportion => (
            (0.0..=1.0).contains(&x),
            "must be between 0 and 1",
            "write a number from 0 to 1, or a percentage from `0 %` to `100 %`",
        ),
        Expected::Rate | Expected::Ratio | Expected::RelativeRisk | Expected::Time => {
            (x >= 0.0, "must not be negative", "write 0 or a positive number")
        }
        Expected::TimeRatio | Expected::OddsRatio => {
            (x > 0.0 && x.is_finite(), "must be above 0", "write a positive number")
        }
        // The maximum of a discount rate is checked when the values of all rates are known.
        Expected::Condition
        | Expected::Number
        | Expected::DiscountRate
        | Expected::Amount
        | Expected::AmountPerYear => (true, "", ""),
    };
    (!fits).then(|| {
        let text = l.report.slice(tree.at);
        let written = if text.ends_with('%') { text.to_owned() } else { short(x) };
        Diagnostic::error("E0313", format!("{} cannot be {written}", wanted(expected)))
            .at(l.report.span(tree.at), rule)
            .help(help)
    })
}
