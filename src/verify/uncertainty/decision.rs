//! What the draws say about the decision: acceptability and the value of information.

use super::super::check::{Check, Verdict};
use super::super::subject::Subject;
use super::super::tally::{EXACT, Tally, number};
use super::shared::{information, sampled};
use arcosim_analysis::psa::Psa;
use arcosim_analysis::psa::answers::Answers;

/// The draws and what they say about the decision; why there is nothing, otherwise.
pub fn answers<'s>(subject: &'s Subject) -> Result<(&'s Psa, Answers), String> {
    let Some(decision) = &subject.scenario.decision else {
        return Err("there is no [decision]".into());
    };
    let psa = sampled(subject)?;
    let answers = Answers::new(subject.model, decision, psa, None);
    answers.map(|answers| (psa, answers)).map_err(|why| format!("the draws cannot be compared: {why}"))
}

pub static U04: Check = Check {
    id: "U04",
    title: "Acceptability curves add to one, begin with the cheapest strategy and can tell strategies apart",
    why: "At each threshold every draw has one best strategy, so that the probabilities of all strategies add to one; at a \
          threshold of 0 the cheapest is best; and at the thresholds of the decision the curves must be what one counts in \
          the draws by hand. Two strategies on offer that cost and gain the same in most draws are reported: the curve gives \
          such draws to the first of them, and one of the two is usually not wired to its own costs or effects.",
    hint: "Two strategies that never differ: look for effects, costs and `like` of the second. Otherwise report it.",
    basis: "TECH-VER",
    quick: true,
    run: u04,
};

fn u04(subject: &Subject) -> Verdict {
    let (psa, answers) = match answers(subject) {
        Ok(found) => found,
        Err(why) => return Verdict::skip(why),
    };
    let mut tally = Tally::new("acceptability adds to 1 and is what the draws show", EXACT);
    let strategies = &subject.model.strategies;
    let offer = &answers.on_offer;
    let draws = psa.totals.len();
    for (k, threshold) in answers.grid.iter().enumerate() {
        let sum: f64 = answers.acceptability.probability.iter().map(|curve| curve[k]).sum();
        let what = format!("the sum of all acceptability curves at a threshold of {}", number(*threshold));
        tally.same("acceptability", &what, 1.0, sum);
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
            let what =
                format!("how often `{}` is best at a threshold of {}", strategies[s].name, number(threshold));
            tally.same_by(&strategies[s].name, &what, (*wins, curve[k]), 1.0);
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
            tally.advisable(&strategies[b].name, share <= 0.5, || {
                format!(
                    "`{}` and `{}` have the same cost and the same effect in {} % of the draws",
                    strategies[a].name,
                    strategies[b].name,
                    number(100.0 * share)
                )
            });
        }
    }
    tally.verdict("nothing is on offer")
}

pub static U05: Check = Check {
    id: "U05",
    title: "Perfect information is worth at least as much as partial information, and never less than nothing",
    why: "The expected value of perfect information is worked out again from the net benefits of the draws: the mean of the best \
          less the best of the means. It cannot be negative, and knowing one parameter cannot be worth more than knowing all \
          of them. In a full look the parameters that are most worth knowing are named.",
    hint: "Report it: the values follow from the draws, whatever the scenario says.",
    basis: "TECH-VER",
    quick: true,
    run: u05,
};

fn u05(subject: &Subject) -> Verdict {
    let (psa, answers) = match answers(subject) {
        Ok(found) => found,
        Err(why) => return Verdict::skip(why),
    };
    if answers.on_offer.len() < 2 {
        return Verdict::skip("there is nothing to choose between");
    }
    let mut tally = Tally::new("EVPI is not negative, as the draws have it, and not below any EVPPI", EXACT);
    let draws = psa.totals.len();
    for &threshold in &answers.thresholds {
        let benefits = answers.benefits(threshold);
        let best: f64 = (0..draws).map(|d| benefits.iter().map(|b| b[d]).fold(f64::MIN, f64::max)).sum();
        let means = benefits.iter().map(|b| b.iter().sum::<f64>());
        let by_hand = (best - means.fold(f64::MIN, f64::max)) / draws as f64;
        let scale = benefits.iter().flatten().fold(0.0, |most: f64, b| most.max(b.abs()));
        let evpi = answers.loss.evpi[answers.at(threshold)].value;
        let what = format!("the EVPI at a threshold of {}", number(threshold));
        tally.same_by("EVPI", &what, (by_hand, evpi), scale);
        tally.holds("EVPI", evpi >= 0.0, || format!("{what} is {}", number(evpi)));
    }
    if !subject.quick {
        let lead = answers.thresholds[0];
        let evpi = answers.loss.evpi[answers.at(lead)].value;
        match information(subject, psa, &answers.benefits(lead)) {
            Err(why) => {
                tally.fail("EVPPI", format!("the value of partial information cannot be worked out: {why}"))
            }
            Ok(all) => {
                for own in all {
                    let what = format!("what it is worth to know `{}`", own.name);
                    tally.at_most(&own.name, &what, evpi, own.value);
                    tally.holds(&own.name, own.value >= 0.0, || format!("{what} is {}", number(own.value)));
                }
                let mut largest: Vec<_> = all.iter().filter(|own| own.value > 0.0).collect();
                largest.sort_by(|a, b| b.value.total_cmp(&a.value));
                let words = largest.iter().take(3).map(|own| format!("`{}` {}", own.name, number(own.value)));
                let words: Vec<String> = words.collect();
                tally.note(format!(
                    "at a threshold of {} to know everything is worth {} a patient{}",
                    number(lead),
                    number(evpi),
                    if words.is_empty() {
                        String::new()
                    } else {
                        format!(", and most of it {}", words.join(", "))
                    }
                ));
            }
        }
    }
    tally.verdict("nothing is on offer")
}
