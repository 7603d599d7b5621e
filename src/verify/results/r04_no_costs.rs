use super::costs::NO_COST;
use super::remaining_amounts::verdict;
use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static R04: Check = Check {
    id: "R04",
    title: "With all costs at 0, total costs are 0",
    why: "All parameters of kind cost are set to 0. No reward may then add to the cost. A remaining amount comes from \
          a number typed into a formula, which has no source and is excluded from every sensitivity analysis.",
    hint: "Look for numbers in the amount of the reward, add each of them to the parameter table, and use its name in \
           the formula.",
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
