use super::discounting::{discounted, rate_of};
use crate::prelude::*;
use arcosim_core::math;
use arcosim_core::model::grid::HAIR;
use arcosim_core::model::{Compounding, Moment, Tables};

pub static R08: Check = Check {
    id: "R08",
    title: "An amount after two years is discounted by (1 + rate)^-2",
    why: "The present value of one unit of each outcome two years after the start is compared with the textbook \
          formula for the discount rate. A wrong present value makes all later costs and effects wrong. The present \
          value after 10 years is reported as well: it reveals a rate for another period, or a rate entered in \
          percent.",
    hint: "Enter the discount rate per year, as a proportion or with a % sign. If the rate is correct, please report \
           the finding with the scenario files.",
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
    let mut comparisons = Comparisons::new("a present value of (1 + rate)^-years", EXACT);
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
        let what =
            format!("the present value of one unit of `{}` after {} years", outcome.name, number(years));
        comparisons.same(&outcome.name, &what, due, tables.weights[o].once[point]);
        notes.push(format!(
            "one unit of `{}` after 10 years has a present value of {}",
            outcome.name,
            number(discount.evaluate(model, &evidence.base).factor(10.0))
        ));
    }
    comparisons.note(notes.join(", "));
    comparisons.verdict("no outcome is discounted at a single rate from the start")
}
