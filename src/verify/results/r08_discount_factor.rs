use super::discounting::{discounted, rate_of};
use crate::prelude::*;
use arcosim_core::math;
use arcosim_core::model::grid::HAIR;
use arcosim_core::model::{Compounding, Moment, Tables};

pub static R08: Check = Check {
    id: "R08",
    title: "An amount after two years is discounted by (1 + rate)^-2",
    why: "The amount that a one-off unit, two years after the start, adds to each outcome is compared with the formula of the \
          textbooks, worked out from the rate alone. A rate for another period, or one given in per cent, shows here.",
    hint: "Give the discount rate per year, as a proportion or with a % sign.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let tables = Tables::new(model, &evidence.base);
    let point = (2.0 * model.time.cycles_per_year).round() as usize;
    let point = point.clamp(1, model.time.cycles.max(1));
    let mut comparisons = Comparisons::new("(1 + rate) to the power of minus the years", EXACT);
    let mut notes = Vec::new();
    for (o, discount) in discounted(model) {
        let outcome = &model.outcomes[o];
        if discount.from > 0.0 || discount.rates.len() > 1 || outcome.weighted_once {
            continue;
        }
        let moment = match discount.at {
            _ if outcome.correction.by_points() => point as f64,
            Moment::Start => point as f64 - 1.0,
            Moment::Middle => point as f64 - 0.5,
            Moment::End | Moment::Point => point as f64,
        };
        let years = moment / model.time.cycles_per_year;
        let rate = rate_of(evidence, discount);
        let due = match discount.compounding {
            Compounding::Annual => math::pow(1.0 + rate, -years),
            Compounding::WholeYears => {
                math::pow(1.0 + rate, -(years + HAIR / model.time.cycles_per_year).floor())
            }
            Compounding::Continuous => math::exp(-rate * years),
        };
        let what = format!("a one-off unit of `{}` after {} years", outcome.name, number(years));
        comparisons.same(&outcome.name, &what, due, tables.weights[o].once[point]);
        notes.push(format!(
            "one unit of `{}` after 10 years has a present value of {}",
            outcome.name,
            number(discount.evaluate(model, &evidence.base).factor(10.0))
        ));
    }
    comparisons.note(notes.join(", "));
    comparisons.verdict("nothing is discounted at one rate from the start")
}
