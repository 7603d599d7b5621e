use super::changes::{largest_change, sizes};
use crate::prelude::*;
use crate::reading::parameters_in;
use arcosim_core::model::Model;
use arcosim_scenario::parameters::Spread;

pub static U09: Check = Check {
    id: "U09",
    title: "Every influential parameter has a distribution or a range, or is declared fixed",
    why: "Each parameter is changed by 1%. A parameter that changes results more than most uncertain parameters, but \
          has neither a distribution nor a range, is missing from the sensitivity analyses. They look complete, \
          although a number that might change the decision is constant in all of them.",
    hint: "Enter a standard error, a distribution, or `low` and `high`; enter `fixed` as the distribution if the \
           value is certain by nature, such as a price.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts, Need::Nudged],
    run,
};

/// Maximum number of parameters that are reported.
const NAMED: usize = 3;

fn run(evidence: &Evidence) -> Verdict {
    let rows = &evidence.scenario.parameters;
    let varies = |p: usize| evidence.scenario.uncertainty.varies(p);
    let has_range = |p: usize| rows[p].low.is_some() && rows[p].high.is_some();
    let is_silent = |p: usize| {
        let says = &rows[p].distribution;
        !varies(p) && !has_range(p) && says.trim().is_empty() && rows[p].spread == Spread::None
    };
    let base = evidence.totals();
    let sizes = sizes(&base);
    let effects =
        evidence.nudged().iter().map(|own| (own.parameter, largest_change(&own.totals, &base, &sizes)));
    let effects: Vec<(usize, f64)> = effects.collect();
    let known = effects.iter().filter(|(p, _)| varies(*p) || has_range(*p));
    let mut known: Vec<f64> = known.map(|(_, effect)| *effect).collect();
    if known.len() < 3 {
        return Verdict::skip("fewer than three influential parameters have a distribution or a range");
    }
    known.sort_by(f64::total_cmp);
    let usual = known[known.len() / 2];
    let methods = discounting(evidence.model);
    let mut comparisons = Comparisons::new(
        "no parameter without a distribution or range that changes results more than most parameters with one",
        0.0,
    );
    let mut silent: Vec<&(usize, f64)> = Vec::new();
    for own in &effects {
        comparisons.advisable("parameters", true, String::new);
        if is_silent(own.0) && own.1 > usual && own.1 > 1e-9 && !methods.contains(&own.0) {
            silent.push(own);
        }
    }
    silent.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (p, effect) in silent.iter().take(NAMED) {
        comparisons.warn(
            evidence.name(*p),
            format!(
                "changing `{}` by 1% changes a result by {}%, more than most uncertain parameters ({}%), but its row \
                 states no uncertainty",
                evidence.name(*p),
                number(100.0 * effect),
                number(100.0 * usual)
            ),
        );
    }
    if silent.len() > NAMED {
        comparisons.note(format!("{} parameters in all", silent.len()));
    }
    comparisons.verdict("the model uses no parameters")
}

/// Parameters that are used in discount rates.
fn discounting(model: &Model) -> Vec<usize> {
    let discounts = model.outcomes.iter().filter_map(|outcome| outcome.discount.as_ref());
    discounts.flat_map(|discount| &discount.rates).flat_map(|(_, rate)| parameters_in(rate, None)).collect()
}
