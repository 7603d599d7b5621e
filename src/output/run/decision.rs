//! What the base case says about the decision, in the words that the console and `README.txt` share.

use super::conventions::name;
use crate::analysis::cost_effectiveness::CostEffectiveness;
use crate::analysis::curves::Source;
use crate::analysis::run::RunAnswer;
use crate::economics::Status;
use crate::model::{Decision, Model, Threshold};
use crate::output::amounts::singular;
use crate::output::prices::price;

/// What became of a strategy, in words.
pub fn status<'a>(status: Status, name: impl Fn(usize) -> &'a str) -> String {
    match status {
        Status::Frontier => "frontier".into(),
        Status::Dominated { by } => format!("dominated by {}", name(by)),
        Status::ExtendedlyDominated { between } => {
            format!("extendedly dominated by {} and {}", name(between.0), name(between.1))
        }
        Status::Equal { to } => format!("equal to {}", name(to)),
        Status::NotOnOffer => "bound: not on offer".into(),
    }
}

/// A threshold with who set it: `GBP 25,000 per QALY (2026-04, NICE)`.
pub fn threshold_words(model: &Model, decision: &Decision, threshold: &Threshold) -> String {
    let known = [threshold.date.as_str(), threshold.source.as_str()];
    let known: Vec<&str> = known.into_iter().filter(|word| !word.is_empty()).collect();
    format!("{} ({})", price(model, decision, threshold.value), known.join(", "))
}

/// One sentence for every threshold: who has the highest net benefit there.
pub fn best_sentences(model: &Model, decision: &Decision, found: &CostEffectiveness) -> Vec<String> {
    let thresholds = decision.thresholds.iter().zip(&found.best);
    thresholds
        .map(|(threshold, best)| {
            let names: Vec<&str> = best.iter().map(|&s| model.strategies[s].label.as_str()).collect();
            let equal = if names.len() > 1 { ", which do not differ" } else { "" };
            format!("At {}: {}{equal}.", threshold_words(model, decision, threshold), names.join(" and "))
        })
        .collect()
}

/// Where the best choice changes, in one sentence.
pub fn switch_sentence(model: &Model, decision: &Decision, found: &CostEffectiveness) -> String {
    let label = |s: usize| model.strategies[s].label.as_str();
    let changes: Vec<String> = (found.switches.iter())
        .map(|point| {
            format!(
                "from {} to {} at {}",
                label(point.from),
                label(point.to),
                price(model, decision, point.threshold)
            )
        })
        .collect();
    match changes.is_empty() {
        false => format!("The best choice changes {}.", changes.join(", and ")),
        true => match found.table.frontier().first() {
            Some(&only) => format!("{} is best at every threshold.", label(only)),
            None => "No strategy is on offer.".into(),
        },
    }
}

/// Why the numbers are not expectations, where they are not.
pub fn source_remark(found: &CostEffectiveness) -> Option<&'static str> {
    (found.source == Source::Microsimulation).then_some(
        "These are means of simulated patients: strategies that differ by little more than the standard errors of their \
         increments may change places with another seed. The exact engine has no such error.",
    )
}

/// How to read the tables of the decision, in paragraphs.
pub fn reading(run: &RunAnswer) -> Vec<String> {
    let (Some(decision), Some(found)) = (&run.scenario.decision, &run.economics) else {
        return Vec::new();
    };
    let model = run.model();
    let found = match found {
        Ok(found) => found,
        Err(why) => return vec![format!("There is none: {why}.")],
    };
    let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o]);
    let mut sentences = vec![
        format!(
            "Paid is {}, gained is {}. incremental.csv sorts all strategies on offer by cost and compares each \
             with the one before it on the frontier; the ICER is what one more {} costs by that step.",
            name(cost),
            name(effect),
            singular(&effect.unit)
        ),
        "Dominated: another strategy gains no less and costs no more, and is better in one of both. Extendedly \
         dominated: some mix of two other strategies gains more at the same cost. Neither has an ICER: nobody who can \
         choose would choose it at any threshold, and a ratio would invite to."
            .to_string(),
        "pairwise.csv compares with the reference alone. A ratio where a strategy costs less and loses effect is a \
         saving per unit lost: there a larger number speaks for the strategy."
            .to_string(),
        "Net benefit is threshold x effect - cost (in health: effect - cost / threshold). It can be compared between \
         any strategies, which ratios cannot; the highest is the best choice."
            .to_string(),
    ];
    let bounds: Vec<&str> = (model.strategies.iter().filter(|s| s.bound)).map(|s| s.label.as_str()).collect();
    if !bounds.is_empty() {
        sentences.push(format!(
            "Bounds are limits and not on offer; they take no part in the comparison and can be best at no threshold: \
             {}.",
            bounds.join(", ")
        ));
    }
    sentences.extend(source_remark(found).map(String::from));
    if run.breakdown.is_some() && model.strategies.len() > 1 {
        sentences.push(
            "Why: increment_breakdown.csv has every increment by category and place; its rows add to the increment. \
             increment_by_state.csv says how many years are spent in each state and what a year there is worth, and \
             splits the increment into years won or lost and years of another value: where a treatment only puts off a \
             state, years move from one row to another, and what counts is the difference of their values. \
             increment_beyond_evidence.csv says how much of it no data have seen."
                .to_string(),
        );
    }
    sentences.push("The strategy on offer with the highest net benefit:".into());
    sentences.extend(best_sentences(model, decision, found).iter().map(|s| format!("- {s}")));
    sentences.push(switch_sentence(model, decision, found));
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_says_who() {
        let name = |s: usize| ["a", "b", "c"][s];
        assert_eq!(status(Status::Dominated { by: 1 }, name), "dominated by b");
        let between = (0, 2);
        assert_eq!(status(Status::ExtendedlyDominated { between }, name), "extendedly dominated by a and c");
        assert_eq!(status(Status::Equal { to: 0 }, name), "equal to a");
    }
}
