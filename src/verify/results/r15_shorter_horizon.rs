use super::itemised::mixed;
use crate::evidence::totals_of;
use crate::prelude::*;
use crate::transform::without_discounting;
use arcosim_core::model::Correction;

pub static R15: Check = Check {
    id: "R15",
    title: "A shorter time horizon does not change earlier results or increase totals",
    why: "The model is run to half its horizon. Occupancy must be the same up to then, and no reward may add more in less time. \
          A model that behaves otherwise looks into its own future.",
    hint: "Look for amounts that are gains at one time and losses at another; everything else is for us to repair: report it.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = without_discounting(evidence.model);
    // An even number, as Simpson's rule wants it.
    let cycles = model.time.cycles / 2 / 2 * 2;
    if cycles == 0 {
        return Verdict::skip("the horizon is too short to be halved");
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
        Comparisons::new("the same occupancy up to half the horizon, and no more of anything", EXACT);
    let mut late = Vec::new();
    let totals = totals_of(&short, &counts);
    let whole = evidence.totals_of(&model, &evidence.base);
    for (arm, strategy) in model.strategies.iter().enumerate() {
        let states = counts.strategies[arm].occupancy.iter().zip(&long.strategies[arm].occupancy);
        let gaps = states.flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| (a - b).abs());
        let gap = gaps.fold(0.0, f64::max) / counts.patients;
        let what = format!("the largest difference of occupancy under `{}`", strategy.name);
        comparisons.same_by(&strategy.name, &what, (0.0, gap), 1.0);
        for (o, outcome) in model.outcomes.iter().enumerate() {
            if mixed(evidence, arm, |line| line.outcome(&model) == o) {
                continue;
            }
            let what = format!("`{}` under `{}` by half the horizon", outcome.name, strategy.name);
            comparisons.at_most(&strategy.name, &what, whole[arm][o].abs(), totals[arm][o].abs());
            if arm == model.reference() && whole[arm][o] != 0.0 {
                let share = 100.0 * (1.0 - totals[arm][o] / whole[arm][o]);
                late.push(format!("{} % of `{}`", number(share), outcome.name));
            }
        }
    }
    if !late.is_empty() {
        comparisons.note(format!("the second half of the horizon adds {}", late.join(", ")));
    }
    comparisons.verdict("nothing runs")
}
