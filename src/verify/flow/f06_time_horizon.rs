use crate::prelude::*;
use crate::transform::without_discounting;
use arcosim_core::model::{Correction, Model};

pub static F06: Check = Check {
    id: "F06",
    title: "The time horizon covers the patients' lifetimes",
    why: "Where the analysis is meant to cover a lifetime, fewer than 1 in 1,000 patients may be alive at its end. The model is run \
          for twice as long, and the undiscounted amount beyond the horizon is reported for every outcome. A strategy whose gain comes \
          late looks worse than it is under a short horizon.",
    hint: "Lengthen the horizon, or accept the finding with the reason why the horizon is short.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// A share of survivors at the end that is ignored.
const FEW: f64 = 1e-3;

/// With a larger share the horizon is no lifetime.
const MANY: f64 = 0.02;

fn run(evidence: &Evidence) -> Verdict {
    if evidence.scenario.verify.dead.is_empty() {
        return Verdict::skip(absent::DEAD);
    }
    let (model, counts) = (evidence.model, evidence.counts());
    let living = evidence.living();
    let mut comparisons = Comparisons::new("at most 0.1 % alive at the horizon", 0.0);
    let last = model.time.cycles;
    let shares: Vec<f64> = counts
        .strategies
        .iter()
        .map(|own| living.iter().map(|&s| own.occupancy[s][last]).sum::<f64>() / counts.patients)
        .collect();
    let most = (0..shares.len()).max_by(|&a, &b| shares[a].total_cmp(&shares[b]));
    let Some(most) = most else {
        return comparisons.verdict("there is no strategy");
    };
    let years = number(model.time.years(last));
    let name = &model.strategies[most].name;
    // Where many are left, it is the horizon that is short and not a strategy that is good.
    let about = if shares[most] > MANY { "horizon" } else { name };
    comparisons.advisable(about, shares[most] <= FEW, || {
        format!(
            "after {years} years {} % are alive under `{name}`; another {years} years would add {}",
            number(100.0 * shares[most]),
            left_out(evidence, most)
        )
    });
    comparisons.note(format!(
        "at most {} % alive after {years} years, under `{name}`",
        number(100.0 * shares[most])
    ));
    comparisons.verdict("there is no strategy")
}

/// What twice the horizon adds to the outcomes of a strategy, in words.
fn left_out(evidence: &Evidence, strategy: usize) -> String {
    let plain = plainly_counted(evidence.model);
    let mut longer = plain.clone();
    longer.time.cycles *= 2;
    let short = evidence.totals_of(&plain, &evidence.base);
    let long = evidence.totals_of(&longer, &evidence.base);
    let outcomes = evidence.model.outcomes.iter().enumerate();
    let each: Vec<String> = outcomes
        .map(|(o, outcome)| {
            let more = long[strategy][o] - short[strategy][o];
            format!("{} {} ({})", number(more), outcome.unit, outcome.label)
        })
        .collect();
    match each.len() {
        0 => "years of life that nothing counts".into(),
        _ => format!("{} per patient", each.join(", ")),
    }
}

/// Undiscounted, every outcome counted in a way that is known for any number of cycles.
fn plainly_counted(model: &Model) -> Model {
    let mut plain = without_discounting(model);
    for outcome in &mut plain.outcomes {
        if outcome.correction.by_points() {
            outcome.correction = Correction::HalfCycle;
        }
    }
    plain
}
