use crate::prelude::*;
use arcosim_scenario::parameters::Kind;

pub static S28: Check = Check {
    id: "S28",
    title: "The decision weighs money against health",
    why: "The outcome that the decision calls cost must be made of costs, and the one it calls effect must not: swapped, every ratio \
          is upside down. The effect should be time lived or its quality, counted by the year: a number of events that is to be \
          avoided makes more harm look better. Where one outcome weighs time by quality of life, the decision should not be made \
          with another.",
    hint: "See `cost` and `effect` under [decision].",
    basis: "own",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let Some(decision) = &evidence.scenario.decision else {
        return Verdict::skip("nothing is to be decided");
    };
    let mut comparisons = Comparisons::new("a cost made of costs and an effect made of time lived", 0.0);
    let health = [Kind::Utility, Kind::Disutility];
    let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o].name);
    let of_health = evidence.outcome_reads(decision.cost, &health)
        && !evidence.outcome_reads(decision.cost, &[Kind::Cost]);
    comparisons.holds(cost, !of_health, || {
        format!("the decision pays `{cost}`, to which utilities add and no costs")
    });
    let of_costs = evidence.outcome_reads(decision.effect, &[Kind::Cost])
        && !evidence.outcome_reads(decision.effect, &health);
    comparisons.holds(effect, !of_costs, || {
        format!("the decision gains `{effect}`, to which costs add and no utilities")
    });
    let mut gains = model.rewards.iter().filter(|r| r.outcome(model) == decision.effect);
    let by_year = gains.any(|r| r.when.accrues());
    comparisons.advisable(effect, by_year, || {
        format!("the effect `{effect}` counts events and no time lived: is more of it better?")
    });
    let elsewhere = (0..model.outcomes.len())
        .find(|&o| o != decision.effect && evidence.outcome_reads(o, &[Kind::Utility]));
    let other = elsewhere.filter(|_| !evidence.outcome_reads(decision.effect, &health));
    comparisons.advisable(effect, other.is_none(), || {
        let other = other.map_or("", |o| &model.outcomes[o].name);
        format!("the decision gains `{effect}`, to which no utility adds, and not `{other}`")
    });
    comparisons.verdict("nothing to compare")
}
