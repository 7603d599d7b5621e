//! Checks of the flow of patients through the states.

use super::check::{Check, Verdict};
use super::subject::Subject;
use super::tally::{EXACT, Tally};

/// The checks of this group.
pub fn checks() -> Vec<&'static Check> {
    vec![&F01]
}

static F01: Check = Check {
    id: "F01",
    title: "Patients are neither lost nor made",
    why: "At every point in time the shares of patients in all states must add to one. Where they do not, somebody has left \
          without arriving anywhere, or is counted twice, and every total is wrong by as much.",
    hint: "Report it: the engines cannot lose patients of a scenario that the reader accepts.",
    basis: "TECH-VER",
    quick: true,
    run: f01,
};

fn f01(subject: &Subject) -> Verdict {
    let mut tally = Tally::new("occupancy adds to 1 at every point in time", EXACT);
    let counts = subject.counts();
    for (strategy, own) in subject.model.strategies.iter().zip(&counts.strategies) {
        for point in 0..=subject.model.time.cycles {
            let sum: f64 = own.occupancy.iter().map(|state| state[point]).sum();
            let what = format!("occupancy under `{}` after {point} cycles", strategy.name);
            tally.same(&strategy.name, &what, counts.patients, sum);
        }
    }
    tally.verdict("nothing runs")
}
