use super::itemised::mixed;
use crate::evidence::totals_of;
use crate::prelude::*;
use crate::transform::without_discounting;
use arcosim_core::model::Correction;

pub static R15: Check = Check {
    id: "R15",
    title: "A shorter time horizon does not change earlier results or increase totals",
    why: "The model is run to half its time horizon. Occupancy up to that time must stay the same, and no total may \
          be larger than over the full horizon. Otherwise, early results depend on later times, and results for \
          different horizons cannot be compared.",
    hint: "Check for amounts that are gains at one time and losses at another; if there are none, please report the \
           finding with the scenario files.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = without_discounting(evidence.model);
    // Rounded down to an even number, because Simpson's rule requires an even number of cycles.
    let cycles = model.time.cycles / 2 / 2 * 2;
    if cycles == 0 {
        return Verdict::skip("the time horizon is too short to be halved");
    }
    let mut short = model.clone();
    short.time.cycles = cycles;
    for outcome in &mut short.outcomes {
        if let Correction::Weights(weights) = &mut outcome.correction {
            weights.truncate(cycles + 1);
        }
    }
    let long = evidence.counts();
    let counts = evidence.solve(&short, &evidence.base);
    let mut comparisons =
        Comparisons::new("the same occupancy up to half the time horizon, and no larger totals", EXACT);
    let mut late = Vec::new();
    let totals = totals_of(&short, &counts);
    let whole = evidence.totals_of(&model, &evidence.base);
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let states = counts.strategies[arm].occupancy.iter().zip(&long.strategies[arm].occupancy);
        let gaps = states.flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| (a - b).abs());
        let gap = gaps.fold(0.0, f64::max) / counts.patients;
        let what =
            format!("the largest change in occupancy under `{}` with half the time horizon", strategy.name);
        comparisons.same_by(&strategy.name, &what, (0.0, gap), 1.0);
        for (o, outcome) in model.outcomes.iter().enumerate() {
            if mixed(evidence, arm, |line| line.outcome(&model) == o) {
                continue;
            }
            let what = format!("`{}` under `{}` over half the time horizon", outcome.name, strategy.name);
            comparisons.at_most(&strategy.name, &what, whole[arm][o].abs(), totals[arm][o].abs());
            if arm == model.reference() && whole[arm][o] != 0.0 {
                let share = 100.0 * (1.0 - totals[arm][o] / whole[arm][o]);
                late.push(format!("{}% of `{}`", number(share), outcome.name));
            }
        }
    }
    if !late.is_empty() {
        comparisons.note(format!("the second half of the time horizon adds {}", late.join(", ")));
    }
    comparisons.verdict("the model has no strategies")
}
