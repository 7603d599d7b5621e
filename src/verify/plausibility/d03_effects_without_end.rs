use crate::prelude::*;

pub static D03: Check = Check {
    id: "D03",
    title: "Effects have an end if their evidence has one",
    why: "A strategy states the length of follow-up of its studies, but its full effect continues until the time \
          horizon. This assumes an effect that never wanes, without evidence.",
    hint: "Specify when the full effect ends (`full_until`) and when it is lost (`gone_after`), or waive the finding \
           with a reason.",
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
                    "an effect of `{}` is full for the entire {} years, but its follow-up ends after {}",
                    strategy.name,
                    number(horizon),
                    number(evidence)
                )
            });
        }
    }
    comparisons.verdict("no strategy with an effect states its length of follow-up")
}
