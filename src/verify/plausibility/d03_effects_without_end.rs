use crate::prelude::*;

pub static D03: Check = Check {
    id: "D03",
    title: "Effects end where their evidence does not go on for ever",
    why: "A strategy that says how long its studies followed their patients, and whose effect is full until the horizon, takes for \
          granted what nobody has seen: an effect that never wanes.",
    hint: "Say until when the effect is full (`full_until`) and when it is gone (`gone_after`), or waive this with the reason.",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let horizon = model.time.years(model.time.cycles);
    let mut comparisons = Comparisons::new("effects with an end", 0.0);
    for strategy in &model.strategies {
        let Some(evidence) = strategy.evidence_until.filter(|years| *years < horizon) else {
            continue;
        };
        for effect in &strategy.effects {
            comparisons.advisable(&strategy.name, effect.full_until.is_some(), || {
                format!(
                    "an effect of `{}` is full for all of {} years, and its evidence ends after {}",
                    strategy.name,
                    number(horizon),
                    number(evidence)
                )
            });
        }
    }
    comparisons.verdict("no strategy with an effect says how far its evidence reaches")
}
