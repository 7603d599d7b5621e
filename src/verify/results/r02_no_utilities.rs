use super::health_outcomes::{NO_QALYS, qaly_outcomes};
use super::remaining_amounts::verdict;
use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static R02: Check = Check {
    id: "R02",
    title: "With all utilities at 0, there are no QALYs",
    why: "All utilities and losses are set to 0, and no reward may add QALYs. A remainder comes from a number typed into \
          a formula, where no sensitivity analysis finds it and no source explains it.",
    hint: "Give the number a row in the parameter table, with its kind, its source and its uncertainty.",
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
