use crate::prelude::*;
use crate::transform::without_discounting;
use arcosim_core::model::Tables;
use arcosim_scenario::parameters::Kind;

pub static R19: Check = Check {
    id: "R19",
    title: "One-off amounts count in full",
    why: "Within-cycle correction is about time spent in a state. A sum that is paid once, such as a vaccination, is paid in full \
          whenever it falls; a model that multiplies it by the weight of a cycle turns 4,000 into 3,960.",
    hint: "Take `one_off` out of the outcome, unless a published model is to be repeated as it was printed.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut full = model.clone();
    full.outcomes.iter_mut().for_each(|o| o.weighted_once = false);
    let mut comparisons = Comparisons::new("one-off amounts are not weighted", 0.0);
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
                "one-off amounts are multiplied by the weights of cycles in `{}`; in full they would change a total by up \
                 to {}",
                outcome.name,
                number(change)
            )
        });
    }
    for (o, s, counted) in first_cycle_only(evidence) {
        let (outcome, state) = (&model.outcomes[o].name, &model.states[s].name);
        comparisons.advisable(outcome, (counted - 1.0).abs() < 0.01, || {
            format!(
                "everybody leaves `{state}` after the first cycle, which counts in `{outcome}` as {} of a cycle: what is paid there \
                 falls once, at the start",
                number(counted)
            )
        });
    }
    comparisons.verdict("there are no one-off amounts")
}

/// States with an amount per year of an outcome in which patients are at the start and never after, with the share of a
/// cycle for which they count.
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
        // Quality of life is lived in the first cycle as in any other; a price is what may have been meant to fall once.
        for o in (0..model.outcomes.len()).filter(|&o| evidence.outcome_reads(o, &[Kind::Cost])) {
            let mut rewards = model.rewards.iter().filter(|r| r.outcome(&model) == o);
            if rewards.any(|r| r.when.in_state(s)) {
                found.push((o, s, tables.weights[o].both[0] * model.time.cycles_per_year));
            }
        }
    }
    found
}
