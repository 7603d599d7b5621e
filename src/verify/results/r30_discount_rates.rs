use super::discounting::{NO_DISCOUNTING, discounted, rate_of};
use crate::prelude::*;
use arcosim_core::model::{Expr, situation};

pub static R30: Check = Check {
    id: "R30",
    title: "Discount rates are in the usual range, and costs and effects are both discounted",
    why: "Agencies ask for no discounting, or for rates from 1 to about 6 % a year. A rate above 10 % or below 0.5 % is mostly a slip of the \
          decimal point or of the percent sign (35 % or 0.035 % for 3.5 %), a negative one increases the value of later amounts, and a rate that is a formula was often fitted to \
          cycles. If only the cost or only the effect is discounted, the ratio of \
          both depends on their timing.",
    hint: "Look at `discount` of the outcomes that are decided on, and at the guidance of the agency.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Rates of discount that some agency asks for lie well between these, or are 0.
const LEAST_USUAL: f64 = 0.005;

const MOST_USUAL: f64 = 0.1;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("no rate or one from 0.5 to 10 % a year, for cost and effect", 0.0);
    let s = situation(model, &evidence.base, &[], 0);
    for (o, discount) in discounted(model) {
        let outcome = &model.outcomes[o];
        for (_, rate) in &discount.rates {
            let rate = rate.value(&s);
            let shown = || format!("`{}` is discounted at {} % a year", outcome.name, number(100.0 * rate));
            if comparisons.holds(&outcome.name, (0.0..=0.2).contains(&rate), shown) {
                let usual = rate == 0.0 || (LEAST_USUAL..=MOST_USUAL).contains(&rate);
                comparisons.advisable(&outcome.name, usual, shown);
            }
        }
        let formula = |(_, rate): &(f64, Expr)| !matches!(rate, Expr::Number(_) | Expr::Parameter(_));
        comparisons.advisable(&outcome.name, !discount.rates.iter().any(formula), || {
            format!(
                "the discount rate of `{}` is a formula, which comes to {} % a year",
                outcome.name,
                number(100.0 * rate_of(evidence, discount))
            )
        });
        comparisons.advisable(&outcome.name, discount.from <= 1.0, || {
            format!("`{}` is not discounted before year {}", outcome.name, number(discount.from))
        });
    }
    if let Some(decision) = &evidence.scenario.decision {
        let long = model.time.years(model.time.cycles) > 1.0;
        let rates = [decision.cost, decision.effect].map(|o| {
            let rate = model.outcomes[o].discount.as_ref().map(|d| rate_of(evidence, d));
            rate.filter(|r| *r != 0.0)
        });
        let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o].name);
        comparisons.advisable(effect, !long || rates[0].is_some() == rates[1].is_some(), || {
            let (with, without) = if rates[0].is_some() { (cost, effect) } else { (effect, cost) };
            format!("`{with}` is discounted and `{without}` is not")
        });
        if let [Some(a), Some(b)] = rates
            && a != b
        {
            comparisons.advisable(effect, b < a, || {
                format!(
                    "`{effect}` is discounted at {} %, more than `{cost}` at {} %: agencies that have two rates ask for the opposite",
                    number(100.0 * b),
                    number(100.0 * a)
                )
            });
            comparisons.note(format!(
                "`{cost}` is discounted at {} %, `{effect}` at {} %",
                number(100.0 * a),
                number(100.0 * b)
            ));
        }
    }
    comparisons.verdict(NO_DISCOUNTING)
}
