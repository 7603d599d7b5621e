use crate::prelude::*;
use crate::transform::without_discounting;
use arcosim_core::model::{Correction, Model};

pub static F06: Check = Check {
    id: "F06",
    title: "The time horizon covers the patients' lifetimes",
    why: "In a lifetime analysis, at most 1 in 1,000 patients should be alive at the time horizon. The model is also \
          run for twice as long, and the finding reports the undiscounted amounts beyond the horizon. A horizon that \
          is too short understates the gain of strategies with late benefits, such as longer survival.",
    hint: "Extend the time horizon, or waive the finding with the reason for the short horizon.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

/// Share of survivors at the time horizon up to which no warning is given.
const FEW: f64 = 1e-3;

/// Share of survivors at the time horizon above which the finding refers to the horizon and not to a strategy.
const MANY: f64 = 0.02;

fn run(evidence: &Evidence) -> Verdict {
    if evidence.scenario.verify.dead.is_empty() {
        return Verdict::skip(absent::DEAD);
    }
    let (model, counts) = (evidence.model, evidence.counts());
    let living = evidence.living();
    let mut comparisons = Comparisons::new("at most 0.1% of patients alive at the time horizon", 0.0);
    let last = model.time.cycles;
    let shares: Vec<f64> = counts
        .strategies
        .iter()
        .map(|own| living.iter().map(|&s| own.occupancy[s][last]).sum::<f64>() / counts.patients)
        .collect();
    let most = (0..shares.len()).max_by(|&a, &b| shares[a].total_cmp(&shares[b]));
    let Some(most) = most else {
        return comparisons.verdict("the model has no strategies");
    };
    let years = number(model.time.years(last));
    let name = &model.strategies[most].name;
    // If many patients survive, the cause is a short horizon and not a strategy with good survival.
    let about = if shares[most] > MANY { "horizon" } else { name };
    comparisons.advisable(about, shares[most] <= FEW, || {
        format!(
            "after {years} years, {}% of patients are alive under `{name}`; another {years} years would add {}",
            number(100.0 * shares[most]),
            left_out(evidence, most)
        )
    });
    comparisons.note(format!(
        "at most {}% of patients are alive after {years} years (under `{name}`)",
        number(100.0 * shares[most])
    ));
    comparisons.verdict("the model has no strategies")
}

/// Describes the amounts that twice the horizon adds to the outcomes of a strategy.
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
        0 => "life years, which no outcome counts".into(),
        _ => format!("{} per patient", each.join(", ")),
    }
}

/// Copy of the model without discounting, and with half-cycle correction instead of corrections that depend on the
/// number of cycles.
fn plainly_counted(model: &Model) -> Model {
    let mut plain = without_discounting(model);
    for outcome in &mut plain.outcomes {
        if outcome.correction.by_points() {
            outcome.correction = Correction::HalfCycle;
        }
    }
    plain
}
