use super::reversed_order::reversed;
use crate::prelude::*;

pub static R12: Check = Check {
    id: "R12",
    title: "Names and order do not affect results",
    why: "States, transitions, strategies, parameters and rewards are put in reverse order under other names, and every total must \
          be the same: a result that hangs on the order of rows is the mark of a look-up that hits the wrong one.",
    hint: "Report it: the exact engine must not depend on names or order.",
    basis: "own",
    quick: false,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut values = evidence.base.clone();
    values.reverse();
    let mut totals = evidence.totals_of(&reversed(model), &values);
    totals.reverse();
    let mut comparisons = Comparisons::new("the same totals in reverse order under other names", EXACT);
    for ((strategy, expected), observed) in model.strategies.iter().zip(evidence.totals()).zip(totals) {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let what = format!("`{}` under `{}`", outcome.name, strategy.name);
            comparisons.same(&strategy.name, &what, expected[o], observed[o]);
        }
    }
    comparisons.verdict("nothing is counted")
}
