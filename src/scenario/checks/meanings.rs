//! Warns about formulas that can be calculated but are probably unintended: costs and utilities in one outcome, negative costs,
//! utilities above 1, probabilities converted one by one, and tables looked up before their first row.

use std::ops::ControlFlow;

use super::rewards::{by_points, currency, first_found};
use super::shown;
use crate::compile::together::sum_of;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::Lookup;
use crate::parameters::{Kind, ParameterRow};
use crate::read::life_table_file::TableKind;
use crate::read::source::Span;
use crate::read::unit::{Per, cost_per, time_other_than_a_year};
use crate::spans::Spans;
use arcosim_core::model::grid::{HAIR, slack};
use arcosim_core::model::hazard::Reads;
use arcosim_core::model::walk::Walk;
use arcosim_core::model::{
    Binary, Clock, Expr, Function, Hazard, Listing, Model, ParametersRead, Reward, Situation,
};

/// Quantity that a reward counts, inferred from the kinds of its parameters and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    Money,
    Quality,
}

impl Counts {
    fn word(self) -> &'static str {
        match self {
            Counts::Money => "costs",
            Counts::Quality => "utilities",
        }
    }
}

/// Whether an amount is money or quality of life; `None` if it uses both (a utility times the value of a QALY) or neither.
fn counts(amount: &Expr, rows: &[ParameterRow], tables: &[Lookup]) -> Option<Counts> {
    let (mut money, mut quality) = (false, false);
    amount.walk(&mut |part| match part {
        Expr::Parameter(p) => match rows[*p].kind {
            Kind::Cost => money = true,
            Kind::Utility | Kind::Disutility => quality = true,
            _ => {}
        },
        Expr::Lookup(listing, _) => match tables.iter().find(|one| one.name == listing.name) {
            Some(table) if table.kind == TableKind::Cost => money = true,
            Some(table) if table.kind == TableKind::Utility => quality = true,
            _ => {}
        },
        _ => {}
    });
    match (money, quality) {
        (true, false) => Some(Counts::Money),
        (false, true) => Some(Counts::Quality),
        _ => None,
    }
}

/// Runs all checks of this module.
pub fn meanings(
    model: &Model,
    rows: &[ParameterRow],
    tables: &[Lookup],
    spans: &Spans,
    out: &mut Diagnostics,
) {
    let counted: Vec<Option<Counts>> =
        model.rewards.iter().map(|reward| counts(&reward.amount, rows, tables)).collect();
    units(model, &counted, spans, out);
    for ((reward, counts), &place) in model.rewards.iter().zip(&counted).zip(&spans.rewards) {
        sizes(model, reward, *counts, place, out);
        lookups(model, &Walk::of_reward(model, reward), by_points(reward, model), place, out);
    }
    one_by_one(model, rows, spans, out);
    different_sums(model, rows, spans, out);
    as_they_stand(model, rows, out);
    for (t, (transition, &place)) in model.transitions.iter().zip(&spans.hazards).enumerate() {
        transition
            .expressions(&mut |expr| lookups(model, &Walk::of_transition(model, t, expr), false, place, out));
    }
}

/// Reason against converting the probabilities of transitions out of one state one by one.
const LOWERED_TWICE: &str = "published probabilities of the transitions out of a state already allow for competing risks; converted separately, each would be reduced a second time";

/// Warns about probabilities out of one state and from one source that are each converted as if no other transition existed.
fn one_by_one(model: &Model, rows: &[ParameterRow], spans: &Spans, out: &mut Diagnostics) {
    let mut reported: Vec<Vec<usize>> = Vec::new();
    for (state, named) in model.states.iter().enumerate() {
        let own = model.transitions.iter().enumerate().filter(|(_, t)| t.from.contains(&state));
        let read: Vec<(usize, usize)> = own
            .filter_map(|(t, transition)| match &transition.hazard {
                Hazard::Rate(expr) | Hazard::Probability(expr) => Some((t, converted(expr)?)),
                _ => None,
            })
            .collect();
        for (i, &(first, p)) in read.iter().enumerate() {
            let beside = |&&(_, q): &&(usize, usize)| of_one_row(&rows[p], &rows[q]);
            let row: Vec<(usize, usize)> = read[i..].iter().filter(beside).copied().collect();
            let mut parameters: Vec<usize> = row.iter().map(|(_, q)| *q).collect();
            parameters.dedup();
            let seen = |other: &Vec<usize>| parameters.iter().all(|q| other.contains(q));
            let [_, (second, _), ..] = row[..] else { continue };
            if parameters.len() < 2 || reported.iter().any(seen) {
                continue;
            }
            let names: Vec<&str> = parameters.iter().map(|&q| rows[q].name.as_str()).collect();
            out.push(
                Diagnostic::warning(
                    "W0531",
                    format!("{} probabilities of leaving state `{}` are converted separately", parameters.len(), named.name),
                )
                .at(spans.hazards[second], "converted as if there were no other transition")
                .also(spans.hazards[first], "this probability too")
                .why(LOWERED_TWICE)
                .note(format!("the parameters are `{}`", names.join("`, `")))
                .help(format!(
                    "convert them together, with the sum over all transitions out of the state: replace `rate({0})` by \
                     `rate_among({0}, {1})`, and do the same for the others. If each probability was estimated without \
                     competing risks, ignore this warning",
                    names[0],
                    names.join(" + ")
                )),
            );
            reported.push(parameters);
        }
    }
}

