use crate::direction_of_effects::acts;
use crate::prelude::*;

pub static S21: Check = Check {
    id: "S21",
    title: "Effects of strategies slow what is bad and speed what is good",
    why: "Each effect is worked out at the base values, and each transition that it acts on is told good or bad: by the order of \
          the progression if one is declared, by death, and otherwise by the quality of life before and after. An effect that \
          makes a bad transition likelier, or a good one rarer, harms patients. That may be so, but often a ratio is upside \
          down, sits in the wrong strategy, or was put on recovery along with the rest.",
    hint: "See which transitions are listed under `on` and which way round the ratio was published; waive it if harm is meant.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons =
        Comparisons::new("no strategy makes a bad transition likelier or a good one rarer", 0.0);
    for told in acts(evidence) {
        let name = &model.strategies[told.strategy].name;
        comparisons.advisable(name, !told.harms(), || {
            let (words, ratio) = match told.bad {
                true => ("worse", told.high),
                false => ("better", told.low),
            };
            format!(
                "strategy `{name}` multiplies `{}`, a change for the {words}, by {}",
                model.transitions[told.transition].name,
                number(ratio)
            )
        });
    }
    comparisons.verdict("no strategy has an effect on a transition for the better or the worse")
}
