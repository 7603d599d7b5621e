use super::costs::NO_COST;
use super::remaining_amounts::verdict;
use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static R04: Check = Check {
    id: "R04",
    title: "With all costs at 0, total costs are 0",
    why: "All parameters of kind cost are set to 0, and no reward may add to the cost. A remainder comes from an amount \
          typed into a formula, where no sensitivity analysis finds it and no source explains it.",
    hint: "Look for numbers in the amount of the reward that is named, and give each a row in the parameter table.",
    basis: "TECH-VER, epicR",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let Some(cost) = evidence.cost() else {
        return Verdict::skip(NO_COST);
    };
    verdict(evidence, &[cost], &[Kind::Cost], "no reward adds to the cost")
}