/// Whether two probabilities were probably published together, because they have the same source and the same period.
fn of_one_row(a: &ParameterRow, b: &ParameterRow) -> bool {
    a.source == b.source && a.period_years == b.period_years
}

/// Warns about transitions out of one state with different sums in `rate_among`; each sum must contain all of these transitions.
fn different_sums(model: &Model, rows: &[ParameterRow], spans: &Spans, out: &mut Diagnostics) {
    let mut reported = Vec::new();
    for (state, named) in model.states.iter().enumerate() {
        let own = model.transitions.iter().enumerate().filter(|(_, t)| t.from.contains(&state));
        let sums: Vec<(usize, &Expr)> = own
            .filter_map(|(t, transition)| match &transition.hazard {
                Hazard::Rate(expr) => Some((t, sum_of(expr)?)),
                _ => None,
            })
            .collect();
        let Some(&(first, one)) = sums.first() else {
            continue;
        };
        alone_beside(model, rows, spans, (state, first, one), out);
        let same = |other: &Expr| other.same_formula(one) || parameters(one) == parameters(other);
        let Some(&(second, other)) = sums.iter().find(|(_, other)| !same(other)) else {
            continue;
        };
        if reported.contains(&(first, second)) {
            continue;
        }
        reported.push((first, second));
        let mut every: Vec<usize> = sums.iter().flat_map(|(_, sum)| parameters(sum)).collect();
        every.sort_unstable();
        every.dedup();
        let every: Vec<&str> = every.iter().map(|&p| rows[p].name.as_str()).collect();
        let names = |expr: &Expr| -> String {
            let names: Vec<&str> = parameters(expr).iter().map(|&p| rows[p].name.as_str()).collect();
            names.join(" + ")
        };
        out.push(
            Diagnostic::warning(
                "W0531",
                format!("the transitions out of state `{}` use different sums in `rate_among`", named.name),
            )
            .at(spans.hazards[second], format!("the sum is `{}`", names(other)))
            .also(spans.hazards[first], format!("the sum is `{}`", names(one)))
            .why(
                "all transitions out of a state compete, so the published probabilities are reproduced only if each is converted with the same sum",
            )
            .help(format!("write the same sum in every `rate_among` of this state, with the probability of each transition out of it once: `{}`", every.join(" + "))),
        );
    }
}

/// The parameter `p` in an expression `rate(p)` or `prob(rate(p))`, alone or as a factor.
fn converted(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Call(Function::Rate, of) => match of[0] {
            Expr::Parameter(p) => Some(p),
            _ => None,
        },
        Expr::Call(Function::Prob, of) => converted(&of[0]),
        Expr::Binary(Binary::Multiply, parts) => parts.iter().find_map(converted),
        _ => None,
    }
}

/// Indices of the parameters in an expression, ascending.
fn parameters(expr: &Expr) -> Vec<usize> {
    let mut read = Vec::new();
    expr.walk(&mut |part| {
        if let Expr::Parameter(p) = part {
            read.push(*p);
        }
    });
    read.sort_unstable();
    read
}

