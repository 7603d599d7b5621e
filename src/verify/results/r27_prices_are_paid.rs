use super::costs::{NO_COST, raised};
use crate::prelude::*;
use arcosim_core::model::reward_lines::{Reading, RewardAt};
use arcosim_core::model::{Expr, Function};
use arcosim_scenario::parameters::Kind;

pub static R27: Check = Check {
    id: "R27",
    title: "Every price is incurred whenever its event occurs",
    why: "The undiscounted amount of a reward, divided by its price, is the number of times that the price is paid. \
          It must equal the number of moves, starts or years that are counted for the same event. A price that is \
          paid too often or too rarely makes total costs wrong, and a price that changes no total is never incurred.",
    hint: "Check the timing of the reward that uses the price, and the strategies to which it is limited.",
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
    let mut comparisons = Comparisons::new("as many payments of a price as events", EXACT);
    let counts = evidence.counts();
    for (l, line) in evidence.paths.lines.iter().enumerate() {
        let reward = &model.rewards[line.reward];
        let Some(price) = plain_price(evidence, &reward.amount).filter(|_| line.outcome(model) == cost)
        else {
            continue;
        };
        for (arm, strategy) in model.strategies.iter().enumerate() {
            // Excluded, because ineligible patients follow another strategy, with the rewards and prices of that
            // strategy.
            let follows = strategy.otherwise.is_some() || !strategy.substitutions.is_empty();
            if follows || !reward.given_under(arm) || price == 0.0 {
                continue;
            }
            let own = &counts.strategies[arm];
            let sum = |all: &[f64]| all.iter().sum::<f64>() / counts.patients;
            let due = match line.at {
                // In continuous time amounts are those of each cycle, and the price is one per year.
                RewardAt::In(state, _) if model.time.continuous() => own.accrued.undiscounted_years[state],
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
            let what = format!(
                "the number of payments of reward `{}` per patient under `{}`",
                reward.name, strategy.name
            );
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
        comparisons
            .advisable(name, paid, || format!("the price `{name}` changes no total: it is never incurred"));
    }
    comparisons.verdict("the parameter table has no costs")
}

/// Price with its sign, if an amount consists of a price only; `None` otherwise.
fn plain_price(evidence: &Evidence, amount: &Expr) -> Option<f64> {
    match amount {
        Expr::Parameter(p) if evidence.kind(*p) == Kind::Cost => Some(evidence.base[*p]),
        Expr::Call(Function::Negate, parts) => Some(-plain_price(evidence, &parts[0])?),
        _ => None,
    }
}
