use crate::direction_of_effects::acts;
use crate::prelude::*;

pub static S21: Check = Check {
    id: "S21",
    title: "Treatment effects slow harmful transitions and speed up beneficial ones",
    why: "Every effect is evaluated at the base values, and every transition it acts on is classified as beneficial \
          or harmful: by the order of progression if it is declared, by death, and otherwise by the utilities before \
          and after. An effect that makes a harmful transition more likely or a beneficial one less likely harms \
          patients. This can be true, but often a ratio is inverted, belongs to another strategy, or was also \
          applied to recovery.",
    hint: "Check the transitions under `on` and the direction of the published ratio; waive the finding if harm is \
           intended.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new(
        "no strategy makes harmful transitions more likely or beneficial ones less likely",
        0.0,
    );
    for told in acts(evidence) {
        let name = &model.strategies[told.strategy].name;
        comparisons.advisable(name, !told.harms(), || {
            let words = if told.bad { "worse" } else { "better" };
            let (ratio, quantity) = told.most_harmful();
            format!(
                "strategy `{name}` multiplies {quantity} `{}`, a change for the {words}, by {}",
                model.transitions[told.transition].name,
                number(ratio)
            )
        });
    }
    comparisons.verdict("no strategy has an effect on a harmful or beneficial transition")
}
