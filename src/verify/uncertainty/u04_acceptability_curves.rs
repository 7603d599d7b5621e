use crate::prelude::*;

pub static U04: Check = Check {
    id: "U04",
    title: "Acceptability curves sum to one, start with the cheapest strategy and distinguish strategies",
    why: "At each threshold, every draw has one best strategy, so the probabilities of all strategies must add up to \
          1. At a threshold of 0, the cheapest strategy is best, and at the thresholds of the decision the curves \
          must equal the number of draws in which each strategy is best. Two strategies with the same cost and effect \
          in most draws are reported: the curve assigns these draws to the first strategy, and the second is usually \
          not connected to its own costs or effects.",
    hint: "If two strategies do not differ, check the effects, costs and `like` of the second strategy. Please report \
           any other finding with the scenario files.",
    basis: "TECH-VER",
    quick: true,
    needs: &[Need::Answers],
    run,
};

fn run(evidence: &Evidence) -> Verdict {
    let (psa, answers) = match evidence.answers() {
        Ok(found) => found,
        Err(why) => return Verdict::skip(why),
    };
    let mut comparisons = Comparisons::new("probabilities that add up to 1 and agree with the draws", EXACT);
    let strategies = &evidence.model.strategies;
    let offer = &answers.on_offer;
    let draws = psa.totals.len();
    for (k, threshold) in answers.grid.iter().enumerate() {
        let sum: f64 = answers.acceptability.probability.iter().map(|curve| curve[k]).sum();
        let what = format!("the sum of all acceptability curves at a threshold of {}", number(*threshold));
        comparisons.same("acceptability", &what, 1.0, sum);
    }
    for threshold in std::iter::once(0.0).chain(answers.thresholds.iter().copied()) {
        let k = answers.at(threshold);
        let mut wins = vec![0.0; offer.len()];
        for d in 0..draws {
            let worth = |i: &usize| threshold * answers.effects[offer[*i]][d] - answers.costs[offer[*i]][d];
            let best = (0..offer.len()).reduce(|a, b| if worth(&b) > worth(&a) { b } else { a });
            if let Some(best) = best {
                wins[best] += 1.0 / draws as f64;
            }
        }
        for ((curve, wins), &s) in answers.acceptability.probability.iter().zip(&wins).zip(offer) {
            let what = format!(
                "the probability that `{}` is best at a threshold of {}",
                strategies[s].name,
                number(threshold)
            );
            comparisons.same_by(&strategies[s].name, &what, (*wins, curve[k]), 1.0);
        }
    }
    for (i, &a) in offer.iter().enumerate() {
        for &b in &offer[i + 1..] {
            let close = |x: f64, y: f64| (x - y).abs() <= EXACT * x.abs().max(y.abs());
            let tied = |d: &usize| {
                close(answers.costs[a][*d], answers.costs[b][*d])
                    && close(answers.effects[a][*d], answers.effects[b][*d])
            };
            let share = (0..draws).filter(tied).count() as f64 / draws as f64;
            comparisons.advisable(&strategies[b].name, share <= 0.5, || {
                format!(
                    "`{}` and `{}` have the same cost and the same effect in {}% of the draws",
                    strategies[a].name,
                    strategies[b].name,
                    number(100.0 * share)
                )
            });
        }
    }
    comparisons.verdict("the decision has no strategies to choose from")
}
