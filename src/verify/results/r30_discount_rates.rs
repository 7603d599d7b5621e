use super::discounting::{NO_DISCOUNTING, discounted, rate_of};
use crate::prelude::*;
use arcosim_core::model::{Expr, situation};

pub static R30: Check = Check {
    id: "R30",
    title: "Discount rates are in the usual range, and costs and effects are both discounted",
    why: "Agencies require no discounting, or rates from 1% to about 6% per year. A rate above 10% or below 0.5% is \
          usually an error in the decimal point or the percent sign (35% or 0.035% instead of 3.5%). A negative rate \
          increases the value of later amounts, and a rate that is a formula was often fitted to cycles. If only \
          costs or only effects are discounted, the ICER depends on their timing.",
    hint: "Check `discount` of the outcomes in the decision, and the guidelines of the agency.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

/// Lowest usual discount rate per year; the rates that agencies require are above it, or 0.
const LEAST_USUAL: f64 = 0.005;

const MOST_USUAL: f64 = 0.1;

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new(
        "no discounting, or a rate from 0.5% to 10% per year, for both cost and effect",
        0.0,
    );
    let s = situation(model, &evidence.base, &[], 0);
    for (o, discount) in discounted(model) {
        let outcome = &model.outcomes[o];
        for (_, rate) in &discount.rates {
            let rate = rate.value(&s);
            let shown = || {
                format!(
                    "`{}` is discounted at {}% per year, an unusual rate",
                    outcome.name,
                    number(100.0 * rate)
                )
            };
            if comparisons.holds(&outcome.name, (0.0..=0.2).contains(&rate), shown) {
                let usual = rate == 0.0 || (LEAST_USUAL..=MOST_USUAL).contains(&rate);
                comparisons.advisable(&outcome.name, usual, shown);
            }
        }
        let formula = |(_, rate): &(f64, Expr)| !matches!(rate, Expr::Number(_) | Expr::Parameter(_));
        comparisons.advisable(&outcome.name, !discount.rates.iter().any(formula), || {
            format!(
                "the discount rate of `{}` is a formula with a value of {}% per year",
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
            format!("`{with}` is discounted, but `{without}` is not")
        });
        if let [Some(a), Some(b)] = rates
            && a != b
        {
            comparisons.advisable(effect, b < a, || {
                format!(
                    "`{effect}` is discounted at {}%, more than `{cost}` at {}%: agencies with two rates require the \
                     opposite",
                    number(100.0 * b),
                    number(100.0 * a)
                )
            });
            comparisons.note(format!(
                "`{cost}` is discounted at {}%, `{effect}` at {}%",
                number(100.0 * a),
                number(100.0 * b)
            ));
        }
    }
    comparisons.verdict(NO_DISCOUNTING)
}