/// Warns about a probability that is converted alone, although others from the same source and period are converted jointly.
fn alone_beside(
    model: &Model,
    rows: &[ParameterRow],
    spans: &Spans,
    (state, first, sum): (usize, usize, &Expr),
    out: &mut Diagnostics,
) {
    let among = parameters(sum);
    for (t, transition) in model.transitions.iter().enumerate() {
        let (Hazard::Rate(expr) | Hazard::Probability(expr)) = &transition.hazard else {
            continue;
        };
        let Some(p) = converted(expr).filter(|p| transition.from.contains(&state) && !among.contains(p))
        else {
            continue;
        };
        if among.iter().any(|&q| of_one_row(&rows[p], &rows[q])) {
            let (name, state) = (&rows[p].name, &model.states[state].name);
            out.push(
                Diagnostic::warning(
                    "W0531",
                    format!(
                        "`{name}` is converted separately from the other transitions out of state `{state}`"
                    ),
                )
                .at(spans.hazards[t], "converted as if it were the only event")
                .also(spans.hazards[first], "this sum does not include it")
                .why(LOWERED_TWICE)
                .help(format!("include it in the sum of every transition: rate_among({name}, {name} + ...)")),
            );
        }
    }
}

/// Warns about parameters that are not converted although their unit contains a time other than a year. Parameters of patient
/// attributes are exempt, because attributes can have any unit (weeks of gestation, cigarettes per day).
fn as_they_stand(model: &Model, rows: &[ParameterRow], out: &mut Diagnostics) {
    let mut rest = model.clone();
    rest.attributes.clear();
    let read = ParametersRead::of(&rest);
    for (row, _) in rows.iter().zip(&read.anywhere).filter(|(_, read)| **read) {
        let anything = matches!(row.kind, Kind::Number | Kind::Count | Kind::Score);
        if !anything || !time_other_than_a_year(&row.unit) {
            continue;
        }
        let (name, unit) = (&row.name, &row.unit);
        let other = match (cost_per(unit), unit.rsplit_once(" per ")) {
            (Per::Time(length), Some((amount, _))) if !unit.contains(['(', ',', ';']) => format!(
                "{}, write the unit `{amount} per year`",
                match length.years() {
                    years if years < 1.0 => format!("multiply its values by {}", shown(length.yearly(1.0))),
                    years => format!("divide its values by {}", shown(years)),
                }
            ),
            _ => {
                "write the number and the unit for one year, such as 730.5 and `mg per year` for 2 mg per day"
                    .to_string()
            }
        };
        out.push(
            Diagnostic::warning(
                "W0540",
                format!("parameter `{name}` is used without conversion, although its unit is `{unit}`"),
            )
            .at(row.name_span, format!("a parameter of kind `{}` is not converted", row.kind.name()))
            .why("formulas calculate with years, so the result is wrong unless the formula converts this number")
            .help(format!(
                "for a cost, rate or length of time, use the kind `cost`, `rate` or `duration`, which is converted; for any other number, {other}, and remove any conversion from the formula"
            )),
        );
    }
}

/// Warns about costs and utilities that are added up in one outcome.
fn units(model: &Model, counted: &[Option<Counts>], spans: &Spans, out: &mut Diagnostics) {
    for (o, outcome) in model.outcomes.iter().enumerate() {
        let of_outcome = |r: &usize| model.rewards[*r].outcome(model) == o;
        let first = |wanted: Counts| {
            let mut all = (0..model.rewards.len()).filter(of_outcome);
            all.find(|&r| counted[r] == Some(wanted))
        };
        let (costs, utilities) = (first(Counts::Money), first(Counts::Quality));
        let in_money = currency(&outcome.unit).is_some();
        let in_quality = outcome.unit.to_lowercase().contains("qaly");
        let (amiss, other) = match (costs, utilities) {
            (Some(cost), other) if in_quality => (cost, other),
            (other, Some(utility)) if in_money => (utility, other),
            (Some(cost), Some(utility)) => (cost.max(utility), Some(cost.min(utility))),
            _ => continue,
        };
        let Some(counts) = counted[amiss] else { continue };
        let already = match other {
            Some(other) => format!(
                "to which `{}` adds {}",
                model.rewards[other].name,
                counted[other].map_or("other amounts", Counts::word)
            ),
            None => format!("which is in {}", outcome.unit),
        };
        let found = Diagnostic::warning(
            "W0513",
            format!(
                "reward `{}` adds {} to outcome `{}`, {already}",
                model.rewards[amiss].name,
                counts.word(),
                outcome.name
            ),
        )
        .at(spans.rewards[amiss], format!("`{}` adds {}", model.rewards[amiss].name, counts.word()));
        let found = match other {
            Some(other) => found.also(
                spans.rewards[other],
                format!(
                    "`{}` adds {}",
                    model.rewards[other].name,
                    counted[other].map_or("other amounts", Counts::word)
                ),
            ),
            None => found,
        };
        // A net benefit is in money, so it cannot be an outcome in QALYs.
        let net_benefit = match in_quality {
            true => "",
            false => {
                "; for a net benefit, multiply utilities by a willingness to pay (a parameter of kind `cost`)"
            }
        };
        out.push(
            found.why("costs and quality of life have no common unit, so their sum is meaningless").help(
                format!(
                    "write the name of a different outcome into `outcome` of reward `{}`{net_benefit}",
                    model.rewards[amiss].name
                ),
            ),
        );
    }
}

