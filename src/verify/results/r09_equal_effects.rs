use super::same_as_reference::{ONE_STRATEGY, same_as_reference};
use crate::prelude::*;

pub static R09: Check = Check {
    id: "R09",
    title: "Strategies with the same treatment effects have the same outcomes",
    why: "Every strategy is given the effects, procedures, eligibility and replaced parameters of the reference \
          strategy, and the same rewards except costs. Occupancy and health outcomes must then be equal under all \
          strategies. A remaining difference would be a treatment effect that the scenario does not contain.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "TECH-VER",
    quick: false,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let cost = evidence.cost();
    let mut comparisons = Comparisons::new("the same occupancy and the same effects", EXACT);
    if let Err(reason) = same_as_reference(evidence, &mut comparisons, &|o| Some(o) != cost) {
        return Verdict::skip(reason);
    }
    comparisons.verdict(ONE_STRATEGY)
}
