//! Messages about quantities that cannot be combined, with the user's own numbers if they are known.

use super::fold::base_value;
use super::kinds::{Clash, Quantity, period, same_period, short};
use super::lexer::Local;
use super::lower::{Lowering, Value};
use super::parser::{Node, NodeKind};
use crate::diagnostic::Diagnostic;
use crate::parameters::Kind;
use arcosim_core::math;
use arcosim_core::model::{Binary, Expr};

/// An operand: its syntax tree and its compiled value.
type Operand<'a, 'r> = (&'a Node<'r>, &'a Value);

/// Creates the message about two operands that cannot be combined.
pub(super) fn explain(
    clash: Clash,
    operator: Binary,
    left: Operand,
    right: Operand,
    at: Local,
    l: &Lowering,
) -> Diagnostic {
    let probability_first = matches!(left.1.quantity, Quantity::Probability(_));
    let (p, other) = if probability_first { (left, right) } else { (right, left) };
    match clash {
        Clash::RatioOnProbability => ratio_on_probability(operator, p, other, at, l),
        Clash::OddsOnProbability => odds_on_probability(operator, p, other, at, l),
        Clash::RiskOnHazard => risk_on_hazard(left, right, at, l),
        Clash::RatioOnTime => ratio_on_time(left, right, at, l),
        Clash::ProbabilityOverTime => probability_over_time(left, at, l),
        Clash::Periods(a, b) => periods((a, b), left, right, at, l),
        Clash::Different => different(operator, left, right, at, l),
    }
}

/// Label that describes the quantities of both operands.
fn label(left: Operand, right: Operand, l: &Lowering) -> String {
    let part = |o: Operand| format!("`{}` is {}", l.report.slice(o.0.at), o.1.quantity.words());
    format!("{}, {}", part(left), part(right))
}

fn base(operand: Operand, l: &Lowering) -> Option<f64> {
    base_value(&operand.1.expr, l.names.rows)
}

/// A probability as a percentage, such as `80%` or `12.5%`.
fn percent(p: f64) -> String {
    format!("{}%", short(100.0 * p))
}

fn ratio_on_probability(operator: Binary, p: Operand, hr: Operand, at: Local, l: &Lowering) -> Diagnostic {
    let (p_text, hr_text) = (l.report.slice(p.0.at), l.report.slice(hr.0.at));
    let sign = if operator == Binary::Divide { '/' } else { '*' };
    let mut d = Diagnostic::error("E0304", "a hazard ratio is applied to a probability")
        .at(l.report.span(at), label(p, hr, l))
        .why(if operator == Binary::Divide {
            "a hazard ratio acts on a hazard; dividing a probability by a hazard ratio overstates the effect, especially for \
             large risks, and with a ratio below 1 the result can exceed 1"
        } else {
            "a hazard ratio multiplies a hazard; multiplying a probability by a hazard ratio overstates the effect, especially \
             for large risks, and with a ratio above 1 the product can exceed 1"
        });
    if let (Some(p), Some(ratio)) = (base(p, l), base(hr, l))
        && (0.0..1.0).contains(&p)
        && ratio > 0.0
    {
        let effect = if sign == '/' { 1.0 / ratio } else { ratio };
        let product = p * effect;
        let right = -math::exp_m1(effect * math::ln_1p(-p));
        let through = if sign == '/' { format!("1 / {} = ", short(ratio)) } else { String::new() };
        d = d.note(format!(
            "{} {sign} {} = {}, but a hazard ratio of {through}{} changes a risk of {} to {}",
            percent(p),
            short(ratio),
            percent(product),
            short(effect),
            percent(p),
            percent(right)
        ));
    }
    d.help(format!(
        "write `{}`, which applies the hazard ratio to the rate",
        through_the_rate(p.0, p_text, p.1, sign, hr_text, l)
    ))
}

/// Corrected text in which the ratio multiplies the rate instead of the probability.
fn through_the_rate(p: &Node, p_text: &str, value: &Value, sign: char, hr: &str, l: &Lowering) -> String {
    if let NodeKind::Call(name, arguments) = &p.kind {
        let text = |i: usize| l.report.slice(Local { ..arguments[i].at });
        match (name.text, arguments.len()) {
            ("prob", 1) => return format!("prob({} {sign} {hr})", factor(text(0), &arguments[0])),
            ("prob", 2) => {
                return format!("prob({} {sign} {hr}, {})", factor(text(0), &arguments[0]), text(1));
            }
            _ => {}
        }
    }
    let bare =
        if p_text.starts_with('(') && p_text.ends_with(')') { &p_text[1..p_text.len() - 1] } else { p_text };
    match value.quantity {
        Quantity::Probability(None) => format!("prob(rate({bare}, years) {sign} {hr}, years)"),
        _ => format!("prob(rate({bare}) {sign} {hr})"),
    }
}

/// The text of a factor, in brackets if a multiplication would otherwise change its meaning.
pub(super) fn factor(text: &str, node: &Node) -> String {
    match node.kind {
        NodeKind::Binary(Binary::Add | Binary::Subtract, _) if !text.starts_with('(') => format!("({text})"),
        _ => text.to_owned(),
    }
}

fn odds_on_probability(operator: Binary, p: Operand, or: Operand, at: Local, l: &Lowering) -> Diagnostic {
    let (p_text, or_text) = (l.report.slice(p.0.at), l.report.slice(or.0.at));
    let mut d = Diagnostic::error("E0318", "an odds ratio is applied to a probability")
        .at(l.report.span(at), label(p, or, l))
        .why("an odds ratio multiplies odds, p / (1 - p); multiplying the probability of a common event by an odds ratio misstates the risk");
    if let (Some(p), Some(ratio), Binary::Multiply) = (base(p, l), base(or, l), operator) {
        let right = p * ratio / (1.0 - p + p * ratio);
        d = d.note(format!(
            "{} * {} = {}, but an odds ratio of {} changes a risk of {} to {}",
            percent(p),
            short(ratio),
            percent(p * ratio),
            short(ratio),
            percent(p),
            percent(right)
        ));
    }
    let ratio = if operator == Binary::Divide { format!("1 / {or_text}") } else { or_text.to_owned() };
    d.help(format!("write `odds_ratio({p_text}, {ratio})`"))
}

fn risk_on_hazard(left: Operand, right: Operand, at: Local, l: &Lowering) -> Diagnostic {
    let risk = [left, right]
        .into_iter()
        .find(|o| matches!(o.1.quantity, Quantity::RelativeRisk | Quantity::OddsRatio))
        .unwrap_or(right);
    let text = l.report.slice(risk.0.at);
    let words = risk.1.quantity.words();
    let odds = risk.1.quantity == Quantity::OddsRatio;
    let measure = if odds { "odds ratio" } else { "relative risk" };
    let help = if [left, right].iter().any(|o| o.1.quantity == Quantity::Ratio) {
        let changed = match odds {
            true => format!("odds_ratio(p, {text})"),
            false => format!("p * {}", factor(text, risk.0)),
        };
        format!(
            "use the hazard ratio of the source; if it reports none, write `rate({changed}) / rate(p)`, where p is a parameter with the probability of the event in the comparison group, over the same period as the {measure}"
        )
    } else if odds {
        format!(
            "use the hazard ratio of the source; if it reports none, write `rate(odds_ratio(p, {text}))` in place of the product, where p is a parameter with the probability of the event in the comparison group, over the same period as the odds ratio"
        )
    } else {
        format!(
            "use the hazard ratio of the source; if it reports none, write `rate(p * {})` in place of the product, where p is a parameter with the probability of the event in the comparison group, over the same period as the relative risk",
            factor(text, risk.0)
        )
    };
    Diagnostic::error("E0318", format!("{words} is used like a hazard ratio"))
        .at(l.report.span(at), label(left, right, l))
        .why("relative risks and odds ratios compare risks over a period; as a factor of a rate they would misstate the effect, especially for common events")
        .help(help)
}

fn ratio_on_time(left: Operand, right: Operand, at: Local, l: &Lowering) -> Diagnostic {
    let time_first = left.1.quantity == Quantity::Time;
    let (time, ratio) = if time_first { (left, right) } else { (right, left) };
    let kind = match time.1.expr {
        Expr::Parameter(index) => Some(l.names.rows[index].kind),
        _ => None,
    };
    let (time, ratio) = (l.report.slice(time.0.at), l.report.slice(ratio.0.at));
    let help = match kind {
        Some(Kind::MeanTime) => {
            format!("apply the hazard ratio to the rate, which is 1 / mean time: `{ratio} / {time}`")
        }
        Some(Kind::MedianTime) => format!(
            "apply the hazard ratio to the rate, which is ln(2) / median time: `{ratio} * ln(2) / {time}`"
        ),
        _ => format!(
            "apply the hazard ratio to the rate: `{ratio} / {time}` if `{time}` is a mean time, `{ratio} * ln(2) / {time}` if it is a median time"
        ),
    };
    Diagnostic::error("E0305", "a hazard ratio is applied to a length of time")
        .at(l.report.span(at), label(left, right, l))
        .why("a smaller hazard means a longer time, so the ratio would act in the wrong direction")
        .help(help)
}

fn probability_over_time(left: Operand, at: Local, l: &Lowering) -> Diagnostic {
    let text = l.report.slice(left.0.at);
    let mut d = Diagnostic::error("E0316", "a probability divided by a time is not a rate")
        .at(l.report.span(at), format!("`{text}` is {}", left.1.quantity.words()))
        .why("patients with the event are no longer at risk, so the rate is higher than the probability divided by its period");
    if let (Some(p), Quantity::Probability(Some(years))) = (base(left, l), left.1.quantity)
        && (0.0..1.0).contains(&p)
    {
        let rate = -math::ln_1p(-p) / years;
        d = d.note(format!("{} in {} is a rate of {} per year", percent(p), in_words(years), short(rate)));
    }
    d.help(format!("write `rate({text})`"))
}

/// A period in words, such as `1 year` or `5 years`.
pub(super) fn in_words(years: f64) -> String {
    let text = period(years);
    if text.starts_with(|c: char| c.is_ascii_digit()) { text } else { format!("1 {text}") }
}

fn periods((a, b): (f64, f64), left: Operand, right: Operand, at: Local, l: &Lowering) -> Diagnostic {
    let (p, q) = (l.report.slice(left.0.at), l.report.slice(right.0.at));
    Diagnostic::error("E0314", "probabilities over different periods are combined")
        .at(l.report.span(at), format!("`{p}` is per {}, `{q}` is per {}", period(a), period(b)))
        .why(format!(
            "a combination of a risk over {} and a risk over {} is not a risk over any period",
            in_words(a),
            in_words(b)
        ))
        .help(match [(p, a), (q, b)].map(|(text, years)| (text, same_period(years, l.names.cycle_years))) {
            [(other, false), (_, true)] | [(_, true), (other, false)] => {
                format!("convert `{other}` to one cycle: write `prob(rate({other}))` in its place")
            }
            _ => format!(
                "convert both to one cycle: write `prob(rate({p}))` and `prob(rate({q}))` in their place"
            ),
        })
}

fn different(operator: Binary, left: Operand, right: Operand, at: Local, l: &Lowering) -> Diagnostic {
    let (a, b) = (left.1.quantity, right.1.quantity);
    let verb = match operator {
        Binary::Add => "added",
        Binary::Subtract => "subtracted",
        operator if operator.is_comparison() => "compared",
        _ => "combined",
    };
    let help = match (a, b) {
        (Quantity::Rate, Quantity::Probability(_)) => {
            format!("convert the probability to a rate: `rate({})`", l.report.slice(right.0.at))
        }
        (Quantity::Probability(_), Quantity::Rate) => {
            format!("convert the probability to a rate: `rate({})`", l.report.slice(left.0.at))
        }
        (Quantity::Rate, Quantity::Ratio) | (Quantity::Ratio, Quantity::Rate) => {
            let [a, b] = [left, right].map(|o| factor(l.report.slice(o.0.at), o.0));
            format!("a hazard ratio multiplies a rate: `{a} * {b}`")
        }
        (Quantity::Cost, Quantity::CostPerYear) | (Quantity::CostPerYear, Quantity::Cost) => {
            let one_off = if a == Quantity::Cost { left } else { right };
            format!(
                "if `{0}` is a cost over time, give it a unit with its period, such as `EUR per month`; if it is one-off, move it to a \
                 reward of its own: once = \"{0}\"",
                l.report.slice(one_off.0.at)
            )
        }
        (Quantity::Cost, Quantity::Rate) | (Quantity::Rate, Quantity::Cost)
            if matches!(operator, Binary::Add | Binary::Subtract) =>
        {
            let [a, b] = [left, right].map(|o| factor(l.report.slice(o.0.at), o.0));
            format!(
                "for a cost of each event, write `{a} * {b}` into the `per_year` of a reward; otherwise correct the names in the formula"
            )
        }
        (Quantity::Clock, _) | (_, Quantity::Clock) => {
            let clock = if a == Quantity::Clock { left } else { right };
            let text = l.report.slice(clock.0.at);
            match operator.is_comparison() {
                true => format!("compare `{text}` with a length of time, such as `5 years`"),
                false => {
                    let text = factor(text, clock.0);
                    format!(
                        "multiply the time by a parameter of kind `coefficient` first, as in `slope * {text}`"
                    )
                }
            }
        }
        (Quantity::Cost | Quantity::CostPerYear, Quantity::Utility)
        | (Quantity::Utility, Quantity::Cost | Quantity::CostPerYear)
            if matches!(operator, Binary::Add | Binary::Subtract) =>
        {
            "correct the name that is wrong; or, to count both, write two rewards: one for an outcome in money, one for an outcome in \
             QALYs"
                .into()
        }
        _ => "correct the names in the formula, or the kinds of the parameters in the parameter table".into(),
    };
    let one_off =
        matches!((a, b), (Quantity::Cost, Quantity::CostPerYear) | (Quantity::CostPerYear, Quantity::Cost));
    let words = |quantity: Quantity| match quantity {
        Quantity::Cost if one_off => "a cost without a period".to_owned(),
        quantity => quantity.words(),
    };
    let why = match verb {
        "combined" => "the two are in different units, so the result would have no meaning".to_owned(),
        _ if one_off => {
            "a cost per year accrues over time, but a cost without a period is counted once for each event"
                .to_owned()
        }
        _ => format!("{}, but {}: they measure different things", a.meaning(), b.meaning()),
    };
    let part = |o: Operand| format!("`{}` is {}", l.report.slice(o.0.at), words(o.1.quantity));
    Diagnostic::error("E0305", format!("{} and {} cannot be {verb}", words(a), words(b)))
        .at(l.report.span(at), format!("{}, {}", part(left), part(right)))
        .why(why)
        .help(help)
}
