use super::reversed_order::reversed;
use crate::prelude::*;

pub static R12: Check = Check {
    id: "R12",
    title: "Names and order do not affect results",
    why: "All states, transitions, strategies, parameters and rewards are renamed and put in reverse order. Every \
          total must stay the same. If a total changes, the program has used a wrong row of a table, for example the \
          parameter of another state.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
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
    let mut comparisons = Comparisons::new("the same totals with other names and in reverse order", EXACT);
    for ((strategy, expected), observed) in model.strategies.iter().zip(evidence.totals()).zip(totals) {
        for (o, outcome) in model.outcomes.iter().enumerate() {
            let what = format!(
                "after renaming and reversing the order, `{}` under `{}`",
                outcome.name, strategy.name
            );
            comparisons.same(&strategy.name, &what, expected[o], observed[o]);
        }
    }
    comparisons.verdict("the model has no outcomes")
}
