use super::costs::{NO_COST, raised};
use crate::prelude::*;
use arcosim_core::model::reward_lines::{Reading, RewardAt};
use arcosim_core::model::{Expr, Function};
use arcosim_scenario::parameters::Kind;

pub static R27: Check = Check {
    id: "R27",
    title: "Every price is incurred whenever its event occurs",
    why: "What a plain price adds without discounting, divided by the price, is the number of times that it is paid: it must be the \
          number of moves, starts or years that the flow of patients counts for the same occasion, and under at least one \
          strategy more than none. A price that changes no total belongs to a reward that never accrues.",
    hint: "Look at the timing of the reward that reads the price, and at the strategies it is limited to.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let Some(cost) = evidence.cost() else {
        return Verdict::skip(NO_COST);
    };
    let model = evidence.model;
    let mut comparisons = Comparisons::new("prices paid are occasions counted", EXACT);
    let counts = evidence.counts();
    for (l, line) in evidence.paths.lines.iter().enumerate() {
        let reward = &model.rewards[line.reward];
        let Some(price) = plain_price(evidence, &reward.amount).filter(|_| line.outcome(model) == cost)
        else {
            continue;
        };
        for (arm, strategy) in model.strategies.iter().enumerate() {
            // Those who are not eligible follow another strategy, whose rewards and prices are theirs.
            let follows = strategy.otherwise.is_some() || !strategy.substitutions.is_empty();
            if follows || !reward.given_under(arm) || price == 0.0 {
                continue;
            }
            let own = &counts.strategies[arm];
            let sum = |all: &[f64]| all.iter().sum::<f64>() / counts.patients;
            let due = match line.at {
                RewardAt::In(state, Reading::Any) => sum(&own.occupancy[state]),
                RewardAt::Edge(e) => sum(&own.moves[e]),
                RewardAt::Start => match reward.when.procedures() {
                    None if reward.when.only_at_start() => 1.0,
                    Some(branches) => {
                        let taken = branches.iter().filter(|(of, _)| *of == arm);
                        taken.map(|(_, b)| own.procedure[*b]).sum::<f64>() / counts.patients
                    }
                    None => continue,
                },
                RewardAt::In(..) => continue,
            };
            let times = sum(&own.lines[l]) / price;
            let what = format!("how often reward `{}` falls under `{}`", reward.name, strategy.name);
            comparisons.same_by(&reward.name, &what, (due, times), 1.0);
        }
    }
    let prices = evidence.of_kind(Kind::Cost);
    let base = evidence.totals_of(model, &evidence.base);
    for (&p, totals) in prices.iter().zip(&raised(evidence, &prices)) {
        let name = &model.parameters[p].name;
        let moves = |(new, old): (&Vec<f64>, &Vec<f64>)| {
            new.iter().zip(old).any(|(x, y)| (x - y).abs() > 1e-13 * y.abs().max(1e-9))
        };
        let paid = totals.iter().zip(&base).any(moves);
        comparisons.advisable(name, paid, || format!("`{name}` changes no total: it is never incurred"));
    }
    comparisons.verdict("the parameter table has no costs")
}

/// The price that an amount consists of, with its sign.
fn plain_price(evidence: &Evidence, amount: &Expr) -> Option<f64> {
    match amount {
        Expr::Parameter(p) if evidence.kind(*p) == Kind::Cost => Some(evidence.base[*p]),
        Expr::Call(Function::Negate, parts) => Some(-plain_price(evidence, &parts[0])?),
        _ => None,
    }
}
