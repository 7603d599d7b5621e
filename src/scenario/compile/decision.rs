//! Compiles `[decision]`: the cost and effect outcomes, the willingness-to-pay thresholds and the population affected.

use super::{Context, POPULATION};
use crate::checks::rewards::HIGHEST;
use crate::diagnostic::{Diagnostic, Diagnostics, Part, suggest};
use crate::expression::Expected;
use crate::read::document::{TomlNode, TomlTable};
use crate::schema::{Key, keys};
use arcosim_core::model::{Beneficiaries, Decision, Expr, Outcome, Threshold};

/// The decision declared in `[decision]`; `None` without this section or after an error.
pub fn decision(
    root: &TomlTable,
    outcomes: &[Outcome],
    context: &Context,
    out: &mut Diagnostics,
) -> Option<Decision> {
    let table = root.table(keys::scenario::DECISION)?;
    let cost = outcome(table, keys::decision::COST, outcomes, context, out);
    let effect = outcome(table, keys::decision::EFFECT, outcomes, context, out);
    if let (Some(cost), Some(effect), Some(node)) = (cost, effect, table.get(keys::decision::EFFECT))
        && cost == effect
    {
        out.push(
            Diagnostic::error("E0440", "the keys `cost` and `effect` of [decision] name the same outcome")
                .at(node.span, "the same outcome as in the key `cost`")
                .why("the cost-effectiveness ratio would be 1 for every strategy")
                .help("use the outcome in money as `cost` and QALYs or another health outcome as `effect`, for example effect = \"qaly\""),
        );
    }
    let list = table.get(keys::decision::THRESHOLDS).map(TomlNode::items).unwrap_or_default();
    if let (true, Some(node)) = (list.is_empty(), table.get(keys::decision::THRESHOLDS)) {
        out.push(
            Diagnostic::error("E0440", "`thresholds` is empty")
                .at(node.span, "at least one threshold is needed")
                .why("without a willingness-to-pay threshold no strategy can be called cost-effective")
                .help("add one: thresholds = [{ value = 25_000, date = \"2026-04\", source = \"...\" }]"),
        );
    }
    let thresholds: Vec<Threshold> = list.iter().filter_map(|node| threshold(node, out)).collect();
    let beneficiaries =
        table.table(keys::decision::POPULATION).and_then(|people| beneficiaries(people, context, out));
    let decision = Decision { cost: cost?, effect: effect?, thresholds, beneficiaries };
    (!decision.thresholds.is_empty()).then_some(decision)
}

fn outcome(
    table: &TomlTable,
    key: Key,
    outcomes: &[Outcome],
    context: &Context,
    out: &mut Diagnostics,
) -> Option<usize> {
    let node = table.get(key)?;
    let name = node.text()?;
    let found = outcomes.iter().position(|o| o.name == name);
    if found.is_none() {
        let help = match suggest(name, outcomes.iter().map(|o| o.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => super::or_declare(
                name,
                "{ unit = \"...\", correction = \"half-cycle\", discount = \"none\" }",
                "[outcomes]",
            ),
        };
        out.push(context.unknown("E0435", "outcome", name, node.span, help).echo_of(Part::Outcomes));
    }
    found
}

fn threshold(node: &TomlNode, out: &mut Diagnostics) -> Option<Threshold> {
    let table = node.table()?;
    let value = table.number(keys::threshold::VALUE).filter(|value| value.is_finite())?;
    if value <= 0.0 {
        let place = table.get(keys::threshold::VALUE).map_or(node.span, |value| value.span);
        out.push(
            Diagnostic::error("E0440", format!("a willingness-to-pay threshold of {value} cannot be used"))
                .at(place, "must be above 0")
                .why("at a threshold of 0 or below, health gains would not count in favour of a strategy")
                .help("write the amount of money per unit of effect, for example value = 25_000"),
        );
        return None;
    }
    let text = |key| table.text(key).unwrap_or_default().to_string();
    Some(Threshold {
        value,
        date: text(keys::threshold::DATE),
        source: text(keys::threshold::SOURCE),
        note: text(keys::threshold::NOTE),
    })
}

fn beneficiaries(table: &TomlTable, context: &Context, out: &mut Diagnostics) -> Option<Beneficiaries> {
    for key in [keys::beneficiaries::PER_YEAR, keys::beneficiaries::YEARS] {
        if let Some(node) = table.get(key)
            && let Some(number) = node.number().filter(|x| x.is_finite() && *x <= 0.0)
        {
            let example = match key.name == keys::beneficiaries::YEARS.name {
                true => "the number of years for which the decision matters, for example years = 10",
                false => "the number of patients per year, for example per_year = 1_000",
            };
            let title = format!("`{}` of the population is {number}, but must be above 0", key.name);
            out.push(
                Diagnostic::error("E0440", title)
                    .at(node.span, "the decision would affect no patients")
                    .help(format!("write {example}; or remove `population` if its size is not known")),
            );
            return None;
        }
    }
    let discount = match table.get(keys::beneficiaries::DISCOUNT) {
        None => 0.0,
        Some(node) => match context.compile(node, Expected::DiscountRate, &POPULATION, out) {
            Expr::Number(rate) if (0.0..=HIGHEST).contains(&rate) => rate,
            Expr::Number(rate) if rate.is_nan() => return None,
            _ => {
                out.push(
                    Diagnostic::error("E0438", "the discount rate of the population cannot be used")
                        .at(node.span, "must be between 0 and 50% per year")
                        .help("write it with a percent sign: discount = \"3.5 %\""),
                );
                return None;
            }
        },
    };
    Some(Beneficiaries {
        per_year: table.number(keys::beneficiaries::PER_YEAR)?,
        years: table.number(keys::beneficiaries::YEARS)?,
        discount,
    })
}