/// Warns about amounts with the wrong sign, and utilities above 1.
fn sizes(model: &Model, reward: &Reward, counts: Option<Counts>, place: Span, out: &mut Diagnostics) {
    let (gains, losses) = signs(&reward.amount);
    let name = &reward.name;
    let per_year = reward.when.accrues();
    Walk::of_reward(model, reward).each(model, &model.base_values(), |strategy, s| {
        let value = reward.amount.value(s);
        let (title, why, help) = match counts {
            _ if value > 0.0 && !gains => (
                format!("the loss of reward `{name}` becomes negative"),
                "`loss = true` subtracts the amount, so a negative amount increases the total",
                "correct the formula; or, to limit the amount to 0 or above, write max(0, ...) with the formula in place of the dots",
            ),
            Some(Counts::Money) if value < 0.0 && !losses => (
                format!("the cost of reward `{name}` becomes negative"),
                "a negative cost reduces the total, which is rarely intended",
                "correct the formula; or, to limit the amount to 0 or above, write max(0, ...) with the formula in place of the dots; if it is meant as a saving, define a separate reward with a positive amount and loss = true, which subtracts the amount from the total",
            ),
            Some(Counts::Quality) if per_year && value > 1.0 + super::TOLERANCE => (
                format!("reward `{name}` exceeds a utility of 1"),
                "a utility of 1 is full health; a higher one would overstate QALYs",
                "correct the formula; or, to limit the utility to 1, write min(1, ...) with the formula in place of the dots",
            ),
            _ => return ControlFlow::Continue(()),
        };
        // A loss is stored with the opposite sign, so the sign is reversed again to show the amount as written in the scenario.
        let written = if gains { value } else { -value };
        out.push(
            Diagnostic::warning("W0514", title)
                .at(
                    place,
                    format!("{} in state `{}`", shown(written), model.states[s.state].name),
                )
                .why(why)
                .note(first_found(&reward.amount, by_points(reward, model), model, strategy, s))
                .help(help),
        );
        ControlFlow::Break(())
    });
}

/// Whether an amount can be positive, and whether it can be negative, judged by the signs in its formula.
fn signs(amount: &Expr) -> (bool, bool) {
    match amount {
        Expr::Number(x) => (*x > 0.0, *x < 0.0),
        Expr::Call(Function::Negate, _) => (false, true),
        Expr::If(parts) => any(&parts[1..]),
        Expr::Select(_, cases) => any(cases),
        Expr::Binary(Binary::Multiply | Binary::Divide, parts) => {
            let ((a, b), (c, d)) = (signs(&parts[0]), signs(&parts[1]));
            (a && c || b && d, a && d || b && c)
        }
        _ => (true, false),
    }
}

fn any(cases: &[Expr]) -> (bool, bool) {
    let all = cases.iter().map(signs);
    all.fold((false, false), |(gains, losses), (a, b)| (gains || a, losses || b))
}

