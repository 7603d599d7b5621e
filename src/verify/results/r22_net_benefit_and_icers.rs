use super::incremental_analysis::{NO_DECISION, table};
use crate::prelude::*;
use arcosim_core::economics::{Status, nmb};

pub static R22: Check = Check {
    id: "R22",
    title: "Net benefit and ICERs select the same strategy at each threshold",
    why: "At each threshold of the decision, the strategy with the highest net benefit must be the last strategy on \
          the frontier whose ICER does not exceed the threshold. Otherwise, the tables of ICERs and of net benefit \
          recommend different strategies.",
    hint: "This is an error in arcosim, not in the scenario; please report it with the scenario files.",
    basis: "own",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (Some(decision), Some((costs, effects, table))) = (&evidence.scenario.decision, table(evidence))
    else {
        return Verdict::skip(NO_DECISION);
    };
    let model = evidence.model;
    let mut comparisons = Comparisons::new("the same strategy by ICERs and by net benefit", 0.0);
    for threshold in decision.thresholds.iter().map(|t| t.value) {
        let mut chain = table.rows.iter().filter(|row| row.status == Status::Frontier);
        let chosen = chain.rfind(|row| row.step.is_none_or(|step| step.icer <= threshold));
        let Some(chosen) = chosen else { continue };
        let worth = |s: usize| nmb(costs[s], effects[s], threshold);
        let offered = (0..costs.len()).filter(|&s| !model.strategies[s].bound);
        let best = offered.fold(chosen.strategy, |best, s| if worth(s) > worth(best) { s } else { best });
        let name = &model.strategies[chosen.strategy].name;
        let size = costs[best].abs() + threshold * effects[best].abs();
        comparisons.holds(name, worth(best) - worth(chosen.strategy) <= 1e-9 * size, || {
            format!(
                "at a threshold of {}, ICERs select `{name}`, but net benefit selects `{}`",
                number(threshold),
                model.strategies[best].name
            )
        });
    }
    comparisons.verdict(NO_DECISION)
}
