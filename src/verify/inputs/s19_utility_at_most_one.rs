use crate::prelude::*;
use crate::yearly_amounts::{each_worth, yearly_quality};

pub static S19: Check = Check {
    id: "S19",
    title: "A year in any state adds at most one QALY",
    why: "All utilities and disutilities of a year in a state are added up for every strategy, patient group and \
          cycle. The utility of full health is 1, so a larger sum means that something is counted twice, that a gain \
          was added to full health, or that a disutility has the wrong sign. A sum below 0 means a state worse than \
          death and should be confirmed; no instrument has values below -1.",
    hint: "Check all rewards of the state and strategy in the finding, and whether disutilities are marked `loss`.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("a utility between 0 and 1 in every state", 1e-9);
    for outcome in yearly_quality(evidence) {
        for (state, own) in model.states.iter().enumerate() {
            let mut told = false;
            for (s, strategy) in model.strategies.iter().enumerate() {
                let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
                each_worth(evidence, (outcome, s, state), |worth, _| {
                    (low, high) = (low.min(worth), high.max(worth));
                });
                if low > high || told {
                    continue;
                }
                let what = format!("the highest utility in `{}` under `{}`", own.name, strategy.name);
                told |= !comparisons.at_most(&own.name, &what, 1.0, high);
                let text = || {
                    format!(
                        "the lowest utility in `{}` under `{}` is {}, worse than death",
                        own.name,
                        strategy.name,
                        number(low)
                    )
                };
                told |= match low >= -1.0 {
                    true => !comparisons.advisable(&own.name, low >= -1e-12, text),
                    false => !comparisons.holds(&own.name, false, text),
                };
            }
        }
    }
    comparisons.verdict("quality of life does not accrue by the year")
}
