use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S28: Check = Check {
    id: "S28",
    title: "The decision compares costs with health effects",
    why: "The cost outcome of the decision must consist of costs, and the effect outcome must not; if they are \
          swapped, every ICER is inverted. The effect should be life years or QALYs, which accrue over time: if it \
          is a number of events to be avoided, more harm appears better. If an outcome weights time by quality of \
          life, the decision should use it.",
    hint: "Check `cost` and `effect` under [decision].",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(decision) = &evidence.scenario.decision else {
        return Verdict::skip(absent::DECISION);
    };
    let mut comparisons =
        Comparisons::new("a cost outcome of costs and an effect outcome of life years or QALYs", 0.0);
    let health = [Kind::Utility, Kind::Disutility];
    let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o].name);
    let of_health = evidence.outcome_reads(decision.cost, &health)
        && !evidence.outcome_reads(decision.cost, &[Kind::Cost]);
    comparisons.holds(cost, !of_health, || {
        format!("the cost outcome `{cost}` consists of utilities and contains no costs")
    });
    let of_costs = evidence.outcome_reads(decision.effect, &[Kind::Cost])
        && !evidence.outcome_reads(decision.effect, &health);
    comparisons.holds(effect, !of_costs, || {
        format!("the effect outcome `{effect}` consists of costs and contains no utilities")
    });
    let mut gains = model.rewards.iter().filter(|r| r.outcome(model) == decision.effect);
    let by_year = gains.any(|r| r.when.accrues());
    comparisons.advisable(effect, by_year, || {
        format!("the effect `{effect}` counts events rather than life years or QALYs: is more of it better?")
    });
    let elsewhere = (0..model.outcomes.len())
        .find(|&o| o != decision.effect && evidence.outcome_reads(o, &[Kind::Utility]));
    let other = elsewhere.filter(|_| !evidence.outcome_reads(decision.effect, &health));
    comparisons.advisable(effect, other.is_none(), || {
        let other = other.map_or("", |o| &model.outcomes[o].name);
        format!("the decision uses `{effect}`, which contains no utilities, instead of `{other}`")
    });
    comparisons.verdict("nothing to compare")
}
