use crate::prelude::*;
use crate::yearly_amounts::{each_worth, yearly_quality};

pub static S19: Check = Check {
    id: "S19",
    title: "No year is worth more than a year in full health",
    why: "All that a year in a state adds to quality-adjusted life is summed, gains and losses together, for every strategy, kind \
          of patient and cycle. Full health is 1: more than that means that something is added twice, that a gain was put on \
          top of full health, or that a loss has the wrong sign. Below 0 is worse than death, and worth asking about; below -1 \
          no instrument goes.",
    hint: "The finding names state and strategy; see all rewards that are counted in that state, and whether losses say `loss`.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let mut comparisons = Comparisons::new("a year in any state is worth between 0 and 1", 1e-9);
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
                let what = format!("a year in `{}` under `{}`, at its best,", own.name, strategy.name);
                told |= !comparisons.at_most(&own.name, &what, 1.0, high);
                let text = || {
                    format!(
                        "a year in `{}` under `{}` is worth {} at its worst, less than death",
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
    comparisons.verdict("quality of life is not counted by the year")
}
