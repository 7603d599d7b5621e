use super::discounting::{NO_DISCOUNTING, discounted};
use crate::prelude::*;
use crate::reading::parameters_in;
use crate::transform::without_discounting;
use arcosim_core::model::Expr;

pub static R06: Check = Check {
    id: "R06",
    title: "With a discount rate of 0, discounted and undiscounted results are equal",
    why: "The parameters that are used as discount rates are set to 0. All totals must then equal the totals without \
          discounting. If they do not, a discount rate is also used elsewhere in the model or is part of a formula, \
          so that a sensitivity analysis of the rate changes more than discounting.",
    hint: "Check the formula of the discount rate, and where else its parameter is used.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut values = evidence.base.clone();
    let mut zero = model.clone();
    for discount in zero.outcomes.iter_mut().filter_map(|o| o.discount.as_mut()) {
        for (_, rate) in &mut discount.rates {
            match parameters_in(rate, None)[..] {
                [] => *rate = Expr::Number(0.0),
                ref own => own.iter().for_each(|&p| values[p] = 0.0),
            }
        }
    }
    let mut comparisons = Comparisons::new("totals at a rate of 0 equal to those without discounting", EXACT);
    let plain = evidence.totals_of(&without_discounting(model), &evidence.base);
    let at_zero = evidence.totals_of(&zero, &values);
    for (o, _) in discounted(model) {
        let outcome = &model.outcomes[o];
        for ((strategy, expected), observed) in model.strategies.iter().zip(&plain).zip(&at_zero) {
            let what = format!("`{}` under `{}` at a discount rate of 0", outcome.name, strategy.name);
            comparisons.same(&outcome.name, &what, expected[o], observed[o]);
        }
    }
    comparisons.verdict(NO_DISCOUNTING)
}