/// Warns about tables that are looked up before their first row.
fn lookups(model: &Model, walk: &Walk, by_points: bool, place: Span, out: &mut Diagnostics) {
    let mut looks_up = false;
    walk.expr.walk(&mut |part| looks_up |= matches!(part, Expr::Lookup(..)));
    if !looks_up {
        return;
    }
    missed_rows(model, walk, place, out);
    walk.each(model, &model.base_values(), |strategy, s| {
        let Some((table, looked_up)) = below_first(walk.expr, s) else {
            return ControlFlow::Continue(());
        };
        let at = looked_up.value(s);
        let (name, first) = (&table.name, shown(table.bounds[0]));
        // What is looked up, as written in the formula if it is a clock, and the unit of its limit.
        let clock = match looked_up {
            Expr::Clock(Clock::Time) => Some(("time".to_string(), " years")),
            Expr::Clock(Clock::TimeIn(g)) => Some((format!("time_in({})", model.groups[*g].name), " years")),
            Expr::Clock(Clock::Cycle) => Some(("cycle".to_string(), "")),
            Expr::Clock(Clock::Age(_) | Clock::AgeAtEnd(_)) => Some(("age".to_string(), "")),
            _ => None,
        };
        let (of, instead) = match clock {
            Some((x, unit)) => (
                format!("`{x}` = {}", shown(at)),
                format!("replace `lookup({name}, {x})` by `if({x} < {first}{unit}, 50, lookup({name}, {x}))` with your value below {first} in place of 50"),
            ),
            None => (
                shown(at),
                format!("write if(x < {first}, 50, lookup({name}, x)) in the formula, with what you look up in place of x and your value below {first} in place of 50"),
            ),
        };
        out.push(
            Diagnostic::warning("W0515", format!("table `{name}` has no row for {of}"))
                .at(place, format!("this formula needs the value at {}, but the first row is for {first}", shown(at)))
                .why(format!("the value of the first row is used for {}, although the table has no data for it", shown(at)))
                .note(first_found(walk.expr, by_points, model, strategy, s))
                .help(format!("add a row for {} or less to the table; or {instead}", shown(at))),
        );
        ControlFlow::Break(())
    });
}

/// Warns about tables by time with one row per cycle and rounded times: a row that starts slightly after its cycle is not yet
/// reached at the start of this cycle, so the previous row is used.
fn missed_rows(model: &Model, walk: &Walk, place: Span, out: &mut Diagnostics) {
    let mut missed: Vec<(&Listing, f64, f64)> = Vec::new();
    let mut all = Vec::new();
    looked_up(walk.expr, &mut all);
    for (table, at) in all {
        walk.each(model, &model.base_values(), |_, s| {
            let (x, slack) = (at.value(s), slack(at, s));
            let cycle = slack / HAIR;
            let next = table.bounds.partition_point(|bound| *bound <= x + slack);
            if let (true, Some(&bound), Some(&before)) =
                (slack > 0.0, table.bounds.get(next), table.bounds.get(next.wrapping_sub(1)))
                && bound - x < MISSED * cycle
                && (bound - before - cycle).abs() < 2.0 * MISSED * cycle
                && !missed.iter().any(|(other, row, _)| other.name == table.name && *row == bound)
            {
                missed.push((table, bound, x));
            }
            ControlFlow::Continue(())
        });
    }
    if let Some((table, bound, x)) = missed.first() {
        let rows = missed.iter().filter(|(other, ..)| other.name == table.name).count();
        let rows = if rows == 1 { "1 row".into() } else { format!("{rows} rows") };
        out.push(
            Diagnostic::warning("W0519", format!("some rows of table `{}` start slightly too late for their cycle", table.name))
                .at(place, format!("{rows} of the table start just after the start of a cycle"))
                .why("a row applies from its time on, so these cycles still use the value of the row before")
                .note(format!("for example, a row starts at time {bound}, but the cycle starts at time {x}"))
                .help(format!("write the exact times into the table, such as {x} instead of {bound}; or number its rows by cycle (1, 2, 3) and write `cycle` instead of `time` in the formula")),
        );
    }
}

/// Collects lookups that do not depend on continuous attributes, each as the table and the formula of the looked-up value.
fn looked_up<'e>(expr: &'e Expr, into: &mut Vec<(&'e Listing, &'e Expr)>) {
    if let Expr::Lookup(table, at) = expr
        && Reads::of(&at[0]).continuous.is_empty()
    {
        into.push((table, &at[0]));
    }
    expr.children().iter().for_each(|part| looked_up(part, into));
}

/// Part of a cycle by which a row can start late and still be intended for this cycle, because times are often rounded to three or
/// four decimals.
const MISSED: f64 = 0.01;

/// A table that the expression looks up before its first row in this situation, with the expression that is looked up.
fn below_first<'e>(expr: &'e Expr, s: &Situation) -> Option<(&'e Listing, &'e Expr)> {
    match expr {
        // Only the branch that the condition selects is looked up.
        Expr::If(parts) => {
            let chosen = if parts[0].value(s) != 0.0 { 1 } else { 2 };
            below_first(&parts[0], s).or_else(|| below_first(&parts[chosen], s))
        }
        Expr::Select(on, cases) => below_first(&cases[on.index(s)], s),
        // A clock within rounding error of the first row counts as having reached this row.
        Expr::Lookup(table, at) if at[0].value(s) + slack(&at[0], s) < *table.bounds.first()? => {
            Some((table, &at[0]))
        }
        _ => expr.children().iter().find_map(|part| below_first(part, s)),
    }
}
