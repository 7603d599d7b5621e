use super::health_outcomes::{NO_QALYS, added_utilities, qaly_outcomes};
use super::itemised::{Item, Itemised};
use super::typed_numbers::{reads_others, typed_numbers};
use crate::prelude::*;
use crate::reading::parameters_in;
use crate::transform::without_discounting;
use arcosim_scenario::parameters::Kind;

pub static R14: Check = Check {
    id: "R14",
    title: "Mean utility does not exceed that of the best state",
    why: "QALYs per life year, without discounting and one-off amounts, are a mean of the utilities of the states. A \
          mean above the highest utility of the parameter table means that utilities are added up by mistake, or that \
          life years are missing. A mean below the lowest utility means that some years have no utility. In both \
          cases, QALYs are wrong.",
    hint: "Compare the utility of each state in the outcome tables with its source; R01 and S19 identify the state.",
    basis: "TECH-VER",
    quick: true,
    needs: &[],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let outcomes = qaly_outcomes(evidence);
    if outcomes.is_empty() {
        return Verdict::skip(NO_QALYS);
    }
    let model = without_discounting(evidence.model);
    let itemised = Itemised::plain(&model, &outcomes);
    let totals = itemised.totals(evidence, &evidence.base);
    let mut comparisons =
        Comparisons::new("QALYs per life year between the lowest and the highest utility", 0.0);
    for &o in &outcomes {
        let read = |kind: Kind| {
            let rewards = model.rewards.iter().filter(|r| r.outcome(&model) == o);
            let mut all: Vec<usize> = rewards.flat_map(|r| parameters_in(&r.amount, None)).collect();
            all.retain(|&p| evidence.kind(p) == kind);
            all.sort_unstable();
            all.dedup();
            all
        };
        let gains = added_utilities(evidence, &outcomes);
        let own = &evidence.base;
        // A value that replaces a utility under a strategy is also a utility.
        let mut stand_in: Vec<f64> = Vec::new();
        for strategy in &model.strategies {
            let values = strategy.parameters(&model, &evidence.base);
            stand_in.extend(
                strategy
                    .substitutions
                    .iter()
                    .filter(|(p, _)| evidence.kind(*p) == Kind::Utility)
                    .map(|(p, _)| values[*p]),
            );
        }
        // In a formula such as `if(state == ill, utility.ill, 1)`, the typed number is a utility.
        let mut typed: Vec<f64> = Vec::new();
        for reward in model.rewards.iter().filter(|r| r.outcome(&model) == o) {
            typed_numbers(&reward.amount, &mut typed);
        }
        typed.retain(|x| *x > 0.0 && *x <= 1.0);
        let utilities: Vec<f64> = read(Kind::Utility)
            .into_iter()
            .filter(|p| !gains.contains(p))
            .map(|p| own[p])
            .chain(stand_in)
            .chain(typed)
            .collect();
        let extra: f64 = gains.iter().map(|&p| own[p].max(0.0)).sum();
        let losses: f64 = read(Kind::Disutility).into_iter().map(|p| own[p].max(0.0)).sum();
        let negative: f64 = read(Kind::Disutility).into_iter().map(|p| (-own[p]).max(0.0)).sum();
        let high = utilities.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b)) + extra + negative;
        let low = utilities.iter().fold(f64::INFINITY, |a, &b| a.min(b)) - losses;
        let scaled =
            model.rewards.iter().filter(|r| r.outcome(&model) == o).any(|r| {
                reads_others(evidence, &r.amount, &[Kind::Utility, Kind::Disutility]) || r.reads().age
            });
        for (strategy, own) in model.strategies.iter().zip(&totals) {
            let alive =
                |item: &Item| item.state.is_some_and(|s| !evidence.is_dead(s) || !evidence.is_surely_dead(s));
            let years = itemised.sum(own, o, |item| item.reward.is_none() && alive(item));
            let gained = itemised.sum(own, o, |item| item.reward.is_some() && item.state.is_some());
            if years <= 0.0 {
                continue;
            }
            let mean = gained / years;
            let text = |limit: f64, word: &str| {
                format!(
                    "the mean utility of a year under `{}` is {} in `{}`, {word} {}",
                    strategy.name,
                    number(mean),
                    model.outcomes[o].name,
                    number(limit)
                )
            };
            let fine = mean <= high + 1e-9;
            match scaled {
                true => {
                    comparisons.advisable(&strategy.name, fine, || text(high, "above the highest utility of"))
                }
                false => {
                    comparisons.holds(&strategy.name, fine, || text(high, "above the highest utility of"))
                }
            };
            if !scaled {
                comparisons.advisable(&strategy.name, mean >= low - 1e-9, || {
                    text(low, "below the lowest utility minus all losses of")
                });
            }
        }
    }
    comparisons.verdict(NO_QALYS)
}
