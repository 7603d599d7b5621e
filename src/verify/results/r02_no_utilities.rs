use super::health_outcomes::{NO_QALYS, qaly_outcomes};
use super::remaining_amounts::verdict;
use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static R02: Check = Check {
    id: "R02",
    title: "With all utilities at 0, there are no QALYs",
    why: "All utilities and disutilities are set to 0. No reward may then add QALYs. A remaining amount comes from a \
          number typed into a formula, which has no source and is excluded from every sensitivity analysis.",
    hint: "Add the number to the parameter table, with its kind, source and uncertainty, and use its name in the \
           formula.",
    basis: "TECH-VER, epicR",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let outcomes = qaly_outcomes(evidence);
    if outcomes.is_empty() {
        return Verdict::skip(NO_QALYS);
    }
    verdict(evidence, &outcomes, &[Kind::Utility, Kind::Disutility], "no reward adds QALYs")
}
