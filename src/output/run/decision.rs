//! Cost-effectiveness results of the base case in words, for the console and `README.txt`.

use super::conventions::name;
use super::subgroups;
use crate::analysis::cost_effectiveness::CostEffectiveness;
use crate::analysis::curves::Source;
use crate::analysis::run::RunAnswer;
use crate::economics::Status;
use crate::model::{Decision, Model, Threshold};
use crate::output::amounts::singular;
use crate::output::prices::price;

/// The status of a strategy in the incremental analysis, in words.
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

/// A threshold with its date and source, such as `GBP 25,000 per QALY (2026-04, NICE)`.
pub fn threshold_words(model: &Model, decision: &Decision, threshold: &Threshold) -> String {
    let known = [threshold.date.as_str(), threshold.source.as_str()];
    let known: Vec<&str> = known.into_iter().filter(|word| !word.is_empty()).collect();
    format!("{} ({})", price(model, decision, threshold.value), known.join(", "))
}

/// One sentence for each threshold with the strategy of highest net benefit.
pub fn best_sentences(model: &Model, decision: &Decision, found: &CostEffectiveness) -> Vec<String> {
    let thresholds = decision.thresholds.iter().zip(&found.best);
    thresholds
        .map(|(threshold, best)| {
            let names: Vec<&str> = best.iter().map(|&s| model.strategies[s].label.as_str()).collect();
            let equal = if names.len() > 1 { " (no difference)" } else { "" };
            format!("At {}: {}{equal}.", threshold_words(model, decision, threshold), names.join(" and "))
        })
        .collect()
}

/// One sentence with the thresholds at which the optimal strategy changes.
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
            Some(&only) => format!("{} is the best choice at every threshold.", label(only)),
            None => "No strategy is on offer.".into(),
        },
    }
}

/// For each perspective: one sentence with the strategy of highest net benefit at every threshold.
pub fn perspective_sentences(run: &RunAnswer) -> Vec<String> {
    let each = run.perspectives.iter().map(|(one, decision, found)| {
        format!("{} pays: {}", one.label, best_sentences(run.model(), decision, found).join(" "))
    });
    each.collect()
}

/// A warning if the results have Monte Carlo error.
pub fn source_remark(found: &CostEffectiveness) -> Option<&'static str> {
    (found.source == Source::Microsimulation).then_some(
        "These results are means of simulated patients: the ranking of strategies whose difference is close to its standard \
         error may change with another seed. The exact engine has no such error.",
    )
}

/// Explanations of how to read the cost-effectiveness tables, in paragraphs.
pub fn reading(run: &RunAnswer) -> Vec<String> {
    let (Some(decision), Some(found)) = (&run.scenario.decision, &run.economics) else {
        return Vec::new();
    };
    let model = run.model();
    let found = match found {
        Ok(found) => found,
        Err(why) => return vec![format!("Not available: {why}.")],
    };
    let [cost, effect] = [decision.cost, decision.effect].map(|o| &model.outcomes[o]);
    let mut sentences = vec![
        format!(
            "Costs: {}; effects: {}. incremental.csv sorts all decision options by cost and compares each \
             with the previous one on the cost-effectiveness frontier; the ICER of this step is the cost per additional {}.",
            name(cost),
            name(effect),
            singular(&effect.unit)
        ),
        "Dominated: another strategy is at least as effective and costs no more, and is better in at least one. Extendedly \
         dominated: a combination of two other strategies is more effective at the same cost. No ICER is given for dominated \
         strategies: they are never the best choice, and a ratio would mislead."
            .to_string(),
        "pairwise.csv compares each strategy with the reference only. In the south-west quadrant (less costly and less effective) \
         the ratio is the saving per unit forgone; a higher value favours the strategy."
            .to_string(),
        "Net monetary benefit is threshold x effect - cost; net health benefit is effect - cost / threshold. Unlike ratios, net \
         benefits can be compared between any strategies; the highest is the best choice."
            .to_string(),
    ];
    let bounds: Vec<&str> = (model.strategies.iter().filter(|s| s.bound)).map(|s| s.label.as_str()).collect();
    if !bounds.is_empty() {
        sentences.push(format!(
            "Bounds are limiting cases and not decision options; they take no part in the comparison: {}.",
            bounds.join(", ")
        ));
    }
    sentences.extend(source_remark(found).map(String::from));
    if run.breakdown.is_some() && model.strategies.len() > 1 {
        sentences.push(
            "Sources of the increments: increment_breakdown.csv lists every increment by category and by state or transition; its rows add up to the increment. \
             increment_by_state.csv gives the years in each state and the value of a year there, and \
             splits the increment into a time effect and a value effect: where a treatment only delays a \
             state, years move from one row to another, and the difference of their values matters. \
             increment_beyond_evidence.csv gives the share of the increment beyond the follow-up of the evidence."
                .to_string(),
        );
    }
    sentences.push("Decision option with the highest net benefit:".into());
    sentences.extend(best_sentences(model, decision, found).iter().map(|s| format!("- {s}")));
    sentences.push(switch_sentence(model, decision, found));
    if !run.perspectives.is_empty() {
        sentences.push(
            "Perspectives: each counts only the costs that it pays, against the whole effect. Their costs are outcomes of their own and \
             add up to the whole; in incremental.csv, pairwise.csv and net_benefit.csv they are told apart in the column `perspective`."
                .to_string(),
        );
        sentences.extend(perspective_sentences(run).iter().map(|s| format!("- {s}")));
    }
    if let Some((decision, threshold)) = subgroups::lead(run) {
        sentences.push(
            "Subgroups: each is run on its own patients; weighted by their shares, the subgroups add up to all patients. \
             subgroups.csv has their totals and cumulative incidences, subgroup_net_benefit.csv the best strategy of each, and \
             subgroup_policy.csv what treating by subgroup gains over one strategy for all, before the cost of finding out the \
             subgroup. Differences between subgroups are those of the parameters: where these are assumptions, so are the \
             differences, and the more subgroups are compared, the more of them differ by chance."
                .to_string(),
        );
        sentences.push(format!("Best choice by subgroup at {}:", price(model, decision, threshold.value)));
        sentences.extend(subgroups::sentences(run).iter().map(|s| format!("- {s}")));
    }
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
