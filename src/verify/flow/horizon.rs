//! Whether the horizon is long enough.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{Tally, number};
use super::super::transform::without_discounting;
use arcosim_core::model::{Correction, Model};

/// The horizon leaves nobody out.
pub static F06: Check = Check {
    id: "F06",
    title: "The horizon leaves nobody's life out",
    why: "Where the analysis is meant to cover a lifetime, fewer than 1 in 1,000 patients may be alive at its end. The model is run \
          for twice as long, and what the horizon leaves out of every outcome is told, undiscounted. A strategy whose gain comes \
          late looks worse than it is under a short horizon.",
    hint: "Lengthen the horizon, or accept the finding with the reason why the horizon is short.",
    basis: "TECH-VER",
    quick: true,
    run: f06,
};

/// A share of the living at the end that nobody asks about.
const FEW: f64 = 1e-3;
/// With a larger share the horizon is no lifetime.
const MANY: f64 = 0.02;

fn f06(subject: &Subject) -> Verdict {
    if subject.scenario.verify.dead.is_empty() {
        return Verdict::skip("no state is one of the dead");
    }
    let (model, counts) = (subject.model, subject.counts());
    let living = subject.living();
    let mut tally = Tally::new("at most 0.1 % alive at the horizon", 0.0);
    let last = model.time.cycles;
    let shares: Vec<f64> = counts
        .strategies
        .iter()
        .map(|own| living.iter().map(|&s| own.occupancy[s][last]).sum::<f64>() / counts.patients)
        .collect();
    let most = (0..shares.len()).max_by(|&a, &b| shares[a].total_cmp(&shares[b]));
    let Some(most) = most else {
        return tally.verdict("there is no strategy");
    };
    let years = number(model.time.years(last));
    let name = &model.strategies[most].name;
    // Where many are left, it is the horizon that is short and not a strategy that is good.
    let about = if shares[most] > MANY { "horizon" } else { name };
    tally.advisable(about, shares[most] <= FEW, || {
        format!(
            "after {years} years {} % are alive under `{name}`; another {years} years would add {}",
            number(100.0 * shares[most]),
            left_out(subject, most)
        )
    });
    tally.note(format!(
        "at most {} % alive after {years} years, under `{name}`",
        number(100.0 * shares[most])
    ));
    tally.verdict("there is no strategy")
}

/// What twice the horizon adds to the outcomes of a strategy, in words.
fn left_out(subject: &Subject, strategy: usize) -> String {
    let plain = plainly_counted(subject.model);
    let mut longer = plain.clone();
    longer.time.cycles *= 2;
    let short = subject.totals_of(&plain, &subject.base);
    let long = subject.totals_of(&longer, &subject.base);
    let outcomes = subject.model.outcomes.iter().enumerate();
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
