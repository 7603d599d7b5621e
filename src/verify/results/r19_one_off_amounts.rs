use crate::prelude::*;
use crate::transform::without_discounting;
use arcosim_core::model::Tables;
use arcosim_scenario::parameters::Kind;

pub static R19: Check = Check {
    id: "R19",
    title: "One-off amounts are counted in full",
    why: "Within-cycle correction applies to time spent in a state. An amount that is incurred once, such as the cost \
          of a vaccination, must be counted in full. A model that multiplies it by the weight of a cycle understates \
          it, for example 3,960 instead of 4,000.",
    hint: "Remove `one_off` from the outcome, unless a published model is to be reproduced exactly. Enter a cost that \
           is incurred once at the start as a one-off amount, not as a cost per year of a state.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut full = model.clone();
    full.outcomes.iter_mut().for_each(|o| o.weighted_once = false);
    let mut comparisons = Comparisons::new("one-off amounts that are not weighted", 0.0);
    let weighted = model.outcomes.iter().any(|o| o.weighted_once);
    let totals = weighted.then(|| (evidence.totals(), evidence.totals_of(&full, &evidence.base)));
    for (o, outcome) in model.outcomes.iter().enumerate() {
        let once = model.rewards.iter().filter(|r| r.outcome(model) == o && !r.when.accrues());
        if once.count() == 0 {
            continue;
        }
        let change = totals.as_ref().map_or(0.0, |(own, full)| {
            let arms = own.iter().zip(full).map(|(a, b)| b[o] - a[o]);
            arms.fold(0.0, |most: f64, x| if x.abs() > most.abs() { x } else { most })
        });
        comparisons.advisable(&outcome.name, !outcome.weighted_once, || {
            format!(
                "one-off amounts in `{}` are multiplied by the weights of cycles; counted in full, they would change \
                 a total by up to {}",
                outcome.name,
                number(change)
            )
        });
    }
    for (o, s, counted) in first_cycle_only(evidence) {
        let (outcome, state) = (&model.outcomes[o].name, &model.states[s].name);
        comparisons.advisable(outcome, (counted - 1.0).abs() < 0.01, || {
            format!(
                "all patients leave `{state}` after the first cycle, which counts in `{outcome}` as {} of a cycle; if \
                 the cost in this state is incurred once, enter it as a one-off amount",
                number(counted)
            )
        });
    }
    comparisons.verdict("the model has no one-off amounts")
}

/// States with a yearly cost that patients occupy only at the start, with the outcome and the share of a cycle for
/// which the first cycle counts.
fn first_cycle_only(evidence: &Evidence) -> Vec<(usize, usize, f64)> {
    let model = without_discounting(evidence.model);
    let tables = Tables::new(&model, &evidence.base);
    let strategies = &evidence.counts().strategies;
    let mut found = Vec::new();
    for s in 0..model.states.len() {
        let occupied = |at: &dyn Fn(&[f64]) -> f64| {
            let arms = strategies.iter().map(|own| at(&own.occupancy[s]));
            arms.fold(0.0, f64::max)
        };
        let (first, rest) = (occupied(&|own| own[0]), occupied(&|own| own[1..].iter().sum::<f64>()));
        if first < 1e-9 || rest > 1e-12 {
            continue;
        }
        // Only costs are checked, because a cost per year in a state of one cycle may have been intended as a one-off
        // cost.
        for o in (0..model.outcomes.len()).filter(|&o| evidence.outcome_reads(o, &[Kind::Cost])) {
            let mut rewards = model.rewards.iter().filter(|r| r.outcome(&model) == o);
            if rewards.any(|r| r.when.in_state(s)) {
                found.push((o, s, tables.weights[o].both[0] * model.time.cycles_per_year));
            }
        }
    }
    found
}
