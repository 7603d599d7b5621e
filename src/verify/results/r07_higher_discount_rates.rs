use super::discounting::{NO_DISCOUNTING, discounted};
use super::itemised::{Itemised, mixed};
use crate::prelude::*;
use crate::transform::without_discounting;
use arcosim_core::model::{Compounding, Discount, Expr};

pub static R07: Check = Check {
    id: "R07",
    title: "A higher discount rate reduces the value of later amounts",
    why: "The amount of each reward is calculated without discounting, with the discount rates of the scenario, at \
          twice these rates and at an extreme rate. It must not increase from one to the next. If it does, \
          discounting increases the value of later costs or effects instead of reducing it.",
    hint: "Check the sign of the discount rate, and the year from which discounting applies.",
    basis: "TECH-VER",
    quick: false,
    needs: &[Need::Counts],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let model = evidence.model;
    let outcomes: Vec<usize> = discounted(model).into_iter().map(|(o, _)| o).collect();
    if outcomes.is_empty() {
        return Verdict::skip(NO_DISCOUNTING);
    }
    let with = |change: &dyn Fn(&mut Discount)| {
        let mut altered = model.clone();
        altered.outcomes.iter_mut().filter_map(|o| o.discount.as_mut()).for_each(change);
        altered
    };
    let twice = |discount: &mut Discount| {
        for (_, rate) in &mut discount.rates {
            let own = std::mem::replace(rate, Expr::Number(2.0));
            *rate = own.times(Expr::Number(2.0));
        }
    };
    let extreme = |discount: &mut Discount| {
        discount.rates = vec![(0.0, Expr::Number(1e300))];
        if discount.compounding == Compounding::Annual {
            discount.compounding = Compounding::Continuous;
        }
    };
    let models = [without_discounting(model), model.clone(), with(&twice), with(&extreme)];
    let itemised: Vec<Itemised> = models.iter().map(|own| Itemised::plain(own, &outcomes)).collect();
    let totals: Vec<_> = itemised.iter().map(|own| own.totals(evidence, &evidence.base)).collect();
    let mut comparisons = Comparisons::new("amounts that decrease as the rate increases", EXACT);
    for (i, item) in itemised[0].items.iter().enumerate() {
        let Some(r) = item.reward else { continue };
        let outcome = &model.outcomes[item.outcome].name;
        for (arm, strategy) in model.strategies.iter().enumerate() {
            // A reward with both gains and losses may increase with the discount rate if its losses occur later.
            if mixed(evidence, arm, |line| line.reward == r) {
                continue;
            }
            let [plain, base, twice, extreme] = [0, 1, 2, 3].map(|m: usize| totals[m][arm][i].abs());
            let name = &model.rewards[r].name;
            let what = |rate: &str| format!("the amount of reward `{name}` under `{}` {rate}", strategy.name);
            comparisons.at_most(outcome, &what("with discounting"), plain, base);
            comparisons.at_most(outcome, &what("at twice the rate"), base, twice);
            comparisons.at_most(outcome, &what("at an extreme rate"), twice, extreme);
        }
    }
    comparisons.verdict("no reward adds to a discounted outcome")
}
