use super::same_as_reference::{ONE_STRATEGY, same_as_reference};
use crate::prelude::*;

pub static R09: Check = Check {
    id: "R09",
    title: "Strategies with the same treatment effects have the same outcomes",
    why: "Every strategy is given the effects, procedure, eligibility and replaced parameters of the reference, and its rewards \
          in everything but cost. Patients must then live the same lives and gain the same. What is left to tell strategies \
          apart is what they cost by themselves.",
    hint: "Report it: nothing in the scenario distinguishes these strategies any more.",
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
